"""City packs from an OpenStreetMap extract.

References
----------
.. [1] OpenStreetMap Wiki: Key:addr:*, Addresses (interpolation), Relation:boundary.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo.city import CityMetadata, utm_epsg_at
from geo.errors import UnusableSource
from geo.feature_files import read_features
from geo.osm_reader import OsmReader, read_extract
from geo.pack_build import (
    Progress,
    as_multipolygon,
    check_time_zone,
    hash_sources,
    ignore_progress,
    product_version,
    write_city_pack,
)
from geo.pack_contents import FeatureRow, PackContents
from geo.street_names import split_type, street_key

LICENCE = "Open Data Commons Open Database License (ODbL) 1.0"
ATTRIBUTION = "\N{COPYRIGHT SIGN} OpenStreetMap contributors"
_AREA_LEVELS = ("10", "9", "11", "8")
_NUMBER_FIRST_SHARE = 0.3


@dataclass(frozen=True)
class OsmSettings:
    """What an extract does not say about its city.

    Parameters
    ----------
    name, time_zone
        For people, and an IANA zone.
    boundary, areas
        GeoJSON or TopoJSON files of the service area and its neighbourhoods; ``area_name`` is the
        column with the name. Without them the boundary is the convex hull of the data, and areas
        are the administrative polygons that lie in the extract as a whole.
    number_first
        True for "12 Main St", False for "Mannerheimintie 12"; None tells it by the street names.
    place_names
        City, state and country as they stand after an address.
    """

    name: str
    time_zone: str
    boundary: Path | None = None
    areas: Path | None = None
    area_name: str = "name"
    number_first: bool | None = None
    place_names: tuple[str, ...] = ()


def build_osm_pack(
    extract: Path, settings: OsmSettings, output: Path, *, progress: Progress = ignore_progress
) -> None:
    """Build a pack from an extract (``.osm.pbf``, ``.osm`` ...).

    Raises
    ------
    UnusableSource
        When a file is missing, broken or empty.
    """
    zone = check_time_zone(settings.time_zone)
    reader = read_extract(extract, progress=progress)
    contents = PackContents(addresses=reader.addresses, streets=reader.streets)
    contents.features = {
        "water": reader.water,
        "park": reader.parks,
        "poi": reader.places,
        "boundary": [_read_boundary(settings, reader)],
        "area": _read_areas(settings, reader),
    }
    contents.notes = _notes(settings, reader)
    centre = contents.features["boundary"][0].geometry.centroid
    files = [path for path in (extract, settings.boundary, settings.areas) if path]
    number_first = settings.number_first
    if number_first is None:
        number_first = guess_number_first(row.name for row in reader.streets)
    meta = CityMetadata(
        name=settings.name,
        time_zone=zone,
        utm_epsg=utm_epsg_at(centre.x, centre.y),
        licence=LICENCE,
        attribution=ATTRIBUTION,
        source=f"OpenStreetMap extract {extract.name}",
        source_date=reader.newest,
        source_hash=hash_sources(files, json.dumps([settings.name, zone, settings.area_name])),
        built_with=product_version(),
        number_first=number_first,
        place_names=tuple(dict.fromkeys((settings.name, *settings.place_names))),
        aliases={},
    )
    write_city_pack(contents, meta, output, progress=progress)


def guess_number_first(names: Iterable[str]) -> bool:
    """Tell the order of street and number by the street names.

    Where names end in "Street" or begin with "Rue", the number comes first; where the type is part
    of the word ("Mannerheimintie", "Hauptstrasse"), last.
    """
    distinct = {name for name in names if name}
    first = sum(
        bool(split_type(street_key(name))[1]) or name.casefold().startswith(("rue ", "avenue "))
        for name in distinct
    )
    return not distinct or first >= _NUMBER_FIRST_SHARE * len(distinct)


def _read_boundary(settings: OsmSettings, reader: OsmReader) -> FeatureRow:
    if settings.boundary is not None:
        shapes = [feature.geometry for feature in read_features(settings.boundary)]
        shape = as_multipolygon(shapely.union_all(shapes))
        if shape is None:
            raise UnusableSource(f"{settings.boundary.name}: holds no polygon")
        _check_overlap(shape, reader, settings.boundary)
        return FeatureRow("boundary", settings.name, shape)
    points = [shapely.Point(row.lon, row.lat) for row in reader.addresses]
    hull = shapely.GeometryCollection([*(row.line for row in reader.streets), *points]).convex_hull
    shape = as_multipolygon(hull)
    if shape is None:
        raise UnusableSource("the extract holds too few streets and addresses for a boundary")
    return FeatureRow("boundary", settings.name, shape)


def _check_overlap(shape: Any, reader: OsmReader, path: Path) -> None:
    lines = np.array([row.line for row in reader.streets], object)
    west, south, east, north = shapely.total_bounds(lines) if len(lines) else shape.bounds
    if shape.intersects(shapely.box(west, south, east, north)):
        return
    swapped = shape.intersects(shapely.box(south, west, north, east))
    hint = "it looks like lat, lon: swap them" if swapped else "is it of another city?"
    raise UnusableSource(f"{path.name}: does not touch the streets of the extract; {hint}")


def _read_areas(settings: OsmSettings, reader: OsmReader) -> list[FeatureRow]:
    if settings.areas is None:
        return _administrative_areas(reader.administrative)
    rows = []
    for number, feature in enumerate(read_features(settings.areas), 1):
        name = feature.properties.get(settings.area_name)
        if name is None:
            raise UnusableSource(
                f"{settings.areas.name}: feature {number} has no {settings.area_name!r}; "
                f"there are {', '.join(sorted(feature.properties))}"
            )
        shape = as_multipolygon(feature.geometry)
        if shape is not None:
            rows.append(FeatureRow(f"area-{number}", str(name), shape, kind="area"))
    if not rows:
        raise UnusableSource(f"{settings.areas.name}: holds no polygon")
    return rows


def _administrative_areas(found: Sequence[tuple[str, FeatureRow]]) -> list[FeatureRow]:
    """The neighbourhood level of which the extract holds two or more whole polygons."""
    counts = Counter(level for level, _ in found)
    for level in _AREA_LEVELS:
        if counts[level] > 1:
            return [row for row_level, row in found if row_level == level]
    return []


def _notes(settings: OsmSettings, reader: OsmReader) -> list[str]:
    notes = ["Streets end where the extract ends: travel near its edge is overstated."]
    if settings.boundary is None:
        notes.append("The boundary is the convex hull of the data, not a city line.")
    if reader.unreadable_numbers:
        notes.append(
            f"{reader.unreadable_numbers} addresses have a house number that does not begin with "
            "a digit and are left out."
        )
    if reader.without_street:
        notes.append(f"{reader.without_street} house numbers name no street and are left out.")
    return notes
