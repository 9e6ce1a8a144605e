"""Street travel between all places of a round, one model for each way of travelling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from geo.city import CityPack
from geo.graph_travel import GraphTravel
from geo.travel import Progress, SparseMatrix, TravelMode
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
    volunteer_mode: IntArray,
    max_travel_s: IntArray,
    lonlat: FloatArray,
    find_travel: TravelFinder,
) -> tuple[SparseTravel, ...]:
    """One sparse model for each mode, over the homes of its volunteers and all requests.

    Parameters
    ----------
    modes
        Ways of travelling; ``volunteer_mode`` points into it.
    volunteer_mode, max_travel_s
        (m,) int64.
    lonlat
        (m + n, 2) float64, volunteers then requests, degrees.
    """
    n_volunteers = len(volunteer_mode)
    places = np.arange(len(lonlat))
    models = []
    for number, mode in enumerate(modes):
        mine = np.flatnonzero(volunteer_mode == number)
        if not len(mine):
            models.append(empty_travel(len(lonlat)))
            continue
        limit_s = LONGEST_LEG * float(max_travel_s[mine].max())
        used = np.concatenate([mine, places[n_volunteers:]])
        found = find_travel(mode).sparse(lonlat[used], limit_s=limit_s)
        models.append(_spread(found, used, len(lonlat)))
    return tuple(models)


def empty_travel(n_places: int) -> SparseTravel:
    """Travel without any way between places."""
    nothing = np.zeros(0, np.int64)
    return SparseTravel(np.zeros(n_places + 1, np.int64), nothing, nothing, nothing)


def _spread(matrix: SparseMatrix, used: IntArray, n_places: int) -> SparseTravel:
    """The same pairs with the numbers of all places; ``used`` ascends, so rows stay sorted."""
    sizes = np.zeros(n_places, np.int64)
    sizes[used] = np.diff(matrix.ptr)
    ptr = np.zeros(n_places + 1, np.int64)
    np.cumsum(sizes, out=ptr[1:])
    return SparseTravel(ptr, used[matrix.index], matrix.seconds, matrix.metres)
