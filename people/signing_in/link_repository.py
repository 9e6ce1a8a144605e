"""The queries of links to sign in, and of the accounts behind an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from core.db import Session
from people.auth import STAFF
from people.kinds import Channel, Role
from people.models import Community, ContactPoint, Membership, Person, PersonName
from people.signing_in.models import SignInLink

MAX_ACCOUNTS = 10
"""So many people may share one address."""


@dataclass(frozen=True)
class Account:
    """One of the people who are reached at an address."""

    person_id: UUID
    contact_point_id: UUID
    address: str
    name: str | None
    is_verified: bool
    is_staff: bool
    communities: tuple[str, ...]


async def list_accounts(session: Session, address: str) -> list[Account]:
    """The people who may sign in with an address, by id.

    Where several share it, an account of staff is left out until its own person has confirmed the
    address: a slip in somebody's contact must not open other people's data to a stranger.
    """
    query = (
        select(
            ContactPoint.person_id,
            ContactPoint.id,
            func.coalesce(PersonName.call_name, PersonName.full_name),
            ContactPoint.verified_at,
        )
        .join(Person, Person.id == ContactPoint.person_id)
        .outerjoin(PersonName, PersonName.person_id == ContactPoint.person_id)
        .where(
            ContactPoint.channel == Channel.EMAIL,
            ContactPoint.value == address,
            ContactPoint.bounced_at.is_(None),
            Person.erased_at.is_(None),
        )
        .order_by(ContactPoint.person_id)
        .limit(MAX_ACCOUNTS)
    )
    rows = (await session.execute(query)).all()
    # asked of nobody too: an unknown address must not be answered sooner
    roles: dict[UUID, list[tuple[Role, str]]] = {}
    members = (
        select(Membership.person_id, Membership.role, Community.name)
        .join(Community, Community.id == Membership.community_id)
        .where(Membership.person_id.in_([row[0] for row in rows]), Membership.ended_at.is_(None))
        .order_by(Community.slug)
    )
    for person_id, role, community in await session.execute(members):
        roles.setdefault(person_id, []).append((role, community))
    accounts = [
        Account(
            person_id=person_id,
            contact_point_id=contact_id,
            address=address,
            name=name,
            is_verified=verified_at is not None,
            is_staff=any(role in STAFF for role, _ in roles.get(person_id, ())),
            communities=tuple(dict.fromkeys(name for _, name in roles.get(person_id, ()))),
        )
        for person_id, contact_id, name, verified_at in rows
    ]
    alone = len(accounts) == 1
    return [row for row in accounts if alone or row.is_verified or not row.is_staff]


async def mark_verified(session: Session, contact_point_id: UUID, now: datetime) -> None:
    """Note that whoever reads the mail of this contact is its person."""
    await session.execute(
        update(ContactPoint)
        .where(ContactPoint.id == contact_point_id, ContactPoint.verified_at.is_(None))
        .values(verified_at=now)
    )


async def find_link(
    session: Session, token_digest: str, *, lock: bool = False
) -> tuple[SignInLink, str] | None:
    """A link with the address that it went to."""
    query = (
        select(SignInLink, ContactPoint.value)
        .join(ContactPoint, ContactPoint.id == SignInLink.contact_point_id)
        .where(SignInLink.token_digest == token_digest)
    )
    if lock:
        query = query.with_for_update(of=SignInLink)
    row = (await session.execute(query)).first()
    return None if row is None else (row[0], row[1])


async def find_link_to_send(
    session: Session, link_id: UUID
) -> tuple[SignInLink, ContactPoint | None] | None:
    """A link that is to be mailed, locked, with its contact."""
    link = await session.get(SignInLink, link_id, with_for_update=True)
    if link is None:
        return None
    contact = None
    if link.contact_point_id is not None:
        contact = await session.get(ContactPoint, link.contact_point_id)
    return link, contact


async def count_sent_links(
    session: Session, contact_point_id: UUID, since: datetime, *, besides: UUID
) -> int:
    """How many other links went to a contact since a moment."""
    query = select(func.count(SignInLink.id)).where(
        SignInLink.contact_point_id == contact_point_id,
        SignInLink.id != besides,
        SignInLink.token_digest.is_not(None),
        SignInLink.created_at >= since,
    )
    return int(await session.scalar(query) or 0)


async def use_link(session: Session, link_id: UUID, now: datetime) -> bool:
    """Take a link for use; False when somebody was faster."""
    used = await session.execute(
        update(SignInLink)
        .where(SignInLink.id == link_id, SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .values(used_at=now)
        .returning(SignInLink.id)
    )
    return bool(used.all())
