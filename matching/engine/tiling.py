"""Cutting the volunteers of a problem into compact groups that can be worked on at once."""

from __future__ import annotations

import numpy as np

from matching.engine.menus import Ground
from matching.engine.plans import Plans
from matching.engine.travel import FloatArray, IntArray


def cut_rows(xy_m: FloatArray, size: int, turn: int) -> list[IntArray]:
    """Cut points into compact groups of at most ``size`` by recursive halving.

    Parameters
    ----------
    xy_m
        (V, 2) float64.
    size
        Rows in a group at most.
    turn
        Number of the pass: each pass cuts along other lines, so that the borders move.

    Returns
    -------
    list of (t,) int64
    """
    angle = turn * 0.7
    turned = xy_m @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    first_cut = 0.5 if turn % 2 == 0 else 1 / 3

    def cut(rows: IntArray, share: float) -> list[IntArray]:
        if len(rows) <= size:
            return [rows] if len(rows) else []
        axis = int(np.argmax(np.ptp(turned[rows], axis=0)))
        order = rows[np.argsort(turned[rows, axis], kind="stable")]
        half = max(1, round(len(order) * share))
        return cut(order[:half], 0.5) + cut(order[half:], 0.5)

    return cut(np.arange(len(xy_m), dtype=np.int64), first_cut)


def assign_requests(ground: Ground, plans: Plans, group_of: IntArray, n_groups: int) -> IntArray:
    """The group of each request, -1 where members of one crew belong to several groups.

    A served request belongs to the group that serves it; a free one to the group with most
    entries for it on its menus. So groups that change their plans at once never collide.

    Parameters
    ----------
    group_of
        (V,) int64, the group of each menu row.

    Returns
    -------
    (n,) int64; -2 for a request that nobody can reach.
    """
    problem, _, menus = ground
    n = len(problem.requests)
    owner = np.repeat(group_of, np.diff(menus.ptr))
    keys, counts = np.unique(menus.request * n_groups + owner, return_counts=True)
    order = np.lexsort((-keys, counts))
    group = np.full(n, -2, np.int64)
    group[keys[order] // n_groups] = keys[order] % n_groups
    served: dict[int, set[int]] = {}
    for k in np.flatnonzero(plans.length):
        for e in plans.entry[k, : plans.length[k]]:
            served.setdefault(int(menus.request[e]), set()).add(int(group_of[k]))
    for request, groups in served.items():
        group[request] = groups.pop() if len(groups) == 1 else -1
    return group
