"""The ground that maps are drawn on: streets with names, water, parks and neighborhoods of a city.

Read once in a process for each city; the first time takes about half a second, in a thread.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import shape as read_shape

from geo.basemap import (
    HIDDEN_CLASSES,
    MAIN_CLASSES,
    MIDDLE_CLASSES,
    TOLERANCE_DEG,
    Basemap,
    build_basemap,
)
from geo.city import CityPack
from geo.geojson import make_collection, make_feature, make_geometry
from geo.open_cities import OpenCity, open_city

MOST_GROUNDS: Final = 8
MOST_AREAS: Final = 500
MOST_POINTS: Final = 100_000
LABEL_PRECISION_DEG: Final = 1e-4
SMALL, MIDDLE, MAIN = 0, 1, 2

Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Area:
    """A neighborhood: its border, and where its name stands."""

    name: str
    border: Any
    lon_deg: float
    lat_deg: float


@dataclass(eq=False)
class Ground:
    """Everything that maps of one city are drawn from. Safe to share between threads.

    Parameters
    ----------
    lines, names, ranks
        (n,) streets: shapely lines in degrees, what they are called, and 0 to 2, the main ones.
    """

    basemap: Basemap
    lines: Shapes
    names: tuple[str, ...]
    ranks: npt.NDArray[np.int64]
    houses: npt.NDArray[np.float64]
    house_numbers: tuple[str, ...]
    areas: tuple[Area, ...]
    made_for: dict[tuple[Any, ...], str] = field(default_factory=dict)
    """Pictures of the whole city without anything on it."""
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def from_pack(cls, pack: CityPack) -> Ground:
        """Read the layers of a pack."""
        streets, layer = pack.streets, pack.areas
        ranks = np.array([_rank(name) for name in streets.classes], np.int64)
        shown = ranks >= 0
        return cls(
            basemap=build_basemap(pack),
            lines=shapely.simplify(streets.lines[shown], TOLERANCE_DEG / 2),
            names=tuple(
                name or "" for name, keep in zip(streets.names, shown, strict=True) if keep
            ),
            ranks=ranks[shown],
            houses=np.asarray(pack.addresses.lonlat, np.float64),
            house_numbers=tuple(str(number) for number in pack.addresses.numbers),
            areas=tuple(
                _area(name, border)
                for name, border in list(zip(layer.names, layer.geometries, strict=True))[
                    :MOST_AREAS
                ]
            ),
        )

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north, degrees."""
        return self.basemap.bounds

    @property
    def attribution(self) -> str:
        """What must stand on each map."""
        return self.basemap.attribution

    @cached_property
    def tree(self) -> Any:
        """Finds the streets of a window."""
        return shapely.STRtree(self.lines)

    @cached_property
    def base_file(self) -> BaseFile:
        """The ground as a file for the map in the browser."""
        with self._lock:
            return _write_base(self)


@dataclass(frozen=True)
class BaseFile:
    """A GeoJSON file, plain and packed, and what it is known by."""

    plain: bytes
    packed: bytes
    version: str


def read_geometry(shape: Any) -> Any:
    """A shapely geometry, from one or from GeoJSON."""
    return read_shape(dict(shape)) if isinstance(shape, Mapping) else shape


def open_ground(city_pack: str) -> Ground:
    """The ground of a city, by its pack: at first it reads files, so call it in a thread."""
    city = open_city(city_pack)
    with _LOCK:
        if city not in _GROUNDS:
            _GROUNDS[city] = Ground.from_pack(city.pack)
            while len(_GROUNDS) > MOST_GROUNDS:
                _GROUNDS.popitem(last=False)
        _GROUNDS.move_to_end(city)
        return _GROUNDS[city]


async def find_ground(city_pack: str) -> Ground:
    """The same, off the event loop."""
    return await asyncio.to_thread(open_ground, city_pack)


_GROUNDS: OrderedDict[OpenCity, Ground] = OrderedDict()
_LOCK = Lock()


def _rank(street_class: str) -> int:
    street_class = street_class.removesuffix("_link")
    if street_class in MAIN_CLASSES:
        return MAIN
    if street_class in MIDDLE_CLASSES:
        return MIDDLE
    return -1 if street_class in HIDDEN_CLASSES else SMALL


def _area(name: str, border: Any) -> Area:
    parts = shapely.get_parts(border)
    largest = max(parts, key=lambda part: float(part.area))
    middle = shapely.maximum_inscribed_circle(largest, LABEL_PRECISION_DEG).coords[0]
    simple = shapely.simplify(border, TOLERANCE_DEG)
    return Area(name, simple, float(middle[0]), float(middle[1]))


def _write_base(ground: Ground) -> BaseFile:
    """Layers in the order in which they are drawn: kind ``k``, name ``n``, rank ``r``."""
    base, features = ground.basemap, []
    for kind, polygons in (("land", base.land), ("park", base.park), ("water", base.water)):
        features.append(_feature({"k": kind}, shapely.multipolygons(list(polygons))))
    for rank in (SMALL, MIDDLE, MAIN):
        chosen = np.flatnonzero(ground.ranks == rank)
        by_name: dict[str, list[Any]] = {}
        for at in chosen.tolist():
            by_name.setdefault(ground.names[at], []).append(ground.lines[at])
        for name, lines in sorted(by_name.items()):
            whole = shapely.line_merge(shapely.multilinestrings(lines))
            features.append(_feature({"k": "street", "r": rank, "n": name}, whole))
    for area in ground.areas:
        properties = {"k": "area", "n": area.name, "at": [area.lon_deg, area.lat_deg]}
        features.append(_feature(properties, shapely.boundary(area.border)))
    collection = make_collection(features, attribution=ground.attribution, bounds=ground.bounds)
    plain = json.dumps(collection, separators=(",", ":"), ensure_ascii=False).encode()
    version = hashlib.sha256(plain).hexdigest()[:12]
    return BaseFile(plain, gzip.compress(plain, 9, mtime=0), version)


def _feature(properties: Mapping[str, Any], shape: Any) -> Any:
    return make_feature(make_geometry(shape, most_points=MOST_POINTS), properties)


def bounds_of(shapes: Iterable[Any]) -> tuple[float, float, float, float]:
    """West, south, east and north of several shapes."""
    west, south, east, north = shapely.total_bounds([read_geometry(one) for one in shapes]).tolist()
    return west, south, east, north
