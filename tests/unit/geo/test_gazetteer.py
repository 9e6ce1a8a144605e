"""Streets by name, houses by number."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.candidate import Precision
from geo.city import CityPack
from geo.gazetteer import Gazetteer, distance_m, group_near
from geo.house_lookup import place_number, place_street
from tests.small_city import HOUSE_STEP_DEG, build_small_city, house, street


@pytest.fixture
def pack(tmp_path: Path) -> CityPack:
    return build_small_city(
        tmp_path,
        [
            *(house(str(number), "Main St") for number in (1, 3, 9, 11, 2, 20)),
            house("12", "Main St", suffix="A"),
            house("30-34", "Main St"),
            house("5", "Church St", lon=-71.15),
            house("5", "Church St", lon=-71.05),
            house("7", "Church St", lon=-71.05),
            house("215-37", "215th St", lon=-71.12),
            house("215-41", "215th St", lon=-71.12),
            house("214-39", "215th St", lon=-71.12),
            house("7", "Elm St", lon=-71.13),
            house("7", "Elm Ave", lon=-71.135),
        ],
        [
            street("Main St", (-71.1, 42.3), (-71.1, 42.31), alias_names=("High St",)),
            street("Cross St", (-71.11, 42.305), (-71.1, 42.305), (-71.09, 42.305)),
            street("Main St", (-71.1, 42.305), (-71.1, 42.3051), street_id="m2"),
            street("Range Rd", (-71.12, 42.32), (-71.12, 42.33), ranges=(1, 99, 2, 98)),
        ],
        aliases={"The Drag": "Main Street"},
    )


@pytest.fixture
def gazetteer(pack: CityPack) -> Gazetteer:
    return Gazetteer.from_pack(pack)


def names(gazetteer: Gazetteer, text: str) -> list[str]:
    return [match.street.name for match in gazetteer.find_streets(text)]


@pytest.mark.parametrize("text", ["main st", "main street", "high st", "the drag", "high street"])
def test_names_aliases_and_spellings_find_the_street(gazetteer: Gazetteer, text: str) -> None:
    (match,) = gazetteer.find_streets(text)
    assert match.street.name == "Main St"
    assert match.complete
    assert match.edits == 0


def test_streets_of_one_name_far_apart_are_two(gazetteer: Gazetteer) -> None:
    assert names(gazetteer, "church st") == ["Church St", "Church St"]
    houses = [match.street.numbers for match in gazetteer.find_streets("church st")]
    assert sorted(map(sorted, houses)) == [["5"], ["5", "7"]]


def test_a_missing_or_other_type_is_not_complete(gazetteer: Gazetteer) -> None:
    missing = gazetteer.find_streets("elm")
    assert sorted(match.street.name for match in missing) == ["Elm Ave", "Elm St"]
    assert not any(match.complete or match.type_given for match in missing)
    changed = gazetteer.find_streets("elm rd")
    assert all(match.type_given and not match.complete for match in changed)


def test_words_behind_the_name_are_handed_back(gazetteer: Gazetteer) -> None:
    (match,) = gazetteer.find_streets("main st sprngfield")
    assert match.left_over == "sprngfield"


@pytest.mark.parametrize("text", ["mian st", "man st", "maain st", "mayn st", "main sreet"])
def test_one_letter_wrong_is_one_edit(gazetteer: Gazetteer, text: str) -> None:
    best = gazetteer.find_similar_streets(text)[0]
    assert (best.street.name, best.edits) == ("Main St", 1)


@pytest.mark.parametrize("text", ["214th st", "215 th st", "2l5th st", "21th st"])
def test_numbers_in_names_are_never_corrected(gazetteer: Gazetteer, text: str) -> None:
    similar = [match.street.name for match in gazetteer.find_similar_streets(text)]
    assert "215th St" not in similar


def test_a_wrong_letter_beside_an_equal_number_is_similar(gazetteer: Gazetteer) -> None:
    assert gazetteer.find_similar_streets("215th tt")[0].street.name == "215th St"


def test_crossings_are_where_ends_meet(gazetteer: Gazetteer) -> None:
    main = gazetteer.find_streets("main st")[0].street
    cross = gazetteer.find_streets("cross st")[0].street
    elm = gazetteer.find_streets("elm st")[0].street
    assert gazetteer.find_crossings(main, cross) == [pytest.approx((-71.1, 42.305))]
    assert gazetteer.find_crossings(main, elm) == []


@pytest.mark.parametrize(
    ("number", "suffix", "precision", "fit", "at_number"),
    [
        ("3", "", Precision.ROOFTOP, 1.0, 3),
        ("3", "b", Precision.ROOFTOP, 0.96, 3),
        ("12", "a", Precision.ROOFTOP, 1.0, 12),
        ("12", "", Precision.ROOFTOP, 0.96, 12),
        ("1-3", "", Precision.ROOFTOP, 0.95, 1),
        ("30-34", "", Precision.ROOFTOP, 1.0, 34),
        ("32", "", Precision.ROOFTOP, 0.95, 34),
        ("3-99", "", Precision.ROOFTOP, 0.85, 3),
        ("5", "", Precision.INTERPOLATED, 0.93, 5),
        ("7", "", Precision.INTERPOLATED, 0.93, 7),
        ("17", "", Precision.STREET, 0.75, 20),
    ],
)
def test_house_numbers_are_placed(
    gazetteer: Gazetteer, number: str, suffix: str, precision: Precision, fit: float, at_number: int
) -> None:
    main = gazetteer.find_streets("main st")[0].street
    (place,) = place_number(gazetteer, main, number, suffix)
    assert (place.precision, place.fit) == (precision, fit)
    assert place.lat == pytest.approx(42.3 + HOUSE_STEP_DEG * at_number, abs=1e-6)


def test_a_number_far_from_all_is_only_on_the_street(gazetteer: Gazetteer) -> None:
    main = gazetteer.find_streets("main st")[0].street
    (place,) = place_number(gazetteer, main, "999", "")
    assert (place.precision, place.fit, place.row) == (Precision.STREET, 0.6, None)


def test_hyphenated_numbers_are_interpolated_within_their_prefix(gazetteer: Gazetteer) -> None:
    numbered = gazetteer.find_streets("215th st")[0].street
    (between,) = place_number(gazetteer, numbered, "215-39", "")
    assert between.precision is Precision.INTERPOLATED
    assert between.lat == pytest.approx(42.3 + HOUSE_STEP_DEG * 39)
    assert between.row is None
    (other,) = place_number(gazetteer, numbered, "214-41", "")
    assert other.precision is Precision.STREET


def test_address_ranges_place_houses_on_streets_without_any(gazetteer: Gazetteer) -> None:
    road = gazetteer.find_streets("range rd")[0].street
    (place,) = place_number(gazetteer, road, "50", "")
    assert place.precision is Precision.INTERPOLATED
    assert place.lat == pytest.approx(42.325, abs=3e-4)
    (beyond,) = place_number(gazetteer, road, "150", "")
    assert beyond.precision is Precision.STREET


def test_a_street_is_placed_on_its_line_or_its_middle_house(gazetteer: Gazetteer) -> None:
    cross = place_street(gazetteer, gazetteer.find_streets("cross st")[0].street)
    assert (cross.lon, cross.lat) == pytest.approx((-71.1, 42.305), abs=6e-3)
    assert cross.precision is Precision.STREET
    elm = place_street(gazetteer, gazetteer.find_streets("elm ave")[0].street)
    assert (elm.lon, elm.lat) == pytest.approx((-71.135, 42.3014))


def test_distances_and_groups() -> None:
    assert distance_m((-71.0, 42.0), (-71.0, 42.001)) == pytest.approx(111.3, abs=0.1)
    assert distance_m((-71.0, 60.0), (-71.001, 60.0)) == pytest.approx(55.7, abs=0.1)
    near, far = (-71.0, 42.0), (-71.0, 42.1)
    assert group_near([near, far, (-71.0, 42.0001)], 50) == [[near, (-71.0, 42.0001)], [far]]


def test_an_empty_street_layer_is_fine(tmp_path: Path) -> None:
    gazetteer = Gazetteer.from_pack(build_small_city(tmp_path, [house("1", "Main St")]))
    assert names(gazetteer, "main st") == ["Main St"]
