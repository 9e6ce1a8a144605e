"""Reading streets, addresses, areas and places out of an OpenStreetMap extract."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import shapely

from geo.address_text import plain_suffix, split_house_number
from geo.errors import UnusableSource
from geo.osm_tags import (
    Tags,
    find_park_kind,
    find_place_kind,
    find_street_class,
    find_water_kind,
    read_access,
    read_alias_names,
    read_max_speed,
)
from geo.pack_build import Progress, as_multipolygon, ignore_progress
from geo.pack_contents import AddressRow, FeatureRow, StreetRow

SUFFIXES = (".pbf", ".osm", ".osm.gz", ".osm.bz2")
_PROGRESS_STEP = 20_000
_SAME_HOUSE_DEGREES = 0.002
_MAX_INTERPOLATED = 200


class OsmReader:
    """Gathers the rows of a pack, element by element, in the order of the file."""

    def __init__(self) -> None:
        self.addresses: list[AddressRow] = []
        self.streets: list[StreetRow] = []
        self.water: list[FeatureRow] = []
        self.parks: list[FeatureRow] = []
        self.places: list[FeatureRow] = []
        self.administrative: list[tuple[str, FeatureRow]] = []
        self.newest = "1970-01-01"
        self.unreadable_numbers = 0
        self.without_street = 0
        self._house_nodes: dict[int, list[AddressRow]] = {}
        self._interpolations: list[tuple[int, Tags, list[tuple[int, float, float]]]] = []

    def add_node(self, node_id: int, tags: Tags, lon: float, lat: float) -> None:
        """Take a node with tags: a house, a place."""
        if "addr:housenumber" in tags:
            rows = self._read_houses(f"n{node_id}", tags, lon, lat)
            self._house_nodes[node_id] = rows
            self.addresses += rows
        self._add_place(f"n{node_id}", tags, shapely.Point(lon, lat))

    def add_way(self, way_id: int, tags: Tags, nodes: list[tuple[int, float, float]]) -> None:
        """Take a way with tags and two or more placed nodes: (id, lon, lat)."""
        street_class = find_street_class(tags)
        if street_class is not None:
            self._add_street(way_id, tags, nodes, street_class)
        if "addr:interpolation" in tags:
            self._interpolations.append((way_id, tags, nodes))
        elif "addr:housenumber" in tags:
            middle = shapely.MultiPoint([node[1:] for node in nodes]).convex_hull.centroid
            self.addresses += self._read_houses(f"w{way_id}", tags, middle.x, middle.y)

    def add_area(self, name: str, tags: Tags, shape: Any, *, is_relation: bool) -> None:
        """Take a polygon of a closed way or a relation."""
        geometry = as_multipolygon(shape if shape.is_valid else shapely.make_valid(shape))
        if geometry is None:
            return
        title = tags.get("name", "")
        if kind := find_water_kind(tags):
            self.water.append(FeatureRow(name, title, geometry, kind=kind))
        elif kind := find_park_kind(tags):
            self.parks.append(FeatureRow(name, title, geometry, kind=kind))
        if is_relation and tags.get("boundary") == "administrative" and title:
            row = FeatureRow(name, title, geometry, kind="area")
            self.administrative.append((tags.get("admin_level", ""), row))
        point = geometry.representative_point()
        if is_relation and "addr:housenumber" in tags:
            self.addresses += self._read_houses(name, tags, point.x, point.y)
        self._add_place(name, tags, point)

    def finish(self) -> None:
        """Fill in interpolated houses, drop repeated ones, and put everything in order."""
        for way_id, tags, nodes in self._interpolations:
            self.addresses += self._interpolate(way_id, tags, nodes)
        self.addresses = _drop_repeated(self.addresses)
        for rows in (self.water, self.parks, self.places):
            rows.sort(key=lambda row: (row.kind, row.name, row.feature_id))
        self.administrative.sort(key=lambda pair: (pair[0], pair[1].name, pair[1].feature_id))

    def _add_street(
        self, way_id: int, tags: Tags, nodes: list[tuple[int, float, float]], street_class: str
    ) -> None:
        access = read_access(tags, street_class)
        if not (access.foot or access.bike or access.car):
            return
        line = shapely.LineString([node[1:] for node in nodes])
        if line.length == 0:
            return
        self.streets.append(
            StreetRow(
                street_id=f"w{way_id}",
                name=tags.get("name", ""),
                line=line,
                street_class=street_class,
                alias_names=read_alias_names(tags),
                oneway=access.oneway,
                foot=access.foot,
                bike=access.bike,
                car=access.car,
                max_speed_kmh=read_max_speed(tags),
            )
        )

    def _add_place(self, name: str, tags: Tags, point: Any) -> None:
        kind = find_place_kind(tags)
        if kind is not None:
            street, number = tags.get("addr:street", ""), tags.get("addr:housenumber", "")
            address = f"{street} {number}".strip() if street else ""
            self.places.append(FeatureRow(name, tags.get("name", ""), point, kind, address))

    def _read_houses(self, name: str, tags: Tags, lon: float, lat: float) -> list[AddressRow]:
        """The houses of an element: "2;4" are two, and what stands behind a comma is no number."""
        street = tags.get("addr:street") or tags.get("addr:place") or ""
        if not street:
            self.without_street += 1
            return []
        rows: list[AddressRow] = []
        for part in tags["addr:housenumber"].split(";"):
            number, suffix = split_house_number(part.partition(",")[0])
            if not number[:1].isdecimal():
                self.unreadable_numbers += 1
                continue
            rows.append(
                AddressRow(
                    address_id=name if not rows else f"{name}-{len(rows) + 1}",
                    number=number,
                    suffix=suffix,
                    street=street,
                    lon=lon,
                    lat=lat,
                    precision="rooftop",
                    unit=tags.get("addr:unit", ""),
                    postcode=tags.get("addr:postcode", ""),
                )
            )
        return rows

    def _interpolate(
        self, way_id: int, tags: Tags, nodes: list[tuple[int, float, float]]
    ) -> list[AddressRow]:
        """The houses between the numbered nodes of an ``addr:interpolation`` way."""
        kind = tags["addr:interpolation"]
        step = {"odd": 2, "even": 2, "all": 1}.get(kind, int(kind) if kind.isdecimal() else 0)
        known = [
            (at, rows[0])
            for at, (node_id, _, _) in enumerate(nodes)
            if (rows := self._house_nodes.get(node_id)) and rows[0].number.isdecimal()
        ]
        found: list[AddressRow] = []
        for (start, first), (end, last) in pairwise(known):
            low, high = int(first.number), int(last.number)
            stride = step if high > low else -step
            numbers = range(low + stride, high, stride) if step else range(0)
            line = shapely.LineString([node[1:] for node in nodes[start : end + 1]])
            for number in numbers[:_MAX_INTERPOLATED]:
                point = line.interpolate((number - low) / (high - low), normalized=True)
                found.append(
                    AddressRow(
                        address_id=f"w{way_id}-{number}",
                        number=str(number),
                        suffix="",
                        street=tags.get("addr:street") or first.street,
                        lon=point.x,
                        lat=point.y,
                        precision="interpolated",
                        postcode=tags.get("addr:postcode") or first.postcode,
                    )
                )
        return found


def _drop_repeated(rows: Sequence[AddressRow]) -> list[AddressRow]:
    """Keep the first of the same house: shops and entrances repeat the address of their house."""
    kept: list[AddressRow] = []
    seen: dict[tuple[str, str, str, str], list[AddressRow]] = {}
    for row in rows:
        key = (row.street.casefold(), row.number, plain_suffix(row.suffix), row.unit.casefold())
        same = seen.setdefault(key, [])
        if all(
            abs(row.lon - other.lon) > _SAME_HOUSE_DEGREES
            or abs(row.lat - other.lat) > _SAME_HOUSE_DEGREES
            for other in same
        ):
            same.append(row)
            kept.append(row)
    return kept


def read_extract(path: Path, *, progress: Progress = ignore_progress) -> OsmReader:
    """Read an OpenStreetMap file.

    Raises
    ------
    UnusableSource
        When the file is missing, broken, or of another kind.
    """
    import osmium

    if not path.name.endswith(SUFFIXES):
        raise UnusableSource(f"{path.name}: not an OpenStreetMap file; give one of {SUFFIXES}")
    try:
        if path.stat().st_size == 0:
            raise UnusableSource(f"{path.name}: the file is empty")
    except OSError as error:
        raise UnusableSource(f"{path}: cannot be read ({error.strerror})") from error
    reader = OsmReader()
    try:
        _read_elements(osmium, path, reader, progress)
    except (RuntimeError, ValueError, OSError, SystemError, MemoryError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UnusableSource(
            f"{path.name}: not a readable OpenStreetMap file ({reason})"
        ) from error
    reader.finish()
    if not reader.streets and not reader.addresses:
        raise UnusableSource(f"{path.name}: holds neither streets nor addresses")
    return reader


def _read_elements(osmium: Any, path: Path, reader: OsmReader, progress: Progress) -> None:
    processor = osmium.FileProcessor(str(path)).with_locations().with_areas()
    processor.with_filter(osmium.filter.EmptyTagFilter())
    wkb = osmium.geom.WKBFactory()
    for count, element in enumerate(processor):
        if count % _PROGRESS_STEP == 0:
            progress("Reading OpenStreetMap", count, 0)
        tags = {tag.k: tag.v for tag in element.tags}
        if element.is_node():
            reader.add_node(element.id, tags, element.lon, element.lat)
        elif element.is_way():
            nodes = [
                (node.ref, node.lon, node.lat) for node in element.nodes if node.location.valid()
            ]
            if len(nodes) > 1:
                reader.add_way(element.id, tags, nodes)
        elif element.is_area():
            _read_area(osmium, element, tags, reader, wkb)
        stamp = element.timestamp
        if stamp is not None:
            reader.newest = max(reader.newest, stamp.date().isoformat())


def _read_area(osmium: Any, area: Any, tags: Tags, reader: OsmReader, wkb: Any) -> None:
    wanted = (
        find_water_kind(tags)
        or find_park_kind(tags)
        or find_place_kind(tags)
        or (not area.from_way() and ("boundary" in tags or "addr:housenumber" in tags))
    )
    if not wanted:
        return
    try:
        shape = shapely.from_wkb(wkb.create_multipolygon(area))
    except (RuntimeError, shapely.errors.ShapelyError):
        return  # a relation of which the extract holds only a part
    kind = "w" if area.from_way() else "r"
    reader.add_area(f"{kind}{area.orig_id()}", tags, shape, is_relation=not area.from_way())
