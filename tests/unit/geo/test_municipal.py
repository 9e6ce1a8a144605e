"""Packs from municipal files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.city import PACK_DIRECTORY, CityPack, shipped_pack
from geo.city_spec import CitySpec, read_city_spec
from geo.errors import UnusableSource
from geo.municipal import build_municipal_pack

SPEC = """
format = "talkoot-city-spec/1"

[city]
name = "Springfield"
time_zone = "America/New_York"
licence = "CC0"
attribution = "Springfield"
source = "made up"
source_date = 2026-01-15
place_names = ["Springfield"]

[aliases]
"Main Drag" = "Main St"

[layers.boundary]
file = "city.geojson"

[layers.area]
file = "areas.geojson"
name = "NAME"

[[layers.poi]]
file = "barrels.geojson"
name = "PLACE"
kind = "salt_barrel"
details = ["LABEL"]

[layers.street]
file = "streets.geojson"
name = "STREET"
id = "ID"
aliases = ["ALIAS"]
ranges = ["LF", "LT", "RF", "RT"]
spare_ranges = ["PLF", "PLT", "PRF", "PRT"]
left_postcode = "ZL"
right_postcode = "ZR"
no_car = ["Foot Path"]

[layers.street.oneway]
column = "DIR"
along = ["1"]
against = ["-1"]

[layers.street.street_class]
column = "CLASS"

[layers.street.street_class.values]
1 = "primary"

[layers.address]
file = "addresses.csv"
id = "id"
number = "number"
suffix = "suffix"
street = ["name", "type"]
label = "full"
parcel = "lot"
lon = "lon"
lat = "lat"
"""

ADDRESSES = """id,number,suffix,name,type,full,lot,lon,lat
a1,10,,MAIN,ST,10 Main St,L1,,
a2,10,,MAIN,ST,10 Main St,L1,,
a3,12,1/2,MAIN,ST,12-1/2 Main St,L1,,
a4,47,12,MAIN,ST,47-12 Main St,,,
a5,3,,MCTAVISH,CT,3 McTavish Ct,L1,,
a6,9,,NOWHERE,LN,9 Nowhere Ln,L9,,
a7,5,,HIGH,ST,5 High St,,-71.09,42.305
a8,108,,MAIN,ST,108 Main St,,,
a9,118,,MAIN,ST,118 Main St,,,
a10,130,,MAIN,ST,130 Main St,,,
a11,,,MAIN,ST,Main St,,,
"""


def geojson(*features: tuple[Any, dict[str, Any]]) -> str:
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": values, "geometry": shape.__geo_interface__}
                for shape, values in features
            ],
        }
    )


def ranges(*numbers: int) -> dict[str, Any]:
    return dict(zip(("LF", "LT", "RF", "RT"), numbers, strict=True))


NO_SPARE = {"PLF": -1, "PLT": -1, "PRF": None, "PRT": None}
STREET_FIELDS = {"ALIAS": None, "ZL": "02138", "ZR": "02139", "DIR": "0", "CLASS": 2, **NO_SPARE}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "city.geojson").write_text(geojson((shapely.box(-71.2, 42.2, -71.0, 42.4), {})))
    (tmp_path / "areas.geojson").write_text(
        geojson((shapely.box(-71.2, 42.2, -71.0, 42.4), {"NAME": "Whole"}))
    )
    (tmp_path / "barrels.geojson").write_text(
        geojson((shapely.Point(-71.1, 42.3), {"PLACE": "Engine 4", "LABEL": 14.0}))
    )
    main = shapely.LineString([(-71.1, 42.30), (-71.1, 42.31)])
    high = shapely.MultiLineString(
        [[(-71.1, 42.31), (-71.09, 42.31)], [(-71.09, 42.31), (-71.08, 42.31)]]
    )
    path = shapely.LineString([(-71.1, 42.30), (-71.11, 42.30)])
    (tmp_path / "streets.geojson").write_text(
        geojson(
            (main, {"STREET": "Main St", "ID": 1.0, **STREET_FIELDS, **ranges(1, 99, 2, 100)}),
            (
                high,
                {
                    "STREET": "High St",
                    "ID": 2,
                    **STREET_FIELDS,
                    "ALIAS": "Old High St",
                    "DIR": "-1",
                    "CLASS": 1,
                    **ranges(-1, -1, -1, -1),
                    "PLF": 1,
                    "PLT": 9,
                },
            ),
            (path, {"STREET": "Foot Path", "ID": 3, **STREET_FIELDS, **ranges(-1, -1, -1, -1)}),
        )
    )
    (tmp_path / "addresses.csv").write_text(ADDRESSES)
    return tmp_path


def spec_of(folder: Path, text: str = SPEC) -> CitySpec:
    (folder / "spec.toml").write_text(text)
    return read_city_spec(folder / "spec.toml")


def build(folder: Path, text: str = SPEC) -> CityPack:
    output = folder / "out.gpkg"
    build_municipal_pack(folder, spec_of(folder, text), output, spec_text=text)
    return CityPack.open(output)


def houses(pack: CityPack) -> dict[str, tuple[str, str, str, float, float]]:
    found = pack.addresses
    return {
        found.ids[row]: (
            f"{found.numbers[row]}|{found.suffixes[row]}",
            found.streets[row],
            found.precisions[row],
            *found.lonlat[row].tolist(),
        )
        for row in range(len(found))
    }


def test_each_house_is_one_row_with_its_own_spelling(folder: Path) -> None:
    found = houses(build(folder))
    assert found["a1"][:2] == ("10|", "Main St")
    assert "a2" not in found
    assert found["a3"][:2] == ("12|1/2", "Main St")
    assert found["a4"][:2] == ("47-12|", "Main St")
    assert found["a5"][:2] == ("3|", "McTavish Ct")
    assert "a11" not in found


def test_houses_stand_on_their_range_with_the_postcode_of_their_side(folder: Path) -> None:
    pack = build(folder)
    *_, precision, lon, lat = houses(pack)["a1"]
    assert precision == "interpolated"
    assert -71.1 < lon < -71.0998, "right of a street that runs north"
    assert lat == pytest.approx(42.30 + 0.01 * 8 / 98, abs=2e-4)
    assert pack.addresses.postcodes[pack.addresses.ids.index("a1")] == "02139"
    assert pack.addresses.postcodes[pack.addresses.ids.index("a4")] == "02138"
    assert set(pack.addresses.areas) == {"Whole"}


def test_given_coordinates_win(folder: Path) -> None:
    assert houses(build(folder))["a7"][2:] == ("rooftop", -71.09, 42.305)


def test_a_street_without_ranges_borrows_from_the_parcel(folder: Path) -> None:
    found = houses(build(folder))
    assert found["a5"][2] == "interpolated"
    middle = (found["a1"][4] + found["a3"][4]) / 2
    assert found["a5"][4] == pytest.approx(middle, abs=1e-6)


def test_numbers_beyond_a_range_are_placed_less_surely_and_then_left_out(folder: Path) -> None:
    pack = build(folder)
    found = houses(pack)
    assert found["a8"][2] == "interpolated"
    assert found["a9"][2] == "street"
    assert "a10" not in found
    assert "a6" not in found
    assert any("2 could not be placed" in note for note in pack.meta.notes)


def test_streets_keep_direction_class_aliases_and_access(folder: Path) -> None:
    streets = build(folder).streets
    by_id = {name: row for row, name in enumerate(streets.ids)}
    assert set(by_id) == {"1", "2-part1", "2-part2", "3"}
    high = by_id["2-part1"]
    assert streets.oneway[high] == -1
    assert streets.classes[high] == "primary"
    assert streets.alias_names[high] == ("Old High St",)
    assert streets.ranges[high].tolist() == [1, 9, -1, -1]
    assert streets.classes[by_id["1"]] == "residential"
    assert not streets.car[by_id["3"]]
    assert streets.foot[by_id["3"]]


def test_places_and_metadata(folder: Path) -> None:
    pack = build(folder)
    places = pack.layer("poi")
    assert (places.names, places.kinds) == (("Engine 4",), ("salt_barrel",))
    assert places.details == ({"LABEL": "14"},)
    assert pack.meta.aliases == {"Main Drag": "Main St"}
    assert pack.meta.utm_epsg == 32619


def test_the_same_files_give_the_same_bytes(folder: Path) -> None:
    first = build(folder).path.read_bytes()
    assert build(folder).path.read_bytes() == first


def test_the_hash_follows_the_files_and_the_spec(folder: Path) -> None:
    first = build(folder).meta.source_hash
    (folder / "addresses.csv").write_text(ADDRESSES + "b1,14,,MAIN,ST,14 Main St,,,\n")
    second = build(folder).meta.source_hash
    third = build(folder, SPEC + "\n# a remark\n").meta.source_hash
    assert len({first, second, third}) == 3


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"city.geojson"', '"town.geojson"', r"town\.geojson: no such file"),
        ('number = "number"', 'number = "no"', "addresses.csv: no column 'no'; there are id, "),
        ('name = "STREET"', 'name = "ROAD"', "streets.geojson: no column 'ROAD'"),
        ('name = "STREET"', 'nmae = "STREET"', "nmae"),
        ("talkoot-city-spec/1", "talkoot-city-spec/2", "format"),
        ("America/New_York", "America/Cambridge", "no time zone 'America/Cambridge'"),
        ("[city]", "[city", r"spec\.toml: "),
    ],
)
def test_a_wrong_spec_names_the_entry(folder: Path, old: str, new: str, words: str) -> None:
    assert old in SPEC
    with pytest.raises(UnusableSource, match=words) as caught:
        build(folder, SPEC.replace(old, new))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("x" * 300 + "\n", "no column 'number'"),
        (ADDRESSES.replace("-71.09,", "west,"), "line 8: lon or lat is not a number"),
        (ADDRESSES.replace("-71.09,", "-271.09,"), "line 8: lon, lat are not in degrees"),
        (ADDRESSES + '"open', "not a readable CSV"),
    ],
)
def test_a_wrong_address_table_is_refused(folder: Path, text: str, words: str) -> None:
    (folder / "addresses.csv").write_text(text)
    with pytest.raises(UnusableSource, match=words):
        build(folder)


def test_a_binary_address_table_is_refused(folder: Path) -> None:
    (folder / "addresses.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    with pytest.raises(UnusableSource, match="not a UTF-8 text file"):
        build(folder)


def test_a_layer_of_another_place_is_noticed(folder: Path) -> None:
    far = shapely.LineString([(10, 50), (10.1, 50)])
    fields = {"STREET": "Far St", "ID": 1, **STREET_FIELDS, **ranges(1, 9, 2, 8)}
    (folder / "streets.geojson").write_text(geojson((far, fields)))
    with pytest.raises(UnusableSource, match=r"street layer lies far.*another city"):
        build(folder)


def test_swapped_coordinates_are_noticed(folder: Path) -> None:
    (folder / "barrels.geojson").write_text(
        geojson((shapely.Point(42.3, -71.1), {"PLACE": "x", "LABEL": 1}))
    )
    with pytest.raises(UnusableSource, match=r"poi layer.*swap them"):
        build(folder)


def test_a_boundary_without_polygon_is_refused(folder: Path) -> None:
    (folder / "city.geojson").write_text(geojson((shapely.Point(-71.1, 42.3), {})))
    with pytest.raises(UnusableSource, match="boundary file holds no polygon"):
        build(folder)


def test_the_shipped_pack_was_built_with_the_shipped_spec() -> None:
    spec = read_city_spec(PACK_DIRECTORY / "cambridge.toml")
    meta = CityPack.open(shipped_pack("cambridge")).meta
    assert meta.name == spec.city.name
    assert meta.source == spec.city.source
    assert meta.source_date == spec.city.source_date.isoformat()
    assert meta.aliases == spec.aliases
    assert meta.place_names == spec.city.place_names
    assert meta.notes[: len(spec.city.notes)] == spec.city.notes
