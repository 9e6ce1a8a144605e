"""The queries of signing in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from core.columns import Base
from core.db import Session
from core.pagination import Listing, SortKey
from people.auth import Actor
from people.kinds import Role
from people.models import ContactPoint, Membership, Person
from people.push_models import PushSubscription
from people.signing_in.kinds import Method
from people.signing_in.models import ApiToken, OidcIdentity, Password, SignIn, SignInLink

DELETE_PAGE = 1_000


@dataclass(frozen=True)
class FoundSignIn:
    """A sign-in with its person's roles of this moment."""

    id: UUID
    person_id: UUID
    method: Method
    created_at: datetime
    seen_at: datetime
    roles: Mapping[UUID, frozenset[Role]]


@dataclass(frozen=True)
class FoundToken:
    """A token with its person's roles of this moment."""

    id: UUID
    person_id: UUID
    scopes: frozenset[str]
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    roles: Mapping[UUID, frozenset[Role]]


_ROLES = (Membership.community_id, Membership.role)


async def find_sign_in(
    session: Session, *, token_digest: str | None = None, sign_in_id: UUID | None = None
) -> FoundSignIn | None:
    """A sign-in and its person's roles, in one query; None when it ended or the person is gone."""
    which = SignIn.token_digest == token_digest if sign_in_id is None else SignIn.id == sign_in_id
    query = (
        select(
            SignIn.id,
            SignIn.person_id,
            SignIn.method,
            SignIn.created_at,
            SignIn.seen_at,
            *_ROLES,
        )
        .join(Person, Person.id == SignIn.person_id)
        .outerjoin(Membership, _is_live_role_of(SignIn.person_id))
        .where(which, Person.erased_at.is_(None))
    )
    rows = (await session.execute(query)).all()
    if not rows:
        return None
    first = rows[0]
    return FoundSignIn(
        id=first.id,
        person_id=first.person_id,
        method=first.method,
        created_at=first.created_at,
        seen_at=first.seen_at,
        roles=_gather_roles((row.community_id, row.role) for row in rows),
    )


async def find_token(
    session: Session, *, token_digest: str | None = None, token_id: UUID | None = None
) -> FoundToken | None:
    """A token and its person's roles, in one query; None when the person is gone."""
    which = ApiToken.token_digest == token_digest if token_id is None else ApiToken.id == token_id
    query = (
        select(
            ApiToken.id,
            ApiToken.person_id,
            ApiToken.scopes,
            ApiToken.expires_at,
            ApiToken.last_used_at,
            ApiToken.revoked_at,
            *_ROLES,
        )
        .join(Person, Person.id == ApiToken.person_id)
        .outerjoin(Membership, _is_live_role_of(ApiToken.person_id))
        .where(which, Person.erased_at.is_(None))
    )
    rows = (await session.execute(query)).all()
    if not rows:
        return None
    first = rows[0]
    return FoundToken(
        id=first.id,
        person_id=first.person_id,
        scopes=frozenset(first.scopes),
        expires_at=first.expires_at,
        last_used_at=first.last_used_at,
        revoked_at=first.revoked_at,
        roles=_gather_roles((row.community_id, row.role) for row in rows),
    )


def _is_live_role_of(person_id: InstrumentedAttribute[UUID]) -> Any:
    return (Membership.person_id == person_id) & Membership.ended_at.is_(None)


def _gather_roles(
    pairs: Iterable[tuple[UUID | None, Role | None]],
) -> Mapping[UUID, frozenset[Role]]:
    roles: dict[UUID, set[Role]] = {}
    for community_id, role in pairs:
        if community_id is not None and role is not None:
            roles.setdefault(community_id, set()).add(role)
    return MappingProxyType({key: frozenset(names) for key, names in roles.items()})


async def note_seen(session: Session, sign_in_id: UUID, now: datetime, every: timedelta) -> None:
    """Write down that a sign-in is in use, unless another request just did."""
    await session.execute(
        update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.seen_at <= now - every)
        .values(seen_at=now)
    )


async def note_used(session: Session, token_id: UUID, hour: datetime) -> None:
    """Write down in which hour a token was used."""
    await session.execute(
        update(ApiToken)
        .where(
            ApiToken.id == token_id,
            or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < hour),
        )
        .values(last_used_at=hour)
    )


async def delete_sign_in(session: Session, sign_in_id: UUID, person_id: UUID) -> bool:
    """End one sign-in of a person, and its notices; False when there is none such."""
    return bool(await _end(session, SignIn.id == sign_in_id, SignIn.person_id == person_id))


async def delete_sign_ins(
    session: Session, person_id: UUID, *, besides: UUID | None = None, keep_newest: int = 0
) -> int:
    """End the sign-ins of a person, but one of them or the newest; how many.

    Unless the newest stay, nothing buzzes any more where a sign-in grew old either: that phone may
    be the one that was lost.
    """
    conditions = [SignIn.person_id == person_id]
    if besides is not None:
        conditions.append(SignIn.id != besides)
    if keep_newest:
        newest = (
            select(SignIn.id)
            .where(SignIn.person_id == person_id)
            .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
            .limit(keep_newest)
        )
        conditions.append(SignIn.id.not_in(newest))
    else:
        await session.execute(
            delete(PushSubscription).where(
                PushSubscription.person_id == person_id, PushSubscription.sign_in_id.is_(None)
            )
        )
    return await _end(session, *conditions)


async def _end(session: Session, *conditions: ColumnElement[bool]) -> int:
    """End sign-ins. Who signs out of a browser hears nothing there any more; one that is only too
    old goes by `delete_old`, and its notices stay: volunteers come back with the snow.
    """
    ended = select(SignIn.id).where(*conditions)
    await session.execute(delete(PushSubscription).where(PushSubscription.sign_in_id.in_(ended)))
    gone = await session.execute(delete(SignIn).where(*conditions).returning(SignIn.id))
    return len(gone.all())


async def hand_notices_on(session: Session, before_id: UUID, after_id: UUID) -> None:
    """Let the notices of a browser belong to its new sign-in."""
    await session.execute(
        update(PushSubscription)
        .where(PushSubscription.sign_in_id == before_id)
        .values(sign_in_id=after_id)
    )


def list_sign_ins(actor: Actor) -> Listing[SignIn]:
    """The sign-ins of the actor, the newest first."""
    return Listing(
        select(SignIn).where(SignIn.person_id == actor.person_id),
        key=SortKey("id", SignIn.id, descending=True),
    )


def list_tokens(actor: Actor) -> Listing[ApiToken]:
    """The tokens of the actor, the newest first; revoked and expired ones too."""
    return list_tokens_of(actor.person_id)


def list_tokens_of(person_id: UUID | None) -> Listing[ApiToken]:
    """The tokens of a person, the newest first."""
    return Listing(
        select(ApiToken).where(ApiToken.person_id == person_id),
        key=SortKey("id", ApiToken.id, descending=True),
    )


async def load_sign_ins(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, SignIn]:
    """Sign-ins of the actor by key."""
    query = select(SignIn).where(SignIn.id.in_(keys), SignIn.person_id == actor.person_id)
    return {row.id: row for row in await session.scalars(query)}


async def load_tokens(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, ApiToken]:
    """Tokens of the actor by key."""
    query = select(ApiToken).where(ApiToken.id.in_(keys), ApiToken.person_id == actor.person_id)
    return {row.id: row for row in await session.scalars(query)}


async def count_live_tokens(session: Session, person_id: UUID, now: datetime) -> int:
    """Tokens of a person that can be used."""
    query = select(func.count(ApiToken.id)).where(
        ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now
    )
    return int(await session.scalar(query) or 0)


async def revoke_tokens(
    session: Session, person_id: UUID, now: datetime, *, token_id: UUID | None = None
) -> int:
    """Revoke all tokens of a person, or one; how many were live."""
    change = update(ApiToken).where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
    if token_id is not None:
        change = change.where(ApiToken.id == token_id)
    changed = await session.execute(change.values(revoked_at=now).returning(ApiToken.id))
    return len(changed.all())


async def find_own_token(session: Session, person_id: UUID, token_id: UUID) -> ApiToken | None:
    """One token of a person."""
    found: ApiToken | None = await session.scalar(
        select(ApiToken).where(ApiToken.id == token_id, ApiToken.person_id == person_id)
    )
    return found


async def load_passwords(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The hashes of those who set a password."""
    query = select(Password.person_id, Password.password_hash).where(
        Password.person_id.in_(list(person_ids))
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def find_password(session: Session, person_id: UUID) -> Password | None:
    """The password of a person."""
    return await session.get(Password, person_id)


async def find_identity(
    session: Session, issuer_digest: str, subject_digest: str
) -> OidcIdentity | None:
    """Whom a sign-in service means, unless the person is gone."""
    found: OidcIdentity | None = await session.scalar(
        select(OidcIdentity)
        .join(Person, Person.id == OidcIdentity.person_id)
        .where(
            OidcIdentity.issuer_digest == issuer_digest,
            OidcIdentity.subject_digest == subject_digest,
            Person.erased_at.is_(None),
        )
    )
    return found


async def find_membership(
    session: Session, person_id: UUID, community_id: UUID, role: Role
) -> Membership | None:
    """A role of a person in a community, ended or not, locked."""
    found: Membership | None = await session.scalar(
        select(Membership)
        .where(
            Membership.person_id == person_id,
            Membership.community_id == community_id,
            Membership.role == role,
        )
        .with_for_update()
    )
    return found


async def load_live_roles(session: Session, person_id: UUID) -> list[tuple[UUID, Role]]:
    """The roles of a person that have not ended."""
    query = select(*_ROLES).where(Membership.person_id == person_id, Membership.ended_at.is_(None))
    return [(row[0], row[1]) for row in await session.execute(query)]


async def forget_person(session: Session, person_id: UUID) -> None:
    """Remove every way in of a person, and what showed them notices."""
    contacts = select(ContactPoint.id).where(ContactPoint.person_id == person_id)
    for statement in (
        delete(PushSubscription).where(PushSubscription.person_id == person_id),
        delete(SignIn).where(SignIn.person_id == person_id),
        delete(SignInLink).where(SignInLink.contact_point_id.in_(contacts)),
        delete(Password).where(Password.person_id == person_id),
        delete(ApiToken).where(ApiToken.person_id == person_id),
        delete(OidcIdentity).where(OidcIdentity.person_id == person_id),
    ):
        await session.execute(statement)


async def delete_old(
    session: Session, table: type[Base], column: InstrumentedAttribute[datetime], before: datetime
) -> int:
    """Remove one page of rows that are older than a moment; how many."""
    key: Any = table.__table__.c.id
    old = select(key).where(column < before).limit(DELETE_PAGE)
    gone = await session.execute(delete(table).where(key.in_(old)).returning(key))
    return len(gone.all())
