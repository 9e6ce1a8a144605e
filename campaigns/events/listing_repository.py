"""Events, days, sign-ups and helpers as lists and by key, as far as the actor may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true

from campaigns.events.kinds import EventStatus, HelperStatus, OccurrenceStatus, RegistrationStatus
from campaigns.events.models import (
    CommunityEvent,
    EventHelper,
    EventOccurrence,
    EventPlace,
    EventRegistration,
    EventRole,
)
from campaigns.events.repository import organized_by, visible_to
from core.db import Session
from core.pagination import Listing, SortKey
from people.auth import Actor
from people.models import PersonName

MAX_NESTED = 10_000


@dataclass(frozen=True, kw_only=True)
class DayFilter:
    """Which days of events; None leaves a condition out."""

    since: datetime | None = None
    until: datetime | None = None
    group_id: UUID | None = None
    campaign_id: UUID | None = None
    area: str | None = None
    """Only where the place lies in this neighbourhood."""
    status: EventStatus | None = None
    called_off: bool | None = None
    over_by: datetime | None = None
    """Only those that have ended by then."""


OPEN_DAYS: Final = DayFilter(status=EventStatus.PUBLISHED, called_off=False)
"""Those of published events that take place."""


def _shown(actor: Actor) -> Select[Any]:
    return visible_to(actor).with_only_columns(CommunityEvent.id)


def inside(actor: Actor) -> ColumnElement[bool]:
    """Events whose people the actor may know: of their communities as staff, or organized."""
    if actor.is_system:
        return true()
    if actor.person_id is None:
        return false()
    return or_(
        CommunityEvent.community_id.in_(actor.staff_communities()), organized_by(actor.person_id)
    )


def _inside_days(actor: Actor) -> Select[Any]:
    return (
        select(EventOccurrence.id)
        .join(CommunityEvent, CommunityEvent.id == EventOccurrence.event_id)
        .where(inside(actor))
    )


def list_events(
    actor: Actor, community_id: UUID, status: EventStatus | None = None
) -> Listing[CommunityEvent]:
    """The events of a community, the newest first."""
    query = visible_to(actor).where(CommunityEvent.community_id == community_id)
    if status is not None:
        query = query.where(CommunityEvent.status == status)
    table = CommunityEvent.__table__.c
    return Listing(
        query=query,
        key=SortKey("id", table.id, descending=True),
        sort=(SortKey("created_at", table.created_at, descending=True),),
    )


def list_days(actor: Actor, community_id: UUID, wanted: DayFilter) -> Listing[EventOccurrence]:
    """The days of a community's events, the next one first."""
    shown = _shown(actor)
    if wanted.group_id is not None:
        shown = shown.where(CommunityEvent.group_id == wanted.group_id)
    if wanted.campaign_id is not None:
        shown = shown.where(CommunityEvent.campaign_id == wanted.campaign_id)
    if wanted.status is not None:
        shown = shown.where(CommunityEvent.status == wanted.status)
    query = select(EventOccurrence).where(
        EventOccurrence.community_id == community_id, EventOccurrence.event_id.in_(shown)
    )
    if wanted.called_off is not None:
        off = EventOccurrence.status == OccurrenceStatus.CANCELLED
        query = query.where(off if wanted.called_off else ~off)
    if wanted.since is not None:
        query = query.where(EventOccurrence.ends_at > wanted.since)
    if wanted.until is not None:
        query = query.where(EventOccurrence.starts_at < wanted.until)
    if wanted.over_by is not None:
        query = query.where(EventOccurrence.ends_at <= wanted.over_by)
    if wanted.area is not None:
        query = query.where(_place_of_day().in_(_places_in(wanted.area)))
    table = EventOccurrence.__table__.c
    return Listing(
        query=query,
        key=SortKey("id", table.id),
        sort=(SortKey("starts_at", table.starts_at),),
    )


def _place_of_day() -> ColumnElement[UUID]:
    """Where a day is: at a place of its own, else where its event is."""
    usual = (
        select(CommunityEvent.place_id)
        .where(CommunityEvent.id == EventOccurrence.event_id)
        .scalar_subquery()
    )
    return func.coalesce(EventOccurrence.place_id, usual)


def _places_in(area: str) -> Select[Any]:
    return select(EventPlace.id).where(EventPlace.area == area)


def list_own_registrations(actor: Actor) -> Listing[EventRegistration]:
    """The actor's own sign-ups, the newest first."""
    own = false() if actor.person_id is None else EventRegistration.person_id == actor.person_id
    return _registrations(select(EventRegistration).where(own), descending=True)


def list_registrations(
    occurrence_id: UUID, status: RegistrationStatus | None = None
) -> Listing[EventRegistration]:
    """The sign-ups for a day in their order; ask the policy first."""
    query = select(EventRegistration).where(EventRegistration.occurrence_id == occurrence_id)
    if status is not None:
        query = query.where(EventRegistration.status == status)
    table = EventRegistration.__table__.c
    return Listing(
        query=query, key=SortKey("id", table.id), sort=(SortKey("number", table.number),)
    )


def _registrations(
    query: Select[EventRegistration], *, descending: bool
) -> Listing[EventRegistration]:
    table = EventRegistration.__table__.c
    return Listing(query=query, key=SortKey("id", table.id, descending=descending))


def list_helpers(occurrence_id: UUID, *, gone_too: bool = True) -> Listing[EventHelper]:
    """Who helps on a day or might, and who does not any more; ask the policy first."""
    query = select(EventHelper).where(EventHelper.occurrence_id == occurrence_id)
    if not gone_too:
        query = query.where(EventHelper.status != HelperStatus.WITHDRAWN)
    return Listing(query=query, key=SortKey("id", EventHelper.__table__.c.id))


async def load_events(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> dict[UUID, CommunityEvent]:
    """Events by key."""
    rows = await session.scalars(visible_to(actor).where(CommunityEvent.id.in_(keys)))
    return {row.id: row for row in rows}


async def load_days(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> dict[UUID, EventOccurrence]:
    """Days of events by key."""
    rows = await session.scalars(
        select(EventOccurrence).where(
            EventOccurrence.id.in_(keys), EventOccurrence.event_id.in_(_shown(actor))
        )
    )
    return {row.id: row for row in rows}


async def load_days_of(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> dict[UUID, list[EventOccurrence]]:
    """All days of events, by event."""
    rows = await session.scalars(
        select(EventOccurrence)
        .where(EventOccurrence.event_id.in_(keys), EventOccurrence.event_id.in_(_shown(actor)))
        .order_by(EventOccurrence.starts_at, EventOccurrence.id)
        .limit(MAX_NESTED)
    )
    found: dict[UUID, list[EventOccurrence]] = defaultdict(list)
    for row in rows:
        found[row.event_id].append(row)
    return found


async def load_places(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> dict[UUID, EventPlace]:
    """Places by key; what of them is shown, the policy decides."""
    rows = await session.scalars(select(EventPlace).where(EventPlace.id.in_(keys)))
    return {row.id: row for row in rows}


async def load_inside(session: Session, actor: Actor, keys: Sequence[UUID]) -> dict[UUID, bool]:
    """Of events: whether the actor is of its staff or organizes it."""
    rows = await session.scalars(
        select(CommunityEvent.id).where(CommunityEvent.id.in_(keys), inside(actor))
    )
    return dict.fromkeys(rows, True)


async def load_knows_place(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> dict[UUID, bool]:
    """Of days: whether the actor has a seat there or is an agreed helper."""
    if actor.person_id is None:
        return {}
    seats = select(EventRegistration.occurrence_id).where(
        EventRegistration.occurrence_id.in_(keys),
        EventRegistration.person_id == actor.person_id,
        EventRegistration.status == RegistrationStatus.SEATED,
    )
    helps = select(EventHelper.occurrence_id).where(
        EventHelper.occurrence_id.in_(keys),
        EventHelper.person_id == actor.person_id,
        EventHelper.status == HelperStatus.CONFIRMED,
    )
    return dict.fromkeys([*await session.scalars(seats), *await session.scalars(helps)], True)


async def load_knows_event_place(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> dict[UUID, bool]:
    """Of events: whether the actor has a seat, or is an agreed helper, on one of the days."""
    days = {
        row.id: row.event_id
        for row in await session.scalars(
            select(EventOccurrence).where(EventOccurrence.event_id.in_(keys)).limit(MAX_NESTED)
        )
    }
    known = await load_knows_place(session, actor, list(days))
    return {days[key]: True for key in known}


async def load_own_registrations(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> dict[UUID, EventRegistration]:
    """The actor's own sign-ups, by day."""
    if actor.person_id is None:
        return {}
    rows = await session.scalars(
        select(EventRegistration).where(
            EventRegistration.occurrence_id.in_(keys),
            EventRegistration.person_id == actor.person_id,
        )
    )
    return {row.occurrence_id: row for row in rows}


async def load_own_help(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> dict[UUID, EventHelper]:
    """The actor's own offers of help, by day. Who was only proposed does not know of it."""
    if actor.person_id is None:
        return {}
    rows = await session.scalars(
        select(EventHelper).where(EventHelper.occurrence_id.in_(keys), _own_help(actor))
    )
    return {row.occurrence_id: row for row in rows}


def _own_help(actor: Actor) -> ColumnElement[bool]:
    told = or_(EventHelper.is_own_offer, EventHelper.status != HelperStatus.PROPOSED)
    return and_(EventHelper.person_id == actor.person_id, told)


async def load_registrations(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> dict[UUID, EventRegistration]:
    """Sign-ups by key: one's own, and those of events whose people one may know."""
    if actor.person_id is None and not actor.is_system:
        return {}
    rows = await session.scalars(
        select(EventRegistration).where(
            EventRegistration.id.in_(keys),
            or_(
                EventRegistration.person_id == actor.person_id,
                EventRegistration.occurrence_id.in_(_inside_days(actor)),
            ),
        )
    )
    return {row.id: row for row in rows}


async def load_helpers(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> dict[UUID, EventHelper]:
    """Offers of help by key: one's own, and those of events whose people one may know."""
    if actor.person_id is None and not actor.is_system:
        return {}
    rows = await session.scalars(
        select(EventHelper).where(
            EventHelper.id.in_(keys),
            or_(_own_help(actor), EventHelper.occurrence_id.in_(_inside_days(actor))),
        )
    )
    return {row.id: row for row in rows}


async def load_roles(session: Session, actor: Actor, keys: Sequence[UUID]) -> dict[UUID, EventRole]:
    """Roles by key."""
    rows = await session.scalars(
        select(EventRole).where(EventRole.id.in_(keys), EventRole.event_id.in_(_shown(actor)))
    )
    return {row.id: row for row in rows}


async def load_roles_of(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> dict[UUID, list[EventRole]]:
    """The roles of events, by event."""
    rows = await session.scalars(
        select(EventRole)
        .where(EventRole.event_id.in_(keys), EventRole.event_id.in_(_shown(actor)))
        .order_by(EventRole.code)
        .limit(MAX_NESTED)
    )
    found: dict[UUID, list[EventRole]] = defaultdict(list)
    for row in rows:
        found[row.event_id].append(row)
    return found


async def load_names(session: Session, actor: Actor, keys: Sequence[UUID]) -> dict[UUID, str]:
    """Names of people by sign-up or offer of help: for themselves, staff and organizers."""
    if actor.person_id is None and not actor.is_system:
        return {}
    found: dict[UUID, str] = {}
    for table in (EventRegistration, EventHelper):
        rows = await session.execute(
            select(table.id, PersonName.full_name)
            .join(PersonName, PersonName.person_id == table.person_id)
            .where(
                table.id.in_(keys),
                or_(
                    table.person_id == actor.person_id,
                    table.occurrence_id.in_(_inside_days(actor)),
                ),
            )
        )
        found |= {row[0]: row[1] for row in rows}
    return found


async def load_ahead_counts(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> dict[UUID, int]:
    """How many sign-ups wait before each of these that wait."""
    mine = EventRegistration.__table__.alias("mine")
    rows = await session.execute(
        select(mine.c.id, func.count(EventRegistration.id))
        .select_from(mine)
        .outerjoin(
            EventRegistration,
            and_(
                EventRegistration.occurrence_id == mine.c.occurrence_id,
                EventRegistration.status == RegistrationStatus.WAITING,
                EventRegistration.number < mine.c.number,
            ),
        )
        .where(mine.c.id.in_(keys), mine.c.status == RegistrationStatus.WAITING)
        .group_by(mine.c.id)
    )
    return {row[0]: int(row[1]) for row in rows}


async def load_waiting_counts(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> dict[UUID, int]:
    """How many people wait for seats, by day; for staff and organizers."""
    rows = await session.execute(
        select(EventRegistration.occurrence_id, func.sum(EventRegistration.party_size))
        .where(
            EventRegistration.occurrence_id.in_(keys),
            EventRegistration.occurrence_id.in_(_inside_days(actor)),
            EventRegistration.status == RegistrationStatus.WAITING,
        )
        .group_by(EventRegistration.occurrence_id)
    )
    return {row[0]: int(row[1]) for row in rows}
