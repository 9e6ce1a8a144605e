"""What every wave keeps, whatever the board."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from matching.ladder.answers import pair_chances
from matching.ladder.board import Board
from matching.ladder.menus import open_menu, open_pairs
from matching.ladder.reseat import sit_down
from matching.ladder.rules import LadderRules
from matching.ladder.waves import can_be_asked, plan_wave
from tests.boards import boards

RULES = LadderRules()


def open_homes(board: Board, person: int) -> set[int]:
    first, last = board.pairs.ptr[person], board.pairs.ptr[person + 1]
    fits = open_pairs(board)[first:last]
    return set(board.pairs.home[first:last][fits].tolist())


@given(boards())
@settings(max_examples=150, deadline=None)
def test_a_wave_asks_only_who_may_be_asked_about_what_is_open(board: Board) -> None:
    ready = can_be_asked(board, RULES)
    drafts = plan_wave(board, RULES)
    people = [draft.person for draft in drafts]
    assert len(set(people)) == len(people)
    for draft in drafts:
        assert ready[draft.person]
        assert not board.people.live[draft.person]
        assert len(draft.stops) <= min(RULES.max_stops, board.people.places[draft.person])
        assert len(draft.menu) <= RULES.menu_size
        shown = [*draft.stops, *draft.menu]
        assert len(set(shown)) == len(shown)
        assert set(shown) <= open_homes(board, draft.person)
        assert len(draft.chance) == len(draft.stops)
        assert all(0 <= chance <= 1 for chance in draft.chance)


@given(boards())
@settings(max_examples=60, deadline=None)
def test_the_same_board_gives_the_same_wave(board: Board) -> None:
    assert plan_wave(board, RULES) == plan_wave(board, RULES)


@given(boards())
@settings(max_examples=100, deadline=None)
def test_nobody_new_is_left_out_for_a_small_chance(board: Board) -> None:
    """Who was never asked and reaches a home that nobody was asked about gets an ask."""
    hopeless = Board(
        moment_s=board.moment_s,
        homes=board.homes,
        people=type(board.people)(
            **{**vars(board.people), "willingness": np.zeros(len(board.people))}
        ),
        pairs=board.pairs,
        live=type(board.live).none(),
        quiet_s=board.quiet_s,
        area_served_share=board.area_served_share,
    )
    drafts = {draft.person for draft in plan_wave(hopeless, RULES)}
    ready = can_be_asked(hopeless, RULES) & (hopeless.people.n_messages == 0)
    # A chance of 0.05 at most leaves every home in need, however many are asked.
    for person in np.flatnonzero(ready & (hopeless.people.reply < 0.5)):
        if open_homes(hopeless, int(person)):
            assert int(person) in drafts


@given(boards())
@settings(max_examples=100, deadline=None)
def test_menus_put_urgent_homes_on_top(board: Board) -> None:
    for person in range(len(board.people)):
        menu = open_menu(board, person, 4, RULES)
        urgent = board.homes.urgent[list(menu)].tolist()
        assert urgent == sorted(urgent, reverse=True)
        missing = open_homes(board, person) - set(menu)
        assert len(menu) == 4 or not missing


@given(boards())
@settings(max_examples=150, deadline=None)
def test_the_bench_agrees_with_looking_at_everybody(board: Board) -> None:
    bench = sit_down(board, RULES)
    ready, chance = can_be_asked(board, RULES), pair_chances(board, RULES)
    pairs, person = board.pairs, board.pairs.person()
    for home in range(len(board.homes)):
        worths = {
            e: chance[e]
            * (
                RULES.value_per_weight * board.homes.weight[home]
                - RULES.cost_per_km * pairs.travel_m[e] / 1000
            )
            for e in range(len(pairs))
            if pairs.home[e] == home
            and pairs.feasible[e]
            and not pairs.struck[e]
            and ready[person[e]]
        }
        best = max(worths.values(), default=0.0)
        found = bench.next_person(home)
        if best <= 0:
            assert found is None
        else:
            assert found == person[min(e for e, worth in worths.items() if worth == best)]
