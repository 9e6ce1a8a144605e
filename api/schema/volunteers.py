"""Volunteers: what they offer, from where, how far, how much."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees, Who
from api.schema.arguments import CommunityId, InvalidArgument, code_word, plain_text_or_none
from api.schema.availability import AvailabilityWindow, AwayPeriod, WeeklyHours
from api.schema.context import Info
from api.schema.enums import Direction, describe_enum
from api.schema.nodes import find_id, found_by
from api.schema.operations import guarded, query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.people import Person
from api.schema.request_parts import NeededAbility
from api.schema.scalars import Cell
from api.schema.teams import Team
from api.schema.tools import ToolLoan
from core.errors import NotPermitted
from matching.kinds import RequestKind, TravelMode, VolunteerStatus
from matching.models import Volunteer as VolunteerRow
from matching.volunteering import lent_repository, policy
from matching.volunteering import listing_repository as repository
from matching.volunteering.clearance_reading import KindClearance as ClearanceRow
from matching.volunteering.clearance_reading import read_clearances
from matching.volunteering.coverage import count_requests_near, last_winter
from matching.volunteering.listing_repository import Impact as ImpactRow
from matching.volunteering.listing_repository import VolunteerSort
from people import directory_repository as directory
from people.profile import check_language

READ = "volunteers:read"
MAX_CELLS = 200

describe_enum(
    VolunteerStatus,
    "Whether a volunteer takes part.",
    {
        "ACTIVE": "Takes part; see `pausedUntil` too.",
        "PAUSED": "Rests until they say so.",
        "LEFT": "Takes part no more.",
    },
)
describe_enum(
    VolunteerSort,
    "What volunteers are ordered by.",
    {"JOINED": "By when they signed up.", "LOAD": "By how much they have done lately."},
    name="VolunteerSortBy",
)


@strawberry.type(description="Whether a volunteer, with their team, may take one kind of help.")
class KindClearance:
    kind: RequestKind = strawberry.field(description="The kind of help.")
    is_cleared: bool = strawberry.field(description="Whether they may take it now.")
    missing: list[str] = strawberry.field(
        description="What is missing, in plain words, such as `a background check`."
    )

    @classmethod
    def of(cls, row: ClearanceRow) -> KindClearance:
        return cls(kind=row.kind, is_cleared=not row.missing, missing=list(row.missing))


@strawberry.type(description="What a volunteer has done so far.")
class Impact:
    visit_count: int = strawberry.field(description="Visits that were done.")
    service_s: int = strawberry.field(description="Seconds of work at homes, as planned.")
    last_visit_at: datetime | None = strawberry.field(
        description="When the last one ended; empty before the first."
    )
    held_count: int = strawberry.field(description="Visits that are agreed and not over yet.")

    @classmethod
    def of(cls, row: ImpactRow | None) -> Impact:
        row = row or ImpactRow(0, 0, None, 0)
        return cls(
            visit_count=row.visit_count,
            service_s=row.service_s,
            last_visit_at=row.last_at,
            held_count=row.held_count,
        )


@strawberry.type(
    description="What one person offers in one community. Seen by themselves and by staff there."
)
class Volunteer(relay.Node):
    id: relay.NodeID[UUID]
    community_id: relay.GlobalID = strawberry.field(description="The `Community`.")
    status: VolunteerStatus = strawberry.field(description="Whether they take part.")
    paused_until: datetime | None = strawberry.field(
        description="Away until then; empty when they take part or rest without an end."
    )
    mode: TravelMode = strawberry.field(description="How they travel.")
    max_travel_s: int = strawberry.field(description="Longest way in seconds, one way.")
    radius_m: int | None = strawberry.field(
        description="Longest way in metres, one way along streets; empty sets no limit."
    )
    max_tasks: int = strawberry.field(description="Visits that they take in one round.")
    max_tasks_per_day: int | None = strawberry.field(
        description="Visits on one day; empty is as many as in one round."
    )
    max_work_s: int = strawberry.field(
        description="Seconds of work and travel that they take in one round."
    )
    joined_at: datetime = strawberry.field(description="When they signed up.")
    changed_at: datetime = strawberry.field(description="When the profile last changed.")
    row: strawberry.Private[VolunteerRow]

    @classmethod
    def of(cls, row: VolunteerRow) -> Volunteer:
        return cls(
            id=row.id,
            community_id=relay.GlobalID("Community", str(row.community_id)),
            status=row.status,
            paused_until=row.paused_until,
            mode=row.mode,
            max_travel_s=row.max_travel_s,
            radius_m=row.radius_m,
            max_tasks=row.max_tasks,
            max_tasks_per_day=row.max_tasks_per_day,
            max_work_s=row.max_work_s,
            joined_at=row.created_at,
            changed_at=row.updated_at,
            row=row,
        )

    resolve_nodes = found_by(repository.load_volunteers, scope=READ)

    def owners(self) -> Owners:
        return Owners(frozenset({self.row.person_id}), frozenset({self.row.community_id}))

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Who it is: name, contacts, consents, checks.",
        scope="people:read",
    )
    async def person(self, info: Info) -> Person | None:
        found = await info.context.load(directory.load_people, self.row.person_id)
        return None if found is None else Person.of(found)

    @guarded(Sees.OWN_OR_STAFF, description="The hexagon that they start from.")
    async def home_cell(self, info: Info) -> Cell | None:
        return None if self.row.home.cell is None else Cell(self.row.home.cell)

    @guarded(Sees.OWN_OR_STAFF, description="The neighbourhood that they start from.")
    async def home_area(self, info: Info) -> str | None:
        return self.row.home.area

    @guarded(
        Sees.OWN_OR_STAFF,
        description="The hexagon of the other place that they start from, such as work; empty "
        "when there is none.",
    )
    async def second_cell(self, info: Info) -> Cell | None:
        place = self.row.second_anchor
        return None if place is None or place.cell is None else Cell(place.cell)

    @guarded(
        Sees.OWN_OR_STAFF,
        description="The neighbourhood of the other place; empty when there is none.",
    )
    async def second_area(self, info: Info) -> str | None:
        place = self.row.second_anchor
        return None if place is None else place.area

    @guarded(Sees.STAFF, description="Visits of late; the number fades with time.")
    async def load(self, info: Info) -> float | None:
        return self.row.load

    @guarded(
        Sees.OWN_OR_STAFF, description="Time that they have every week.", metadata={"items": 5}
    )
    async def weekly_hours(self, info: Info) -> list[WeeklyHours] | None:
        found = await info.context.load(repository.load_weekly_hours, self.row.id)
        return [WeeklyHours.of(row) for row in found or []]

    @guarded(Sees.OWN_OR_STAFF, description="Time that they have once.", metadata={"items": 5})
    async def windows(self, info: Info) -> list[AvailabilityWindow] | None:
        found = await info.context.load(repository.load_windows, self.row.id)
        return [AvailabilityWindow.of(row) for row in found or []]

    @guarded(Sees.OWN_OR_STAFF, description="Days without time.", metadata={"items": 3})
    async def away(self, info: Info) -> list[AwayPeriod] | None:
        found = await info.context.load(repository.load_away, self.row.id)
        return [AwayPeriod.of(row) for row in found or []]

    @guarded(Sees.OWN_OR_STAFF, description="Skills and own tools, by code.", metadata={"items": 5})
    async def abilities(self, info: Info) -> list[NeededAbility] | None:
        found = await info.context.load(repository.load_abilities, self.row.id)
        return [NeededAbility.of(row) for row in found or []]

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Codes of languages such as `es`, the most comfortable first.",
    )
    async def languages(self, info: Info) -> list[str] | None:
        return await info.context.load(repository.load_languages, self.row.id) or []

    @guarded(
        Sees.OWN_OR_STAFF, description="The team that comes along; empty for one who comes alone."
    )
    async def team(self, info: Info) -> Team | None:
        found = await info.context.load(repository.load_teams, self.row.id)
        row = self.row
        return None if found is None else Team.of(found, row.person_id, row.community_id)

    @guarded(
        Sees.OWN_OR_STAFF,
        description="Tools of depots that are promised to them or with them.",
        metadata={"items": 2},
    )
    async def loans(self, info: Info) -> list[ToolLoan] | None:
        found = await info.context.load(lent_repository.load_open_loans, self.row.id)
        return [ToolLoan.of(row) for row in found or []]

    @guarded(
        Sees.OWN_OR_STAFF,
        description="For each kind of help whether they may take it, by checks, age and team.",
        metadata={"items": 7},
    )
    async def clearance(self, info: Info) -> list[KindClearance] | None:
        async def run(load: Any, keys: list[UUID]) -> Mapping[UUID, Any]:
            async with info.context.read() as session:
                found: Mapping[UUID, Any] = await load(
                    session, info.context.actor, keys, now=info.context.now
                )
            return found

        load: Any = read_clearances
        found = await info.context.loaders.of(load, run)(self.row.id)
        return [KindClearance.of(row) for row in found or []]

    @guarded(Sees.OWN_OR_STAFF, description="What they have done so far.")
    async def impact(self, info: Info) -> Impact | None:
        return Impact.of(await info.context.load(repository.load_impact, self.row.id))


@strawberry.input(description="Which volunteers; all conditions that are given must hold.")
class VolunteerFilter:
    statuses: list[VolunteerStatus] | None = strawberry.field(
        description="Those who stand there.", default=None
    )
    mode: TravelMode | None = strawberry.field(description="Those who travel so.", default=None)
    ability: str | None = strawberry.field(
        description="Those who have this skill or tool, as its code.", default=None
    )
    language: str | None = strawberry.field(
        description="Those who speak this language, as its code, such as `es`.", default=None
    )
    area: str | None = strawberry.field(
        description="Those who start from this neighbourhood.", default=None
    )
    cells: list[Cell] | None = strawberry.field(
        description="Those who start from one of these hexagons, at most 200.", default=None
    )

    def read(self) -> repository.VolunteerFilter:
        cells = tuple(self.cells or ())
        if len(cells) > MAX_CELLS:
            raise InvalidArgument(f"cells must name at most {MAX_CELLS}.")
        return repository.VolunteerFilter(
            statuses=tuple(dict.fromkeys(self.statuses or ())),
            mode=self.mode,
            ability=None if self.ability is None else code_word("ability", self.ability),
            language=None if self.language is None else check_language(self.language),
            area=plain_text_or_none("area", self.area, longest=200),
            cells=cells,
        )


@strawberry.input(name="VolunteerSort", description="In which order to list volunteers.")
class VolunteerOrder:
    by: VolunteerSort = strawberry.field(description="By what.")
    direction: Direction = strawberry.field(description="Which end comes first.")


@strawberry.type(description="How much help was asked for near a place, blurred on purpose.")
class RequestsNear:
    about: int | None = strawberry.field(
        description="About so many, in fives; empty when there were too few to tell."
    )
    words: str = strawberry.field(description="For a sentence: `about 10 requests`.")
    since: datetime = strawberry.field(description="From when it was counted.")
    until: datetime = strawberry.field(description="Until when it was counted.")


@strawberry.type
class VolunteerQuery:
    @query(
        description="What you offer, in each community where you help.",
        who=Who.SIGNED_IN,
        scope=READ,
        metadata={"items": 2},
    )
    async def my_volunteering(self, info: Info) -> list[Volunteer]:
        async with info.context.read() as session:
            rows = await repository.list_own_profiles(session, info.context.actor)
        return [Volunteer.of(row) for row in rows]

    @query(
        description="One volunteer; null when there is none or it is not for you.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def volunteer(
        self,
        info: Info,
        id: Annotated[relay.GlobalID, strawberry.argument(description="Their `id`.")],
    ) -> Volunteer | None:
        row = await info.context.load(repository.load_volunteers, find_id(id, "Volunteer"))
        return None if row is None else Volunteer.of(row)

    @query(
        description="The volunteers of a community, the newest first unless sorted; for its staff.",
        who=Who.STAFF,
        scope=READ,
    )
    async def volunteers(
        self,
        info: Info,
        community_id: CommunityId,
        *,
        filter: Annotated[
            VolunteerFilter | None, strawberry.argument(description="Which of them.")
        ] = None,
        sort: Annotated[
            VolunteerOrder | None, strawberry.argument(description="In which order.")
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Volunteer]:
        actor, key = info.context.actor, find_id(community_id, "Community")
        if not policy.can_list_volunteers(actor, key):
            raise NotPermitted("Only staff of the community may look through its volunteers.")
        rows = repository.list_volunteers_of(
            actor,
            key,
            repository.VolunteerFilter() if filter is None else filter.read(),
            VolunteerSort.JOINED if sort is None else sort.by,
            descending=sort is None or sort.direction is Direction.DESCENDING,
        )
        return await connect(info, rows, Volunteer.of, first=first, after=after)

    @query(
        description="How much help was asked for near a place last winter, for whoever thinks of "
        "signing up. Rounded, and nothing when it was little: nobody's home can be told from it.",
        who=Who.EVERYBODY,
        scope=READ,
        metadata={"cost": 20},
    )
    async def requests_near(
        self,
        info: Info,
        community_id: CommunityId,
        cell: Annotated[Cell, strawberry.argument(description="The hexagon of the place.")],
        radius_m: Annotated[
            int,
            strawberry.argument(
                description="How far around, in metres; 500, 1000 and 2000 are told apart."
            ),
        ] = 1_000,
    ) -> RequestsNear:
        since, until = last_winter(info.context.now)
        async with info.context.read() as session:
            found = await count_requests_near(
                session,
                find_id(community_id, "Community"),
                cell,
                since=since,
                until=until,
                radius_m=radius_m,
            )
        return RequestsNear(about=found.about, words=found.words, since=since, until=until)
