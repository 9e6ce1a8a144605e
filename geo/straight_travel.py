"""Travel by the straight line: a labelled fallback for places without streets."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from shapely import Polygon

from geo.errors import InvalidTravelSetting
from geo.travel import (
    DEFAULT_SPEED_KMH,
    EARTH_RADIUS_M,
    Area,
    FloatArray,
    IntArray,
    Progress,
    SparseMatrix,
    TravelMatrix,
    TravelMode,
    build_sparse,
    check_limit,
    check_points,
    check_speed,
    great_circle_m,
)

DEFAULT_DETOUR = 1.3
"""Street length over straight length, the mean of several cities at 0.2 to 2 km. Rivers and
railways make single pairs ten times longer: never promise a time from this model."""

SPARSE_BLOCK = 512
CIRCLE_CORNERS = 64


class StraightTravel:
    """Straight distance on the sphere times a detour factor, at one speed.

    Parameters
    ----------
    detour
        At least 1.
    speed_kmh
        None takes `DEFAULT_SPEED_KMH` of the mode.

    Raises
    ------
    InvalidTravelSetting
        For a detour under 1 or a speed that is not above 0.
    """

    def __init__(
        self,
        mode: TravelMode | str = TravelMode.WALK,
        *,
        detour: float = DEFAULT_DETOUR,
        speed_kmh: float | None = None,
    ) -> None:
        self.mode = TravelMode(mode)
        if not (math.isfinite(detour) and detour >= 1):
            raise InvalidTravelSetting(
                f"detour is {detour:g}; give a factor of at least 1, such as 1.3."
            )
        self.detour = float(detour)
        speed = check_speed(DEFAULT_SPEED_KMH[self.mode] if speed_kmh is None else speed_kmh)
        self._speed_m_s = speed / 3.6
        self.label = f"straight line x {self.detour:g}, {speed:g} km/h (estimate, not streets)"

    def matrix(
        self, sources: FloatArray, targets: FloatArray, *, limit_s: float = math.inf
    ) -> TravelMatrix:
        """Travel from each of (n, 2) to each of (k, 2) lon and lat; see `TravelModel.matrix`."""
        check_limit(limit_s)
        sources = check_points(sources, "sources")
        targets = check_points(targets, "targets")
        return self._between(sources, targets, limit_s)

    def sparse(
        self, points: FloatArray, *, limit_s: float, progress: Progress | None = None
    ) -> SparseMatrix:
        """Travel between all of (n, 2) lon and lat; see `TravelModel.sparse`."""
        check_limit(limit_s)
        points = check_points(points)

        def travel(group: IntArray, near: IntArray) -> TravelMatrix:
            return self._between(points[group], points[near], limit_s)

        return build_sparse(
            points,
            travel,
            radius_m=1.001 * self._radius_m(limit_s),
            block=SPARSE_BLOCK,
            progress=progress,
        )

    def reach(self, points: FloatArray, *, limits_s: Sequence[float]) -> list[list[Area]]:
        """Circle of each limit around each of (n, 2) lon and lat; see `TravelModel.reach`."""
        points = check_points(points)
        radii_m = [self._radius_m(check_limit(limit_s)) for limit_s in limits_s]
        return [[_circle(point, radius_m) for radius_m in radii_m] for point in points]

    def _radius_m(self, limit_s: float) -> float:
        return limit_s * self._speed_m_s / self.detour

    def _between(self, sources: FloatArray, targets: FloatArray, limit_s: float) -> TravelMatrix:
        travel_m = self.detour * great_circle_m(sources[:, None, :], targets[None, :, :])
        travel_s = travel_m / self._speed_m_s
        beyond = travel_s > limit_s
        travel_m[beyond] = np.inf
        travel_s[beyond] = np.inf
        return TravelMatrix(travel_s, travel_m)


def _circle(center: npt.NDArray[np.float64], radius_m: float) -> Polygon:
    """Points at one distance on the sphere, as a polygon in lon and lat.

    Raises
    ------
    InvalidTravelSetting
        When the circle would not fit on half of the Earth.
    """
    if not radius_m < EARTH_RADIUS_M:
        raise InvalidTravelSetting("An area within reach needs a limit; give seconds.")
    if radius_m == 0:
        return Polygon()
    lon, lat = np.radians(center)
    turn = np.linspace(0.0, 2 * np.pi, CIRCLE_CORNERS, endpoint=False)
    arc = radius_m / EARTH_RADIUS_M
    lat_there = np.arcsin(np.sin(lat) * np.cos(arc) + np.cos(lat) * np.sin(arc) * np.cos(turn))
    east = np.arctan2(
        np.sin(turn) * np.sin(arc) * np.cos(lat),
        np.cos(arc) - np.sin(lat) * np.sin(lat_there),
    )
    return Polygon(np.degrees(np.column_stack([lon + east, lat_there])))
