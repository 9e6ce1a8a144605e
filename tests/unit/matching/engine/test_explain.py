"""Explanations: the smallest change is found, and it does what it says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from benchmarks.instances import Size, make_instance
from matching.engine.changes import (
    Change,
    Lock,
    LongerReach,
    MoreTime,
    MoreVolunteers,
    apply_change,
)
from matching.engine.check import check
from matching.engine.explain import (
    Explanation,
    explain,
    solver_like,
    unserved_requests,
)
from matching.engine.funnel import Reason
from matching.engine.problem import Problem
from matching.engine.replan import Replanner, plan_value
from matching.engine.solution import Solution
from matching.engine.solve import solve
from matching.engine.stop import Stop
from tests.problems import HOUR, Ask, Help, Pairs, build_problem, make_solution


def explain_one(
    asks: Sequence[Ask], helpers: Sequence[Help], pairs: Pairs | None = None
) -> tuple[Problem, Explanation]:
    problem = build_problem(asks, helpers, pairs=pairs)
    (told,) = explain(problem, solve(problem))
    return problem, told


def serves(problem: Problem, change: Change, request: int) -> Solution:
    changed = apply_change(problem, change)
    solution = solve(changed)
    assert check(changed, solution).valid
    assert request not in unserved_requests(changed, solution)
    return solution


@pytest.mark.parametrize(
    ("ask", "helper", "change"),
    [
        (Ask("a", (900, 0)), Help("v", max_travel_m=700), LongerReach(0, 0, 200, 0)),
        (Ask("a", (900, 0)), Help("v", max_travel_s=80), LongerReach(0, 10, 0, 0)),
        (Ask("a", (900, 0)), Help("v", max_route_m=1700), LongerReach(0, 0, 0, 100)),
        (
            Ask("a", (900, 0)),
            Help("v", max_travel_s=80, max_travel_m=890, max_route_m=1790),
            LongerReach(0, 10, 10, 10),
        ),
        (Ask("a", windows=((0, 500),)), Help("v"), MoreTime(0, 0, 600, 100)),
        (
            Ask("a", windows=((7000, 7800),)),
            Help("v", shifts=((0, 7300),)),
            MoreTime(0, 6700, 7800, 300),
        ),
        (
            Ask("a", windows=((9 * HOUR, 10 * HOUR),)),
            Help("v", shifts=((6 * HOUR, 8 * HOUR - 60),)),
            MoreTime(0, 8 * HOUR - 660, 8 * HOUR - 60, HOUR + 660),
        ),
    ],
)
def test_the_smallest_change_is_what_was_missing(ask: Ask, helper: Help, change: Change) -> None:
    problem, told = explain_one([ask], [helper])
    assert told.smallest is not None
    assert told.smallest.change == change
    assert told.smallest.gained == (0,)
    serves(problem, change, 0)


def test_the_nearer_miss_of_two_is_told() -> None:
    helpers = [Help("v", (0, 0), max_travel_m=100), Help("w", (300, 0), max_travel_m=450)]
    _, told = explain_one([Ask("a", (900, 0))], helpers)
    assert told.smallest is not None
    assert told.smallest.change == LongerReach(1, 0, 150, 0)


def test_a_tool_that_nobody_has_takes_a_newcomer_who_has_it() -> None:
    problem, told = explain_one([Ask("a", skills=2, languages=2)], [Help("v", languages=1)])
    assert told.reason is Reason.SKILL_MISSING
    assert told.lock is None
    assert told.smallest is not None
    change = told.smallest.change
    assert isinstance(change, MoreVolunteers)
    assert (change.count, change.newcomer.skills, change.newcomer.languages) == (1, 2, 2)
    serves(problem, change, 0)


def test_a_crew_gets_as_many_newcomers_as_it_lacks() -> None:
    problem, told = explain_one([Ask("a", crew=3, windows=((0, 1800),))], [Help("v")])
    assert told.smallest is not None
    change = told.smallest.change
    assert isinstance(change, MoreVolunteers)
    assert change.count == 2
    serves(problem, change, 0)


def test_a_crew_meets_when_its_last_member_has_time() -> None:
    helpers = [Help("v", shifts=((0, HOUR),)), Help("w", shifts=((1000, HOUR),))]
    problem, told = explain_one([Ask("a", crew=2, windows=((0, 900),))], helpers)
    assert told.reason is Reason.NO_COMMON_TIME
    assert told.smallest is not None
    assert told.smallest.change == MoreTime(0, 1000, 1600, 700)
    serves(problem, told.smallest.change, 0)


def test_what_is_displaced_and_what_it_costs() -> None:
    asks = [Ask("heavy", (100, 0), weight=2), Ask("light", (400, 0))]
    problem, told = explain_one(asks, [Help("v", max_tasks=1)])
    assert (told.request, told.reason) == (1, Reason.LOWER_VALUE)
    assert told.lock is not None
    assert told.lock.change == Lock(1, (0,))
    assert told.lock.displaced == (0,)
    assert told.lock.weight_gain == -1
    assert told.lock.value_gain_m == pytest.approx(-20_000 - 600)
    assert problem.requests.ids[told.lock.displaced[0]] == "heavy"


def test_a_busy_volunteer_has_time_a_little_later() -> None:
    asks = [
        Ask("first", service_s=1800, windows=((0, 1800),), weight=2),
        Ask("also", service_s=1800, windows=((0, 1900),)),
    ]
    problem, told = explain_one(asks, [Help("v", shifts=((0, HOUR),))])
    assert told.reason is Reason.LOWER_VALUE
    assert told.smallest is not None
    assert told.smallest.change == MoreTime(1, 0, 3600, 1700)
    serves(problem, told.smallest.change, 1)


def test_a_plan_that_could_be_better_is_called_that() -> None:
    problem = build_problem([Ask("a"), Ask("b")], [Help("v")])
    poor = make_solution(problem, [(0, 0, [(0, 0)])])
    (told,) = explain(problem, poor)
    assert told.served_again
    assert told.reason is Reason.SEAT_FREE
    assert (told.trials, told.smallest, told.lock) == ((), None, None)


def test_a_change_that_helps_somebody_else_is_no_answer() -> None:
    """More reach for the only volunteer would be spent on the heavier home behind."""
    asks = [Ask("light", (900, 0)), Ask("heavy", (0, 850), weight=4)]
    helper = Help("v", max_tasks=1, max_travel_m=800)
    problem = build_problem(asks, [helper])
    told = explain(problem, solve(problem), [0])[0]
    reach = next(trial for trial in told.trials if isinstance(trial.change, LongerReach))
    assert not reach.served
    assert reach.gained == (1,)
    assert told.smallest is not None
    serves(problem, told.smallest.change, 0)


def test_effort_bounds_the_plans_and_funnels_are_free() -> None:
    problem = make_instance(Size(60, 20), 1)
    solution = solve(problem)
    plans = []

    def counting(changed: Problem) -> Solution:
        plans.append(changed)
        return solver_like(solution)(changed)

    left = unserved_requests(problem, solution).tolist()
    assert all(not told.trials for told in explain(problem, solution, effort=0, solver=counting))
    assert not plans
    for effort in (5, 9):
        plans.clear()
        explain(problem, solution, left[:1], effort=effort, solver=counting)
        assert 2 <= len(plans) <= effort
    with pytest.raises(ValueError, match="effort must be 0, or 5 or more"):
        explain(problem, solution, effort=3)


def test_a_stop_leaves_the_funnels() -> None:
    problem = make_instance(Size(60, 20), 1)
    solution = solve(problem)
    stop, heard = Stop(), []
    stop.cancel()
    told = explain(problem, solution, stop=stop, progress=heard.append)
    assert [one.request for one in told] == unserved_requests(problem, solution).tolist()
    assert heard == [1] * len(told)
    assert all(one.replanned == 0 and one.funnel.volunteers == 20 for one in told)


def test_a_stop_in_the_middle_ends_the_trials() -> None:
    problem = make_instance(Size(60, 20), 1)
    solution = solve(problem)
    left = unserved_requests(problem, solution)[:1].tolist()
    stop, plans = Stop(), []

    def cancelling(changed: Problem) -> Solution:
        plans.append(changed)
        stop.cancel()
        return solver_like(solution)(changed)

    (told,) = explain(problem, solution, left, solver=cancelling, stop=stop)
    assert len(plans) == 1
    assert (told.trials, told.replanned) == ((), 20)


def test_served_requests_need_no_explanation() -> None:
    problem = build_problem([Ask("a")], [Help("v")])
    solution = solve(problem)
    assert explain(problem, solution) == ()
    for request in (0, 7, -1):
        with pytest.raises(ValueError, match="is served, or there is none"):
            explain(problem, solution, [request])


def test_a_problem_that_is_solved_as_a_whole() -> None:
    problem = make_instance(Size(200, 80), 1)
    solution = solve(problem)
    left = unserved_requests(problem, solution)[:5].tolist()
    answers = explain(problem, solution, left)
    assert answers[:1] == explain(problem, solution, left[:1])
    before = solution.certificate.weight_served
    proven = 0
    for told in answers:
        assert told.whole
        for trial in told.trials:
            if trial.served:
                after = serves(problem, trial.change, told.request)
                gain = after.certificate.weight_served - before
                assert gain == pytest.approx(trial.weight_gain)
                proven += 1
        if told.smallest is not None:
            tried = [t for t in told.trials if t.change.size_min < told.smallest.change.size_min]
            assert not any(trial.served for trial in tried)
    assert proven >= 5


def test_a_part_of_a_large_problem_proves_it_with_a_plan_of_the_whole() -> None:
    problem = make_instance(Size(360, 140), 2)
    solution = solve(problem)
    left = unserved_requests(problem, solution)[:6].tolist()
    replanner = Replanner(problem, solution, solver_like(solution))
    m = len(problem.volunteers)
    proven = 0
    for told in explain(problem, solution, left):
        assert not told.whole
        assert 0 < told.replanned < m
        for trial in told.trials:
            if not trial.served:
                continue
            people = np.array(
                trial.change.volunteers if isinstance(trial.change, Lock) else [], np.int64
            )
            if isinstance(trial.change, LongerReach):
                people = np.array([trial.change.volunteer])
            scope = replanner.find_scope(told.request, people)
            plan = replanner.plan_with(scope, trial.change)
            if told.request not in plan.served:
                continue  # the scope was chosen anew, without the other candidates
            changed = apply_change(problem, trial.change)
            routes = scope.join(plan.routes, m)
            witness = make_solution(
                changed,
                [
                    (r.volunteer, r.shift, list(zip(r.requests, r.start_s, strict=True)))
                    for r in routes
                ],
            )
            report = check(changed, witness)
            assert report.valid, report.violations[:3]
            assert witness.certificate.value == pytest.approx(plan_value(changed, routes))
            proven += 1
    assert proven >= 4
