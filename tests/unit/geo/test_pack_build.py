"""Finishing a pack: junctions, areas, order, one move."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from geo.city import CityPack
from geo.errors import UnusableSource
from geo.pack_build import (
    as_multipolygon,
    check_time_zone,
    fill_areas,
    hash_sources,
    split_at_junctions,
    write_city_pack,
)
from geo.pack_contents import PackContents
from tests.small_city import build_small_city, house, metadata, square, street


def test_lines_are_cut_where_they_share_a_vertex() -> None:
    main = street("Main", (0, 0), (1, 0), (2, 0), (4, 0), ranges=(1, 99, -1, -1))
    side = street("Side", (1, 0), (1, 5))
    parts = split_at_junctions([main, side])
    assert [row.street_id for row in parts] == ["Main-1", "Main-2", "Side"]
    assert [list(row.line.coords) for row in parts[:2]] == [
        [(0, 0), (1, 0)],
        [(1, 0), (2, 0), (4, 0)],
    ]


def test_a_bridge_without_a_shared_vertex_is_no_junction() -> None:
    parts = split_at_junctions([street("Under", (0, 0), (2, 0)), street("Over", (1, -1), (1, 1))])
    assert len(parts) == 2


def test_a_line_that_crosses_itself_is_cut_there() -> None:
    parts = split_at_junctions([street("Loop", (0, 0), (1, 0), (1, 1), (1, 0), (2, 0))])
    assert len(parts) == 4 - 1
    ends = [row.line.coords[end] for row in parts for end in (0, -1)]
    assert ends.count((1, 0)) == 4


def test_house_numbers_are_shared_out_by_length() -> None:
    main = street("Main", (0, 0), (1, 0), (4, 0), ranges=(1, 9, 10, 2))
    parts = split_at_junctions([main, street("Side", (1, 0), (1, 5))])
    assert [row.ranges for row in parts] == [
        (1, 1, 10, 10),
        (3, 9, 8, 2),
        (-1, -1, -1, -1),
    ]


def test_a_single_number_goes_to_the_part_with_the_middle() -> None:
    main = street("Main", (0, 0), (1, 0), (4, 0), ranges=(7, 7, -1, -1))
    parts = split_at_junctions([main, street("Side", (1, 0), (1, 5))])
    assert [row.ranges[:2] for row in parts] == [(-1, -1), (7, 7), (-1, -1)]


def test_addresses_take_the_area_they_lie_in_or_next_to() -> None:
    contents = PackContents(
        addresses=[
            house("1", "A", lon=-71.15, lat=42.25),
            house("2", "A", lon=-71.001 + 0.002, lat=42.25),
            house("3", "A", lon=-70.9, lat=42.25),
            house("4", "A", lon=-71.15, lat=42.25, area="Known"),
        ],
        features={
            "area": [square(-71.2, 42.2, name="West"), square(-71.1, 42.2, name="East")],
            "postcode": [square(-71.2, 42.2, 0.2, name="02139")],
        },
    )
    fill_areas(contents)
    assert [row.area for row in contents.addresses] == ["West", "East", "", "Known"]
    assert [row.postcode for row in contents.addresses] == ["02139", "02139", "", "02139"]


def test_polygons_are_gathered_from_any_shape() -> None:
    mixed = shapely.GeometryCollection([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)])
    gathered = as_multipolygon(mixed)
    assert gathered is not None
    assert gathered.geom_type == "MultiPolygon"
    assert as_multipolygon(shapely.Point(0, 0)) is None


def test_the_hash_changes_with_content_and_settings(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("1")
    first = hash_sources([file], "s")
    assert hash_sources([file], "s") == first
    assert hash_sources([file], "t") != first
    file.write_text("2")
    assert hash_sources([file], "s") != first


def test_time_zones_are_checked() -> None:
    assert check_time_zone("Europe/Helsinki") == "Europe/Helsinki"
    for name in ("Mars/Base", "", "../etc"):
        with pytest.raises(UnusableSource, match="no time zone"):
            check_time_zone(name)


def test_nothing_to_build_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableSource, match="neither streets nor addresses"):
        write_city_pack(PackContents(), metadata(), tmp_path / "x.gpkg")


def test_a_failed_build_leaves_the_old_pack(tmp_path: Path) -> None:
    old = build_small_city(tmp_path, [house("1", "Main St")]).path
    before = old.read_bytes()
    twice = house("1", "Main St")
    twice.number = None  # type: ignore[assignment]  # a source's mistake
    with pytest.raises((UnusableSource, AttributeError)):
        write_city_pack(PackContents([twice]), metadata(), old)
    assert old.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["small.gpkg"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableSource, match="cannot be written"):
        write_city_pack(
            PackContents([house("1", "Main St")]), metadata(), tmp_path / "none" / "x.gpkg"
        )


def test_addresses_are_ordered_by_street_and_number(tmp_path: Path) -> None:
    pack: CityPack = build_small_city(
        tmp_path, [house("10", "B St"), house("9", "B St"), house("100", "A St")]
    )
    assert pack.addresses.numbers == ("100", "9", "10")
