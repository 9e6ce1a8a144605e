"""The living style page: every part in its states. Only where nobody but us looks."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

import shapely
from litestar import get
from litestar.di import NamedDependency

from core.errors import NotFound
from matching.maps.areas import CityMap, open_city_map
from people.models import Community
from people.rules import Rules
from web.pages.design import maps
from web.pages.design.ground import Ground, open_ground
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.rendering import TEMPLATES

SWATCHES: Final = (
    ("page", "Page: snow in shade"),
    ("card", "Card: fresh snow"),
    ("wool", "Quiet panel"),
    ("dusk", "Hero, footer"),
    ("ink", "Text"),
    ("action", "Action: fir by day, lantern by night"),
    ("go", "Under way"),
    ("lantern", "Light: now, waiting"),
    ("stop", "Nobody, error, stop"),
    ("info", "Information, route"),
)
STITCHES: Final = ("st-done", "st-go", "st-ask", "st-none")
EXAMPLES: Final = {
    "swatches": [(kind, name, kind) for kind, name in SWATCHES],
    "shown_errors": {
        "house": "Write the house number, for example 14",
        "tel": "Check the phone number: it has 9 digits, it needs 10",
        "agree": "Say that you agree, so that we may ask neighbors",
    },
    "coverage": [
        (name, list(zip(STITCHES, counts, strict=True)))
        for name, counts in (
            ("North Cambridge", (9, 8, 8, 9)),
            ("Riverside", (9, 6, 3, 0)),
            ("The Port", (7, 6, 4, 0)),
        )
    ],
    "icon_names": re.findall(
        r"^  '(\w+)': ", (TEMPLATES / "_parts" / "icons.html").read_text("utf-8"), re.MULTILINE
    ),
}


@get("/style", name="style")
async def get_style(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Show all parts."""
    async with desk.look(request) as call:
        _check_place(call)
        town = call.town
        drawn = await asyncio.to_thread(_draw, town)
        return call.show("design/style.html", drawn | EXAMPLES)


@get("/style/asks", name="style_asks")
async def get_asks(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Show a page that asks once more, which the other shows in a dialog too."""
    async with desk.look(request) as call:
        _check_place(call)
        return call.show("design/asks.html", {})


def _check_place(call: Call) -> None:
    if not (call.request.app.state.get("is_demo") or call.settings.is_local):
        raise NotFound("There is no such page.")


def _draw(town: Community) -> dict[str, Any]:
    ground, city = open_ground(town.city_pack), open_city_map(town, Rules().anonymity_k)
    cells = make_cells(city)
    shape = city.areas[0].cells[0].geometry
    lon, lat = (float(degrees) for degrees in ground.houses[len(ground.houses) // 3])
    stops, route = make_walk(ground)
    area = maps.Words(
        "Map: the home is somewhere in the marked area",
        name="area",
        tag="somewhere in here",
    )
    walk = maps.Words("Map of your walk", name="walk")
    return {
        "cells": cells,
        "base": maps.base_path(town.slug, ground),
        "city": maps.draw_city(ground, cells, maps.Words("Map of homes by area", name="city")),
        "place": maps.draw_place(
            ground,
            maps.Frame(lon, lat, 320),
            [maps.Mark(lon, lat)],
            maps.Words("Map around the home", name="pin"),
            numbers=True,
        ),
        "area": maps.draw_area(ground, shape, area),
        "walk": maps.draw_walk(ground, stops, route, walk),
        "walk2": maps.draw_walk(ground, stops, route, maps.Words(walk.title, name="still")),
    }


def make_cells(city: CityMap) -> list[maps.DrawnCell]:
    """Cells in each state, made up."""
    states: tuple[maps.State, ...] = ("ok", "ok", "ask", "ok", "wait")
    return [
        maps.DrawnCell(
            str(cell.cell),
            cell.geometry,
            states[(number * 7) % 5],
            number % 9 + 1 if states[(number * 7) % 5] == "wait" else 0,
            cell.area or "",
        )
        for number, cell in enumerate(one for area in city.areas for one in area.cells)
        if number % 3
    ]


def make_walk(ground: Ground) -> tuple[list[maps.Mark], Any]:
    """A way between some houses of one street, made up."""
    first = ground.houses[len(ground.houses) // 2]
    away = abs(ground.houses - first).sum(axis=1)
    chosen = [ground.houses[at] for at in away.argsort()[[0, 40, 90, 150]]]
    kinds: tuple[tuple[str, maps.MarkKind], ...] = (
        ("", "you"),
        ("S", "letter"),
        ("1", "pin"),
        ("2", "pin"),
    )
    stops = [
        maps.Mark(float(place[0]), float(place[1]), label, kind)
        for place, (label, kind) in zip(chosen, kinds, strict=True)
    ]
    return stops, shapely.LineString(chosen)
