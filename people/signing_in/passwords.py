"""Passwords, for those who want one: Argon2id, and the same work for known and unknown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from core.logging import get_logger
from people.auth import Actor
from people.signing_in import link_repository, policy, repository
from people.signing_in.errors import FreshSignInNeeded, SignInRefused, WeakPassword
from people.signing_in.kinds import FRESH, Method
from people.signing_in.models import Password

SHORTEST = 12
LONGEST = 200
FEWEST_DIFFERENT = 5
AT_ONCE = 2
"""Hashes at a time: each takes a core and some memory."""
_COMMON = """
    password1234 password12345 password123456 passwordpassword 1234567890ab 123456789012
    1234567890123 0123456789ab qwertyuiop12 qwertyuiop123 qwertyuiopas qwertyqwerty 1q2w3e4r5t6y
    1qaz2wsx3edc iloveyou1234 letmein12345 welcome12345 welcome123456 administrator admin1234567
    changeme1234 trustno1trust correcthorsebatterystaple footballfootball baseball1234
    sunshine1234 princess1234 dragon123456 monkey123456 superman1234 contrasena12 contrasena123
    contrasena1234 tequieromucho teamomucho12 bienvenido12 bienvenidos1 abcdefghijkl
    abcd12345678 abc123abc123 123abc123abc asdfghjkl123 zxcvbnm12345 q1w2e3r4t5y6 snowshovel12
    snowshoveling neighborhood neighbours12 neighbors123 volunteer123 volunteers12 voluntario12
    cambridge123 cambridge1234 massachusetts talkoottalkoot
"""
COMMON = frozenset(_COMMON.split())
"""What everybody tries first, among those that are long enough."""
REFUSED = "This e-mail address and password do not belong together. Try again, or use a link."

_logger = get_logger(__name__)


@dataclass(frozen=True)
class Hasher:
    """Makes and checks hashes in threads, few at a time.

    The cost is what OWASP asks of Argon2id at least: 19 MiB, two passes, one lane.
    """

    time_cost: int = 2
    memory_kib: int = 19_456
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
    )

    @cached_property
    def _argon(self) -> PasswordHash:
        return PasswordHash(
            (Argon2Hasher(time_cost=self.time_cost, memory_cost=self.memory_kib, parallelism=1),)
        )

    @cached_property
    def _nobodys(self) -> str:
        """Checked when there is no password, so that it takes as long."""
        return self._argon.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """What is stored of a password."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, self._argon.hash, password)

    async def find_match(
        self, candidates: Sequence[tuple[UUID, str]], password: str
    ) -> UUID | None:
        """Whose password this is; None when it is nobody's, or that of several."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, self._find_match, candidates, password)

    def _find_match(self, candidates: Sequence[tuple[UUID, str]], password: str) -> UUID | None:
        tried = password[:LONGEST]
        if not candidates:
            self._verify(tried, self._nobodys)
            return None
        found = [key for key, stored in candidates if self._verify(tried, stored)]
        return found[0] if len(found) == 1 else None

    def _verify(self, password: str, stored: str) -> bool:
        try:
            return self._argon.verify(password, stored)
        except PwdlibError:
            return False


def check_password(password: str, *, address: str = "") -> None:
    """Refuse a password that is guessed early.

    Raises
    ------
    WeakPassword
        Saying what to do about it.
    """
    if len(password) < SHORTEST:
        raise WeakPassword(f"A password has at least {SHORTEST} characters; a sentence is fine.")
    if len(password) > LONGEST:
        raise WeakPassword(f"A password has at most {LONGEST} characters.")
    small = password.casefold().replace(" ", "")
    guessed = small in COMMON or small == address or small == address.partition("@")[0]
    if guessed or len(set(small)) < FEWEST_DIFFERENT:
        raise WeakPassword("Everybody tries this password first. Choose another one.")


async def list_candidates(session: Session, address: str) -> list[tuple[UUID, str]]:
    """The hashes of those who are reached at an address."""
    accounts = await link_repository.list_accounts(session, address)
    hashes = await repository.load_passwords(session, [row.person_id for row in accounts])
    return sorted(hashes.items())


async def get_match(hasher: Hasher, candidates: Sequence[tuple[UUID, str]], password: str) -> UUID:
    """Whose password this is. For an unknown address it takes as long.

    Raises
    ------
    SignInRefused
        When it is nobody's.
    """
    found = await hasher.find_match(candidates, password)
    if found is None:
        _logger.warning("sign_in.refused", mode=Method.PASSWORD.value)
        raise SignInRefused(REFUSED)
    return found


def check_fresh(method: Method | None, signed_in_at: datetime | None, now: datetime) -> None:
    """Refuse unless one signed in by e-mail just now.

    Raises
    ------
    FreshSignInNeeded
        Else.
    """
    if method is not Method.LINK or signed_in_at is None or signed_in_at + FRESH < now:
        raise FreshSignInNeeded(
            "To set a password, sign in with a link by e-mail first; you then have 10 minutes."
        )


async def has_password(session: Session, actor: Actor) -> bool:
    """Whether one has set a password."""
    return await repository.find_password(session, _own(actor)) is not None


async def set_password(
    session: Session, actor: Actor, password_hash: str, *, keeps: UUID | None, now: datetime
) -> None:
    """Set one's password; other browsers are signed out. Records ``password.set``.

    ``keeps`` is the sign-in that stays. The caller has seen to `check_fresh`.
    """
    person_id = _own(actor)
    row = await repository.find_password(session, person_id)
    if row is None:
        session.add(Password(person_id=person_id, password_hash=password_hash, set_at=now))
    else:
        row.password_hash, row.set_at = password_hash, now
    await session.flush()
    await repository.delete_sign_ins(session, person_id, besides=keeps)
    _record(session, "password.set", person_id, now)


async def remove_password(session: Session, actor: Actor, *, now: datetime) -> bool:
    """Do without a password again; whether there was one. Records ``password.removed``."""
    person_id = _own(actor)
    row = await repository.find_password(session, person_id)
    if row is None:
        return False
    await session.delete(row)
    await session.flush()
    _record(session, "password.removed", person_id, now)
    return True


def _own(actor: Actor) -> UUID:
    if actor.person_id is None or not policy.can_set_password(actor, actor.person_id):
        raise NotPermitted("Sign in as a person first.")
    return actor.person_id


def _record(session: Session, kind: str, person_id: UUID, now: datetime) -> None:
    record_event(
        session,
        kind,
        subject_type="person",
        subject_id=person_id,
        happened_at=now,
        actor_id=person_id,
    )
    _logger.info(kind, person_id=person_id)
