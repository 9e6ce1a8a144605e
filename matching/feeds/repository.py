"""The queries of calendars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import false, func, select

from core.db import Session
from core.pagination import Listing, SortKey
from matching.feeds.models import CalendarFeed
from matching.kinds import AssignmentStatus, RequestKind
from matching.models import Assignment, HelpRequest, Storm, Volunteer
from people.auth import Actor
from people.models import Community, Household, Person, Preferences

MAX_VISITS = 500
MAX_STORMS = 200


async def find_by_digest(session: Session, digest: str) -> CalendarFeed | None:
    """The calendar with this link, unless it was ended or its person erased."""
    found: CalendarFeed | None = await session.scalar(
        select(CalendarFeed)
        .join(Person, Person.id == CalendarFeed.person_id)
        .where(
            CalendarFeed.token_digest == digest,
            CalendarFeed.revoked_at.is_(None),
            Person.erased_at.is_(None),
        )
    )
    return found


async def find_feed(session: Session, feed_id: UUID) -> CalendarFeed | None:
    """One calendar."""
    return await session.get(CalendarFeed, feed_id)


async def count_live(session: Session, person_id: UUID) -> int:
    """How many calendars of a person can be read."""
    found = await session.scalar(
        select(func.count()).where(
            CalendarFeed.person_id == person_id, CalendarFeed.revoked_at.is_(None)
        )
    )
    return int(found or 0)


def list_feeds(actor: Actor) -> Listing[CalendarFeed]:
    """The actor's own calendars that can be read, the oldest first."""
    own = false() if actor.person_id is None else CalendarFeed.person_id == actor.person_id
    return Listing(
        query=select(CalendarFeed).where(own, CalendarFeed.revoked_at.is_(None)),
        key=SortKey("id", CalendarFeed.__table__.c.id),
    )


async def load_feeds(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> Mapping[UUID, CalendarFeed]:
    """Calendars by id: those of the actor."""
    if actor.person_id is None:
        return {}
    query = select(CalendarFeed).where(
        CalendarFeed.id.in_(keys), CalendarFeed.person_id == actor.person_id
    )
    return {row.id: row for row in await session.scalars(query)}


async def get_community(session: Session, community_id: UUID) -> Community:
    """Whose clock holds."""
    return await session.get_one(Community, community_id)


async def load_languages(session: Session, person_id: UUID) -> list[str]:
    """What the person reads best, first."""
    found = await session.scalar(
        select(Preferences.languages).where(Preferences.person_id == person_id)
    )
    return list(found or [])


async def list_visits(
    session: Session, person_id: UUID, community_id: UUID, *, since: datetime, until: datetime
) -> list[tuple[Assignment, RequestKind, str | None]]:
    """The agreed visits of a volunteer, with kind of help and neighbourhood."""
    query = (
        select(Assignment, HelpRequest.kind, Household.area)
        .join(Volunteer, Volunteer.id == Assignment.volunteer_id)
        .join(HelpRequest, HelpRequest.id == Assignment.request_id)
        .join(Household, Household.id == HelpRequest.household_id)
        .where(
            Volunteer.person_id == person_id,
            Volunteer.community_id == community_id,
            Assignment.status != AssignmentStatus.RELEASED,
            Assignment.starts_at >= since,
            Assignment.starts_at < until,
        )
        .order_by(Assignment.starts_at.desc(), Assignment.id)
        .limit(MAX_VISITS)
    )
    return [(work, kind, area) for work, kind, area in await session.execute(query)]


async def list_storms(session: Session, community_id: UUID, *, since: datetime) -> list[Storm]:
    """The storms of a community, the newest first."""
    query = (
        select(Storm)
        .where(Storm.community_id == community_id, Storm.created_at >= since)
        .order_by(Storm.created_at.desc(), Storm.id)
        .limit(MAX_STORMS)
    )
    return list(await session.scalars(query))
