"""Planning an event: its words, its place, its seats and all its days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.events import policy, repository
from campaigns.events.errors import EventNotYours, EventUnknown, InvalidEvent
from campaigns.events.kinds import EventAudience, EventStatus, HourChoice, OccurrenceStatus
from campaigns.events.models import (
    DESCRIPTION_LENGTH,
    TITLE_LENGTH,
    CommunityEvent,
    EventOccurrence,
    EventPlace,
)
from campaigns.events.series import Rule, list_starts, write_rule
from campaigns.events.wall import read_local, read_zone, write_local
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
PLACE_FIELDS = ("name", "address_text", "unit", "lon_deg", "lat_deg", "is_public")


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
    is_known: bool = False
    """Whether it was planned before under the same client key; then nothing was changed."""


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
            return Planned(known, is_known=True)
    check_words(command.title, command.description)
    _check_numbers(command)
    community = await repository.get_community(session, command.community_id)
    if community is None:
        raise EventUnknown(f"There is no community {command.community_id}.")
    zone = read_zone(command.time_zone or community.time_zone)
    first = read_local(command.starts_local)
    starts = list_starts(first, zone, command.rule, command.hour)
    if starts.moments[0] <= now:
        raise InvalidEvent("The event would begin in the past; choose a later start.")
    place = make_place(command.place)
    session.add(place)
    await session.flush()
    event = _make_event(actor, command, zone, write_local(first), place_id=place.id, now=now)
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


def _make_event(
    actor: Actor,
    command: CreateEvent,
    zone: ZoneInfo,
    starts_local: str,
    *,
    place_id: UUID,
    now: datetime,
) -> CommunityEvent:
    return CommunityEvent(
        community_id=command.community_id,
        group_id=command.group_id,
        campaign_id=command.campaign_id,
        status=EventStatus.PUBLISHED if command.publish else EventStatus.DRAFT,
        audience=command.audience,
        title=command.title.strip(),
        description=command.description.strip(),
        place_id=place_id,
        time_zone=zone.key,
        starts_local=starts_local,
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


def check_words(title: str, description: str) -> None:
    if not 1 <= len(title.strip()) <= TITLE_LENGTH:
        raise InvalidEvent(f"The title has 1 to {TITLE_LENGTH} characters.")
    if len(description) > DESCRIPTION_LENGTH:
        raise InvalidEvent(f"The description has at most {DESCRIPTION_LENGTH:,} characters.")


def _check_numbers(command: CreateEvent) -> None:
    check_range("duration_s", command.duration_s, SHORTEST_S, LONGEST_S)
    check_range("capacity", command.capacity, 1, MAX_CAPACITY)
    check_range("max_party", command.max_party, 1, MAX_PARTY)
    check_range("confirm_s", command.confirm_s, SHORTEST_CONFIRM_S, LONGEST_CONFIRM_S)
    if command.client_key is not None and not 1 <= len(command.client_key) <= CODE_LENGTH:
        raise InvalidEvent(f"A client key has 1 to {CODE_LENGTH} characters.")


def check_range(name: str, value: int | None, least: int, most: int) -> None:
    if value is not None and not least <= value <= most:
        raise InvalidEvent(f"{name} must be from {least} to {most}, not {value}.")


def make_place(named: NamedPlace) -> EventPlace:
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


def is_same_place(row: EventPlace, named: NamedPlace) -> bool:
    """Whether this is the place, by its name and by who sees its address too."""
    wanted = make_place(named)
    return all(getattr(row, name) == getattr(wanted, name) for name in PLACE_FIELDS)


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
        reason=None,
        concerns=None,
        **counts,
    )
