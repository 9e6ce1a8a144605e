"""Single changes: the problem afterwards is the old one but for that change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matching.engine.changes import (
    Lock,
    LongerReach,
    MoreTime,
    MoreVolunteers,
    Newcomer,
    add_volunteers,
    apply_change,
    merge_windows,
)
from matching.engine.check import check
from matching.engine.newcomers import typical_newcomer
from matching.engine.problem import InvalidProblem, Problem
from matching.engine.solve import solve
from matching.engine.travel import UNREACHABLE
from tests.problems import DAY, HOUR, Ask, Help, Pairs, build_problem, make_sparse_travel

SOMEBODY = Newcomer(
    near_request=1,
    area=0,
    start_s=0,
    end_s=HOUR,
    mode=0,
    skills=2,
    languages=1,
    accept_p=0.5,
    max_tasks=2,
    max_work_s=3000,
    max_travel_s=900,
    max_travel_m=800,
    max_route_m=2000,
)


def town() -> Problem:
    asks = [Ask("a", (100, 0)), Ask("b", (500, 0), windows=((0, 900), (1800, 3600)))]
    pairs = Pairs(banned=[("v", "a")], preferred=[("w", "b", 700.0)], locked=[("w", "a")])
    return build_problem(asks, [Help("v", (0, 10)), Help("w", (0, 20))], pairs=pairs)


def test_longer_reach_raises_the_limits_of_one_volunteer() -> None:
    before = town()
    after = apply_change(before, LongerReach(1, 30, 200, 400))
    for name, extra in (("max_travel_s", 30), ("max_travel_m", 200), ("max_route_m", 400)):
        moved = getattr(after.volunteers, name) - getattr(before.volunteers, name)
        assert moved.tolist() == [0, extra]
    assert replace(after, volunteers=before.volunteers).digest() == before.digest()


def test_more_time_joins_what_it_touches() -> None:
    before = town()
    longer = apply_change(before, MoreTime(1, 0, 1200, 300))
    assert longer.requests.windows(1) == [(0, 1200), (1800, 3600)]
    assert longer.requests.windows(0) == before.requests.windows(0)
    joined = apply_change(before, MoreTime(1, 900, 1800, 900))
    assert joined.requests.windows(1) == [(0, 3600)]
    other = apply_change(before, MoreTime(1, 7200, 7800, 4200))
    assert other.requests.windows(1) == [(0, 900), (1800, 3600), (7200, 7800)]


def test_a_crew_may_start_when_its_new_time_opens() -> None:
    problem = build_problem([Ask("a", crew=2, windows=((0, 900),))], [])
    after = apply_change(problem, MoreTime(0, 400, 1000, 100))
    assert after.requests.windows(0) == [(0, 900), (400, 1000)]


def test_windows_merge_whatever_their_order() -> None:
    assert merge_windows([(5, 9), (0, 2), (1, 5), (20, 30)]) == [(0, 9), (20, 30)]


def test_a_lock_names_the_whole_crew() -> None:
    after = apply_change(town(), Lock(1, (0,)))
    assert after.locked.tolist() == [[0, 1], [1, 0]]
    with pytest.raises(InvalidProblem, match="locked"):
        apply_change(town(), Lock(1, (0, 1)))


def test_newcomers_stand_behind_and_all_else_stays() -> None:
    before = town()
    after = apply_change(before, MoreVolunteers(SOMEBODY, 2))
    assert after.volunteers.ids == ("v", "w", "new-1", "new-2")
    assert after.volunteers.shifts(3) == [(0, HOUR)]
    assert after.volunteers.shifts(1) == before.volunteers.shifts(1)
    for name in ("skills", "max_tasks", "max_travel_m", "accept_p", "area"):
        assert getattr(after.volunteers, name)[3] == getattr(SOMEBODY, name)
    for name in ("banned", "preferred", "locked"):
        assert getattr(after, name).tolist() == getattr(before, name).tolist()
    assert after.xy_m[2:].tolist() == [[500, 0], [500, 0], [100, 0], [500, 0]]
    places = np.array([0, 1, 4, 5])
    assert np.array_equal(
        after.travel[0].legs(places[:, None], places[None, :]),
        before.travel[0].legs(*np.ix_(range(4), range(4))),
    )


def test_a_newcomer_takes_over_the_known_ways_of_the_house_next_door() -> None:
    legs = {(0, 1): (10, 100), (1, 0): (20, 110), (1, 2): (30, 300), (2, 1): (40, 310)}
    asks = [Ask("a", (1, 0)), Ask("b", (2, 0))]
    before = build_problem(asks, [Help("v")], travel=(make_sparse_travel(3, legs),))
    after = add_volunteers(before, [replace(SOMEBODY, near_request=0)])
    travel = after.travel[0]
    origin, destination = np.array([1, 3, 1, 2, 1, 0]), np.array([3, 1, 2, 1, 1, 2])
    seconds, metres = travel.legs(origin, destination)
    assert seconds.tolist() == [30, 40, 0, 0, 0, 10]
    assert metres.tolist() == [300, 310, 0, 0, 0, 100]
    assert travel.legs(np.array([0]), np.array([3]))[0][0] == UNREACHABLE


def test_a_newcomer_serves_by_streets() -> None:
    legs = {(0, 1): (30, 300), (1, 0): (40, 310)}
    before = build_problem(
        [Ask("a"), Ask("b", (300, 0))], [], travel=(make_sparse_travel(2, legs),)
    )
    after = add_volunteers(before, [replace(SOMEBODY, near_request=1, skills=0)])
    solution = solve(after)
    assert check(after, solution).valid
    assert sorted(solution.routes[0].requests) == [0, 1]
    assert (solution.routes[0].travel_s, solution.routes[0].travel_m) == (70, 610)


def test_a_newcomer_needs_a_way_of_travelling() -> None:
    with pytest.raises(InvalidProblem, match="has no travel model"):
        add_volunteers(town(), [replace(SOMEBODY, mode=3)])


def test_names_of_newcomers_are_free() -> None:
    problem = build_problem([Ask("a"), Ask("b")], [Help("new-1")])
    assert add_volunteers(problem, [SOMEBODY] * 2).volunteers.ids == ("new-1", "new-2", "new-3")


def test_the_typical_newcomer_is_like_most() -> None:
    helpers = [
        Help("v", max_tasks=2, max_travel_m=500, accept_p=0.2),
        Help("w", max_tasks=4, max_travel_m=900, accept_p=0.4),
        Help("x", max_tasks=0, max_travel_m=1, accept_p=1.0),
    ]
    asks = [Ask("a", windows=((600, 4000),), area=1), Ask("b", windows=((100, 900),))]
    newcomer = typical_newcomer(build_problem(asks, helpers), 0, skills=2, languages=1)
    assert (newcomer.start_s, newcomer.end_s, newcomer.area) == (100, 4000, 1)
    assert (newcomer.max_tasks, newcomer.max_travel_m, newcomer.accept_p) == (2, 500, 0.2)
    alone = typical_newcomer(build_problem(asks, []), 0)
    assert alone.max_tasks > 0
    assert alone.max_work_s < DAY
