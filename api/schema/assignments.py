"""Agreed work: what a volunteer has said yes to, and what they may know from then on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees, Who
from api.schema.arguments import CommunityId, aware_or_none
from api.schema.context import Info
from api.schema.enums import Direction, describe_enum
from api.schema.nodes import find_id, find_optional_id, found_by, must
from api.schema.operations import field, guarded, query
from api.schema.paging import FIRST, After, Connection, First, connect
from matching.kinds import AssignmentStatus
from matching.models import Assignment as AssignmentRow
from matching.offers import listing_repository as repository
from matching.offers.disclosure import VisitDetails as VisitDetailsRow
from matching.offers.disclosure import read_visit_details
from matching.offers.listing_repository import AssignmentSort
from matching.states import HELD_ASSIGNMENTS

READ, WRITE = "offers:read", "offers:write"

describe_enum(
    AssignmentSort,
    "What agreed work is ordered by.",
    {"STARTS": "By when it begins.", "ACCEPTED": "By when it was agreed to."},
    name="AssignmentSortBy",
)


@strawberry.type(
    description="What whoever has said yes may know of a home. Each time it is read is written "
    "down, and the resident can see who did and when."
)
class VisitDetails:
    address: str = strawberry.field(description="Street and number.")
    unit: str | None = strawberry.field(description="Apartment or floor; empty when there is none.")
    lon_deg: float = strawberry.field(description="Longitude of the home in WGS 84.")
    lat_deg: float = strawberry.field(description="Latitude of the home in WGS 84.")
    first_name: str | None = strawberry.field(
        description="What the resident is called; empty when they have not said."
    )
    access_notes: str | None = strawberry.field(
        description="How to get in and what to mind; empty when there is nothing."
    )
    contact_channel: str | None = strawberry.field(
        description="`phone`, `sms` or `email`, when the resident chose to show one; empty when "
        "messages go through the conversation."
    )
    contact_value: str | None = strawberry.field(
        description="The number or address that the resident chose to show; empty otherwise."
    )

    @classmethod
    def of(cls, row: VisitDetailsRow) -> VisitDetails:
        contact = row.contact
        return cls(
            address=row.address.address_text,
            unit=row.address.unit,
            lon_deg=row.address.lon_deg,
            lat_deg=row.address.lat_deg,
            first_name=row.resident_name,
            access_notes=row.access_notes,
            contact_channel=None if contact is None else contact.channel.value,
            contact_value=None if contact is None else contact.value,
        )


@strawberry.type(description="Work that a volunteer has agreed to: their seat in the crew.")
class Assignment(relay.Node):
    id: relay.NodeID[UUID]
    status: AssignmentStatus = strawberry.field(description="Where it stands.")
    starts_at: datetime = strawberry.field(description="When the visit begins.")
    ends_at: datetime = strawberry.field(description="When the visit should be over.")
    accepted_at: datetime = strawberry.field(description="When the volunteer said yes.")
    ended_at: datetime | None = strawberry.field(
        description="When it was done or given back; empty before."
    )
    seat: int = strawberry.field(description="Which place in the crew, 0 first.")
    seats: int = strawberry.field(description="Places that it fills: a team may fill several.")
    offer_id: relay.GlobalID = strawberry.field(description="The `Offer` that was accepted.")
    request_id: relay.GlobalID = strawberry.field(description="The `HelpRequest` that it serves.")
    volunteer_id: relay.GlobalID = strawberry.field(description="The `Volunteer` who comes.")
    key: strawberry.Private[UUID]
    offer_key: strawberry.Private[UUID]
    person_key: strawberry.Private[UUID]
    community_key: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: AssignmentRow) -> Assignment:
        return cls(
            id=row.id,
            status=row.status,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            accepted_at=row.accepted_at,
            ended_at=row.ended_at,
            seat=row.seat,
            seats=row.seats,
            offer_id=relay.GlobalID("Offer", str(row.offer_id)),
            request_id=relay.GlobalID("HelpRequest", str(row.request_id)),
            volunteer_id=relay.GlobalID("Volunteer", str(row.volunteer_id)),
            key=row.id,
            offer_key=row.offer_id,
            person_key=row.volunteer.person_id,
            community_key=row.community_id,
        )

    resolve_nodes = found_by(repository.load_assignments, scope=READ)

    def owners(self) -> Owners:
        return Owners(frozenset({self.person_key}), frozenset({self.community_key}))

    @field(description="The code of the offer, such as `K7`, as in messages; empty when gone.")
    async def code(self, info: Info) -> str | None:
        return await info.context.load(repository.load_codes, self.offer_key)

    @field(description="The `Conversation` between volunteer and resident; empty when none began.")
    async def thread_id(self, info: Info) -> relay.GlobalID | None:
        found = await info.context.load(repository.load_thread_ids, self.key)
        return None if found is None else relay.GlobalID("Conversation", str(found))

    @field(
        description="Place in the volunteer's route among the visits still before them, 1 "
        "first; empty when it is over."
    )
    async def route_order(self, info: Info) -> int | None:
        return await info.context.load(repository.load_route_order, self.key)

    @guarded(
        Sees.OWN,
        description="Address, notes and name, for the volunteer who holds the work; empty for "
        "others and once it is over. Reading it is written down.",
        scope=READ,
        metadata={"cost": 20},
    )
    async def details(self, info: Info) -> VisitDetails | None:
        if self.status not in HELD_ASSIGNMENTS:
            return None

        async def run(load: Any, keys: list[UUID]) -> Mapping[UUID, VisitDetailsRow]:
            context = info.context
            async with context.begin() as session:
                return {
                    key: await load(session, context.actor, key, now=context.now) for key in keys
                }

        # Those of one list are read and written down in one transaction.
        read: Any = read_visit_details
        return VisitDetails.of(must(await info.context.loaders.of(read, run)(self.key)))


@strawberry.input(description="Which agreed work to list; what is left out sets no limit.")
class AssignmentFilter:
    statuses: list[AssignmentStatus] | None = strawberry.field(
        description="Only work that stands there.", default=None
    )
    volunteer_id: relay.GlobalID | None = strawberry.field(
        description="Only work of this `Volunteer`.", default=None
    )
    request_id: relay.GlobalID | None = strawberry.field(
        description="Only work on this `HelpRequest`.", default=None
    )
    starts_after: datetime | None = strawberry.field(
        description="Only what begins then or later.", default=None
    )
    starts_before: datetime | None = strawberry.field(
        description="Only what begins before.", default=None
    )

    def read(self) -> repository.AssignmentFilter:
        return repository.AssignmentFilter(
            statuses=tuple(dict.fromkeys(self.statuses or ())),
            volunteer_id=find_optional_id(self.volunteer_id, "Volunteer"),
            request_id=find_optional_id(self.request_id, "HelpRequest"),
            starts_after=aware_or_none("startsAfter", self.starts_after),
            starts_before=aware_or_none("startsBefore", self.starts_before),
        )


@strawberry.input(name="AssignmentSort", description="In which order to list agreed work.")
class AssignmentOrder:
    by: AssignmentSort = strawberry.field(description="By what.")
    direction: Direction = strawberry.field(description="Which end comes first.")


ORDER = "In which order; by when it begins, the latest first, when left out."


@strawberry.type
class AssignmentQuery:
    @query(
        description="Work that you have agreed to, in every community where you help.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def my_assignments(
        self,
        info: Info,
        filter: Annotated[
            AssignmentFilter | None, strawberry.argument(description="Which; all when left out.")
        ] = None,
        sort: Annotated[AssignmentOrder | None, strawberry.argument(description=ORDER)] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Assignment]:
        rows = repository.list_own_assignments(
            info.context.actor, *_choose(filter, sort), descending=_descending(sort)
        )
        return await connect(info, rows, Assignment.of, first=first, after=after)

    @query(
        description="One piece of agreed work; null when there is none or it is not for you.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def assignment(
        self,
        info: Info,
        id: Annotated[relay.GlobalID, strawberry.argument(description="Its `id`.")],
    ) -> Assignment | None:
        row = await info.context.load(repository.load_assignments, find_id(id, "Assignment"))
        return None if row is None else Assignment.of(row)

    @query(
        description="Agreed work in a community, for its staff; a volunteer sees their own.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def assignments(
        self,
        info: Info,
        community_id: CommunityId,
        *,
        filter: Annotated[
            AssignmentFilter | None, strawberry.argument(description="Which; all when left out.")
        ] = None,
        sort: Annotated[AssignmentOrder | None, strawberry.argument(description=ORDER)] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Assignment]:
        key = find_id(community_id, "Community")
        rows = repository.list_assignments(
            info.context.actor, key, *_choose(filter, sort), descending=_descending(sort)
        )
        return await connect(info, rows, Assignment.of, first=first, after=after)


def _choose(
    only: AssignmentFilter | None, sort: AssignmentOrder | None
) -> tuple[repository.AssignmentFilter, AssignmentSort]:
    chosen = repository.AssignmentFilter() if only is None else only.read()
    return chosen, AssignmentSort.STARTS if sort is None else sort.by


def _descending(sort: AssignmentOrder | None) -> bool:
    return sort is None or sort.direction is Direction.DESCENDING
