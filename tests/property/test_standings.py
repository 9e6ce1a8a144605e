"""What holds for every board, every table of counts and every badge."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.standings.earning import Merits, earns, longest_run_of_weeks
from campaigns.standings.kinds import BadgeKind
from campaigns.standings.ranking import (
    MOST_SHARE,
    Held,
    Line,
    Tally,
    find_band,
    find_share,
    hold,
    make_lines,
    rank_values,
)
from campaigns.standings.suppression import K, suppress, suppress_nested

MONDAY = date(2026, 1, 5)
counts = st.integers(0, 60)
tables = st.dictionaries(st.integers(0, 20), counts, max_size=12)
days = st.sets(st.integers(0, 120).map(lambda number: MONDAY + timedelta(days=number)))


@st.composite
def tallies(draw: st.DrawFn) -> list[Tally]:
    sizes = draw(st.lists(st.integers(0, 300), max_size=10))
    return [
        Tally(str(key), f"Group {key % 3}", draw(st.integers(0, size)), size)
        for key, size in enumerate(sizes)
    ]


@given(tables)
def test_no_small_count_is_shown_and_none_is_left_alone(table: dict[int, int]) -> None:
    shown = suppress(table)

    assert all(count is None or count >= K for count in shown.values())
    hidden = [key for key, count in shown.items() if count is None]
    assert len(hidden) != 1 or len(table) == 1
    if len(hidden) < len(table):
        assert not hidden or sum(table[key] for key in hidden) >= K


@given(tables, st.randoms(use_true_random=False))
def test_order_of_a_table_changes_nothing(table: dict[int, int], random: Random) -> None:
    keys = list(table)
    random.shuffle(keys)

    assert suppress({key: table[key] for key in keys}) == suppress(table)


@settings(max_examples=30)
@given(
    st.dictionaries(st.integers(0, 5), counts, max_size=6),
    st.lists(st.sets(st.integers(0, 5)), max_size=3),
)
def test_no_sum_that_is_known_leaves_a_hidden_count_alone(
    table: dict[int, int], sums: list[set[int]]
) -> None:
    shown = suppress(table, sums=[list(cells) for cells in sums])

    for cells in [set(table), *(cells & set(table) for cells in sums)]:
        hidden = [key for key in cells if shown[key] is None]
        if sum(table[key] for key in cells) >= K and hidden:
            assert len(hidden) > 1 or len(cells) == 1
            assert sum(table[key] for key in hidden) >= K
    assert all(count is None or count == table[key] >= K for key, count in shown.items())


@given(st.dictionaries(st.integers(1, 5), st.dictionaries(st.integers(10, 20), counts)))
def test_nothing_is_shown_within_what_is_hidden(tree: dict[int, dict[int, int]]) -> None:
    table: dict[object, int] = {}
    within: dict[object, object] = {}
    for area, parts in tree.items():
        table[area] = sum(parts.values())
        within[area] = 0
        for part, count in parts.items():
            table[area, part], within[area, part] = count, area
    table[0] = sum(sum(parts.values()) for parts in tree.values())

    shown = suppress_nested(table, within)

    for part, whole in within.items():
        assert shown[part] is None or shown[whole] is not None
    assert all(count is None or count == table[key] for key, count in shown.items())


@given(st.dictionaries(st.integers(), st.integers(0, 9)))
def test_ranks_begin_at_one_share_ties_and_skip_after_them(values: dict[int, int]) -> None:
    ranks = rank_values(values)

    for key, value in values.items():
        assert ranks[key] == 1 + sum(other > value for other in values.values())


@given(tallies(), st.randoms(use_true_random=False), st.booleans())
def test_a_board_is_the_same_in_whatever_order_groups_come(
    found: list[Tally], random: Random, adds_up: bool
) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)

    assert make_lines(shuffled, {}, adds_up=adds_up) == make_lines(found, {}, adds_up=adds_up)


@given(tallies(), st.booleans())
def test_each_line_shows_five_people_or_nothing(found: list[Tally], adds_up: bool) -> None:
    lines = make_lines(found, {}, adds_up=adds_up)

    assert {line.key for line in lines} == {tally.key for tally in found}
    for line in lines:
        parts = (line.shown_count, line.rank, line.band, line.share_percent)
        assert all(part is None for part in parts) or all(part is not None for part in parts)
        assert line.shown_count is None or line.shown_count >= K
        assert line.share_percent is None or 0 <= line.share_percent <= MOST_SHARE
    for one in lines:
        for other in lines:
            if one.band is not None and one.band == other.band:
                assert (one.rank or 0) - (other.rank or 0) == 0 or (
                    ((one.rank or 0) < (other.rank or 0))
                    == ((one.share_percent or 0) > (other.share_percent or 0))
                )


@given(st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25)), max_size=12))
def test_boards_of_two_days_differ_by_nobody_or_by_five(
    history: list[tuple[int, int]],
) -> None:
    """Whatever the numbers did in between, and however many days are laid beside each other."""
    held: dict[str, Held] = {}
    published: list[Line] = []
    for active, rest in history:
        (line,) = make_lines([Tally("a", "A", active, active + rest)], held, adds_up=False)
        held = {"a": line.held}
        published.append(line)

    shown = [line.shown_count for line in published]
    for before, after in pairwise(shown):
        assert before == after or before is None or after is None or abs(before - after) >= K


@given(st.lists(st.integers(0, 25), min_size=1, max_size=12))
def test_what_is_held_is_never_five_or_more_away(history: list[int]) -> None:
    held = 0
    for found in history:
        held = hold(found, held)
        assert abs(found - held) < K


@given(st.integers(0, 400), st.integers(0, 400))
def test_shares_are_rounded_down_and_a_full_group_is_not_told(count: int, size: int) -> None:
    share = find_share(count, size)

    assert share % 5 == 0
    assert share <= MOST_SHARE
    assert size == 0 or share <= 100 * count / size
    assert (find_band(size) is None) == (size < K)


@given(days, days, st.integers(1, 10))
def test_more_done_never_takes_a_badge_away(
    done: set[date], more: set[date], threshold: int
) -> None:
    for kind in (BadgeKind.FIRST_TIME, BadgeKind.WEEKS_IN_A_ROW):
        if earns(kind, threshold, Merits(days=frozenset(done))):
            assert earns(kind, threshold, Merits(days=frozenset(done | more)))


@given(days)
def test_runs_of_weeks_are_those_that_a_calendar_shows(done: set[date]) -> None:
    weeks = {(day - MONDAY).days // 7 for day in done}
    best = run = 0
    for week in range(20):
        run = run + 1 if week in weeks else 0
        best = max(best, run)

    assert longest_run_of_weeks(done) == best
