"""Maps of this room: somewhere in a blurred cell before a yes, the walk to the door after it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import shapely

from core.db import Session
from geo.errors import CityPackNotFound
from geo.travel import TravelMode
from matching.maps.areas import CityMap, open_city_map
from matching.maps.walks import Walk, trace_walk
from people.auth import Actor
from people.models import Community
from people.repository import load_communities, read_rules_at
from web.pages.design.ground import find_ground, read_geometry
from web.pages.design.maps import Drawing, Mark, Words, draw_place, frame_around
from web.pages.rendering import Reader

Point = tuple[float, float]
LEAST_OFFER_M, LEAST_WALK_M = 700.0, 400.0
FLAT, DEEP = 0.4, 0.72
"""Height to width: an offer leaves room for its facts, a walk is looked at longer."""


MOST_DRAWN = 300

_DRAWN: OrderedDict[tuple[Any, ...], Drawing] = OrderedDict()


@dataclass(frozen=True)
class Ground:
    """The city of a community, for one page."""

    community: Community
    city: CityMap

    def middle(self, cell: int | None) -> Point | None:
        """About where a cell is: the same for every home in it."""
        return None if cell is None else self.city.place(cell)


async def open_map(
    session: Session, actor: Actor, community_id: UUID, now: datetime
) -> Ground | None:
    """The map of a community's city; None where its data are not there: the words say the same."""
    found = await load_communities(session, actor, [community_id])
    community = found.get(community_id)
    if community is None:
        return None
    rules = await read_rules_at(session, community_id, now)
    try:
        city = await asyncio.to_thread(open_city_map, community, rules.anonymity_k)
    except CityPackNotFound:
        return None
    return Ground(community, city)


async def draw_somewhere(
    ground: Ground, cell: int | None, start: Point | None, reader: Reader, name: str
) -> Drawing | None:
    """The dashed cell of a home, and about where one starts from; None when no cell is shown."""
    if cell is None:
        return None
    # The same for every home in the cell and everybody who starts from the other one.
    key = (ground.city, cell, start, reader.language, name)
    if key in _DRAWN:
        _DRAWN.move_to_end(key)
        return _DRAWN[key]
    _ = reader.translator.gettext
    words = Words(
        _("Map: the home is somewhere in the marked area"),
        _("The marked area holds many homes. The house comes with your yes."),
        name,
        _("somewhere in here"),
    )
    area = read_geometry(ground.city.cell(cell).geometry)
    marks = [] if start is None else [Mark(start[0], start[1], kind="you")]
    shapes = [area, *(shapely.Point(start) for start in [start] if start is not None)]
    paper = await find_ground(ground.community.city_pack)
    frame = frame_around(shapes, LEAST_OFFER_M, FLAT)
    picture = await asyncio.to_thread(draw_place, paper, frame, marks, words, blur=area)
    _DRAWN[key] = picture
    while len(_DRAWN) > MOST_DRAWN:
        _DRAWN.popitem(last=False)
    return picture


@dataclass(frozen=True)
class DrawnWalk:
    """A walk as a picture, and how long it is; nothing when no street leads there."""

    picture: Drawing
    length_m: float | None
    minutes: int | None


async def draw_way(
    ground: Ground,
    mode: TravelMode,
    start: Point | None,
    stops: Sequence[Point],
    reader: Reader,
) -> DrawnWalk:
    """Numbered stops in order, and the streets between them."""
    _, ngettext = reader.translator.gettext, reader.translator.ngettext
    pack = ground.community.city_pack
    places = [*([] if start is None else [start]), *stops]
    walk: Walk | None = await asyncio.to_thread(trace_walk, pack, mode, places)
    words = Words(
        _("Map of your way"),
        ngettext(
            "The way from your home to the stop. Its address stands below.",
            "The way from your home to %(num)s stops in order. Their addresses stand below.",
            len(stops),
        ),
        "way",
    )
    marks = [Mark(lon, lat, str(number)) for number, (lon, lat) in enumerate(stops, start=1)]
    marks += [] if start is None else [Mark(start[0], start[1], kind="you")]
    shapes = [shapely.Point(place) for place in places] + ([] if walk is None else [walk.line])
    paper = await find_ground(pack)
    frame = frame_around(shapes, LEAST_WALK_M, DEEP)
    line = None if walk is None else walk.line
    picture = await asyncio.to_thread(draw_place, paper, frame, marks, words, route=line)
    if walk is None:
        return DrawnWalk(picture, None, None)
    return DrawnWalk(picture, walk.length_m, max(1, round(walk.travel_s / 60)))
