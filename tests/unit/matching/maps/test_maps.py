"""Maps of a round: everything in one file, nothing exact in any of them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import shapely
from matplotlib.image import imread
from shapely import LineString

from geo.areas import ServiceArea
from geo.basemap import build_basemap, encode_line, encode_polygon
from geo.city import CityPack, shipped_pack
from geo.graph_travel import GraphTravel
from geo.privacy import PrivacyCells, format_cell
from geo.travel import TravelMode, great_circle_m
from matching.maps.blurred import BlurredCells, BlurredRoutes
from matching.maps.content import MapArea, MapCell, MapContent, MapRoute, Reason, Recruit
from matching.maps.page import render_page
from matching.maps.picture import DOTS_PER_INCH, SIZE_INCHES, cell_kind, render_picture
from matching.maps.routes_file import make_routes_geojson
from matching.maps.stitches import stitch_row, stitch_scarf
from matching.rounds.travel import PackTravel

NAUGHTY = '<script>alert("x")</script> & \u201cquotes\u201d'


@pytest.fixture(scope="module")
def pack() -> CityPack:
    return CityPack.open(shipped_pack("cambridge"))


@pytest.fixture(scope="module")
def blurred(pack: CityPack) -> BlurredCells:
    return BlurredCells(PrivacyCells.from_pack(pack), ServiceArea.from_pack(pack))


@pytest.fixture(scope="module")
def content(pack: CityPack, blurred: BlurredCells) -> MapContent:
    cells = blurred.cells.cells[:12].tolist()
    ways = BlurredRoutes(blurred, PackTravel(pack))
    line = ways.line(TravelMode.WALK, [cells[0], cells[1], cells[0]])
    areas = zip(pack.areas.names, pack.areas.geometries, strict=True)
    return MapContent(
        city="Cambridge",
        title="9 of 12 homes have a neighbor. 3 have nobody yet.",
        asked=12,
        served=9,
        when="Sunday 24 January 2027",
        note=NAUGHTY,
        basemap=build_basemap(pack),
        cells=tuple(
            MapCell(format_cell(cell), blurred.shape(cell), 1, int(number % 4 > 0), "Riverside")
            for number, cell in enumerate(cells)
        ),
        areas=tuple(MapArea(name, shape, 1, 1, 2, 1, 3) for name, shape in areas),
        routes=(MapRoute("V-1", "on foot", "Riverside", line, ("c1",), ("R1",), ("4 pm",), 900),),
        facts=(("Homes that ask", "12", ""),),
        reasons=(Reason(3, NAUGHTY, "Riverside 3"),),
        recruits=(Recruit("On foot", "Riverside", 2),),
        certificate=("No other plan is better.",),
    )


class Page(HTMLParser):
    """Collects what matters of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")
        if tag == "style":
            self.styles.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside == "style":
            self.styles[-1] += data
        else:
            self.words += data


@pytest.fixture(scope="module")
def page(content: MapContent) -> Page:
    return Page(render_page(content))


def test_the_page_asks_no_server_for_anything(page: Page) -> None:
    for tag, attributes in page.tags:
        for name in ("src", "href", "action", "poster"):
            value = attributes.get(name) or "#"
            assert value.startswith("#"), (tag, value)
    assert "url(" not in "".join(page.styles)
    assert "@import" not in "".join(page.styles)


def test_the_policy_of_the_page_lets_in_its_own_parts_and_nothing_else(page: Page) -> None:
    policy = next(
        str(attributes["content"])
        for tag, attributes in page.tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'")
    code = [text for text in page.scripts if not text.startswith("{")]
    assert len(code) == 2
    for text in [*code, *page.styles]:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_texts_cannot_become_markup(content: MapContent) -> None:
    text = render_page(content)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_the_data_of_the_map_is_json_with_every_cell_and_route(
    page: Page, content: MapContent
) -> None:
    data = json.loads(next(text for text in page.scripts if text.startswith("{")))
    assert len(data["cells"]) == len(content.cells)
    assert [route["name"] for route in data["routes"]] == ["V-1"]
    assert {area["name"] for area in data["areas"]} == {area.name for area in content.areas}


def test_whoever_sees_no_map_reads_the_same_in_tables(page: Page, content: MapContent) -> None:
    shown = {
        (attributes["data-show"], attributes["data-key"])
        for tag, attributes in page.tags
        if tag == "button" and "data-show" in attributes
    }
    assert {("area", area.name) for area in content.areas} <= shown
    assert {("cell", cell.cell) for cell in content.cells if cell.nobody} <= shown
    assert ("route", "V-1") in shown
    assert "The map needs JavaScript. The tables have the same numbers." in page.words


def test_headings_and_controls_are_named(page: Page) -> None:
    tags = [tag for tag, _ in page.tags]
    assert tags.count("h1") == 1
    assert tags.count("main") == 1
    assert tags.count("table") == tags.count("caption") == 3
    identifiers = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    labelled = {
        attributes["aria-labelledby"]
        for _, attributes in page.tags
        if "aria-labelledby" in attributes
    }
    assert labelled <= set(identifiers)


def test_the_attribution_is_always_visible(page: Page, content: MapContent) -> None:
    assert f"Map: {content.basemap.attribution}" in page.words


def test_the_picture_is_as_large_as_promised_and_not_empty(content: MapContent) -> None:
    pixels = imread(io.BytesIO(render_picture(content)))
    width, height = (round(side * DOTS_PER_INCH) for side in SIZE_INCHES)
    assert pixels.shape[:2] == (height, width)
    assert len(np.unique(np.rint(pixels[..., :3] * 255), axis=None)) > 20


def test_routes_start_and_end_on_streets_in_the_middle_of_cells_never_at_addresses(
    pack: CityPack, blurred: BlurredCells
) -> None:
    ways = BlurredRoutes(blurred, PackTravel(pack))
    graph = GraphTravel.from_pack(pack).graph
    cells = blurred.cells.cells.tolist()
    for a, b in zip(cells[:20], cells[20:40], strict=True):
        line = ways.line(TravelMode.WALK, [a, b])
        for end, cell in ((line.coords[0], a), (line.coords[-1], b)):
            snapped = graph.snap(np.array([blurred.place(cell)]))
            offset_m = float(snapped.offset_m[0])
            foot = graph.cut_edge(int(snapped.edge[0]), offset_m, offset_m)[:1]
            assert great_circle_m(np.array(end), graph.projection.from_utm(foot)[0]) < 1.0


def test_all_homes_of_a_cell_have_the_same_route_ends(
    pack: CityPack, blurred: BlurredCells
) -> None:
    cells = blurred.cells.cells_of(pack.addresses.lonlat[:2000])
    places = {(int(cell), blurred.place(int(cell))) for cell in cells}
    assert len(places) == len(set(cells.tolist()))


def test_the_ground_of_shown_cells_never_overlaps(blurred: BlurredCells) -> None:
    shapes = [blurred.shape(cell) for cell in blurred.cells.cells.tolist()]
    tree = shapely.STRtree(shapes)
    for number, shape in enumerate(shapes):
        for other in tree.query(shape, predicate="intersects"):
            if other > number:
                assert shape.intersection(shapes[other]).area < 1e-9


def test_routes_file_is_geojson_with_ids_only(content: MapContent) -> None:
    routes = make_routes_geojson(content)
    (feature,) = routes["features"]
    assert feature["geometry"]["type"] == "LineString"
    assert set(feature["properties"]) == {
        "volunteer", "mode", "requests", "cells", "starts", "length_m"
    }  # fmt: skip
    assert all(len(str(lon).split(".")[1]) <= 5 for lon, _ in feature["geometry"]["coordinates"])


@pytest.mark.parametrize(
    ("asked", "served", "kind"), [(4, 4, "ok"), (4, 3, "ask"), (4, 2, "wait"), (1, 0, "wait")]
)
def test_the_colour_of_a_cell(asked: int, served: int, kind: str) -> None:
    assert cell_kind(MapCell("c", shapely.Point(0, 0), asked, served, "")) == kind


def test_a_line_comes_back_from_its_steps() -> None:
    line = LineString([(-71.1, 42.3), (-71.09999, 42.30002), (-71.1, 42.3)])
    flat = np.array(encode_line(line)).reshape(-1, 2)
    assert np.allclose(np.cumsum(flat, axis=0) / 100_000, line.coords)
    square = shapely.box(0, 0, 1, 1).difference(shapely.box(0.2, 0.2, 0.4, 0.4))
    assert len(encode_polygon(square)) == 2


def test_one_stitch_is_one_home_until_there_are_too_many() -> None:
    small, large = stitch_scarf(7, 3), stitch_scarf(300, 100)
    assert len(re.findall('class="st-ok"', small)) == 7
    assert len(re.findall('class="st-none"', small)) == 3
    assert len(re.findall("<use", large)) == 40
    assert "One stitch is ten homes: 300 of 400 homes have a neighbor" in large
    assert len(re.findall("<use", stitch_row(5, 2))) == 7


def test_an_empty_city_is_drawn_too(pack: CityPack) -> None:
    empty = MapContent("C", "Nobody is asking.", 0, 0, "", "", build_basemap(pack), (), (), (), ())
    assert "Nobody is asking." in render_page(empty)
    assert render_picture(empty)[:4] == b"\x89PNG"
