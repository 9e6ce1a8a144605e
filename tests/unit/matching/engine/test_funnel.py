"""Funnels: each volunteer drops out at the first filter that stops it."""

from __future__ import annotations

import numpy as np
import pytest

from matching.engine.funnel import Funnel, FunnelMaker, Reason, funnel, near_radius_m
from matching.engine.problem import Problem
from matching.engine.travel import StraightTravel
from tests.problems import (
    HOUR,
    Ask,
    Help,
    Pairs,
    build_problem,
    make_solution,
    make_sparse_travel,
)


def drops(told: Funnel) -> dict[str, int]:
    names = ("banned", "too_far", "without_skills", "without_language", "without_time")
    names += ("without_capacity", "able")
    return {name: getattr(told, name) for name in names if getattr(told, name)}


@pytest.mark.parametrize(
    ("ask", "helper", "stopped", "reason"),
    [
        (Ask("a", (900, 0)), Help("v", max_travel_m=899), "too_far", Reason.OUT_OF_REACH),
        (Ask("a", (900, 0)), Help("v", max_travel_s=89), "too_far", Reason.OUT_OF_REACH),
        (Ask("a", skills=2), Help("v", skills=1), "without_skills", Reason.SKILL_MISSING),
        (Ask("a", languages=2), Help("v", languages=1), "without_language", None),
        (Ask("a", windows=((3 * HOUR, 4 * HOUR),)), Help("v"), "without_time", None),
        (Ask("a", service_s=700), Help("v", max_work_s=699), "without_time", None),
        (Ask("a"), Help("v", shifts=()), "without_time", Reason.NO_COMMON_TIME),
        (Ask("a", (900, 0)), Help("v", max_route_m=1799), "without_time", Reason.OUT_OF_REACH),
        (Ask("a"), Help("v", max_tasks=0), "without_capacity", Reason.NO_CAPACITY),
        (Ask("a", windows=((0, 599),)), Help("v"), "without_time", Reason.NO_COMMON_TIME),
    ],
)
def test_one_volunteer_drops_out_at_one_filter(
    ask: Ask, helper: Help, stopped: str, reason: Reason | None
) -> None:
    told = funnel(build_problem([ask], [helper]), 0)
    assert drops(told) == {stopped: 1}
    assert told.reason is not None
    if reason is not None:
        assert told.reason is reason


def test_a_limit_that_is_just_kept_stops_nobody() -> None:
    ask = Ask("a", (900, 0), service_s=700, windows=((90, 790),))
    kept = Help("v", max_travel_m=900, max_travel_s=90, max_route_m=1800, max_work_s=880)
    told = funnel(build_problem([ask], [kept]), 0)
    assert drops(told) == {"able": 1}


def test_the_first_filter_counts_and_the_missing_tools_are_named() -> None:
    asks = [Ask("a", (0, 0), skills=3)]
    helpers = [
        Help("both far and unskilled", (9000, 0), max_travel_m=100),
        Help("no tool at all"),
        Help("one tool", skills=1),
        Help("banned", skills=3),
        Help("able", skills=3),
    ]
    told = funnel(build_problem(asks, helpers, pairs=Pairs(banned=[("banned", "a")])), 0)
    assert drops(told) == {"banned": 1, "too_far": 1, "without_skills": 2, "able": 1}
    assert told.missing_skills == ((1, 2), (0, 1))
    assert (told.volunteers, told.able_but_banned) == (5, 1)


def test_a_ban_is_the_reason_only_when_lifting_it_would_do() -> None:
    far = [Help(f"far {at}", (9000, 0), max_travel_m=10) for at in range(3)]
    banned = Pairs(banned=[("near", "a")])
    told = funnel(build_problem([Ask("a")], [Help("near"), *far], pairs=banned), 0)
    assert told.reason is Reason.BANNED
    useless = funnel(build_problem([Ask("a")], [Help("near", max_tasks=0), *far], pairs=banned), 0)
    assert useless.reason is Reason.OUT_OF_REACH


def test_each_mode_has_its_own_ways() -> None:
    xy_m = np.array([[0.0, 0], [0, 0], [1000, 0]])
    walk, ride = StraightTravel(xy_m, 1.0, 1.0), StraightTravel(xy_m, 1.0, 10.0)
    helpers = [Help("walks", max_travel_s=500), Help("rides", max_travel_s=500, mode=1)]
    told = funnel(build_problem([Ask("a", (1000, 0))], helpers, travel=(walk, ride)), 0)
    assert drops(told) == {"too_far": 1, "able": 1}


def test_a_way_that_leads_only_there_is_no_way() -> None:
    there = make_sparse_travel(2, {(0, 1): (60, 500)})
    both = make_sparse_travel(2, {(0, 1): (60, 500), (1, 0): (60, 500)})
    asks, helpers = [Ask("a", (400, 0))], [Help("v")]
    assert drops(funnel(build_problem(asks, helpers, travel=(there,)), 0)) == {"too_far": 1}
    assert drops(funnel(build_problem(asks, helpers, travel=(both,)), 0)) == {"able": 1}


def test_near_is_as_far_as_half_of_the_volunteers_go() -> None:
    reach = [400, 800, 20_000]
    helpers = [Help(f"v{m}", (m / 2, 0), max_travel_m=m) for m in reach]
    lazy = Help("takes no visits", (0, 0), max_travel_m=1, max_tasks=0)
    problem = build_problem([Ask("a", (0, 0))], [*helpers, lazy], detour=1.25)
    assert near_radius_m(problem) == pytest.approx(800 / 1.25)
    assert funnel(problem, 0).near == 3  # 200 m, 400 m and 0 m away; the third lives 10 km away


def test_near_reads_streets_and_seconds() -> None:
    legs = {}
    for origin in range(3):
        for other in range(3):
            if origin != other:
                legs[origin, other] = (100, 1000)
    asks, helpers = [Ask("a", (500, 0))], [Help("v", max_travel_s=60), Help("w", (1000, 0))]
    problem = build_problem(asks, helpers, travel=(make_sparse_travel(3, legs),))
    # 500 m straight take 100 s: 60 s are 300 m; the other volunteer goes up to 100 km of way.
    assert near_radius_m(problem) == pytest.approx((300 + 25_000) / 2)


def crowded() -> Problem:
    asks = [Ask("done", (100, 0), weight=4), Ask("left", (200, 0))]
    return build_problem(asks, [Help("v", max_tasks=1), Help("idle", max_tasks=1)])


def test_busy_are_those_without_a_free_seat() -> None:
    problem = crowded()
    solution = make_solution(problem, [(0, 0, [(0, 10)])])
    told = funnel(problem, 1, solution)
    assert (told.able, told.busy) == (2, 1)
    assert told.reason is Reason.SEAT_FREE
    both = build_problem([Ask("done"), Ask("left")], [Help("v", shifts=((0, 1000),))])
    told = funnel(both, 1, make_solution(both, [(0, 0, [(0, 0)])]))
    assert (told.able, told.busy, told.reason) == (1, 1, Reason.LOWER_VALUE)


def test_a_way_that_costs_more_than_the_help_is_worth() -> None:
    problem = build_problem([Ask("a", (9000, 0), weight=0.5)], [Help("v")])
    told = funnel(problem, 0, make_solution(problem, []))
    assert told.best_gain_m == pytest.approx(0.5 * 20_000 - 18_000)
    assert told.reason is Reason.NOT_WORTH_IT


def test_a_crew_needs_its_members_at_one_time() -> None:
    early, late = Help("v", shifts=((0, HOUR),)), Help("w", shifts=((HOUR, 2 * HOUR),))
    told = funnel(build_problem([Ask("a", crew=2)], [early, late]), 0)
    assert (told.able, told.able_together, told.reason) == (2, 1, Reason.NO_COMMON_TIME)
    told = funnel(build_problem([Ask("a", crew=2)], [early, early.__class__("w")]), 0)
    assert (told.able, told.able_together, told.reason) == (2, 2, None)


def test_nobody_at_all() -> None:
    problem = build_problem([Ask("a")], [])
    told = FunnelMaker(problem, make_solution(problem, [])).make(0)
    assert (told.volunteers, told.near, told.able, told.reason) == (0, 0, 0, Reason.OUT_OF_REACH)
