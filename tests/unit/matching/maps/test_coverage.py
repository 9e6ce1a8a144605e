from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from matching.maps.areas import CityMap, ShownArea, ShownCell
from matching.maps.coverage import FEWEST_PEOPLE, Counts, Coverage, cover, hide_few
from matching.maps.coverage_repository import Asking

NOW = datetime(2026, 1, 15, tzinfo=UTC)
AREAS = ("North", "South", None)


@dataclass
class PlainCity:
    """Ten cells to a neighbourhood; those from 20 on lie outside all of them."""

    areas: tuple[ShownArea, ...] = field(
        default_factory=lambda: tuple(ShownArea(name, 0, {}, ()) for name in AREAS if name)
    )

    def cell(self, cell: int) -> ShownCell:
        return ShownCell(cell, AREAS[min(cell // 10, 2)], 0, {})


def covered(asking: dict[int | None, int], giving: dict[int | None, int]) -> Coverage:
    counts = Counts(
        community_id=new_id(),
        counted_at=NOW,
        asking={cell: Asking(count, count // 2) for cell, count in asking.items()},
        giving=giving,
    )
    return cover(counts, cast(CityMap, PlainCity()))


def read(coverage: Coverage, name: str) -> dict[Any, int | None]:
    """A number by neighbourhood and by cell."""
    by_area = {one.area.name: getattr(one, name) for one in coverage.areas}
    return by_area | {one.cell.cell: getattr(one, name) for one in coverage.cells}


def test_staff_see_everything() -> None:
    coverage = covered({1: 1, 2: 7, 11: 3, None: 2}, {1: 2, 25: 1})
    assert read(coverage, "resident_count") == {
        "North": 8, "South": 3, 1: 1, 2: 7, 11: 3, 25: 0
    }  # fmt: skip
    assert read(coverage, "waiting_count")["North"] == 3
    assert read(coverage, "volunteer_count")["North"] == 2
    assert (coverage.resident_count, coverage.volunteer_count) == (13, 3)


def test_few_people_are_hidden() -> None:
    coverage = hide_few(covered({1: 4, 2: 4, 11: 3, 21: 5}, {1: 5, 25: 4}))
    assert read(coverage, "resident_count") == {"North": 8, "South": None, 1: None, 21: 5}
    assert read(coverage, "volunteer_count") == {"North": 5, "South": None, 1: 5, 21: None}
    assert coverage.resident_count is None


def test_rest_of_a_neighbourhood_is_not_told_by_subtraction() -> None:
    """Seven in all and six in one cell: the seventh would be found."""
    coverage = hide_few(covered({1: 6, 2: 1}, {}))
    assert read(coverage, "resident_count") == {"North": 7, "South": None}
    coverage = hide_few(covered({1: 6, 2: 1, 3: 9}, {}))
    assert read(coverage, "resident_count") == {"North": 16, "South": None, 3: 9}


@given(
    asking=st.dictionaries(st.integers(0, 24), st.integers(1, 12), max_size=25),
    giving=st.dictionaries(st.integers(0, 24), st.integers(1, 12), max_size=25),
)
def test_no_number_and_no_difference_is_few(
    asking: dict[int | None, int], giving: dict[int | None, int]
) -> None:
    known = covered(asking, giving)
    told = hide_few(known)
    for name, truth in (("resident_count", asking), ("volunteer_count", giving)):
        shown = read(told, name)
        assert all(count is None or count >= FEWEST_PEOPLE for count in shown.values())
        rest: dict[str | None, int] = defaultdict(int)
        for cell, count in truth.items():
            assert cell is not None
            assert shown.get(cell) in (None, count)
            if shown.get(cell) is None:
                rest[AREAS[min(cell // 10, 2)]] += count
        for area in ("North", "South"):
            if shown[area] is not None:
                assert rest[area] == 0 or rest[area] >= FEWEST_PEOPLE
    waiting = read(told, "waiting_count")
    assert all(
        (count is None) == (waiting[place] is None)
        for place, count in read(told, "resident_count").items()
    )
