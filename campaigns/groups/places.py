"""Where a group is, and how far that is: from cell to cell, never from a home."""

from __future__ import annotations

import math

import h3.api.basic_int as h3

from campaigns.groups.errors import InvalidGroup
from geo.open_cities import open_city
from geo.privacy import cell_center

RESOLUTION = 9
STEP_M = 100
"""Ways are told in steps of this."""
FAR_STEP_M = 500
FAR_M = 2_000


def find_area_cell(city_pack: str, area: str) -> int:
    """The cell in the middle of a neighbourhood. Opens the pack: call it in a thread.

    Raises
    ------
    InvalidGroup
        When the city has no such neighbourhood; the message names those that it has.
    """
    layer = open_city(city_pack).pack.areas
    for name, shape in zip(layer.names, layer.geometries, strict=True):
        if name == area:
            middle = shape.representative_point()
            return int(h3.latlng_to_cell(middle.y, middle.x, RESOLUTION))
    known = ", ".join(sorted(layer.names)[:20])
    raise InvalidGroup(f"The city has no neighbourhood of this name; it has: {known}.")


def measure_m(cell: int, other: int) -> int:
    """Metres between the middles of two cells, rounded; 0 for the same one."""
    (lon_deg, lat_deg), (other_lon_deg, other_lat_deg) = cell_center(cell), cell_center(other)
    apart_m = float(
        h3.great_circle_distance((lat_deg, lon_deg), (other_lat_deg, other_lon_deg), unit="m")
    )
    step_m = STEP_M if apart_m < FAR_M else FAR_STEP_M
    return math.floor(apart_m / step_m + 0.5) * step_m
