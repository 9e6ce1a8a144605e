"""Events of a community: when, where, how many seats, who comes and who helps."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry
from strawberry import relay

from api.schema import event_words  # noqa: F401 - describes the enums
from api.schema.access import Owners, Sees
from api.schema.communities import Community
from api.schema.context import Info
from api.schema.nodes import found_by, must
from api.schema.operations import field, guarded
from api.schema.scalars import Cell
from campaigns.events import listing_repository as listing
from campaigns.events import policy
from campaigns.events.kinds import (
    Attendance,
    EventAudience,
    EventStatus,
    HelperStatus,
    OccurrenceStatus,
    RegistrationStatus,
)
from campaigns.events.models import CommunityEvent as EventRow
from campaigns.events.models import EventHelper as HelperRow
from campaigns.events.models import EventOccurrence as DayRow
from campaigns.events.models import EventPlace as PlaceRow
from campaigns.events.models import EventRegistration as RegistrationRow
from campaigns.events.models import EventRole as RoleRow
from campaigns.events.wall import local_of, write_local
from people.repository import load_communities

SCOPE = "events:read"


@strawberry.type(description="Where an event is, as far as you may know it.")
class EventPlace:
    name: str = strawberry.field(description="What people call the place.")
    area: str | None = strawberry.field(description="Its neighbourhood; null when unknown.")
    is_public: bool = strawberry.field(
        description="Whether everybody sees the address. Else it is for those who have a seat, "
        "agreed helpers, organizers and staff."
    )
    cell: Cell | None = strawberry.field(description="Its blurred cell; null when unknown.")
    address: str | None = strawberry.field(
        description="Street and number; null when it is not for you."
    )
    lon_deg: float | None = strawberry.field(
        description="Longitude, degrees east in WGS 84; null when it is not for you."
    )
    lat_deg: float | None = strawberry.field(
        description="Latitude, degrees north in WGS 84; null when it is not for you."
    )

    @classmethod
    def of(cls, row: PlaceRow, *, exact: bool) -> EventPlace:
        unit = f", {row.unit}" if row.unit else ""
        return cls(
            name=row.name,
            area=row.area,
            is_public=row.is_public,
            cell=None if row.cell is None else Cell(row.cell),
            address=f"{row.address_text}{unit}" if exact else None,
            lon_deg=row.lon_deg if exact else None,
            lat_deg=row.lat_deg if exact else None,
        )


@strawberry.type(description="Work that an event needs hands for.")
class EventRole(relay.Node):
    id: relay.NodeID[UUID]
    code: str = strawberry.field(description="Its code word, such as `greeter`.")
    label: str = strawberry.field(description="Its name.")
    wanted_count: int = strawberry.field(description="How many people it needs.")
    abilities: list[str] = strawberry.field(
        description="Codes of the skills and tools that each of them must have."
    )

    @classmethod
    def of(cls, row: RoleRow) -> EventRole:
        return cls(
            id=row.id,
            code=row.code,
            label=row.label,
            wanted_count=row.wanted_count,
            abilities=list(row.abilities),
        )

    resolve_nodes = found_by(listing.load_roles, scope=SCOPE)


@strawberry.type(description="An event of a community, once or repeated.")
class CommunityEvent(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[EventRow]
    title: str = strawberry.field(description="What it is called.")
    description: str = strawberry.field(description="What it is about.")
    status: EventStatus = strawberry.field(description="Where it stands.")
    audience: EventAudience = strawberry.field(description="Who may see it and sign up.")
    time_zone: str = strawberry.field(description="Whose clock holds, such as America/New_York.")
    starts_local: str = strawberry.field(
        description="The first start by the clock on the wall there, such as 2027-03-09T18:00."
    )
    duration_s: int = strawberry.field(description="How long it lasts, seconds.")
    rule: str | None = strawberry.field(
        description="How it repeats, as iCalendar writes it; null for an event that is once."
    )
    capacity: int = strawberry.field(description="Seats on a day that has no number of its own.")
    max_party: int = strawberry.field(description="Seats that one person may take, at most.")
    confirm_s: int = strawberry.field(
        description="So long a seat that became free is kept for the next in line, seconds; near "
        "the start it is half of the time that is left."
    )
    sequence: int = strawberry.field(description="Counts the changes that calendars must learn of.")
    created_at: datetime = strawberry.field(description="When it was planned.")

    @classmethod
    def of(cls, row: EventRow) -> CommunityEvent:
        return cls(
            id=row.id,
            row=row,
            title=row.title,
            description=row.description,
            status=row.status,
            audience=row.audience,
            time_zone=row.time_zone,
            starts_local=row.starts_local,
            duration_s=row.duration_s,
            rule=row.rule,
            capacity=row.capacity,
            max_party=row.max_party,
            confirm_s=row.confirm_s,
            sequence=row.sequence,
            created_at=row.created_at,
        )

    resolve_nodes = found_by(listing.load_events, scope=SCOPE)

    @field(description="The community that it belongs to.")
    async def community(self, info: Info) -> Community:
        return Community.of(must(await info.context.load(load_communities, self.row.community_id)))

    @field(description="The group that it is of, as an id; null for none.")
    async def group_id(self) -> relay.GlobalID | None:
        return (
            None if self.row.group_id is None else relay.GlobalID("Group", str(self.row.group_id))
        )

    @field(description="The campaign that it is of, as an id; null for none.")
    async def campaign_id(self) -> relay.GlobalID | None:
        key = self.row.campaign_id
        return None if key is None else relay.GlobalID("Campaign", str(key))

    @field(description="Where it is, unless a day has a place of its own.")
    async def place(self, info: Info) -> EventPlace:
        row = must(await info.context.load(listing.load_places, self.row.place_id))
        has_seat = await info.context.load(listing.load_knows_event_place, self.row.id)
        is_inside = await info.context.load(listing.load_inside, self.row.id)
        exact = policy.can_see_place(
            is_public=row.is_public, is_inside=bool(is_inside), has_seat=bool(has_seat)
        )
        return EventPlace.of(row, exact=exact)

    @field(description="All its days, in order; at most 100.", metadata={"items": 10})
    async def days(self, info: Info) -> list[EventDay]:
        rows = await info.context.load(listing.load_days_of, self.row.id)
        return [EventDay.of(row) for row in rows or []]

    @field(description="The hands that it needs, by code; at most 20.", metadata={"items": 3})
    async def roles(self, info: Info) -> list[EventRole]:
        rows = await info.context.load(listing.load_roles_of, self.row.id)
        return [EventRole.of(row) for row in rows or []]


@strawberry.type(description="An event on one day.")
class EventDay(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[DayRow]
    status: OccurrenceStatus = strawberry.field(description="Whether it takes place.")
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends.")
    recurs_at: datetime = strawberry.field(
        description="When it would begin by the rule: calendars know the day by it."
    )
    capacity: int = strawberry.field(description="How many seats there are.")
    free_count: int = strawberry.field(
        description="Seats that nobody has and that are kept for nobody."
    )

    @classmethod
    def of(cls, row: DayRow) -> EventDay:
        return cls(
            id=row.id,
            row=row,
            status=row.status,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            recurs_at=row.recurs_at,
            capacity=row.capacity,
            free_count=row.capacity - row.taken_count,
        )

    resolve_nodes = found_by(listing.load_days, scope=SCOPE)

    @field(description="The event; null when it is not for you any more.")
    async def event(self, info: Info) -> CommunityEvent | None:
        row = await info.context.load(listing.load_events, self.row.event_id)
        return None if row is None else CommunityEvent.of(row)

    @field(description="The start by the clock on the wall there.")
    async def starts_local(self, info: Info) -> str | None:
        row = await info.context.load(listing.load_events, self.row.event_id)
        if row is None:
            return None
        return write_local(local_of(self.row.starts_at, ZoneInfo(row.time_zone)))

    @field(description="Where it is; null when the event is not for you any more.")
    async def place(self, info: Info) -> EventPlace | None:
        event = await info.context.load(listing.load_events, self.row.event_id)
        if event is None:
            return None
        place_id = self.row.place_id or event.place_id
        row = must(await info.context.load(listing.load_places, place_id))
        has_seat = await info.context.load(listing.load_knows_place, self.row.id)
        exact = policy.can_see_place(
            is_public=row.is_public, is_inside=await self._is_inside(info), has_seat=bool(has_seat)
        )
        return EventPlace.of(row, exact=exact)

    @field(description="Your own sign-up, whatever became of it; null when you have none.")
    async def my_registration(self, info: Info) -> EventRegistration | None:
        row = await info.context.load(listing.load_own_registrations, self.row.id)
        return None if row is None else EventRegistration.of(row)

    @field(description="Your own offer of help, or what you were asked; null when there is none.")
    async def my_help(self, info: Info) -> EventHelper | None:
        row = await info.context.load(listing.load_own_help, self.row.id)
        return None if row is None else EventHelper.of(row)

    @field(description="How many people wait for seats, for staff and organizers; null for others.")
    async def waiting_count(self, info: Info) -> int | None:
        if not await self._is_inside(info):
            return None
        return await info.context.load(listing.load_waiting_counts, self.row.id) or 0

    @field(description="How many people came, for staff and organizers; null for others.")
    async def came_count(self, info: Info) -> int | None:
        return self.row.came_count if await self._is_inside(info) else None

    @field(
        description="How many people with a seat did not come, for staff and organizers; null for "
        "others. It is settled a day after the event."
    )
    async def no_show_count(self, info: Info) -> int | None:
        return self.row.no_show_count if await self._is_inside(info) else None

    async def _is_inside(self, info: Info) -> bool:
        return bool(await info.context.load(listing.load_inside, self.row.event_id))


@strawberry.type(description="Somebody's sign-up for an event on one day.")
class EventRegistration(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[RegistrationRow]
    status: RegistrationStatus = strawberry.field(description="Where it stands.")
    number: int = strawberry.field(description="Its place in the order of sign-ups.")
    party_size: int = strawberry.field(description="How many people come with it, in all.")
    signed_up_at: datetime = strawberry.field(description="When it was made.")
    offered_until_at: datetime | None = strawberry.field(
        description="Until when kept seats must be confirmed; null when none are kept."
    )
    attendance: Attendance | None = strawberry.field(
        description="What became of the seats; null while that is not known."
    )
    came_count: int = strawberry.field(description="How many of the party came.")
    checked_in_at: datetime | None = strawberry.field(
        description="When they were checked in; null before that."
    )

    def owners(self) -> Owners:
        people = () if self.row.person_id is None else (self.row.person_id,)
        return Owners(
            person_ids=frozenset(people), community_ids=frozenset({self.row.community_id})
        )

    @classmethod
    def of(cls, row: RegistrationRow) -> EventRegistration:
        return cls(
            id=row.id,
            row=row,
            status=row.status,
            number=row.number,
            party_size=row.party_size,
            signed_up_at=row.signed_up_at,
            offered_until_at=row.offered_until_at,
            attendance=row.attendance,
            came_count=row.came_count,
            checked_in_at=row.checked_in_at,
        )

    resolve_nodes = found_by(listing.load_registrations, scope=SCOPE)

    @field(description="The day of the event; null when it is not for you any more.")
    async def day(self, info: Info) -> EventDay | None:
        row = await info.context.load(listing.load_days, self.row.occurrence_id)
        return None if row is None else EventDay.of(row)

    @field(description="How many sign-ups wait before this one; null when it does not wait.")
    async def ahead_count(self, info: Info) -> int | None:
        return await info.context.load(listing.load_ahead_counts, self.row.id)

    @field(
        description="Who signed up, for themselves, staff and organizers; null for others and "
        "for who was erased."
    )
    async def person_name(self, info: Info) -> str | None:
        return await info.context.load(listing.load_names, self.row.id)

    @guarded(
        Sees.OWN_OR_STAFF,
        description="The code for the door; null for others and for who was erased.",
    )
    async def check_in_code(self, info: Info) -> str | None:
        return self.row.check_in_code


@strawberry.type(description="Somebody who helps at an event on one day, or might.")
class EventHelper(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[HelperRow]
    status: HelperStatus = strawberry.field(description="Where it stands.")
    is_own_offer: bool = strawberry.field(
        description="Whether they offered it, or said yes to being asked."
    )

    @classmethod
    def of(cls, row: HelperRow) -> EventHelper:
        return cls(id=row.id, row=row, status=row.status, is_own_offer=row.is_own_offer)

    resolve_nodes = found_by(listing.load_helpers, scope=SCOPE)

    @field(description="The role; null while it is left open.")
    async def role(self, info: Info) -> EventRole | None:
        if self.row.role_id is None:
            return None
        row = await info.context.load(listing.load_roles, self.row.role_id)
        return None if row is None else EventRole.of(row)

    @field(description="The day of the event; null when it is not for you any more.")
    async def day(self, info: Info) -> EventDay | None:
        row = await info.context.load(listing.load_days, self.row.occurrence_id)
        return None if row is None else EventDay.of(row)

    @field(description="Who it is, for themselves, staff and organizers; null for others.")
    async def person_name(self, info: Info) -> str | None:
        return await info.context.load(listing.load_names, self.row.id)
