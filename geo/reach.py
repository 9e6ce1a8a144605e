"""How far a person gets in a given time, as an area on the map."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import shapely
from shapely import LineString, Polygon

from geo.snapping import SnappedPoints
from geo.street_graph import StreetGraph
from geo.travel import FloatArray

STREET_WIDTH_M = 40.0
"""Houses this far from the middle of a reached street count as reached."""

SMALLEST_HOLE_M2 = 40_000.0
"""Smaller areas without streets, such as the inside of a block, belong to the area around them."""

ARC_SEGMENTS = 3
"""Corners in a quarter of a circle."""


def reached_area(
    graph: StreetGraph, source: SnappedPoints, node_cost: FloatArray, budget: float
) -> Polygon:
    """Area around all streets that one source reaches for at most ``budget``.

    Parameters
    ----------
    source
        One point on the network.
    node_cost
        (n_nodes,) float64 from `geo.street_search.node_costs`.
    budget
        In the unit of the costs, 0 or more, without the way from the house to the street.

    Returns
    -------
    Polygon in lon and lat. Areas nest: a larger budget gives an area around the smaller one, up to
    the rounding of the outline.
    """
    lines = _reached_lines(graph, source, node_cost, budget)
    lines.append(_access_line(graph, source))
    around = shapely.buffer(shapely.MultiLineString(lines), STREET_WIDTH_M, quad_segs=ARC_SEGMENTS)
    outline = max(shapely.get_parts(around), key=shapely.area)
    filled = _fill_small_holes(outline)
    return shapely.transform(filled, graph.projection.from_utm)


def _reached_lines(
    graph: StreetGraph, source: SnappedPoints, node_cost: FloatArray, budget: float
) -> list[LineString]:
    length_m = graph.length_m
    from_start = _covered(graph, node_cost[graph.start], budget, graph.forward)
    from_end = _covered(graph, node_cost[graph.end], budget, graph.backward)
    whole = from_start + from_end >= length_m
    lines: list[LineString] = list(graph.lines[whole])
    lines += [
        LineString(graph.cut_edge(edge, 0.0, float(from_start[edge])))
        for edge in np.flatnonzero(~whole & (from_start > 0)).tolist()
    ]
    lines += [
        LineString(graph.cut_edge(edge, float(length_m[edge] - from_end[edge]), math.inf))
        for edge in np.flatnonzero(~whole & (from_end > 0)).tolist()
    ]
    on, at = int(source.edge[0]), float(source.offset_m[0])
    metres = budget / float(graph.slowness_s_m[on])
    low = max(0.0, at - metres) if graph.backward[on] else at
    high = at + metres if graph.forward[on] else at
    lines.append(LineString(graph.cut_edge(on, low, high)))
    return lines


def _covered(
    graph: StreetGraph, cost: FloatArray, budget: float, allowed: npt.NDArray[np.bool_]
) -> FloatArray:
    """(n_edges,) metres of each edge that are reached from one of its ends."""
    left = np.where(np.isfinite(cost) & allowed, budget - cost, 0.0)
    return np.clip(left / graph.slowness_s_m, 0.0, graph.length_m)


def _access_line(graph: StreetGraph, source: SnappedPoints) -> LineString:
    at = float(source.offset_m[0])
    foot = graph.cut_edge(int(source.edge[0]), at, at)[:1]
    return LineString(np.concatenate([source.xy_m[:1], foot]))


def _fill_small_holes(area: Polygon) -> Polygon:
    holes = [ring for ring in area.interiors if Polygon(ring).area >= SMALLEST_HOLE_M2]
    return Polygon(area.exterior, holes)
