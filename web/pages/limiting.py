"""How often buttons may be pressed: by link and by caller, counted in memory of this process.

For each there is a bucket of presses that fills again evenly. What is remembered is one moment for
each key, and of the keys the newest ones only, so that nobody can fill the memory.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Any, ClassVar, Final
from uuid import UUID

from litestar.connection import ASGIConnection

from core.errors import TalkootError
from core.logging import get_logger
from web.pages.guards import AnyRequest

LOGGER = get_logger(__name__)

MINUTE: Final = timedelta(minutes=1)
MOST_KEYS = 20_000
IPV6_PREFIX = 64
"""One customer of an internet provider has at least so many addresses."""


class PressedTooOften(TalkootError):
    """More presses than a person makes."""

    code = "pressed_too_often"
    http_status: ClassVar[int] = 429

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"That was very often. Wait {wait_s} seconds, and try again.")
        self.wait_s = wait_s


@dataclass
class Bucket:
    """So many presses a minute for each key, and as many at once unless told otherwise."""

    per_minute: float
    full_at: OrderedDict[str, datetime] = field(default_factory=OrderedDict)
    """When the bucket of a key is full again; the key used last stands last."""
    at_once: int | None = None

    def take(self, key: str, now: datetime) -> int:
        """Count one press; how many seconds to wait when it is too many, else 0."""
        each = MINUTE / self.per_minute
        full_at = max(self.full_at.get(key, now), now) + each
        wait = full_at - now - (MINUTE if self.at_once is None else each * self.at_once)
        if wait > timedelta(0):
            return math.ceil(wait.total_seconds())
        self.full_at[key] = full_at
        self.full_at.move_to_end(key)
        while len(self.full_at) > MOST_KEYS:
            self.full_at.popitem(last=False)
        return 0


@dataclass
class PressLimits:
    """The buckets of one process."""

    per_link: Bucket = field(default_factory=lambda: Bucket(per_minute=30))
    per_caller: Bucket = field(default_factory=lambda: Bucket(per_minute=300))
    """Many people share the address of a library or a mobile network."""
    mails_per_address: Bucket = field(default_factory=lambda: Bucket(0.5, at_once=5))
    """Links to sign in; nobody's mailbox is to be flooded."""
    tries_per_address: Bucket = field(default_factory=lambda: Bucket(0.5, at_once=10))
    """Passwords that are tried."""
    sign_ins_per_caller: Bucket = field(default_factory=lambda: Bucket(6, at_once=20))
    asks_per_caller: Bucket = field(default_factory=lambda: Bucket(0.5, at_once=10))
    """Calls for help that are sent: each is read by a person."""
    asks_of_strangers: Bucket = field(default_factory=lambda: Bucket(30, at_once=60))
    """Those of all who are not signed in, together."""
    calls_per_caller: Bucket = field(default_factory=lambda: Bucket(0.5, at_once=10))
    """Calls back that are asked for: each is made by a person."""
    calls_of_strangers: Bucket = field(default_factory=lambda: Bucket(30, at_once=60))
    """Apart from calls for help, which are never held up by them."""
    drafts_per_caller: Bucket = field(default_factory=lambda: Bucket(6, at_once=30))
    """Calls for help that are begun."""
    sign_ups_per_caller: Bucket = field(default_factory=lambda: Bucket(0.5, at_once=10))
    """Volunteers who sign up: each gets a message."""
    places_per_caller: Bucket = field(default_factory=lambda: Bucket(90, at_once=60))
    """Addresses that are looked up while somebody types."""

    def check_sign_in(
        self, request: AnyRequest, bucket: Bucket, address: str, now: datetime
    ) -> None:
        """Count a try to sign in, for the caller and for the address; known or not.

        Raises
        ------
        PressedTooOften
            With the seconds to wait.
        """
        caller = find_caller(request)
        wait_s = self.sign_ins_per_caller.take(caller, now) if caller else 0
        key = sha256(address.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()
        wait_s = wait_s or bucket.take(key, now)
        if wait_s:
            LOGGER.warning("sign_in.held_up", wait_s=wait_s)
            raise PressedTooOften(wait_s)

    def check_ask(self, request: AnyRequest, person_id: UUID | None, now: datetime) -> None:
        """Count a call for help that is sent.

        Raises
        ------
        PressedTooOften
            With the seconds to wait.
        """
        each, strangers = self.asks_per_caller, self.asks_of_strangers
        wait_s = _count_sent(request, person_id, each, strangers, now)
        if wait_s:
            LOGGER.warning("ask.held_up", wait_s=wait_s)
            raise PressedTooOften(wait_s)

    def check_call_back(self, request: AnyRequest, person_id: UUID | None, now: datetime) -> None:
        """Count a call back that is asked for.

        Raises
        ------
        PressedTooOften
            With the seconds to wait.
        """
        each, strangers = self.calls_per_caller, self.calls_of_strangers
        wait_s = _count_sent(request, person_id, each, strangers, now)
        if wait_s:
            LOGGER.warning("call_back.held_up", wait_s=wait_s)
            raise PressedTooOften(wait_s)

    def check_caller(self, request: AnyRequest, bucket: Bucket, now: datetime) -> None:
        """Count something that a caller does.

        Raises
        ------
        PressedTooOften
            With the seconds to wait.
        """
        caller = find_caller(request)
        wait_s = bucket.take(caller, now) if caller else 0
        if wait_s:
            raise PressedTooOften(wait_s)

    def check(self, request: AnyRequest, token: str, now: datetime) -> None:
        """Count a press of a button.

        Raises
        ------
        PressedTooOften
            With the seconds to wait.
        """
        caller = find_caller(request)
        wait_s = self.per_caller.take(caller, now) if caller else 0
        wait_s = wait_s or self.per_link.take(sha256(token.encode()).hexdigest(), now)
        if wait_s:
            raise PressedTooOften(wait_s)


def find_caller(request: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """The network address that a call comes from; None when it is that of a proxy beside us.

    A private address is a proxy's, which everybody shares; what it says about the caller is not
    trusted, so it must count callers itself.
    """
    client = request.client
    try:
        address = ip_address("" if client is None else client.host)
    except ValueError:
        return None
    if not address.is_global:
        return None
    if address.version == 6:
        return str(ip_network((address, IPV6_PREFIX), strict=False))
    return str(address)


def _count_sent(
    request: AnyRequest, person_id: UUID | None, each: Bucket, strangers: Bucket, now: datetime
) -> int:
    """Count what somebody sends, and all strangers together; the seconds to wait."""
    sender = find_caller(request) if person_id is None else str(person_id)
    wait_s = each.take(sender, now) if sender else 0
    if person_id is None:
        wait_s = wait_s or strangers.take("all", now)
    return wait_s
