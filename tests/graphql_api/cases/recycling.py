"""Operations about collection routes, what is counted on them, and draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.demo.town_recycling import COMING, DRAWN, RUNNING
from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case, Variables

if TYPE_CHECKING:
    from tests.factories.town import Town


def community(town: Town, role: str = "") -> Variables:
    return {"communityId": global_id("Community", town.community_id)}


def campaign(town: Town, number: int) -> Variables:
    return {"campaignId": global_id("Campaign", town.recycling.campaign_ids[number])}


def route(town: Town) -> Variables:
    return {"routeId": global_id("CollectionRoute", town.recycling.route_ids[0])}


def walk(town: Town, place: int) -> Variables:
    person_id = town.volunteer_person_ids[place]
    return {"input": {"auditId": global_id("CartAudit", town.recycling.audit_ids[person_id])}}


CASES: tuple[Case, ...] = (
    Case("volunteer/collection_routes", own=community),
    Case("volunteer/cart_audits", own=community),
    Case("staff/route_weeks", own=lambda town, role: route(town)),
    Case("staff/route_draw", own=lambda town, role: campaign(town, DRAWN)),
    Case(
        "staff/recycling_power",
        own=lambda town, role: {**campaign(town, COMING), "measure": "SET_OUT_RATE"},
    ),
    Case("staff/recycling_result", own=lambda town, role: campaign(town, RUNNING)),
    Case(
        "staff/set_collection_route",
        own=lambda town, role: {"input": {**community(town), "code": "N1", "areas": ["Riverside"]}},
    ),
    Case(
        "staff/import_recycling",
        own=lambda town, role: {
            "input": {**community(town), "text": "route,week,set_outs\nR001,2026-01-05,120\n"}
        },
    ),
    Case(
        "volunteer/record_cart_audit",
        own=lambda town, role: {
            "input": {
                **route(town),
                "clientKey": "walk-1",
                "day": "2026-01-13",
                "carts": [{"state": "CLEAN"}, {"state": "CONTAMINATED", "contaminants": ["BAGS"]}],
            }
        },
    ),
    Case(
        "volunteer/remove_cart_audit",
        own=lambda town, role: walk(town, 0),
        foreign=lambda town, other: walk(town, 1),
    ),
    Case(
        "staff/draw_routes",
        own=lambda town, role: {
            "input": {**campaign(town, COMING), "measure": "SET_OUT_RATE", "seed": "42"}
        },
    ),
    Case("staff/discard_route_draw", own=lambda town, role: {"input": campaign(town, DRAWN)}),
)
