"""What strangers may learn about the way between two homes: a bucket, from cell to cell.

Distances rounded to 10 m give a home away after three questions. These figures are computed from
the cells alone, so that all homes of a cell have the same answer, and only the bucket is told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from geo.privacy import PrivacyCells, cell_center
from geo.travel import DEFAULT_SPEED_KMH, TravelMatrix, TravelMode, TravelModel

METRES_PER_MILE = 1609.344


class TimeBucket(StrEnum):
    """How long a way takes, as keys for the texts of each language."""

    UNDER_5_MIN = "under_5_min"
    FROM_5_TO_10_MIN = "5_to_10_min"
    FROM_10_TO_15_MIN = "10_to_15_min"
    FROM_15_TO_30_MIN = "15_to_30_min"
    OVER_30_MIN = "over_30_min"


class MetresBucket(StrEnum):
    """How long a way is, for countries that count in metres."""

    UNDER_500_M = "under_500_m"
    FROM_500_M_TO_1_KM = "500_m_to_1_km"
    FROM_1_TO_2_KM = "1_to_2_km"
    FROM_2_TO_5_KM = "2_to_5_km"
    OVER_5_KM = "over_5_km"


class MilesBucket(StrEnum):
    """How long a way is, for countries that count in miles."""

    UNDER_QUARTER_MILE = "under_quarter_mile"
    QUARTER_TO_HALF_MILE = "quarter_to_half_mile"
    HALF_TO_1_MILE = "half_to_1_mile"
    FROM_1_TO_3_MILES = "1_to_3_miles"
    OVER_3_MILES = "over_3_miles"


_TIME_LIMITS_S = (300.0, 600.0, 900.0, 1800.0)
_METRES_LIMITS = (500.0, 1000.0, 2000.0, 5000.0)
_MILES_LIMITS = (0.25, 0.5, 1.0, 3.0)


@dataclass(frozen=True, slots=True)
class TravelBuckets:
    """The way between two cells, as far as it may be told."""

    time: TimeBucket
    metres: MetresBucket
    miles: MilesBucket


def time_bucket(travel_s: float) -> TimeBucket:
    """Bucket of a time in seconds; unreachable is the last one."""
    return list(TimeBucket)[_position(travel_s, _TIME_LIMITS_S)]


def longest_time_s(bucket: TimeBucket) -> float | None:
    """The longest time in seconds that a bucket stands for; None where it has no end."""
    limits = dict(zip(TimeBucket, _TIME_LIMITS_S, strict=False))
    return limits.get(bucket)


def metres_bucket(travel_m: float) -> MetresBucket:
    """Bucket of a length in metres; unreachable is the last one."""
    return list(MetresBucket)[_position(travel_m, _METRES_LIMITS)]


def miles_bucket(travel_m: float) -> MilesBucket:
    """Bucket in miles of a length in metres; unreachable is the last one."""
    return list(MilesBucket)[_position(travel_m / METRES_PER_MILE, _MILES_LIMITS)]


class BlurredTravel:
    """Buckets from cell to cell, all computed once for a city.

    Parameters
    ----------
    cells
        The city's cells.
    model
        How to travel between them.
    """

    def __init__(self, cells: PrivacyCells, model: TravelModel) -> None:
        self._cells = cells
        self._model = model
        between = model.matrix(cells.anchors, cells.anchors)
        self._travel_s, self._travel_m = between.travel_s, between.travel_m
        # Two homes of one cell: as far apart as its addresses are from their middle.
        np.fill_diagonal(self._travel_m, cells.spread_m)
        np.fill_diagonal(self._travel_s, cells.spread_m / _usual_speed_m_s(between, model.mode))

    def buckets(self, from_cell: int, to_cell: int) -> TravelBuckets:
        """Tell the way from one cell to another.

        A cell that this city does not show (of an older pack, say) is taken at its middle.

        Raises
        ------
        InvalidCell
            When a number is no H3 cell.
        """
        i, j = self._cells.find_index(from_cell), self._cells.find_index(to_cell)
        if i is not None and j is not None:
            return _buckets(float(self._travel_s[i, j]), float(self._travel_m[i, j]))
        way = self._model.matrix(
            np.array([cell_center(from_cell)]), np.array([cell_center(to_cell)])
        )
        return _buckets(float(way.travel_s[0, 0]), float(way.travel_m[0, 0]))


def _buckets(travel_s: float, travel_m: float) -> TravelBuckets:
    return TravelBuckets(time_bucket(travel_s), metres_bucket(travel_m), miles_bucket(travel_m))


def _usual_speed_m_s(travel: TravelMatrix, mode: TravelMode) -> float:
    moving = np.isfinite(travel.travel_s) & (travel.travel_s > 0)
    if not moving.any():
        return DEFAULT_SPEED_KMH[mode] / 3.6
    return float(np.median(travel.travel_m[moving] / travel.travel_s[moving]))


def _position(value: float, limits: tuple[float, ...]) -> int:
    if math.isnan(value):
        return len(limits)
    return sum(value >= limit for limit in limits)
