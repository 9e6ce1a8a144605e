"""`solve` as a whole: reproducible, valid, and close to its own bound."""

from __future__ import annotations

import math

import pytest

from matching.engine.check import check
from matching.engine.progress import Callbacks
from matching.engine.solve import solve
from tests.grounds import make_city, written
from tests.problems import HOUR, Ask, Help, build_problem


class Listener(Callbacks):
    """Writes down what a run tells."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.values: list[float] = []
        self.served: list[int] = []

    def phase(self, name: str, total: int) -> None:
        self.phases.append(name)

    def incumbent(self, value: float, served: int) -> None:
        self.values.append(value)
        self.served.append(served)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_cities_are_solved_close_to_the_bound(seed: int) -> None:
    problem = make_city("200x80", seed)
    solution = solve(problem)
    report = check(problem, solution, bound_sample=None)
    assert report.violations == ()
    assert report.bound.searched == 80
    assert not solution.certificate.stopped
    assert solution.certificate.gap <= 0.015


def test_terms_add_up_to_the_value() -> None:
    certificate = solve(make_city("60x25", seed=4)).certificate
    terms = certificate.visit_value - certificate.travel_cost - certificate.load_cost
    assert certificate.value == pytest.approx(terms)
    assert 0 < certificate.value <= certificate.bound + 1e-6


def test_same_problem_and_seed_give_the_same_plan() -> None:
    problem = make_city("200x80")
    assert written(solve(problem, seed=5)) == written(solve(problem, seed=5))


def test_the_number_of_workers_does_not_change_the_plan() -> None:
    problem = make_city("200x80")
    alone = written(solve(problem, workers=1))
    assert written(solve(problem, workers=2)) == alone
    assert written(solve(problem, workers=3)) == alone


def test_seed_is_in_the_certificate() -> None:
    assert solve(make_city("60x25"), seed=9).certificate.seed == 9


def test_plans_only_get_better_on_the_way() -> None:
    listener = Listener()
    solution = solve(make_city("200x80"), callbacks=listener)
    assert listener.phases[:3] == ["first plan", "prices and plans", "whole plans"]
    assert "polish" in listener.phases
    rises = zip(listener.values, listener.values[1:], strict=False)
    assert all(after >= before - 1e-6 for before, after in rises)
    assert listener.values[-1] == pytest.approx(solution.certificate.value)
    served = {request for route in solution.routes for request in route.requests}
    assert listener.served[-1] == len(served)


@pytest.mark.parametrize(
    ("asks", "helpers"),
    [
        ([], []),
        ([Ask("a")], []),
        ([], [Help("v")]),
        ([Ask("a", windows=((0, 10),), service_s=60)], [Help("v")]),
        ([Ask("a")], [Help("v", shifts=())]),
        ([Ask("a")], [Help("v", max_tasks=0)]),
        ([Ask(f"r{at}") for at in range(40)], []),
    ],
    ids=[
        "nothing",
        "nobody",
        "no need",
        "no time",
        "no shift",
        "no visits",
        "many without help",
    ],
)
def test_where_nothing_can_be_done_the_plan_is_empty_and_proven(
    asks: list[Ask], helpers: list[Help]
) -> None:
    problem = build_problem(asks, helpers)
    solution = solve(problem)
    report = check(problem, solution, bound_sample=None)
    assert report.violations == ()
    assert solution.routes == ()
    assert solution.certificate.bound == pytest.approx(0.0, abs=1e-6)
    assert solution.certificate.gap == 0.0


def test_a_crew_that_cannot_meet_is_left() -> None:
    asks = [Ask("both", crew=2), *(Ask(f"r{at}", at=(50.0 * at, 0)) for at in range(33))]
    problem = build_problem(asks, [Help("v")])
    solution = solve(problem)
    assert check(problem, solution, bound_sample=None).violations == ()
    assert [0 in route.requests for route in solution.routes] == [False]
    assert len(solution.routes[0].requests) == 6


def test_a_visit_that_costs_more_than_it_counts_is_left_out() -> None:
    helpers = [Help("v")]
    near, far = Ask("near", at=(9_000, 0)), Ask("far", at=(-11_000, 0))
    solution = solve(build_problem([near, far], helpers))
    assert [route.requests for route in solution.routes] == [(0,)]
    assert solution.certificate.value == pytest.approx(2_000)


def test_a_crew_in_a_large_problem_starts_together() -> None:
    asks = [Ask(f"r{at}", at=(100.0 * at, 0)) for at in range(34)]
    asks.append(Ask("heavy", at=(1_000, 200), weight=4.0, crew=3, windows=((0, HOUR),)))
    helpers = [Help(f"v{at}", at=(400.0 * at, 100), max_tasks=3) for at in range(8)]
    problem = build_problem(asks, helpers)
    solution = solve(problem)
    assert check(problem, solution, bound_sample=None).violations == ()
    starts = [
        start_s
        for route in solution.routes
        for request, start_s in zip(route.requests, route.start_s, strict=True)
        if request == 34
    ]
    assert len(starts) == 3
    assert len(set(starts)) == 1
    assert math.isfinite(solution.certificate.bound)
