"""How long and how far it is between places: one interface for every way to find out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
from shapely import MultiPolygon, Polygon

from geo.errors import InvalidCoordinates, InvalidTravelSetting

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Area: TypeAlias = Polygon | MultiPolygon
Progress = Callable[[int, int], None]
"""Called as ``progress(done, total)`` during long work."""

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth, metres."""


class TravelMode(StrEnum):
    """How a person travels."""

    WALK = "walk"
    BIKE = "bike"
    CAR = "car"


DEFAULT_SPEED_KMH = {TravelMode.WALK: 4.8, TravelMode.BIKE: 15.0, TravelMode.CAR: 25.0}
"""Usual speeds, km/h. For older people, snow or ice a walking speed of 3 to 4 is realistic; the
car speed is the mean in a city and serves only where the streets' own speeds are not known."""


TOP_SPEED_KMH = {TravelMode.WALK: 8.0, TravelMode.BIKE: 30.0, TravelMode.CAR: 130.0}
"""Nobody is faster than this in a service's answer: places further off need not be asked for."""


@dataclass(frozen=True, eq=False)
class TravelMatrix:
    """Travel from each source to each target.

    Parameters
    ----------
    travel_s
        (n_sources, n_targets) float64, seconds; inf = unreachable or over the limit.
    travel_m
        (n_sources, n_targets) float64, metres of the same way; inf at the same places.
    """

    travel_s: FloatArray
    travel_m: FloatArray


@dataclass(frozen=True, eq=False)
class SparseMatrix:
    """Travel between all pairs of one list of points, in compressed rows.

    Pairs over the limit, unreachable pairs and a point's pair with itself are left out. Seconds and
    metres are rounded up, which keeps the triangle inequality.

    Parameters
    ----------
    ptr
        (n_points + 1,) int64; row ``i`` is ``index[ptr[i]:ptr[i + 1]]``.
    index
        (n_pairs,) int64, destination points, ascending within a row.
    seconds, metres
        (n_pairs,) int64.
    """

    ptr: IntArray
    index: IntArray
    seconds: IntArray
    metres: IntArray


class TravelModel(Protocol):
    """Anything that knows how long it takes from place to place.

    Points are (n, 2) float64, lon and lat in degrees (WGS 84), in this order.
    """

    @property
    def label(self) -> str:
        """A short text that says how the figures were found."""
        ...

    @property
    def mode(self) -> TravelMode:
        """How the person travels."""
        ...

    def matrix(
        self, sources: FloatArray, targets: FloatArray, *, limit_s: float = math.inf
    ) -> TravelMatrix:
        """Travel from each source to each target, inf where it takes over ``limit_s``."""
        ...

    def reach(self, points: FloatArray, *, limits_s: Sequence[float]) -> list[list[Area]]:
        """For each point, the area within each limit; an empty polygon when there is none."""
        ...

    def sparse(
        self, points: FloatArray, *, limit_s: float, progress: Progress | None = None
    ) -> SparseMatrix:
        """Travel between all points, without the pairs over ``limit_s``."""
        ...


def check_points(points: npt.ArrayLike, name: str = "points") -> FloatArray:
    """Return the points as (n, 2) float64 lon and lat, or say what is wrong with them.

    Raises
    ------
    InvalidCoordinates
        When the shape is not (n, 2), or a value is not a number or out of the range of lon or lat.
    """
    array = np.asarray(points, dtype=np.float64)
    if array.size == 0:
        return np.zeros((0, 2))
    if array.ndim != 2 or array.shape[1] != 2:
        raise InvalidCoordinates(
            f"{name} have the shape {array.shape}; give one row of lon and lat for each place."
        )
    bad = ~(
        np.isfinite(array).all(axis=1) & (np.abs(array[:, 0]) <= 180) & (np.abs(array[:, 1]) <= 90)
    )
    if bad.any():
        raise InvalidCoordinates(
            f"{name}: row {int(np.flatnonzero(bad)[0])} is no place on Earth; give lon from -180 "
            "to 180 and lat from -90 to 90, in this order."
        )
    return array


def great_circle_m(a: FloatArray, b: FloatArray) -> FloatArray:
    """Straight distance on the sphere.

    Parameters
    ----------
    a, b
        (..., 2) float64 lon and lat, degrees, that broadcast against each other.

    Returns
    -------
    (...) float64, metres.
    """
    lon_a, lat_a = np.radians(a[..., 0]), np.radians(a[..., 1])
    lon_b, lat_b = np.radians(b[..., 0]), np.radians(b[..., 1])
    half = (
        np.sin((lat_b - lat_a) / 2) ** 2
        + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    )
    distance: FloatArray = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return distance


def group_nearby(points: FloatArray, size: int) -> list[IntArray]:
    """Split points into groups of at most ``size`` that lie near each other.

    Halves the points at the median of the longer side until the groups are small enough, so that a
    group is compact and most pairs of groups are too far apart to need any work.

    Returns
    -------
    A list of (<= size,) int64 indices; each point is in exactly one group.
    """
    groups: list[IntArray] = []
    waiting = [np.arange(len(points), dtype=np.int64)] if len(points) else []
    while waiting:
        group = waiting.pop()
        if len(group) <= size:
            groups.append(np.sort(group))
            continue
        here = points[group]
        width = np.ptp(here[:, 0]) * np.cos(np.radians(here[:, 1].mean()))
        axis = 0 if width >= np.ptp(here[:, 1]) else 1
        order = np.argsort(here[:, axis], kind="stable")
        # A multiple of the size keeps the number of groups small.
        middle = size * max(1, math.ceil(len(group) / size) // 2)
        waiting.append(group[order[middle:]])
        waiting.append(group[order[:middle]])
    return groups


def near_box(points: FloatArray, group: IntArray, radius_m: float) -> IntArray:
    """Indices of all points within ``radius_m`` of the group's bounding box, ascending."""
    if not math.isfinite(radius_m):
        return np.arange(len(points), dtype=np.int64)
    low, high = points[group].min(axis=0), points[group].max(axis=0)
    nearest = np.clip(points, low, high)
    return np.flatnonzero(great_circle_m(points, nearest) <= radius_m).astype(np.int64)


def iter_blocks(
    points: FloatArray, size: int, radius_m: float
) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield groups of sources with all the points that can be within ``radius_m`` of one of them.

    A straight line is never longer than a street, so nothing within reach is left out.
    """
    for group in group_nearby(points, size):
        yield group, near_box(points, group, radius_m)


def build_sparse(
    points: FloatArray,
    matrix: Callable[[IntArray, IntArray], TravelMatrix],
    *,
    radius_m: float,
    block: int,
    progress: Progress | None = None,
) -> SparseMatrix:
    """Collect the sparse matrix of one list of points from blocks of a dense one.

    Parameters
    ----------
    points
        (n, 2) float64 lon and lat.
    matrix
        Gives the travel from some points to others, both by their position in ``points``; inf
        where it is over the limit.
    radius_m
        No pair further apart than this in a straight line can be within the limit.
    block
        Sources in one call of ``matrix``.
    """
    n = len(points)
    rows: list[IntArray] = []
    columns: list[IntArray] = []
    seconds: list[IntArray] = []
    metres: list[IntArray] = []
    done = 0
    for group, near in iter_blocks(points, block, radius_m):
        travel = matrix(group, near)
        known = np.isfinite(travel.travel_s) & (group[:, None] != near[None, :])
        row, column = np.nonzero(known)
        rows.append(group[row])
        columns.append(near[column])
        seconds.append(np.ceil(travel.travel_s[row, column]).astype(np.int64))
        metres.append(np.ceil(travel.travel_m[row, column]).astype(np.int64))
        done += len(group)
        if progress is not None:
            progress(done, n)
    return _compress(n, rows, columns, seconds, metres)


def _compress(
    n: int,
    rows: list[IntArray],
    columns: list[IntArray],
    seconds: list[IntArray],
    metres: list[IntArray],
) -> SparseMatrix:
    if not rows:
        empty = np.zeros(0, np.int64)
        return SparseMatrix(np.zeros(n + 1, np.int64), empty, empty, empty)
    row, column = np.concatenate(rows), np.concatenate(columns)
    # Columns ascend within a block and a row lies in one block, so a stable sort by row is enough.
    order = np.argsort(row, kind="stable")
    ptr = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(row, minlength=n), out=ptr[1:])
    return SparseMatrix(
        ptr, column[order], np.concatenate(seconds)[order], np.concatenate(metres)[order]
    )


def check_speed(speed_kmh: float) -> float:
    """Return the speed when one can travel at it.

    Raises
    ------
    InvalidTravelSetting
        When it is not above 0 and finite.
    """
    if not (math.isfinite(speed_kmh) and speed_kmh > 0):
        raise InvalidTravelSetting(
            f"speed_kmh is {speed_kmh:g}; give a speed above 0, such as 4.8 for walking."
        )
    return float(speed_kmh)


def check_limit(limit_s: float) -> float:
    """Return the limit when it is 0 or more; inf means no limit.

    Raises
    ------
    InvalidTravelSetting
        When it is negative or not a number.
    """
    if not limit_s >= 0:
        raise InvalidTravelSetting(f"limit_s is {limit_s:g}; give seconds, 0 or more.")
    return float(limit_s)
