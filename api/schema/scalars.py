"""Values of the API that GraphQL does not know by itself."""

from __future__ import annotations

from typing import Any, NewType

import h3
import strawberry

GeoJSON = NewType("GeoJSON", dict[str, Any])
"""A geometry or a feature as RFC 7946 has it, longitude before latitude."""
Cell = NewType("Cell", int)
"""An H3 cell as the database holds it."""


def _read_cell(text: object) -> Cell:
    if not isinstance(text, str) or not h3.is_valid_cell(text):
        raise ValueError("A cell is an H3 index in hexadecimal digits, such as 8a2a3066d49ffff.")
    return Cell(h3.str_to_int(text))


SCALARS: dict[object, Any] = {
    GeoJSON: strawberry.scalar(
        name="GeoJSON",
        description="A GeoJSON object (RFC 7946): longitude before latitude, in WGS 84.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc7946",
        serialize=dict,
    ),
    Cell: strawberry.scalar(
        name="Cell",
        description="An H3 cell in hexadecimal digits: a hexagon that holds enough homes to hide "
        "any one of them.",
        specified_by_url="https://h3geo.org",
        serialize=h3.int_to_str,
        parse_value=_read_cell,
    ),
}
