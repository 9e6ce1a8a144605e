"""City packs: opening, reading, refusing."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

from geo.city import (
    PACK_FORMAT,
    CityMetadata,
    CityPack,
    find_pack_file,
    shipped_pack,
    shipped_packs,
    utm_epsg_at,
)
from geo.errors import CityPackNotFound, UnusableCityPack
from geo.pack_contents import FeatureRow
from tests.small_city import build_small_city, house, metadata, square, street


@pytest.fixture
def pack(tmp_path: Path) -> CityPack:
    return build_small_city(
        tmp_path,
        [house("12", "Main St", suffix="A", postcode="02139"), house("9", "Main St")],
        [
            street(
                "Main St",
                alias_names=("High St", "Old Rd"),
                oneway=-1,
                car=False,
                ranges=(1, 99, 2, 98),
                postcodes=("02138", "02139"),
                max_speed_kmh=40.0,
            )
        ],
        {
            "area": [square(-71.2, 42.2, name="West"), square(-71.1, 42.2, name="East")],
            "poi": [
                FeatureRow(
                    "p1", "Library", shapely.Point(-71.1, 42.3), "library", "1 Main St", {"k": "v"}
                )
            ],
        },
    )


def test_addresses_come_back_in_order(pack: CityPack) -> None:
    found = pack.addresses
    assert len(found) == 2
    assert (found.numbers, found.suffixes) == (("9", "12"), ("", "A"))
    assert found.streets == ("Main St", "Main St")
    assert found.postcodes == ("", "02139")
    assert found.precisions == ("rooftop", "rooftop")
    assert found.lonlat.dtype == np.float64
    assert found.lonlat.tolist() == [[-71.1, 42.3018], [-71.1, 42.3024]]


def test_streets_come_back_whole(pack: CityPack) -> None:
    found = pack.streets
    assert found.names == ("Main St",)
    assert found.alias_names == (("High St", "Old Rd"),)
    assert found.oneway.tolist() == [-1]
    assert (found.foot.tolist(), found.car.tolist()) == ([True], [False])
    assert found.ranges.tolist() == [[1, 99, 2, 98]]
    assert found.postcodes == (("02138", "02139"),)
    assert found.max_speed_kmh.tolist() == [40.0]
    assert list(found.lines[0].coords) == [(-71.1, 42.3), (-71.1, 42.31)]


def test_layers_come_back_and_missing_ones_are_empty(pack: CityPack) -> None:
    assert pack.areas.names == ("West", "East")
    assert pack.areas.geometries[0].geom_type == "MultiPolygon"
    places = pack.layer("poi")
    assert (places.kinds, places.addresses) == (("library",), ("1 Main St",))
    assert places.details == ({"k": "v"},)
    assert len(pack.layer("water")) == 0
    with pytest.raises(ValueError, match="no feature layer 'street'"):
        pack.layer("street")


def test_boundary_and_counts(pack: CityPack) -> None:
    assert pack.boundary.contains(shapely.Point(-71.1, 42.3))
    assert pack.layer_counts()["address"] == 2
    assert pack.layer_counts()["water"] == 0


def test_metadata_comes_back(tmp_path: Path) -> None:
    meta = metadata(aliases={"The Main": "Main St"}, notes=("Mind the gap.",), number_first=False)
    assert CityMetadata.from_table(meta.as_table(), "x") == meta
    pack = build_small_city(tmp_path, [house("1", "Main St")], notes=("Mind the gap.",))
    assert pack.meta == replace(metadata(), notes=("Mind the gap.",), aliases={})


def test_metres_agree_with_the_ellipsoid(pack: CityPack) -> None:
    lonlat = np.array([[-71.09, 42.36], [-71.15, 42.39]])
    xy_m = pack.to_utm(lonlat)
    assert xy_m.shape == (2, 2)
    _, _, true_m = pyproj.Geod(ellps="WGS84").inv(*lonlat[0], *lonlat[1])
    assert np.hypot(*(xy_m[1] - xy_m[0])) == pytest.approx(true_m, rel=1e-3)
    assert xy_m[1, 0] < xy_m[0, 0], "further west"
    assert xy_m[1, 1] > xy_m[0, 1], "further north"
    assert pack.from_utm(xy_m) == pytest.approx(lonlat, abs=1e-9)


@pytest.mark.parametrize(
    ("lon_deg", "lat_deg", "epsg"),
    [(-71.1, 42.4, 32619), (24.9, 60.2, 32635), (-123.1, 49.3, 32610), (151.2, -33.9, 32756)],
)
def test_utm_zone(lon_deg: float, lat_deg: float, epsg: int) -> None:
    assert utm_epsg_at(lon_deg, lat_deg) == epsg


def test_any_gis_reads_the_pack(pack: CityPack) -> None:
    layers = dict(pyogrio.list_layers(pack.path).tolist())
    assert layers["address"] == "Point"
    assert layers["street"] == "LineString"
    assert layers["area"] == "MultiPolygon"
    info = pyogrio.read_info(pack.path, layer="street")
    assert (info["crs"], info["features"]) == ("EPSG:4326", 1)
    west, south, east, north = pyogrio.read_info(pack.path, layer="address")["total_bounds"]
    assert (west, south, east, north) == pytest.approx((-71.1, 42.3018, -71.1, 42.3024))


def test_geometries_written_by_another_program_are_read(pack: CityPack, tmp_path: Path) -> None:
    # GDAL writes an envelope before the shape of lines and polygons.
    from_gdal = tmp_path / "gdal.gpkg"
    frame = pyogrio.read_dataframe(pack.path, layer="street")
    pyogrio.write_dataframe(frame, from_gdal, layer="street")
    with sqlite3.connect(from_gdal) as connection:
        connection.execute("CREATE TABLE talkoot_metadata (key TEXT, value TEXT)")
        connection.executemany(
            "INSERT INTO talkoot_metadata VALUES (?, ?)", list(metadata().as_table().items())
        )
    connection.close()
    copied = CityPack.open(from_gdal)
    assert copied.streets.lines[0].equals(pack.streets.lines[0])
    assert copied.streets.names == ("Main St",)


def test_the_same_contents_give_the_same_bytes(tmp_path: Path) -> None:
    files = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        files.append(build_small_city(tmp_path / name, [house("1", "Main St")], [street("M")]).path)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_opening_leaves_nothing_beside_the_pack(pack: CityPack) -> None:
    before = sorted(pack.path.parent.iterdir())
    CityPack.open(pack.path).addresses.lonlat.sum()
    assert sorted(pack.path.parent.iterdir()) == before


def broken(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_files_that_are_no_packs_are_refused(pack: CityPack, tmp_path: Path) -> None:
    whole = pack.path.read_bytes()
    empty_database = tmp_path / "database.gpkg"
    with sqlite3.connect(empty_database) as connection:
        connection.execute("CREATE TABLE x (y)")
    connection.close()
    cases = {
        "the file is empty": broken(tmp_path / "zero.gpkg", b""),
        "not a city pack": broken(tmp_path / "picture.gpkg", b"\x89PNG\r\n\x1a\n" + bytes(500)),
        "cut off after": broken(tmp_path / "cut.gpkg", whole[: len(whole) // 2]),
        "not a readable city pack": broken(tmp_path / "torn.gpkg", whole[:100] + bytes(len(whole))),
        "no table talkoot_metadata": empty_database,
        "cannot be read": tmp_path / "none.gpkg",
    }
    for words, path in cases.items():
        with pytest.raises(UnusableCityPack, match=words) as caught:
            CityPack.open(path)
        assert path.name in str(caught.value)
        assert "\n" not in str(caught.value)
    with pytest.raises(UnusableCityPack):
        CityPack.open(tmp_path)


def change(pack: CityPack, statement: str) -> None:
    with sqlite3.connect(pack.path) as connection:
        connection.execute(statement)
    connection.close()


def test_another_format_version_is_named(pack: CityPack) -> None:
    change(pack, "UPDATE talkoot_metadata SET value = 'talkoot-city/9' WHERE key = 'format'")
    with pytest.raises(UnusableCityPack, match=f"'talkoot-city/9'.*{PACK_FORMAT}"):
        CityPack.open(pack.path)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM talkoot_metadata WHERE key = 'time_zone'",
        "UPDATE talkoot_metadata SET value = 'x' WHERE key = 'utm_epsg'",
        "UPDATE talkoot_metadata SET value = '{' WHERE key = 'notes'",
        "UPDATE talkoot_metadata SET value = '3' WHERE key = 'aliases'",
    ],
)
def test_incomplete_metadata_is_refused(pack: CityPack, statement: str) -> None:
    change(pack, statement)
    with pytest.raises(UnusableCityPack, match="metadata is incomplete"):
        CityPack.open(pack.path)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE address",
        "ALTER TABLE address DROP COLUMN suffix",
        "UPDATE address SET geom = X'4750'",
        "UPDATE address SET geom = X'0102030405060708090A'",
    ],
)
def test_a_damaged_layer_is_one_clear_error(pack: CityPack, statement: str) -> None:
    change(pack, statement)
    damaged = CityPack.open(pack.path)
    with pytest.raises(UnusableCityPack):
        damaged.addresses.lonlat.sum()


def test_a_pack_without_boundary_says_so(tmp_path: Path) -> None:
    pack = build_small_city(tmp_path, [house("1", "Main St")], features={"boundary": []})
    with pytest.raises(UnusableCityPack, match="no boundary"):
        pack.boundary.area  # noqa: B018  the property is what raises


def test_packs_are_found_by_file_or_name(pack: CityPack, tmp_path: Path) -> None:
    assert find_pack_file(str(pack.path)) == pack.path
    assert find_pack_file("cambridge") == shipped_pack("cambridge")
    for missing in ("atlantis", str(tmp_path / "none.gpkg"), "none.gpkg", str(tmp_path)):
        with pytest.raises(CityPackNotFound):
            find_pack_file(missing)


def test_cambridge_ships() -> None:
    assert "cambridge" in shipped_packs()
    pack = CityPack.open(shipped_pack("cambridge"))
    assert pack.meta.utm_epsg == 32619
    assert pack.meta.time_zone == "America/New_York"
    assert "PDDL" in pack.meta.licence
    assert len(pack.addresses) == 21_188
    assert len(set(pack.addresses.ids)) == len(pack.addresses)
    assert len(pack.areas) == 13
    assert set(pack.addresses.areas) == set(pack.areas.names)
    assert set(pack.addresses.postcodes) == {"02138", "02139", "02140", "02141", "02142"}
    assert len(pack.streets) > 2_600
    assert (pack.streets.oneway != 0).sum() > 900
    kinds = pack.layer("poi").kinds
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "library": 7,
        "salt_barrel": 11,
        "senior_home": 23,
        "snow_parking": 5,
        "tow_route": 97,
    }
    assert any("city line" in note for note in pack.meta.notes)
    inside = shapely.contains_xy(pack.boundary.buffer(0.003), *pack.addresses.lonlat.T)
    assert inside.all()
