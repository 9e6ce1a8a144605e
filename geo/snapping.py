"""From a house to the street in front of it: the nearest street segment, not the nearest corner."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.travel import FloatArray, IntArray

DEFAULT_MAX_ACCESS_M = 300.0
"""A place further than this from every street cannot be reached. Wide enough for the buildings in
the middle of a campus or a park, too narrow for an island."""


@dataclass(frozen=True, eq=False)
class SnappedPoints:
    """Points on the street network (``n`` of them).

    Parameters
    ----------
    edge
        (n,) int64, the street edge; -1 when no street is near enough.
    offset_m
        (n,) float64, metres from the start of the edge to the foot of the perpendicular.
    access_m
        (n,) float64, metres between the point and the street; inf when no street is near enough.
    xy_m
        (n, 2) float64, the points themselves, metres.
    """

    edge: IntArray
    offset_m: FloatArray
    access_m: FloatArray
    xy_m: FloatArray

    def __len__(self) -> int:
        return len(self.edge)

    def take(self, index: IntArray) -> SnappedPoints:
        """Return the points at these positions."""
        return SnappedPoints(
            self.edge[index], self.offset_m[index], self.access_m[index], self.xy_m[index]
        )


class EdgeIndex:
    """Finds the nearest of many lines.

    Parameters
    ----------
    lines
        (n_edges,) shapely LineString, metres.
    max_access_m
        Points further from every line than this stay without one.
    """

    def __init__(
        self, lines: npt.NDArray[np.object_], max_access_m: float = DEFAULT_MAX_ACCESS_M
    ) -> None:
        self.lines = lines
        self.max_access_m = max_access_m
        self._tree = shapely.STRtree(lines)

    def snap(self, xy_m: FloatArray) -> SnappedPoints:
        """Snap (n, 2) float64 metres to the nearest edges; of equally near ones, to the first."""
        n = len(xy_m)
        edge = np.full(n, -1, np.int64)
        offset_m = np.zeros(n)
        access_m = np.full(n, np.inf)
        if n:
            points = shapely.points(xy_m)
            found, nearest = self._tree.query_nearest(points, max_distance=self.max_access_m)
            # All matches, then the smallest edge of each point: the answer never depends on how
            # the tree happens to be walked.
            first = np.lexsort((nearest, found))
            found, nearest = found[first], nearest[first]
            found, at = np.unique(found, return_index=True)
            nearest = nearest[at]
            edge[found] = nearest
            offset_m[found] = shapely.line_locate_point(self.lines[nearest], points[found])
            access_m[found] = shapely.distance(self.lines[nearest], points[found])
        return SnappedPoints(edge, offset_m, access_m, xy_m)
