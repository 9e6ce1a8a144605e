"""Small problems: the exact way, and what it says when locked work cannot be done."""

from __future__ import annotations

import pytest

from matching.engine.exact import MAX_SETS, count_sets, solve_exactly
from matching.engine.plans import total_worth
from matching.engine.problem import InvalidProblem
from matching.engine.solve import solve
from tests.brute_force import find_best_plan
from tests.grounds import make_ground
from tests.problems import HOUR, Ask, Help, Pairs, build_problem


def test_sets_of_visits_are_counted() -> None:
    asks = [Ask(f"r{at}") for at in range(4)]
    ground = make_ground(build_problem(asks, [Help("v", max_tasks=2), Help("w", max_tasks=1)]))
    # v: nobody, 4 single visits, 6 pairs; w: nobody and 4 single visits.
    assert count_sets(ground) == 11 + 5


def test_a_crew_counts_by_its_starts() -> None:
    ask = Ask("a", crew=2, windows=((0, HOUR),), service_s=900)
    ground = make_ground(build_problem([ask, Ask("b")], [Help("v", max_tasks=2)]))
    # Four starts of the crew, one single: nobody, 5 alone, 4 pairs.
    assert count_sets(ground) == 10


def test_counting_ends_when_there_are_too_many() -> None:
    asks = [Ask(f"r{at}") for at in range(30)]
    ground = make_ground(build_problem(asks, [Help(f"v{at}") for at in range(50)]))
    assert MAX_SETS < count_sets(ground) < 3 * MAX_SETS


def test_equals_brute_force_with_a_crew_between_two_singles() -> None:
    asks = [
        Ask("a", at=(500, 0), windows=((0, 1500),)),
        Ask("both", at=(1_000, 0), crew=2, weight=3.0, windows=((0, HOUR),)),
        Ask("b", at=(1_500, 0), windows=((2_000, 2 * HOUR),)),
        Ask("c", at=(-4_000, 0)),
    ]
    helpers = [Help("v", max_tasks=3), Help("w", at=(2_000, 0), max_tasks=2)]
    problem = build_problem(asks, helpers)
    best = find_best_plan(problem)
    assert best is not None
    chosen = solve_exactly(make_ground(problem, complete=True))
    assert total_worth(chosen.values()) == pytest.approx(best.value)
    request = make_ground(problem).nodes.request
    starts = [i for plan in chosen.values() for i in plan.node if request[i] == 1]
    assert len(starts) == 2
    assert len(set(starts)) == 1


def test_locked_work_is_done_although_other_work_counts_more() -> None:
    asks = [Ask("low", weight=0.1), Ask("high", weight=4.0)]
    locked = Pairs(locked=[("v", "low")])
    ground = make_ground(build_problem(asks, [Help("v", max_tasks=1)], pairs=locked), complete=True)
    assert [plan.node for plan in solve_exactly(ground).values()] == [(0,)]


def test_volunteer_who_cannot_do_their_locked_work_is_named() -> None:
    asks = [Ask("a"), Ask("b")]
    locked = Pairs(locked=[("v", "a"), ("v", "b")])
    problem = build_problem(asks, [Help("w"), Help("v", max_tasks=1)], pairs=locked)
    with pytest.raises(InvalidProblem, match="volunteer 'v' cannot do all the work") as refused:
        solve_exactly(make_ground(problem, complete=True))
    assert refused.value.field == "locked"
    assert refused.value.id == "a"


def test_locked_crew_without_a_second_member_is_refused() -> None:
    problem = build_problem(
        [Ask("both", crew=2, windows=((0, HOUR),))],
        [Help("v")],
        pairs=Pairs(locked=[("v", "both")]),
    )
    with pytest.raises(InvalidProblem, match="a crew lacks members") as refused:
        solve_exactly(make_ground(problem, complete=True))
    assert refused.value.id == "both"


def test_a_crew_with_a_day_of_starts_does_not_explode() -> None:
    problem = build_problem([Ask("both", crew=2)], [Help("v")])
    assert solve(problem).routes == ()
