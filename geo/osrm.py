"""Travel by an OSRM server (``osrm-routed``): its ``table`` service.

References
----------
.. [1] Project OSRM, "HTTP API", section "Table service".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from geo.cell_reach import reach_by_cells
from geo.errors import InvalidTravelSetting, TravelServiceUnavailable
from geo.http_service import Answer, HttpService, ServiceSettings
from geo.snapping import DEFAULT_MAX_ACCESS_M
from geo.travel import (
    DEFAULT_SPEED_KMH,
    TOP_SPEED_KMH,
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

PROFILES = {TravelMode.WALK: "foot", TravelMode.BIKE: "bike", TravelMode.CAR: "car"}
DEFAULT_MAX_TABLE_SIZE = 100
"""``--max-table-size`` of osrm-routed: it refuses more than its square of pairs."""

ROUNDING_ERROR = 1.0
"""OSRM answers -0.1 m for two places at one spot of a street: up to this much below 0 means 0."""


class OsrmTravel:
    """Quickest ways by an OSRM server, from door to door.

    The server counts from the point on the street that is nearest to each place. The way from the
    door to that point, which the answer tells, is added at walking speed; places too far from any
    street are unreachable, although OSRM itself would move them to the next street however far.

    Parameters
    ----------
    url
        Of a server whose data was prepared for this way of travelling: one server has one profile.
        Ask your own server, since the questions hold people's homes.
    mode
        Walk, bike or car.
    speed_kmh
        Not by car. The time is then the length at this speed, else the time of the profile.
    max_table_size
        As the server was started.
    max_access_m
        See `geo.snapping.DEFAULT_MAX_ACCESS_M`.
    """

    def __init__(
        self,
        url: str,
        mode: TravelMode | str = TravelMode.WALK,
        *,
        speed_kmh: float | None = None,
        max_table_size: int = DEFAULT_MAX_TABLE_SIZE,
        max_access_m: float = DEFAULT_MAX_ACCESS_M,
        timeout_s: float = 30.0,
        attempts: int = 3,
    ) -> None:
        self.mode = TravelMode(mode)
        if max_table_size < 2:
            raise InvalidTravelSetting("max_table_size must be at least 2.")
        if speed_kmh is not None and self.mode is TravelMode.CAR:
            raise InvalidTravelSetting("By car each street has its own speed; leave speed_kmh out.")
        self._speed_m_s = None if speed_kmh is None else check_speed(speed_kmh) / 3.6
        walking = speed_kmh if speed_kmh and self.mode is TravelMode.WALK else None
        self._access_m_s = (walking or DEFAULT_SPEED_KMH[TravelMode.WALK]) / 3.6
        self._max_table_size = max_table_size
        self._max_access_m = max_access_m
        self._service = HttpService(
            ServiceSettings("OSRM", url, timeout_s=timeout_s, attempts=attempts),
            TravelServiceUnavailable,
        )
        speed = "" if speed_kmh is None else f" at {speed_kmh:g} km/h"
        self.label = f"OSRM, profile {PROFILES[self.mode]}{speed}"

    def close(self) -> None:
        """Close the connections to the server."""
        self._service.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def matrix(
        self, sources: FloatArray, targets: FloatArray, *, limit_s: float = math.inf
    ) -> TravelMatrix:
        """Travel from each of (n, 2) to each of (k, 2) lon and lat; see `TravelModel.matrix`.

        Raises
        ------
        TravelServiceUnavailable
            When the server does not give a usable answer.
        """
        check_limit(limit_s)
        sources = check_points(sources, "sources")
        targets = check_points(targets, "targets")
        found = TravelMatrix(
            np.full((len(sources), len(targets)), np.inf),
            np.full((len(sources), len(targets)), np.inf),
        )
        size = self._max_table_size
        for low in range(0, len(sources), size):
            for left in range(0, len(targets), size):
                part = np.s_[low : low + size, left : left + size]
                self._fill(found, part, sources[part[0]], targets[part[1]], limit_s)
        same = (sources[:, None, :] == targets[None, :, :]).all(axis=2)
        same &= np.isfinite(found.travel_s)
        found.travel_s[same] = 0.0
        found.travel_m[same] = 0.0
        beyond = found.travel_s > limit_s
        found.travel_s[beyond] = np.inf
        found.travel_m[beyond] = np.inf
        return found

    def sparse(
        self, points: FloatArray, *, limit_s: float, progress: Progress | None = None
    ) -> SparseMatrix:
        """Travel between all of (n, 2) lon and lat; see `TravelModel.sparse`."""
        check_limit(limit_s)
        points = check_points(points)

        def travel(group: IntArray, near: IntArray) -> TravelMatrix:
            return self.matrix(points[group], points[near], limit_s=limit_s)

        return build_sparse(
            points,
            travel,
            radius_m=self._radius_m(limit_s),
            block=self._max_table_size,
            progress=progress,
        )

    def reach(self, points: FloatArray, *, limits_s: Sequence[float]) -> list[list[Area]]:
        """Hexagons within each limit of each of (n, 2) lon and lat; see `TravelModel.reach`."""
        for limit_s in limits_s:
            if not math.isfinite(check_limit(limit_s)):
                raise InvalidTravelSetting("An area within reach needs a limit; give seconds.")
        points = check_points(points)
        radius_m = self._usual_radius_m(max(limits_s, default=0.0))

        def reach_one(home: FloatArray) -> list[Area]:
            def travel_s(centers: FloatArray) -> FloatArray:
                seconds: FloatArray = self.matrix(home[None, :], centers).travel_s[0]
                return seconds

            return reach_by_cells(travel_s, home, limits_s, radius_m)

        return [reach_one(home) for home in points]

    def _radius_m(self, limit_s: float) -> float:
        return limit_s * (self._speed_m_s or TOP_SPEED_KMH[self.mode] / 3.6) * 1.01

    def _usual_radius_m(self, limit_s: float) -> float:
        """A tighter radius for areas: streets in a city are never that fast for long."""
        usual = {TravelMode.WALK: 6.0, TravelMode.BIKE: 20.0, TravelMode.CAR: 70.0}[self.mode]
        return limit_s * (self._speed_m_s or usual / 3.6)

    def _fill(
        self,
        found: TravelMatrix,
        part: tuple[slice, slice],
        sources: FloatArray,
        targets: FloatArray,
        limit_s: float,
    ) -> None:
        if math.isfinite(limit_s):
            apart_m = great_circle_m(sources[:, None, :], targets[None, :, :])
            if apart_m.min() > self._radius_m(limit_s):
                return
        seconds, metres, access_m = self._ask_table(sources, targets)
        travel_m = metres + access_m
        if self._speed_m_s is not None:
            seconds = metres / self._speed_m_s
        travel_s = seconds + access_m / self._access_m_s
        known = np.isfinite(travel_s) & np.isfinite(travel_m)
        found.travel_s[part] = np.where(known, travel_s, np.inf)
        found.travel_m[part] = np.where(known, travel_m, np.inf)

    def _ask_table(
        self, sources: FloatArray, targets: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """(n, k) seconds and metres on the streets, and metres between doors and streets."""
        n, k = len(sources), len(targets)
        places = ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in np.concatenate([sources, targets]))
        answer = self._service.get(
            f"/table/v1/{PROFILES[self.mode]}/{places}",
            {
                "sources": ";".join(map(str, range(n))),
                "destinations": ";".join(map(str, range(n, n + k))),
                "annotations": "duration,distance",
            },
        )
        self._check(answer)
        seconds = self._table(answer, "durations", (n, k))
        metres = self._table(answer, "distances", (n, k))
        access_m = self._access(answer, "sources", n)[:, None] + self._access(
            answer, "destinations", k
        )
        return seconds, metres, access_m

    def _check(self, answer: Answer) -> None:
        code = answer.data.get("code") if isinstance(answer.data, dict) else None
        if answer.ok and code == "Ok":
            return
        if code == "TooBig":
            raise self._service.fail(
                f"refuses a table of {self._max_table_size} x {self._max_table_size}",
                "start osrm-routed with a larger --max-table-size, or set a smaller max_table_size",
            )
        if code == "NoSegment":
            raise self._service.fail(
                "has no street for a place",
                "load a map of the whole service area into it",
            )
        if isinstance(code, str) and code.isalpha() and len(code) < 30:
            raise self._service.fail(
                f"refused the question ({code}, HTTP {answer.status})",
                f"check that it was prepared with the profile {PROFILES[self.mode]}",
            )
        raise self._service.unusable(answer)

    def _table(self, answer: Answer, name: str, shape: tuple[int, int]) -> FloatArray:
        """A table of the answer; null becomes inf."""
        table = parse_table(answer.data.get(name), shape)
        if table is None:
            raise self._service.unusable(answer)
        return table

    def _access(self, answer: Answer, name: str, n: int) -> FloatArray:
        """(n,) metres from each door to its street; inf where that is too far."""
        places = answer.data.get(name)
        if places is None:
            return np.zeros(n)
        table = None
        if isinstance(places, list):
            row = [
                place.get("distance", 0.0) if isinstance(place, dict) else "" for place in places
            ]
            table = parse_table([row], (1, n))
        if table is None:
            raise self._service.unusable(answer)
        return np.where(table[0] <= self._max_access_m, table[0], np.inf)


def parse_table(rows: Any, shape: tuple[int, int]) -> npt.NDArray[np.float64] | None:
    """A table of numbers from JSON with inf for null; None when it is no such table."""
    if not isinstance(rows, list) or len(rows) != shape[0]:
        return None
    table = np.full(shape, np.inf)
    for i, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != shape[1]:
            return None
        for j, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float):
                return None
            if not math.isfinite(value) or value < -ROUNDING_ERROR:
                return None
            table[i, j] = max(0.0, value)
    return table
