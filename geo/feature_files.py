"""Reading GeoJSON and TopoJSON files of a city, with errors that name the file and the remedy.

TopoJSON carries no coordinate system (it is WGS 84 by the specification) and real files hold arcs
of a single point, on which GIS libraries stop; both are handled here.

References
----------
.. [1] RFC 7946, The GeoJSON Format.
.. [2] The TopoJSON Format Specification 1.0, section 2.1 (topology, transform, arcs).
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
import shapely.geometry

from geo.errors import UnusableSource

MAX_FILE_BYTES = 512 * 1024 * 1024
_BARE_GEOMETRIES = ("Polygon", "MultiPolygon", "GeometryCollection")
_WGS84_NAMES = ("CRS84", "EPSG::4326", "EPSG:4326")


@dataclass(frozen=True)
class SourceFeature:
    """One feature of a file: its attributes and its shape, lon and lat in degrees."""

    properties: dict[str, Any]
    geometry: Any


def read_bytes(path: Path) -> bytes:
    """Return a file's content, unpacked when it is gzipped.

    Raises
    ------
    UnusableSource
        When the file is missing, empty, too large or not really gzipped.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UnusableSource(
                f"{path.name}: larger than {MAX_FILE_BYTES // 2**20} MB; cut it to the city first"
            )
        if path.suffix == ".gz":
            with gzip.open(path) as stream:
                content = stream.read(MAX_FILE_BYTES + 1)
        else:
            content = path.read_bytes()
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnusableSource(f"{path}: cannot be read ({reason})") from error
    if len(content) > MAX_FILE_BYTES:
        raise UnusableSource(
            f"{path.name}: unpacks to more than {MAX_FILE_BYTES // 2**20} MB; cut it first"
        )
    if not content.strip():
        raise UnusableSource(f"{path.name}: the file is empty")
    return content


def read_features(path: Path) -> list[SourceFeature]:
    """Read the features of a GeoJSON or TopoJSON file, gzipped or not, in file order.

    Features without a shape are left out; shapes are made two-dimensional and valid.

    Raises
    ------
    UnusableSource
        When the file is none of the two, in another coordinate system, or broken.
    """
    try:
        document = json.loads(read_bytes(path))
    except (ValueError, RecursionError) as error:
        raise UnusableSource(f"{path.name}: not valid JSON; give GeoJSON or TopoJSON") from error
    kind = document.get("type") if isinstance(document, dict) else None
    try:
        if kind == "FeatureCollection":
            _check_crs(document, path)
            pairs = [
                (feature.get("properties") or {}, feature.get("geometry"))
                for feature in document["features"]
            ]
        elif kind == "Feature":
            _check_crs(document, path)
            pairs = [(document.get("properties") or {}, document["geometry"])]
        elif kind in _BARE_GEOMETRIES:
            pairs = [({}, document)]
        elif kind == "Topology":
            pairs = _decode_topology(document)
        else:
            raise UnusableSource(f"{path.name}: neither GeoJSON nor TopoJSON")
        features = [
            SourceFeature(dict(properties), shape)
            for properties, geometry in pairs
            if geometry and (shape := _shape(geometry)) is not None
        ]
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise UnusableSource(f"{path.name}: a broken feature ({error})") from error
    except shapely.errors.ShapelyError as error:
        raise UnusableSource(f"{path.name}: a broken shape ({error})") from error
    if not features:
        raise UnusableSource(f"{path.name}: holds no feature with a shape")
    _check_degrees(features, path)
    return features


def _check_crs(document: dict[str, Any], path: Path) -> None:
    crs = document.get("crs")
    name = str(crs.get("properties", {}).get("name", "")) if isinstance(crs, dict) else ""
    if name and not name.endswith(_WGS84_NAMES):
        raise UnusableSource(
            f"{path.name}: coordinates in {name}; convert the file to EPSG:4326 (lon, lat) first"
        )


def _check_degrees(features: list[SourceFeature], path: Path) -> None:
    west, south, east, north = shapely.total_bounds([feature.geometry for feature in features])
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        swapped = south >= -180 and north <= 180 and west >= -90 and east <= 90
        hint = "looks like lat, lon: swap them" if swapped else "convert to EPSG:4326"
        raise UnusableSource(
            f"{path.name}: coordinates from ({west:.0f}, {south:.0f}) to ({east:.0f}, {north:.0f}) "
            f"are not lon, lat in degrees; {hint}"
        )


def _shape(geometry: dict[str, Any]) -> Any:
    shape = shapely.force_2d(shapely.geometry.shape(geometry))
    if not shapely.is_valid(shape):
        shape = shapely.make_valid(shape)
    return None if shape.is_empty else shape


def _decode_topology(document: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    arcs = _decode_arcs(document)
    found = []
    for collection in document["objects"].values():
        for item in collection.get("geometries", [collection]):
            geometry = _decode_geometry(item, arcs, document.get("transform"))
            if geometry is not None:
                found.append((item.get("properties") or {}, geometry))
    return found


def _decode_arcs(document: dict[str, Any]) -> list[list[tuple[float, float]]]:
    transform = document.get("transform")
    if transform is None:
        return [[(point[0], point[1]) for point in arc] for arc in document["arcs"]]
    decoded = []
    for arc in document["arcs"]:
        x = y = 0
        points = []
        for step in arc:
            x, y = x + step[0], y + step[1]
            points.append(_place((x, y), transform))
        decoded.append(points)
    return decoded


def _place(point: Any, transform: dict[str, Any] | None) -> tuple[float, float]:
    if transform is None:
        return (point[0], point[1])
    (scale_x, scale_y), (shift_x, shift_y) = transform["scale"], transform["translate"]
    return (point[0] * scale_x + shift_x, point[1] * scale_y + shift_y)


def _decode_geometry(
    item: dict[str, Any],
    arcs: list[list[tuple[float, float]]],
    transform: dict[str, Any] | None,
) -> dict[str, Any] | None:
    """A GeoJSON geometry, or None when too few distinct points are left for one."""

    def line(indexes: list[int]) -> list[tuple[float, float]]:
        points: list[tuple[float, float]] = []
        for index in indexes:
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            points.extend(arc[1:] if points and arc and points[-1] == arc[0] else arc)
        return points

    def polygon(rings: list[list[int]]) -> list[list[tuple[float, float]]]:
        lines = [line(ring) for ring in rings]
        if not lines or len(set(lines[0])) < 3:
            return []
        return [points for points in lines if len(set(points)) >= 3]

    kind = item.get("type")
    if kind == "Point":
        return {"type": kind, "coordinates": _place(item["coordinates"], transform)}
    if kind == "LineString":
        points = line(item["arcs"])
        return {"type": kind, "coordinates": points} if len(set(points)) > 1 else None
    if kind == "MultiLineString":
        lines = [points for part in item["arcs"] if len(set(points := line(part))) > 1]
        return {"type": kind, "coordinates": lines} if lines else None
    if kind == "Polygon":
        rings = polygon(item["arcs"])
        return {"type": kind, "coordinates": rings} if rings else None
    if kind == "MultiPolygon":
        parts = [rings for part in item["arcs"] if (rings := polygon(part))]
        return {"type": kind, "coordinates": parts} if parts else None
    return None
