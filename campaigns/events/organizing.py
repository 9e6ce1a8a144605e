"""Organizing events: plan, publish, change and cancel them, one day of them or all that lie ahead.

What calendars and people must learn of raises the ``sequence`` of the event by one, and each day
that it touches takes that number: so the notices of a change find their people, each once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from campaigns.events import policy, repository, seats_repository
from campaigns.events.errors import (
    CapacityTooSmall,
    EventClosed,
    EventNotYours,
    EventUnknown,
    InvalidEvent,
)
from campaigns.events.kinds import EventAudience, EventStatus, HourChoice, OccurrenceStatus
from campaigns.events.models import (
    DESCRIPTION_LENGTH,
    TITLE_LENGTH,
    CommunityEvent,
    EventOccurrence,
    EventPlace,
)
from campaigns.events.schedule import schedule_change
from campaigns.events.seating import fill_seats
from campaigns.events.series import Rule, list_starts, write_rule
from campaigns.events.signing_up import check_manager
from campaigns.events.wall import find_moment, read_local, read_zone, write_local
from core.db import Session
from core.events import record_event
from matching.imports.records import Place
from people.auth import Actor
from people.kinds import Precision
from people.models import CODE_LENGTH, NAME_LENGTH

DEFAULT_CONFIRM_S = 86_400
SHORTEST_S, LONGEST_S = 300, 604_800
SHORTEST_CONFIRM_S, LONGEST_CONFIRM_S = 900, 604_800
MAX_CAPACITY, MAX_PARTY = 100_000, 20


@dataclass(frozen=True)
class NamedPlace:
    """A place that the geocoder found, with what people call it."""

    name: str
    place: Place
    is_public: bool = True


@dataclass(frozen=True, kw_only=True)
class CreateEvent:
    """An event as it is planned."""

    community_id: UUID
    title: str
    description: str
    place: NamedPlace
    starts_local: str
    duration_s: int
    capacity: int
    time_zone: str | None = None
    """None is the community's."""
    hour: HourChoice | None = None
    rule: Rule | None = None
    audience: EventAudience = EventAudience.COMMUNITY
    group_id: UUID | None = None
    campaign_id: UUID | None = None
    max_party: int = 1
    confirm_s: int = DEFAULT_CONFIRM_S
    publish: bool = False
    client_key: str | None = None


@dataclass(frozen=True)
class Planned:
    """A new event, and the local times that its rule would have had in skipped hours."""

    event: CommunityEvent
    skipped: tuple[datetime, ...] = ()


async def create_event(
    session: Session, actor: Actor, command: CreateEvent, *, now: datetime
) -> Planned:
    """Plan an event with all its days. The same client key again gives the first one.

    Records ``community_event.created``.
    """
    await _check_scope(session, actor, command)
    if command.client_key is not None:
        known = await repository.find_by_client_key(
            session, command.community_id, command.client_key
        )
        if known is not None:
            return Planned(known)
    _check_words(command.title, command.description)
    _check_numbers(command)
    community = await repository.get_community(session, command.community_id)
    if community is None:
        raise EventUnknown(f"There is no community {command.community_id}.")
    zone = read_zone(command.time_zone or community.time_zone)
    first = read_local(command.starts_local)
    starts = list_starts(first, zone, command.rule, command.hour)
    if starts.moments[0] <= now:
        raise InvalidEvent("The event would begin in the past; choose a later start.")
    place = _make_place(command.place)
    session.add(place)
    await session.flush()
    event = CommunityEvent(
        community_id=command.community_id,
        group_id=command.group_id,
        campaign_id=command.campaign_id,
        status=EventStatus.PUBLISHED if command.publish else EventStatus.DRAFT,
        audience=command.audience,
        title=command.title.strip(),
        description=command.description.strip(),
        place_id=place.id,
        time_zone=zone.key,
        starts_local=write_local(first),
        duration_s=command.duration_s,
        rule=None if command.rule is None else write_rule(command.rule, zone),
        capacity=command.capacity,
        max_party=command.max_party,
        confirm_s=command.confirm_s,
        sequence=0,
        client_key=command.client_key,
        created_by=actor.person_id,
        created_at=now,
        updated_at=now,
    )
    session.add(event)
    await session.flush()
    length = timedelta(seconds=command.duration_s)
    session.add_all(
        EventOccurrence(
            event_id=event.id,
            community_id=event.community_id,
            status=OccurrenceStatus.SCHEDULED,
            recurs_at=moment,
            starts_at=moment,
            ends_at=moment + length,
            capacity=command.capacity,
            taken_count=0,
            last_number=0,
            sequence=0,
            changed_at=now,
        )
        for moment in starts.moments
    )
    await session.flush()
    record(session, "community_event.created", event, actor, now, count=len(starts.moments))
    return Planned(event, starts.skipped)


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
    _check_words(title, words)
    if command.audience is EventAudience.GROUP and event.group_id is None:
        raise InvalidEvent("An event for a group needs a group.")
    _check_range("max_party", command.max_party, 1, MAX_PARTY)
    _check_range("confirm_s", command.confirm_s, SHORTEST_CONFIRM_S, LONGEST_CONFIRM_S)
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
    _refuse_over(event, occurrence, now)
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
    _check_range("capacity", capacity, 1, MAX_CAPACITY)
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


async def move_event(
    session: Session, actor: Actor, command: MoveEvent, *, now: datetime
) -> tuple[CommunityEvent, list[EventOccurrence]]:
    """Move one day, or all that lie ahead; who signed up is told once for the whole change.

    Records ``community_event.moved``. What is so already is no change.
    """
    event, days = await _hold_days(session, actor, command, now)
    zone = read_zone(event.time_zone)
    _check_range("duration_s", command.duration_s, SHORTEST_S, LONGEST_S)
    place_id = None
    if command.place is not None:
        place = _make_place(command.place)
        session.add(place)
        await session.flush()
        place_id = place.id
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
        same = starts_at == day.starts_at and starts_at + length == day.ends_at
        if same and place_id is None:
            continue
        day.starts_at, day.ends_at = starts_at, starts_at + length
        day.place_id = place_id or day.place_id
        moved.append(day)
    await _touch(session, event, moved, "changed", now)
    if moved:
        record(session, "community_event.moved", event, actor, now, count=len(moved))
    return event, days


async def cancel_occurrence(
    session: Session, actor: Actor, occurrence_id: UUID, *, now: datetime
) -> EventOccurrence:
    """Call off one day; again changes nothing. Records ``community_event.day_cancelled``."""
    event, occurrence = await hold_day(session, actor, occurrence_id)
    if occurrence.status is OccurrenceStatus.CANCELLED:
        return occurrence
    _refuse_over(event, occurrence, now)
    occurrence.status = OccurrenceStatus.CANCELLED
    await _touch(session, event, [occurrence], "cancelled", now)
    record(session, "community_event.day_cancelled", event, actor, now)
    return occurrence


async def cancel_event(
    session: Session, actor: Actor, event_id: UUID, *, now: datetime
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
        day.status = OccurrenceStatus.CANCELLED
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
        _refuse_over(event, day, now)
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


async def _check_scope(session: Session, actor: Actor, command: CreateEvent) -> None:
    """Whoever organizes every group and campaign that the event names, or manages the community."""
    group_id, campaign_id, community_id = (
        command.group_id,
        command.campaign_id,
        command.community_id,
    )
    asked = [key for key in (group_id, campaign_id) if key is not None]
    own = [
        await repository.organizes_group(session, actor, group_id),
        await repository.works_on_campaign(session, actor, campaign_id),
    ]
    organizes = bool(asked) and sum(own) == len(asked)
    if not policy.can_manage_events(actor, community_id, organizes=organizes):
        raise EventNotYours(
            "Only managers plan events, and organizers those of their own group or campaign."
        )
    if group_id is not None and not await repository.find_group(session, group_id, community_id):
        raise InvalidEvent(f"The community has no group {group_id}.")
    if campaign_id is not None and not await repository.find_campaign(
        session, campaign_id, community_id
    ):
        raise InvalidEvent(f"The community has no campaign {campaign_id}.")
    if command.audience is EventAudience.GROUP and group_id is None:
        raise InvalidEvent("An event for a group needs a group.")


def _check_words(title: str, description: str) -> None:
    if not 1 <= len(title.strip()) <= TITLE_LENGTH:
        raise InvalidEvent(f"The title has 1 to {TITLE_LENGTH} characters.")
    if len(description) > DESCRIPTION_LENGTH:
        raise InvalidEvent(f"The description has at most {DESCRIPTION_LENGTH:,} characters.")


def _check_numbers(command: CreateEvent) -> None:
    _check_range("duration_s", command.duration_s, SHORTEST_S, LONGEST_S)
    _check_range("capacity", command.capacity, 1, MAX_CAPACITY)
    _check_range("max_party", command.max_party, 1, MAX_PARTY)
    _check_range("confirm_s", command.confirm_s, SHORTEST_CONFIRM_S, LONGEST_CONFIRM_S)
    if command.client_key is not None and not 1 <= len(command.client_key) <= CODE_LENGTH:
        raise InvalidEvent(f"A client key has 1 to {CODE_LENGTH} characters.")


def _check_range(name: str, value: int | None, least: int, most: int) -> None:
    if value is not None and not least <= value <= most:
        raise InvalidEvent(f"{name} must be from {least} to {most}, not {value}.")


def _make_place(named: NamedPlace) -> EventPlace:
    if not 1 <= len(named.name.strip()) <= NAME_LENGTH:
        raise InvalidEvent(f"The name of the place has 1 to {NAME_LENGTH} characters.")
    found = named.place
    return EventPlace(
        name=named.name.strip(),
        address_text=found.address_text,
        unit=found.unit,
        lon_deg=found.lon_deg,
        lat_deg=found.lat_deg,
        cell=found.cell,
        area=found.area,
        precision=Precision(found.precision),
        address_id=found.address_id,
        is_public=named.is_public,
    )


def _refuse_over(event: CommunityEvent, occurrence: EventOccurrence, now: datetime) -> None:
    cancelled = OccurrenceStatus.CANCELLED is occurrence.status
    if cancelled or event.status is EventStatus.CANCELLED:
        raise EventClosed("The event was cancelled on that day.")
    if now >= occurrence.ends_at:
        raise EventClosed("The event is over on that day.")


def record(
    session: Session,
    kind: str,
    event: CommunityEvent,
    actor: Actor,
    now: datetime,
    **counts: int,
) -> None:
    """Write down what somebody did with an event."""
    record_event(
        session,
        kind,
        subject_type="community_event",
        subject_id=event.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=event.community_id,
        **counts,
    )
