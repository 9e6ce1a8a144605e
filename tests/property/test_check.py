"""The checker against brute force: good plans pass, and its search finds what is best."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.engine.check import check
from matching.engine.check_bound import VolunteerDays, sum_prices
from matching.engine.check_search import DaySearch
from matching.engine.problem import Objective, Problem, crew_starts
from matching.engine.solution import Prices, Solution
from tests.brute_force import Answer, agreed_starts, find_best_net_value, find_best_plan
from tests.problems import DAY, Ask, Help, build_problem, make_solution, small_problems

PLENTY = 10_000_000
FEW = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def solution_of(problem: Problem, answer: Answer) -> Solution:
    routes = []
    for volunteer, plan in enumerate(answer.plans):
        by_shift = defaultdict(list)
        for shift, request, start_s in plan.visits:
            by_shift[shift].append((request, start_s))
        routes.extend((volunteer, shift, stops) for shift, stops in by_shift.items())
    return make_solution(problem, routes)


@st.composite
def priced_problems(draw: st.DrawFn) -> tuple[Problem, Prices]:
    """A problem with prices that prove some bound; the volunteers' amounts are brute force's."""
    problem = draw(small_problems())
    price = st.sampled_from([-500.0, 0.0, 0.0, 1000.0, 5000.0, 19000.0, 30000.0])
    single = [draw(price) if size == 1 else 0.0 for size in problem.requests.crew_size]
    crews = tuple(
        (int(j), tuple(draw(price) for _ in crew_starts(problem, int(j))))
        for j in np.flatnonzero(problem.requests.crew_size > 1)
    )
    prices = Prices(np.array(single, float), crews, np.zeros(len(problem.volunteers)))
    best = [find_best_net_value(problem, i, prices) for i in range(len(problem.volunteers))]
    amounts = np.array([0.0 if amount is None else amount for amount in best], float)
    return problem, replace(prices, volunteer=amounts)


@st.composite
def busy_days(draw: st.DrawFn) -> tuple[Problem, Prices]:
    """One volunteer with two shifts among six jobs, some for crews, all within reach."""
    grid = st.tuples(*[st.integers(0, 10).map(lambda step: 150.0 * step)] * 2)
    asks = [
        Ask(
            f"r{number}",
            at=draw(grid),
            service_s=draw(st.sampled_from([0, 100, 300])),
            weight=draw(st.sampled_from([1.0, 1.1, 1.5])),
            crew=draw(st.sampled_from([1, 1, 1, 2])),
            windows=draw(st.sampled_from([((0, 2400),), ((300, 1200),), ((0, 600), (900, 2400))])),
        )
        for number in range(draw(st.integers(3, 5)))
    ]
    helper = Help(
        "v0",
        at=draw(grid),
        shifts=draw(st.sampled_from([((0, 2400),), ((0, 900), (1200, 2400))])),
        max_tasks=draw(st.integers(2, 5)),
        max_work_s=draw(st.sampled_from([700, 1100, DAY])),
        max_route_m=draw(st.sampled_from([2500, 4500, 100_000])),
    )
    step_s = draw(st.sampled_from([150, 300]))
    objective = Objective(1000.0, draw(st.sampled_from([0.0, 0.3, 1.0])), 0.0, step_s)
    mate = Help("v1", at=(0.0, 0.0))
    problem = build_problem(asks, [helper, mate], objective=objective)
    price = st.integers(0, 12).map(lambda step: 100.0 * step)
    single = [draw(price) if ask.crew == 1 else 0.0 for ask in asks]
    crews = tuple(
        (j, tuple(draw(price) for _ in crew_starts(problem, j)))
        for j, ask in enumerate(asks)
        if ask.crew > 1
    )
    return problem, Prices(np.array(single, float), crews, np.zeros(2))


@FEW
@given(busy_days())
def test_search_of_a_busy_day_finds_the_best_net_value(case: tuple[Problem, Prices]) -> None:
    problem, prices = case
    cut = VolunteerDays(problem, prices).cut(0)
    assert cut is not None
    outcome = DaySearch(cut[1], -math.inf, max_steps=PLENTY).run()
    assert outcome.best_m == pytest.approx(find_best_net_value(problem, 0, prices), abs=1e-6)


@FEW
@given(small_problems())
def test_best_plan_keeps_every_rule(problem: Problem) -> None:
    answer = find_best_plan(problem)
    assert answer is not None
    report = check(problem, solution_of(problem, answer))
    assert report.violations == ()
    assert report.values.value == pytest.approx(answer.value, abs=1e-6)


@FEW
@given(small_problems())
def test_agreed_starts_are_the_crew_starts(problem: Problem) -> None:
    for request in range(len(problem.requests)):
        assert crew_starts(problem, request) == agreed_starts(problem, request)


@FEW
@given(priced_problems())
def test_search_finds_the_best_net_value(case: tuple[Problem, Prices]) -> None:
    problem, prices = case
    days = VolunteerDays(problem, prices)
    for volunteer in range(len(problem.volunteers)):
        cut = days.cut(volunteer)
        if cut is None:
            continue
        outcome = DaySearch(cut[1], -math.inf, max_steps=PLENTY).run()
        expected = best_without_the_hopeless(problem, volunteer, prices, days)
        assert outcome.complete
        if expected is None:
            assert outcome.plan is None
        else:
            assert outcome.best_m == pytest.approx(expected, abs=1e-6)
        below = DaySearch(cut[1], outcome.best_m - 1.0, max_steps=PLENTY).run()
        above = DaySearch(cut[1], outcome.best_m, max_steps=PLENTY).run()
        assert (below.plan is None, above.plan is None) == (expected is None, True)


def best_without_the_hopeless(
    problem: Problem, volunteer: int, prices: Prices, days: VolunteerDays
) -> float | None:
    """Brute force over the requests that the volunteer may visit as far as the checker knows."""
    allowed = set(days.list_allowed(volunteer).tolist())
    others = [j for j in range(len(problem.requests)) if j not in allowed]
    dear = prices.request.copy()
    dear[others] = 1e12
    crews = tuple(
        (j, tuple(1e12 for _ in members) if j in others else members) for j, members in prices.crew
    )
    return find_best_net_value(problem, volunteer, replace(prices, request=dear, crew=crews))


@FEW
@given(priced_problems())
def test_true_prices_prove_a_bound_above_the_best_value(case: tuple[Problem, Prices]) -> None:
    problem, prices = case
    answer = find_best_plan(problem)
    assert answer is not None
    solution, bound = solution_of(problem, answer), sum_prices(prices, problem)
    assert answer.value <= bound + 1e-6
    certificate = replace(solution.certificate, prices=prices, bound=bound)
    report = check(problem, replace(solution, certificate=certificate), bound_sample=None)
    assert report.violations == ()
    assert report.bound.undecided == ()
    assert report.bound.searched == len(problem.volunteers)


@FEW
@given(priced_problems(), st.data())
def test_amount_stated_too_low_is_found(case: tuple[Problem, Prices], data: st.DataObject) -> None:
    problem, prices = case
    days = VolunteerDays(problem, prices)
    honest = [
        volunteer
        for volunteer in range(len(problem.volunteers))
        if best_without_the_hopeless(problem, volunteer, prices, days)
        == prices.volunteer[volunteer]
    ]
    if not honest:
        return
    volunteer = data.draw(st.sampled_from(honest))
    lowered = prices.volunteer.copy()
    lowered[volunteer] -= 1.0
    wrong = replace(prices, volunteer=lowered)
    answer = find_best_plan(problem)
    assert answer is not None
    solution = solution_of(problem, answer)
    certificate = replace(solution.certificate, prices=wrong, bound=sum_prices(wrong, problem))
    report = check(problem, replace(solution, certificate=certificate), bound_sample=None)
    found = {(one.constraint, one.volunteer) for one in report.violations}
    assert ("bound_volunteer", problem.volunteers.ids[volunteer]) in found


@FEW
@given(priced_problems(), st.integers(0, 8))
def test_search_cut_short_still_bounds(case: tuple[Problem, Prices], max_steps: int) -> None:
    problem, prices = case
    days = VolunteerDays(problem, prices)
    for volunteer in range(len(problem.volunteers)):
        cut = days.cut(volunteer)
        if cut is not None:
            exact = DaySearch(cut[1], -math.inf, max_steps=PLENTY).run()
            short = DaySearch(cut[1], -math.inf, max_steps=max_steps).run()
            assert short.upper_m >= exact.best_m - 1e-6
