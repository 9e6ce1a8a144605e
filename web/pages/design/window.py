"""From degrees to whole pixels of a picture, and shapes as short SVG paths."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

EDGE_PX: Final = 30
"""Drawn beyond the picture, so that no cut end is seen."""
SIMPLE_PX: Final = 0.6


@dataclass(frozen=True)
class Window:
    """What a picture shows, and how large."""

    west_deg: float
    north_deg: float
    px_per_lon: float
    px_per_lat: float
    width: int
    height: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north, degrees."""
        return (
            self.west_deg,
            self.north_deg - self.height / self.px_per_lat,
            self.west_deg + self.width / self.px_per_lon,
            self.north_deg,
        )

    @cached_property
    def edges(self) -> tuple[float, float, float, float]:
        """The same, with what is drawn beyond."""
        west, south, east, north = self.bounds
        more_lon, more_lat = EDGE_PX / self.px_per_lon, EDGE_PX / self.px_per_lat
        return west - more_lon, south - more_lat, east + more_lon, north + more_lat

    @cached_property
    def box(self) -> Any:
        """The edges as a shape."""
        return shapely.box(*self.edges)

    def project(self, lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Pixels from the left and from the top."""
        x = (lonlat[:, 0] - self.west_deg) * self.px_per_lon
        y = (self.north_deg - lonlat[:, 1]) * self.px_per_lat
        return np.column_stack((x, y))

    def project_one(self, lon_deg: float, lat_deg: float) -> tuple[int, int]:
        """The pixel of one place."""
        x, y = self.project(np.array([[lon_deg, lat_deg]]))[0]
        return round(float(x)), round(float(y))

    def to_pixels(self, shapes: Iterable[Any]) -> npt.NDArray[np.object_]:
        """The parts of shapes that lie in the picture, in pixels, without needless corners."""
        clipped = shapely.clip_by_rect(np.array(list(shapes), object), *self.edges)
        parts = shapely.get_parts(clipped[~shapely.is_empty(clipped)])
        drawn: npt.NDArray[np.object_] = shapely.transform(parts, self.project)
        simple: npt.NDArray[np.object_] = shapely.simplify(drawn, SIMPLE_PX)
        return simple


def line_path(lines: Iterable[Any], window: Window, least_px: float = 2.0) -> str:
    """Lines as one SVG path; those shorter than ``least_px`` are left out."""
    pixels = window.to_pixels(lines)
    if not len(pixels):
        return ""
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(pixels)))
    kept = merged[shapely.length(merged) >= least_px]
    return "".join(_path(shapely.get_coordinates(line)) for line in kept)


def polygon_path(polygons: Iterable[Any], window: Window, least_px: float = 2.0) -> str:
    """Polygons as one SVG path; those smaller than ``least_px`` by ``least_px`` are left out."""
    rings = []
    for part in window.to_pixels(polygons):
        if part.geom_type == "Polygon" and part.area >= least_px * least_px:
            rings += [_path(shapely.get_coordinates(part.exterior), is_closed=True)]
            rings += [
                _path(shapely.get_coordinates(hole), is_closed=True) for hole in part.interiors
            ]
    return "".join(rings)


def _path(points: npt.NDArray[np.float64], *, is_closed: bool = False) -> str:
    """From the first point in steps, each a whole number of pixels."""
    whole = np.rint(points).astype(int)
    steps = np.diff(whole, axis=0)
    steps = steps[np.any(steps != 0, axis=1)]
    if is_closed:
        steps = steps[:-1]
    if not len(steps):
        return ""
    text = f"M{whole[0, 0]} {whole[0, 1]}l" + " ".join(str(step) for step in steps.ravel().tolist())
    return text.replace(" -", "-") + ("z" if is_closed else "")
