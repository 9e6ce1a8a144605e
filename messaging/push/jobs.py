"""The job of notices: one attempt to one browser, and what follows from the answer (RFC 8030)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.db import Session
from core.i18n import choose_language
from core.jobs import JobRegistry, JobTools, NewJob, enqueue
from core.logging import get_logger
from messaging import repository
from messaging.kinds import MessageStatus
from messaging.models import Message
from messaging.push.encrypting import ReceiverKeys, encode, encrypt
from messaging.push.keys import ServerKey, open_key
from messaging.push.notices import About, StillHolds, WriteNotice
from messaging.push.nudging import PUSH
from messaging.repository import Reach
from messaging.timing import next_quiet
from messaging.webhooks.jobs import POSTER, open_poster
from messaging.webhooks.posting import Answer
from people.push_models import PushSubscription
from people.push_repository import find_by_id

NOTICES = "notices"
"""Who writes them; see `messaging.push.notices.WriteNotice`."""
STILL_HOLDS = "notices_still_hold"
"""Whom to ask, by the kind of message; see `messaging.push.notices.StillHolds`."""
PUSH_AT_ONCE = 4
PUSH_LIMIT_S = 30.0
MOST_ATTEMPTS = 5
FIRST_WAIT_S = 30
WAIT_GROWS = 4
LIFE = timedelta(hours=12)
"""A phone that is switched on later than that need not buzz; the message is there."""
GONE = frozenset({404, 410})
LATER = frozenset({408, 425, 429})
SERVER_ERROR = 500
NEVER = frozenset({"address_refused", "address_invalid"})
TOPIC_LENGTH = 32

_logger = get_logger(__name__)


@dataclass(frozen=True)
class Packet:
    """All that one attempt needs, so that no database is read meanwhile."""

    endpoint: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class House:
    """What is the same for all notices of this installation."""

    key: ServerKey = field(repr=False)
    write: WriteNotice
    holds: Mapping[str, StillHolds]


async def push(tools: JobTools, args: dict[str, Any]) -> None:
    """Nudge one browser. The service ``webhook_poster`` may stand in."""
    key = open_key(tools.settings)
    write: WriteNotice | None = tools.services.get(NOTICES)
    if key is None or write is None:
        return
    message_id, subscription_id = UUID(args["message_id"]), UUID(args["subscription_id"])
    now = tools.clock.now()
    house = House(key, write, tools.services.get(STILL_HOLDS, {}))
    async with tools.database.begin() as session:
        packet = await _pack(session, message_id, subscription_id, house, now=now)
    if packet is None:
        return
    given = tools.services.get(POSTER)
    if given is not None:
        answer = await given.post(packet.endpoint, packet.headers, packet.body)
    else:
        async with open_poster(tools.settings) as poster:
            answer = await poster.post(packet.endpoint, packet.headers, packet.body)
    async with tools.database.begin() as session:
        await _settle(session, args, answer, now=tools.clock.now())


async def _pack(
    session: Session,
    message_id: UUID,
    subscription_id: UUID,
    house: House,
    *,
    now: datetime,
) -> Packet | None:
    row = await find_by_id(session, subscription_id)
    message = await session.get(Message, message_id)
    if row is None or message is None or row.person_id != message.person_id:
        return None
    if row.key_hash != house.key.key_hash:
        await session.delete(row)
        _logger.info("push.old_key", subscription_id=row.id)
        return None
    reach = await repository.find_reach(session, message.community_id, message.person_id)
    if message.status is MessageStatus.SUPPRESSED or reach is None or reach.is_erased:
        return None
    until = _ends_at(message, reach, now)
    if until <= now or not await _still_holds(session, message, house.holds):
        return None
    about = About(
        message.kind,
        message.subject_type,
        message.subject_id,
        choose_language(reach.preferences.languages if reach.preferences is not None else ()),
    )
    headers = {
        "Authorization": house.key.authorize(row.endpoint, now=now),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int((until - now).total_seconds())),
        "Topic": _name_topic(row, message),
        "Urgency": "high" if message.hurry or message.kind == "offer" else "normal",
    }
    words = house.write(about).encode(about)
    return Packet(row.endpoint, headers, encrypt(words, ReceiverKeys.read(row.p256dh, row.auth)))


def _ends_at(message: Message, reach: Reach, now: datetime) -> datetime:
    """From when on it need not buzz: its message is of no use, or the person is not disturbed."""
    ends = [(message.first_tried_at or now) + LIFE]
    if message.expires_at is not None:
        ends.append(message.expires_at)
    if not message.hurry:
        quiet_at = next_quiet(now, time_zone=reach.time_zone, preferences=reach.preferences)
        ends += [] if quiet_at is None else [quiet_at]
    return min(ends)


async def _still_holds(session: Session, message: Message, holds: Mapping[str, StillHolds]) -> bool:
    """Whether those who know what it is about, if any, say that it still waits for its person."""
    ask = holds.get(message.kind)
    return ask is None or message.subject_id is None or await ask(session, message.subject_id)


def _name_topic(row: PushSubscription, message: Message) -> str:
    """A newer notice about the same takes the place of one that waits at the push service.

    Told by a digest with the browser's secret, so that it says nothing about who gets the same.
    """
    subject = f"{message.subject_type}:{message.subject_id or message.id}".encode()
    return encode(hmac.digest(row.auth.encode(), subject, "sha256"))[:TOPIC_LENGTH]


async def _settle(session: Session, args: dict[str, Any], answer: Answer, *, now: datetime) -> None:
    row = await find_by_id(session, UUID(args["subscription_id"]))
    if row is None:
        return
    if answer.is_good:
        row.told_at = now
    elif answer.status_code in GONE or answer.error in NEVER:
        await session.delete(row)
        _logger.info("push.gone", subscription_id=row.id)
    elif _may_pass(answer) and args["attempt"] < MOST_ATTEMPTS:
        await _try_later(session, args, answer, now)
    else:
        _logger.warning(
            "push.refused",
            subscription_id=row.id,
            attempt=args["attempt"],
            code=f"http_{answer.status_code}" if answer.status_code else answer.error,
        )


def _may_pass(answer: Answer) -> bool:
    """Whether the same may be taken later."""
    status = answer.status_code
    return status is None or status in LATER or status >= SERVER_ERROR


async def _try_later(session: Session, args: dict[str, Any], answer: Answer, now: datetime) -> None:
    attempt = args["attempt"] + 1
    wait_s = max(answer.wait_s or 0, FIRST_WAIT_S * WAIT_GROWS ** (attempt - 2))
    job = NewJob(
        name=PUSH,
        args={**args, "attempt": attempt},
        key=f"push:{args['message_id']}:{args['subscription_id']}:{attempt}",
        due_at=now + timedelta(seconds=wait_s),
        now=now,
    )
    await enqueue(session, job)


def register_jobs(registry: JobRegistry) -> None:
    """Let the worker do the job of this package."""
    registry.add(PUSH, push, limit_s=PUSH_LIMIT_S, at_once=PUSH_AT_ONCE)
