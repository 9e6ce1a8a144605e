from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.clock import FixedClock
from core.db import Database
from core.ids import new_id
from geo.city import CityPack, shipped_pack
from geo.privacy import PrivacyCells, parse_cell
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as, add_community
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id

STAFF_SUMS = """
query ($communityId: ID!) {
  coverage(communityId: $communityId) {
    all: residentCount waitingCount ... on Coverage { givers: volunteerCount }
  }
}
"""


def of_town(town: Town) -> dict[str, Any]:
    return {"communityId": global_id("Community", town.community_id)}


def manager_of(town: Town) -> Actor:
    return actor_as(Role.MANAGER, town.community_id, town.manager_id)


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


async def test_neighbourhoods_have_outlines_and_cells_that_hide(asker: Asker, town: Town) -> None:
    areas = (await asker.ask("everybody/areas", **of_town(town))).only
    assert len(areas) == 13
    port = next(area for area in areas if area["name"] == "The Port")
    assert port["addressCount"] == 1369
    assert port["geometry"]["type"] in ("Polygon", "MultiPolygon")
    assert all(cell["addressCount"] >= 20 for area in areas for cell in area["cells"])
    cells = [cell["cell"] for area in areas for cell in area["cells"]]
    assert len(cells) == len(set(cells)) > 100


async def test_staff_see_every_cell_and_the_sums(asker: Asker, town: Town) -> None:
    told = (await asker.ask("everybody/coverage", manager_of(town), **of_town(town))).only
    cells, areas = told["cells"], told["areas"]
    assert sum(cell["residentCount"] for cell in cells) == 10
    assert sum(cell["volunteerCount"] for cell in cells) == 10
    assert any(0 < cell["residentCount"] < 5 for cell in cells)
    assert all(area["residentCount"] is not None for area in areas)
    sums = (await asker.ask(STAFF_SUMS, manager_of(town), **of_town(town))).only
    assert (sums["all"], sums["givers"]) == (10, 10)
    assert 0 < sums["waitingCount"] <= 10


@pytest.mark.parametrize("role", [None, Role.RESIDENT, Role.VOLUNTEER, "neighbour"])
async def test_others_see_groups_of_five_or_nothing(
    asker: Asker, town: Town, role: Role | str | None
) -> None:
    actor = Actor.anonymous()
    if role == "neighbour":
        actor = actor_as(Role.MANAGER, new_id())
    elif isinstance(role, Role):
        actor = actor_as(role, town.community_id)
    told = (await asker.ask("everybody/coverage", actor, **of_town(town))).only
    known = (await asker.ask("everybody/coverage", manager_of(town), **of_town(town))).only
    for place in (*told["cells"], *told["areas"]):
        for name in ("residentCount", "volunteerCount"):
            assert place[name] is None or place[name] >= 5
        assert (place["waitingCount"] is None) == (place["residentCount"] is None)
    assert len(told["cells"]) < len(known["cells"])
    sums = (await asker.ask(STAFF_SUMS, actor, **of_town(town))).only
    assert set(sums.values()) == {None}


async def test_recruitment_map_hides_where_few_asked(asker: Asker, town: Town) -> None:
    shown = (await asker.ask("everybody/recruitment_map", **of_town(town))).only
    known = (await asker.ask("everybody/recruitment_map", manager_of(town), **of_town(town))).only
    assert shown["type"] == "FeatureCollection"
    assert len(shown["features"]) == len(known["features"]) == 13
    assert known["attribution"]
    riverside = {"area": "Riverside", "served_more": 3, "tried": True}
    for collection in (shown, known):
        told = [one["properties"] for one in collection["features"] if one["properties"]["tried"]]
        assert [{name: one[name] for name in riverside} for one in told] == [riverside]
    assert told[0]["sentence"] == (
        "One more volunteer in Riverside, on foot, 4 pm to 9 pm, with shovel and snow blower, "
        "would serve 3 more homes."
    )


async def test_town_without_prices_has_no_recruitment_map(asker: Asker, database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
    answer = await asker.ask(
        "everybody/recruitment_map", communityId=global_id("Community", community.id)
    )
    assert answer.only is None


async def test_addresses_are_suggested_from_the_pack(asker: Asker, town: Town) -> None:
    found = (
        await asker.ask(
            "everybody/suggest_addresses", text="14 aberdeen avenue", limit=3, **of_town(town)
        )
    ).only
    assert found[0]["label"] == "14 Aberdeen Ave"
    assert found[0]["isSure"] is True
    assert found[0]["area"] == "West Cambridge"
    lon_deg, lat_deg = found[0]["position"]["coordinates"]
    assert (lon_deg, lat_deg) == pytest.approx((-71.14599, 42.3753), abs=1e-4)
    street = (
        await asker.ask("everybody/suggest_addresses", text="aberdene", limit=1, **of_town(town))
    ).only
    assert len(street) == 1
    assert street[0]["isSure"] is False


@pytest.mark.parametrize(
    ("text", "limit"),
    [("x" * 201, 3), ("14 Aberdeen\u202e Ave", 3), ("14 Aberdeen", 0), ("14 Aberdeen", 11)],
)
async def test_address_that_cannot_be_is_refused(
    asker: Asker, town: Town, text: str, limit: int
) -> None:
    answer = await asker.ask("everybody/suggest_addresses", text=text, limit=limit, **of_town(town))
    assert answer.codes == ["invalid_argument"]


async def test_point_has_the_cell_of_its_neighbours(asker: Asker, town: Town) -> None:
    lon_deg, lat_deg = -71.1459933, 42.3752988
    place = (
        await asker.ask("everybody/place_at", lonDeg=lon_deg, latDeg=lat_deg, **of_town(town))
    ).only
    assert place["area"] == "West Cambridge"
    cells = PrivacyCells.from_pack(CityPack.open(shipped_pack("cambridge")))
    assert parse_cell(place["cell"]) == cells.cell_of(lon_deg, lat_deg)


@pytest.mark.parametrize(
    ("lon_deg", "lat_deg", "code"),
    [
        (-73.0, 42.37, "outside_service_area"),
        (42.3752988, -71.1459933, "coordinates_swapped"),
        (500.0, 42.0, "invalid_coordinates"),
        (0.0, 1e300, "invalid_coordinates"),
    ],
)
async def test_point_outside_is_refused(
    asker: Asker, town: Town, lon_deg: float, lat_deg: float, code: str
) -> None:
    answer = await asker.ask("everybody/place_at", lonDeg=lon_deg, latDeg=lat_deg, **of_town(town))
    assert answer.codes == [code]


@pytest.mark.parametrize("operation", ["areas", "coverage", "recruitment_map"])
async def test_community_that_is_not_there(asker: Asker, operation: str) -> None:
    for kind in ("Community", "Person"):
        answer = await asker.ask(f"everybody/{operation}", communityId=global_id(kind, new_id()))
        assert answer.codes == ["not_found"]


async def test_token_needs_the_scope(asker: Asker, town: Town) -> None:
    actor = replace(manager_of(town), scopes=frozenset({"rounds:read"}))
    answer = await asker.ask("everybody/coverage", actor, **of_town(town))
    assert answer.codes == ["scope_missing"]
