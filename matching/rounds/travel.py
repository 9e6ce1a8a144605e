"""Street travel between all places of a round, one model for each way of travelling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geo.city import CityPack
from geo.graph_travel import GraphTravel
from geo.travel import Progress, SparseMatrix, TravelMode
from matching.engine.problem import Volunteers
from matching.engine.travel import FloatArray, IntArray, SparseTravel

LONGEST_LEG = 1.5
"""Legs up to this many times the longest way from home are known; longer ones are not planned."""


class SparseTravelModel(Protocol):
    """Travel between all points of one list, without the pairs over a limit."""

    def sparse(
        self, points: FloatArray, *, limit_s: float, progress: Progress | None = None
    ) -> SparseMatrix:
        """See `geo.travel.TravelModel.sparse`."""
        ...


BoolArray = npt.NDArray[np.bool_]

MAX_SIFTED_PAIRS = 20_000_000
"""Above it, ways between requests that nobody shares are kept: finding them costs too much."""

TravelFinder = Callable[[TravelMode], SparseTravelModel]


@dataclass(frozen=True)
class PackTravel:
    """Street travel of a city pack, by the speeds of an installation."""

    pack: CityPack
    walk_speed_kmh: float | None = None
    cache_dir: Path | None = None

    def __call__(self, mode: TravelMode) -> GraphTravel:
        speed = self.walk_speed_kmh if mode is TravelMode.WALK else None
        return GraphTravel.from_pack(self.pack, mode, speed_kmh=speed, cache_dir=self.cache_dir)


def build_travel(
    modes: Sequence[TravelMode],
    volunteers: Volunteers,
    lonlat: FloatArray,
    find_travel: TravelFinder,
) -> tuple[SparseTravel, ...]:
    """One sparse model for each mode, over the homes of its volunteers and all requests.

    Parameters
    ----------
    modes
        Ways of travelling; ``volunteers.mode`` points into it.
    lonlat
        (m + n, 2) float64, volunteers then requests, degrees.
    """
    n_volunteers = len(volunteers)
    max_travel_s, max_travel_m = volunteers.max_travel_s, volunteers.max_travel_m
    places = np.arange(len(lonlat))
    models = []
    for number, mode in enumerate(modes):
        mine = np.flatnonzero(volunteers.mode == number)
        if not len(mine):
            models.append(empty_travel(len(lonlat)))
            continue
        limit_s = LONGEST_LEG * float(max_travel_s[mine].max())
        used = np.concatenate([mine, places[n_volunteers:]])
        found = find_travel(mode).sparse(lonlat[used], limit_s=limit_s)
        models.append(
            _spread(_keep_useful(found, max_travel_s[mine], max_travel_m[mine]), used, len(lonlat))
        )
    return tuple(models)


def empty_travel(n_places: int) -> SparseTravel:
    """Travel without any way between places."""
    nothing = np.zeros(0, np.int64)
    return SparseTravel(np.zeros(n_places + 1, np.int64), nothing, nothing, nothing)


def _keep_useful(
    matrix: SparseMatrix, max_travel_s: IntArray, max_travel_m: IntArray
) -> SparseMatrix:
    """Leave out the ways that no route can take: to homes of others, and to what is too far.

    The first ``len(max_travel_s)`` points are homes of volunteers, the others are requests. Two
    requests need a way between them only when one volunteer can reach both.
    """
    n_homes, n_points = len(max_travel_s), len(matrix.ptr) - 1
    origin = np.repeat(np.arange(n_points), np.diff(matrix.ptr))
    destination = matrix.index
    leaves_home, comes_home = origin < n_homes, destination < n_homes
    out = leaves_home & ~comes_home
    near = np.zeros(len(origin), bool)
    near[out] = matrix.seconds[out] <= max_travel_s[origin[out]]
    near[out] &= matrix.metres[out] <= max_travel_m[origin[out]]
    shape = (n_homes, n_points - n_homes)
    reach = sparse.csr_array(
        (np.ones(int(near.sum()), np.int32), (origin[near], destination[near] - n_homes)), shape
    )
    keep = near.copy()
    back = comes_home & ~leaves_home
    keep[back] = _entries(reach, destination[back], origin[back] - n_homes)
    between = ~leaves_home & ~comes_home
    if len(origin) <= MAX_SIFTED_PAIRS:
        both = sparse.csr_array(reach.T @ reach)
        keep[between] = _entries(both, origin[between] - n_homes, destination[between] - n_homes)
    else:
        keep |= between
    ptr = np.zeros(n_points + 1, np.int64)
    np.cumsum(np.bincount(origin[keep], minlength=n_points), out=ptr[1:])
    return SparseMatrix(ptr, destination[keep], matrix.seconds[keep], matrix.metres[keep])


def _entries(matrix: sparse.csr_array, rows: IntArray, columns: IntArray) -> BoolArray:
    """(k,) bool: which of these entries are not 0."""
    matrix.sort_indices()
    owner = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    keys = owner * np.int64(matrix.shape[1]) + matrix.indices
    return np.isin(rows * np.int64(matrix.shape[1]) + columns, keys)


def _spread(matrix: SparseMatrix, used: IntArray, n_places: int) -> SparseTravel:
    """The same pairs with the numbers of all places; ``used`` ascends, so rows stay sorted."""
    sizes = np.zeros(n_places, np.int64)
    sizes[used] = np.diff(matrix.ptr)
    ptr = np.zeros(n_places + 1, np.int64)
    np.cumsum(sizes, out=ptr[1:])
    return SparseTravel(ptr, used[matrix.index], matrix.seconds, matrix.metres)
