"""No home can be singled out, whatever the map of addresses looks like."""

from __future__ import annotations

from collections import defaultdict

import h3.api.basic_int as h3
import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo.privacy import PrivacyCells, fine_cells

LOWEST_K = 5


SAME_PLACE_DEG = 1e-6


@st.composite
def address_maps(draw: st.DrawFn) -> np.ndarray:
    """Villages, lone farms and empty land around a place that may lie anywhere."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    middle = np.array([draw(st.floats(-179, 179)), draw(st.floats(-70, 70))])
    spread = draw(st.sampled_from([0.005, 0.03, 0.3]))
    villages = [
        middle + rng.normal(0, spread, 2) + rng.normal(0, 0.002, (size, 2))
        for size in draw(st.lists(st.integers(1, 60), min_size=1, max_size=8))
    ]
    spread_out = np.concatenate(villages)
    spread_out[:, 0] = (spread_out[:, 0] + 180) % 360 - 180
    # Two in one place are one house.
    _, houses = np.unique(np.rint(spread_out / SAME_PLACE_DEG), axis=0, return_index=True)
    return spread_out[np.sort(houses)]


ks = st.integers(LOWEST_K, 40)


@settings(deadline=None, max_examples=150)
@given(addresses=address_maps(), k=ks)
def test_every_shown_cell_belongs_to_k_addresses(addresses: np.ndarray, k: int) -> None:
    assume(len(addresses) >= k)
    cells = PrivacyCells.from_addresses(addresses, k=k)
    shown, counts = np.unique(cells.cells_of(addresses), return_counts=True)
    assert shown.tolist() == cells.cells.tolist()
    assert counts.tolist() == cells.counts.tolist()
    assert counts.min() >= k


@settings(deadline=None, max_examples=150)
@given(addresses=address_maps(), k=ks)
def test_subtracting_finer_cells_leaves_k_addresses(addresses: np.ndarray, k: int) -> None:
    """What a reader can work out: the addresses inside a cell, minus all finer cells shown."""
    assume(len(addresses) >= k)
    cells = PrivacyCells.from_addresses(addresses, k=k)
    shown = cells.cells_of(addresses)
    # Cells of the search's own tree: an address lies in a cell when its fine cell descends from it.
    left: dict[int, set[int]] = defaultdict(set)
    for i, fine in enumerate(fine_cells(addresses).tolist()):
        above = [h3.cell_to_parent(fine, r) for r in range(h3.get_resolution(fine), -1, -1)]
        inside = [cell for cell in above if cell in set(cells.cells.tolist())]
        left[inside[0] if inside else int(shown[i])].add(i)
    for cell, members in left.items():
        assert len(members) >= k
        # A reader's best guess is never narrower than the group itself.
        assert members <= set(np.flatnonzero(shown == cell).tolist())


@settings(deadline=None, max_examples=80)
@given(addresses=address_maps(), k=ks, seed=st.integers(0, 1000))
def test_the_same_address_always_has_the_same_cell(
    addresses: np.ndarray, k: int, seed: int
) -> None:
    """Neither the order of the addresses nor who asks, nor how often, changes a cell."""
    assume(len(addresses) >= k)
    order = np.random.default_rng(seed).permutation(len(addresses))
    first = PrivacyCells.from_addresses(addresses, k=k)
    second = PrivacyCells.from_addresses(addresses[order], k=k)
    assert first.cells_of(addresses)[order].tolist() == second.cells_of(addresses[order]).tolist()
    one_by_one = [first.cell_of(lon, lat) for lon, lat in addresses[:5]]
    assert one_by_one == first.cells_of(addresses)[:5].tolist()


@settings(deadline=None, max_examples=80)
@given(addresses=address_maps(), k=ks, east=st.floats(-0.5, 0.5), north=st.floats(-0.5, 0.5))
def test_a_place_without_addresses_never_gets_a_cell_of_its_own(
    addresses: np.ndarray, k: int, east: float, north: float
) -> None:
    assume(len(addresses) >= k)
    cells = PrivacyCells.from_addresses(addresses, k=k)
    lon, lat = addresses[0] + [east, north]
    assume(abs(lon) <= 180)
    assert cells.cell_of(lon, lat) in cells.cells.tolist()


@settings(deadline=None, max_examples=80)
@given(addresses=address_maps(), k=ks)
def test_a_cell_that_hides_enough_by_itself_is_not_made_coarser_but_for_its_neighbours(
    addresses: np.ndarray, k: int
) -> None:
    assume(len(addresses) >= k)
    cells = PrivacyCells.from_addresses(addresses, k=k)
    fine, counts = np.unique(fine_cells(addresses), return_counts=True)
    shown = set(cells.cells.tolist())
    coarser = [cell for cell in fine[counts >= k].tolist() if cell not in shown]
    lonely = len(fine) - (counts >= k).sum()
    assert len(coarser) <= lonely
