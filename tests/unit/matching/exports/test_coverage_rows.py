from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from matching.exports.coverage import FEWEST_PEOPLE, Covered, join_small
from matching.exports.writing import guard_cell, write_csv_rows


def row(cell: int, area: str | None, people: int) -> Covered:
    return Covered(cell, area, people, people, people, people, 0)


cells = st.lists(
    st.tuples(st.sampled_from(["Riverside", "Hilltop", None]), st.integers(0, 9)), max_size=12
).map(lambda rows: [row(number, *entry) for number, entry in enumerate(rows)])


@given(cells)
def test_no_row_stands_for_few_and_nobody_is_lost(rows: list[Covered]) -> None:
    joined = join_small(rows)
    total = sum(entry.person_count for entry in rows)
    assert all(entry.person_count >= FEWEST_PEOPLE for entry in joined)
    assert sum(entry.person_count for entry in joined) == (total if total >= FEWEST_PEOPLE else 0)
    assert all(entry.cell is None for entry in joined if entry.is_joined)


def test_small_cells_become_their_neighbourhood() -> None:
    rows = [row(1, "Riverside", 9), row(2, "Riverside", 3), row(3, "Riverside", 4)]
    assert [(entry.cell, entry.area, entry.person_count) for entry in join_small(rows)] == [
        (1, "Riverside", 9),
        (None, "Riverside", 7),
    ]


def test_what_is_left_over_takes_the_smallest_with_it() -> None:
    rows = [row(1, "Riverside", 9), row(2, "Hilltop", 6), row(3, "Old Mill", 2)]
    assert [(entry.cell, entry.area, entry.person_count) for entry in join_small(rows)] == [
        (1, "Riverside", 9),
        (None, None, 8),
    ]


def test_numbers_stay_numbers() -> None:
    assert guard_cell(-71.1) == -71.1
    assert guard_cell("-71.1") == "'-71.1"
    assert guard_cell("\uff1d1") == "'\uff1d1"
    assert guard_cell("a\x00b") == "ab"


def test_cells_with_commas_and_lines_are_quoted() -> None:
    line = write_csv_rows(("area", "reference"), [{"area": 'a "b", c\nd', "reference": "X"}])
    assert line == b'"a ""b"", c\nd",X\r\n'
