"""Small problems: every plan of every volunteer, and the best combination of them, exactly."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np

from matching.engine.menus import Ground
from matching.engine.packing import Crew, Packing, pack
from matching.engine.plan_bounds import BLOCKED
from matching.engine.plan_search import MAX_NODES, N_BEST, search_plan
from matching.engine.plans import Plan, longest_plan
from matching.engine.problem import InvalidProblem
from matching.engine.travel import IntArray

MAX_SETS = 3_000
"""Sets of visits to look at; a problem with more is not small."""


def count_sets(ground: Ground) -> int:
    """How many sets of visits the volunteers could choose between, counted up to `MAX_SETS`."""
    total = 0
    for k in range(len(ground.menus.volunteer)):
        ways = np.zeros(int(ground.menus.max_tasks[k]) + 1)
        ways[0] = 1
        for n_starts in np.unique(_request_of(ground, k), return_counts=True)[1]:
            ways[1:] += ways[:-1] * n_starts
        total += int(min(ways.sum(), MAX_SETS + 1))
        if total > MAX_SETS:
            return total
    return total


def solve_exactly(ground: Ground) -> dict[int, Plan]:
    """The best plans of all rows; the menus have to be complete.

    Raises
    ------
    InvalidProblem
        When the locked work cannot all be done.
    """
    problem, nodes, menus = ground
    options = [(k, plan) for k in range(len(menus.volunteer)) for plan in _all_plans(ground, k)]
    locked_requests = set(problem.locked[:, 1].tolist())
    crews = tuple(
        Crew(tuple(range(nodes.first[j], nodes.last[j])), int(size), j in locked_requests)
        for j, size in enumerate(problem.requests.crew_size)
        if size > 1
    )
    must_work = frozenset(np.searchsorted(menus.volunteer, problem.locked[:, 0]).tolist())
    for k in sorted(must_work - {row for row, _ in options}):
        _refuse_volunteer(ground, k)
    chosen = pack(Packing(options, must_work, crews))
    if chosen is None:
        request = int(problem.locked[0, 1])
        raise InvalidProblem(
            "locked",
            "the locked work cannot all be done: a crew lacks members or two visits exclude "
            "each other; unlock one of them",
            id=problem.requests.ids[request],
        )
    return {options[at][0]: options[at][1] for at in chosen}


def _refuse_volunteer(ground: Ground, k: int) -> None:
    problem = ground.problem
    volunteer = int(ground.menus.volunteer[k])
    request = int(problem.locked[problem.locked[:, 0] == volunteer, 1].min())
    raise InvalidProblem(
        "locked",
        f"volunteer {problem.volunteers.ids[volunteer]!r} cannot do all the work that is locked "
        "to them; unlock a request or widen the volunteer's limits",
        id=problem.requests.ids[request],
    )


def _request_of(ground: Ground, k: int) -> IntArray:
    menus = ground.menus
    return menus.request[menus.ptr[k] : menus.ptr[k + 1]]


def _all_plans(ground: Ground, k: int) -> list[Plan]:
    """The best plan of row ``k`` for each set of visits that it can make."""
    menus = ground.menus
    starts: dict[int, list[int]] = {}
    locked: set[int] = set()
    for e in range(menus.ptr[k], menus.ptr[k + 1]):
        request = int(menus.request[e])
        starts.setdefault(request, []).append(e)
        if menus.locked[e]:
            locked.add(request)
    others = sorted(starts.keys() - locked)
    room = int(menus.max_tasks[k]) - len(locked)
    plans = []
    for size in range(min(room, len(others)) + 1):
        for more in combinations(others, size):
            for chosen in product(*(starts[j] for j in (*sorted(locked), *more))):
                plan = _best_order(ground, k, chosen) if chosen else None
                if plan is not None:
                    plans.append(plan)
    return plans


def _best_order(ground: Ground, k: int, chosen: tuple[int, ...]) -> Plan | None:
    """The best plan that visits just the chosen entries; None when there is none."""
    menus, nodes = ground.menus, ground.nodes
    most = longest_plan(menus)
    price = np.full(len(nodes.request), BLOCKED)
    price[menus.node[list(chosen)]] = 0.0
    must = np.zeros(len(menus.node), np.bool_)
    must[list(chosen)] = True
    found = (
        np.zeros((N_BEST, most), np.int64),
        np.zeros((N_BEST, most), np.int64),
        np.zeros(N_BEST, np.int64),
        np.zeros(N_BEST),
    )
    n_found, worth, _ = search_plan(menus, nodes, k, price, must, -BLOCKED / 100, MAX_NODES, found)
    if not n_found:
        return None
    row = (n_found - 1) % N_BEST
    length = found[2][row]
    return Plan(
        tuple(menus.node[found[0][row, :length]].tolist()),
        tuple(found[1][row, :length].tolist()),
        float(worth),
    )
