"""Who may use which street, in which direction and how fast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.city import Streets
from geo.travel import DEFAULT_SPEED_KMH, FloatArray, TravelMode

KMH_PER_M_S = 3.6

CAR_SPEED_KMH = {
    "motorway": 85.0,
    "motorway_link": 45.0,
    "trunk": 60.0,
    "trunk_link": 40.0,
    "primary": 38.0,
    "primary_link": 30.0,
    "secondary": 34.0,
    "secondary_link": 28.0,
    "tertiary": 30.0,
    "tertiary_link": 25.0,
    "unclassified": 25.0,
    "residential": 22.0,
    "living_street": 8.0,
    "service": 12.0,
    "track": 10.0,
}
"""Mean speed on each class of street, km/h, with the stops at lights and junctions."""

SPEED_SHARE_OF_LIMIT = 0.75
"""Where the limit is known, people drive no faster than this share of it on average."""


@dataclass(frozen=True, eq=False)
class StreetLines:
    """Streets that one way of travelling may use (``n`` of them).

    Lines are connected where their ends have the same coordinates, and nowhere else.

    Parameters
    ----------
    lines
        (n,) shapely LineString, lon and lat in degrees.
    forward, backward
        (n,) bool, whether the line may be travelled along and against its direction.
    slowness_s_m
        (n,) float64, seconds per metre. 1 everywhere when the speed is the same on all streets:
        the cost of a way is then its length.
    """

    lines: npt.NDArray[np.object_]
    forward: npt.NDArray[np.bool_]
    backward: npt.NDArray[np.bool_]
    slowness_s_m: FloatArray


def select_streets(streets: Streets, mode: TravelMode) -> StreetLines:
    """Choose the streets that a person may use who travels in this way.

    Walkers go both ways everywhere. Cyclists and drivers keep to one-way rules; on a way without
    cars the rule is not applied, since the pack states it for cars.
    """
    allowed = {TravelMode.WALK: streets.foot, TravelMode.BIKE: streets.bike}.get(mode, streets.car)
    chosen = np.flatnonzero(allowed)
    oneway = np.where(streets.car, streets.oneway, 0)[chosen]
    if mode is TravelMode.WALK:
        oneway = np.zeros_like(oneway)
    slowness = np.ones(len(chosen))
    if mode is TravelMode.CAR:
        slowness = KMH_PER_M_S / _car_speeds_kmh(streets)[chosen]
    return StreetLines(
        lines=np.asarray(streets.lines, object)[chosen],
        forward=oneway >= 0,
        backward=oneway <= 0,
        slowness_s_m=slowness,
    )


def _car_speeds_kmh(streets: Streets) -> FloatArray:
    usual = np.array(
        [CAR_SPEED_KMH.get(name, DEFAULT_SPEED_KMH[TravelMode.CAR]) for name in streets.classes]
    )
    limit = np.asarray(streets.max_speed_kmh, np.float64)
    known = np.isfinite(limit) & (limit > 0)
    return np.where(known, np.minimum(usual, SPEED_SHARE_OF_LIMIT * limit), usual).clip(min=3.0)
