"""Cells that hide a home among others, and buckets that do not give it away."""

from __future__ import annotations

from collections import Counter

import h3.api.basic_int as h3
import numpy as np
import pytest
from shapely import Point

from geo.blurred_travel import (
    BlurredTravel,
    MetresBucket,
    MilesBucket,
    TimeBucket,
    metres_bucket,
    miles_bucket,
    time_bucket,
)
from geo.city import CityPack, shipped_pack
from geo.errors import InvalidCell, InvalidPrivacySetting, TooFewAddresses
from geo.graph_travel import GraphTravel
from geo.privacy import (
    PrivacyCells,
    cell_center,
    cell_polygon,
    fine_cells,
    format_cell,
    parse_cell,
)
from geo.straight_travel import StraightTravel

HOME = (24.94, 60.17)


def in_cell(cell: int, n: int, seed: int = 0) -> np.ndarray:
    """Different places in one cell, near its middle so that finer cells hold them too."""
    lon, lat = cell_center(cell)
    turns = np.random.default_rng(seed).uniform(-2e-4, 2e-4, (n, 2))
    return np.array([lon, lat]) + turns


@pytest.fixture(scope="module")
def cambridge() -> CityPack:
    return CityPack.open(shipped_pack("cambridge"))


@pytest.fixture(scope="module")
def cells(cambridge: CityPack) -> PrivacyCells:
    return PrivacyCells.from_pack(cambridge)


def siblings() -> tuple[int, list[int]]:
    parent = h3.latlng_to_cell(HOME[1], HOME[0], 8)
    return parent, sorted(h3.cell_to_children(parent, 9))


def test_a_full_cell_is_shown_as_it_is() -> None:
    _, (first, *_) = siblings()
    found = PrivacyCells.from_addresses(in_cell(first, 20))
    assert found.cell_of(*in_cell(first, 1)[0]) == first
    assert found.counts.tolist() == [20]


def test_small_cells_share_their_parent() -> None:
    parent, (a, b, *_) = siblings()
    found = PrivacyCells.from_addresses(np.concatenate([in_cell(a, 12), in_cell(b, 12)]))
    assert set(found.cells_of(np.concatenate([in_cell(a, 3), in_cell(b, 3)])).tolist()) == {parent}


def test_a_full_child_is_taken_out_before_the_parent_is_counted() -> None:
    """30 + 12 addresses in the parent, but subtraction would leave the 12 alone."""
    parent, (a, b, *_) = siblings()
    addresses = np.concatenate([in_cell(a, 30), in_cell(b, 12)])
    found = PrivacyCells.from_addresses(addresses)
    shown = found.cells_of(addresses)
    assert set(shown.tolist()) == {a}, "the 12 are shown with the nearest group"
    wider = np.concatenate([addresses, in_cell(siblings()[1][2], 8)])
    shown = PrivacyCells.from_addresses(wider).cells_of(wider)
    assert shown[:30].tolist() == [a] * 30
    assert shown[30:].tolist() == [parent] * 20


def test_lonely_addresses_join_the_nearest_group() -> None:
    _, (a, *_) = siblings()
    far = np.array([[HOME[0] + 0.4, HOME[1]]])
    found = PrivacyCells.from_addresses(np.concatenate([in_cell(a, 25), far]))
    assert len(found.cells) == 1
    assert found.counts.tolist() == [26]
    assert found.cell_of(*far[0]) == found.cell_of(*in_cell(a, 1)[0]) == a


def test_scattered_addresses_make_one_group_together() -> None:
    scattered = np.array([HOME]) + np.stack(np.divmod(np.arange(24), 5), axis=1) * 0.5
    found = PrivacyCells.from_addresses(scattered)
    assert found.counts.tolist() == [24]


def test_homes_in_one_house_count_once() -> None:
    _, (a, *_) = siblings()
    tower = np.repeat(in_cell(a, 1), 50, axis=0)
    with pytest.raises(TooFewAddresses, match="1 addresses, but each home is hidden among 20"):
        PrivacyCells.from_addresses(tower)


def test_too_few_addresses_are_refused() -> None:
    with pytest.raises(TooFewAddresses, match="hidden among 20"):
        PrivacyCells.from_addresses(np.zeros((0, 2)))


@pytest.mark.parametrize(("k", "resolution"), [(1, 9), (0, 9), (20, 10), (20, 3)])
def test_settings_that_protect_nobody_are_refused(k: int, resolution: int) -> None:
    with pytest.raises(InvalidPrivacySetting):
        PrivacyCells.from_addresses(in_cell(siblings()[0], 30), k=k, resolution=resolution)


def test_a_place_without_addresses_takes_the_cell_of_its_neighbours(cells: PrivacyCells) -> None:
    lon, lat = -71.0765, 42.3560  # in the Charles River
    assert fine_cells(np.array([[lon, lat]]))[0] not in cells.fine
    assert cells.cell_of(lon, lat) in cells.cells


def test_cells_of_cambridge_hide_every_address(cells: PrivacyCells, cambridge: CityPack) -> None:
    lonlat = cambridge.addresses.lonlat
    shown = Counter(cells.cells_of(lonlat).tolist())
    assert min(shown.values()) >= 20
    assert sorted(shown) == cells.cells.tolist()
    fine = np.array([h3.get_resolution(cell) for cell in cells.cells_of(lonlat).tolist()]) == 9
    assert fine.mean() > 0.95, "most homes get the finest cells"


def test_anchors_are_places_of_their_cell(cells: PrivacyCells) -> None:
    assert cells.cells_of(cells.anchors).tolist() == cells.cells.tolist()
    assert (cells.spread_m > 0).all()


def test_cells_fit_the_database_and_come_back_from_text(cells: PrivacyCells) -> None:
    for cell in cells.cells.tolist():
        assert 0 < cell < 2**63
        assert parse_cell(format_cell(cell)) == cell
        assert len(format_cell(cell)) == 15


@pytest.mark.parametrize("text", ["", "xyz", "892a3067383fffff00", "0", "-1", "892a306738"])
def test_text_that_is_no_cell_is_refused(text: str) -> None:
    with pytest.raises(InvalidCell, match="no H3 cell"):
        parse_cell(text)


def test_outline_holds_the_middle(cells: PrivacyCells) -> None:
    cell = int(cells.cells[0])
    assert cell_polygon(cell).contains(Point(cell_center(cell)))


@pytest.mark.parametrize(
    ("travel_s", "key"),
    [
        (0, "under_5_min"),
        (299.9, "under_5_min"),
        (300, "5_to_10_min"),
        (600, "10_to_15_min"),
        (900, "15_to_30_min"),
        (1800, "over_30_min"),
        (float("inf"), "over_30_min"),
        (float("nan"), "over_30_min"),
    ],
)
def test_time_buckets(travel_s: float, key: str) -> None:
    assert time_bucket(travel_s) == TimeBucket(key)


def test_length_buckets() -> None:
    assert [metres_bucket(m) for m in (0, 500, 1000, 2000, 5000)] == list(MetresBucket)
    assert [miles_bucket(m) for m in (0, 403, 805, 1610, 4829)] == list(MilesBucket)


def test_all_homes_of_a_cell_get_the_same_answer(cells: PrivacyCells, cambridge: CityPack) -> None:
    blurred = BlurredTravel(cells, GraphTravel.from_pack(cambridge))
    fine = np.flatnonzero(cells.spread_m < 100)
    near, far = int(cells.cells[fine[0]]), int(cells.cells[fine[-1]])
    assert blurred.buckets(near, far).time in (TimeBucket.FROM_15_TO_30_MIN, TimeBucket.OVER_30_MIN)
    assert blurred.buckets(near, near).time is TimeBucket.UNDER_5_MIN
    assert blurred.buckets(near, far) == blurred.buckets(far, near)


def test_homes_of_one_wide_cell_are_not_called_neighbours() -> None:
    scattered = np.array([HOME]) + np.stack(np.divmod(np.arange(24), 5), axis=1) * 0.02
    wide = PrivacyCells.from_addresses(scattered)
    assert len(wide.cells) == 1
    cell = int(wide.cells[0])
    buckets = BlurredTravel(wide, StraightTravel()).buckets(cell, cell)
    assert buckets.time is TimeBucket.OVER_30_MIN


def test_cells_of_an_older_pack_are_answered_too(cells: PrivacyCells) -> None:
    blurred = BlurredTravel(cells, StraightTravel())
    old = h3.cell_to_parent(int(cells.cells[0]), 5)
    assert blurred.buckets(old, int(cells.cells[0])).time in list(TimeBucket)
    with pytest.raises(InvalidCell):
        blurred.buckets(12345, int(cells.cells[0]))
