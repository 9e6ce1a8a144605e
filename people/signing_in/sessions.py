"""Sign-ins on the server: started, found by their cookie, ended for good.

Whoever signs in gets a fresh secret, and what they carried before is worth nothing any more. Roles
are read anew with each request; when somebody becomes staff, or ceases to be, all their sign-ins
end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from core.ids import new_id
from core.logging import get_logger
from people.auth import STAFF, Actor
from people.signing_in import repository
from people.signing_in.digests import digest_secret, looks_like_secret, new_secret
from people.signing_in.errors import NotSignedIn, SessionUnknown
from people.signing_in.kinds import SEEN_EVERY, Method, ends_at
from people.signing_in.models import SignIn
from people.signing_in.repository import FoundSignIn

MOST_SIGN_INS = 20
"""Browsers in which one person is signed in; the one used longest ago makes way."""
SIGN_IN_AGAIN = "Your sign-in has ended. Sign in again."

_logger = get_logger(__name__)


@dataclass(frozen=True)
class NewSignIn:
    """A sign-in that has just begun; the secret is for the cookie and is not kept."""

    sign_in_id: UUID
    person_id: UUID
    secret: str


@dataclass(frozen=True)
class LiveSignIn:
    """A sign-in that holds."""

    sign_in_id: UUID
    actor: Actor
    method: Method
    created_at: datetime
    until: datetime
    needs_note: bool
    """Whether it is time to write down that it is in use."""


async def start_sign_in(
    session: Session,
    person_id: UUID,
    method: Method,
    *,
    device: str,
    now: datetime,
    instead_of: str | None = None,
) -> NewSignIn:
    """Sign a person in; the browser's earlier sign-in ends. Records ``sign_in.started``.

    The caller has made sure who it is. ``instead_of`` is the secret that the browser carried.
    """
    before = None if instead_of is None else await _find(session, instead_of)
    secret = new_secret()
    row = SignIn(
        id=new_id(),
        token_digest=digest_secret(secret),
        person_id=person_id,
        method=method,
        device=device,
        created_at=now,
        seen_at=now,
    )
    session.add(row)
    await session.flush()
    if before is not None:
        if before.person_id == person_id:
            await repository.hand_notices_on(session, before.id, row.id)
        await repository.delete_sign_in(session, before.id, before.person_id)
    await repository.delete_sign_ins(session, person_id, keep_newest=MOST_SIGN_INS)
    record_event(
        session,
        "sign_in.started",
        subject_type="person",
        subject_id=person_id,
        happened_at=now,
        actor_id=person_id,
        mode=method.value,
        sign_in_id=row.id,
    )
    _logger.info("sign_in.started", person_id=person_id, mode=method.value)
    return NewSignIn(row.id, person_id, secret)


async def get_sign_in(session: Session, secret: str, *, now: datetime) -> LiveSignIn:
    """The sign-in of a cookie.

    Raises
    ------
    NotSignedIn
        When it is unknown, ended, too old, or not used for too long.
    """
    found = await _find(session, secret)
    live = None if found is None else _weigh(found, now)
    if live is None:
        raise NotSignedIn(SIGN_IN_AGAIN)
    return live


async def find_sign_in(session: Session, sign_in_id: UUID, *, now: datetime) -> LiveSignIn | None:
    """The sign-in as it stands now; None when it has ended."""
    found = await repository.find_sign_in(session, sign_in_id=sign_in_id)
    return None if found is None else _weigh(found, now)


async def note_seen(session: Session, sign_in_id: UUID, *, now: datetime) -> None:
    """Write down that a sign-in is in use: that keeps it alive."""
    await repository.note_seen(session, sign_in_id, now, SEEN_EVERY)


async def end_sign_in(session: Session, actor: Actor, sign_in_id: UUID, *, now: datetime) -> None:
    """Sign out of one browser, one's own. Records ``sign_in.ended``.

    Raises
    ------
    SessionUnknown
        When there is none such, or it is somebody else's.
    """
    person_id = _own(actor)
    if not await repository.delete_sign_in(session, sign_in_id, person_id):
        raise SessionUnknown("There is no such sign-in of yours; it may have ended by itself.")
    _record_end(session, actor, person_id, 1, "signed_out", now=now)


async def end_other_sign_ins(
    session: Session, actor: Actor, *, besides: UUID | None, now: datetime
) -> int:
    """Sign out everywhere, or everywhere else; how often one was signed in."""
    person_id = _own(actor)
    count = await repository.delete_sign_ins(session, person_id, besides=besides)
    if count:
        _record_end(session, actor, person_id, count, "signed_out", now=now)
    return count


async def end_all_sign_ins(
    session: Session, actor: Actor, person_id: UUID, reason: str, *, now: datetime
) -> int:
    """End every sign-in of a person, since something about them changed; how many.

    The caller has checked that the actor may do what this follows from.
    """
    count = await repository.delete_sign_ins(session, person_id)
    if count:
        _record_end(session, actor, person_id, count, reason, now=now)
    return count


async def _find(session: Session, secret: str) -> FoundSignIn | None:
    if not looks_like_secret(secret):
        return None
    return await repository.find_sign_in(session, token_digest=digest_secret(secret))


def _weigh(found: FoundSignIn, now: datetime) -> LiveSignIn | None:
    is_staff = any(names & STAFF for names in found.roles.values())
    until = ends_at(found.created_at, found.seen_at, is_staff=is_staff)
    if until <= now:
        return None
    return LiveSignIn(
        sign_in_id=found.id,
        actor=Actor(person_id=found.person_id, roles=found.roles),
        method=found.method,
        created_at=found.created_at,
        until=until,
        needs_note=found.seen_at + SEEN_EVERY <= now,
    )


def _own(actor: Actor) -> UUID:
    """Whose sign-ins the actor may end: no token may sign its person out."""
    if actor.person_id is None:
        raise NotSignedIn("Sign in first.")
    if actor.scopes is not None:
        raise NotPermitted("An API token cannot do this; sign in as a person.")
    return actor.person_id


def _record_end(
    session: Session, actor: Actor, person_id: UUID, count: int, reason: str, *, now: datetime
) -> None:
    record_event(
        session,
        "sign_in.ended",
        subject_type="person",
        subject_id=person_id,
        happened_at=now,
        actor_id=actor.person_id,
        reason=reason,
        count=count,
    )
    _logger.info("sign_in.ended", person_id=person_id, reason=reason, count=count)
