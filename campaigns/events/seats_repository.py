"""The queries on seats: locks, sign-ups, the line of those who wait.

Rows are locked in this order: person, event, occurrence (by id where there are several), and then
what hangs on it. Whoever gives, keeps or frees a seat holds the row of the occurrence.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from campaigns.events.errors import EventUnknown
from campaigns.events.kinds import LIVE, OccurrenceStatus, RegistrationStatus
from campaigns.events.models import (
    CommunityEvent,
    EventDesk,
    EventOccurrence,
    EventRegistration,
)
from campaigns.events.repository import MAX_OF_EVENT
from core.db import Session
from people.models import Person


async def lock_person(session: Session, person_id: UUID) -> bool:
    """Hold a person who was not erased, so that nobody signs up while being erased."""
    query = (
        select(Person.id)
        .where(Person.id == person_id, Person.erased_at.is_(None))
        .with_for_update(key_share=True)
    )
    return await session.scalar(query) is not None


async def is_present(session: Session, person_id: UUID) -> bool:
    """Whether somebody was not erased."""
    query = select(Person.id).where(Person.id == person_id, Person.erased_at.is_(None))
    return await session.scalar(query) is not None


async def lock_event(session: Session, event_id: UUID) -> CommunityEvent:
    """An event as it is now, held until the transaction ends."""
    found: CommunityEvent | None = await session.scalar(
        select(CommunityEvent)
        .where(CommunityEvent.id == event_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise EventUnknown(f"There is no event {event_id}.")
    return found


async def lock_occurrence(session: Session, occurrence_id: UUID) -> EventOccurrence:
    """A day of an event as it is now: seats are given, kept and freed by its holder alone."""
    found: EventOccurrence | None = await session.scalar(
        select(EventOccurrence)
        .where(EventOccurrence.id == occurrence_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise EventUnknown(f"There is no day {occurrence_id} of an event.")
    return found


async def lock_coming_occurrences(
    session: Session, event_id: UUID, now: datetime
) -> list[EventOccurrence]:
    """The days of an event that lie ahead and are not cancelled, held in the order of their ids."""
    query = (
        select(EventOccurrence)
        .where(
            EventOccurrence.event_id == event_id,
            EventOccurrence.starts_at > now,
            EventOccurrence.status == OccurrenceStatus.SCHEDULED,
        )
        .order_by(EventOccurrence.id)
        .limit(MAX_OF_EVENT)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(await session.scalars(query))


async def find_registration(
    session: Session, occurrence_id: UUID, person_id: UUID
) -> EventRegistration | None:
    """Somebody's sign-up for a day, whatever became of it."""
    found: EventRegistration | None = await session.scalar(
        select(EventRegistration)
        .where(
            EventRegistration.occurrence_id == occurrence_id,
            EventRegistration.person_id == person_id,
        )
        .execution_options(populate_existing=True)
    )
    return found


async def read_registration(session: Session, registration_id: UUID) -> EventRegistration | None:
    """A sign-up as it is now; lock its occurrence first."""
    found: EventRegistration | None = await session.scalar(
        select(EventRegistration)
        .where(EventRegistration.id == registration_id)
        .execution_options(populate_existing=True)
    )
    return found


async def find_by_code(
    session: Session, occurrence_id: UUID, code: str
) -> EventRegistration | None:
    """The sign-up with a check-in code."""
    found: EventRegistration | None = await session.scalar(
        select(EventRegistration)
        .where(
            EventRegistration.occurrence_id == occurrence_id,
            EventRegistration.check_in_code == code,
        )
        .execution_options(populate_existing=True)
    )
    return found


async def list_codes(session: Session, occurrence_id: UUID, codes: Sequence[str]) -> set[str]:
    """Which of these codes are taken there."""
    query = select(EventRegistration.check_in_code).where(
        EventRegistration.occurrence_id == occurrence_id,
        EventRegistration.check_in_code.in_(codes),
    )
    return {code for code in await session.scalars(query) if code is not None}


async def find_first_waiting(
    session: Session, occurrence_id: UUID, capacity: int
) -> EventRegistration | None:
    """Who is next in line; a party larger than all seats together is passed over."""
    found: EventRegistration | None = await session.scalar(
        select(EventRegistration)
        .where(
            EventRegistration.occurrence_id == occurrence_id,
            EventRegistration.status == RegistrationStatus.WAITING,
            EventRegistration.party_size <= capacity,
        )
        .order_by(EventRegistration.number)
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return found


async def count_ahead(session: Session, row: EventRegistration) -> int:
    """How many sign-ups wait before this one."""
    found = await session.scalar(
        select(func.count()).where(
            EventRegistration.occurrence_id == row.occurrence_id,
            EventRegistration.status == RegistrationStatus.WAITING,
            EventRegistration.number < row.number,
        )
    )
    return int(found or 0)


async def list_due_offers(session: Session, now: datetime, limit: int) -> list[UUID]:
    """Sign-ups whose kept seat was not confirmed in time."""
    query = (
        select(EventRegistration.id)
        .where(
            EventRegistration.status == RegistrationStatus.OFFERED,
            EventRegistration.offered_until_at <= now,
        )
        .order_by(EventRegistration.offered_until_at, EventRegistration.id)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def list_to_close(session: Session, before: datetime, limit: int) -> list[UUID]:
    """Days that ended before a moment and whose attendance is not settled."""
    query = (
        select(EventOccurrence.id)
        .where(
            EventOccurrence.closed_at.is_(None),
            EventOccurrence.ends_at <= before,
            EventOccurrence.status == OccurrenceStatus.SCHEDULED,
        )
        .order_by(EventOccurrence.ends_at, EventOccurrence.id)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def list_seated(session: Session, occurrence_id: UUID) -> list[EventRegistration]:
    """Everybody who has a seat."""
    query = (
        select(EventRegistration)
        .where(
            EventRegistration.occurrence_id == occurrence_id,
            EventRegistration.status == RegistrationStatus.SEATED,
        )
        .order_by(EventRegistration.number)
        .execution_options(populate_existing=True)
    )
    return list(await session.scalars(query))


async def list_people_of_change(
    session: Session, event_id: UUID, change: int, *, after: UUID | None, limit: int
) -> list[UUID]:
    """Who signed up for a day that this change of the event touched, by id."""
    query = (
        select(EventRegistration.person_id)
        .join(EventOccurrence, EventOccurrence.id == EventRegistration.occurrence_id)
        .where(
            EventOccurrence.event_id == event_id,
            EventOccurrence.sequence == change,
            EventRegistration.status.in_(LIVE),
            EventRegistration.person_id.is_not(None),
        )
        .distinct()
        .order_by(EventRegistration.person_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(EventRegistration.person_id > after)
    return [key for key in await session.scalars(query) if key is not None]


async def list_touched(
    session: Session, event_id: UUID, change: int, person_id: UUID
) -> list[tuple[EventRegistration, EventOccurrence]]:
    """A person's sign-ups for days that a change touched, the next day first."""
    query = (
        select(EventRegistration, EventOccurrence)
        .join(EventOccurrence, EventOccurrence.id == EventRegistration.occurrence_id)
        .where(
            EventOccurrence.event_id == event_id,
            EventOccurrence.sequence == change,
            EventRegistration.person_id == person_id,
            EventRegistration.status.in_(LIVE),
        )
        .order_by(EventOccurrence.starts_at)
        .limit(MAX_OF_EVENT)
    )
    return [(row, day) for row, day in await session.execute(query)]


async def find_desk(session: Session, occurrence_id: UUID, person_id: UUID) -> EventDesk | None:
    """How many codes somebody has tried at a door."""
    found: EventDesk | None = await session.scalar(
        select(EventDesk)
        .where(EventDesk.occurrence_id == occurrence_id, EventDesk.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def has_seat(session: Session, occurrence_id: UUID, person_id: UUID | None) -> bool:
    """Whether somebody has a confirmed seat on a day."""
    if person_id is None:
        return False
    query = select(EventRegistration.id).where(
        EventRegistration.occurrence_id == occurrence_id,
        EventRegistration.person_id == person_id,
        EventRegistration.status == RegistrationStatus.SEATED,
    )
    return await session.scalar(query) is not None


async def shorten_offers(session: Session, occurrence_id: UUID, starts_at: datetime) -> None:
    """No seat is kept longer than the start, wherever that was moved."""
    await session.execute(
        update(EventRegistration)
        .where(
            EventRegistration.occurrence_id == occurrence_id,
            EventRegistration.status == RegistrationStatus.OFFERED,
            EventRegistration.offered_until_at > starts_at,
        )
        .values(offered_until_at=starts_at)
    )
