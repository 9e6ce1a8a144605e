"""Files for spreadsheets and maps, read back by the tools that people use."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from uuid import UUID

import geopandas
import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database
from core.events import Event
from matching.exports import repository
from matching.exports.kinds import COLUMNS, What
from people.models import Household
from tests.factories.town import seed_town
from tests.town_pages import Pages, open_client

PRIVATE_WORDS = ("synthetic", " way", ".example", "+1617555", "shovel stands")
"""What every name, address, contact and note of the made-up towns holds, and no code can spell."""


@pytest.fixture
async def pages(database: Database, database_url: str, clock: FixedClock) -> AsyncIterator[Pages]:
    here = await seed_town(database, clock, "snowville", scale=10)
    there = await seed_town(database, clock, "frostham", scale=10)
    async with open_client(database_url, clock) as client:
        yield Pages(client, database, clock, here, there)


@pytest.mark.parametrize("what", list(What))
async def test_csv_is_read_back(pages: Pages, what: What) -> None:
    headers = await pages.as_person(pages.here.coordinator_id)
    answer = await pages.get(f"/exports/snowville/{what}.csv", headers)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="snowville-{what}.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert tuple(rows[0]) == COLUMNS[what]
    wanted = {
        What.REQUESTS: set(map(str, pages.here.request_ids)),
        What.VOLUNTEERS: set(map(str, pages.here.volunteer_ids)),
        What.ASSIGNMENTS: set(map(str, pages.here.assignment_ids)),
    }
    if what in wanted:
        assert {row["id"] for row in rows} == wanted[what]
    small = answer.text.lower()
    assert not [word for word in PRIVATE_WORDS if word in small]
    for person_id in (*pages.here.resident_ids, *pages.here.volunteer_person_ids):
        assert str(person_id) not in small


@pytest.mark.parametrize("what", list(What))
async def test_geojson_is_read_back(pages: Pages, what: What) -> None:
    headers = await pages.as_person(pages.here.manager_id)
    answer = await pages.get(f"/exports/snowville/{what}.geojson", headers)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/geo+json")
    frame = geopandas.read_file(io.BytesIO(answer.content))
    assert len(frame) == len(json.loads(answer.content)["features"]) > 0
    assert frame.crs.to_epsg() == 4326
    kinds = set(frame.geometry.geom_type)
    assert kinds == ({"Polygon"} if what is What.COVERAGE else {"Point"})
    assert frame.geometry.is_valid.all()
    west, south, east, north = frame.total_bounds
    assert -71.2 < west <= east < -71.0
    assert 42.3 < south <= north < 42.5
    assert not [word for word in PRIVATE_WORDS if word in answer.text.lower()]


async def test_places_are_those_of_cells(pages: Pages) -> None:
    headers = await pages.as_person(pages.here.manager_id)
    answer = await pages.get("/exports/snowville/requests.csv", headers)
    places = {(row["lon_deg"], row["lat_deg"]): row["cell"] for row in _read(answer.text)}
    async with pages.database.read() as session:
        cells = set(
            await session.scalars(
                select(Household.cell).where(Household.community_id == pages.here.community_id)
            )
        )
    assert 1 < len(places) <= len(cells)
    assert len(set(places.values())) == len(places)
    assert {int(cell, 16) for cell in places.values()} <= cells


async def test_pages_join_without_gaps(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "PAGE", 7)
    headers = await pages.as_person(pages.here.manager_id)
    answer = await pages.get("/exports/snowville/requests.csv", headers)
    found = [row["id"] for row in _read(answer.text)]
    assert found == sorted(map(str, pages.here.request_ids))
    answer = await pages.get("/exports/snowville/requests.geojson", headers)
    assert [row["id"] for row in json.loads(answer.content)["features"]] == found


async def test_a_spreadsheet_may_ask_for_the_mark(pages: Pages) -> None:
    headers = await pages.as_person(pages.here.manager_id)
    plain = await pages.get("/exports/snowville/requests.csv", headers)
    marked = await pages.get("/exports/snowville/requests.csv?bom=true", headers)
    assert marked.content == b"\xef\xbb\xbf" + plain.content


async def test_formulas_stay_text(pages: Pages) -> None:
    nasty = '=HYPERLINK("https://evil.example";"x")'
    async with pages.database.begin() as session:
        for key, text in zip(
            pages.here.household_ids, (nasty, "+1", "-1", "@x", "\t=1", "\r=1", " =1"), strict=False
        ):
            (await session.get_one(Household, key)).area = text
    headers = await pages.as_person(pages.here.manager_id)
    answer = await pages.get("/exports/snowville/requests.csv", headers)
    rows = _read(answer.text)
    areas = {row["area"] for row in rows}
    assert f"'{nasty}" in areas
    assert not [area for area in areas if area.lstrip(" ").startswith(tuple("=+-@\t\r"))]
    assert all(-72 < float(row["lon_deg"]) < -71 for row in rows)


async def test_every_export_is_on_record(pages: Pages) -> None:
    headers = await pages.as_person(pages.here.manager_id)
    await pages.get("/exports/snowville/requests.csv", headers)
    async with pages.database.read() as session:
        (event,) = list(await session.scalars(select(Event).where(Event.kind == "export.made")))
    assert event.actor_id == pages.here.manager_id
    assert event.community_id == pages.here.community_id
    count = len(pages.here.request_ids)
    assert event.data == {"what": "requests", "format": "csv", "row_count": count}


@pytest.mark.parametrize("what", list(What))
async def test_a_foreign_community_is_like_a_missing_one(pages: Pages, what: What) -> None:
    headers = await pages.as_person(pages.there.manager_id)
    foreign = await pages.get(f"/exports/snowville/{what}.csv", headers)
    missing = await pages.get(f"/exports/nowhere/{what}.csv", headers)
    assert foreign.status_code == missing.status_code == 404
    assert _without_reference(foreign) == _without_reference(missing)
    async with pages.database.read() as session:
        assert not list(await session.scalars(select(Event).where(Event.kind == "export.made")))


@pytest.mark.parametrize("path", ["requests.xls", "people.csv", "requests", "requests.csv.exe"])
async def test_there_is_no_other_export(pages: Pages, path: str) -> None:
    headers = await pages.as_person(pages.here.manager_id)
    assert (await pages.get(f"/exports/snowville/{path}", headers)).status_code == 404


async def test_who_is_not_signed_in_gets_nothing(pages: Pages) -> None:
    for slug in ("snowville", "nowhere"):
        answer = await pages.get(f"/exports/{slug}/requests.csv")
        assert answer.status_code == 401
    bad = {"authorization": "Bearer nonsense"}
    assert (await pages.get("/exports/snowville/requests.csv", bad)).status_code == 401


@pytest.mark.parametrize("what", [What.REQUESTS, What.VOLUNTEERS, What.ASSIGNMENTS])
async def test_rows_are_for_staff(pages: Pages, what: What) -> None:
    for person_id in (pages.here.resident_ids[0], pages.here.volunteer_person_ids[0]):
        headers = await pages.as_person(person_id)
        assert (await pages.get(f"/exports/snowville/{what}.csv", headers)).status_code == 403


async def test_a_token_needs_the_scope(pages: Pages) -> None:
    headers = await pages.as_token(pages.here.manager_id, "requests:read")
    assert (await pages.get("/exports/snowville/requests.csv", headers)).status_code == 200
    assert (await pages.get("/exports/snowville/volunteers.csv", headers)).status_code == 403
    assert (await pages.get("/exports/frostham/requests.csv", headers)).status_code == 404


async def test_coverage_is_for_staff_and_adds_up(pages: Pages) -> None:
    address = "/exports/snowville/coverage.csv"
    staff = _read((await pages.get(address, await pages.as_person(pages.here.manager_id))).text)
    member = await pages.as_person(pages.here.volunteer_person_ids[0])
    assert (await pages.get(address, member)).status_code == 403
    assert all(row["cell"] for row in staff)
    assert sum(int(row["person_count"]) for row in staff) == 20
    assert sum(int(row["open_count"]) for row in staff) == 20
    assert sum(int(row["served_count"]) for row in staff) == 10


def _read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def _without_reference(answer: object) -> dict[str, object]:
    body = answer.json()  # type: ignore[attr-defined]  # a response
    assert UUID(body.pop("reference"))
    return dict(body)
