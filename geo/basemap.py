"""The quiet map under everything: land, water, parks and streets of a pack, made small."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.ops import linemerge

from geo.city import CityPack

TOLERANCE_DEG = 2e-5
"""About two metres: less than the width of a line on the screen."""
MIN_AREA_DEG2 = 4e-8
"""About 400 square metres: smaller ponds and lawns are left out."""
MAIN_CLASSES = frozenset({"motorway", "trunk", "primary", "secondary"})
MIDDLE_CLASSES = frozenset({"tertiary", "unclassified"})
HIDDEN_CLASSES = frozenset({"footway", "path", "steps", "cycleway", "corridor"})


@dataclass(frozen=True, eq=False)
class Basemap:
    """Simplified shapes, lon and lat in degrees.

    Parameters
    ----------
    land, water, park
        Shapely polygons.
    main, middle, small
        Shapely lines: streets by rank, merged where they meet.
    bounds
        (west, south, east, north) of the service area, degrees.
    attribution
        What must be shown wherever the map is.
    """

    land: tuple[Any, ...]
    water: tuple[Any, ...]
    park: tuple[Any, ...]
    main: tuple[Any, ...]
    middle: tuple[Any, ...]
    small: tuple[Any, ...]
    bounds: tuple[float, float, float, float]
    attribution: str


def build_basemap(pack: CityPack) -> Basemap:
    """Simplify the layers of a pack for a picture of the whole city."""
    streets = pack.streets
    classes = np.array([_rank(name) for name in streets.classes], object)
    west, south, east, north = shapely.bounds(pack.boundary).tolist()
    return Basemap(
        land=_polygons([pack.boundary]),
        water=_polygons(pack.layer("water").geometries),
        park=_polygons(pack.layer("park").geometries),
        main=_lines(streets.lines[classes == "main"]),
        middle=_lines(streets.lines[classes == "middle"]),
        small=_lines(streets.lines[classes == "small"]),
        bounds=(west, south, east, north),
        attribution=pack.meta.attribution,
    )


def _rank(street_class: str) -> str:
    street_class = street_class.removesuffix("_link")
    if street_class in MAIN_CLASSES:
        return "main"
    if street_class in MIDDLE_CLASSES:
        return "middle"
    return "hidden" if street_class in HIDDEN_CLASSES else "small"


def _polygons(geometries: Iterable[Any]) -> tuple[Any, ...]:
    parts = []
    for geometry in geometries:
        whole = shapely.make_valid(geometry).simplify(TOLERANCE_DEG)
        parts += [
            part
            for part in shapely.get_parts(whole)
            if part.geom_type == "Polygon" and part.area >= MIN_AREA_DEG2
        ]
    return tuple(parts)


def _lines(geometries: Any) -> tuple[Any, ...]:
    if not len(geometries):
        return ()
    merged = linemerge(list(geometries))
    return tuple(
        part
        for part in shapely.get_parts(merged.simplify(TOLERANCE_DEG))
        if part.geom_type == "LineString" and not part.is_empty
    )


def encode_line(line: Any, *, scale: int = 100_000) -> list[int]:
    """A line as flat whole numbers: the first point, then steps, in 1/scale of a degree.

    Five decimals are about one metre; steps keep the file small.
    """
    points = np.rint(shapely.get_coordinates(line) * scale).astype(np.int64)
    steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), np.int64))
    keep = np.any(steps != 0, axis=1)
    keep[0] = True
    flat: list[int] = steps[keep].ravel().tolist()
    return flat


def encode_polygon(polygon: Any) -> list[list[int]]:
    """The rings of a polygon, the outer one first: see `encode_line`."""
    rings = [polygon.exterior, *polygon.interiors]
    return [encode_line(ring) for ring in rings]
