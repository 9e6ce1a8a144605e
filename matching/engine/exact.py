"""Small problems: every plan of every volunteer, and the best combination of them, exactly."""

from __future__ import annotations

from itertools import combinations

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
    menus, nodes = ground.menus, ground.nodes
    entries = np.arange(menus.ptr[k], menus.ptr[k + 1])
    locked = set(menus.request[entries[menus.locked[entries]]].tolist())
    most = longest_plan(menus)
    plans = []
    for size in range(1, min(int(menus.max_tasks[k]), len(entries)) + 1):
        for chosen in combinations(entries.tolist(), size):
            requests = set(menus.request[list(chosen)].tolist())
            if len(requests) < size or not locked <= requests:
                continue
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
            n_found, worth, _ = search_plan(
                menus, nodes, k, price, must, -BLOCKED / 100, MAX_NODES, found
            )
            if n_found:
                row = (n_found - 1) % N_BEST
                length = found[2][row]
                plans.append(
                    Plan(
                        tuple(menus.node[found[0][row, :length]].tolist()),
                        tuple(found[1][row, :length].tolist()),
                        float(worth),
                    )
                )
    return plans
