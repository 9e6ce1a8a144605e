"""Neighbourhoods and the edge of the service area: which one a place belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.city import CityPack
from geo.errors import CoordinatesSwapped, InvalidCoordinates, OutsideServiceArea
from geo.street_graph import Projection
from geo.travel import FloatArray, IntArray, check_points, great_circle_m

DEFAULT_TOLERANCE_M = 100.0
"""Addresses on the far side of a border street still belong to the city; further ones do not."""


NEAR_DEG = 1.0
"""Degrees around the boundary in which the city's metric plane is used."""


@dataclass(frozen=True, eq=False)
class AreaAssignment:
    """The area of each point (``n`` of them).

    Parameters
    ----------
    index
        (n,) int64, position in ``ServiceArea.names``; -1 when no area is near enough.
    gap_m
        (n,) float64, metres between the point and its area: 0 inside, inf without an area.
    """

    index: IntArray
    gap_m: FloatArray


class ServiceArea:
    """The boundary of a community and its areas.

    Parameters
    ----------
    names
        One name for each area.
    polygons
        As many polygons, lon and lat in degrees.
    boundary
        Polygon of the whole service area, lon and lat in degrees.
    projection
        The city's metric plane.
    tolerance_m
        Places up to this far outside still belong: border addresses stand a few metres outside.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        polygons: npt.NDArray[np.object_],
        boundary: Any,
        projection: Projection,
        *,
        tolerance_m: float = DEFAULT_TOLERANCE_M,
    ) -> None:
        self.names = names
        self.tolerance_m = tolerance_m
        self._projection = projection
        self._polygons = np.array(
            [_to_metres(polygon, projection) for polygon in polygons], dtype=object
        )
        self._tree = shapely.STRtree(self._polygons)
        self._corners = shapely.get_coordinates(boundary)
        self._boundary = _to_metres(boundary, projection)
        shapely.prepare(self._boundary)

    @classmethod
    def from_pack(cls, pack: CityPack, *, tolerance_m: float = DEFAULT_TOLERANCE_M) -> ServiceArea:
        """Take boundary and neighbourhoods of a city pack."""
        areas = pack.areas
        return cls(areas.names, areas.geometries, pack.boundary, pack, tolerance_m=tolerance_m)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north edge of the boundary, degrees."""
        (west, south), (east, north) = self._corners.min(axis=0), self._corners.max(axis=0)
        return float(west), float(south), float(east), float(north)

    def assign(self, points: FloatArray) -> AreaAssignment:
        """Find the area of each of (n, 2) lon and lat, without judging any of them.

        A point on the line between two areas, or equally near to two, goes to the first.
        """
        points = check_points(points)
        index = np.full(len(points), -1, np.int64)
        gap_m = np.full(len(points), np.inf)
        near = np.flatnonzero(self._is_near(points))
        if not len(near) or not len(self._polygons):
            return AreaAssignment(index, gap_m)
        xy = shapely.points(self._projection.to_utm(points[near]))
        inside, area = _first_match(*self._tree.query(xy, predicate="intersects"))
        index[near[inside]] = area
        gap_m[near[inside]] = 0.0
        # The nearest area is asked for border addresses only: it takes ten times as long.
        rest = np.setdiff1d(np.arange(len(xy)), inside)
        found, area = _first_match(
            *self._tree.query_nearest(xy[rest], max_distance=self.tolerance_m)
        )
        index[near[rest[found]]] = area
        gap_m[near[rest[found]]] = shapely.distance(self._polygons[area], xy[rest[found]])
        return AreaAssignment(index, gap_m)

    def outside_m(self, points: FloatArray) -> FloatArray:
        """(n,) float64 metres between each of (n, 2) lon and lat and the boundary; 0 inside."""
        points = check_points(points)
        near = self._is_near(points)
        distance = np.zeros(len(points))
        distance[near] = shapely.distance(
            self._boundary, shapely.points(self._projection.to_utm(points[near]))
        )
        # A UTM zone means nothing on the other side of the world: there, to the nearest corner.
        for i in np.flatnonzero(~near):
            distance[i] = great_circle_m(self._corners, points[i]).min()
        return distance

    def _is_near(self, points: FloatArray) -> npt.NDArray[np.bool_]:
        """(n,) bool: near enough for the city's metric plane."""
        low, high = self._corners.min(axis=0) - NEAR_DEG, self._corners.max(axis=0) + NEAR_DEG
        near: npt.NDArray[np.bool_] = ((points >= low) & (points <= high)).all(axis=1)
        return near

    def find_area(self, lon_deg: float, lat_deg: float) -> str | None:
        """Name of the area of a place, None when it lies in none."""
        index = int(self.assign(np.array([[lon_deg, lat_deg]])).index[0])
        return self.names[index] if index >= 0 else None

    def get_area(self, lon_deg: float, lat_deg: float) -> str | None:
        """Name of the area of a place inside the boundary; None when the map has a gap there.

        Raises
        ------
        InvalidCoordinates
            When the numbers are no place on Earth.
        CoordinatesSwapped
            When the place is inside once lon and lat change places.
        OutsideServiceArea
            When the place lies outside by more than the tolerance; ``distance_m`` says how far.
        """
        self.check_inside(lon_deg, lat_deg)
        return self.find_area(lon_deg, lat_deg)

    def check_inside(self, lon_deg: float, lat_deg: float) -> None:
        """Do nothing for a place in the service area, and raise as `get_area` for any other."""
        try:
            distance_m = float(self.outside_m(np.array([[lon_deg, lat_deg]]))[0])
        except InvalidCoordinates:
            self._refuse_swapped(lon_deg, lat_deg)
            raise
        if distance_m <= self.tolerance_m:
            return
        self._refuse_swapped(lon_deg, lat_deg)
        raise OutsideServiceArea(
            f"The place is {_distance_words(distance_m)} outside the service area; check the "
            "address, or ask the programme that serves that place.",
            distance_m,
        )

    def _refuse_swapped(self, lon_deg: float, lat_deg: float) -> None:
        try:
            inside = self.outside_m(np.array([[lat_deg, lon_deg]]))[0] <= self.tolerance_m
        except InvalidCoordinates:
            return
        if inside:
            raise CoordinatesSwapped(
                "The coordinates look like lat, lon; give lon first, then lat."
            )


def _first_match(found: IntArray, match: IntArray) -> tuple[IntArray, IntArray]:
    """Each point that was found, once, with the smallest of its matches."""
    order = np.lexsort((match, found))
    found, first = np.unique(found[order], return_index=True)
    return found, match[order][first]


def _distance_words(distance_m: float) -> str:
    if distance_m >= 1000:
        return f"{distance_m / 1000:,.1f} km"
    return f"{distance_m:.0f} m"


def _to_metres(geometry: Any, projection: Projection) -> Any:
    return shapely.make_valid(shapely.transform(geometry, projection.to_utm))
