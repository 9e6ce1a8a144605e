"""The bound: how much any plan could be worth, proven by prices (see `solution.Prices`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.engine.candidates import find_all_candidates
from matching.engine.executors import Executor
from matching.engine.menus import Ground, build_menus
from matching.engine.plan_search import MAX_NODES, price_rows
from matching.engine.plans import Plan, longest_plan
from matching.engine.problem import Problem
from matching.engine.solution import Prices
from matching.engine.stop import Stop
from matching.engine.travel import FloatArray, IntArray

UNBOUNDED_M = -1e17
"""A floor below the worth of every plan."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """A group of menu rows to be searched completely at given prices.

    Parameters
    ----------
    rows
        (R,) int64.
    price
        (N,) float64, metres.
    floor
        (R,) float64, metres: a plan after prices that each row is known to have.
    """

    rows: IntArray
    price: FloatArray
    floor: FloatArray


def sweep_rows(ground: Ground, sweep: Sweep, stop: Stop) -> tuple[FloatArray, list[Plan | None]]:
    """The most that each row can earn after prices over every request that fits, and such a plan."""
    problem, nodes, menus = ground
    volunteers = menus.volunteer[sweep.rows]
    available = np.ones(len(problem.requests), np.bool_)
    ptr, node = find_all_candidates(problem, nodes, volunteers, available)
    full = build_menus(problem, nodes, volunteers, ptr, node)
    memory = (np.zeros(len(node)), np.full(len(volunteers), np.inf), longest_plan(full))
    owner, length, entry, shift, value, best = price_rows(
        full,
        nodes,
        np.arange(len(volunteers)),
        sweep.price,
        full.locked,
        sweep.floor,
        MAX_NODES,
        memory,
    )
    plans: list[Plan | None] = [None] * len(volunteers)
    for i in range(len(owner)):
        visited = full.node[entry[i, : length[i]]]
        worth = float(value[i] + sweep.price[visited].sum())
        plans[owner[i]] = Plan(
            tuple(visited.tolist()), tuple(shift[i, : length[i]].tolist()), worth
        )
    return best, plans


@dataclass(frozen=True, eq=False)
class Bound:
    """A proven upper bound in metres, and the prices that prove it."""

    value: float
    prices: Prices | None


UNPROVEN = Bound(float("inf"), None)


def node_bound(ground: Ground, price: FloatArray) -> float:
    """What the prices of all requests add to the bound, metres."""
    problem, nodes, _ = ground
    total = 0.0
    for j, size in enumerate(problem.requests.crew_size):
        mine = price[nodes.first[j] : nodes.last[j]]
        total += int(size) * max(0.0, float(mine.max(initial=0.0)))
    return total


def write_prices(problem: Problem, ground: Ground, price: FloatArray, best: FloatArray) -> Prices:
    """Prices by request and crew start instead of by node."""
    nodes = ground.nodes
    request = np.zeros(len(problem.requests))
    crew = []
    for j, size in enumerate(problem.requests.crew_size):
        mine = price[nodes.first[j] : nodes.last[j]]
        if size > 1:
            crew.append((j, tuple(mine.tolist())))
        elif len(mine):
            request[j] = mine[0]
    return Prices(request, tuple(crew), best)


def prove_bound(*args):  # type: ignore
    return UNPROVEN
