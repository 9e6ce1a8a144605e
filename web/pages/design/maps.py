"""Maps that need no JavaScript: SVG in whole pixels, coloured by ``map.css`` alone.

How to use it, in a handler::

    ground = await find_ground(town.city_pack)
    city = draw_city(ground, [DrawnCell("8a2..", cell.geometry, "wait", 3, "North Cambridge")],
                     Words(_("Map of Cambridge"), _("The table has the same numbers.")))
    place = draw_place(ground, Frame(lon, lat, 320), [Mark(lon, lat)], Words(...), numbers=True)
    offer = draw_area(ground, cell.geometry, Words(..., tag=_("somewhere in here")))
    walk = draw_walk(ground, [Mark(lon, lat, "1"), Mark(lon, lat, "2")], route, Words(...))

and in the template::

    {% import "_parts/map.html" as maps with context %}
    {{ maps.map_figure(city) }}                        {# the picture #}
    {{ maps.map_figure(city, base=city_base) }}        {# that can be moved, with JavaScript #}
    {% block scripts %}{{ maps.scripts() }}{% endblock %}

``base`` is ``base_path(town.slug, ground)``. `draw_area` never learns where the home is: give it
the blurred cell. All functions are pure and quick (a whole city once 100 ms, then 2; a place 10).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final, Literal

import shapely
from markupsafe import Markup

from geo.basemap import encode_line, encode_polygon
from web.pages.design.ground import Ground, bounds_of, read_geometry
from web.pages.design.labels import (
    list_houses,
    pin_box,
    place_area_names,
    place_names,
    place_numbers,
    text_box,
)
from web.pages.design.window import Window, line_path, polygon_path

METRES_PER_DEG_LAT: Final = 110_574.0
METRES_PER_DEG_LON: Final = 111_320.0
CITY_WIDTH: Final = 760
PLACE_WIDTH: Final = 440
MARGIN_SHARE: Final = 0.04
NEAR_SPAN_M: Final = 420.0
"""Up to here streets are as wide as on the ground, and houses may have their numbers."""
FAR_SPAN_M: Final = 1_600.0
"""From here on streets are single lines."""
LEAST_NUMBERED_PX: Final = 14
TAG_SIGN_PX: Final = 8.6
MOST_CITIES_KEPT: Final = 6
PIN: Final = "M0 0C-4-11-17-19-17-33a17 17 0 0 1 34 0C17-19 4-11 0 0z"
HOUSE_IN_PIN: Final = '<path class="m-pin-in" d="M-7-30l7-6 7 6M-5-31.5v8H5v-8"/>'
HOUSE: Final = '<path d="M-5 1l5-5 5 5M-3.5 0v5h7V0"/>'

State = Literal["ok", "ask", "wait"]
MarkKind = Literal["pin", "you", "letter"]


@dataclass(frozen=True)
class Words:
    """What a map is called, what it shows for those who cannot see it, and its name in the page."""

    title: str
    description: str = ""
    name: str = "place"
    """Of the picture within the page: letters only, once a page."""
    tag: str = ""
    """Written at the blurred cell."""


@dataclass(frozen=True)
class Frame:
    """What a map shows: its middle, and how far it is from left to right."""

    lon_deg: float
    lat_deg: float
    span_m: float = 320.0
    proportion: float = 0.72
    """Height to width."""


@dataclass(frozen=True)
class Mark:
    """A place on a map: a pin, with a number or a house in it, one's own home, or a letter."""

    lon_deg: float
    lat_deg: float
    label: str = ""
    kind: MarkKind = "pin"


@dataclass(frozen=True)
class DrawnCell:
    """A blurred cell: all have help, waiting for answers, or homes with nobody."""

    key: str
    """The same as ``data-cell`` of its row in the table."""
    shape: Any
    """Shapely or GeoJSON."""
    state: State
    number: int = 0
    """Shown when above zero."""
    words: str = ""


@dataclass(frozen=True)
class Drawing:
    """A drawn map: the picture, and what a map in the browser is made from."""

    svg: Markup
    attribution: str
    title: str
    data: dict[str, Any] = field(default_factory=dict)
    is_city: bool = False


def base_path(slug: str, ground: Ground) -> str:
    """Where the browser gets the ground: a new address when the city's data changes."""
    return f"/map/{slug}/base.geojson?v={ground.base_file.version}"


def draw_city(ground: Ground, cells: Sequence[DrawnCell], words: Words) -> Drawing:
    """The whole city with its cells, their numbers and the names of neighborhoods."""
    shapes = [read_geometry(cell.shape) for cell in cells]
    bounds = bounds_of([shapely.box(*ground.bounds), *shapes])
    window = _window_around(bounds, CITY_WIDTH)
    key = (round(window.width), round(window.height), *(round(edge, 5) for edge in bounds))
    if key not in ground.made_for:
        if len(ground.made_for) >= MOST_CITIES_KEPT:
            ground.made_for.clear()
        ground.made_for[key] = _draw_city_ground(ground, window)
    drawn, room = _draw_cells(window, cells, shapes)
    parts = [ground.made_for[key], *drawn, place_area_names(window, ground.areas, room)]
    data = {
        "bounds": [round(edge, 5) for edge in bounds],
        "cells": [
            {
                "key": cell.key,
                "state": cell.state,
                "number": cell.number,
                "name": cell.words,
                "shape": [encode_polygon(part) for part in shapely.get_parts(shape)],
            }
            for cell, shape in zip(cells, shapes, strict=True)
        ],
    }
    return Drawing(
        _svg(window, words, "map-svg map-board", parts), ground.attribution, words.title, data, True
    )


def draw_place(
    ground: Ground,
    frame: Frame,
    marks: Sequence[Mark],
    words: Words,
    *,
    blur: Any = None,
    route: Any = None,
    numbers: bool = False,
) -> Drawing:
    """A small piece of the city with places, a blurred cell or a way on it."""
    width = PLACE_WIDTH
    metres_lon = METRES_PER_DEG_LON * math.cos(math.radians(frame.lat_deg))
    height = round(width * frame.proportion)
    scale = width / frame.span_m
    window = Window(
        west_deg=frame.lon_deg - frame.span_m / 2 / metres_lon,
        north_deg=frame.lat_deg + frame.span_m * frame.proportion / 2 / METRES_PER_DEG_LAT,
        px_per_lon=scale * metres_lon,
        px_per_lat=scale * METRES_PER_DEG_LAT,
        width=width,
        height=height,
    )
    parts = _draw_place_ground(ground, window, frame.span_m)
    taken = [window.project_one(mark.lon_deg, mark.lat_deg) for mark in marks]
    room = [pin_box(at) for at in taken]
    if blur is not None:
        blur = read_geometry(blur)
        parts.append(f'<path class="m-blur" d="{polygon_path([blur], window)}"/>')
    if route is not None:
        way = line_path([route], window)
        parts.append(f'<path class="m-route-c" d="{way}"/><path class="m-route" d="{way}"/>')
    tag = ""
    if blur is not None and words.tag:
        x, y = window.project_one(blur.centroid.x, blur.centroid.y)
        tag = f'<text class="m-tag" x="{x}" y="{y + 5}">{escape(words.tag)}</text>'
        room.append(text_box(words.tag, (x, y), TAG_SIGN_PX))
    parts.append(place_names(ground, window, room))
    if numbers and frame.span_m <= NEAR_SPAN_M:
        parts.append(place_numbers(ground, window, room))
    parts.append(tag)
    parts += [_draw_mark(mark, at) for mark, at in zip(marks, taken, strict=True)]
    data = {
        "bounds": [round(edge, 5) for edge in window.bounds],
        "marks": [
            [round(mark.lon_deg, 6), round(mark.lat_deg, 6), mark.label, mark.kind]
            for mark in marks
        ],
        "blur": None
        if blur is None
        else [encode_polygon(part) for part in shapely.get_parts(blur)],
        "route": None if route is None else encode_line(route),
        "tag": words.tag,
        "houses": list_houses(ground, window) if numbers else [],
    }
    return Drawing(_svg(window, words, "map-svg", parts), ground.attribution, words.title, data)


def draw_area(ground: Ground, shape: Any, words: Words, *, marks: Sequence[Mark] = ()) -> Drawing:
    """Somewhere in a blurred cell, and nothing that tells where in it.

    ``marks`` are places that the reader knows already, such as their own home.
    """
    area = read_geometry(shape)
    points = [shapely.Point(mark.lon_deg, mark.lat_deg) for mark in marks]
    return draw_place(ground, frame_around([area, *points], 700.0), marks, words, blur=area)


def draw_walk(ground: Ground, stops: Sequence[Mark], route: Any, words: Words) -> Drawing:
    """Numbered stops and the way between them; ``route`` is a shapely line in degrees or None."""
    shapes = [shapely.Point(stop.lon_deg, stop.lat_deg) for stop in stops]
    shapes += [] if route is None else [route]
    return draw_place(ground, frame_around(shapes, 400.0), stops, words, route=route)


def frame_around(shapes: Iterable[Any], least_m: float = 300.0, proportion: float = 0.72) -> Frame:
    """What a map must show for all shapes to be on it, with room for pins."""
    west, south, east, north = bounds_of(shapes)
    lat = (south + north) / 2
    wide_m = (east - west) * METRES_PER_DEG_LON * math.cos(math.radians(lat))
    high_m = (north - south) * METRES_PER_DEG_LAT
    span_m = max(least_m, wide_m * 1.35, high_m * 1.45 / proportion)
    return Frame((west + east) / 2, lat, span_m, proportion)


def _window_around(bounds: tuple[float, float, float, float], width: int) -> Window:
    west, south, east, north = bounds
    margin_lon, margin_lat = (east - west) * MARGIN_SHARE, (north - south) * MARGIN_SHARE
    west, east = west - margin_lon, east + margin_lon
    south, north = south - margin_lat, north + margin_lat
    px_per_lon = width / (east - west)
    squeeze = math.cos(math.radians((south + north) / 2))
    px_per_lat = px_per_lon / squeeze * METRES_PER_DEG_LAT / METRES_PER_DEG_LON
    height = round((north - south) * px_per_lat)
    return Window(west, north, px_per_lon, px_per_lat, width, height)


def _draw_city_ground(ground: Ground, window: Window) -> str:
    base = ground.basemap
    parts = [
        f'<rect class="m-out" width="{window.width}" height="{window.height}"/>',
        f'<path class="m-land" d="{polygon_path(base.land, window)}"/>',
        f'<path class="m-park" d="{polygon_path(base.park, window, least_px=6)}"/>',
        f'<path class="m-water" d="{polygon_path(base.water, window, least_px=6)}"/>',
    ]
    for name, lines in (("thin", base.small), ("mid", base.middle), ("main", base.main)):
        if lines:
            parts.append(f'<path class="m-{name}" d="{line_path(lines, window, least_px=5)}"/>')
    borders = [shapely.boundary(area.border) for area in ground.areas]
    parts.append(f'<path class="m-hood" d="{line_path(borders, window)}"/>')
    return "".join(parts)


def _draw_place_ground(ground: Ground, window: Window, span_m: float) -> list[str]:
    is_near, is_far = span_m <= NEAR_SPAN_M, span_m > FAR_SPAN_M
    base, frame = ground.basemap, f'width="{window.width}" height="{window.height}"'
    parts = [
        f'<rect class="m-out" {frame}/>',
        f'<path class="m-land" d="{polygon_path(base.land, window)}"/>',
        f'<path class="m-park" d="{polygon_path(base.park, window)}"/>',
        f'<path class="m-water" d="{polygon_path(base.water, window)}"/>',
        f'<g class="m-zoom{"" if is_near else " m-far"}">',
    ]
    found = ground.tree.query(window.box)
    ranks = ground.ranks[found]
    kinds: tuple[tuple[str, str, str], ...] = (
        (("thin", "mid", "main"),)
        if is_far
        else (("case", "case m-2", "case m-1"), ("road", "road m-2", "road m-1"))
    )
    for names in kinds:
        for rank, name in enumerate(names):
            lines = ground.lines[found[ranks == rank]]
            if len(lines):
                path = line_path(lines, window, least_px=5 if is_far else 2)
                parts.append(f'<path class="m-{name}" d="{path}"/>')
    parts.append("</g>")
    return parts


def _draw_cells(
    window: Window, cells: Sequence[DrawnCell], shapes: Sequence[Any]
) -> tuple[list[str], list[Any]]:
    """The cells with their numbers, and where no name may stand."""
    parts, numbers, room = [], [], []
    for state in ("ok", "ask", "wait"):
        for cell, shape in zip(cells, shapes, strict=True):
            if cell.state != state:
                continue
            path = polygon_path([shape], window)
            parts.append(
                f'<path class="m-cell m-cell-{state}" data-cell="{escape(cell.key)}" d="{path}"/>'
            )
            largest = max(shapely.get_parts(shape), key=lambda part: float(part.area))
            wide_px = (largest.bounds[2] - largest.bounds[0]) * window.px_per_lon
            if cell.number > 0 and wide_px >= LEAST_NUMBERED_PX:
                x, y = window.project_one(largest.centroid.x, largest.centroid.y)
                room.append(text_box(str(cell.number), (x, y), TAG_SIGN_PX))
                numbers.append(
                    f'<text class="m-n-{state}" x="{x}" y="{y + 5}">{cell.number}</text>'
                )
    if numbers:
        parts.append(f'<g class="m-celln">{"".join(numbers)}</g>')
    return parts, room


def _draw_mark(mark: Mark, at: tuple[int, int]) -> str:
    x, y = at
    place, label = f'transform="translate({x} {y})"', escape(mark.label)
    if mark.kind == "you":
        return f'<g class="m-you" {place}><circle r="13"/>{HOUSE}</g>'
    if mark.kind == "letter":
        return f'<g class="m-salt" {place}><circle r="14"/><text y="5">{label}</text></g>'
    inside = f'<text class="m-pin-n" y="-27">{label}</text>' if label else HOUSE_IN_PIN
    return f'<g class="m-pin" {place}><path d="{PIN}"/>{inside}</g>'


def _svg(window: Window, words: Words, name: str, parts: Iterable[str]) -> Markup:
    key = f"map-{words.name}"
    described = f" {key}-d" if words.description else ""
    head = (
        f'<svg class="{name}" viewBox="0 0 {window.width} {window.height}" role="img" '
        f'aria-labelledby="{key}-t{described}"><title id="{key}-t">{escape(words.title)}</title>'
    )
    if words.description:
        head += f'<desc id="{key}-d">{escape(words.description)}</desc>'
    # what stands in it is numbers of ours and text that was escaped above
    return Markup(head + "".join(parts) + "</svg>")  # noqa: S704  # see above
