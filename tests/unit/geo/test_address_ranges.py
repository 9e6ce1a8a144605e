"""Placing houses along address ranges."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.address_ranges import END_INSET_M, SIDE_OFFSET_M, AddressRanges, place_beside_line

DEGREE_M = 111_320.0


def block(length_m: float = 1000.0) -> shapely.LineString:
    """A street on the equator, going east."""
    return shapely.LineString([(0, 0), (length_m / DEGREE_M, 0)])


def ranges_of(*rows: tuple[int, int, int, int]) -> AddressRanges:
    lines = np.empty(len(rows), object)
    lines[:] = [block()] * len(rows)
    return AddressRanges([("Main St", "High St")] * len(rows), np.array(rows), lines)


def test_houses_stand_beside_the_line_on_their_side() -> None:
    ranges = ranges_of((101, 199, 100, 198))
    odd, even = ranges.find_position("main street", 101), ranges.find_position("main street", 100)
    assert odd is not None
    assert even is not None
    assert odd.left
    assert not even.left
    assert odd.lat * DEGREE_M == pytest.approx(SIDE_OFFSET_M)
    assert even.lat * DEGREE_M == pytest.approx(-SIDE_OFFSET_M)
    assert odd.lon * DEGREE_M == pytest.approx(END_INSET_M)


def test_houses_stand_at_their_share_of_the_block() -> None:
    middle = ranges_of((101, 199, -1, -1)).find_position("main street", 149)
    assert middle is not None
    inner_m = 1000 - 2 * END_INSET_M
    assert middle.lon * DEGREE_M == pytest.approx(END_INSET_M + inner_m * 48 / 98)


def test_a_range_may_run_against_the_line() -> None:
    near_end = ranges_of((199, 101, -1, -1)).find_position("main street", 101)
    assert near_end is not None
    assert near_end.lon * DEGREE_M == pytest.approx(1000 - END_INSET_M)


def test_a_single_house_stands_in_the_middle() -> None:
    only = ranges_of((7, 7, -1, -1)).find_position("main street", 7)
    assert only is not None
    assert only.lon * DEGREE_M == pytest.approx(500)


def test_parity_decides_unless_the_range_is_mixed() -> None:
    assert ranges_of((101, 199, -1, -1)).find_position("main street", 150) is None
    assert ranges_of((101, 200, -1, -1)).find_position("main street", 150) is not None


def test_the_narrowest_range_wins() -> None:
    found = ranges_of((1, 999, -1, -1), (11, 19, -1, -1)).find_position("main street", 13)
    assert found is not None
    assert found.segment == 1


def test_a_number_beyond_the_range_needs_leave() -> None:
    ranges = ranges_of((101, 199, -1, -1))
    assert ranges.find_position("main street", 205) is None
    clamped = ranges.find_position("main street", 205, max_gap=6)
    assert clamped is not None
    assert clamped.gap == 6
    assert clamped.lon * DEGREE_M == pytest.approx(1000 - END_INSET_M)


def test_alias_names_have_the_same_ranges() -> None:
    assert ranges_of((1, 9, -1, -1)).find_position("high street", 5) is not None


def test_short_and_empty_blocks_do_not_turn_over() -> None:
    lon, _ = place_beside_line(np.array([[0.0, 0.0], [4 / DEGREE_M, 0.0]]), 0.0, left=True)
    assert lon * DEGREE_M == pytest.approx(1.0)
    assert place_beside_line(np.array([[1.0, 2.0], [1.0, 2.0]]), 0.5, left=True) == (1.0, 2.0)
