"""The optimiser as planner: feasible routes, the same each time, at least as good as greedy."""

from __future__ import annotations

import numpy as np
import pytest

from matching.engine.travel import SparseTravel, StraightTravel
from matching.ladder.board import Board
from matching.ladder.engine_planner import EnginePlanner
from matching.ladder.planners import GreedyPlanner
from matching.ladder.rules import LadderRules
from matching.ladder.waves import plan_wave
from tests.boards import Home, Person, Reach, make_board
from tests.problems import Ask, Help, Pairs, build_problem

RULES = LadderRules(price_share=0.0, home_price_share=0.0)


def make_street(n_people: int, n_homes: int) -> tuple[Board, EnginePlanner]:
    """People and homes along one street, 100 m apart; everybody reaches 600 m."""
    helps = [Help(f"v{v}", at=(100.0 * v, 0.0), max_tasks=2) for v in range(n_people)]
    asks = [Ask(f"r{r}", at=(100.0 * r + 50.0, 0.0)) for r in range(n_homes)]
    pairs = [
        Reach(v, r, travel_m=abs(100.0 * (r - v) + 50), reach=abs(100.0 * (r - v) + 50) / 600)
        for v in range(n_people)
        for r in range(n_homes)
        if abs(100.0 * (r - v) + 50) <= 600
    ]
    board = make_board([Home()] * n_homes, [Person(places=2)] * n_people, pairs)
    return board, EnginePlanner(build_problem(asks, helps))


def test_plans_keep_places_and_are_the_same_each_time() -> None:
    board, planner = make_street(6, 12)
    drafts = plan_wave(board, RULES, planner)
    assert drafts == plan_wave(board, RULES, planner)
    assert {draft.person for draft in drafts} == set(range(6))
    assert all(1 <= len(draft.stops) <= 2 for draft in drafts)
    stops = [home for draft in drafts for home in draft.stops]
    assert len(stops) == len(set(stops)) >= 10


def test_a_shift_limits_the_plan_where_greedy_does_not_look() -> None:
    board, _ = make_street(1, 2)
    short = Help("v0", shifts=((0, 900),), max_tasks=2)
    asks = [Ask("r0", at=(50.0, 0.0)), Ask("r1", at=(150.0, 0.0))]
    planner = EnginePlanner(build_problem(asks, [short]))
    assert [len(draft.stops) for draft in plan_wave(board, RULES, planner)] == [1]
    assert [len(draft.stops) for draft in plan_wave(board, RULES, GreedyPlanner())] == [2]


def test_a_home_is_offered_to_several_when_time_runs_out() -> None:
    board = make_board([Home(deadline_s=16 * 3600 + 7200)], [Person(places=1)] * 4, quiet=())
    helps = [Help(f"v{v}", at=(10.0 * v, 0.0)) for v in range(4)]
    planner = EnginePlanner(build_problem([Ask("r0", at=(5.0, 0.0))], helps))
    planned = [draft for draft in plan_wave(board, RULES, planner) if draft.stops]
    assert len(planned) == 3


def test_banned_pairs_are_never_planned() -> None:
    board = make_board([Home()], [Person()])
    problem = build_problem([Ask("r0")], [Help("v0")], pairs=Pairs(banned=[("v0", "r0")]))
    drafts = plan_wave(board, RULES, EnginePlanner(problem))
    assert [draft.stops for draft in drafts] == [()]
    assert drafts[0].explore


def test_sparse_travel_plans_as_straight_travel_does() -> None:
    board, planner = make_street(4, 8)
    straight = planner._problem
    travel = straight.travel[0]
    assert isinstance(travel, StraightTravel)
    n = 12
    seconds, metres = travel.legs(np.arange(n)[:, None], np.arange(n)[None, :])
    sparse = SparseTravel(
        ptr=np.arange(n + 1, dtype=np.int64) * n,
        index=np.tile(np.arange(n, dtype=np.int64), n),
        seconds=seconds.ravel(),
        metres=metres.ravel(),
    )
    same = type(straight)(**{**vars(straight), "travel": (sparse,)})
    assert plan_wave(board, RULES, EnginePlanner(same)) == plan_wave(board, RULES, planner)


@pytest.mark.parametrize("n_homes", [3, 9])
def test_the_optimiser_is_worth_at_least_as_much_as_greedy(n_homes: int) -> None:
    board, planner = make_street(5, n_homes)
    worth = [
        sum(sum(draft.chance) for draft in plan_wave(board, RULES, one))
        for one in (planner, GreedyPlanner())
    ]
    assert worth[0] >= worth[1] - 1e-9
