"""Small cities for tests, written as real packs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import shapely

from geo.city import CityMetadata, CityPack
from geo.pack_build import write_city_pack
from geo.pack_contents import AddressRow, FeatureRow, PackContents, StreetRow

HOUSE_STEP_DEG = 0.0002
"""About 22 m north for each house number."""


def metadata(**changes: object) -> CityMetadata:
    """What a pack says about itself; any entry can be changed."""
    entries: dict[str, object] = {
        "name": "Springfield",
        "time_zone": "America/New_York",
        "utm_epsg": 32619,
        "licence": "CC0",
        "attribution": "Nobody",
        "source": "made up",
        "source_date": "2026-01-15",
        "source_hash": "0" * 64,
        "built_with": "test",
        "place_names": ("Springfield", "MA"),
    }
    return CityMetadata(**{**entries, **changes})  # type: ignore[arg-type]  # from a plain dict


def house(
    number: str,
    street: str,
    *,
    lon: float = -71.1,
    lat: float | None = None,
    suffix: str = "",
    postcode: str = "",
    area: str = "",
    precision: str = "rooftop",
) -> AddressRow:
    """A house; without ``lat`` it stands `HOUSE_STEP_DEG` north for each number."""
    digits = number.partition("-")[2] or number
    return AddressRow(
        address_id=f"{street}/{number}{suffix}/{lon}",
        number=number,
        suffix=suffix,
        street=street,
        lon=lon,
        lat=42.3 + HOUSE_STEP_DEG * int(digits) if lat is None else lat,
        precision=precision,
        postcode=postcode,
        area=area,
    )


def street(
    name: str, *points: tuple[float, float], street_id: str = "", **entries: object
) -> StreetRow:
    """A street through points (lon, lat)."""
    line = shapely.LineString(points or [(-71.1, 42.3), (-71.1, 42.31)])
    row = StreetRow(street_id or name, name, line, "residential")
    for key, value in entries.items():
        setattr(row, key, value)
    return row


def square(
    west: float, south: float, side_deg: float = 0.1, *, name: str = "", kind: str = ""
) -> FeatureRow:
    """A square polygon, its south-west corner at (west, south)."""
    box = shapely.box(west, south, west + side_deg, south + side_deg)
    return FeatureRow(name or "square", name, shapely.MultiPolygon([box]), kind=kind)


def build_small_city(
    folder: Path,
    addresses: Sequence[AddressRow] = (),
    streets: Sequence[StreetRow] = (),
    features: Mapping[str, Sequence[FeatureRow]] | None = None,
    **meta: object,
) -> CityPack:
    """Write a pack and open it. A boundary of 0.2 degrees around (-71.1, 42.3) is always there."""
    layers = {"boundary": [square(-71.2, 42.2, 0.2)]}
    layers.update({name: list(rows) for name, rows in (features or {}).items()})
    contents = PackContents(list(addresses), list(streets), layers)
    path = folder / "small.gpkg"
    write_city_pack(contents, metadata(**meta), path)
    return CityPack.open(path)
