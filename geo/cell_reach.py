"""Areas within reach for services that know times but draw no areas."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import h3.api.basic_int as h3
import numpy as np
import shapely
from shapely import Polygon

from geo.travel import Area, FloatArray, great_circle_m

MAX_CELLS = 800
FINEST_RESOLUTION = 11
SAME_HEXAGON_SIDES = math.sqrt(3)


def reach_by_cells(
    travel_s: Callable[[FloatArray], FloatArray],
    point: FloatArray,
    limits_s: Sequence[float],
    radius_m: float,
) -> list[Area]:
    """Ask for the time to the middle of each small hexagon around a point.

    Parameters
    ----------
    travel_s
        Gives (k,) seconds from the point to (k, 2) lon and lat; inf = unreachable.
    point
        (2,) float64 lon and lat.
    radius_m
        Nothing further off can be within the largest limit.

    Returns
    -------
    For each limit the hexagons whose middle is reached in time, joined; an empty polygon when
    there are none.
    """
    resolution = _resolution(radius_m)
    home = h3.latlng_to_cell(point[1], point[0], resolution)
    step_m = SAME_HEXAGON_SIDES * h3.average_hexagon_edge_length(resolution, unit="m")
    cells = sorted(h3.grid_disk(home, math.ceil(radius_m / step_m) + 1))
    centers = np.array([h3.cell_to_latlng(cell)[::-1] for cell in cells])
    near = great_circle_m(centers, point) <= radius_m
    seconds = np.full(len(cells), np.inf)
    seconds[near] = travel_s(centers[near])
    outlines = np.array(
        [Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]) for cell in cells], object
    )
    areas: list[Area] = []
    for limit_s in limits_s:
        joined = shapely.union_all(outlines[seconds <= limit_s])
        areas.append(joined if not joined.is_empty else Polygon())
    return areas


def _resolution(radius_m: float) -> int:
    disk_m2 = math.pi * radius_m**2
    for resolution in range(FINEST_RESOLUTION, 0, -1):
        if disk_m2 / h3.average_hexagon_area(resolution, unit="m^2") <= MAX_CELLS:
            return resolution
    return 0
