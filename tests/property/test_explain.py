"""What explanations promise, on made-up problems that a brute-force search can answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.changes import Lock, LongerReach, apply_change
from matching.engine.check import check
from matching.engine.explain import explain, unserved_requests
from matching.engine.funnel import funnel
from matching.engine.problem import Problem
from matching.engine.recruits import area_prices, recruits
from matching.engine.replan import Replanner, plan_value
from matching.engine.scope import take_part
from matching.engine.solve import solve
from matching.engine.suitability import judge_volunteers
from tests.brute_force import find_best_plan, list_day_plans
from tests.problems import make_solution, small_problems

TOLERANCE_M = 1e-3


@settings(max_examples=120, deadline=None)
@given(small_problems(with_locks=False))
def test_funnels_count_everybody_once_and_the_able_are_those_who_could(problem: Problem) -> None:
    for request in range(len(problem.requests)):
        told = funnel(problem, request)
        stopped = told.banned + told.too_far + told.without_skills + told.without_language
        stopped += told.without_time + told.without_capacity
        assert stopped + told.able == told.volunteers == len(problem.volunteers)
        could = [
            volunteer
            for volunteer in range(len(problem.volunteers))
            if any(
                [visit[1] for visit in plan.visits] == [request]
                for plan in list_day_plans(problem, volunteer)
            )
        ]
        assert np.flatnonzero(judge_volunteers(problem, request).able).tolist() == could
        assert told.able == len(could)
        assert (told.reason is None) == (told.able_together >= told.crew_size)


@settings(max_examples=60, deadline=None)
@given(small_problems())
def test_every_change_that_is_promised_serves_the_request(problem: Problem) -> None:
    solution = solve(problem)
    answers = explain(problem, solution)
    assert [told.request for told in answers] == unserved_requests(problem, solution).tolist()
    for told in answers:
        assert not told.served_again
        for trial in told.trials:
            if not trial.served:
                continue
            changed = apply_change(problem, trial.change)
            again = solve(changed)
            assert check(changed, again, bound_sample=0).valid
            assert told.request not in unserved_requests(changed, again)


@settings(max_examples=60, deadline=None)
@given(small_problems())
def test_one_metre_or_second_less_is_out_of_reach(problem: Problem) -> None:
    for told in explain(problem, solve(problem)):
        if told.smallest is None or not isinstance(told.smallest.change, LongerReach):
            continue
        change = told.smallest.change
        for name in ("extra_travel_s", "extra_travel_m"):
            if getattr(change, name):
                less = replace(change, **{name: getattr(change, name) - 1})
                who = judge_volunteers(apply_change(problem, less), told.request)
                assert not who.able[change.volunteer]


@settings(max_examples=60, deadline=None)
@given(small_problems(max_requests=4))
def test_a_lock_costs_what_the_best_plans_differ_by(problem: Problem) -> None:
    solution = solve(problem)
    for told in explain(problem, solution):
        if told.lock is None:
            continue
        assert isinstance(told.lock.change, Lock)
        changed = apply_change(problem, told.lock.change)
        best, forced = find_best_plan(problem), find_best_plan(changed)
        assert best is not None
        assert forced is not None
        assert told.lock.value_gain_m <= TOLERANCE_M
        assert told.lock.value_gain_m + solution.certificate.value <= forced.value + TOLERANCE_M
        served = {visit[1] for plan in forced.plans for visit in plan.visits}
        assert told.request in served


@settings(max_examples=60, deadline=None)
@given(
    small_problems().filter(lambda made: len(made.requests) > 0 and len(made.volunteers) > 0),
    st.integers(0, 4),
    st.integers(1, 2),
    st.integers(0, 3),
)
def test_a_part_is_planned_as_if_the_rest_stood_still(
    problem: Problem, number: int, most_volunteers: int, most_open: int
) -> None:
    request = number % len(problem.requests)
    solution = solve(problem)
    scope = take_part(
        problem,
        solution,
        request,
        np.zeros(0, np.int64),
        most_volunteers=most_volunteers,
        most_open=most_open,
    )
    replanner = Replanner(problem, solution, solve)
    plan = replanner.plan(scope, scope.problem)
    routes = scope.join(plan.routes, len(problem.volunteers))
    stops = [
        (route.volunteer, route.shift, list(zip(route.requests, route.start_s, strict=True)))
        for route in routes
    ]
    witness = make_solution(problem, stops)
    report = check(problem, witness)
    assert report.valid, report.violations
    kept = plan_value(problem, scope.fixed)
    assert abs(kept + plan.value - witness.certificate.value) <= TOLERANCE_M
    stands = replanner.plan_base(scope)
    assert stands.value >= plan.value - TOLERANCE_M


@settings(max_examples=60, deadline=None)
@given(small_problems())
def test_nobody_adds_more_than_their_price_and_the_gap(problem: Problem) -> None:
    solution = solve(problem)
    gap_m = solution.certificate.bound - solution.certificate.value
    prices = area_prices(problem, solution)
    assert [price.worth_m for price in prices] == sorted((p.worth_m for p in prices), reverse=True)
    for found in recruits(problem, solution, 3):
        assert found.price.by_duals
        assert found.value_gain_m <= found.price.worth_m + gap_m + TOLERANCE_M
        assert found.value_gain_m >= -TOLERANCE_M
