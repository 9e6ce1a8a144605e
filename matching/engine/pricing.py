"""Searching the best plans of groups of volunteers, wherever the executor runs them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.engine.candidates import expand_pairs, find_all_candidates
from matching.engine.executors import Workers
from matching.engine.menus import Ground, Menus, build_menus
from matching.engine.plan_search import MAX_NODES, price_rows
from matching.engine.plans import longest_plan
from matching.engine.pool import Found, no_plans
from matching.engine.stop import Stop
from matching.engine.travel import FloatArray, IntArray

GROUP_SIZE = 64
"""Volunteers per task: small enough to balance the workers."""


@dataclass(frozen=True, eq=False)
class Search:
    """A group of menu rows to be searched at given prices.

    Parameters
    ----------
    rows
        (R,) int64.
    price
        (N,) float64, metres.
    floor
        (R,) float64, metres: only plans worth more after prices are of interest.
    complete
        Search every request that fits, instead of the short menus.
    max_nodes
        Search nodes per volunteer; beyond them a bound takes the place of the search.
    """

    rows: IntArray
    price: FloatArray
    floor: FloatArray
    complete: bool
    max_nodes: int = MAX_NODES


def search_group(ground: Ground, search: Search, stop: Stop) -> tuple[FloatArray, Found]:
    """The most that each row can earn after prices, and the good plans on the way there.

    The most is the floor where nothing better was found.
    """
    if stop.reached():
        return np.full(len(search.rows), np.inf), no_plans(1)
    menus, rows = ground.menus, search.rows
    if search.complete:
        menus = _complete_menus(ground, search.rows)
        rows = np.arange(len(search.rows), dtype=np.int64)
    return _search(ground, menus, rows, search)


def _complete_menus(ground: Ground, rows: IntArray) -> Menus:
    problem, nodes, menus = ground
    volunteers = menus.volunteer[rows]
    available = np.ones(len(problem.requests), np.bool_)
    ptr, node = find_all_candidates(problem, nodes, volunteers, available)
    return build_menus(problem, nodes, volunteers, ptr, node)


def _search(
    ground: Ground, menus: Menus, rows: IntArray, search: Search
) -> tuple[FloatArray, Found]:
    owner, length, entry, shift, value, best = price_rows(
        menus,
        ground.nodes,
        rows,
        search.price,
        menus.locked,
        search.floor,
        search.max_nodes,
        longest_plan(menus),
    )
    used = np.arange(entry.shape[1]) < length[:, None]
    node = menus.node[np.where(used, entry, 0)] if len(menus.node) else entry
    paid = np.where(used, search.price[node], 0.0).sum(axis=1)
    return best, Found(search.rows[owner], length, node, shift, value + paid)


def search_rows(
    ground: Ground,
    rows: IntArray,
    price: FloatArray,
    floor: FloatArray,
    workers: Workers,
    *,
    complete: bool,
    max_nodes: int = MAX_NODES,
) -> tuple[FloatArray, list[Found]]:
    """`search_group` for many rows, in groups.

    Returns the most that each row can earn, (R,) float64 in the order of ``rows``, and the plans.
    """
    cuts = range(0, len(rows), GROUP_SIZE)
    tasks = [
        Search(rows[at : at + GROUP_SIZE], price, floor[at : at + GROUP_SIZE], complete, max_nodes)
        for at in cuts
    ]
    best = np.zeros(len(rows))
    found = []
    for at, (most, plans) in zip(cuts, workers.map(search_group, tasks), strict=True):
        best[at : at + GROUP_SIZE] = most
        found.append(plans)
    return best, found


def grow_menus(ground: Ground, found: list[Found]) -> Ground:
    """Short menus on which every visit of the given plans stands."""
    problem, nodes, menus = ground
    n = len(problem.requests)
    owner = np.repeat(np.arange(len(menus.volunteer)), np.diff(menus.ptr))
    known = np.unique(owner * n + menus.request)
    keys = [known]
    for plans in found:
        used = np.arange(plans.node.shape[1]) < plans.length[:, None]
        row = np.broadcast_to(plans.row[:, None], plans.node.shape)[used]
        keys.append(row * n + nodes.request[plans.node[used]])
    wanted = np.unique(np.concatenate(keys))
    if len(wanted) == len(known):
        return ground
    ptr, node = expand_pairs(wanted, nodes, len(menus.volunteer))
    return ground._replace(menus=build_menus(problem, nodes, menus.volunteer, ptr, node))
