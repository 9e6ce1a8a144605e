"""The queries on roles at events, and on who fills them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import selectinload

from campaigns.events.kinds import HelperStatus
from campaigns.events.models import EventHelper, EventRole
from core.db import Session
from matching.kinds import AssignmentStatus
from matching.models import Assignment, Volunteer
from matching.volunteering.taking_part_repository import takes_part
from people.kinds import Purpose
from people.models import Ability, Consent, Household, Person, PersonAbility

MAX_ROLES = 20
MAX_CANDIDATES = 500
HELD = (HelperStatus.VOLUNTEERED, HelperStatus.PROPOSED, HelperStatus.INVITED)
TAKING = (HelperStatus.INVITED, HelperStatus.CONFIRMED)
"""These take a place in their role."""


async def find_helper(session: Session, helper_id: UUID) -> EventHelper | None:
    """One offer of help as it is now."""
    found: EventHelper | None = await session.scalar(
        select(EventHelper)
        .where(EventHelper.id == helper_id)
        .execution_options(populate_existing=True)
    )
    return found


async def find_helper_of(
    session: Session, occurrence_id: UUID, person_id: UUID
) -> EventHelper | None:
    """Somebody's offer of help for a day, whatever became of it."""
    found: EventHelper | None = await session.scalar(
        select(EventHelper)
        .where(EventHelper.occurrence_id == occurrence_id, EventHelper.person_id == person_id)
        .execution_options(populate_existing=True)
    )
    return found


async def find_role(session: Session, role_id: UUID | None) -> EventRole | None:
    """One role of an event."""
    return None if role_id is None else await session.get(EventRole, role_id)


async def list_roles(session: Session, event_id: UUID) -> list[EventRole]:
    """The roles of an event by code."""
    query = select(EventRole).where(EventRole.event_id == event_id).order_by(EventRole.code)
    return list(await session.scalars(query.limit(MAX_ROLES)))


async def list_helpers(session: Session, occurrence_id: UUID) -> list[EventHelper]:
    """Everybody who offered to help on a day or was asked, but for those who withdrew."""
    query = (
        select(EventHelper)
        .where(
            EventHelper.occurrence_id == occurrence_id,
            EventHelper.status != HelperStatus.WITHDRAWN,
        )
        .order_by(EventHelper.created_at, EventHelper.id)
        .limit(MAX_CANDIDATES)
        .execution_options(populate_existing=True)
    )
    return list(await session.scalars(query))


async def count_in_roles(
    session: Session, occurrence_id: UUID
) -> dict[tuple[UUID, HelperStatus], int]:
    """How many people a day has in each role, by where their help stands."""
    query = (
        select(EventHelper.role_id, EventHelper.status, func.count())
        .where(EventHelper.occurrence_id == occurrence_id, EventHelper.role_id.is_not(None))
        .group_by(EventHelper.role_id, EventHelper.status)
    )
    rows = (await session.execute(query)).all()
    return {(role_id, status): count for role_id, status, count in rows if role_id is not None}


async def list_withdrawn(session: Session, occurrence_id: UUID) -> set[UUID]:
    """Who said that they do not help on that day."""
    query = select(EventHelper.person_id).where(
        EventHelper.occurrence_id == occurrence_id, EventHelper.status == HelperStatus.WITHDRAWN
    )
    return set(await session.scalars(query))


async def has_helpers(session: Session, role_id: UUID) -> bool:
    """Whether somebody was ever put into a role."""
    query = select(EventHelper.id).where(EventHelper.role_id == role_id).limit(1)
    return await session.scalar(query) is not None


async def is_helping(session: Session, occurrence_id: UUID, person_id: UUID | None) -> bool:
    """Whether somebody is an agreed helper on a day."""
    if person_id is None:
        return False
    query = select(EventHelper.id).where(
        EventHelper.occurrence_id == occurrence_id,
        EventHelper.person_id == person_id,
        EventHelper.status == HelperStatus.CONFIRMED,
    )
    return await session.scalar(query) is not None


async def list_known_codes(session: Session, community_id: UUID, codes: Sequence[str]) -> set[str]:
    """Which of these skills and tools the community knows."""
    query = select(Ability.code).where(
        Ability.community_id == community_id, Ability.code.in_(codes)
    )
    return set(await session.scalars(query))


async def load_homes(session: Session, person_ids: Sequence[UUID]) -> dict[UUID, Household]:
    """Where people live, with the exact place, for measuring alone."""
    query = (
        select(Person.id, Household)
        .join(Household, Household.id == Person.household_id)
        .where(Person.id.in_(person_ids))
        .options(selectinload(Household.address))
    )
    rows = (await session.execute(query)).all()
    return {row[0]: row[1] for row in rows}


async def load_codes(session: Session, person_ids: Sequence[UUID]) -> dict[UUID, set[str]]:
    """The skills and tools of people."""
    query = (
        select(PersonAbility.person_id, Ability.code)
        .join(Ability, Ability.id == PersonAbility.ability_id)
        .where(PersonAbility.person_id.in_(person_ids))
    )
    found: dict[UUID, set[str]] = {}
    for person_id, code in await session.execute(query):
        found.setdefault(person_id, set()).add(code)
    return found


async def list_volunteers(
    session: Session, community_id: UUID, helper_ids: Sequence[UUID], now: datetime
) -> list[Volunteer]:
    """Volunteers who offered to help, and active ones who may be asked about campaigns."""
    later = select(Consent.person_id, Consent.purpose, Consent.recorded_at).subquery()
    granted = (
        select(Consent.person_id)
        .where(
            Consent.community_id == community_id,
            Consent.purpose == Purpose.CAMPAIGNS,
            Consent.granted,
        )
        .where(
            ~select(later.c.person_id)
            .where(
                later.c.person_id == Consent.person_id,
                later.c.purpose == Purpose.CAMPAIGNS,
                later.c.recorded_at > Consent.recorded_at,
            )
            .exists()
        )
    )
    active = and_(takes_part(now), Volunteer.person_id.in_(granted))
    query = (
        select(Volunteer)
        .where(
            Volunteer.community_id == community_id,
            or_(Volunteer.person_id.in_(helper_ids), active),
        )
        .options(
            selectinload(Volunteer.home).selectinload(Household.address),
            selectinload(Volunteer.second_anchor).selectinload(Household.address),
            selectinload(Volunteer.windows),
            selectinload(Volunteer.weekly_hours),
            selectinload(Volunteer.away),
        )
        .order_by(Volunteer.id)
        .limit(MAX_CANDIDATES)
    )
    return list(await session.scalars(query))


async def list_busy(
    session: Session, volunteer_ids: Sequence[UUID], starts_at: datetime, ends_at: datetime
) -> set[UUID]:
    """Volunteers with agreed work between two moments."""
    query = select(Assignment.volunteer_id).where(
        Assignment.volunteer_id.in_(volunteer_ids),
        Assignment.status.in_((AssignmentStatus.ACCEPTED, AssignmentStatus.IN_PROGRESS)),
        Assignment.starts_at < ends_at,
        Assignment.ends_at > starts_at,
    )
    return set(await session.scalars(query))
