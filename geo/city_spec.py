"""The specification of a municipal city pack: which file and column holds what.

A TOML file; `geo/packs/cambridge.toml` is a complete example. Unknown entries are refused, so that
a misspelt one is noticed.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Literal

import msgspec

from geo.errors import UnusableSource
from geo.feature_files import read_bytes
from geo.pack_build import check_time_zone


class CityEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the pack says about itself; see `geo.city.CityMetadata`."""

    name: str
    time_zone: str
    licence: str
    attribution: str
    source: str
    source_date: datetime.date
    number_first: bool = True
    place_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class FeatureEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of areas, water, parks or places, and the columns to take.

    ``kind`` is the same for all features, ``kind_column`` differs between them; ``details`` are
    further columns to keep.
    """

    file: str
    name: str | None = None
    kind: str = ""
    kind_column: str | None = None
    address: str | None = None
    details: tuple[str, ...] = ()


class OnewayEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The column with the driving direction, and its values along and against the line."""

    column: str
    along: tuple[str, ...]
    against: tuple[str, ...]


class ClassEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The column with the kind of street, and what its values are in OpenStreetMap's words."""

    column: str
    values: dict[str, str]
    default: str = "residential"


class StreetEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The street centre lines.

    ``ranges`` are the columns left from, left to, right from, right to; ``spare_ranges`` stand in
    where those are empty. ``no_foot``, ``no_bike``, ``no_car`` name streets closed to some.
    """

    file: str
    name: str
    id: str | None = None
    aliases: tuple[str, ...] = ()
    street_class: ClassEntry | None = None
    oneway: OnewayEntry | None = None
    ranges: tuple[str, str, str, str] | None = None
    spare_ranges: tuple[str, str, str, str] | None = None
    left_postcode: str | None = None
    right_postcode: str | None = None
    no_foot: tuple[str, ...] = ()
    no_bike: tuple[str, ...] = ()
    no_car: tuple[str, ...] = ()


class AddressEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The address table, CSV with a header, gzipped or not.

    ``street`` are the columns that make up the street name. ``label`` is a column with the whole
    address whose last words are the street in good capitals. Where ``lon`` and ``lat`` are given
    they win; else houses are placed along the address ranges, else with the other houses of the
    same ``parcel``.
    """

    file: str
    number: str
    street: tuple[str, ...]
    id: str | None = None
    suffix: str | None = None
    label: str | None = None
    unit: str | None = None
    postcode: str | None = None
    parcel: str | None = None
    lon: str | None = None
    lat: str | None = None


class LayerEntries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where each layer comes from."""

    boundary: FeatureEntry
    street: StreetEntry
    address: AddressEntry | None = None
    area: FeatureEntry | None = None
    postcode: FeatureEntry | None = None
    water: tuple[FeatureEntry, ...] = ()
    park: tuple[FeatureEntry, ...] = ()
    poi: tuple[FeatureEntry, ...] = ()


class CitySpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole specification file."""

    format: Literal["talkoot-city-spec/1"]
    city: CityEntry
    layers: LayerEntries
    aliases: dict[str, str] = {}

    def files(self) -> tuple[str, ...]:
        """Names of all files that the specification uses, each once."""
        layers = self.layers
        single = (layers.boundary, layers.street, layers.address, layers.area, layers.postcode)
        entries = [entry for entry in single if entry is not None]
        names = [
            *(entry.file for entry in entries),
            *(entry.file for entry in (*layers.water, *layers.park, *layers.poi)),
        ]
        return tuple(dict.fromkeys(names))


def read_city_spec(path: Path) -> CitySpec:
    """Read a specification.

    Raises
    ------
    UnusableSource
        Naming the entry that is missing, unknown or wrong.
    """
    try:
        spec = msgspec.toml.decode(read_bytes(path), type=CitySpec)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise UnusableSource(f"{path.name}: {error}") from error
    check_time_zone(spec.city.time_zone)
    return spec
