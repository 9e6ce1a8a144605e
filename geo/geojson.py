"""Shapes as GeoJSON that a phone can load: simplified, rounded and of a bounded size.

References
----------
.. [1] RFC 7946, The GeoJSON Format, sections 3.1 and 11.2 (precision).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import mapping

DECIMALS = 5
"""About one metre."""
TOLERANCE_DEG = 2e-5
"""About two metres: less than the width of a line on the screen."""
MOST_POINTS = 400


def make_geometry(shape: Any, *, most_points: int = MOST_POINTS) -> dict[str, Any]:
    """A shape in lon and lat as a GeoJSON geometry.

    Parameters
    ----------
    shape
        Any shapely geometry, degrees.
    most_points
        Simplified further and further until it has no more points than this, or cannot have fewer.
    """
    tolerance_deg = TOLERANCE_DEG
    simple = shapely.simplify(shape, tolerance_deg)
    while shapely.get_num_coordinates(simple) > most_points and tolerance_deg < 1.0:
        tolerance_deg *= 2
        simple = shapely.simplify(shape, tolerance_deg)
    found: dict[str, Any] = _rounded(mapping(simple))
    return found


def make_point(lon_deg: float, lat_deg: float) -> dict[str, Any]:
    """A place as a GeoJSON geometry."""
    return {"type": "Point", "coordinates": _rounded((lon_deg, lat_deg))}


def make_feature(geometry: Mapping[str, Any] | None, properties: Mapping[str, Any]) -> Any:
    """A thing on the map; without a geometry it stands nowhere."""
    return {"type": "Feature", "geometry": geometry, "properties": dict(properties)}


def make_collection(features: Sequence[Any], **members: Any) -> dict[str, Any]:
    """Things on the map together, with further members such as ``attribution``."""
    return {"type": "FeatureCollection", **members, "features": list(features)}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [_rounded(part) for part in value]
    return value
