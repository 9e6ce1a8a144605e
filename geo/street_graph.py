"""The street network as a graph: junctions, the streets between them, and the ways through it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree
from shapely import LineString

from geo import street_search
from geo.errors import NoUsableStreets
from geo.snapping import DEFAULT_MAX_ACCESS_M, EdgeIndex, SnappedPoints
from geo.street_lines import StreetLines
from geo.street_search import ArcTable
from geo.travel import FloatArray, IntArray, TravelMode, check_points

BoolArray = npt.NDArray[np.bool_]

JOIN_M = 0.5
"""Loose ends of streets that miss each other by less than this were meant to meet."""

_SHORTEST_EDGE_M = 1e-3


class Projection(Protocol):
    """A city's own metric plane; a city pack is one."""

    def to_utm(self, lonlat: npt.ArrayLike) -> FloatArray:
        """Turn (n, 2) lon and lat into (n, 2) metres."""
        ...

    def from_utm(self, xy_m: npt.ArrayLike) -> FloatArray:
        """Turn (n, 2) metres into (n, 2) lon and lat."""
        ...


@dataclass(frozen=True, eq=False)
class StreetGraph:
    """The largest connected part of a street network.

    Parameters
    ----------
    mode
        The way of travelling that it was built for.
    projection
        The plane of all metres here.
    node_xy_m
        (n_nodes, 2) float64, the junctions.
    start, end
        (n_edges,) int64, the nodes of each edge.
    length_m, slowness_s_m
        (n_edges,) float64; the cost of an edge is their product.
    forward, backward
        (n_edges,) bool, whether the edge may be travelled from start to end and from end to start.
    line_xy_m, line_ptr
        (n_vertices, 2) float64 and (n_edges + 1,) int64: the shape of edge ``e`` is
        ``line_xy_m[line_ptr[e]:line_ptr[e + 1]]``.
    max_access_m
        Points further from every street than this are unreachable.
    """

    mode: TravelMode
    projection: Projection
    node_xy_m: FloatArray
    start: IntArray
    end: IntArray
    length_m: FloatArray
    slowness_s_m: FloatArray
    forward: BoolArray
    backward: BoolArray
    line_xy_m: FloatArray
    line_ptr: IntArray
    max_access_m: float = DEFAULT_MAX_ACCESS_M

    @classmethod
    def build(
        cls,
        streets: StreetLines,
        projection: Projection,
        *,
        mode: TravelMode,
        max_access_m: float = DEFAULT_MAX_ACCESS_M,
    ) -> StreetGraph:
        """Connect streets that share an end, and keep the largest part that hangs together.

        With one-way streets the part is strongly connected: from everywhere one gets everywhere.

        Raises
        ------
        NoUsableStreets
            When no street may be used in this way.
        """
        lonlat, line = shapely.get_coordinates(streets.lines, return_index=True)
        if not len(lonlat):
            raise NoUsableStreets(
                f"The city pack has no street for the mode {mode.value!r}; build it from a source "
                "with streets, or choose another mode."
            )
        ptr = np.searchsorted(line, np.arange(len(streets.lines) + 1)).astype(np.int64)
        ends = np.concatenate([lonlat[ptr[:-1]], lonlat[ptr[1:] - 1]])
        node = _number_ends(ends, projection)
        n = len(streets.lines)
        start, end = node[:n], node[n:]
        keep = _largest_part(start, end, streets.forward, streets.backward)
        xy_m = projection.to_utm(lonlat)
        kept_ptr = np.zeros(int(keep.sum()) + 1, np.int64)
        np.cumsum(np.diff(ptr)[keep], out=kept_ptr[1:])
        vertices = xy_m[keep[line]]
        used, renumbered = np.unique(np.concatenate([start[keep], end[keep]]), return_inverse=True)
        half = len(kept_ptr) - 1
        first, last = renumbered[:half].astype(np.int64), renumbered[half:].astype(np.int64)
        node_xy_m = np.zeros((len(used), 2))
        node_xy_m[first] = vertices[kept_ptr[:-1]]
        node_xy_m[last] = vertices[kept_ptr[1:] - 1]
        length_m = shapely.length(_lines_of(vertices, kept_ptr))
        return cls(
            mode=mode,
            projection=projection,
            node_xy_m=node_xy_m,
            start=first,
            end=last,
            length_m=np.maximum(length_m, _SHORTEST_EDGE_M),
            slowness_s_m=streets.slowness_s_m[keep],
            forward=streets.forward[keep],
            backward=streets.backward[keep],
            line_xy_m=vertices,
            line_ptr=kept_ptr,
            max_access_m=max_access_m,
        )

    @property
    def n_nodes(self) -> int:
        """Number of junctions."""
        return len(self.node_xy_m)

    @property
    def n_edges(self) -> int:
        """Number of streets between junctions."""
        return len(self.start)

    @property
    def uniform(self) -> bool:
        """Whether the speed is the same everywhere, so that cost and length are one."""
        return bool((self.slowness_s_m == 1.0).all())

    @cached_property
    def lines(self) -> npt.NDArray[np.object_]:
        """(n_edges,) shapely LineString, metres."""
        return _lines_of(self.line_xy_m, self.line_ptr)

    @cached_property
    def index(self) -> EdgeIndex:
        """Finds the nearest street of a point."""
        return EdgeIndex(self.lines, self.max_access_m)

    @cached_property
    def arcs(self) -> ArcTable:
        """The graph for searching."""
        return ArcTable.build(
            self.n_nodes,
            (self.start, self.end),
            self.length_m,
            self.slowness_s_m,
            (self.forward, self.backward),
        )

    def snap(self, lonlat: FloatArray) -> SnappedPoints:
        """Find the street in front of each of (n, 2) lon and lat."""
        return self.index.snap(self.projection.to_utm(check_points(lonlat)))

    def route_line(self, a: FloatArray, b: FloatArray) -> LineString | None:
        """Trace the quickest way from one place to another, for a map.

        Parameters
        ----------
        a, b
            (2,) float64 lon and lat.

        Returns
        -------
        LineString in lon and lat from ``a`` along the streets to ``b``, or None when no way leads
        there.
        """
        both = self.snap(np.array([a, b], np.float64))
        if (both.edge < 0).any():
            return None
        path = street_search.find_path(self.arcs, both)
        if path is None:
            return None
        pieces = [both.xy_m[:1]]
        pieces += [self.cut_edge(edge, low, high) for edge, low, high in path]
        pieces.append(both.xy_m[1:])
        lonlat = self.projection.from_utm(np.concatenate(pieces))
        moved = np.ones(len(lonlat), bool)
        moved[1:] = (np.abs(np.diff(lonlat, axis=0)) > 1e-9).any(axis=1)
        lonlat = lonlat[moved]
        return LineString(lonlat if len(lonlat) > 1 else np.repeat(lonlat, 2, axis=0))

    def cut_edge(self, edge: int, from_m: float, to_m: float) -> FloatArray:
        """Return the (n, 2) vertices of an edge between two offsets, in the order of travel.

        Offsets are metres from the start of the edge; beyond its end they mean the end.
        """
        shape = self.line_xy_m[self.line_ptr[edge] : self.line_ptr[edge + 1]]
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(shape, axis=0).T))])
        low, high = min(from_m, to_m), max(from_m, to_m)
        inner = shape[(along > low) & (along < high)]
        ends = np.column_stack([np.interp([low, high], along, shape[:, axis]) for axis in (0, 1)])
        piece = np.concatenate([ends[:1], inner, ends[1:]])
        return piece if from_m <= to_m else piece[::-1]


def _lines_of(xy_m: FloatArray, ptr: IntArray) -> npt.NDArray[np.object_]:
    owner = np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))
    return np.asarray(shapely.linestrings(xy_m, indices=owner), object)


def _number_ends(ends: FloatArray, projection: Projection) -> IntArray:
    """Give equal positions equal numbers; loose ends join what lies within `JOIN_M`."""
    grid = np.rint(ends * 1e7).astype(np.int64)
    key = grid[:, 0] * (1 << 32) + grid[:, 1]
    _, first, node = np.unique(key, return_index=True, return_inverse=True)
    xy_m = projection.to_utm(ends[first])
    loose = np.bincount(node, minlength=len(first)) == 1
    pairs = cKDTree(xy_m).query_pairs(JOIN_M, output_type="ndarray")
    pairs = pairs[loose[pairs].any(axis=1)]
    if not len(pairs):
        return np.asarray(node, np.int64)
    joins = sparse.coo_array(
        (np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(first),) * 2
    )
    _, merged = csgraph.connected_components(joins, directed=False)
    return np.asarray(merged[node], np.int64)


def _largest_part(
    start: IntArray, end: IntArray, forward: BoolArray, backward: BoolArray
) -> BoolArray:
    """(n_edges,) bool: the edges whose two ends lie in the largest connected part."""
    n = int(max(start.max(), end.max())) + 1
    tail = np.concatenate([start[forward], end[backward]])
    head = np.concatenate([end[forward], start[backward]])
    graph = sparse.coo_array((np.ones(len(tail), np.int8), (tail, head)), shape=(n, n))
    _, part = csgraph.connected_components(graph, directed=True, connection="strong")
    inside = part[start] == part[end]
    # By edges, not nodes: a lone ring road has one node and many houses.
    largest = np.argmax(np.bincount(part[start[inside]], minlength=1))
    return np.asarray(inside & (part[start] == largest), bool)
