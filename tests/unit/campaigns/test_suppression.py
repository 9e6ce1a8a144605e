from __future__ import annotations

from collections import defaultdict
from itertools import product

import pytest

from campaigns.standings.suppression import K, show_count, suppress, suppress_nested

SMALL_K = 3


def test_counts_under_five_are_hidden_zero_too() -> None:
    found = suppress({"a": 0, "b": 4, "c": 5, "d": 90}, total_shown=False)

    assert found == {"a": None, "b": None, "c": 5, "d": 90}
    assert [show_count(count) for count in (0, 4, 5)] == [None, None, 5]
    assert K == 5


def test_with_a_sum_that_is_known_a_larger_count_is_hidden_with_a_small_one() -> None:
    assert suppress({"a": 2, "b": 7, "c": 20}) == {"a": None, "b": None, "c": 20}


def test_small_counts_whose_sum_is_small_are_not_hidden_together_alone() -> None:
    assert suppress({"a": 1, "b": 2, "c": 9, "d": 20})["c"] is None


def test_equal_counts_are_hidden_together_so_that_the_order_tells_nothing() -> None:
    assert suppress({"a": 2, "b": 7, "c": 7, "d": 20}) == {
        "a": None,
        "b": None,
        "c": None,
        "d": 20,
    }


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    assert suppress({"a": 5, "b": 7}) == {"a": 5, "b": 7}
    assert suppress({}) == {}


def test_a_count_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="zero or more"):
        suppress({"a": -1})


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_whoever_knows_the_rule_and_the_sum_finds_no_hidden_count(size: int) -> None:
    """Every table there can be, grouped by what readers see of it."""
    looks_like: dict[tuple[object, ...], list[tuple[int, ...]]] = defaultdict(list)
    for numbers in product(range(2 * SMALL_K + 2), repeat=size):
        found = suppress(dict(enumerate(numbers)), k=SMALL_K)
        total = show_count(sum(numbers), k=SMALL_K)
        looks_like[*(found[place] for place in range(size)), total].append(numbers)

    for seen, tables in looks_like.items():
        assert all(shown is None or shown >= SMALL_K for shown in seen)
        for place in (place for place in range(size) if seen[place] is None):
            values = {table[place] for table in tables}
            assert len(values) >= 2, (seen, tables)
            assert seen[-1] is None or max(values) >= SMALL_K, (seen, tables)


def test_whoever_knows_the_rule_finds_no_hidden_count_in_a_tree() -> None:
    within = {"a": "all", "b": "all", "a1": "a", "a2": "a", "b1": "b", "b2": "b"}
    looks_like: dict[tuple[object, ...], list[dict[str, int]]] = defaultdict(list)
    for a1, a2, b1, b2 in product(range(2 * SMALL_K + 1), repeat=4):
        counts = {"a1": a1, "a2": a2, "b1": b1, "b2": b2}
        counts |= {"a": a1 + a2, "b": b1 + b2, "all": a1 + a2 + b1 + b2}
        found = suppress_nested(counts, within, k=SMALL_K)
        looks_like[tuple(sorted(found.items()))].append(counts)

    for seen, tables in looks_like.items():
        for name, shown in seen:  # type: ignore[misc]  # pairs of name and count
            assert shown is None or shown >= SMALL_K
            if shown is None:
                assert len({table[name] for table in tables}) >= 2, (seen, name)


def test_what_lies_within_a_hidden_part_is_hidden() -> None:
    counts = {"all": 40, "a": 30, "b": 6, "c": 4, "b1": 6}
    within = {"a": "all", "b": "all", "c": "all", "b1": "b"}

    assert suppress_nested(counts, within) == {
        "all": 40,
        "a": 30,
        "b": None,
        "c": None,
        "b1": None,
    }


def test_those_in_no_part_are_a_part_as_well() -> None:
    found = suppress_nested({"all": 22, "a": 12, "b": 8}, {"a": "all", "b": "all"})

    assert found == {"all": 22, "a": 12, "b": None}


def test_parts_that_are_more_than_the_whole_are_refused() -> None:
    with pytest.raises(ValueError, match="more than the whole"):
        suppress_nested({"all": 9, "a": 12}, {"a": "all"})


def possible_tables(
    counts: dict[tuple[int, int], int], shown: dict[tuple[int, int], int | None]
) -> list[dict[tuple[int, int], int]]:
    """Every table of two rows that has the shown counts and the same sums."""
    columns = sorted({column for _, column in counts})
    sums = [counts[0, column] + counts[1, column] for column in columns]
    found = []
    for top in product(*(range(total + 1) for total in sums)):
        if sum(top) != sum(counts[0, column] for column in columns):
            continue
        table = {(0, c): top[c] for c in columns} | {(1, c): sums[c] - top[c] for c in columns}
        if all(shown[key] in (None, table[key]) for key in table):
            found.append(table)
    return found


@pytest.mark.parametrize("numbers", list(product([0, 2, 6, 9], repeat=4)))
def test_rows_and_columns_of_another_table_do_not_give_a_count_away(
    numbers: tuple[int, ...],
) -> None:
    counts = {(row, column): numbers[2 * row + column] for row in (0, 1) for column in (0, 1)}
    counts |= {(0, 2): 12, (1, 2): 13}
    rows = [[key for key in counts if key[0] == row] for row in (0, 1)]
    columns = [[key for key in counts if key[1] == column] for column in (0, 1, 2)]
    known = [cells for cells in (*rows, *columns) if sum(counts[key] for key in cells) >= K]

    shown = suppress(counts, sums=[*rows, *columns])

    tables = possible_tables(counts, shown)
    for key in (key for key, count in shown.items() if count is None):
        values = {table[key] for table in tables}
        sums_are_known = len(known) == 5
        if sums_are_known and sum(numbers) > 0:
            alone = [cells for cells in known if key in cells and len(cells) == 1]
            assert len(values) >= 2 or alone or _fixed_by_sums(counts, key), (counts, shown)


def _fixed_by_sums(counts: dict[tuple[int, int], int], key: tuple[int, int]) -> bool:
    """Whether the sums alone give a count away, whatever is hidden."""
    nothing_shown: dict[tuple[int, int], int | None] = dict.fromkeys(counts)
    values = [table[key] for table in possible_tables(counts, nothing_shown)]
    return len(set(values)) == 1
