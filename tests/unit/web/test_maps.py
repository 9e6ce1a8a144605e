"""Maps that the server draws: what stands on them, how large they are, what they do not tell."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
import shapely

from geo.open_cities import open_city
from matching.maps.areas import CityMap
from web.pages.design.ground import Ground, open_ground
from web.pages.design.maps import (
    Drawing,
    DrawnCell,
    Frame,
    Mark,
    Words,
    base_path,
    draw_area,
    draw_city,
    draw_place,
    draw_walk,
    frame_around,
)

NAUGHTY = 'Ana\'s <b>"map"</b> & more'
PLACE_LIMIT = 40_000
CITY_LIMIT = 64_000


@pytest.fixture(scope="module")
def ground() -> Ground:
    return open_ground("cambridge")


@pytest.fixture(scope="module")
def city() -> CityMap:
    return CityMap(open_city("cambridge"), 20)


def parse(drawing: Drawing) -> ElementTree.Element:
    """The picture as XML, in whole pixels, with a name and without styles."""
    text = str(drawing.svg)
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img"
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert str(root.get("aria-labelledby")).split() == ids
    assert "style" not in text
    assert not re.search(
        r'[dxy]="[^"]*\d\.\d', re.sub(r'd="M-5 1l5-5 5 5[^"]*"|d="M-7-30[^"]*"', "", text)
    )
    return root


def classes(root: ElementTree.Element) -> set[str]:
    return {name for one in root.iter() for name in str(one.get("class", "")).split()}


def test_a_city_with_its_cells(ground: Ground, city: CityMap) -> None:
    shown = [cell for area in city.areas for cell in area.cells][:60]
    states = ("ok", "ask", "wait")
    cells = [
        DrawnCell(str(cell.cell), cell.geometry, states[at % 3], at if at % 3 == 2 else 0, NAUGHTY)
        for at, cell in enumerate(shown)
    ]
    drawing = draw_city(ground, cells, Words(NAUGHTY, NAUGHTY, "city"))
    root = parse(drawing)

    assert classes(root) >= {"m-land", "m-water", "m-park", "m-hood", "m-cell-ok", "m-cell-wait"}
    assert len(root.findall(".//*[@data-cell]")) == len(cells)
    names = {one.text for one in root.iter() if one.tag == "text"}
    assert names >= {area.name for area in ground.areas}
    assert len(drawing.svg) < CITY_LIMIT
    assert len(drawing.data["cells"]) == len(cells)
    assert root.findtext("title") == NAUGHTY
    assert drawing.svg == draw_city(ground, cells, Words(NAUGHTY, NAUGHTY, "city")).svg


@pytest.mark.parametrize("span_m", [150.0, 400.0, 900.0, 3_000.0])
def test_a_place(ground: Ground, span_m: float) -> None:
    for at in range(0, len(ground.houses), 4_000):
        lon, lat = ground.houses[at].tolist()
        drawing = draw_place(
            ground, Frame(lon, lat, span_m), [Mark(lon, lat)], Words("Map"), numbers=True
        )
        root = parse(drawing)
        assert len(drawing.svg) < PLACE_LIMIT
        assert "m-pin" in classes(root)
        west, south, east, north = drawing.data["bounds"]
        assert west < lon < east
        assert south < lat < north
        assert bool(drawing.data["houses"])
        assert ("m-num" in classes(root)) == (span_m <= 420)


def test_a_blurred_cell_tells_nothing_of_the_home_in_it(ground: Ground, city: CityMap) -> None:
    cell = city.areas[0].cells[0]
    words = Words("Map", tag="somewhere in here")
    drawing = draw_area(ground, cell.geometry, words)
    root = parse(drawing)

    assert "m-pin" not in classes(root)
    assert "m-num" not in classes(root)
    assert drawing.data["marks"] == []
    assert drawing.data["houses"] == []
    west, south, east, north = drawing.data["bounds"]
    middle = shapely.Point((west + east) / 2, (south + north) / 2)
    shape = shapely.geometry.shape(dict(cell.geometry))
    box = shapely.box(*shape.bounds).centroid
    assert middle.distance(box) < 1e-4
    assert "somewhere in here" in str(drawing.svg)


def test_a_walk_shows_all_its_stops(ground: Ground) -> None:
    places = ground.houses[[100, 130, 170]].tolist()
    stops = [Mark(*places[0], kind="you"), Mark(*places[1], "S", "letter"), Mark(*places[2], "1")]
    drawing = draw_walk(ground, stops, shapely.LineString(places), Words("Walk", name="walk"))
    root = parse(drawing)
    assert classes(root) >= {"m-you", "m-salt", "m-pin", "m-route", "m-route-c"}
    west, south, east, north = drawing.data["bounds"]
    assert all(west < lon < east and south < lat < north for lon, lat in places)


def test_a_frame_holds_everything_and_is_never_too_near() -> None:
    frame = frame_around([shapely.Point(-71.1, 42.37)], 300.0)
    assert frame.span_m == 300.0
    wide = frame_around([shapely.Point(-71.1, 42.37), shapely.Point(-71.08, 42.37)])
    assert wide.span_m > 1_600


def test_the_file_of_the_ground(ground: Ground) -> None:
    data = json.loads(ground.base_file.plain)
    assert len(ground.base_file.packed) < 90_000
    streets = [one["properties"] for one in data["features"] if one["properties"]["k"] == "street"]
    assert {"Massachusetts Ave"} <= {street["n"] for street in streets}
    assert {street["r"] for street in streets} <= {0, 1, 2}
    assert base_path("cambridge", ground).endswith(ground.base_file.version)
