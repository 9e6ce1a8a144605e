"""Routes, files, cart audits and draws of recycling campaigns: what changes them."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import plain_text
from api.schema.context import Info
from api.schema.nodes import find_id, must
from api.schema.operations import mutation
from api.schema.recycling import CartAudit, Draw, Route, show_draw
from api.schema.recycling_words import (
    CartState,
    ContaminantKind,
    RecyclingFileKind,
    RecyclingMeasure,
)
from campaigns.recycling import draws
from campaigns.recycling.errors import InvalidDraw, InvalidMeasurement
from campaigns.recycling.importing import Imported, import_file
from campaigns.recycling.measurements import MOST_CARTS, Cart, Walk
from campaigns.recycling.recording import RecordAudit, record_audit, remove_audit
from campaigns.recycling.routes import SetRoute, count_area_addresses, set_route
from people.models import Community
from people.repository import load_communities

WRITE = "campaigns:write"
MAX_TEXT = 200
MAX_FILE_TEXT = 1_000_000


@strawberry.input(description="What a collection route shall be.")
class SetCollectionRouteInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    code: str = strawberry.field(description="What the hauler calls it; a known one is changed.")
    areas: list[str] = strawberry.field(
        description="Neighbourhoods that it runs through.", default_factory=list
    )
    household_count: int | None = strawberry.field(
        description="Homes on the route; the addresses of its neighbourhoods when left out.",
        default=None,
    )


@strawberry.input(description="A CSV file of routes or measurements.")
class ImportRecyclingInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    text: str = strawberry.field(
        description="The file: its first line names the columns. At most 1,000,000 characters."
    )


@strawberry.input(description="What was seen of one cart.")
class AuditedCartInput:
    state: CartState = strawberry.field(description="What was seen.")
    contaminants: list[ContaminantKind] = strawberry.field(
        description="What did not belong there; for a contaminated cart.", default_factory=list
    )


@strawberry.input(description="A walk along a route. Carts stand in the order of the walk.")
class RecordCartAuditInput:
    route_id: relay.GlobalID = strawberry.field(description="The `CollectionRoute`.")
    client_key: str = strawberry.field(
        description="A name of this walk; sent twice under one it stays one walk."
    )
    day: date = strawberry.field(description="The day of the walk; only its week is kept.")
    carts: list[AuditedCartInput] = strawberry.field(
        description="1 to 2000 carts, without any address."
    )


@strawberry.input(description="A walk that was written down wrongly.")
class RemoveCartAuditInput:
    audit_id: relay.GlobalID = strawberry.field(description="The `CartAudit`.")


@strawberry.input(description="Which routes of a campaign shall be drawn, and for what.")
class DrawRoutesInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")
    measure: RecyclingMeasure = strawberry.field(description="What it is judged by.")
    route_ids: list[relay.GlobalID] | None = strawberry.field(
        description="Every route in the campaign's areas when left out.", default=None
    )
    seed: str | None = strawberry.field(
        description="A whole number in digits; one at random when left out.", default=None
    )
    baseline_week_count: int = strawberry.field(
        description="Weeks before the start to compare with, 2 to 104.",
        default=draws.USUAL_BASELINE_WEEKS,
    )


@strawberry.input(description="A draw to undo before the campaign begins.")
class DiscardRouteDrawInput:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")


@strawberry.type(description="The route as it is now.")
class SetCollectionRoutePayload:
    route: Route = strawberry.field(description="The route.")


@strawberry.type(description="A line of a file that cannot be used.")
class RefusedLine:
    line: int = strawberry.field(description="Its number in the file; the first line is 1.")
    message: str = strawberry.field(description="Why, and what to do about it.")


@strawberry.type(description="What became of a file. Good lines are kept, others are told of.")
class ImportRecyclingPayload:
    kind: RecyclingFileKind = strawberry.field(description="What its lines are.")
    line_count: int = strawberry.field(description="Lines below the first one.")
    new_count: int = strawberry.field(description="What was not known.")
    changed_count: int = strawberry.field(description="What was known otherwise.")
    same_count: int = strawberry.field(description="What was known.")
    refused: list[RefusedLine] = strawberry.field(
        description="Lines that cannot be used, the first 200."
    )
    refused_count: int = strawberry.field(description="How many they are in all.")

    @classmethod
    def of(cls, done: Imported) -> ImportRecyclingPayload:
        told = done.told
        return cls(
            kind=done.kind,
            line_count=done.line_count,
            new_count=told.new_count,
            changed_count=told.changed_count,
            same_count=told.same_count,
            refused=[RefusedLine(line=one.line, message=one.message) for one in told.refused[:200]],
            refused_count=len(told.refused),
        )


@strawberry.type(description="The walk as it is written down.")
class RecordCartAuditPayload:
    audit: CartAudit = strawberry.field(description="The walk.")


@strawberry.type(description="The walk is gone.")
class RemoveCartAuditPayload:
    audit_id: relay.GlobalID = strawberry.field(description="What was removed.")


@strawberry.type(description="The routes are drawn.")
class DrawRoutesPayload:
    draw: Draw = strawberry.field(description="Who is treated, and who is not.")


@strawberry.type(description="The draw is undone; the history keeps that there was one.")
class DiscardRouteDrawPayload:
    campaign_id: relay.GlobalID = strawberry.field(description="The `Campaign`.")


@strawberry.type
class RecyclingMutation:
    @mutation(
        SetCollectionRoutePayload,
        description="Add a collection route, or change the one with its code; for staff. Doing it "
        "twice is fine.",
        who=Who.STAFF,
        scope=WRITE,
    )
    async def set_collection_route(
        self,
        info: Info,
        input: Annotated[
            SetCollectionRouteInput, strawberry.argument(description="What a route shall be.")
        ],
    ) -> SetCollectionRoutePayload:
        community = await _load_community(info, find_id(input.community_id, "Community"))
        areas = await count_area_addresses(community)
        command = SetRoute(
            community_id=community.id,
            code=plain_text("code", input.code, longest=MAX_TEXT),
            areas=tuple(plain_text("areas", area, longest=MAX_TEXT) for area in input.areas),
            household_count=input.household_count,
        )
        async with info.context.begin() as session:
            row = await set_route(
                session, info.context.actor, command, area_addresses=areas, now=info.context.now
            )
        return SetCollectionRoutePayload(route=Route.of(row))

    @mutation(
        ImportRecyclingPayload,
        description="Store a file of routes, set-outs, weights, sorted samples or cart audits; "
        "for staff. Sent again it changes nothing.",
        who=Who.STAFF,
        scope=WRITE,
    )
    async def import_recycling(
        self,
        info: Info,
        input: Annotated[
            ImportRecyclingInput,
            strawberry.argument(description="A CSV file of routes or measurements."),
        ],
    ) -> ImportRecyclingPayload:
        if len(input.text) > MAX_FILE_TEXT:
            raise InvalidMeasurement("The file has more than 1,000,000 characters; split it.")
        community = await _load_community(info, find_id(input.community_id, "Community"))
        areas = await count_area_addresses(community)
        async with info.context.begin() as session:
            done = await import_file(
                session,
                info.context.actor,
                community,
                input.text.encode(errors="replace"),
                name="The file",
                area_addresses=areas,
                now=info.context.now,
            )
        return ImportRecyclingPayload.of(done)

    @mutation(
        RecordCartAuditPayload,
        description="Write down a walk along a route: what was seen of each cart, and no address. "
        "For volunteers and staff; the same `clientKey` again changes your walk.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def record_cart_audit(
        self,
        info: Info,
        input: Annotated[
            RecordCartAuditInput, strawberry.argument(description="A walk along a route.")
        ],
    ) -> RecordCartAuditPayload:
        if len(input.carts) > MOST_CARTS:
            raise InvalidMeasurement(f"A walk has at most {MOST_CARTS} carts.")
        carts = tuple(
            Cart(number, cart.state, tuple(cart.contaminants))
            for number, cart in enumerate(input.carts, start=1)
        )
        key = plain_text("clientKey", input.client_key, longest=MAX_TEXT)
        command = RecordAudit(
            route_id=find_id(input.route_id, "CollectionRoute"),
            walk=Walk(week=input.day, key=key, carts=carts),
        )
        async with info.context.begin() as session:
            row = await record_audit(session, info.context.actor, command, now=info.context.now)
            return RecordCartAuditPayload(audit=CartAudit.of(row))

    @mutation(
        RemoveCartAuditPayload,
        description="Take back a walk that was written down wrongly: your own, or as staff any.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def remove_cart_audit(
        self,
        info: Info,
        input: Annotated[
            RemoveCartAuditInput, strawberry.argument(description="Which walk to remove.")
        ],
    ) -> RemoveCartAuditPayload:
        key = find_id(input.audit_id, "CartAudit")
        async with info.context.begin() as session:
            await remove_audit(session, info.context.actor, key, now=info.context.now)
        return RemoveCartAuditPayload(audit_id=input.audit_id)

    @mutation(
        DrawRoutesPayload,
        description="Draw by lot which routes of a campaign are treated and which are controls: "
        "once, and before it begins. For managers and the campaign's team.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def draw_routes(
        self,
        info: Info,
        input: Annotated[
            DrawRoutesInput, strawberry.argument(description="Which routes, and for what.")
        ],
    ) -> DrawRoutesPayload:
        routes = input.route_ids
        command = draws.DrawRoutes(
            campaign_id=find_id(input.campaign_id, "Campaign"),
            measure=input.measure,
            route_ids=None
            if routes is None
            else tuple(find_id(one, "CollectionRoute") for one in routes),
            seed=_read_seed(input.seed),
            baseline_week_count=input.baseline_week_count,
        )
        async with info.context.begin() as session:
            row = await draws.draw_routes(
                session, info.context.actor, command, now=info.context.now
            )
        return DrawRoutesPayload(draw=await show_draw(info, row))

    @mutation(
        DiscardRouteDrawPayload,
        description="Undo a draw before the campaign begins. The history keeps its seed.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def discard_route_draw(
        self,
        info: Info,
        input: Annotated[
            DiscardRouteDrawInput, strawberry.argument(description="Which campaign's draw.")
        ],
    ) -> DiscardRouteDrawPayload:
        key = find_id(input.campaign_id, "Campaign")
        async with info.context.begin() as session:
            await draws.discard_draw(session, info.context.actor, key, now=info.context.now)
        return DiscardRouteDrawPayload(campaign_id=input.campaign_id)


def _read_seed(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise InvalidDraw("A seed is a whole number in digits, such as 42.")
    return int(text)


async def _load_community(info: Info, community_id: UUID) -> Community:
    async with info.context.read() as session:
        found = await load_communities(session, info.context.actor, [community_id])
    return must(found.get(community_id))
