"""Organizing events: plan, publish, change and cancel them, one day of them or all that lie ahead.

What calendars and people must learn of raises the ``sequence`` of the event by one, and each day
that it touches takes that number: so the notices of a change find their people, each once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from campaigns.events import repository, seats_repository
from campaigns.events.errors import (
    CapacityTooSmall,
    EventClosed,
    InvalidEvent,
)
from campaigns.events.kinds import (
    CancelReason,
    EventAudience,
    EventStatus,
    HourChoice,
    OccurrenceStatus,
)
from campaigns.events.managing import check_manager
from campaigns.events.models import (
    CommunityEvent,
    EventOccurrence,
    EventPlace,
)
from campaigns.events.planning import (
    LONGEST_CONFIRM_S,
    LONGEST_S,
    MAX_CAPACITY,
    MAX_PARTY,
    SHORTEST_CONFIRM_S,
    SHORTEST_S,
    NamedPlace,
    check_range,
    check_words,
    is_same_place,
    make_place,
    record,
)
from campaigns.events.schedule import schedule_change
from campaigns.events.seating import fill_seats
from campaigns.events.wall import find_moment, read_local, read_zone
from core.db import Session
from people.auth import Actor


async def publish_event(
    session: Session, actor: Actor, event_id: UUID, *, now: datetime
) -> CommunityEvent:
    """Open an event for sign-ups; again changes nothing. Records ``community_event.published``."""
    event = await hold_event(session, actor, event_id)
    if event.status is EventStatus.DRAFT:
        event.status = EventStatus.PUBLISHED
        event.updated_at = now
        await session.flush()
        record(session, "community_event.published", event, actor, now)
    return event


@dataclass(frozen=True, kw_only=True)
class ChangeEvent:
    """What is to be different about an event; None leaves it as it is."""

    event_id: UUID
    title: str | None = None
    description: str | None = None
    audience: EventAudience | None = None
    capacity: int | None = None
    """For all days that lie ahead."""
    max_party: int | None = None
    confirm_s: int | None = None


async def change_event(
    session: Session, actor: Actor, command: ChangeEvent, *, now: datetime
) -> CommunityEvent:
    """Change words and numbers of an event. Records ``community_event.changed``.

    A capacity below the seats that are taken on one of its days is refused; a higher one is
    offered to those who wait. Of new words nobody is told by mail.
    """
    event = await hold_event(session, actor, command.event_id)
    title = event.title if command.title is None else command.title
    words = event.description if command.description is None else command.description
    check_words(title, words)
    if command.audience is EventAudience.GROUP and event.group_id is None:
        raise InvalidEvent("An event for a group needs a group.")
    check_range("max_party", command.max_party, 1, MAX_PARTY)
    check_range("confirm_s", command.confirm_s, SHORTEST_CONFIRM_S, LONGEST_CONFIRM_S)
    event.title, event.description = title.strip(), words.strip()
    event.audience = command.audience or event.audience
    event.max_party = command.max_party or event.max_party
    event.confirm_s = command.confirm_s or event.confirm_s
    event.updated_at = now
    if command.capacity is not None:
        event.capacity = command.capacity
        for day in await seats_repository.lock_coming_occurrences(session, event.id, now):
            await _resize(session, event, day, command.capacity, now)
    await session.flush()
    record(session, "community_event.changed", event, actor, now)
    return event


async def set_capacity(
    session: Session, actor: Actor, occurrence_id: UUID, capacity: int, *, now: datetime
) -> EventOccurrence:
    """Change the seats of one day. Records ``community_event.resized``."""
    event, occurrence = await hold_day(session, actor, occurrence_id)
    refuse_over(event, occurrence, now)
    await _resize(session, event, occurrence, capacity, now)
    await session.flush()
    record(session, "community_event.resized", event, actor, now, capacity_count=capacity)
    return occurrence


async def _resize(
    session: Session,
    event: CommunityEvent,
    occurrence: EventOccurrence,
    capacity: int,
    now: datetime,
) -> None:
    check_range("capacity", capacity, 1, MAX_CAPACITY)
    if capacity < occurrence.taken_count:
        raise CapacityTooSmall(
            f"{occurrence.taken_count} seats are taken or kept on {occurrence.starts_at:%Y-%m-%d}; "
            "the capacity cannot be smaller than that."
        )
    occurrence.capacity = capacity
    occurrence.changed_at = now
    await fill_seats(session, event, occurrence, now=now)


@dataclass(frozen=True, kw_only=True)
class MoveEvent:
    """Another time or place: of one day, or of all days that lie ahead."""

    event_id: UUID | None = None
    """All days that lie ahead."""
    occurrence_id: UUID | None = None
    """One day."""
    starts_local: str | None = None
    """The new start of one day, such as ``2027-03-09T18:00``."""
    time_of_day: str | None = None
    """The new time of all days, such as ``18:30``."""
    hour: HourChoice | None = None
    duration_s: int | None = None
    place: NamedPlace | None = None
    from_place_id: UUID | None = None
    """Only the days that are at this place go to the other one; None moves all that are meant."""


async def move_event(
    session: Session, actor: Actor, command: MoveEvent, *, now: datetime
) -> tuple[CommunityEvent, list[EventOccurrence]]:
    """Move one day, or all that lie ahead; who signed up is told once for the whole change.

    Records ``community_event.moved``. What is so already is no change.
    """
    event, days = await _hold_days(session, actor, command, now)
    zone = read_zone(event.time_zone)
    check_range("duration_s", command.duration_s, SHORTEST_S, LONGEST_S)
    places: list[EventPlace] = []
    moved = []
    for day in days:
        starts_at = day.starts_at
        if command.starts_local is not None:
            starts_at = find_moment(read_local(command.starts_local), zone, command.hour)
        elif command.time_of_day is not None:
            date = day.starts_at.astimezone(zone).date().isoformat()
            starts_at = find_moment(read_local(f"{date}T{command.time_of_day}"), zone, command.hour)
        length = day.ends_at - day.starts_at
        if command.duration_s is not None:
            length = timedelta(seconds=command.duration_s)
        if starts_at <= now:
            raise InvalidEvent("The event would begin in the past; choose a later start.")
        await seats_repository.shorten_offers(session, day.id, starts_at)
        same = starts_at == day.starts_at and starts_at + length == day.ends_at
        goes = await _goes_elsewhere(session, command, day.place_id or event.place_id)
        if same and not goes:
            continue
        day.starts_at, day.ends_at = starts_at, starts_at + length
        if goes:
            day.place_id = await _add_place(session, command, places)
        moved.append(day)
    await _touch(session, event, moved, "changed", now)
    if moved:
        record(session, "community_event.moved", event, actor, now, count=len(moved))
    return event, days


async def _goes_elsewhere(session: Session, command: MoveEvent, here_id: UUID) -> bool:
    """Whether a day that is at one place is to be at another one, by its words too."""
    if command.place is None or command.from_place_id not in (None, here_id):
        return False
    return not is_same_place(await repository.get_place(session, here_id), command.place)


async def _add_place(session: Session, command: MoveEvent, places: list[EventPlace]) -> UUID:
    """The new place, added once for all days."""
    if not places and command.place is not None:
        places.append(make_place(command.place))
        session.add(places[0])
        await session.flush()
    return places[0].id


async def cancel_occurrence(
    session: Session,
    actor: Actor,
    occurrence_id: UUID,
    *,
    reason: CancelReason | None = None,
    now: datetime,
) -> EventOccurrence:
    """Call off one day; again changes nothing. Records ``community_event.day_cancelled``."""
    event, occurrence = await hold_day(session, actor, occurrence_id)
    if occurrence.status is OccurrenceStatus.CANCELLED:
        return occurrence
    refuse_over(event, occurrence, now)
    occurrence.status, occurrence.cancel_reason = OccurrenceStatus.CANCELLED, reason
    await _touch(session, event, [occurrence], "cancelled", now)
    record(session, "community_event.day_cancelled", event, actor, now)
    return occurrence


async def cancel_event(
    session: Session,
    actor: Actor,
    event_id: UUID,
    *,
    reason: CancelReason | None = None,
    now: datetime,
) -> CommunityEvent:
    """Call off all days that lie ahead; again changes nothing.

    Records ``community_event.cancelled``. Who signed up is told once, whatever the number of days.
    """
    event = await hold_event(session, actor, event_id, cancelled_too=True)
    if event.status is EventStatus.CANCELLED:
        return event
    event.status = EventStatus.CANCELLED
    days = await seats_repository.lock_coming_occurrences(session, event.id, now)
    for day in days:
        day.status, day.cancel_reason = OccurrenceStatus.CANCELLED, reason
    await _touch(session, event, days, "cancelled", now)
    record(session, "community_event.cancelled", event, actor, now, count=len(days))
    return event


async def hold_event(
    session: Session, actor: Actor, event_id: UUID, *, cancelled_too: bool = False
) -> CommunityEvent:
    """An event that the actor manages, locked."""
    event = await repository.get_event(session, actor, event_id)
    await check_manager(session, actor, event)
    event = await seats_repository.lock_event(session, event_id)
    if event.status is EventStatus.CANCELLED and not cancelled_too:
        raise EventClosed("The event was cancelled and cannot be changed any more.")
    return event


async def hold_day(
    session: Session, actor: Actor, occurrence_id: UUID
) -> tuple[CommunityEvent, EventOccurrence]:
    """A day of an event that the actor manages, both locked."""
    event, _ = await repository.get_event_of(session, actor, occurrence_id)
    await check_manager(session, actor, event)
    event = await seats_repository.lock_event(session, event.id)
    return event, await seats_repository.lock_occurrence(session, occurrence_id)


async def _hold_days(
    session: Session, actor: Actor, command: MoveEvent, now: datetime
) -> tuple[CommunityEvent, list[EventOccurrence]]:
    if (command.event_id is None) == (command.occurrence_id is None):
        raise InvalidEvent("Name an event, or one day of it.")
    if command.occurrence_id is not None:
        if command.time_of_day is not None:
            raise InvalidEvent("One day is moved to a local time, such as 2027-03-09T18:00.")
        event, day = await hold_day(session, actor, command.occurrence_id)
        refuse_over(event, day, now)
        return event, [day]
    if command.starts_local is not None:
        raise InvalidEvent("All days are moved to a time of day, such as 18:30.")
    event = await hold_event(session, actor, command.event_id or UUID(int=0))
    return event, await seats_repository.lock_coming_occurrences(session, event.id, now)


async def _touch(
    session: Session, event: CommunityEvent, days: list[EventOccurrence], what: str, now: datetime
) -> None:
    """Give a change its number, and have those told whom it concerns."""
    event.updated_at = now
    if days:
        event.sequence += 1
        for day in days:
            day.sequence = event.sequence
            day.changed_at = now
        await session.flush()
        if event.status is not EventStatus.DRAFT:
            await schedule_change(session, event, what, now=now)
    await session.flush()


def refuse_over(event: CommunityEvent, occurrence: EventOccurrence, now: datetime) -> None:
    """Refuse to change a day that was called off or is over."""
    cancelled = OccurrenceStatus.CANCELLED is occurrence.status
    if cancelled or event.status is EventStatus.CANCELLED:
        raise EventClosed("The event was cancelled on that day.")
    if now >= occurrence.ends_at:
        raise EventClosed("The event is over on that day.")
