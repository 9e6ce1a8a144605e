"""Cases of neighbourhoods, coverage and addresses: everybody may ask."""

from __future__ import annotations

from tests.factories.town import Town
from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case, Variables


def community(town: Town, role: str) -> Variables:
    return {"communityId": global_id("Community", town.community_id)}


def address(town: Town, role: str) -> Variables:
    return community(town, role) | {"text": "14 Aberdeen Ave", "limit": 3}


def place(town: Town, role: str) -> Variables:
    return community(town, role) | {"lonDeg": -71.1106, "latDeg": 42.3736}


CASES = (
    Case("everybody/areas", own=community),
    Case("everybody/coverage", own=community),
    Case("everybody/recruitment_map", own=community),
    Case("everybody/suggest_addresses", own=address),
    Case("everybody/place_at", own=place),
    Case("integrator/coverage_by_area", own=community),
)
