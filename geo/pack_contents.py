"""What a builder gathers before a city pack is written: plain rows, one class for each layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class AddressRow:
    """One house address; see `geo.layers.Addresses`."""

    address_id: str
    number: str
    suffix: str
    street: str
    lon: float
    lat: float
    precision: str
    unit: str = ""
    postcode: str = ""
    area: str = ""


@dataclass(slots=True)
class StreetRow:
    """One way before it is cut at junctions; see `geo.layers.Streets`."""

    street_id: str
    name: str
    line: Any
    street_class: str
    alias_names: tuple[str, ...] = ()
    oneway: int = 0
    foot: bool = True
    bike: bool = True
    car: bool = True
    ranges: tuple[int, int, int, int] = (-1, -1, -1, -1)
    postcodes: tuple[str, str] = ("", "")
    max_speed_kmh: float | None = None


@dataclass(slots=True)
class FeatureRow:
    """One area, water body, park or place; see `geo.layers.Layer`."""

    feature_id: str
    name: str
    geometry: Any
    kind: str = ""
    address: str = ""
    details: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class PackContents:
    """Everything of a city; ``features`` is by layer name."""

    addresses: list[AddressRow] = field(default_factory=list)
    streets: list[StreetRow] = field(default_factory=list)
    features: dict[str, list[FeatureRow]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
