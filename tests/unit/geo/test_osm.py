"""Packs from OpenStreetMap."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.city import CityPack
from geo.errors import UnusableSource
from geo.geocoder import Geocoder, Precision
from geo.osm import OsmSettings, build_osm_pack, guess_number_first
from geo.osm_tags import (
    Access,
    find_park_kind,
    find_place_kind,
    find_street_class,
    find_water_kind,
    read_access,
    read_alias_names,
    read_max_speed,
)

HELSINKI = Path(__file__).parents[2] / "data" / "helsinki.osm.pbf"
SETTINGS = OsmSettings("Helsinki", "Europe/Helsinki", place_names=("Finland",))


@pytest.fixture(scope="module")
def helsinki(tmp_path_factory: pytest.TempPathFactory) -> CityPack:
    output = tmp_path_factory.mktemp("osm") / "helsinki.gpkg"
    build_osm_pack(HELSINKI, SETTINGS, output)
    return CityPack.open(output)


def test_helsinki_says_what_it_is(helsinki: CityPack) -> None:
    meta = helsinki.meta
    assert (meta.utm_epsg, meta.time_zone) == (32635, "Europe/Helsinki")
    assert "ODbL" in meta.licence
    assert meta.attribution == "\u00a9 OpenStreetMap contributors"
    assert meta.source_date == "2019-04-21"
    assert not meta.number_first
    assert meta.place_names == ("Helsinki", "Finland")


def test_helsinki_has_its_layers(helsinki: CityPack) -> None:
    counts = helsinki.layer_counts()
    assert counts == {
        "address": 599,
        "area": 0,
        "boundary": 1,
        "park": 17,
        "poi": 35,
        "postcode": 0,
        "street": 5163,
        "water": 13,
    }
    assert "Esplanadinpuisto" in helsinki.layer("park").names
    assert helsinki.layer("poi").kinds.count("library") == 7
    assert helsinki.layer("poi").kinds.count("salt_barrel") == 3


def test_walkers_reach_nearly_all_streets_of_helsinki(helsinki: CityPack) -> None:
    """Streets hang together: the pack's own ends make one large network for walkers."""
    streets = helsinki.streets
    parent: dict[tuple[float, float], tuple[float, float]] = {}

    def root(place: tuple[float, float]) -> tuple[float, float]:
        while parent.setdefault(place, place) != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    walkable = [line for line, foot in zip(streets.lines, streets.foot, strict=True) if foot]
    for line in walkable:
        parent[root(line.coords[0])] = root(line.coords[-1])
    lengths: dict[tuple[float, float], float] = {}
    for line in walkable:
        lengths[root(line.coords[0])] = lengths.get(root(line.coords[0]), 0.0) + line.length
    assert max(lengths.values()) / sum(lengths.values()) > 0.9


def test_segments_meet_at_their_ends_only(helsinki: CityPack) -> None:
    ends = {line.coords[end] for line in helsinki.streets.lines for end in (0, -1)}
    inner = {point for line in helsinki.streets.lines for point in line.coords[1:-1]}
    assert not ends & inner


@pytest.mark.parametrize(
    ("text", "label", "lon_deg", "lat_deg"),
    [
        # Well-known doors: the Stockmann department store and the Kiasma museum.
        ("Aleksanterinkatu 52", "Aleksanterinkatu 52", 24.9421, 60.1685),
        ("aleksanterink. 52", "Aleksanterinkatu 52", 24.9421, 60.1685),
        ("Alexandersgatan 52", "Aleksanterinkatu 52", 24.9421, 60.1685),
        ("Aleksanterinkatu 52 B 12, 00100 Helsinki", "Aleksanterinkatu 52 B 12", 24.9421, 60.1685),
        ("Mannerheiminaukio 2", "Mannerheiminaukio 2", 24.9366, 60.1718),
    ],
)
def test_known_doors_of_helsinki(
    helsinki: CityPack, text: str, label: str, lon_deg: float, lat_deg: float
) -> None:
    found = Geocoder.from_pack(helsinki).resolve(text)
    assert found.label == label
    assert found.precision is Precision.ROOFTOP
    apart_m = helsinki.to_utm([[found.lon, found.lat]]) - helsinki.to_utm([[lon_deg, lat_deg]])
    assert np.hypot(*apart_m[0]) < 120


def test_building_twice_gives_the_same_bytes(helsinki: CityPack, tmp_path: Path) -> None:
    build_osm_pack(HELSINKI, SETTINGS, tmp_path / "again.gpkg")
    assert (tmp_path / "again.gpkg").read_bytes() == helsinki.path.read_bytes()


OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <bounds minlat="42.29" minlon="-71.11" maxlat="42.32" maxlon="-71.08"/>
 <node id="1" lat="42.30" lon="-71.10" version="1" timestamp="2026-01-02T03:04:05Z"/>
 <node id="2" lat="42.30" lon="-71.09" version="1" timestamp="2026-01-02T03:04:05Z"/>
 <node id="3" lat="42.31" lon="-71.10" version="1" timestamp="2026-01-02T03:04:05Z"/>
 <node id="4" lat="42.301" lon="-71.10" version="1" timestamp="2026-01-02T03:04:05Z">
  <tag k="addr:housenumber" v="1"/><tag k="addr:street" v="Main Street"/></node>
 <node id="5" lat="42.301" lon="-71.09" version="1" timestamp="2026-01-02T03:04:05Z">
  <tag k="addr:housenumber" v="11"/><tag k="addr:street" v="Main Street"/></node>
 <node id="6" lat="42.305" lon="-71.10" version="1" timestamp="2026-01-02T03:04:05Z">
  <tag k="addr:housenumber" v="2;4"/><tag k="addr:street" v="Side Street"/></node>
 <node id="7" lat="42.306" lon="-71.10" version="1" timestamp="2026-01-02T03:04:05Z">
  <tag k="addr:housenumber" v="8, 2. floor"/><tag k="addr:street" v="Side Street"/></node>
 <node id="8" lat="42.306" lon="-71.10" version="1" timestamp="2026-01-02T03:04:05Z">
  <tag k="addr:housenumber" v="8"/><tag k="addr:street" v="Side Street"/>
  <tag k="shop" v="supermarket"/><tag k="name" v="Corner Shop"/></node>
 <node id="9" lat="42.307" lon="-71.10" version="1" timestamp="2026-01-02T03:04:05Z">
  <tag k="addr:housenumber" v="9"/></node>
 <node id="10" lat="42.308" lon="-71.10" version="1" timestamp="2026-01-02T03:04:05Z">
  <tag k="addr:housenumber" v="Rose Cottage"/><tag k="addr:street" v="Side Street"/></node>
 <way id="20" version="1" timestamp="2026-01-02T03:04:05Z"><nd ref="1"/><nd ref="2"/>
  <tag k="highway" v="residential"/><tag k="name" v="Main Street"/>
  <tag k="alt_name" v="Old Road;The Drag"/><tag k="oneway" v="yes"/>
  <tag k="maxspeed" v="25 mph"/></way>
 <way id="21" version="1" timestamp="2026-01-02T03:04:05Z"><nd ref="1"/><nd ref="3"/>
  <tag k="highway" v="residential"/><tag k="name" v="Side Street"/></way>
 <way id="22" version="1" timestamp="2026-01-02T03:04:05Z"><nd ref="4"/><nd ref="5"/>
  <tag k="addr:interpolation" v="odd"/></way>
 <way id="23" version="1" timestamp="2026-01-02T03:04:05Z"><nd ref="2"/><nd ref="3"/>
  <tag k="highway" v="service"/><tag k="access" v="private"/></way>
 <way id="24" version="1" timestamp="2026-01-02T03:04:05Z">
  <nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/>
  <tag k="natural" v="water"/><tag k="water" v="pond"/><tag k="name" v="Duck Pond"/></way>
 <way id="25" version="1" timestamp="2026-01-02T03:04:05Z">
  <nd ref="4"/><nd ref="5"/><nd ref="6"/><nd ref="4"/>
  <tag k="building" v="yes"/><tag k="addr:housenumber" v="20 B"/>
  <tag k="addr:street" v="Side Street"/><tag k="addr:postcode" v="02139"/></way>
</osm>
"""


@pytest.fixture
def village(tmp_path: Path) -> CityPack:
    source = tmp_path / "village.osm"
    source.write_text(OSM)
    build_osm_pack(source, OsmSettings("Village", "America/New_York"), tmp_path / "v.gpkg")
    return CityPack.open(tmp_path / "v.gpkg")


def test_interpolation_ways_fill_in_houses(village: CityPack) -> None:
    found = village.addresses
    main = [row for row in range(len(found)) if found.streets[row] == "Main Street"]
    assert [found.numbers[row] for row in main] == ["1", "3", "5", "7", "9", "11"]
    assert [found.precisions[row] for row in main[:2]] == ["rooftop", "interpolated"]
    assert found.lonlat[main[1]] == pytest.approx([-71.098, 42.301])


def test_house_numbers_are_read_from_nodes_and_buildings(village: CityPack) -> None:
    found = village.addresses
    side = {
        (found.numbers[row], found.suffixes[row]): row
        for row in range(len(found))
        if found.streets[row] == "Side Street"
    }
    assert sorted(side) == [("2", ""), ("20", "B"), ("4", ""), ("8", "")]
    assert found.postcodes[side["20", "B"]] == "02139"
    assert found.lonlat[side["20", "B"]] == pytest.approx([-71.0967, 42.3023], abs=1e-3)
    assert any("1 addresses have a house number that" in note for note in village.meta.notes)
    assert any("1 house numbers name no street" in note for note in village.meta.notes)


def test_streets_of_the_village(village: CityPack) -> None:
    streets = village.streets
    assert streets.names == ("Main Street", "Side Street")
    assert streets.alias_names[0] == ("Old Road", "The Drag")
    assert streets.oneway.tolist() == [1, 0]
    assert streets.max_speed_kmh[0] == 40.2
    assert np.isnan(streets.max_speed_kmh[1])
    assert village.meta.number_first


def test_water_and_places_of_the_village(village: CityPack) -> None:
    assert village.layer("water").names == ("Duck Pond",)
    assert village.layer("water").kinds == ("pond",)
    assert village.layer("poi").names == ("Corner Shop",)
    assert village.layer("poi").addresses == ("Side Street 8",)


def test_given_boundary_and_areas_are_used(tmp_path: Path) -> None:
    (tmp_path / "village.osm").write_text(OSM)
    box = shapely.box(-71.11, 42.29, -71.08, 42.32)
    feature = {
        "type": "Feature",
        "properties": {"title": "Green"},
        "geometry": shapely.geometry.mapping(box),
    }
    (tmp_path / "b.geojson").write_text(json.dumps(feature))
    settings = OsmSettings(
        "Village",
        "UTC",
        boundary=tmp_path / "b.geojson",
        areas=tmp_path / "b.geojson",
        area_name="title",
    )
    build_osm_pack(tmp_path / "village.osm", settings, tmp_path / "v.gpkg")
    pack = CityPack.open(tmp_path / "v.gpkg")
    assert pack.boundary.equals(box)
    assert pack.areas.names == ("Green",)
    assert set(pack.addresses.areas) == {"Green"}


def test_a_boundary_elsewhere_or_swapped_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "village.osm").write_text(OSM)
    for box, words in [
        (shapely.box(10, 50, 11, 51), "another city"),
        (shapely.box(42.29, -71.11, 42.32, -71.08), "swap them"),
    ]:
        (tmp_path / "b.geojson").write_text(json.dumps(shapely.geometry.mapping(box)))
        settings = OsmSettings("Village", "UTC", boundary=tmp_path / "b.geojson")
        with pytest.raises(UnusableSource, match=words):
            build_osm_pack(tmp_path / "village.osm", settings, tmp_path / "v.gpkg")


def test_an_area_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "village.osm").write_text(OSM)
    box = shapely.geometry.mapping(shapely.box(-71.11, 42.29, -71.08, 42.32))
    feature = {"type": "Feature", "properties": {"title": "Green"}, "geometry": box}
    (tmp_path / "b.geojson").write_text(json.dumps(feature))
    settings = OsmSettings("Village", "UTC", areas=tmp_path / "b.geojson", area_name="nom")
    with pytest.raises(UnusableSource, match="has no 'nom'; there are title"):
        build_osm_pack(tmp_path / "village.osm", settings, tmp_path / "v.gpkg")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("zero.osm.pbf", b"", "empty"),
        ("picture.osm.pbf", b"\x89PNG\r\n\x1a\n" + bytes(500), "not a readable OpenStreetMap"),
        ("text.osm", b"hello", "not a readable OpenStreetMap"),
        ("cut.osm.pbf", HELSINKI.read_bytes()[:300_000], "not a readable OpenStreetMap"),
        ("nothing.osm", b'<osm version="0.6"></osm>', "neither streets nor addresses"),
        ("picture.png", b"\x89PNG", "not an OpenStreetMap file"),
        ("noise.osm.pbf", bytes(range(256)) * 400, "not a readable OpenStreetMap"),
    ],
)
def test_unusable_extracts_are_one_clear_line(
    tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UnusableSource, match=words) as caught:
        build_osm_pack(tmp_path / name, OsmSettings("X", "UTC"), tmp_path / "x.gpkg")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "x.gpkg").exists()


def test_a_missing_extract_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableSource, match="cannot be read"):
        build_osm_pack(tmp_path / "no.osm.pbf", OsmSettings("X", "UTC"), tmp_path / "x.gpkg")


@pytest.mark.parametrize(
    ("tags", "access"),
    [
        ({"highway": "residential"}, Access(True, True, True, 0)),
        ({"highway": "footway"}, Access(True, False, False, 0)),
        ({"highway": "footway", "bicycle": "yes"}, Access(True, True, False, 0)),
        ({"highway": "steps"}, Access(True, False, False, 0)),
        ({"highway": "cycleway"}, Access(False, True, False, 0)),
        ({"highway": "cycleway", "foot": "designated"}, Access(True, True, False, 0)),
        ({"highway": "motorway"}, Access(False, False, True, 1)),
        ({"highway": "trunk", "foot": "yes"}, Access(True, False, True, 0)),
        ({"highway": "service", "access": "private"}, Access(False, False, False, 0)),
        ({"highway": "service", "access": "private", "foot": "yes"}, Access(True, False, False, 0)),
        ({"highway": "residential", "access": "destination"}, Access(True, True, True, 0)),
        ({"highway": "residential", "motor_vehicle": "no"}, Access(True, True, False, 0)),
        ({"highway": "path", "access": "yes"}, Access(True, True, False, 0)),
        ({"highway": "path", "motor_vehicle": "yes"}, Access(True, True, False, 0)),
        ({"highway": "primary", "foot": "use_sidepath"}, Access(False, True, True, 0)),
        ({"highway": "primary", "oneway": "yes"}, Access(True, True, True, 1)),
        ({"highway": "primary", "oneway": "-1"}, Access(True, True, True, -1)),
        ({"highway": "tertiary", "junction": "roundabout"}, Access(True, True, True, 1)),
        (
            {"highway": "tertiary", "junction": "roundabout", "oneway": "no"},
            Access(True, True, True, 0),
        ),
    ],
)
def test_access(tags: dict[str, str], access: Access) -> None:
    street_class = find_street_class(tags)
    assert street_class is not None
    assert read_access(tags, street_class) == access


@pytest.mark.parametrize("kind", ["construction", "proposed", "corridor", "trail", "elevator"])
def test_what_nobody_travels_on_is_no_street(kind: str) -> None:
    assert find_street_class({"highway": kind}) is None


def test_speeds_and_names() -> None:
    assert read_max_speed({"maxspeed": "30"}) == 30.0
    assert read_max_speed({"maxspeed": "30 mph"}) == 48.3
    assert read_max_speed({"maxspeed": "FI:urban"}) is None
    names = {"name": "A", "name:sv": "B", "alt_name": "C;A", "name:etymology": "D", "old_name": "B"}
    assert read_alias_names(names) == ("C", "B")


def test_kinds_of_places() -> None:
    assert find_water_kind({"natural": "water", "water": "river"}) == "river"
    assert find_water_kind({"landuse": "basin"}) == "basin"
    assert find_water_kind({"natural": "beach"}) is None
    assert find_park_kind({"leisure": "park"}) == "park"
    assert find_park_kind({"leisure": "pitch"}) is None
    assert find_place_kind({"amenity": "grit_bin"}) == "salt_barrel"
    assert find_place_kind({"amenity": "library"}) is None, "without a name nobody finds it"
    home = {"amenity": "social_facility", "social_facility:for": "senior", "name": "Home"}
    assert find_place_kind(home) == "senior_home"


def test_number_order_follows_the_street_names() -> None:
    assert guess_number_first(["Main Street", "Park Ave", "Broadway"])
    assert guess_number_first(["Rue de la Paix", "Avenue Foch"])
    assert not guess_number_first(
        ["Mannerheimintie", "Hauptstra\u00dfe", "Park Street", "Kaivokatu"]
    )
    assert guess_number_first([])
