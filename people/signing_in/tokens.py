"""API tokens: a program acts for a member of staff, within its scopes, for some time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from core.ids import new_id
from core.logging import get_logger
from people.auth import STAFF, Actor
from people.signing_in import policy, repository
from people.signing_in.digests import digest_secret, looks_like_secret, new_secret
from people.signing_in.errors import (
    InvalidToken,
    NotSignedIn,
    ScopeMissing,
    TokenUnknown,
    TooManyTokens,
)
from people.signing_in.kinds import parse_scopes
from people.signing_in.models import NAME_LENGTH, ApiToken
from people.signing_in.repository import FoundToken

PREFIX: Final = "tlk_"
"""So that a token is known as one where it should not be, such as in a public file."""
USUAL_DAYS = 90
MOST_DAYS = 365
MOST_TOKENS = 50
USELESS = "This API token is unknown, expired or revoked. Make a new one."

_logger = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """What a token shall be called, what it may do, and for how long."""

    name: str
    scopes: Sequence[str]
    days: int = USUAL_DAYS

    def __post_init__(self) -> None:
        name = self.name.strip()
        if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
            raise InvalidToken(
                f"Give the token a name of 1 to {NAME_LENGTH} letters, such as 'Snow map'."
            )
        scopes = parse_scopes(self.scopes)
        if not scopes:
            raise InvalidToken("Give the token at least one scope, such as requests:read.")
        if not 1 <= self.days <= MOST_DAYS:
            raise InvalidToken(f"A token holds for 1 to {MOST_DAYS} days, not {self.days}.")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "scopes", tuple(scopes))


@dataclass(frozen=True)
class MadeToken:
    """A new token; the secret is shown once and not kept."""

    row: ApiToken
    secret: str


@dataclass(frozen=True)
class LiveToken:
    """A token that holds."""

    token_id: UUID
    actor: Actor
    until: datetime
    needs_note: bool


async def create_token(
    session: Session, actor: Actor, person_id: UUID, new: NewToken, *, now: datetime
) -> MadeToken:
    """Make a token for a member of staff, by themselves. Records ``token.created``.

    Raises
    ------
    NotPermitted
        When the actor is another person, a token, or nobody's staff.
    TooManyTokens
        When the person has too many already.
    """
    if not policy.can_create_token(actor, person_id):
        raise NotPermitted("Staff make API tokens for themselves, signed in as a person.")
    roles = await repository.load_live_roles(session, person_id)
    if not any(role in STAFF for _, role in roles):
        raise NotPermitted("API tokens are for coordinators and managers.")
    if await repository.count_live_tokens(session, person_id, now) >= MOST_TOKENS:
        raise TooManyTokens(f"You have {MOST_TOKENS} tokens: revoke those that nobody uses.")
    secret = PREFIX + new_secret()
    row = ApiToken(
        id=new_id(),
        token_digest=digest_secret(secret),
        person_id=person_id,
        name=new.name,
        scopes=list(new.scopes),
        created_at=now,
        expires_at=now + timedelta(days=new.days),
    )
    session.add(row)
    await session.flush()
    _record(session, actor, "token.created", row.person_id, row.id, now=now)
    return MadeToken(row, secret)


async def revoke_token(
    session: Session, actor: Actor, person_id: UUID, token_id: UUID, *, now: datetime
) -> ApiToken:
    """End a token at once; once more changes nothing. Records ``token.revoked``.

    Raises
    ------
    TokenUnknown
        When there is none such, or it is somebody else's.
    """
    if not policy.can_create_token(actor, person_id):
        raise NotPermitted("Staff revoke API tokens of their own, signed in as a person.")
    row = await repository.find_own_token(session, person_id, token_id)
    if row is None:
        raise TokenUnknown("There is no such token of yours.")
    if await repository.revoke_tokens(session, person_id, now, token_id=token_id):
        _record(session, actor, "token.revoked", person_id, token_id, now=now)
        await session.refresh(row)
    return row


async def get_token(session: Session, text: str, *, now: datetime) -> LiveToken:
    """The token that a program sent.

    Raises
    ------
    NotSignedIn
        When it is unknown, expired or revoked.
    """
    secret = text.removeprefix(PREFIX)
    found = None
    if secret != text and looks_like_secret(secret):
        found = await repository.find_token(session, token_digest=digest_secret(text))
    live = None if found is None else _weigh(found, now)
    if live is None:
        _logger.warning("token.refused", reason="unknown" if found is None else "ended")
        raise NotSignedIn(USELESS)
    return live


async def find_token(session: Session, token_id: UUID, *, now: datetime) -> LiveToken | None:
    """The token as it stands now; None when it has ended."""
    found = await repository.find_token(session, token_id=token_id)
    return None if found is None else _weigh(found, now)


async def note_used(session: Session, token_id: UUID, *, now: datetime) -> None:
    """Write down the hour in which a token was used."""
    await repository.note_used(session, token_id, _hour(now))


def require_scope(actor: Actor, scope: str) -> None:
    """Refuse a token that lacks a scope; whoever signed in as a person has them all.

    Raises
    ------
    ScopeMissing
        Naming the scope.
    """
    if actor.scopes is not None and scope not in actor.scopes:
        raise ScopeMissing(f"This API token lacks the scope {scope!r}; make one that has it.")


def _weigh(found: FoundToken, now: datetime) -> LiveToken | None:
    if found.revoked_at is not None or found.expires_at <= now:
        return None
    hour = _hour(now)
    return LiveToken(
        token_id=found.id,
        actor=Actor(person_id=found.person_id, roles=found.roles, scopes=found.scopes),
        until=found.expires_at,
        needs_note=found.last_used_at is None or found.last_used_at < hour,
    )


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _record(
    session: Session, actor: Actor, kind: str, person_id: UUID, token_id: UUID, *, now: datetime
) -> None:
    record_event(
        session,
        kind,
        subject_type="person",
        subject_id=person_id,
        happened_at=now,
        actor_id=actor.person_id,
        token_id=token_id,
    )
    _logger.info(kind, person_id=person_id, token_id=token_id)
