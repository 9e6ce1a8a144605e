"""Groups: everybody in one of them, compact, and other borders at each turn."""

from __future__ import annotations

import numpy as np
import pytest

from matching.engine.plans import Plan, empty_plans, write_plan
from matching.engine.tiling import assign_requests, cut_rows
from tests.grounds import make_ground
from tests.problems import Ask, Help, build_problem


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("count", [0, 1, 7, 40, 333])
def test_everybody_is_in_one_group_of_the_right_size(count: int, turn: int) -> None:
    xy_m = np.random.default_rng(count).uniform(0, 5_000, (count, 2))
    groups = cut_rows(xy_m, 40, turn)
    assert sorted(row for group in groups for row in group.tolist()) == list(range(count))
    assert all(0 < len(group) <= 40 for group in groups)
    if count == 40:
        assert len(groups) == 1


def test_people_at_one_place_are_cut_as_well() -> None:
    groups = cut_rows(np.zeros((100, 2)), 30, 0)
    assert max(map(len, groups)) <= 30
    assert sum(map(len, groups)) == 100


def test_groups_lie_apart() -> None:
    west, east = np.zeros((10, 2)), np.full((10, 2), 9_000.0)
    groups = cut_rows(np.vstack([west, east]), 10, 0)
    assert sorted(sorted(group.tolist()) for group in groups) == [
        list(range(10)),
        list(range(10, 20)),
    ]


def test_borders_move_between_turns() -> None:
    xy_m = np.random.default_rng(0).uniform(0, 5_000, (200, 2))
    first, second = ({frozenset(g.tolist()) for g in cut_rows(xy_m, 40, turn)} for turn in (0, 1))
    assert first != second


def test_requests_belong_to_who_serves_them_or_to_nobody_alone() -> None:
    asks = [Ask("served"), Ask("crew", crew=2, windows=((0, 600),)), Ask("far", at=(90_000, 0))]
    helpers = [Help(f"v{at}", max_travel_m=50_000) for at in range(3)]
    ground = make_ground(build_problem(asks, helpers))
    plans = empty_plans(ground.menus, ground.nodes)
    write_plan(ground.menus, plans, 0, Plan((0, 1), (0, 0), 1.0))
    write_plan(ground.menus, plans, 2, Plan((1,), (0,), 1.0))
    group_of = np.array([0, 1, 1])
    assert assign_requests(ground, plans, group_of, 2).tolist() == [0, -1, -2]
