"""The queries on who has which role in one community."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core.db import Session
from people.auth import STAFF, Actor
from people.kinds import Role
from people.models import Community, Membership, Person, PersonName

MAX_STAFF = 200


@dataclass(frozen=True)
class StaffMember:
    """Somebody who works for a programme."""

    person_id: UUID
    name: str | None
    role: Role
    since: datetime


async def lock_community(session: Session, community_id: UUID) -> None:
    """Let one at a time change who works for a community."""
    await session.execute(
        select(Community.id).where(Community.id == community_id).with_for_update()
    )


async def list_roles(session: Session, person_id: UUID, community_id: UUID) -> list[Membership]:
    """The roles that somebody has or had in a community, as they stand now."""
    query = (
        select(Membership)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.person_id == person_id,
            Membership.community_id == community_id,
            Person.erased_at.is_(None),
        )
        .execution_options(populate_existing=True)
    )
    return list(await session.scalars(query))


async def has_other_manager(session: Session, community_id: UUID, person_id: UUID) -> bool:
    """Whether somebody else manages a community too."""
    found = await session.scalar(
        select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.community_id == community_id,
            Membership.role == Role.MANAGER,
            Membership.person_id != person_id,
            Membership.ended_at.is_(None),
            Person.erased_at.is_(None),
        )
        .limit(1)
    )
    return found is not None


async def load_community_ids(session: Session, person_id: UUID) -> frozenset[UUID]:
    """Where somebody has or had a role; none for who was erased."""
    query = (
        select(Membership.community_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.person_id == person_id, Person.erased_at.is_(None))
    )
    return frozenset(await session.scalars(query))


async def works_anywhere(session: Session, person_id: UUID) -> bool:
    """Whether somebody is among the staff of any community."""
    found = await session.scalar(
        select(Membership.id)
        .where(
            Membership.person_id == person_id,
            Membership.role.in_(STAFF),
            Membership.ended_at.is_(None),
        )
        .limit(1)
    )
    return found is not None


async def list_staff(session: Session, actor: Actor, community_id: UUID) -> list[StaffMember]:
    """Who works for a community now, by name; for its staff, for others nobody."""
    if not actor.is_staff(community_id):
        return []
    rows = await session.execute(
        select(Membership.person_id, PersonName.full_name, Membership.role, Membership.since)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(PersonName, PersonName.person_id == Person.id)
        .where(
            Membership.community_id == community_id,
            Membership.role.in_(STAFF),
            Membership.ended_at.is_(None),
            Person.erased_at.is_(None),
        )
        .order_by(PersonName.full_name, Membership.person_id, Membership.role)
        .limit(MAX_STAFF)
    )
    return [StaffMember(*row) for row in rows]
