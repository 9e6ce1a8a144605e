"""Recombining known plans, a few dozen neighbouring volunteers at a time.

A restricted set packing: small enough to be solved exactly, large enough to undo what a dive fixed
too early (Sadykov et al., *INFORMS Journal on Computing* 31(2), 2019, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.engine.generate import rows_with_locks
from matching.engine.menus import Ground
from matching.engine.packing import Crew, Packing, pack
from matching.engine.plans import EMPTY_PLAN, Plan, Plans, read_plan, total_worth
from matching.engine.pool import Pool
from matching.engine.stop import Stop
from matching.engine.tiling import assign_requests
from matching.engine.travel import FloatArray, IntArray

MAX_BRANCHES = 10
MAX_OPTIONS = 60
"""Plans of one volunteer in a cluster: those with the most value after prices."""


@dataclass(frozen=True, eq=False)
class Cluster:
    """Rows that are packed together, their plans now, and the packing."""

    rows: IntArray
    plans: tuple[Plan, ...]
    packing: Packing


def pack_cluster(ground: Ground, cluster: Cluster, stop: Stop) -> tuple[Plan, ...]:
    """Plans of the cluster's rows, together never worth less than now."""
    chosen = None if stop.reached() else pack(cluster.packing)
    if chosen is None:
        return cluster.plans
    plans = dict.fromkeys(cluster.rows.tolist(), EMPTY_PLAN)
    for at in chosen:
        row, plan = cluster.packing.options[at]
        plans[row] = plan
    better = tuple(plans.values())
    return better if total_worth(better) > total_worth(cluster.plans) else cluster.plans


def make_clusters(
    ground: Ground, pool: Pool, plans: Plans, price: FloatArray, groups: list[IntArray]
) -> list[Cluster]:
    """One cluster for each group of rows.

    A cluster may use the requests that its rows serve, and free ones that are most its own.
    """
    _, nodes, menus = ground
    group_of = np.zeros(len(menus.volunteer), np.int64)
    for number, rows in enumerate(groups):
        group_of[rows] = number
    home = assign_requests(ground, plans, group_of, len(groups))[nodes.request]
    known = pool.plans()
    used = known.node >= 0
    mine = group_of[known.row]
    fits = (~used | (home[known.node] == mine[:, None]) | (home[known.node] == -1)).all(axis=1)
    reduced = known.worth - np.where(used, price[known.node], 0.0).sum(axis=1)
    order = np.flatnonzero(fits)
    order = order[np.lexsort((-reduced[order], known.row[order]))]
    row_ptr = np.searchsorted(known.row[order], np.arange(len(menus.volunteer) + 1))
    locked = rows_with_locks(ground)
    clusters = []
    for number, rows in enumerate(groups):
        now = tuple(read_plan(menus, plans, int(k)) for k in rows)
        frozen = {i for plan in now for i in plan.node if home[i] == -1}
        options = [(int(k), plan) for k, plan in zip(rows, now, strict=True) if plan.node]
        n_now = len(options)
        for k, plan in zip(rows, now, strict=True):
            stay = {i for i in plan.node if i in frozen}
            for p in order[row_ptr[k] : row_ptr[k + 1]][:MAX_OPTIONS]:
                other = pool.plan(int(p))
                if other.node != plan.node and {i for i in other.node if home[i] == -1} == stay:
                    options.append((int(k), other))
        packing = Packing(
            options=options,
            must_work=frozenset(
                int(k)
                for k, plan in zip(rows, now, strict=True)
                if locked[k] or any(i in frozen for i in plan.node)
            ),
            crews=_crews(ground, home, number),
            free_nodes=frozenset(frozen),
            start=tuple(range(n_now)),
            max_branches=MAX_BRANCHES,
        )
        clusters.append(Cluster(rows, now, packing))
    return clusters


def _crews(ground: Ground, home: IntArray, number: int) -> tuple[Crew, ...]:
    """The crew requests that belong to one cluster alone."""
    problem, nodes, _ = ground
    locked = set(problem.locked[:, 1].tolist())
    return tuple(
        Crew(
            nodes=tuple(range(nodes.first[j], nodes.last[j])),
            size=int(problem.requests.crew_size[j]),
            locked=int(j) in locked,
        )
        for j in np.flatnonzero(problem.requests.crew_size > 1)
        if nodes.first[j] < nodes.last[j] and home[nodes.first[j]] == number
    )
