"""The checker: a good plan passes, and each rule that is broken is named, alone."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matching.engine.check import check, choose_sample
from matching.engine.problem import Problem
from matching.engine.solution import Prices, Solution
from tests.problems import HOUR, Ask, Help, build_problem, make_solution, make_sparse_travel
from tests.showcase import ES, LIFTING, PAIRS, make_showcase, make_showcase_plan, prove


def constraints(problem: Problem, solution: Solution, **options: Any) -> set[str]:
    return {one.constraint for one in check(problem, solution, **options).violations}


def swap_route(solution: Solution, at: int, **changes: Any) -> Solution:
    routes = list(solution.routes)
    routes[at] = replace(routes[at], **changes)
    return replace(solution, routes=tuple(routes))


def swap_certificate(solution: Solution, **changes: Any) -> Solution:
    return replace(solution, certificate=replace(solution.certificate, **changes))


def test_good_plan_has_no_violation() -> None:
    problem = make_showcase()
    report = check(problem, prove(problem, make_showcase_plan(problem)), bound_sample=None)
    assert report.violations == ()
    assert report.valid
    assert report.bound.searched == report.bound.n_volunteers == 2
    assert report.bound.undecided == ()
    assert report.bound.proven == pytest.approx(report.bound.stated)


def test_values_are_worked_out_from_the_routes() -> None:
    problem = make_showcase()
    values = check(problem, make_showcase_plan(problem)).values
    # steps 2, half of drive 2, visit 1 by ana; by ben, who comes half of the time, drive 2, path 1.
    assert values.visit_value == pytest.approx(20_000 * (2 + 2 + 1 + 0.5 * (2 + 1)) + 300)
    # ana: 300 + 584 + 500 and 500 + 500; ben: 500 + 700 + 200.
    assert values.travel_cost == 1384 + 1000 + 1400
    # ana did one task lately: 100 * (3 * 1 + 3 * 2 / 2); ben none: 100 * (2 * 1 / 2).
    assert values.load_cost == pytest.approx(600 + 100)
    assert values.value == pytest.approx(130_300 - 3784 - 700)
    assert (values.weight_served, values.served) == (8.0, 4)


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        ("skills", {"visit": {"skills": LIFTING}}),
        ("languages", {"path": {"languages": ES}}),
        ("max_tasks", {"ana": {"max_tasks": 2}}),
        ("max_work", {"ben": {"max_work_s": 1339}}),
        ("max_travel", {"ben": {"max_travel_m": 499}}),
        ("max_travel", {"ben": {"max_travel_s": 49}}),
        ("max_route", {"ben": {"max_route_m": 1399}}),
        ("shift", {"ben": {"shifts": ((0, 3089),)}}),
        ("arrival", {"ana": {"shifts": ((1, 7200), (10_000, 14_400))}}),
        ("time_window", {"visit": {"windows": ((0, 14_400 - 3001),)}}),
        ("time_window", {"visit": {"windows": ((10_801, 14_400),)}}),
        ("crew_size", {"drive": {"crew": 3}}),
        ("crew_size", {"path": {"crew": 2, "windows": ((2470, 7200),)}}),
    ],
)
def test_broken_limit_is_named_alone(expected: str, changes: dict[str, dict[str, Any]]) -> None:
    problem = make_showcase(changes)
    assert constraints(problem, make_showcase_plan(problem)) == {expected}


@pytest.mark.parametrize(
    "changes",
    [
        {"ana": {"max_tasks": 3}},
        {"ben": {"max_work_s": 1340}},
        {"ben": {"max_travel_m": 500}},
        {"ben": {"max_travel_s": 50}},
        {"ben": {"max_route_m": 1400}},
        {"ben": {"shifts": ((0, 3090),)}},
        {"visit": {"windows": ((0, 14_400 - 3000),)}},
    ],
)
def test_limit_that_is_just_met_is_no_violation(changes: dict[str, dict[str, Any]]) -> None:
    problem = make_showcase(changes)
    assert constraints(problem, make_showcase_plan(problem)) == set()


def test_banned_pair_is_named() -> None:
    problem = make_showcase(pairs=replace(PAIRS, banned=(("ben", "path"),)))
    assert constraints(problem, make_showcase_plan(problem)) == {"banned"}


def test_missing_lock_is_named() -> None:
    problem = make_showcase(pairs=replace(PAIRS, locked=(("ben", "far"),)))
    assert constraints(problem, make_showcase_plan(problem)) == {"locked"}


def test_crew_that_starts_at_two_moments_is_named() -> None:
    problem = make_showcase()
    routes = [(0, 0, ((0, 30), (1, 1800))), (1, 0, ((1, 2700),))]
    assert constraints(problem, make_showcase_plan(problem, routes)) == {"crew_start"}


def test_crew_that_starts_between_agreed_times_is_named() -> None:
    problem = make_showcase()
    routes = [(0, 0, ((0, 30), (1, 1801))), (1, 0, ((1, 1801),))]
    assert constraints(problem, make_showcase_plan(problem, routes)) == {"crew_start"}


def test_half_a_crew_is_named_and_serves_nobody() -> None:
    problem = make_showcase()
    report = check(problem, make_showcase_plan(problem, [(0, 0, ((0, 30), (1, 1800)))]))
    assert [one.constraint for one in report.violations] == ["crew_size"]
    assert report.values.weight_served == 2.0


def test_request_served_by_two_is_named() -> None:
    problem = make_showcase()
    routes = [(0, 0, ((0, 30), (3, 2400))), (1, 0, ((3, 2470),))]
    assert constraints(problem, make_showcase_plan(problem, routes)) == {"crew_size"}


def test_second_visit_of_one_volunteer_is_named() -> None:
    problem = make_showcase({"steps": {"windows": ((0, 20_000),)}})
    routes = [(0, 0, ((0, 30),)), (0, 1, ((0, 10_030),))]
    assert "one_visit" in constraints(problem, make_showcase_plan(problem, routes))


def test_second_route_in_a_shift_is_named() -> None:
    problem = make_showcase()
    routes = [(0, 0, ((0, 30),)), (1, 0, ((3, 20),)), (0, 0, ((1, 1800),)), (0, 1, ((2, 10_800),))]
    found = constraints(problem, make_showcase_plan(problem, routes))
    assert found == {"one_route_per_shift", "crew_size"}


def test_stops_out_of_order_are_named() -> None:
    problem = make_showcase()
    solution = make_showcase_plan(problem)
    turned = swap_route(solution, 2, requests=(3, 1), start_s=(2470, 1800))
    assert constraints(problem, turned) == {"arrival"}


@pytest.mark.parametrize("change", [{"travel_s": 139}, {"travel_m": 1401}])
def test_wrong_route_total_is_named(change: dict[str, int]) -> None:
    problem = make_showcase()
    assert constraints(problem, swap_route(make_showcase_plan(problem), 2, **change)) == {
        "route_totals"
    }


@pytest.mark.parametrize(
    ("expected", "change"),
    [
        ("known_ids", {"volunteer": 2}),
        ("known_ids", {"volunteer": -1}),
        ("known_ids", {"shift": 1}),
        ("known_ids", {"shift": -1}),
        ("known_ids", {"requests": (1, 5)}),
        ("known_ids", {"requests": (1, -1)}),
        ("route_not_empty", {"requests": (), "start_s": ()}),
        ("stop_times", {"start_s": (1800,)}),
    ],
)
def test_route_that_cannot_be_read_is_named(expected: str, change: dict[str, Any]) -> None:
    problem = make_showcase()
    broken = swap_route(make_showcase_plan(problem), 2, **change)
    # The rest of the plan is still judged: without ben, drive has half a crew.
    assert constraints(problem, broken) == {expected, "crew_size", "stated_value"}


def test_leg_without_a_way_is_named() -> None:
    travel = make_sparse_travel(3, {(0, 1): (10, 100), (1, 2): (10, 100)})
    problem = build_problem(
        [Ask("a"), Ask("b")],
        [Help("v", max_travel_s=1 << 41, max_travel_m=1 << 41)],
        travel=(travel,),
    )
    assert "reachable" in constraints(problem, make_solution(problem, [(0, 0, ((0, 10),))]))


@pytest.mark.parametrize(
    "name", ["value", "visit_value", "travel_cost", "load_cost", "weight_served"]
)
@pytest.mark.parametrize("wrong_by", [1.0, -1.0, math.nan])
def test_wrong_term_is_named(name: str, wrong_by: float) -> None:
    problem = make_showcase()
    solution = make_showcase_plan(problem)
    stated = getattr(solution.certificate, name) + wrong_by
    assert constraints(problem, swap_certificate(solution, **{name: stated})) == {"stated_value"}


def test_plan_for_another_problem_is_named() -> None:
    problem, other = make_showcase(), make_showcase({"far": {"weight": 3.0}})
    assert constraints(other, make_showcase_plan(problem)) == {"problem_digest"}


def test_no_volunteers_and_no_requests_is_a_valid_plan() -> None:
    problem = build_problem()
    report = check(problem, prove(problem, make_solution(problem, [])), bound_sample=None)
    assert report.violations == ()
    assert report.bound.proven == 0.0


def proven() -> tuple[Problem, Solution]:
    problem = make_showcase()
    return problem, prove(problem, make_showcase_plan(problem), price_m=1000.0)


def reprice(solution: Solution, **changes: Any) -> Solution:
    prices = solution.certificate.prices
    assert prices is not None
    return swap_certificate(solution, prices=replace(prices, **changes))


def test_stated_bound_must_be_the_sum_of_the_prices() -> None:
    problem, solution = proven()
    lower = swap_certificate(solution, bound=solution.certificate.bound - 1.0)
    assert constraints(problem, lower) == {"bound_sum"}
    higher = swap_certificate(solution, bound=solution.certificate.bound + 1.0)
    assert constraints(problem, higher) == {"bound_sum"}
    nothing = swap_certificate(solution, bound=math.nan)
    assert "bound_sum" in constraints(problem, nothing)


def test_plan_worth_more_than_its_bound_is_named() -> None:
    problem, solution = proven()
    prices = solution.certificate.prices
    assert prices is not None
    tiny = reprice(solution, volunteer=np.array([1000.0, 1000.0]))
    assert constraints(problem, swap_certificate(tiny, bound=8000.0)) == {
        "bound_value",
        "bound_volunteer",
    }


def test_amount_too_low_is_named_with_the_better_plan() -> None:
    problem, solution = proven()
    prices = solution.certificate.prices
    assert prices is not None
    amounts = prices.volunteer - [0.0, 5.0]
    wrong = swap_certificate(
        reprice(solution, volunteer=amounts), bound=solution.certificate.bound - 5.0
    )
    report = check(problem, wrong, bound_sample=None)
    assert [(one.constraint, one.volunteer) for one in report.violations] == [
        ("bound_volunteer", "ben")
    ]
    assert "'drive'" in report.violations[0].message


def test_amount_too_high_proves_a_bound_all_the_same() -> None:
    problem, solution = proven()
    prices = solution.certificate.prices
    assert prices is not None
    loose = reprice(solution, volunteer=prices.volunteer + 50.0)
    loose = swap_certificate(loose, bound=solution.certificate.bound + 100.0)
    assert constraints(problem, loose, bound_sample=None) == set()


def test_negative_amount_without_locked_work_is_named_even_unsampled() -> None:
    problem, solution = proven()
    negative = reprice(solution, volunteer=np.array([0.0, -10.0]))
    assert "bound_volunteer" in constraints(problem, negative, bound_sample=0)


def test_bound_without_prices_is_named() -> None:
    problem, solution = proven()
    assert constraints(problem, swap_certificate(solution, prices=None)) == {"bound_prices"}


@pytest.mark.parametrize(
    "changes",
    [
        {"request": np.array([1000.0, 0.0, math.nan, 1000.0, 1000.0])},
        {"request": np.array([1000.0, 0.0, math.inf, 1000.0, 1000.0])},
        {"request": np.zeros(4)},
        {"request": np.full(5, 1000.0)},
        {"volunteer": np.zeros(3)},
        {"volunteer": np.array([math.inf, 0.0])},
        {"crew": ()},
        {"crew": ((1, (1000.0,)),)},
        {"crew": ((1, (math.nan,) * 6),)},
        {"crew": ((2, (1000.0,) * 6),)},
    ],
)
def test_unusable_prices_are_named(changes: dict[str, Any]) -> None:
    problem, solution = proven()
    assert constraints(problem, reprice(solution, **changes)) == {"bound_prices"}


def test_locked_work_may_make_an_amount_negative() -> None:
    problem = build_problem(
        [Ask("far", at=(3000.0, 0.0), weight=0.01)],
        [Help("v")],
        pairs=replace(PAIRS, banned=(), preferred=(), locked=(("v", "far"),)),
    )
    solution = prove(problem, make_solution(problem, [(0, 0, ((0, 300),))]))
    assert solution.certificate.bound == 200 - 6000
    assert constraints(problem, solution, bound_sample=None) == set()


def test_search_over_the_limit_is_reported_and_not_called_wrong() -> None:
    asks = [Ask(f"r{j}", at=(100.0 * j, 50.0 * (j % 3)), weight=1 + j % 2) for j in range(9)]
    problem = build_problem(asks, [Help("v", max_tasks=4, max_work_s=3000)])
    solution = prove(problem, make_solution(problem, []))
    whole = check(problem, solution, bound_sample=None)
    assert whole.bound.undecided == ()
    cut = check(problem, solution, bound_sample=None, max_steps=0)
    assert cut.violations == ()
    assert cut.bound.searched == 0
    ((who, upper_m),) = cut.bound.undecided
    assert who == "v"
    assert upper_m > solution.certificate.bound
    assert cut.bound.proven == pytest.approx(upper_m, rel=1e-6)


def test_sample_is_chosen_by_seed() -> None:
    assert choose_sample(5, None, 0) == [0, 1, 2, 3, 4]
    assert choose_sample(5, 9, 0) == [0, 1, 2, 3, 4]
    first = choose_sample(1000, 50, 1)
    assert first == choose_sample(1000, 50, 1)
    assert first != choose_sample(1000, 50, 2)
    assert len(set(first)) == 50


def test_progress_counts_each_searched_volunteer() -> None:
    problem, solution = proven()
    seen: list[int] = []
    check(problem, solution, bound_sample=None, progress=seen.append)
    assert sum(seen) == 2


def test_shift_of_a_route_says_when_it_may_leave() -> None:
    problem = build_problem([Ask("a", at=(100.0, 0.0))], [Help("v", shifts=((HOUR, 2 * HOUR),))])
    assert constraints(problem, make_solution(problem, [(0, 0, ((0, HOUR + 9),))])) == {"arrival"}
    assert constraints(problem, make_solution(problem, [(0, 0, ((0, HOUR + 10),))])) == set()


def test_hundreds_of_visits_of_one_volunteer_are_bounded() -> None:
    asks = [Ask(f"r{j}", service_s=0) for j in range(400)]
    problem = build_problem(asks, [Help("v", max_tasks=400)])
    visits = [(0, 0, [(j, 0) for j in range(400)])]
    solution = make_solution(problem, visits)
    assert check(problem, solution).violations == ()
    amount = 400 * 20_000.0
    prices = Prices(np.zeros(400), (), np.array([amount]))
    proven = swap_certificate(solution, bound=amount, prices=prices)
    report = check(problem, proven, bound_sample=None)
    assert report.violations == ()
    assert report.bound.undecided == ()
    low = swap_certificate(
        solution,
        bound=amount - 1,
        prices=replace(prices, request=np.zeros(400), volunteer=np.array([amount - 1])),
    )
    report = check(problem, low, bound_sample=None, max_steps=20_000)
    assert {one.constraint for one in report.violations} == {"bound_value"}
    (undecided,) = report.bound.undecided
    assert undecided[1] == pytest.approx(amount)
