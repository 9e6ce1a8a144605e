"""The list made by hand keeps every rule, and is made the way a person makes it."""

from __future__ import annotations

import math

from hypothesis import given, settings

from matching.engine.check import check
from matching.engine.problem import Problem
from matching.rounds.nearest_first import list_nearest_first, plan_nearest_first
from tests.problems import HOUR, Ask, Help, Pairs, build_problem, small_problems


def visits(problem: Problem) -> dict[str, list[str]]:
    """Request -> volunteers, by id."""
    found: dict[str, list[str]] = {}
    for route in list_nearest_first(problem):
        for request in route.requests:
            name = problem.requests.ids[request]
            found.setdefault(name, []).append(problem.volunteers.ids[route.volunteer])
    return found


@given(small_problems(with_locks=False))
@settings(max_examples=150, deadline=None)
def test_every_rule_is_kept_on_made_up_problems(problem: Problem) -> None:
    report = check(problem, plan_nearest_first(problem))
    assert report.violations == ()


def test_the_nearest_volunteer_gets_the_request() -> None:
    problem = build_problem(
        [Ask("a", at=(1000, 0))], [Help("far", at=(5000, 0)), Help("near", at=(1200, 0))]
    )
    assert visits(problem) == {"a": ["near"]}


def test_the_nearest_without_the_tool_is_passed_over() -> None:
    problem = build_problem(
        [Ask("a", skills=1)], [Help("near"), Help("far", at=(900, 0), skills=1)]
    )
    assert visits(problem) == {"a": ["far"]}


def test_a_ban_a_language_and_the_reach_are_respected() -> None:
    problem = build_problem(
        [Ask("a"), Ask("b", languages=2), Ask("c", at=(9000, 0))],
        [Help("one", languages=1, max_travel_m=2000)],
        pairs=Pairs(banned=[("one", "a")]),
    )
    assert visits(problem) == {}


def test_heavier_requests_choose_first_then_those_who_asked_first() -> None:
    problem = build_problem(
        [Ask("first"), Ask("second"), Ask("heavy", weight=2.0)], [Help("one", max_tasks=2)]
    )
    assert sorted(visits(problem)) == ["first", "heavy"]


def test_nothing_is_moved_again_even_where_that_costs_a_home() -> None:
    # "a" takes the only snow blower although "plain" stands a little further: "b" goes without.
    problem = build_problem(
        [Ask("a", at=(0, 0)), Ask("b", at=(10, 0), skills=1)],
        [Help("blower", skills=1, max_tasks=1), Help("plain", at=(50, 0), max_tasks=1)],
    )
    assert visits(problem) == {"a": ["blower"]}


def test_a_crew_meets_at_one_moment_or_not_at_all() -> None:
    ask = Ask("a", crew=2, windows=((0, HOUR),))
    pair = build_problem([ask], [Help("one"), Help("two", shifts=((600, HOUR),))])
    starts = {route.start_s for route in list_nearest_first(pair)}
    assert visits(pair) == {"a": ["one", "two"]}
    assert starts == {(900,)}
    assert visits(build_problem([ask], [Help("one")])) == {}


def test_accepted_work_comes_first() -> None:
    problem = build_problem(
        [Ask("heavy", weight=9.0), Ask("promised")],
        [Help("one", max_tasks=1)],
        pairs=Pairs(locked=[("one", "promised")]),
    )
    assert visits(problem) == {"promised": ["one"]}


def test_a_stop_goes_where_it_adds_the_least_way() -> None:
    problem = build_problem(
        [Ask("near", at=(100, 0)), Ask("end", at=(900, 0)), Ask("middle", at=(500, 0))],
        [Help("one")],
    )
    (route,) = list_nearest_first(problem)
    assert route.travel_m == 1800


def test_the_value_is_that_of_the_checker_and_nothing_is_claimed_about_better_plans() -> None:
    problem = build_problem([Ask("a", at=(100, 0))], [Help("one")])
    certificate = plan_nearest_first(problem).certificate
    assert certificate.value == 20_000 - 200
    assert math.isinf(certificate.bound)
