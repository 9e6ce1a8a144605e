"""Travel by a Valhalla server: its ``sources_to_targets`` and ``isochrone`` services.

References
----------
.. [1] Valhalla, "Time-Distance Matrix service API" and "Isochrone & Isodistance service API".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np
import shapely
from shapely import Polygon

from geo.errors import InvalidTravelSetting, TravelServiceUnavailable
from geo.http_service import Answer, HttpService, ServiceSettings
from geo.osrm import parse_table
from geo.regions import split_regions
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

COSTINGS = {TravelMode.WALK: "pedestrian", TravelMode.BIKE: "bicycle", TravelMode.CAR: "auto"}
SPEED_OPTIONS = {TravelMode.WALK: "walking_speed", TravelMode.BIKE: "cycling_speed"}

UNCONNECTED = frozenset({170, 171})
"""Error codes that blame a place: "Locations are in unconnected regions", "No suitable edges near
location". Valhalla then answers nothing about all the other places either."""
NO_PATH = frozenset({442})
TOO_LARGE = frozenset({150, 151, 152, 154})
"""Error codes of the limits in the server's ``service_limits``."""

DEFAULT_MAX_LOCATIONS = 50
"""Sources, and targets, in one question: 2,500 pairs is the usual limit of a server."""
MAX_CONTOURS = 4


class ValhallaTravel:
    """Quickest ways by a Valhalla server, from door to door.

    The server counts from the point on the street that is nearest to each place. It tells that
    point, so the way from the door is added at walking speed.

    Parameters
    ----------
    url
        Ask your own server, since the questions hold people's homes.
    mode
        Walk, bike or car.
    speed_kmh
        Not by car; None leaves the choice to the server.
    max_locations
        Sources, and targets, in one question.
    max_access_m
        See `geo.snapping.DEFAULT_MAX_ACCESS_M`; without it the server moves a place to the nearest
        street of its map, however far that is.
    """

    def __init__(
        self,
        url: str,
        mode: TravelMode | str = TravelMode.WALK,
        *,
        speed_kmh: float | None = None,
        max_locations: int = DEFAULT_MAX_LOCATIONS,
        max_access_m: float = DEFAULT_MAX_ACCESS_M,
        timeout_s: float = 60.0,
        attempts: int = 3,
    ) -> None:
        self.mode = TravelMode(mode)
        if max_locations < 1:
            raise InvalidTravelSetting("max_locations must be at least 1.")
        self._question: dict[str, Any] = {"costing": COSTINGS[self.mode]}
        self._top_m_s = TOP_SPEED_KMH[self.mode] / 3.6
        if speed_kmh is not None:
            if self.mode is TravelMode.CAR:
                raise InvalidTravelSetting(
                    "By car each street has its own speed; leave speed_kmh out."
                )
            option = {SPEED_OPTIONS[self.mode]: check_speed(speed_kmh)}
            self._question["costing_options"] = {COSTINGS[self.mode]: option}
            self._top_m_s = max(self._top_m_s, 2 * speed_kmh / 3.6)
        walking = speed_kmh if speed_kmh and self.mode is TravelMode.WALK else None
        self._access_m_s = (walking or DEFAULT_SPEED_KMH[TravelMode.WALK]) / 3.6
        self._max_access_m = max_access_m
        self._max_locations = max_locations
        self._service = HttpService(
            ServiceSettings("Valhalla", url, timeout_s=timeout_s, attempts=attempts),
            TravelServiceUnavailable,
        )
        speed = "" if speed_kmh is None else f" at {speed_kmh:g} km/h"
        self.label = f"Valhalla, {COSTINGS[self.mode]}{speed}"

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
        shape = (len(sources), len(targets))
        found = TravelMatrix(np.full(shape, np.inf), np.full(shape, np.inf))
        size = self._max_locations
        for low in range(0, len(sources), size):
            rows = np.arange(low, min(low + size, len(sources)))
            for left in range(0, len(targets), size):
                columns = np.arange(left, min(left + size, len(targets)))
                part = self._within_reach(rows, columns, (sources, targets), limit_s)
                if len(part[0]):
                    self._fill(found, *part, (sources, targets))
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
            radius_m=limit_s * self._top_m_s,
            block=self._max_locations,
            progress=progress,
        )

    def reach(self, points: FloatArray, *, limits_s: Sequence[float]) -> list[list[Area]]:
        """Area within each limit of each of (n, 2) lon and lat; see `TravelModel.reach`."""
        for limit_s in limits_s:
            if not math.isfinite(check_limit(limit_s)):
                raise InvalidTravelSetting("An area within reach needs a limit; give seconds.")
        return [self._reach_one(point, limits_s) for point in check_points(points)]

    def _within_reach(
        self,
        rows: IntArray,
        columns: IntArray,
        places: tuple[FloatArray, FloatArray],
        limit_s: float,
    ) -> tuple[IntArray, IntArray]:
        """Rows and columns that may have a pair within the limit.

        One far place makes the server refuse the whole table for its length.
        """
        if not math.isfinite(limit_s):
            return rows, columns
        apart_m = great_circle_m(places[0][rows][:, None, :], places[1][columns][None, :, :])
        near = apart_m <= limit_s * self._top_m_s
        return rows[near.any(axis=1)], columns[near.any(axis=0)]

    def _fill(
        self,
        found: TravelMatrix,
        rows: IntArray,
        columns: IntArray,
        places: tuple[FloatArray, FloatArray],
    ) -> None:
        """Fill the block of these rows and columns; what stays inf is unreachable."""
        sources, targets = places
        block = self._ask_block(sources[rows], targets[columns])
        if block is not None:
            found.travel_s[np.ix_(rows, columns)] = block.travel_s
            found.travel_m[np.ix_(rows, columns)] = block.travel_m
            return
        if len(rows) == 1 and len(columns) == 1:
            return
        both = np.concatenate([sources[rows], targets[columns]])

        def connected(anchor: int, others: Sequence[int]) -> bool:
            return self._ask_block(both[[anchor]], both[list(others)]) is not None

        for region in split_regions(both, connected):
            inside = np.array(region)
            part = (
                rows[inside[inside < len(rows)]],
                columns[inside[inside >= len(rows)] - len(rows)],
            )
            if not len(part[0]) or not len(part[1]):
                continue
            if len(part[0]) == len(rows) and len(part[1]) == len(columns):
                # Refused together and accepted one by one: ask the halves, which always ends.
                self._fill_halves(found, rows, columns, places)
                continue
            self._fill(found, *part, places)

    def _fill_halves(
        self,
        found: TravelMatrix,
        rows: IntArray,
        columns: IntArray,
        places: tuple[FloatArray, FloatArray],
    ) -> None:
        if len(rows) >= len(columns):
            for half in np.array_split(rows, 2):
                self._fill(found, half, columns, places)
        else:
            for half in np.array_split(columns, 2):
                self._fill(found, rows, half, places)

    def _ask_block(self, sources: FloatArray, targets: FloatArray) -> TravelMatrix | None:
        """Ask for one block; None when the server blames one of the places."""
        answer = self._service.post(
            "/sources_to_targets",
            {
                **self._question,
                "sources": self._locations(sources),
                "targets": self._locations(targets),
                "units": "kilometers",
                "verbose": True,
            },
        )
        if not answer.ok:
            if self._error_code(answer) in UNCONNECTED:
                return None
            raise self._refused(answer)
        table = answer.data.get("sources_to_targets") if isinstance(answer.data, dict) else None
        shape = (len(sources), len(targets))
        seconds, kilometres = (_read_values(table, name, shape) for name in ("time", "distance"))
        if seconds is None or kilometres is None:
            raise self._service.unusable(answer)
        known = np.isfinite(seconds) & np.isfinite(kilometres)
        access_m = _access_m(answer.data.get("sources"), sources)[:, None] + _access_m(
            answer.data.get("targets"), targets
        )
        access_m[(sources[:, None, :] == targets[None, :, :]).all(axis=2)] = 0.0
        return TravelMatrix(
            np.where(known, seconds + access_m / self._access_m_s, np.inf),
            np.where(known, 1000 * kilometres + access_m, np.inf),
        )

    def _locations(self, points: FloatArray) -> list[dict[str, float]]:
        cutoff = {"search_cutoff": self._max_access_m}
        return [
            {"lon": round(lon, 6), "lat": round(lat, 6), **cutoff} for lon, lat in points.tolist()
        ]

    def _reach_one(self, point: FloatArray, limits_s: Sequence[float]) -> list[Area]:
        areas: list[Area] = [Polygon() for _ in limits_s]
        asked = [i for i, limit_s in enumerate(limits_s) if limit_s > 0]
        for low in range(0, len(asked), MAX_CONTOURS):
            part = asked[low : low + MAX_CONTOURS]
            answer = self._service.post(
                "/isochrone",
                {
                    **self._question,
                    "locations": self._locations(point[None, :]),
                    "contours": [{"time": limits_s[i] / 60} for i in part],
                    "polygons": True,
                },
            )
            if not answer.ok:
                if self._error_code(answer) in UNCONNECTED | NO_PATH:
                    return areas
                raise self._refused(answer)
            for i in part:
                areas[i] = self._read_contour(answer, limits_s[i] / 60)
        return areas

    def _read_contour(self, answer: Answer, minutes: float) -> Area:
        try:
            shapes = [
                shapely.geometry.shape(feature["geometry"])
                for feature in answer.data["features"]
                if math.isclose(feature["properties"]["contour"], minutes, abs_tol=1e-3)
            ]
            area = shapely.make_valid(shapely.union_all(shapes))
        except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError):
            raise self._service.unusable(answer) from None
        parts = [part for part in shapely.get_parts(area) if part.geom_type == "Polygon"]
        return shapely.union_all(parts) if parts else Polygon()

    def _error_code(self, answer: Answer) -> int | None:
        code = answer.data.get("error_code") if isinstance(answer.data, dict) else None
        return code if isinstance(code, int) else None

    def _refused(self, answer: Answer) -> Exception:
        code = self._error_code(answer)
        if code is None:
            return self._service.unusable(answer)
        if code in TOO_LARGE:
            return self._service.fail(
                f"refuses a question of this size (HTTP {answer.status}, code {code})",
                f"raise service_limits.{COSTINGS[self.mode]} in its configuration, or ask for "
                "fewer or nearer places at once",
            )
        return self._service.fail(
            f"refused the question (HTTP {answer.status}, code {code})",
            "look the code up in Valhalla's list of errors",
        )


def _access_m(answered: Any, asked: FloatArray) -> FloatArray:
    """(n,) metres between the places asked for and the points on streets that were used.

    0 where the answer does not tell: older servers repeat the question or say nothing.
    """
    nothing = np.zeros(len(asked))
    if not isinstance(answered, list) or len(answered) != len(asked):
        return nothing
    try:
        used = np.array([[place["lon"], place["lat"]] for place in answered], np.float64)
    except (KeyError, TypeError, ValueError):
        return nothing
    return great_circle_m(asked, used) if np.isfinite(used).all() else nothing


def _read_values(table: Any, name: str, shape: tuple[int, int]) -> FloatArray | None:
    """One of the two tables, in either shape that Valhalla gives; None when it is neither."""
    if isinstance(table, dict):
        return parse_table(table.get({"time": "durations", "distance": "distances"}[name]), shape)
    if not isinstance(table, list):
        return None
    rows = []
    for row in table:
        if not isinstance(row, list) or not all(isinstance(cell, dict) for cell in row):
            return None
        rows.append([cell.get(name) for cell in row])
    return parse_table(rows, shape)
