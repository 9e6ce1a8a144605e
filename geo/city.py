"""City packs: one file with a city's addresses, streets, areas and places.

A pack is a GeoPackage with positions in WGS 84 (EPSG:4326), always lon before lat. Layers are read
when they are first asked for, so opening a pack costs milliseconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj

from geo import repository
from geo.errors import CityPackNotFound, UnusableCityPack
from geo.layers import (
    ADDRESS_COLUMNS,
    ALIAS_SEPARATOR,
    FEATURE_COLUMNS,
    FEATURE_LAYERS,
    STREET_COLUMNS,
    Addresses,
    FloatArray,
    Layer,
    Streets,
)

PACK_FORMAT = "talkoot-city/1"
PACK_DIRECTORY = Path(__file__).parent / "packs"

__all__ = [
    "Addresses",
    "CityMetadata",
    "CityPack",
    "Layer",
    "Streets",
    "find_pack_file",
    "shipped_pack",
    "shipped_packs",
    "utm_epsg_at",
]


@dataclass(frozen=True)
class CityMetadata:
    """What a pack says about itself.

    Parameters
    ----------
    name
        The city, for people.
    time_zone
        IANA name, such as ``America/New_York``.
    utm_epsg
        EPSG code of the UTM zone in which this city's metres are computed; chosen once.
    licence, attribution
        Of the data; the attribution must be shown wherever the data is.
    source, source_date, source_hash
        Where the data came from, its date (ISO 8601), and the SHA-256 of the files it was built
        from together with the settings.
    built_with
        Product and version that built the pack.
    number_first
        True where people write ``12 Main St``, False where they write ``Mannerheimintie 12``.
    place_names
        Names of the city, state and country that may stand after an address.
    aliases
        Further names of streets, as people say them: alias -> street name.
    notes
        What a user of the data must know, one sentence each.
    """

    name: str
    time_zone: str
    utm_epsg: int
    licence: str
    attribution: str
    source: str
    source_date: str
    source_hash: str
    built_with: str
    number_first: bool = True
    place_names: tuple[str, ...] = ()
    aliases: Mapping[str, str] | None = None
    notes: tuple[str, ...] = ()

    def as_table(self) -> dict[str, str]:
        """Key-value pairs as they stand in the pack."""
        return {
            "format": PACK_FORMAT,
            "name": self.name,
            "time_zone": self.time_zone,
            "utm_epsg": str(self.utm_epsg),
            "licence": self.licence,
            "attribution": self.attribution,
            "source": self.source,
            "source_date": self.source_date,
            "source_hash": self.source_hash,
            "built_with": self.built_with,
            "number_first": "yes" if self.number_first else "no",
            "place_names": json.dumps(self.place_names, ensure_ascii=False),
            "aliases": json.dumps(self.aliases or {}, ensure_ascii=False, sort_keys=True),
            "notes": json.dumps(self.notes, ensure_ascii=False),
        }

    @staticmethod
    def from_table(table: Mapping[str, str], file_name: str) -> CityMetadata:
        """Read the key-value pairs of a pack.

        Raises
        ------
        UnusableCityPack
            When the pack is of another format version or lacks an entry.
        """
        if table.get("format") != PACK_FORMAT:
            raise UnusableCityPack(
                f"{file_name}: pack format {table.get('format', 'none')!r}, but this version reads "
                f"{PACK_FORMAT!r}; build it again with 'talkoot city build'"
            )
        try:
            return CityMetadata(
                name=table["name"],
                time_zone=table["time_zone"],
                utm_epsg=int(table["utm_epsg"]),
                licence=table["licence"],
                attribution=table["attribution"],
                source=table["source"],
                source_date=table["source_date"],
                source_hash=table["source_hash"],
                built_with=table["built_with"],
                number_first=table["number_first"] == "yes",
                place_names=tuple(json.loads(table["place_names"])),
                aliases=dict(json.loads(table["aliases"])),
                notes=tuple(json.loads(table["notes"])),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise UnusableCityPack(
                f"{file_name}: the metadata is incomplete ({error}); build the pack again"
            ) from error


class CityPack:
    """An open city pack. Safe to share between threads: nothing changes after opening."""

    def __init__(self, path: Path, meta: CityMetadata) -> None:
        self.path = path
        self.meta = meta

    @classmethod
    def open(cls, path: str | Path) -> CityPack:
        """Open a pack, reading only its metadata.

        Raises
        ------
        UnusableCityPack
            When the file is missing, empty, cut off or something else.
        """
        path = Path(path)
        return cls(path, CityMetadata.from_table(repository.read_metadata(path), path.name))

    @cached_property
    def addresses(self) -> Addresses:
        """The house addresses."""
        blobs, rows = repository.read_layer(self.path, "address", tuple(ADDRESS_COLUMNS))
        ids, numbers, suffixes, streets, units, postcodes, areas, precisions = _columns(rows, 8)
        return Addresses(
            ids=ids,
            numbers=numbers,
            suffixes=suffixes,
            streets=streets,
            units=units,
            postcodes=postcodes,
            areas=areas,
            precisions=precisions,
            lonlat=repository.decode_points(blobs),
        )

    @cached_property
    def streets(self) -> Streets:
        """The street segments, connected at their ends."""
        blobs, rows = repository.read_layer(self.path, "street", tuple(STREET_COLUMNS))
        columns = _columns(rows, len(STREET_COLUMNS))
        return Streets(
            ids=columns[0],
            names=columns[1],
            alias_names=tuple(_split_aliases(text) for text in columns[2]),
            classes=columns[3],
            oneway=np.array(columns[4], np.int8),
            foot=np.array(columns[5], bool),
            bike=np.array(columns[6], bool),
            car=np.array(columns[7], bool),
            ranges=np.array(columns[8:12], np.int64).reshape(4, -1).T.copy(),
            postcodes=tuple(zip(columns[12], columns[13], strict=True)),
            max_speed_kmh=np.array(columns[14], np.float64),
            lines=repository.decode_geometries(blobs),
        )

    def layer(self, name: str) -> Layer:
        """Return one layer of features: see `FEATURE_LAYERS`.


        Empty when the pack has no such layer.

        Raises
        ------
        ValueError
            For any other name.
        """
        if name not in FEATURE_LAYERS:
            raise ValueError(f"no feature layer {name!r}; there are {', '.join(FEATURE_LAYERS)}")
        return self._layers[name]

    @cached_property
    def _layers(self) -> dict[str, Layer]:
        return {name: self._read_features(name) for name in FEATURE_LAYERS}

    def _read_features(self, name: str) -> Layer:
        if not repository.read_columns(self.path, name):
            return Layer((), (), (), (), (), np.empty(0, object))
        blobs, rows = repository.read_layer(self.path, name, tuple(FEATURE_COLUMNS))
        ids, names, kinds, addresses, details = _columns(rows, len(FEATURE_COLUMNS))
        return Layer(
            ids=ids,
            names=names,
            kinds=kinds,
            addresses=addresses,
            details=tuple(json.loads(text) for text in details),
            geometries=repository.decode_geometries(blobs),
        )

    @property
    def areas(self) -> Layer:
        """The neighbourhoods: ``areas.names`` and ``areas.geometries`` (polygons)."""
        return self.layer("area")

    @cached_property
    def boundary(self) -> Any:
        """Shapely MultiPolygon of the service area, lon and lat in degrees.

        Raises
        ------
        UnusableCityPack
            When the pack has none.
        """
        layer = self.layer("boundary")
        if not len(layer):
            raise UnusableCityPack(f"{self.path.name}: no boundary; build the pack again")
        return layer.geometries[0]

    def layer_counts(self) -> dict[str, int]:
        """Number of features of each layer in the file."""
        return repository.read_layer_counts(self.path)

    def to_utm(self, lonlat: npt.ArrayLike) -> FloatArray:
        """Project (n, 2) lon, lat in degrees to (n, 2) float64 metres east and north."""
        return _transform(self._projection, lonlat, "FORWARD")

    def from_utm(self, xy_m: npt.ArrayLike) -> FloatArray:
        """Turn (n, 2) metres of this city's UTM zone into (n, 2) float64 lon, lat in degrees."""
        return _transform(self._projection, xy_m, "INVERSE")

    @cached_property
    def _projection(self) -> Any:
        return pyproj.Transformer.from_crs(4326, self.meta.utm_epsg, always_xy=True)


def _transform(projection: Any, points: npt.ArrayLike, direction: str) -> FloatArray:
    array = np.asarray(points, np.float64).reshape(-1, 2)
    return np.column_stack(projection.transform(array[:, 0], array[:, 1], direction=direction))


def _columns(rows: list[Any], width: int) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _split_aliases(text: str) -> tuple[str, ...]:
    return tuple(text.split(ALIAS_SEPARATOR)) if text else ()


def utm_epsg_at(lon_deg: float, lat_deg: float) -> int:
    """EPSG code of the WGS 84 / UTM zone of a position (326xx north, 327xx south)."""
    zone = int((lon_deg + 180) // 6) % 60 + 1
    return (32600 if lat_deg >= 0 else 32700) + zone


def shipped_packs() -> tuple[str, ...]:
    """Names of the packs that come with the product."""
    return tuple(sorted(path.stem for path in PACK_DIRECTORY.glob("*.gpkg")))


def shipped_pack(name: str) -> Path:
    """Return the file of a pack that comes with the product.

    Raises
    ------
    CityPackNotFound
        Naming those that there are.
    """
    if name not in shipped_packs():
        raise CityPackNotFound(
            f"no city pack named {name!r}; give a file, or one of: {', '.join(shipped_packs())}"
        )
    return PACK_DIRECTORY / f"{name}.gpkg"


def find_pack_file(name_or_path: str) -> Path:
    """Resolve what a person wrote: a file if there is one, else the name of a shipped pack.

    Raises
    ------
    CityPackNotFound
        When it is neither.
    """
    path = Path(name_or_path)
    if path.is_file():
        return path
    if path.is_dir():
        raise CityPackNotFound(f"{name_or_path}: a folder, not a city pack")
    if path.suffix or len(path.parts) > 1:
        raise CityPackNotFound(f"{name_or_path}: no such file; build it with 'talkoot city build'")
    return shipped_pack(name_or_path)
