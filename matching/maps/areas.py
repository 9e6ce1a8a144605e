"""The neighbourhoods of a city as the public may see them: outlines, and cells that hide homes."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from geo.geojson import make_geometry
from geo.open_cities import OpenCity, open_city
from geo.privacy import cell_polygon
from matching.maps.blurred import BlurredCells
from people.models import Community

MOST_MAPS = 8
MOST_AREAS = 500
"""Of one city, the first of its pack."""


@dataclass(frozen=True, eq=False)
class ShownCell:
    """A blurred cell of a city."""

    cell: int
    area: str | None
    """The neighbourhood of its middle."""
    address_count: int
    geometry: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class ShownArea:
    """A neighbourhood with the cells whose middle lies in it."""

    name: str
    address_count: int
    geometry: Mapping[str, Any]
    cells: tuple[ShownCell, ...]


@dataclass(eq=False)
class CityMap:
    """Neighbourhoods and cells of one city. Safe to share between threads.

    Parameters
    ----------
    k
        Addresses that each cell holds at least.
    """

    city: OpenCity
    k: int
    areas: tuple[ShownArea, ...] = ()
    _blurred: BlurredCells = field(init=False)
    _cells: dict[int, ShownCell] = field(default_factory=dict)

    def __post_init__(self) -> None:
        cells = self.city.cells(self.k)
        self._blurred = BlurredCells(cells, self.city.service_area)
        for cell, count in zip(cells.cells.tolist(), cells.counts.tolist(), strict=True):
            self._cells[cell] = ShownCell(
                cell, self._blurred.area_name(cell) or None, count, self._shape(cell)
            )
        layer, houses = self.city.pack.areas, Counter(self.city.pack.addresses.areas)
        self.areas = tuple(
            ShownArea(
                name,
                houses[name],
                make_geometry(shape),
                tuple(cell for cell in self._cells.values() if cell.area == name),
            )
            for name, shape in list(zip(layer.names, layer.geometries, strict=True))[:MOST_AREAS]
        )

    @property
    def attribution(self) -> str:
        """What must stand beside the data."""
        return self.city.pack.meta.attribution

    def find_area(self, name: str) -> ShownArea | None:
        """A neighbourhood by its name."""
        return next((area for area in self.areas if area.name == name), None)

    def cell(self, cell: int) -> ShownCell:
        """What is known of a cell. One that the pack does not show stands for its own ground."""
        known = self._cells.get(cell)
        if known is not None:
            return known
        shape = make_geometry(cell_polygon(cell))
        return ShownCell(cell, self._blurred.area_name(cell) or None, 0, shape)

    def place(self, cell: int) -> tuple[float, float]:
        """Lon and lat of the middle of a cell: the same for every home in it."""
        return self._blurred.place(cell)

    def _shape(self, cell: int) -> dict[str, Any]:
        return make_geometry(self._blurred.shape(cell))


_MAPS: OrderedDict[tuple[OpenCity, int], CityMap] = OrderedDict()
_LOCK = Lock()


def open_city_map(community: Community, k: int) -> CityMap:
    """The map of a community's city, drawn once in a process.

    The first time takes some tenths of a second: call it in a thread.
    """
    city = open_city(community.city_pack)
    with _LOCK:
        if (city, k) not in _MAPS:
            _MAPS[city, k] = CityMap(city, k)
            while len(_MAPS) > MOST_MAPS:
                _MAPS.popitem(last=False)
        _MAPS.move_to_end((city, k))
        return _MAPS[city, k]
