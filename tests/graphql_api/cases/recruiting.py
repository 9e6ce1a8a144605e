"""Operations about recruitment campaigns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.demo.town_recycling import RECRUITING
from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case, Variables

if TYPE_CHECKING:
    from tests.factories.town import Town


def campaign(town: Town, role: str = "") -> Variables:
    return {"campaignId": global_id("Campaign", town.recycling.campaign_ids[RECRUITING])}


def about(town: Town, **values: Any) -> Variables:
    return {"input": {**campaign(town), **values}}


CASES: tuple[Case, ...] = (
    Case("staff/recruiting_forecasts", own=campaign),
    Case("staff/recruiting_funnel", own=campaign),
    Case(
        "staff/request_recruiting_forecast",
        own=lambda town, role: about(town, roundId=global_id("Round", town.round_ids[0])),
    ),
    Case(
        "staff/add_recruiting_source",
        own=lambda town, role: about(town, code="bus-stop", label="Poster at the bus stop"),
    ),
    Case("staff/count_recruited", own=lambda town, role: about(town)),
)
