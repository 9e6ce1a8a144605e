"""Whatever people type or cities publish, reading it never fails and never lies."""

from __future__ import annotations

import string
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.address_ranges import AddressRanges
from geo.address_text import read_address, split_house_number
from geo.city import CityPack, shipped_pack
from geo.errors import AddressAmbiguous, AddressUnknown
from geo.geocoder import Geocoder
from geo.pack_build import split_at_junctions
from geo.pack_contents import AddressRow, FeatureRow
from geo.street_names import fold_text, street_key
from tests.small_city import build_small_city, street

NUMBERS = "0123456789"
texts = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=string.ascii_letters + NUMBERS + " ,.-/#&'", max_size=60),
    st.from_regex(r"\A[0-9]{1,4}[-/ ]?[0-9A-Za-z]{0,3} [A-Za-z]{1,9} (st|ave|sq)\Z"),
)
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@cache
def cambridge() -> Geocoder:
    return Geocoder.from_pack(CityPack.open(shipped_pack("cambridge")))


@given(texts)
def test_folding_and_keys_are_stable(text: str) -> None:
    folded = fold_text(text)
    assert fold_text(folded) == folded
    key = street_key(text)
    assert key == street_key(text.upper().lower()) or not text.isascii()


@given(texts, st.booleans())
def test_any_text_is_read(text: str, number_first: bool) -> None:
    names = frozenset({"cambridge", "ma"})
    for reading in read_address(text, number_first=number_first, place_names=names):
        assert reading.street
        assert not reading.number or reading.number[0].isdecimal()


@given(texts)
@settings(max_examples=200, deadline=None)
def test_any_text_is_geocoded_to_places_in_the_city(text: str) -> None:
    geocoder = cambridge()
    west, south, east, north = geocoder.gazetteer.pack.boundary.bounds
    found = geocoder.geocode(text, limit=4)
    assert len(found) <= 4
    assert [item.score for item in found] == sorted((c.score for c in found), reverse=True)
    for item in found:
        assert 0 < item.score <= 1
        assert west - 0.01 < item.lon < east + 0.01
        assert south - 0.01 < item.lat < north + 0.01
    try:
        taken = geocoder.resolve(text)
    except (AddressUnknown, AddressAmbiguous):
        return
    assert taken == found[0]


@given(st.from_regex(r"\A[0-9]{1,5}(-?[A-Z]| ?1/2)?\Z"))
def test_house_numbers_come_apart_without_loss(text: str) -> None:
    number, suffix = split_house_number(text)
    kept = "".join(letter for letter in text if letter not in " -")
    assert (number + suffix).replace("-", "") == kept
    assert number.isdecimal()


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 5000), st.floats(1e-5, 0.02))
def test_placed_houses_stand_beside_their_block(
    start: int, end: int, number: int, length_deg: float
) -> None:
    line = shapely.LineString([(-71.1, 42.3), (-71.1 + length_deg, 42.3 + length_deg / 2)])
    lines = np.empty(1, object)
    lines[0] = line
    ranges = AddressRanges([("Main St",)], np.array([[start, end, -1, -1]]), lines)
    found = ranges.find_position("main street", number)
    inside = min(start, end) <= number <= max(start, end)
    fits = (start - end) % 2 == 1 or (number - start) % 2 == 0
    assert (found is not None) == (inside and fits)
    if found is not None:
        off_deg = line.distance(shapely.Point(found.lon, found.lat))
        assert off_deg * 111_320 <= 12.1 / np.cos(np.radians(42.3))


coordinates = st.tuples(st.integers(0, 4), st.integers(0, 4))
paths = st.lists(coordinates, min_size=2, max_size=6).filter(lambda points: len(set(points)) > 1)


@given(st.lists(paths, min_size=1, max_size=5))
def test_cutting_keeps_every_metre_and_joins_only_ends(shapes: list[list[tuple[int, int]]]) -> None:
    rows = [street("S", *points, street_id=str(at)) for at, points in enumerate(shapes)]
    rows = [row for row in rows if row.line.length > 0]
    parts = split_at_junctions(rows)
    assert np.isclose(sum(p.line.length for p in parts), sum(row.line.length for row in rows))
    ends = {part.line.coords[end] for part in parts for end in (0, -1)}
    inner = {point for part in parts for point in part.line.coords[1:-1]}
    assert not ends & inner


@given(
    st.lists(
        st.tuples(words, words, st.floats(-179, 179), st.floats(-84, 84)),
        min_size=1,
        max_size=4,
        unique_by=lambda row: row[0],
    )
)
@settings(max_examples=30, deadline=None)
def test_packs_give_back_what_was_written(rows: list[tuple[str, str, float, float]]) -> None:
    folder = Path(mkdtemp(prefix="pack-"))
    addresses = [
        AddressRow(name, "1", "", name, lon, lat, "rooftop", area=area)
        for name, area, lon, lat in rows
    ]
    places = [FeatureRow(name, area, shapely.Point(lon, lat)) for name, area, lon, lat in rows]
    try:
        pack = build_small_city(folder, addresses, features={"poi": places})
        assert sorted(zip(pack.addresses.ids, pack.addresses.areas, strict=True)) == sorted(
            (name, area) for name, area, _, _ in rows
        )
        assert pack.layer("poi").names == tuple(area for _, area, _, _ in rows)
        wanted = sorted((round(lon, 7), round(lat, 7)) for _, _, lon, lat in rows)
        assert np.allclose(sorted(map(tuple, pack.addresses.lonlat.tolist())), wanted, atol=1e-12)
    finally:
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
