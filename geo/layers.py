"""The layers of a city pack as arrays, and their columns in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
GeometryArray = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Addresses:
    """House addresses, one entry each (``n`` of them).

    Parameters
    ----------
    ids
        ``n`` distinct ids, stable as long as the source keeps its own.
    numbers, suffixes
        House number as the city writes it (``12``, ``215-37``, ``12-14``), and what follows it
        (``A``, ``1/2``), empty when none.
    streets
        Street name in the city's spelling.
    units, postcodes, areas
        Empty when unknown.
    precisions
        ``rooftop``, ``interpolated`` or ``street``: how the position came about.
    lonlat
        (n, 2) float64, degrees.
    """

    ids: tuple[str, ...]
    numbers: tuple[str, ...]
    suffixes: tuple[str, ...]
    streets: tuple[str, ...]
    units: tuple[str, ...]
    postcodes: tuple[str, ...]
    areas: tuple[str, ...]
    precisions: tuple[str, ...]
    lonlat: FloatArray

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Streets:
    """Street segments, one entry each (``n`` of them).

    Segments meet at their end points only: two segments are connected exactly when an end of one
    has the same coordinates as an end of the other.

    Parameters
    ----------
    ids, names, classes
        Name is empty for an unnamed way; class follows OpenStreetMap's ``highway`` values.
    alias_names
        Other names of each segment.
    oneway
        (n,) int8, for cars: 1 along the line, -1 against it, 0 both ways.
    foot, bike, car
        (n,) bool, who may use the segment.
    ranges
        (n, 4) int64 house numbers: left from, left to, right from, right to, where left and right
        are seen along the line; -1 is none.
    postcodes
        Left and right postcode of each segment, empty when unknown.
    max_speed_kmh
        (n,) float64, nan when unknown.
    lines
        (n,) shapely LineString, lon and lat in degrees.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    alias_names: tuple[tuple[str, ...], ...]
    classes: tuple[str, ...]
    oneway: npt.NDArray[np.int8]
    foot: npt.NDArray[np.bool_]
    bike: npt.NDArray[np.bool_]
    car: npt.NDArray[np.bool_]
    ranges: npt.NDArray[np.int64]
    postcodes: tuple[tuple[str, str], ...]
    max_speed_kmh: FloatArray
    lines: GeometryArray

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Layer:
    """Named features of one layer: areas, water, parks, places.

    Parameters
    ----------
    ids, names, kinds, addresses
        One entry for each feature, empty when unknown. ``kinds`` groups places
        (``salt_barrel``, ``tow_route``, ``senior_home``, ``library`` ...).
    details
        Further published attributes of each feature.
    geometries
        (n,) shapely geometries, lon and lat in degrees.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    addresses: tuple[str, ...]
    details: tuple[Mapping[str, str], ...]
    geometries: GeometryArray

    def __len__(self) -> int:
        return len(self.ids)


ADDRESS_COLUMNS = {
    "address_id": "TEXT NOT NULL",
    "number": "TEXT NOT NULL",
    "suffix": "TEXT NOT NULL",
    "street": "TEXT NOT NULL",
    "unit": "TEXT NOT NULL",
    "postcode": "TEXT NOT NULL",
    "area": "TEXT NOT NULL",
    "precision": "TEXT NOT NULL",
}
STREET_COLUMNS = {
    "street_id": "TEXT NOT NULL",
    "name": "TEXT NOT NULL",
    "alias_names": "TEXT NOT NULL",
    "class": "TEXT NOT NULL",
    "oneway": "INTEGER NOT NULL",
    "foot": "INTEGER NOT NULL",
    "bike": "INTEGER NOT NULL",
    "car": "INTEGER NOT NULL",
    "left_from": "INTEGER NOT NULL",
    "left_to": "INTEGER NOT NULL",
    "right_from": "INTEGER NOT NULL",
    "right_to": "INTEGER NOT NULL",
    "left_postcode": "TEXT NOT NULL",
    "right_postcode": "TEXT NOT NULL",
    "max_speed_kmh": "REAL",
}
FEATURE_COLUMNS = {
    "feature_id": "TEXT NOT NULL",
    "name": "TEXT NOT NULL",
    "kind": "TEXT NOT NULL",
    "address": "TEXT NOT NULL",
    "details": "TEXT NOT NULL",
}
FEATURE_LAYERS = ("area", "boundary", "park", "poi", "postcode", "water")
ALIAS_SEPARATOR = ";"
