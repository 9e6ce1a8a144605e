"""Cells and routes as the public may see them: from cell to cell, never from door to door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely import LineString

from geo.areas import ServiceArea
from geo.graph_travel import GraphTravel
from geo.privacy import PrivacyCells, cell_center, cell_polygon
from geo.travel import TravelMode, great_circle_m
from matching.engine.travel import FloatArray
from matching.rounds.travel import TravelFinder


@dataclass
class BlurredCells:
    """The shape and the place of each shown cell."""

    cells: PrivacyCells
    area: ServiceArea
    _parts: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for fine, shown in zip(self.cells.fine.tolist(), self.cells.shown.tolist(), strict=True):
            self._parts.setdefault(shown, []).append(fine)

    def shape(self, cell: int) -> Any:
        """The ground that a shown cell stands for: its finest cells, without those shown alone."""
        return shapely.union_all([cell_polygon(part) for part in self._parts.get(cell, [cell])])

    def place(self, cell: int) -> tuple[float, float]:
        """The middle of the cell's ground, lon and lat: the same for every home in it."""
        centers = np.array([cell_center(part) for part in self._parts.get(cell, [cell])])
        middle = centers.mean(axis=0)
        nearest = centers[int(np.argmin(great_circle_m(centers, middle)))]
        return float(nearest[0]), float(nearest[1])

    def area_name(self, cell: int) -> str:
        """The neighbourhood of the cell's middle; empty outside all of them."""
        return self.area.find_area(*self.place(cell)) or ""


class BlurredRoutes:
    """Draws ways along the streets between the middles of cells."""

    def __init__(self, blurred: BlurredCells, find_travel: TravelFinder) -> None:
        self._blurred = blurred
        self._find_travel = find_travel
        self._models: dict[TravelMode, GraphTravel] = {}
        self._legs: dict[tuple[TravelMode, int, int], FloatArray] = {}

    def line(self, mode: TravelMode, cells: Sequence[int]) -> LineString:
        """The way through these cells, in order; between equal ones there is none."""
        legs = [self._leg(mode, a, b) for a, b in pairwise(cells) if a != b]
        if not legs:
            place = self._blurred.place(cells[0])
            return LineString([place, place])
        return LineString(np.concatenate(legs))

    def _leg(self, mode: TravelMode, a: int, b: int) -> FloatArray:
        key = (mode, a, b)
        if key not in self._legs:
            self._legs[key] = self._trace(mode, a, b)
        return self._legs[key]

    def _trace(self, mode: TravelMode, a: int, b: int) -> FloatArray:
        ends = np.array([self._blurred.place(a), self._blurred.place(b)])
        model = self._models.get(mode)
        if model is None:
            found = self._find_travel(mode)
            if not isinstance(found, GraphTravel):
                return ends
            model = self._models[mode] = found
        line = model.graph.route_line(ends[0], ends[1])
        if line is None:
            return ends
        points = np.asarray(line.coords, np.float64)
        # The first and last bit lead from the middle of the cell to the street: leave them out.
        return points[1:-1] if len(points) > 3 else points


def length_m(line: LineString) -> int:
    """Length of a line in lon and lat, metres."""
    points = np.asarray(line.coords, np.float64)
    return round(float(great_circle_m(points[:-1], points[1:]).sum()))
