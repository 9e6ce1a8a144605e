"""Column generation over day plans, for the whole problem at once.

Prices come from the known plans (`duals`), new plans from an exact search of every volunteer at
those prices (`plan_search`); both alternate until no volunteer finds a plan that would improve the
bound. Short menus find most plans cheaply; complete searches find the rest and prove the bound.
(Desaulniers, Desrosiers and Solomon, *Column Generation*, 2005, chapter 1.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matching.engine.duals import earned_at, fit_prices
from matching.engine.executors import Workers
from matching.engine.menus import BoolArray, Ground
from matching.engine.pool import Pool
from matching.engine.pricing import grow_menus, search_rows
from matching.engine.progress import Callbacks
from matching.engine.travel import FloatArray

MAX_ROUNDS = 40
SHORT_GAP = 1e-3
"""Once short menus promise less than this, relative to the bound, a complete search follows."""

COMPLETE_GAP = 1e-4
"""The bound is good enough when complete searches promise less than this, relative."""

MAX_COMPLETE = 5
QUICK_NODES = 20_000
"""Search nodes per volunteer while plans are collected; only the last search has to prove."""


@dataclass(frozen=True, eq=False)
class Generated:
    """What column generation leaves behind.

    Parameters
    ----------
    ground
        With short menus that hold every visit of the pool.
    price
        (N,) float64, metres: the prices of the lowest bound.
    best
        (V,) float64, metres: the most that each row can earn after them.
    bound
        Metres; inf when the run was stopped before the first complete search.
    """

    ground: Ground
    price: FloatArray
    best: FloatArray
    bound: float


def generate_plans(
    ground: Ground,
    pool: Pool,
    value: float,
    workers: Workers,
    callbacks: Callbacks,
) -> Generated:
    """Fill the pool with the plans that matter, and prove a bound.

    Parameters
    ----------
    pool
        With a feasible plan for each row that has locked work; grows in place.
    value
        Metres: worth of the plans that are known to fit together.
    """
    rows = np.arange(len(ground.menus.volunteer), dtype=np.int64)
    must_work = rows_with_locks(ground)
    price = np.zeros(len(ground.nodes.request))
    unproven = Generated(ground, price, np.full(len(rows), np.inf), np.inf)
    n_complete = 0
    callbacks.phase("prices and plans", MAX_COMPLETE + 1)
    workers.executor.start(ground)
    for turn in range(MAX_ROUNDS):
        if turn == workers.stop.max_turns:
            return replace(unproven, ground=ground, price=price)
        known = pool.known()
        price, known_bound, _ = fit_prices(ground, known, must_work, price, value)
        floor = earned_at(known, price, must_work)
        best, found = search_rows(ground, rows, price, floor, workers, complete=False)
        if workers.stop.reached():
            return replace(unproven, ground=ground)
        n_new = sum(pool.add(plans) for plans in found)
        if n_new and _promise(best, floor) > SHORT_GAP * known_bound:
            continue
        best, found = search_rows(
            ground, rows, price, best, workers, complete=True, max_nodes=QUICK_NODES
        )
        n_new = sum(pool.add(plans) for plans in found)
        ground = grow_menus(ground, found)
        workers.executor.start(ground)
        callbacks.advance(1)
        n_complete += 1
        good_enough = _promise(best, floor) <= COMPLETE_GAP * known_bound
        if good_enough or not n_new or n_complete == MAX_COMPLETE or workers.stop.reached():
            break
    proven = _prove(replace(unproven, ground=ground), pool, price, value, workers)
    callbacks.advance(1)
    return proven


def _prove(
    unproven: Generated, pool: Pool, price: FloatArray, value: float, workers: Workers
) -> Generated:
    """The bound at the prices of all known plans, searched to the end."""
    ground = unproven.ground
    rows = np.arange(len(ground.menus.volunteer), dtype=np.int64)
    must_work = rows_with_locks(ground)
    known = pool.known()
    price, _, _ = fit_prices(ground, known, must_work, price, value)
    floor = earned_at(known, price, must_work)
    best, found = search_rows(ground, rows, price, floor, workers, complete=True)
    if not np.isfinite(best).all():
        return unproven
    for plans in found:
        pool.add(plans)
    bound = node_bound(ground, price) + float(best.sum())
    return Generated(grow_menus(ground, found), price, best, bound)


def _promise(best: FloatArray, floor: FloatArray) -> float:
    """What the rows could earn beyond their known plans, metres."""
    return float((best - floor).sum())


def rows_with_locks(ground: Ground) -> BoolArray:
    """(V,) bool: rows with locked work."""
    menus = ground.menus
    owner = np.repeat(np.arange(len(menus.volunteer)), np.diff(menus.ptr))
    return np.bincount(owner[menus.locked], minlength=len(menus.volunteer)) > 0


def node_bound(ground: Ground, price: FloatArray) -> float:
    """What the requests add to the bound at the prices, metres; see `solution.Prices`."""
    problem, nodes, _ = ground
    total = 0.0
    for j, size in enumerate(problem.requests.crew_size):
        mine = price[nodes.first[j] : nodes.last[j]]
        total += int(size) * max(0.0, float(mine.max(initial=0.0)))
    return total
