"""Menus against looking at every pair, and their legs against the travel models."""

from __future__ import annotations

import numpy as np
import pytest

from matching.engine.candidates import find_candidates
from matching.engine.nodes import build_nodes
from matching.engine.problem import Problem
from tests.brute_force import list_day_plans
from tests.grounds import list_menu, make_city, make_ground
from tests.problems import HOUR, Ask, Help, Pairs, build_problem, make_sparse_travel


def mixed_problem(seed: int) -> Problem:
    """A few people and homes; skills, windows, bans and limits at random."""
    random = np.random.default_rng(seed)
    asks = [
        Ask(
            f"r{at}",
            at=tuple(random.integers(0, 4_000, 2).tolist()),
            skills=int(random.choice([0, 0, 1, 3])),
            languages=int(random.choice([0, 0, 1, 2])),
            windows=((int(random.integers(0, HOUR)), 2 * HOUR),),
            service_s=int(random.choice([300, 1_800, 5_000])),
        )
        for at in range(6)
    ]
    helpers = [
        Help(
            f"v{at}",
            at=tuple(random.integers(0, 4_000, 2).tolist()),
            max_tasks=1,
            skills=int(random.choice([0, 1, 3])),
            languages=int(random.choice([1, 2, 3])),
            max_travel_m=int(random.choice([1_500, 3_000, 100_000])),
            max_route_m=int(random.choice([3_000, 100_000])),
            max_work_s=int(random.choice([1_000, 3_000, 90_000])),
        )
        for at in range(4)
    ]
    return build_problem(asks, helpers, pairs=Pairs(banned=[("v0", "r0"), ("v1", "r3")]))


@pytest.mark.parametrize("seed", range(40))
def test_complete_menus_hold_what_brute_force_can_visit(seed: int) -> None:
    problem = mixed_problem(seed)
    _, nodes, menus = make_ground(problem, complete=True)
    expected = [
        {j for plan in list_day_plans(problem, i) for _, j, _ in plan.visits} for i in range(4)
    ]
    assert list_menu(menus.ptr, menus.node, nodes.request) == expected


def test_short_menu_is_the_nearest_part_of_the_complete_one() -> None:
    problem = make_city("200x80")
    nodes = build_nodes(problem)
    whole = make_ground(problem, complete=True).menus
    full = list_menu(whole.ptr, whole.node, nodes.request)
    short = list_menu(*find_candidates(problem, nodes, 3), nodes.request)
    assert any(len(menu) > 3 for menu in full)
    for volunteer, (few, many) in enumerate(zip(short, full, strict=True)):
        _, metres = problem.travel[0].legs(np.array([volunteer]), 80 + np.array(sorted(many), int))
        nearest = sorted(metres.tolist())[:3]
        near = {j for j, m in zip(sorted(many), metres, strict=True) if m < max(nearest, default=0)}
        assert near <= few <= many


def test_locked_work_is_on_the_menu_of_one_alone() -> None:
    pairs = Pairs(locked=[("v", "a")])
    problem = build_problem([Ask("a"), Ask("b")], [Help("v"), Help("w")], pairs=pairs)
    _, nodes, menus = make_ground(problem)
    assert list_menu(menus.ptr, menus.node, nodes.request) == [{0, 1}, {1}]
    assert menus.locked.tolist() == [True, False, False]


def check_legs(problem: Problem) -> None:
    """Every leg on every menu is that of the travel model, unreachable ones beyond any limit."""
    menus, m = make_ground(problem, complete=True).menus, len(problem.volunteers)
    assert len(menus.node), "an empty menu would prove nothing"
    for k, volunteer in enumerate(menus.volunteer):
        model = problem.travel[problem.volunteers.mode[volunteer]]
        place = m + menus.request[menus.ptr[k] : menus.ptr[k + 1]]
        size, mine = len(place), slice(menus.ptr[k], menus.ptr[k + 1])
        legs = slice(menus.leg_ptr[k], menus.leg_ptr[k + 1])
        shown = (menus.out_s[mine], menus.out_m[mine], menus.back_s[mine], menus.back_m[mine])
        expected = (*model.legs(volunteer, place), *model.legs(place, volunteer))
        inner = model.legs(place[:, None], place[None, :])
        shown += (menus.leg_s[legs].reshape(size, size), menus.leg_m[legs].reshape(size, size))
        for actual, known in zip(shown, (*expected, *inner), strict=True):
            assert np.array_equal(actual, np.minimum(known, 1 << 30))


def test_legs_are_those_of_straight_travel() -> None:
    check_legs(make_city("60x25"))


def test_legs_are_those_of_known_pairs() -> None:
    legs = {(0, 1): (50, 70), (1, 0): (60, 80), (0, 2): (10, 11), (2, 1): (5, 6)}
    travel = (make_sparse_travel(3, legs),)
    check_legs(build_problem([Ask("a"), Ask("b")], [Help("v")], travel=travel))
