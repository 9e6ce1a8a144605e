"""Matching rounds: what was planned, and the proof of how good it is. For staff."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay
from strawberry.scalars import JSON

from api.schema.access import Owners, Sees, Who
from api.schema.arguments import CommunityId, aware_or_none
from api.schema.communities import Community
from api.schema.context import Info
from api.schema.enums import Direction
from api.schema.nodes import find_id, find_optional_id, found_by, must
from api.schema.operations import field, guarded, query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.people import Person
from api.schema.requests import HelpRequest
from api.schema.round_parts import (
    UNPROVEN,
    RoundCertificate,
    RoundDocument,
    RoundObjective,
    RoundOfferCount,
    RoundReasonCount,
)
from api.schema.round_words import DocumentKind, ReasonCode, RoundSortBy, RoundStatus
from api.schema.storms import Storm
from matching.intake.listing_repository import load_requests
from matching.kinds import OfferStatus
from matching.models import Offer as OfferRow
from matching.rounds import listing_repository as listing
from matching.rounds.documents import get_document
from matching.rounds.models import Round as RoundRow
from matching.rounds.reason_words import describe_reason
from matching.rounds.words import describe_quality
from matching.storms.listing_repository import load_storms
from people.directory_repository import load_people
from people.repository import load_communities

READ = "rounds:read"

RoundId = Annotated[relay.GlobalID, strawberry.argument(description="The `id` of the round.")]


@strawberry.type(description="One run of the optimiser. Only staff of the community see it.")
class Round(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[RoundRow]
    status: RoundStatus = strawberry.field(description="Where it stands.")
    started_at: datetime = strawberry.field(description="When it began.")
    ended_at: datetime | None = strawberry.field(description="When it ended; null while it runs.")
    horizon_start_at: datetime = strawberry.field(description="From when on it plans visits.")
    horizon_end_at: datetime = strawberry.field(description="Until when it plans visits.")
    seed: int = strawberry.field(description="The same inputs and seed give the same plan.")
    inputs_hash: str | None = strawberry.field(
        description="SHA-256 of what was solved, in hexadecimal; null unless it finished."
    )
    value_m: float | None = strawberry.field(
        description="What the plan is worth, metres of travel; null unless it finished."
    )
    bound_m: float | None = strawberry.field(
        description=f"No plan can be worth more, metres; {UNPROVEN}."
    )
    gap: float | None = strawberry.field(
        description=f"How much better another plan could be at most, as a share; {UNPROVEN}."
    )
    weight_served: float | None = strawberry.field(
        description="The weight of all requests served; null unless it finished."
    )
    request_count: int | None = strawberry.field(
        description="Requests that it looked at; null unless it finished."
    )
    volunteer_count: int | None = strawberry.field(
        description="Volunteers who took part; null unless it finished."
    )
    served_count: int | None = strawberry.field(
        description="Requests with a whole crew in the plan; null unless it finished."
    )
    stopped_early: bool = strawberry.field(
        description="Whether a time limit or a person ended the search."
    )

    @classmethod
    def of(cls, row: RoundRow) -> Round:
        return cls(
            id=row.id,
            row=row,
            status=row.status,
            started_at=row.started_at,
            ended_at=row.ended_at,
            horizon_start_at=row.horizon_start_at,
            horizon_end_at=row.horizon_end_at,
            seed=row.seed,
            inputs_hash=row.inputs_hash,
            value_m=row.value_m,
            bound_m=row.bound_m,
            gap=row.gap,
            weight_served=row.weight_served,
            request_count=row.request_count,
            volunteer_count=row.volunteer_count,
            served_count=row.served_count,
            stopped_early=row.stopped_early,
        )

    resolve_nodes = found_by(listing.load_rounds, scope=READ)

    def owners(self) -> Owners:
        return Owners(community_ids=frozenset({self.row.community_id}))

    @field(description="How good the plan is, in one sentence; null unless it finished.")
    async def sentence(self, info: Info) -> str | None:
        if self.row.value_m is None:
            return None
        return describe_quality(self.row.value_m, self.row.bound_m, self.row.gap)

    @field(description="What it tried to make large; null unless it finished.")
    async def objective(self, info: Info) -> RoundObjective | None:
        return None if self.row.objective is None else RoundObjective.of(self.row.objective)

    @field(description="Whose round it is.")
    async def community(self, info: Info) -> Community:
        return Community.of(must(await info.context.load(load_communities, self.row.community_id)))

    @guarded(
        Sees.STAFF,
        description="The storm that it belongs to; null when it belongs to none.",
        scope="storms:read",
    )
    async def storm(self, info: Info) -> Storm | None:
        if self.row.storm_id is None:
            return None
        found = await info.context.load(load_storms, self.row.storm_id)
        return None if found is None else Storm.of(found)

    @guarded(
        Sees.STAFF,
        description="Who started it; null when the product did.",
        scope="people:read",
    )
    async def started_by(self, info: Info) -> Person | None:
        if self.row.started_by is None:
            return None
        found = await info.context.load(load_people, self.row.started_by)
        return None if found is None else Person.of(found)

    @field(description="The proof of how good the plan is; null unless it finished.")
    async def certificate(self, info: Info) -> RoundCertificate | None:
        body = await info.context.load(listing.load_certificates, self.row.id)
        return None if body is None else RoundCertificate.of(body)

    @field(description="What it keeps in full.", metadata={"items": 4})
    async def documents(self, info: Info) -> list[RoundDocument]:
        kept = await info.context.load(listing.load_kept_documents, self.row.id) or []
        return [RoundDocument(kind=one.kind, size=one.size) for one in kept]

    @field(description="Why it left requests out, the most frequent reason first.")
    async def reason_counts(self, info: Info) -> list[RoundReasonCount]:
        counts = await info.context.load(listing.load_reason_counts, self.row.id) or []
        return [
            RoundReasonCount(
                code=ReasonCode(one.code),
                sentence=f"{describe_reason(one.code)}.",
                count=one.count,
            )
            for one in counts
        ]

    @field(description="Where its offers stand now.", metadata={"items": 6})
    async def offer_counts(self, info: Info) -> list[RoundOfferCount]:
        counts = await info.context.load(listing.load_offer_counts, self.row.id) or {}
        return [
            RoundOfferCount(status=status, count=counts[status])
            for status in OfferStatus
            if status in counts
        ]


@strawberry.type(description="A visit that a round planned, and what became of its offer.")
class PlannedVisit:
    row: strawberry.Private[OfferRow]
    offer_id: relay.GlobalID = strawberry.field(description="The `Offer` that it became.")
    volunteer_id: relay.GlobalID = strawberry.field(description="The `Volunteer` who would come.")
    status: OfferStatus = strawberry.field(description="Where the offer stands.")
    position: int = strawberry.field(description="Place in the volunteer's plan, 0 first.")
    starts_at: datetime = strawberry.field(description="When the visit would begin.")
    ends_at: datetime = strawberry.field(description="When the visit would be over.")
    accept_p: float = strawberry.field(
        description="The chance of a yes that the plan reckoned with, 0 to 1."
    )

    @classmethod
    def of(cls, row: OfferRow) -> PlannedVisit:
        return cls(
            row=row,
            offer_id=relay.GlobalID("Offer", str(row.id)),
            volunteer_id=relay.GlobalID("Volunteer", str(row.volunteer_id)),
            status=row.status,
            position=row.position,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            accept_p=row.accept_p,
        )

    def owners(self) -> Owners:
        return Owners(community_ids=frozenset({self.row.community_id}))

    @guarded(Sees.STAFF, description="The request that it would serve.", scope="requests:read")
    async def request(self, info: Info) -> HelpRequest | None:
        found = await info.context.load(load_requests, self.row.request_id)
        return None if found is None else HelpRequest.of(found)


@strawberry.input(description="Which rounds a list holds; what is left out asks for nothing.")
class RoundFilter:
    statuses: list[RoundStatus] = strawberry.field(
        description="Those at any of these places.", default_factory=list
    )
    storm_id: relay.GlobalID | None = strawberry.field(
        description="Those of this storm.", default=None
    )
    started_from: datetime | None = strawberry.field(
        description="Those that began then or later.", default=None
    )
    started_before: datetime | None = strawberry.field(
        description="Those that began before.", default=None
    )

    def read(self) -> listing.RoundFilter:
        return listing.RoundFilter(
            statuses=tuple(self.statuses),
            storm_id=find_optional_id(self.storm_id, "Storm"),
            started_from=aware_or_none("startedFrom", self.started_from),
            started_before=aware_or_none("startedBefore", self.started_before),
        )


@strawberry.input(description="The order of a list of rounds.")
class RoundSort:
    by: RoundSortBy = strawberry.field(description="What orders it.")
    direction: Direction = strawberry.field(description="Which end comes first.")


LATEST_FIRST = RoundSort(by=RoundSortBy.STARTED, direction=Direction.DESCENDING)


@strawberry.type
class RoundQuery:
    @query(
        description="The matching rounds of a community, the latest first unless you say "
        "otherwise.",
        who=Who.STAFF,
        scope=READ,
    )
    async def rounds(
        self,
        info: Info,
        community_id: CommunityId,
        *,
        filter: Annotated[
            RoundFilter | None, strawberry.argument(description="Which ones; all without.")
        ] = None,
        sort: Annotated[RoundSort | None, strawberry.argument(description="Their order.")] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Round]:
        order = sort or LATEST_FIRST
        rows = listing.list_community_rounds(
            info.context.actor,
            find_id(community_id, "Community"),
            (filter or RoundFilter()).read(),
            by=order.by,
            descending=order.direction is Direction.DESCENDING,
        )
        return await connect(info, rows, Round.of, first=first, after=after)

    @query(
        description="One matching round; null when it is not there or not for you.",
        who=Who.STAFF,
        scope=READ,
    )
    async def round(self, info: Info, round_id: RoundId) -> Round | None:
        found = await info.context.load(listing.load_rounds, find_id(round_id, "Round"))
        return None if found is None else Round.of(found)

    @query(
        description="The visits that a round planned, in the order of time; none when the round "
        "is not there or not for you. Drafts, which nobody was told of, are `PROPOSED`.",
        who=Who.STAFF,
        scope=READ,
    )
    async def round_visits(
        self,
        info: Info,
        round_id: RoundId,
        statuses: Annotated[
            list[OfferStatus] | None,
            strawberry.argument(description="Only offers at these places; all without."),
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[PlannedVisit]:
        rows = listing.list_offers_of_round(
            info.context.actor, find_id(round_id, "Round"), tuple(statuses or ())
        )
        return await connect(info, rows, PlannedVisit.of, first=first, after=after)

    @query(
        description="A document that a round keeps, as it is stored: ids and numbers, never a name "
        "or an address. Null when the round keeps none of this kind. Travel times between homes "
        "still tell something: treat it as internal.",
        who=Who.STAFF,
        scope=READ,
        metadata={"cost": 200},
    )
    async def round_document(
        self,
        info: Info,
        round_id: RoundId,
        kind: Annotated[DocumentKind, strawberry.argument(description="Which document.")],
    ) -> JSON | None:
        key = find_id(round_id, "Round")
        async with info.context.read() as session:
            found = await get_document(session, info.context.actor, key, kind)
        return None if found is None else JSON(dict(found))
