"""Rows as CSV for spreadsheets and as GeoJSON for maps, piece by piece."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Any
from uuid import UUID

from shapely.geometry import mapping

from geo.privacy import cell_center, cell_polygon, format_cell

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")
"""A cell that begins like this is run by spreadsheets; the last four are the wide forms."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PLACES = 6
"""Digits of a degree: about a decimetre, of the middle of a cell."""

Row = dict[str, Any]


def place_row(row: Row) -> Row:
    """The row with its cell as text, and the middle of the cell."""
    cell = row.get("cell")
    if cell is None:
        return row | {"cell": None, "lon_deg": None, "lat_deg": None}
    lon_deg, lat_deg = _center(cell)
    return row | {"cell": format_cell(cell), "lon_deg": lon_deg, "lat_deg": lat_deg}


@lru_cache(maxsize=20_000)
def _center(cell: int) -> tuple[float, float]:
    lon_deg, lat_deg = cell_center(cell)
    return round(lon_deg, PLACES), round(lat_deg, PLACES)


def guard_cell(value: object) -> object:
    """A value that no spreadsheet takes for a formula; numbers stay numbers."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = _as_text(value).replace("\x00", "")
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def write_csv_head(columns: Sequence[str], *, mark: bool) -> bytes:
    """The first line, with the mark by which some spreadsheets know UTF-8."""
    head = _write_lines([columns])
    return BYTE_ORDER_MARK + head if mark else head


def write_csv_rows(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Some rows, each cell made safe."""
    return _write_lines(
        [[guard_cell(place_row(row).get(name)) for name in columns] for row in rows]
    )


def _write_lines(lines: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode()


GEOJSON_HEAD = b'{"type":"FeatureCollection","features":['
GEOJSON_FOOT = b"]}\n"


def write_features(
    columns: Sequence[str], rows: Iterable[Row], *, first: bool, outlines: bool
) -> bytes:
    """Some rows as features: the middle of the cell, or its outline."""
    parts = []
    for row in rows:
        placed = place_row(row)
        cell = row.get("cell")
        feature = {
            "type": "Feature",
            "id": placed.get("id") and str(placed["id"]),
            "geometry": None if cell is None else _geometry(cell, outlines=outlines),
            "properties": {
                name: _plain(placed.get(name))
                for name in columns
                if name not in ("lon_deg", "lat_deg")
            },
        }
        if feature["id"] is None:
            del feature["id"]
        parts.append(json.dumps(feature, separators=(",", ":"), allow_nan=False))
    text = ",\n".join(parts)
    return (text if first or not parts else f",\n{text}").encode()


def _geometry(cell: int, *, outlines: bool) -> dict[str, Any]:
    if outlines:
        shape = mapping(cell_polygon(cell))
        ring = [
            [round(lon_deg, PLACES), round(lat_deg, PLACES)]
            for lon_deg, lat_deg in shape["coordinates"][0]
        ]
        return {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Point", "coordinates": list(_center(cell))}


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    return _as_text(value)


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return "|".join(str(item) for item in value)
    return str(value)
