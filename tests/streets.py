"""Small street networks for tests, drawn in metres around a point on the equator."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from shapely import LineString

from geo.street_graph import StreetGraph
from geo.street_lines import StreetLines
from geo.travel import EARTH_RADIUS_M, TravelMode

M_PER_DEGREE = math.radians(1) * EARTH_RADIUS_M


class FlatPlane:
    """Metres east and north of (0, 0); exact enough within a few kilometres of it."""

    def to_utm(self, lonlat: Any) -> np.ndarray:
        return np.asarray(lonlat, np.float64).reshape(-1, 2) * M_PER_DEGREE

    def from_utm(self, xy_m: Any) -> np.ndarray:
        return np.asarray(xy_m, np.float64).reshape(-1, 2) / M_PER_DEGREE


def at(*xy_m: tuple[float, float]) -> np.ndarray:
    """Lon and lat of positions in metres."""
    return FlatPlane().from_utm(xy_m)


def lines_of(
    shapes: Sequence[Sequence[tuple[float, float]]],
    oneway: Sequence[int] | None = None,
    slowness_s_m: Sequence[float] | None = None,
) -> StreetLines:
    """Streets from vertices in metres; ``oneway`` as in a city pack: 1, 0 or -1 for each."""
    direction = np.zeros(len(shapes), int) if oneway is None else np.array(oneway)
    lines = np.empty(len(shapes), object)
    lines[:] = [LineString(at(*shape)) for shape in shapes]
    slowness = np.ones(len(shapes)) if slowness_s_m is None else np.array(slowness_s_m, float)
    return StreetLines(lines, direction >= 0, direction <= 0, slowness)


def build_streets(
    shapes: Sequence[Sequence[tuple[float, float]]],
    *,
    mode: TravelMode = TravelMode.WALK,
    oneway: Sequence[int] | None = None,
    slowness_s_m: Sequence[float] | None = None,
    max_access_m: float = 300.0,
) -> StreetGraph:
    return StreetGraph.build(
        lines_of(shapes, oneway, slowness_s_m), FlatPlane(), mode=mode, max_access_m=max_access_m
    )


def grid_shapes(columns: int, rows: int, block_m: float = 100.0) -> list[list[tuple[float, float]]]:
    """A street between each two neighbouring crossings of a square grid."""
    shapes = []
    for i in range(columns):
        for j in range(rows):
            here = (i * block_m, j * block_m)
            if i + 1 < columns:
                shapes.append([here, ((i + 1) * block_m, j * block_m)])
            if j + 1 < rows:
                shapes.append([here, (i * block_m, (j + 1) * block_m)])
    return shapes


def reference_travel(
    graph: StreetGraph, source: tuple[int, float], target: tuple[int, float]
) -> tuple[float, float]:
    """Cost and metres between two points (edge, offset), by cutting the edges at both points.

    Written for certainty, not for speed, and shares no code with the search under test.
    """
    cuts: dict[int, list[tuple[float, Any]]] = {edge: [] for edge in range(graph.n_edges)}
    cuts[source[0]].append((source[1], "source"))
    cuts[target[0]].append((target[1], "target"))
    arcs: dict[Any, list[tuple[Any, float, float]]] = {}
    for edge, points in cuts.items():
        length, slow = float(graph.length_m[edge]), float(graph.slowness_s_m[edge])
        chain = [(0.0, int(graph.start[edge])), *sorted(points, key=lambda p: p[0])]
        chain.append((length, int(graph.end[edge])))
        for (low, a), (high, b) in itertools.pairwise(chain):
            step = max(0.0, high - low)
            if graph.forward[edge]:
                arcs.setdefault(a, []).append((b, step * slow, step))
            if graph.backward[edge]:
                arcs.setdefault(b, []).append((a, step * slow, step))
    # Two points at the very same offset are one place, also on a one-way street.
    if source[0] == target[0] and source[1] == target[1]:
        arcs.setdefault("source", []).append(("target", 0.0, 0.0))
    best = {"source": 0.0}
    queue: list[tuple[float, float, int, Any]] = [(0.0, 0.0, 0, "source")]
    count = 0
    while queue:
        cost, metres, _, place = heapq.heappop(queue)
        if place == "target":
            return cost, metres
        if cost > best.get(place, math.inf):
            continue
        for following, step_cost, step_m in arcs.get(place, []):
            if cost + step_cost < best.get(following, math.inf):
                best[following] = cost + step_cost
                count += 1
                heapq.heappush(queue, (cost + step_cost, metres + step_m, count, following))
    return math.inf, math.inf
