"""Travel along the streets of a city pack, computed here: no service, no network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from shapely import Polygon

from geo import street_search
from geo.city import CityPack
from geo.errors import InvalidTravelSetting
from geo.reach import reached_area
from geo.snapping import SnappedPoints
from geo.street_cache import load_street_graph
from geo.street_graph import StreetGraph
from geo.travel import (
    DEFAULT_SPEED_KMH,
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
)

SPARSE_BLOCK = 128
SAME_PLACE_M = 0.5

_MANNER = {TravelMode.WALK: "on foot", TravelMode.BIKE: "by bicycle", TravelMode.CAR: "by car"}


class GraphTravel:
    """Quickest ways on a street graph, from door to door.

    A way is the straight part from the house to its street, the streets, and the straight part to
    the other house; the straight parts are walked. Two people in one house are 0 apart.

    Parameters
    ----------
    graph
        Of the way of travelling wanted.
    speed_kmh
        On foot and by bicycle the speed everywhere; None takes `DEFAULT_SPEED_KMH`. By car a
        factor would be meant, so only None is allowed: the streets have their own speeds.
    access_speed_kmh
        Between house and street; None takes ``speed_kmh`` on foot, else the usual walking speed.

    Raises
    ------
    InvalidTravelSetting
        For a speed that is not above 0, or a speed by car.
    """

    def __init__(
        self,
        graph: StreetGraph,
        *,
        speed_kmh: float | None = None,
        access_speed_kmh: float | None = None,
    ) -> None:
        self.graph = graph
        if graph.mode is TravelMode.CAR:
            if speed_kmh is not None:
                raise InvalidTravelSetting(
                    "By car each street has its own speed; leave speed_kmh out."
                )
            self._s_per_cost = 1.0
            walking = DEFAULT_SPEED_KMH[TravelMode.WALK]
            self.label = "along streets, by car"
        else:
            speed = check_speed(DEFAULT_SPEED_KMH[graph.mode] if speed_kmh is None else speed_kmh)
            self._s_per_cost = 3.6 / speed
            on_foot = graph.mode is TravelMode.WALK
            walking = speed if on_foot else DEFAULT_SPEED_KMH[TravelMode.WALK]
            self.label = f"along streets, {_MANNER[graph.mode]} at {speed:g} km/h"
        access = check_speed(walking if access_speed_kmh is None else access_speed_kmh)
        self._access_s_per_m = 3.6 / access
        slowest = float(graph.slowness_s_m.min(initial=np.inf)) * self._s_per_cost
        self._fastest_m_s = 1.0 / min(slowest, self._access_s_per_m)

    @classmethod
    def from_pack(
        cls,
        pack: CityPack,
        mode: TravelMode | str = TravelMode.WALK,
        *,
        speed_kmh: float | None = None,
        cache_dir: Path | None = None,
    ) -> GraphTravel:
        """Load or build the pack's street graph for one way of travelling.

        Raises
        ------
        NoUsableStreets
            When the pack has no street for it.
        """
        graph = load_street_graph(pack, TravelMode(mode), cache_dir=cache_dir)
        return cls(graph, speed_kmh=speed_kmh)

    @property
    def mode(self) -> TravelMode:
        """How the person travels."""
        return self.graph.mode

    def matrix(
        self, sources: FloatArray, targets: FloatArray, *, limit_s: float = math.inf
    ) -> TravelMatrix:
        """Travel from each of (n, 2) to each of (k, 2) lon and lat; see `TravelModel.matrix`."""
        check_limit(limit_s)
        leaving = self.graph.snap(check_points(sources, "sources"))
        arriving = self.graph.snap(check_points(targets, "targets"))
        return self._door_to_door(leaving, arriving, limit_s)

    def sparse(
        self, points: FloatArray, *, limit_s: float, progress: Progress | None = None
    ) -> SparseMatrix:
        """Travel between all of (n, 2) lon and lat; see `TravelModel.sparse`."""
        check_limit(limit_s)
        points = check_points(points)
        snapped = self.graph.snap(points)

        def travel(group: IntArray, near: IntArray) -> TravelMatrix:
            return self._door_to_door(snapped.take(group), snapped.take(near), limit_s)

        return build_sparse(
            points,
            travel,
            # A little wider: the sphere of the distance is not the ellipsoid of the streets.
            radius_m=1.01 * limit_s * self._fastest_m_s,
            block=SPARSE_BLOCK,
            progress=progress,
        )

    def reach(self, points: FloatArray, *, limits_s: Sequence[float]) -> list[list[Area]]:
        """Area within each limit of each of (n, 2) lon and lat; see `TravelModel.reach`."""
        for limit_s in limits_s:
            check_limit(limit_s)
        snapped = self.graph.snap(check_points(points))
        return [self._reach_one(snapped.take(np.array([i])), limits_s) for i in range(len(snapped))]

    def _reach_one(self, source: SnappedPoints, limits_s: Sequence[float]) -> list[Area]:
        budgets = [
            (limit_s - float(source.access_m[0]) * self._access_s_per_m) / self._s_per_cost
            for limit_s in limits_s
        ]
        if source.edge[0] < 0 or max(budgets, default=-1.0) < 0:
            return [Polygon() for _ in limits_s]
        nodes = street_search.node_costs(self.graph.arcs, source, max(budgets))
        return [
            reached_area(self.graph, source, nodes.cost[0], budget) if budget >= 0 else Polygon()
            for budget in budgets
        ]

    def _door_to_door(
        self, sources: SnappedPoints, targets: SnappedPoints, limit_s: float
    ) -> TravelMatrix:
        cost, length_m = street_search.point_costs(
            self.graph.arcs,
            sources,
            targets,
            limit_s / self._s_per_cost,
            lengths=not self.graph.uniform,
        )
        access_m = sources.access_m[:, None] + targets.access_m[None, :]
        travel_s = cost * self._s_per_cost + access_m * self._access_s_per_m
        travel_m = length_m + access_m
        apart = np.abs(sources.xy_m[:, None, :] - targets.xy_m[None, :, :]).max(axis=2)
        same = (apart < SAME_PLACE_M) & (sources.edge >= 0)[:, None]
        travel_s[same] = 0.0
        travel_m[same] = 0.0
        beyond = travel_s > limit_s
        travel_s[beyond] = np.inf
        travel_m[beyond] = np.inf
        return TravelMatrix(travel_s, travel_m)
