"""City packs from a municipality's own files: GeoJSON or TopoJSON layers and an address table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo.city import CityMetadata, utm_epsg_at
from geo.city_spec import CitySpec, FeatureEntry, StreetEntry
from geo.errors import UnusableSource
from geo.feature_files import SourceFeature, read_features
from geo.municipal_addresses import read_addresses
from geo.pack_build import (
    Progress,
    as_multipolygon,
    hash_sources,
    ignore_progress,
    product_version,
    write_city_pack,
)
from geo.pack_contents import FeatureRow, PackContents, StreetRow

_FAR_DEGREES = 1.0


def build_municipal_pack(
    directory: Path,
    spec: CitySpec,
    output: Path,
    *,
    spec_text: str,
    progress: Progress = ignore_progress,
) -> None:
    """Build a pack from the files of a directory as a specification says.

    Parameters
    ----------
    spec_text
        The specification as written: it goes into the pack's source hash.

    Raises
    ------
    UnusableSource
        Naming the file and what is wrong with it.
    """
    paths = {name: _find_file(directory, name) for name in spec.files()}
    contents = PackContents()
    for done, (layer, entries) in enumerate(_feature_entries(spec)):
        progress("Reading layers", done, 6)
        rows = [row for entry in entries for row in _read_rows(layer, entry, paths[entry.file])]
        contents.features[layer] = rows
    boundary = _join_boundary(contents)
    contents.streets = list(read_streets(paths[spec.layers.street.file], spec.layers.street))
    _check_places(contents, boundary)
    if spec.layers.address is not None:
        entry = spec.layers.address
        read_addresses(paths[entry.file], entry, contents, progress=progress)
    write_city_pack(
        contents,
        _metadata(spec, boundary, hash_sources(paths.values(), spec_text)),
        output,
        progress=progress,
    )


def _metadata(spec: CitySpec, boundary: Any, source_hash: str) -> CityMetadata:
    city = spec.city
    return CityMetadata(
        name=city.name,
        time_zone=city.time_zone,
        utm_epsg=utm_epsg_at(boundary.centroid.x, boundary.centroid.y),
        licence=city.licence,
        attribution=city.attribution,
        source=city.source,
        source_date=city.source_date.isoformat(),
        source_hash=source_hash,
        built_with=product_version(),
        number_first=city.number_first,
        place_names=city.place_names,
        aliases=spec.aliases,
        notes=city.notes,
    )


def _find_file(directory: Path, name: str) -> Path:
    for candidate in (directory / name, directory / f"{name}.gz"):
        if candidate.is_file():
            return candidate
    raise UnusableSource(f"{directory / name}: no such file, but the specification names it")


def _feature_entries(spec: CitySpec) -> Iterator[tuple[str, tuple[FeatureEntry, ...]]]:
    layers = spec.layers
    yield "boundary", (layers.boundary,)
    yield "area", (layers.area,) if layers.area else ()
    yield "postcode", (layers.postcode,) if layers.postcode else ()
    yield "water", layers.water
    yield "park", layers.park
    yield "poi", layers.poi


def _read_rows(layer: str, entry: FeatureEntry, path: Path) -> Iterator[FeatureRow]:
    features = read_features(path)
    wanted = (entry.name, entry.kind_column, entry.address, *entry.details)
    _check_columns(features, wanted, path)
    for number, feature in enumerate(features, 1):
        geometry = feature.geometry
        if layer != "poi":
            geometry = as_multipolygon(geometry)
            if geometry is None:
                continue
        yield FeatureRow(
            feature_id=f"{path.name.partition('.')[0]}-{number}",
            name=_text(feature.properties, entry.name),
            geometry=geometry,
            kind=_text(feature.properties, entry.kind_column).casefold() or entry.kind,
            address=_text(feature.properties, entry.address),
            details={
                column: value
                for column in entry.details
                if (value := _text(feature.properties, column))
            },
        )


def _check_columns(
    features: list[SourceFeature], wanted: tuple[str | None, ...], path: Path
) -> None:
    known = {column for feature in features for column in feature.properties}
    for column in wanted:
        if column is not None and column not in known:
            raise UnusableSource(
                f"{path.name}: no column {column!r}; there are {', '.join(sorted(known))}"
            )


def _text(properties: dict[str, Any], column: str | None) -> str:
    value = properties.get(column) if column else None
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _join_boundary(contents: PackContents) -> Any:
    rows = contents.features["boundary"]
    shape = as_multipolygon(shapely.union_all([row.geometry for row in rows])) if rows else None
    if shape is None:
        raise UnusableSource("the boundary file holds no polygon")
    contents.features["boundary"] = [FeatureRow("boundary", rows[0].name, shape)]
    return shape


def _check_places(contents: PackContents, boundary: Any) -> None:
    """Notice a layer of another city, or one with lat before lon."""
    west, south, east, north = boundary.bounds
    near = shapely.box(
        west - _FAR_DEGREES, south - _FAR_DEGREES, east + _FAR_DEGREES, north + _FAR_DEGREES
    )
    shapes = {name: [row.geometry for row in rows] for name, rows in contents.features.items()}
    shapes["street"] = [row.line for row in contents.streets]
    for name, geometries in shapes.items():
        if not geometries:
            continue
        bounds = shapely.total_bounds(np.array(geometries, object))
        if near.contains(shapely.box(*bounds)):
            continue
        swapped = near.contains(shapely.box(bounds[1], bounds[0], bounds[3], bounds[2]))
        hint = "it looks like lat, lon: swap them" if swapped else "is it of another city?"
        raise UnusableSource(f"the {name} layer lies far from the boundary; {hint}")


def read_streets(path: Path, entry: StreetEntry) -> Iterator[StreetRow]:
    """Read the centre lines of a file, one row for each line."""
    features = read_features(path)
    ranges = (*(entry.ranges or ()), *(entry.spare_ranges or ()))
    wanted = [entry.name, entry.id, *entry.aliases, *ranges]
    wanted += [entry.left_postcode, entry.right_postcode]
    wanted += [entry.oneway.column] if entry.oneway else []
    wanted += [entry.street_class.column] if entry.street_class else []
    _check_columns(features, tuple(wanted), path)
    for number, feature in enumerate(features, 1):
        lines = [
            line
            for line in shapely.get_parts(feature.geometry).tolist()
            if line.geom_type == "LineString" and line.length > 0
        ]
        for part, line in enumerate(lines):
            identity = _text(feature.properties, entry.id) or str(number)
            identity += f"-part{part + 1}" if len(lines) > 1 else ""
            yield _street_row(feature.properties, entry, identity, line)


def _street_row(
    properties: dict[str, Any], entry: StreetEntry, identity: str, line: Any
) -> StreetRow:
    name = _text(properties, entry.name)
    street_class = "residential"
    if entry.street_class:
        value = _text(properties, entry.street_class.column)
        street_class = entry.street_class.values.get(value, entry.street_class.default)
    oneway = 0
    if entry.oneway:
        value = _text(properties, entry.oneway.column)
        oneway = int(value in entry.oneway.along) - int(value in entry.oneway.against)
    aliases = [_text(properties, column) for column in entry.aliases]
    return StreetRow(
        street_id=identity,
        name=name,
        line=line,
        street_class=street_class,
        alias_names=tuple(alias for alias in aliases if alias and alias != name),
        oneway=oneway,
        foot=name not in entry.no_foot,
        bike=name not in entry.no_bike,
        car=name not in entry.no_car,
        ranges=_read_ranges(properties, entry),
        postcodes=(
            _text(properties, entry.left_postcode),
            _text(properties, entry.right_postcode),
        ),
    )


def _read_ranges(properties: dict[str, Any], entry: StreetEntry) -> tuple[int, int, int, int]:
    found = [-1, -1, -1, -1]
    for columns in (entry.spare_ranges, entry.ranges):
        if columns is None:
            continue
        values = [_whole(properties.get(column)) for column in columns]
        for side in (0, 2):
            if values[side] >= 0 and values[side + 1] >= 0:
                found[side : side + 2] = values[side : side + 2]
    return (found[0], found[1], found[2], found[3])


def _whole(value: Any) -> int:
    try:
        return max(int(value), -1)
    except (TypeError, ValueError, OverflowError):
        return -1
