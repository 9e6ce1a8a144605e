"""Recycling campaigns: collection routes, what is counted on them, and what a campaign changed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import CommunityId
from api.schema.context import Info
from api.schema.effects import MeasuredEffect
from api.schema.nodes import find_id, found_by
from api.schema.operations import query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.recycling_words import Arm, CartState, ContaminantKind, RecyclingMeasure
from campaigns.measuring.effects import UnitChange
from campaigns.recycling import draws, repository, results
from campaigns.recycling.errors import DrawUnknown
from campaigns.recycling.models import CartAudit as CartAuditRow
from campaigns.recycling.models import CartLook, CollectionRoute, RouteDraw

READ = "campaigns:read"
USUAL_ROUTES, USUAL_WEEKS, USUAL_CARTS = 30, 30, 40

CampaignId = Annotated[relay.GlobalID, strawberry.argument(description="The `Campaign`.")]
MeasureChoice = Annotated[
    RecyclingMeasure | None,
    strawberry.argument(description="Another figure than the one chosen at the draw."),
]


@strawberry.type(
    name="CollectionRoute", description="The homes that one truck serves on one day of the week."
)
class Route(relay.Node):
    id: relay.NodeID[UUID]
    community_id: relay.GlobalID = strawberry.field(description="The `Community`.")
    code: str = strawberry.field(description="What the hauler calls it.")
    areas: list[str] = strawberry.field(description="Neighbourhoods that it runs through.")
    household_count: int = strawberry.field(description="Homes on the route.")
    households_counted: bool = strawberry.field(
        description="Whether that number is the addresses of its neighbourhoods, for want of one."
    )

    @classmethod
    def of(cls, row: CollectionRoute) -> Route:
        return cls(
            id=row.id,
            community_id=relay.GlobalID("Community", str(row.community_id)),
            code=row.code,
            areas=list(row.areas),
            household_count=row.household_count,
            households_counted=row.households_counted,
        )

    resolve_nodes = found_by(repository.load_routes, scope=READ)


@strawberry.type(description="What was seen of one cart. Its number is its place in the walk.")
class AuditedCart:
    number: int = strawberry.field(description="1 for the first cart; no address is kept.")
    state: CartState = strawberry.field(description="What was seen.")
    contaminants: list[ContaminantKind] = strawberry.field(description="What did not belong there.")

    @classmethod
    def of(cls, row: CartLook) -> AuditedCart:
        kinds = [ContaminantKind(word) for word in row.contaminants]
        return cls(number=row.number, state=row.state, contaminants=kinds)


@strawberry.type(description="One walk along a route, looking into carts.")
class CartAudit(relay.Node):
    id: relay.NodeID[UUID]
    route_id: relay.GlobalID = strawberry.field(description="The `CollectionRoute`.")
    week: date = strawberry.field(description="The Monday of its week; the day is not kept.")
    auditor_id: relay.GlobalID | None = strawberry.field(
        description="The `Person` who walked; empty for a file, and once they are forgotten."
    )
    recorded_at: datetime = strawberry.field(description="When it was written down.")
    carts: list[AuditedCart] = strawberry.field(
        description="What was seen, cart by cart.", metadata={"items": USUAL_CARTS}
    )

    @classmethod
    def of(cls, row: CartAuditRow) -> CartAudit:
        auditor = row.auditor_id
        return cls(
            id=row.id,
            route_id=relay.GlobalID("CollectionRoute", str(row.route_id)),
            week=row.week,
            auditor_id=None if auditor is None else relay.GlobalID("Person", str(auditor)),
            recorded_at=row.recorded_at,
            carts=[AuditedCart.of(look) for look in row.carts],
        )

    resolve_nodes = found_by(repository.load_audits, scope=READ)


@strawberry.type(description="What was counted on one route in one week; empty is not counted.")
class RouteWeek:
    week: date = strawberry.field(description="Its Monday.")
    set_out_count: int | None = strawberry.field(description="Carts set out.")
    recycling_kg: float | None = strawberry.field(description="Recycling, in kilograms.")
    trash_kg: float | None = strawberry.field(description="Trash, in kilograms.")
    clean_count: int = strawberry.field(description="Carts found clean by audits.")
    contaminated_count: int = strawberry.field(description="Carts found contaminated.")
    not_out_count: int = strawberry.field(description="Carts that did not stand out.")
    capture_rate: float | None = strawberry.field(
        description="Recyclables in recycling, of all recyclables, by sorted samples."
    )
    contamination_rate: float | None = strawberry.field(
        description="What did not belong into recycling, by weight of sorted samples."
    )

    @classmethod
    def of(cls, told: results.RouteWeek) -> RouteWeek:
        sums = told.sums
        return cls(
            week=told.week,
            set_out_count=sums.set_out_count,
            recycling_kg=sums.recycling_kg,
            trash_kg=sums.trash_kg,
            clean_count=sums.clean_count,
            contaminated_count=sums.contaminated_count,
            not_out_count=sums.not_out_count,
            capture_rate=told.rate(RecyclingMeasure.CAPTURE_RATE),
            contamination_rate=told.rate(RecyclingMeasure.CONTAMINATION_RATE),
        )


@strawberry.type(description="A route in a campaign, with the side that the draw gave it.")
class DrawnRoute:
    route: Route = strawberry.field(description="The route.")
    arm: Arm = strawberry.field(description="Its side.")
    stratum: int = strawberry.field(
        description="Routes with a like baseline share one; each has both sides."
    )
    baseline: float | None = strawberry.field(
        description="The chosen figure in the weeks before, as known at the draw."
    )


@strawberry.type(
    name="RouteDraw",
    description="How the routes of a campaign were drawn. With the seed anybody can draw again.",
)
class Draw:
    measure: RecyclingMeasure = strawberry.field(description="What the campaign is judged by.")
    seed: str = strawberry.field(description="The seed, a whole number in digits.")
    baseline_week_count: int = strawberry.field(
        description="So many weeks before the start are compared."
    )
    treated_count: int = strawberry.field(description="Treated routes.")
    control_count: int = strawberry.field(description="Controls.")
    detectable: float | None = strawberry.field(
        description="The smallest change that could be shown four times in five, as known at the "
        "draw: points of a share from 0 to 1, or a share of growth."
    )
    drawn_at: datetime = strawberry.field(description="When it was drawn.")
    routes: list[DrawnRoute] = strawberry.field(
        description="The routes, by their code.", metadata={"items": USUAL_ROUTES}
    )


async def show_draw(info: Info, row: RouteDraw) -> Draw:
    """A draw with its routes."""
    async with info.context.read() as session:
        drawn = await repository.list_drawn_routes(session, row.campaign_id)
    return Draw(
        measure=row.measure,
        seed=str(row.seed),
        baseline_week_count=row.baseline_week_count,
        treated_count=row.treated_count,
        control_count=row.control_count,
        detectable=row.detectable,
        drawn_at=row.drawn_at,
        routes=[
            DrawnRoute(
                route=Route.of(route), arm=side.arm, stratum=side.stratum, baseline=side.baseline
            )
            for side, route in drawn
        ],
    )


@strawberry.type(description="What a number of routes will be able to show.")
class RecyclingPower:
    detectable: float = strawberry.field(
        description="The smallest change that would be shown four times in five: points of a "
        "share from 0 to 1, or a share of growth where `isRatio`."
    )
    route_count: int = strawberry.field(description="Routes with figures in the weeks before.")
    treated_count: int = strawberry.field(description="Routes that would be treated.")
    control_count: int = strawberry.field(description="Routes that would be controls.")
    week_count: int = strawberry.field(description="Weeks before with figures.")
    is_ratio: bool = strawberry.field(description="Whether growth is compared, not points.")
    sentence: str = strawberry.field(description="The same in a sentence.")


@strawberry.type(description="One route before and during a campaign.")
class RouteChange:
    code: str = strawberry.field(description="Its code.")
    arm: Arm = strawberry.field(description="Its side.")
    before: float = strawberry.field(description="The figure in the weeks before.")
    during: float = strawberry.field(description="The figure in the weeks of the campaign.")

    @classmethod
    def of(cls, code: str, arm: Arm, change: UnitChange) -> RouteChange:
        return cls(code=code, arm=arm, before=change.before, during=change.during)


@strawberry.type(description="What a recycling campaign changed in one figure, as known by now.")
class RecyclingResult:
    measure: RecyclingMeasure = strawberry.field(description="The figure.")
    is_main: bool = strawberry.field(
        description="Whether it was chosen before the start. Of many figures one may move by "
        "chance; only the chosen one is a test."
    )
    effect: MeasuredEffect | None = strawberry.field(
        description="Treated routes against controls; empty while nothing can be said."
    )
    favourable: bool | None = strawberry.field(
        description="Whether what was shown is what was wanted; empty when nothing was shown."
    )
    reason: str | None = strawberry.field(
        description="Why nothing can be said, a code word: `no_week_over`, `too_little_data`."
    )
    routes: list[RouteChange] = strawberry.field(
        description="The routes that count.", metadata={"items": USUAL_ROUTES}
    )
    weeks_before: list[date] = strawberry.field(description="Weeks that count, before.")
    weeks_during: list[date] = strawberry.field(description="Weeks that count, during.")
    one_sided_weeks: list[date] = strawberry.field(
        description="Weeks left out because only one side was measured in them."
    )
    routes_left_out: list[str] = strawberry.field(
        description="Routes left out because they lack a figure before or during."
    )

    @classmethod
    def of(cls, told: results.RecyclingResult) -> RecyclingResult:
        compared = told.compared
        return cls(
            measure=told.measure,
            is_main=told.is_main,
            effect=None if told.effect is None else MeasuredEffect.of(told.effect),
            favourable=told.favourable,
            reason=told.reason,
            routes=[
                RouteChange.of(code, arm, change)
                for arm in Arm
                for code, change in compared.changes[arm].items()
            ],
            weeks_before=list(compared.weeks_before),
            weeks_during=list(compared.weeks_during),
            one_sided_weeks=list(compared.one_sided_weeks),
            routes_left_out=list(compared.routes_left_out),
        )


@strawberry.type
class RecyclingQuery:
    @query(
        description="The collection routes of a community by their code, for its people.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def collection_routes(
        self, info: Info, community_id: CommunityId, first: First = FIRST, after: After = None
    ) -> Connection[Route]:
        rows = repository.list_routes(info.context.actor, find_id(community_id, "Community"))
        return await connect(info, rows, Route.of, first=first, after=after)

    @query(
        description="Walks along routes, the newest week first: staff see all, others their own.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def cart_audits(
        self, info: Info, community_id: CommunityId, first: First = FIRST, after: After = None
    ) -> Connection[CartAudit]:
        rows = repository.list_audits(info.context.actor, find_id(community_id, "Community"))
        return await connect(info, rows, CartAudit.of, first=first, after=after)

    @query(
        description="What was counted on one route, week by week, the oldest first; for staff. "
        "At most 260 weeks, the latest.",
        who=Who.STAFF,
        scope=READ,
        metadata={"items": USUAL_WEEKS},
    )
    async def route_weeks(
        self,
        info: Info,
        route_id: Annotated[
            relay.GlobalID, strawberry.argument(description="The `CollectionRoute`.")
        ],
        since: Annotated[
            date | None, strawberry.argument(description="From here on; a year ago when left out.")
        ] = None,
    ) -> list[RouteWeek]:
        today = info.context.now.date()
        async with info.context.read() as session:
            found = await results.list_route_weeks(
                session,
                info.context.actor,
                find_id(route_id, "CollectionRoute"),
                since=since or today - timedelta(days=365),
                until=today,
            )
        return [RouteWeek.of(one) for one in found]

    @query(
        description="How the routes of a campaign were drawn, for its team and staff; empty "
        "before the draw.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def route_draw(self, info: Info, campaign_id: CampaignId) -> Draw | None:
        async with info.context.read() as session:
            key = find_id(campaign_id, "Campaign")
            await draws.read_inside(session, info.context.actor, key)
            row = await repository.find_draw(session, key)
        return None if row is None else await show_draw(info, row)

    @query(
        description="What the routes of a campaign could show, by the weeks before, for its team "
        "and staff. Nothing is drawn.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def recycling_power(
        self,
        info: Info,
        campaign_id: CampaignId,
        measure: Annotated[
            RecyclingMeasure, strawberry.argument(description="The figure to judge it by.")
        ],
        baseline_week_count: Annotated[
            int, strawberry.argument(description="Weeks before the start to compare with.")
        ] = draws.USUAL_BASELINE_WEEKS,
    ) -> RecyclingPower:
        command = draws.DrawRoutes(
            campaign_id=find_id(campaign_id, "Campaign"),
            measure=measure,
            baseline_week_count=baseline_week_count,
        )
        async with info.context.read() as session:
            note = await draws.note_power(
                session, info.context.actor, command, now=info.context.now
            )
        return RecyclingPower(
            detectable=note.detectable,
            route_count=note.route_count,
            treated_count=note.treated_count,
            control_count=note.control_count,
            week_count=note.week_count,
            is_ratio=note.is_ratio,
            sentence=note.sentence,
        )

    @query(
        description="What a campaign changed, treated routes against controls, worked out from "
        "what is known by now; for its team and staff. Empty before the draw.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def recycling_result(
        self, info: Info, campaign_id: CampaignId, measure: MeasureChoice = None
    ) -> RecyclingResult | None:
        async with info.context.read() as session:
            try:
                told = await results.measure_campaign(
                    session,
                    info.context.actor,
                    find_id(campaign_id, "Campaign"),
                    now=info.context.now,
                    measure=measure,
                )
            except DrawUnknown:
                return None
        return RecyclingResult.of(told)
