"""Recruits: priced by the duals, then tried."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import Size, make_instance
from matching.engine.changes import MoreVolunteers, apply_change
from matching.engine.check import check
from matching.engine.recruits import area_prices, list_newcomers, recruits
from matching.engine.solution import Solution
from matching.engine.solve import solve
from matching.engine.stop import Stop
from tests.problems import HOUR, Ask, Help, build_problem

NORTH, SOUTH = 0, 1


def two_sides() -> list[Ask]:
    """Three homes in the south ask for lifting, one in the north for nothing special."""
    far = [Ask(f"s{at}", (100.0 * at, -30_000), area=SOUTH, skills=2) for at in range(3)]
    return [Ask("n", (0, 30_000), area=NORTH), Ask("here", (0, 0), area=NORTH), *far]


def stopped(solution: Solution) -> Solution:
    certificate = replace(solution.certificate, prices=None, bound=float("inf"), stopped=True)
    return replace(solution, certificate=certificate)


def test_the_price_says_who_is_worth_most_and_where() -> None:
    problem = build_problem(two_sides(), [Help("v", max_travel_m=4000)])
    prices = area_prices(problem, solve(problem))
    best = prices[0]
    assert (best.area, best.newcomer.skills) == (SOUTH, 2)
    assert sorted(best.requests) == [2, 3, 4]
    assert best.worth_m == pytest.approx(3 * 20_000 - 400)
    assert best.worth_weight == pytest.approx(best.worth_m / 20_000)
    unskilled = next(price for price in prices if price.area == SOUTH and not price.newcomer.skills)
    assert unskilled.worth_m == 0
    north = next(price for price in prices if price.area == NORTH)
    assert north.worth_m == pytest.approx(20_000)


def test_what_was_promised_is_tried() -> None:
    problem = build_problem(two_sides(), [Help("v", max_travel_m=4000)])
    solution = solve(problem)
    found = recruits(problem, solution)
    assert [(one.price.area, one.served_more) for one in found] == [(SOUTH, 3), (NORTH, 1)]
    for one in found:
        assert one.value_gain_m == pytest.approx(one.price.worth_m)
        wider = apply_change(problem, MoreVolunteers(one.price.newcomer))
        again = solve(wider)
        assert check(wider, again).valid
        gain = again.certificate.weight_served - solution.certificate.weight_served
        assert gain == pytest.approx(one.weight_gain)


def test_a_plainer_newcomer_is_preferred_where_tools_add_nothing() -> None:
    asks = [Ask("plain", weight=4, area=NORTH), Ask("tool", weight=0.01, skills=1, area=NORTH)]
    problem = build_problem(asks, [])
    (best,) = recruits(problem, solve(problem))
    assert best.price.newcomer.skills == 0


def test_only_what_is_asked_for_is_looked_for() -> None:
    asks = [Ask(f"a{at}", skills=at == 0, languages=2 * (at < 3)) for at in range(9)]
    helpers = [Help("v", languages=1, max_tasks=0), Help("w", languages=1, max_tasks=0)]
    problem = build_problem(asks, [*helpers, Help("x", languages=2, max_tasks=0)])
    profiles = {(one.skills, one.languages) for one in list_newcomers(problem, solve(problem))}
    assert profiles == {(0, 1), (0, 3)}  # one in nine wants the tool, a third the language


def test_without_prices_the_newcomer_takes_only_what_is_left() -> None:
    asks = [Ask("served", weight=4, windows=((0, 600),)), Ask("left", windows=((0, 600),))]
    problem = build_problem(asks, [Help("v", shifts=((0, HOUR),))])
    solution = solve(problem)
    (priced, *_) = area_prices(problem, stopped(solution))
    assert not priced.by_duals
    assert priced.requests == (1,)
    assert priced.worth_m == pytest.approx(20_000)
    (found,) = recruits(problem, stopped(solution))
    assert found.value_gain_m == pytest.approx(20_000)


def test_trying_shows_what_prices_promise_too_much() -> None:
    """Of two prices for one visit either may be 0; only a plan says that nobody is missing."""
    problem = build_problem([Ask("a")], [Help("v")])
    found = recruits(problem, solve(problem))
    assert all((one.served_more, one.value_gain_m) == (0, 0) for one in found)


def test_nobody_is_looked_for_without_requests() -> None:
    empty = build_problem([], [Help("v")])
    assert area_prices(empty, solve(empty)) == ()


def test_a_stop_ends_the_trials() -> None:
    problem = build_problem(two_sides(), [])
    stop = Stop()
    stop.cancel()
    assert recruits(problem, solve(problem), stop=stop) == ()


def test_parts_of_a_large_problem_gain_what_the_whole_would_at_least() -> None:
    problem = make_instance(Size(330, 120), 1)
    problem = replace(
        problem,
        requests=replace(problem.requests, area=np.arange(330) % 2),
        area_names=("even", "odd"),
    )
    solution = solve(problem)
    gap_m = solution.certificate.bound - solution.certificate.value
    heard: list[int] = []
    found = recruits(problem, solution, 2, progress=heard.append)
    assert heard == [1, 1]
    assert {one.price.area for one in found} == {0, 1}
    for one in found:
        assert 0 <= one.value_gain_m <= one.price.worth_m + gap_m + 1e-3
        assert one.served_more == len(one.gained) - len(one.displaced)
    assert max(one.weight_gain for one in found) > 0
