"""What is put before a volunteer, and what they answer. Nothing here leads to a resident."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import CommunityId, aware_or_none
from api.schema.context import Info
from api.schema.enums import Direction, describe_enum
from api.schema.nodes import find_id, find_optional_id, found_by
from api.schema.operations import field, query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.scalars import Cell
from geo.blurred_travel import TimeBucket
from matching.kinds import AskStatus, OfferStatus, RequestKind, TravelMode
from matching.models import Offer as OfferRow
from matching.offers import listing_repository as repository
from matching.offers import open_offers
from matching.offers.listing_repository import OfferSort
from matching.offers.open_offers import AskView, HomeView, WhyMe, read_open_offers
from matching.offers.open_repository import OfferRow as OpenOfferRow

READ = "offers:read"

describe_enum(
    TimeBucket,
    "How long a way takes, told from hexagon to hexagon and never to the minute.",
    {
        "UNDER_5_MIN": "Less than five minutes.",
        "FROM_5_TO_10_MIN": "Five to ten minutes.",
        "FROM_10_TO_15_MIN": "Ten to fifteen minutes.",
        "FROM_15_TO_30_MIN": "A quarter to half an hour.",
        "OVER_30_MIN": "More than half an hour, or not measured.",
    },
    name="TravelTime",
)
describe_enum(
    TravelMode,
    "How a volunteer travels.",
    {"WALK": "On foot.", "BIKE": "By bicycle.", "CAR": "By car."},
)
describe_enum(
    AskStatus,
    "Where the message with a volunteer's offers stands.",
    {
        "PROPOSED": "Planned, not sent.",
        "SENT": "Sent; an answer is waited for.",
        "ANSWERED": "Answered; what is left of it may still be taken.",
        "SILENT": "No longer waited for; a late yes still counts.",
        "WITHDRAWN": "Taken back.",
    },
)
describe_enum(
    WhyMe,
    "Why a home is put before you.",
    {
        "NEAR": "The way takes you less than ten minutes.",
        "FITS_TIME": "The visit, with the way there and back, fits into your hours.",
        "PART_OF_PLAN": "It is part of the plan that was made for you.",
        "URGENT": "It comes before others, and you can reach it.",
        "INSTEAD": "Somebody else cannot come, and you are the next who could.",
    },
)
describe_enum(
    OfferSort,
    "What offers are ordered by.",
    {"PROPOSED": "By when they were made.", "STARTS": "By when the visit begins."},
    name="OfferSortBy",
)


@strawberry.type(
    description="A home as a volunteer may know it before saying yes: what is to be done, in which "
    "hexagon, and about how far. Street, number, name and notes come with the `Assignment`."
)
class OfferedHome:
    id: relay.GlobalID = strawberry.field(description="For `takeHome`; it is no `node`.")
    kind: RequestKind = strawberry.field(description="What help is asked for.")
    label: str = strawberry.field(description="What the programme calls it, in your language.")
    scope: list[str] = strawberry.field(
        description="The parts of the work that were agreed, in your language."
    )
    area: str | None = strawberry.field(description="The neighbourhood; empty when unnamed.")
    cell: Cell | None = strawberry.field(description="The hexagon; empty when too few live there.")
    travel: TimeBucket | None = strawberry.field(
        description="The way there; empty when it was not measured."
    )
    service_s: int = strawberry.field(description="Seconds that the work takes.")
    urgent: bool = strawberry.field(description="Whether it comes before others.")
    deadline_at: datetime | None = strawberry.field(
        description="Until when the help is of use; empty when no time was set."
    )
    why: list[WhyMe] = strawberry.field(
        description="Why you, the weightiest reason first; nothing for offers of the past."
    )

    @classmethod
    def of(cls, row: HomeView) -> OfferedHome:
        return cls(
            id=relay.GlobalID("OfferedHome", str(row.request_id)),
            kind=row.kind,
            label=row.label,
            scope=list(row.scope),
            area=row.area,
            cell=None if row.cell is None else Cell(row.cell),
            travel=row.travel,
            service_s=row.service_s,
            urgent=row.urgent,
            deadline_at=row.deadline_at,
            why=list(row.why),
        )


@strawberry.type(description="One home put before one volunteer.")
class Offer(relay.Node):
    id: relay.NodeID[UUID]
    code: str = strawberry.field(description='What to answer by text: `K7` in "YES K7".')
    status: OfferStatus = strawberry.field(description="Where it stands.")
    position: int = strawberry.field(description="Place in the plan, 0 first.")
    starts_at: datetime = strawberry.field(description="When the visit would begin.")
    ends_at: datetime = strawberry.field(description="When the visit would be over.")
    proposed_at: datetime = strawberry.field(description="When it was made.")
    sent_at: datetime | None = strawberry.field(description="When it was sent; empty before.")
    key: strawberry.Private[UUID]
    community_key: strawberry.Private[UUID | None] = None
    shown: strawberry.Private[OfferedHome | None] = None

    @classmethod
    def of(cls, row: OfferRow) -> Offer:
        return cls(
            id=row.id,
            code=row.code,
            status=row.status,
            position=row.position,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            proposed_at=row.proposed_at,
            sent_at=row.sent_at,
            key=row.id,
            community_key=row.community_id,
        )

    @classmethod
    def of_open(cls, row: OpenOfferRow, home: HomeView) -> Offer:
        return cls(
            id=row.id,
            code=row.code,
            status=row.status,
            position=row.position,
            starts_at=home.starts_at,
            ends_at=home.ends_at,
            proposed_at=row.proposed_at,
            sent_at=row.sent_at,
            key=row.id,
            shown=OfferedHome.of(home),
        )

    resolve_nodes = found_by(repository.load_offers, scope=READ)

    @field(description="The home, as far as it may be told; empty when the offer is gone.")
    async def home(self, info: Info) -> OfferedHome | None:
        if self.shown is not None:
            return self.shown
        row = await info.context.load(repository.load_offered_homes, self.key)
        if row is None or self.community_key is None:
            return None
        versions = await info.context.load(repository.load_kind_versions, self.community_key)
        context = info.context
        return OfferedHome.of(
            open_offers.describe_home(row, versions or [], context.language, now=context.now)
        )


@strawberry.type(description="A home that is open for you now, beside the plans.")
class OpenHome:
    home: OfferedHome = strawberry.field(description="The home.")
    starts_at: datetime = strawberry.field(description="When the visit would begin.")
    ends_at: datetime = strawberry.field(description="When the visit would be over.")
    code: str | None = strawberry.field(
        description="What to answer by text; empty when it was not sent to you by itself."
    )

    @classmethod
    def of(cls, row: HomeView) -> OpenHome:
        return cls(
            home=OfferedHome.of(row),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            code=None if row.offer is None else row.offer.code,
        )


@strawberry.type(description="A message that put a plan of up to three homes before you.")
class Ask:
    id: relay.GlobalID = strawberry.field(description="For `acceptPlan` and `declinePlan`.")
    status: AskStatus = strawberry.field(description="Where it stands.")
    sent_at: datetime = strawberry.field(description="When it was sent.")
    silent_after_at: datetime | None = strawberry.field(
        description="Until when the plan waits for you; a later yes counts while homes are open."
    )
    plan: list[Offer] = strawberry.field(
        description="What is still open of its plan, in order.", metadata={"items": 3}
    )
    gone_count: int = strawberry.field(
        description="Homes of the plan that others have taken, or that need nobody any more."
    )

    @classmethod
    def of(cls, row: AskView) -> Ask:
        return cls(
            id=relay.GlobalID("Ask", str(row.id)),
            status=row.status,
            sent_at=row.sent_at,
            silent_after_at=row.silent_after_at,
            plan=[Offer.of_open(home.offer, home) for home in row.plan if home.offer is not None],
            gone_count=row.gone_count,
        )


@strawberry.type(description="What is open for you in one community at this moment.")
class OpenOffers:
    volunteer_id: relay.GlobalID = strawberry.field(description="Your `Volunteer` profile there.")
    community_id: relay.GlobalID = strawberry.field(description="The `Community`.")
    mode: TravelMode = strawberry.field(description="How you travel: ways are told for it.")
    max_tasks: int = strawberry.field(description="How many visits you take at a time.")
    held_count: int = strawberry.field(description="Visits that you have agreed to, not over yet.")
    paused_until: datetime | None = strawberry.field(
        description="You are away until then, and nothing is open; empty when you take part."
    )
    stopped_for_storm: bool = strawberry.field(
        description="You said not today: no more messages in this storm. A yes still counts."
    )
    asks: list[Ask] = strawberry.field(
        description="Messages that wait for your answer or still hold open homes, the newest "
        "first.",
        metadata={"items": 2},
    )
    menu: list[OpenHome] = strawberry.field(
        description="Other homes that your yes would win now, at most 30, the best first.",
        metadata={"items": 30},
    )

    @classmethod
    def of(cls, row: open_offers.OpenOffers) -> OpenOffers:
        return cls(
            volunteer_id=relay.GlobalID("Volunteer", str(row.volunteer_id)),
            community_id=relay.GlobalID("Community", str(row.community_id)),
            mode=row.mode,
            max_tasks=row.max_tasks,
            held_count=row.held_count,
            paused_until=row.paused_until,
            stopped_for_storm=row.stopped_for_storm,
            asks=[Ask.of(ask) for ask in row.asks],
            menu=[OpenHome.of(home) for home in row.menu],
        )


@strawberry.input(description="Which offers to list; what is left out sets no limit.")
class OfferFilter:
    statuses: list[OfferStatus] | None = strawberry.field(
        description="Only offers that stand there.", default=None
    )
    volunteer_id: relay.GlobalID | None = strawberry.field(
        description="Only offers to this `Volunteer`.", default=None
    )
    round_id: relay.GlobalID | None = strawberry.field(
        description="Only offers of this `Round`.", default=None
    )
    proposed_after: datetime | None = strawberry.field(
        description="Only offers made then or later.", default=None
    )

    def read(self) -> repository.OfferFilter:
        return repository.OfferFilter(
            statuses=tuple(dict.fromkeys(self.statuses or ())),
            volunteer_id=find_optional_id(self.volunteer_id, "Volunteer"),
            round_id=find_optional_id(self.round_id, "Round"),
            proposed_after=aware_or_none("proposedAfter", self.proposed_after),
        )


@strawberry.input(name="OfferSort", description="In which order to list offers.")
class OfferOrder:
    by: OfferSort = strawberry.field(description="By what.")
    direction: Direction = strawberry.field(description="Which end comes first.")


@strawberry.type
class OfferQuery:
    @query(
        description="What is open for you now, in each community where you help: plans that wait "
        "for your answer, and other homes. The same as the page behind our messages shows.",
        who=Who.SIGNED_IN,
        scope=READ,
        metadata={"items": 2},
    )
    async def my_offers(
        self,
        info: Info,
        community_id: Annotated[
            relay.GlobalID | None,
            strawberry.argument(description="Only this community; all when left out."),
        ] = None,
    ) -> list[OpenOffers]:
        context = info.context
        async with context.read() as session:
            rows = await read_open_offers(
                session,
                context.actor,
                context.language,
                now=context.now,
                community_id=find_optional_id(community_id, "Community"),
            )
        return [OpenOffers.of(row) for row in rows]

    @query(
        description="Offers of a community, for its staff; a volunteer sees those sent to them.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def offers(
        self,
        info: Info,
        community_id: CommunityId,
        *,
        filter: Annotated[
            OfferFilter | None, strawberry.argument(description="Which; all when left out.")
        ] = None,
        sort: Annotated[
            OfferOrder | None,
            strawberry.argument(description="In which order; the newest first when left out."),
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Offer]:
        rows = repository.list_offers(
            info.context.actor,
            find_id(community_id, "Community"),
            repository.OfferFilter() if filter is None else filter.read(),
            OfferSort.PROPOSED if sort is None else sort.by,
            descending=sort is None or sort.direction is Direction.DESCENDING,
        )
        return await connect(info, rows, Offer.of, first=first, after=after)
