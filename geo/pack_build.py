"""Finishing and writing a city pack: the steps that are the same for every kind of source."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import shapely

from geo import repository
from geo.city import CityMetadata
from geo.errors import UnusableSource
from geo.layers import (
    ADDRESS_COLUMNS,
    ALIAS_SEPARATOR,
    FEATURE_COLUMNS,
    FEATURE_LAYERS,
    STREET_COLUMNS,
)
from geo.pack_contents import AddressRow, FeatureRow, PackContents, StreetRow

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and how much there is (0: unknown)."""

NEAREST_AREA_M = 250.0
"""An address this near to an area, but outside of all, belongs to the nearest one."""
_METRES_PER_DEGREE = 111_320.0
_COORDINATE_DIGITS = 7


def ignore_progress(what: str, done: int, total: int) -> None:
    """The progress callback of those who do not watch."""


def product_version() -> str:
    """Name and version of the product, for the pack's metadata."""
    return f"talkoot {importlib.metadata.version('talkoot')}"


def hash_sources(paths: Iterable[Path], settings: str) -> str:
    """SHA-256 over the content of files, in the order of their names, and over the settings."""
    hasher = hashlib.sha256(settings.encode())
    for path in sorted(paths, key=lambda path: path.name):
        hasher.update(path.name.encode())
        with path.open("rb") as stream:
            hasher.update(hashlib.file_digest(stream, "sha256").digest())
    return hasher.hexdigest()


def check_time_zone(name: str) -> str:
    """Return the zone's name when it exists.

    Raises
    ------
    UnusableSource
        For any other text.
    """
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnusableSource(
            f"no time zone {name!r}; use an IANA name such as America/New_York"
        ) from error


def write_city_pack(
    contents: PackContents, meta: CityMetadata, path: Path, *, progress: Progress = ignore_progress
) -> None:
    """Finish the contents (junctions, areas, order) and write the pack in one move.

    Raises
    ------
    UnusableSource
        When there is neither a street nor an address, or the file cannot be written.
    """
    if not contents.streets and not contents.addresses:
        raise UnusableSource("the source holds neither streets nor addresses; nothing to build")
    progress("Joining streets", 0, 0)
    streets = split_at_junctions(contents.streets)
    progress("Placing addresses in areas", 0, 0)
    fill_areas(contents)
    contents.addresses.sort(key=_address_order)
    layers: dict[str, Any] = {
        "address": _address_layer(contents.addresses),
        "street": _street_layer(streets),
    }
    for name in FEATURE_LAYERS:
        layers[name] = _feature_layer(contents.features.get(name, []))
    meta = replace(meta, notes=(*meta.notes, *contents.notes))
    progress("Writing", 0, 0)
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.unlink(missing_ok=True)
        repository.write_pack(
            temporary, meta.as_table(), layers, changed_at=f"{meta.source_date}T00:00:00.000Z"
        )
        os.replace(temporary, path)
    except (OSError, repository.WriteError) as error:
        raise UnusableSource(f"{path}: cannot be written ({error})") from error
    finally:
        temporary.unlink(missing_ok=True)


def _address_order(row: AddressRow) -> tuple[str, int, str, str, str]:
    digits = row.number.partition("-")[0]
    return (row.street, int(digits) if digits.isdecimal() else 0, row.number, row.suffix, row.unit)


def split_at_junctions(rows: Sequence[StreetRow]) -> list[StreetRow]:
    """Cut every line where it meets another, so that segments touch at their ends only.

    Lines meet where they share a vertex; crossing without one (a bridge) is no junction. The
    house-number ranges of a line that is cut are shared out by length.
    """
    lines = [np.round(np.asarray(row.line.coords)[:, :2], _COORDINATE_DIGITS) for row in rows]
    uses: Counter[tuple[float, float]] = Counter()
    for points in lines:
        uses.update(map(tuple, points.tolist()))
        uses.update((tuple(points[0].tolist()), tuple(points[-1].tolist())))
    result: list[StreetRow] = []
    for row, points in zip(rows, lines, strict=True):
        inner = [at for at in range(1, len(points) - 1) if uses[tuple(points[at].tolist())] > 1]
        cuts = [0, *inner, len(points) - 1]
        parts = [points[a : b + 1] for a, b in pairwise(cuts)]
        parts = [part for part in parts if len(np.unique(part, axis=0)) > 1]
        result.extend(_cut_row(row, parts))
    return result


def _cut_row(row: StreetRow, parts: list[Any]) -> Iterable[StreetRow]:
    lengths = [float(shapely.LineString(part).length) for part in parts]
    total = sum(lengths)
    done = 0.0
    for index, (part, length) in enumerate(zip(parts, lengths, strict=True)):
        shares = (done / total, (done + length) / total)
        done += length
        yield replace(
            row,
            street_id=row.street_id if len(parts) == 1 else f"{row.street_id}-{index + 1}",
            line=shapely.LineString(part),
            ranges=(
                *_cut_range(row.ranges[0], row.ranges[1], shares),
                *_cut_range(row.ranges[2], row.ranges[3], shares),
            ),
        )


def _cut_range(start: int, end: int, shares: tuple[float, float]) -> tuple[int, int]:
    """The house numbers of a range that fall into a part of the line; (-1, -1) when none do."""
    if start < 0 or end < 0:
        return -1, -1
    if start == end:
        inside = shares[0] <= 0.5 < shares[1]
        return (start, end) if inside else (-1, -1)
    step = (2 if (start - end) % 2 == 0 else 1) * (1 if end > start else -1)
    numbers = range(start, end + (1 if step > 0 else -1), step)
    kept = [
        number
        for number in numbers
        if shares[0] <= (number - start) / (end - start) < shares[1]
        or (number == end and shares[1] >= 1.0 - 1e-12)
    ]
    return (kept[0], kept[-1]) if kept else (-1, -1)


def fill_areas(contents: PackContents) -> None:
    """Give each address without area or postcode those of the polygon it lies in or next to."""
    points = shapely.points([[row.lon, row.lat] for row in contents.addresses])
    for layer, attribute in (("area", "area"), ("postcode", "postcode")):
        features = contents.features.get(layer, [])
        if not features or not len(points):
            continue
        nearest = _nearest_polygons(points, [feature.geometry for feature in features])
        for row, index in zip(contents.addresses, nearest.tolist(), strict=True):
            if index >= 0 and not getattr(row, attribute):
                setattr(row, attribute, features[index].name)


def _nearest_polygons(points: Any, polygons: list[Any]) -> Any:
    """Index of the polygon of each point, -1 when none is within `NEAREST_AREA_M`."""
    squeeze = float(np.cos(np.radians(shapely.get_y(points).mean())))

    def plane(geometries: Any) -> Any:
        return shapely.transform(
            geometries, lambda xy: xy * np.array([squeeze, 1.0]) * _METRES_PER_DEGREE
        )

    tree = shapely.STRtree(plane(np.array(polygons, object)))
    found, index = tree.query_nearest(plane(points), max_distance=NEAREST_AREA_M, all_matches=False)
    nearest = np.full(len(points), -1)
    nearest[found] = index
    return nearest


def as_multipolygon(geometry: Any) -> Any | None:
    """The polygons of a geometry as one MultiPolygon; None when it has none."""
    parts = [
        part
        for part in shapely.get_parts(shapely.get_parts(geometry)).tolist()
        if part.geom_type == "Polygon" and part.area > 0
    ]
    return shapely.MultiPolygon(parts) if parts else None


def _address_layer(rows: Sequence[AddressRow]) -> Any:
    points = [
        shapely.Point(round(row.lon, _COORDINATE_DIGITS), round(row.lat, _COORDINATE_DIGITS))
        for row in rows
    ]
    values = [
        (
            row.address_id,
            row.number,
            row.suffix,
            row.street,
            row.unit,
            row.postcode,
            row.area,
            row.precision,
        )
        for row in rows
    ]
    return ADDRESS_COLUMNS, points, values


def _street_layer(rows: Sequence[StreetRow]) -> Any:
    values = [
        (
            row.street_id,
            row.name,
            ALIAS_SEPARATOR.join(name.replace(ALIAS_SEPARATOR, " ") for name in row.alias_names),
            row.street_class,
            row.oneway,
            int(row.foot),
            int(row.bike),
            int(row.car),
            *row.ranges,
            *row.postcodes,
            row.max_speed_kmh,
        )
        for row in rows
    ]
    return STREET_COLUMNS, [row.line for row in rows], values


def _feature_layer(rows: Sequence[FeatureRow]) -> Any:
    values = [
        (
            row.feature_id,
            row.name,
            row.kind,
            row.address,
            json.dumps(row.details, ensure_ascii=False, sort_keys=True),
        )
        for row in rows
    ]
    shapes = [_round_shape(row.geometry) for row in rows]
    return FEATURE_COLUMNS, shapes, values


def _round_shape(geometry: Any) -> Any:
    rounded = shapely.set_precision(geometry, 10.0**-_COORDINATE_DIGITS)
    if geometry.geom_type == "MultiPolygon":
        return as_multipolygon(rounded) or geometry
    return geometry if rounded.is_empty else rounded
