"""Where the people of a problem file are, and how they travel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyproj
from msgspec import UNSET

from core.errors import TalkootError
from geo.areas import ServiceArea
from geo.city import CityPack, find_pack_file, utm_epsg_at
from geo.graph_travel import GraphTravel
from matching.engine.problem import InvalidProblem
from matching.engine.travel import FloatArray, SparseTravel, StraightTravel, Travel
from matching.files.problem_format import (
    CityRow,
    MatrixRow,
    Place,
    ProblemDocument,
    RequestRow,
    StraightRow,
    TravelRow,
)

DEFAULT_SPEED_KMH = 20.0
FAR_DEG = 3.0


def list_places(document: ProblemDocument) -> list[Place]:
    """Volunteers, then requests: the order of the engine."""
    return [*document.volunteers, *document.requests]


def list_travels(document: ProblemDocument) -> list[TravelRow]:
    """The travels of a document, at least one, with distinct names."""
    rows = document.travel if isinstance(document.travel, list) else [document.travel]
    if not rows:
        raise InvalidProblem("travel", "needs one way of travelling or more")
    names = [row.name for row in rows]
    for name in names:
        if names.count(name) > 1:
            raise InvalidProblem("travel.name", "stands twice; names must be distinct", id=name)
    return rows


def locate(document: ProblemDocument, directory: Path) -> tuple[FloatArray, tuple[Travel, ...]]:
    """Metres of every place in one plane, and a travel model for each way of travelling.

    Raises
    ------
    InvalidProblem
        When positions are missing, mixed, impossible or swapped, or a matrix contradicts itself.
    TalkootError
        When a city pack cannot be used.
    """
    places, rows = list_places(document), list_travels(document)
    packs = {row.pack: open_pack(row.pack, directory) for row in rows if isinstance(row, CityRow)}
    on_earth = _uses_degrees(places)
    if packs and not on_earth and places:
        raise InvalidProblem("travel", "along the streets of a city needs lon and lat")
    points = _read_points(places, on_earth=on_earth)
    xy_m = points
    if on_earth:
        _refuse_impossible(places, points)
        for pack in packs.values():
            _refuse_outside(places, points, pack)
        _refuse_swapped(places, points)
        xy_m = _project(points, next(iter(packs.values()), None))
    models = [_build_travel(document, row, points, xy_m, packs) for row in rows]
    return xy_m, tuple(models)


def open_pack(name: str, directory: Path) -> CityPack:
    """The pack of a name; a path is looked for beside the problem file first."""
    beside = directory / name
    return CityPack.open(beside if beside.is_file() else find_pack_file(name))


def _kind(place: Place) -> str:
    return "requests" if isinstance(place, RequestRow) else "volunteers"


def _uses_degrees(places: Sequence[Place]) -> bool:
    """Whether the file gives lon and lat; every place must do as the others do."""
    uses = []
    for place in places:
        degrees = place.lon is not UNSET and place.lat is not UNSET
        metres = place.x_m is not UNSET and place.y_m is not UNSET
        given = sum(value is not UNSET for value in (place.lon, place.lat, place.x_m, place.y_m))
        if given != 2 or degrees == metres:
            message = "needs either lon and lat, or x_m and y_m"
            raise InvalidProblem(f"{_kind(place)}.position", message, id=place.id)
        uses.append(degrees)
        if degrees != uses[0]:
            message = "uses other coordinates than the first one; use lon/lat or x_m/y_m throughout"
            raise InvalidProblem(f"{_kind(place)}.position", message, id=place.id)
    return bool(uses) and uses[0]


def _read_points(places: Sequence[Place], *, on_earth: bool) -> FloatArray:
    pairs = [(one.lon, one.lat) if on_earth else (one.x_m, one.y_m) for one in places]
    return np.array(pairs, np.float64).reshape(-1, 2)


def _refuse_impossible(places: Sequence[Place], points: FloatArray) -> None:
    for place, (lon_deg, lat_deg) in zip(places, points.tolist(), strict=True):
        if abs(lat_deg) > 90 and abs(lon_deg) <= 90:
            message = f"lat {lat_deg:g} does not exist; lon and lat look swapped"
            raise InvalidProblem(f"{_kind(place)}.lat", message, id=place.id)
        if abs(lat_deg) > 90 or abs(lon_deg) > 180:
            message = f"lon {lon_deg:g}, lat {lat_deg:g} is no place on Earth"
            raise InvalidProblem(f"{_kind(place)}.lon", message, id=place.id)


def _refuse_outside(places: Sequence[Place], points: FloatArray, pack: CityPack) -> None:
    """Streets say nothing about places far outside of their city."""
    if not len(points):
        return
    area = ServiceArea.from_pack(pack)
    for at in np.flatnonzero(area.outside_m(points) > 0):
        try:
            area.check_inside(*points[at].tolist())
        except TalkootError as error:
            place = places[int(at)]
            raise InvalidProblem(
                f"{_kind(place)}.lon", str(error).rstrip("."), id=place.id
            ) from error


def _refuse_swapped(places: Sequence[Place], points: FloatArray) -> None:
    """A place far from the others, which would be among them with lon and lat exchanged."""
    if len(points) < 3:
        return
    middle = np.median(points, axis=0)
    far = np.abs(points - middle).max(axis=1) > FAR_DEG
    swapped_near = np.abs(points[:, ::-1] - middle).max(axis=1) <= FAR_DEG
    for at in np.flatnonzero(far & swapped_near):
        place = places[int(at)]
        message = "lon and lat look swapped: exchanged, it would lie among the others"
        raise InvalidProblem(f"{_kind(place)}.lon", message, id=place.id)


def _project(points: FloatArray, pack: CityPack | None) -> FloatArray:
    """Metres in one UTM zone, to the centimetre, so that every computer finds the same numbers."""
    if not len(points):
        return np.zeros((0, 2))
    if pack is not None:
        return np.round(pack.to_utm(points), 2)
    epsg = utm_epsg_at(*np.median(points, axis=0).tolist())
    projection = pyproj.Transformer.from_crs(4326, epsg, always_xy=True)
    xy_m = np.column_stack(projection.transform(points[:, 0], points[:, 1]))
    if not np.isfinite(xy_m).all():
        raise InvalidProblem("travel", "places lie too far apart for one plane of metres")
    return np.round(xy_m, 2)


def _build_travel(
    document: ProblemDocument,
    row: TravelRow,
    points: FloatArray,
    xy_m: FloatArray,
    packs: dict[str, CityPack],
) -> Travel:
    if isinstance(row, StraightRow):
        if row.speed_m_s is not UNSET:
            if row.speed_kmh is not UNSET:
                raise InvalidProblem(
                    "travel.speed_kmh", "stands beside speed_m_s; give one of them"
                )
            return StraightTravel(xy_m, row.detour, row.speed_m_s)
        speed_kmh = DEFAULT_SPEED_KMH if row.speed_kmh is UNSET else row.speed_kmh
        return StraightTravel(xy_m, row.detour, speed_kmh / 3.6)
    if isinstance(row, MatrixRow):
        return _build_matrix(document, row)
    if not len(points):
        empty = np.zeros(0, np.int64)
        return SparseTravel(np.zeros(1, np.int64), empty, empty, empty)
    speed = None if row.speed_kmh is UNSET else row.speed_kmh
    model = GraphTravel.from_pack(packs[row.pack], row.mode, speed_kmh=speed)
    found = model.sparse(points, limit_s=_limit_s(document, row))
    return SparseTravel(found.ptr, found.index, found.seconds, found.metres)


def _limit_s(document: ProblemDocument, row: CityRow) -> float:
    """The longest leg that a route can have: between two requests on opposite sides of a home."""
    if row.limit_s is not UNSET:
        return float(row.limit_s)
    furthest = [one.max_travel_s for one in document.volunteers]
    limits = [4 * 3600 if seconds is UNSET else 2 * seconds for seconds in furthest]
    return float(max(1, *limits)) if limits else 1.0


def _build_matrix(document: ProblemDocument, row: MatrixRow) -> SparseTravel:
    places = list_places(document)
    number = {place.id: at for at, place in enumerate(places)}
    if len(number) != len(places):
        shared = {one.id for one in document.volunteers} & {one.id for one in document.requests}
        for name in sorted(shared):
            message = "names a volunteer and a request; a matrix needs one meaning for each id"
            raise InvalidProblem("travel.entries", message, id=name)
    legs: dict[tuple[int, int], tuple[int, int]] = {}
    for origin, destination, seconds, metres in row.entries:
        for name in (origin, destination):
            if name not in number:
                raise InvalidProblem("travel.entries", "is no volunteer and no request", id=name)
        key = (number[origin], number[destination])
        if key in legs:
            message = f"has two entries to {destination!r}"
            raise InvalidProblem("travel.entries", message, id=origin)
        if key[0] == key[1] and (seconds or metres):
            raise InvalidProblem("travel.entries", "is more than 0 away from itself", id=origin)
        legs[key] = (seconds, metres)
    keys = np.array(sorted(legs), np.int64).reshape(-1, 2)
    values = np.array([legs[key] for key in sorted(legs)], np.int64).reshape(-1, 2)
    counts = np.bincount(keys[:, 0], minlength=len(places))
    ptr = np.append(0, np.cumsum(counts)).astype(np.int64)
    return SparseTravel(ptr, keys[:, 1].copy(), values[:, 0].copy(), values[:, 1].copy())
