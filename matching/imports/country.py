"""The country of a time zone, for phone numbers that are written without a country code."""

from __future__ import annotations

import functools
import zoneinfo
from importlib import resources
from pathlib import Path

from matching.imports.fields import UNKNOWN_REGION

TABLE = "zone1970.tab"


@functools.lru_cache(maxsize=64)
def phone_region_of(zone: str) -> str:
    """Two-letter country of a zone such as ``America/New_York``, else `UNKNOWN_REGION`.

    The zone database lists the most populous country of a zone first.
    """
    for line in _zone_table().splitlines():
        parts = line.split("\t")
        if not line.startswith("#") and len(parts) >= 3 and parts[2] == zone:
            return parts[0].split(",")[0]
    return UNKNOWN_REGION


def _zone_table() -> str:
    for folder in zoneinfo.TZPATH:
        path = Path(folder) / TABLE
        if path.is_file():
            return path.read_text("utf-8")
    try:
        return resources.files("tzdata").joinpath("zoneinfo", TABLE).read_text("utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        return ""
