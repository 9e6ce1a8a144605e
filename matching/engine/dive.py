"""From prices to whole plans: fix what is nearly decided, price again, and so on.

A diving heuristic with the shares of `duals.fit_prices` in the place of a linear program (Sadykov,
Vanderbeck, Pessoa, Tahiri and Uchoa, *INFORMS Journal on Computing* 31(2), 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from matching.engine.duals import earned_at, fit_prices
from matching.engine.executors import Workers
from matching.engine.generate import rows_with_locks
from matching.engine.master import Master, NoPlansFit
from matching.engine.menus import BoolArray, Ground
from matching.engine.plan_bounds import BLOCKED
from matching.engine.plans import EMPTY_PLAN, Plan
from matching.engine.pool import KnownPlans, Pool, as_found
from matching.engine.pricing import Search, search_group
from matching.engine.stop import Stop
from matching.engine.tiling import cut_rows
from matching.engine.travel import FloatArray, IntArray

GROUP_SIZE = 400
"""Volunteers whose plans are fixed together; linear programs grow faster than that."""

N_OPTIONS = 25
"""Known plans of each volunteer to begin with: those with the most value after prices."""

SHARE = 0.6
FRACTION = 0.25
"""Plans with this share are fixed, for so many of the open volunteers in a round at most."""

N_PRICINGS = 2
NOISE_M = 1e-4
"""Metres: a reduced value below this is no improvement."""

N_COUNTING = 150
HOPE = 0.99
"""The target of the price steps, relative to the bound: a dive loses about 1 %."""


class _Dive:
    """What is decided so far."""

    def __init__(self, ground: Ground, pool: Pool, price: FloatArray) -> None:
        self.ground = ground
        self.pool = pool
        self.price = price
        self.must_work = rows_with_locks(ground)
        self.open_row = np.ones(len(self.must_work), np.bool_)
        self.shut = np.zeros(len(price), np.bool_)
        self.fixed: dict[int, int] = {}
        crew_size = ground.problem.requests.crew_size
        self.is_crew = crew_size[ground.nodes.request] > 1

    def allowed(self) -> BoolArray:
        """(P,) bool: plans of open rows that visit only what is not shut."""
        plans = self.pool.plans()
        clash = np.where(plans.node >= 0, self.shut[plans.node], False).any(axis=1)
        return self.open_row[plans.row] & ~clash

    def fix(self, number: int) -> bool:
        """Decide for a plan, unless something before stands against it."""
        plans = self.pool.plans()
        row = int(plans.row[number])
        node = plans.node[number, : plans.length[number]]
        if not self.open_row[row] or self.shut[node].any():
            return False
        self.fixed[row] = number
        self.open_row[row] = False
        self.shut[node[~self.is_crew[node]]] = True
        return True

    def fit(self) -> tuple[KnownPlans, FloatArray]:
        """Price what is left; the plans and their shares."""
        known = self.pool.known(self.allowed())
        must_work = self.must_work & self.open_row
        start = np.where(self.shut, 0.0, self.price)
        hope = HOPE * float(np.maximum(start, 0).sum() + earned_at(known, start, must_work).sum())
        price, _, share = fit_prices(
            self.ground, known, must_work, start, hope, n_counting=N_COUNTING
        )
        self.price = price
        return known, share


@dataclass(frozen=True, eq=False)
class Group:
    """Rows whose plans are to be fixed together.

    Parameters
    ----------
    rows
        (R,) int64, menu rows.
    must_work
        (R,) bool.
    options
        Known plans, (position of the row, plan).
    price
        (N,) float64, metres: what the nodes are worth in the whole problem.
    cost
        (N,) float64, metres: as ``price`` for nodes that rows outside want as well, else 0.
    shut
        (N,) bool: nodes that must not be used.
    """

    rows: IntArray
    must_work: BoolArray
    options: list[tuple[int, Plan]]
    price: FloatArray
    cost: FloatArray
    shut: BoolArray


def dive_group(
    ground: Ground, group: Group, stop: Stop
) -> tuple[list[Plan], list[tuple[int, Plan]]]:
    """Fix plans by their share in the linear program, search again, and so on.

    Returns the plan of each row, and all plans found on the way, (position of the row, plan). Where
    groups before have taken what a row with locked work needs, no row gets a plan: the caller then
    keeps the plans that it had.
    """
    master = Master(group.must_work, group.cost)
    for position, plan in group.options:
        master.add(position, plan)
    n_options = len(master.plans)
    try:
        fixed = _fix_in_turns(ground, group, master, stop)
    except NoPlansFit:
        fixed = {}
    plans = [fixed.get(position, EMPTY_PLAN) for position in range(len(group.rows))]
    return plans, master.plans[n_options:]


def _fix_in_turns(ground: Ground, group: Group, master: Master, stop: Stop) -> dict[int, Plan]:
    fixed: dict[int, Plan] = {}
    while len(fixed) < len(group.rows) and not stop.reached():
        _, _, share = master.solve()
        owner = np.array([position for position, _ in master.plans], np.int64)
        taken = np.isin(owner, list(fixed))
        order = np.argsort(-np.where(taken, 0.0, share), kind="stable")
        whole = int((share[~taken] > 1 - 1e-6).sum())
        likely = int((share[~taken] >= SHARE).sum())
        n_open = len(group.rows) - len(fixed)
        chosen = order[: max(1, whole, min(likely, whole + int(FRACTION * n_open)))]
        chosen = chosen[share[chosen] > 1e-6]
        if not len(chosen) or taken[chosen].all():
            break
        for number in chosen:
            position, plan = master.plans[number]
            if position not in fixed:
                master.fix(int(number))
                fixed[position] = plan
        if (share[~taken] <= 1e-6).sum() + whole < (~taken).sum():
            _search_open(ground, group, master, fixed)
    return fixed


def _search_open(ground: Ground, group: Group, master: Master, fixed: dict[int, Plan]) -> None:
    """Look for better plans of the rows that are not fixed, given those that are."""
    open_rows = np.array([k for k in range(len(group.rows)) if k not in fixed], np.int64)
    if not len(open_rows):
        return
    shut = group.shut.copy()
    for plan in fixed.values():
        shut[list(plan.node)] = True
    for _ in range(N_PRICINGS):
        dual, row_price, _ = master.solve()
        price = np.where(shut, BLOCKED, np.where(dual > 0, dual, group.price))
        rows = group.rows[open_rows]
        _, found = search_group(
            ground, Search(rows, price, row_price[open_rows], complete=False), Stop()
        )
        position = {int(k): int(at) for k, at in zip(rows, open_rows, strict=True)}
        n_new = 0
        for i in range(len(found.row)):
            length = found.length[i]
            node = tuple(found.node[i, :length].tolist())
            plan = Plan(node, tuple(found.shift[i, :length].tolist()), float(found.worth[i]))
            at = position[int(found.row[i])]
            if plan.worth - price[list(node)].sum() - row_price[at] > NOISE_M:
                n_new += master.add(at, plan)
        if not n_new:
            return


def dive(
    ground: Ground,
    pool: Pool,
    price: FloatArray,
    settled: list[int],
    workers: Workers,
) -> dict[int, Plan]:
    """Plans that fit together, for each row that gets one.

    Crew requests are decided first, by the members that the prices favour. Then groups of rows
    are fixed, several at a time, each leaving to the others what is worth more there.

    Parameters
    ----------
    settled
        Plans that are fixed from the start: those of locked crews.
    """
    state = _Dive(ground, pool, price)
    for number in settled:
        state.fix(number)
    crews = _crews(ground)
    if crews:
        known, share = state.fit()
        for crew in crews:
            _fix_crew(state, crew, known, share)
    fixed = {row: pool.plan(number) for row, number in state.fixed.items()}
    home = ground.problem.xy_m[ground.menus.volunteer]
    groups = cut_rows(home, GROUP_SIZE, 0)
    half = (len(groups) + 1) // 2
    for first, second in zip_longest(groups[:half], groups[half:]):
        batch = [rows[state.open_row[rows]] for rows in (first, second) if rows is not None]
        tasks = [_make_group(state, rows) for rows in batch]
        results = workers.map(dive_group, tasks)
        for rows, (plans, found) in zip(batch, results, strict=True):
            pool.add(as_found([(int(rows[position]), plan) for position, plan in found]))
            for k, plan in zip(rows.tolist(), plans, strict=True):
                state.open_row[k] = False
                if plan.node and not state.shut[list(plan.node)].any():
                    state.shut[list(plan.node)] = True
                    fixed[k] = plan
    return fixed


def _make_group(state: _Dive, rows: IntArray) -> Group:
    """The task of fixing the plans of some rows, given what is decided."""
    plans = state.pool.plans()
    number = np.flatnonzero(state.allowed())
    node = plans.node[number]
    used = node >= 0
    reduced = plans.worth[number] - np.where(used, state.price[node], 0.0).sum(axis=1)
    order = np.lexsort((-reduced, plans.row[number]))
    row = plans.row[number[order]]
    rank = np.arange(len(order)) - np.searchsorted(row, row)
    top = number[order[rank < N_OPTIONS]]
    position = np.full(len(state.open_row), -1, np.int64)
    position[rows] = np.arange(len(rows))
    mine = position[plans.row[top]] >= 0
    wanted = plans.node[top[~mine]]
    shared = np.zeros(len(state.price), np.bool_)
    shared[wanted[wanted >= 0]] = True
    return Group(
        rows=rows,
        must_work=state.must_work[rows],
        options=[(int(position[plans.row[p]]), state.pool.plan(int(p))) for p in top[mine]],
        price=state.price,
        cost=np.where(shared, np.maximum(state.price, 0.0), 0.0),
        shut=state.shut,
    )


def _crews(ground: Ground) -> list[IntArray]:
    """Nodes of each crew request, the most valuable request first."""
    problem, nodes, _ = ground
    crews = np.flatnonzero((problem.requests.crew_size > 1) & (nodes.last > nodes.first))
    crews = crews[np.argsort(-problem.requests.weight[crews], kind="stable")]
    return [np.arange(nodes.first[j], nodes.last[j]) for j in crews]


def _fix_crew(state: _Dive, crew: IntArray, known: KnownPlans, share: FloatArray) -> None:
    """Decide who makes up a crew and when, or that nobody does.

    Each volunteer joins one crew at most here; the packing of small clusters may add a second.
    """
    problem, nodes, _ = state.ground
    size = int(problem.requests.crew_size[nodes.request[crew[0]]])
    node_of = state.pool.plans().node[known.id]
    n_crews = np.where(node_of >= 0, state.is_crew[node_of], False).sum(axis=1)
    usable = state.allowed()[known.id] & (n_crews == 1)
    reduced = _reduced(state, known)
    best_score, best = 0.0, []
    for node in crew:
        at_node = np.flatnonzero(usable & (node_of == node).any(axis=1))
        members = _compatible(state, known, at_node[np.argsort(-reduced[at_node])], node_of, size)
        score = sum(1e-3 + share[p] for p in members)
        if len(members) == size and score > best_score:
            best_score, best = score, members
    for p in best:
        state.fix(int(known.id[p]))
    state.shut[crew] = True


def _compatible(
    state: _Dive, known: KnownPlans, order: IntArray, node_of: IntArray, size: int
) -> list[int]:
    """The first plans of the order that are of different rows and share no single visit."""
    row_of = state.pool.plans().row[known.id]
    members: list[int] = []
    rows: set[int] = set()
    visited: set[int] = set()
    for p in order:
        singles = {i for i in node_of[p].tolist() if i >= 0 and not state.is_crew[i]}
        if int(row_of[p]) not in rows and not singles & visited:
            members.append(int(p))
            rows.add(int(row_of[p]))
            visited |= singles
        if len(members) == size:
            break
    return members


def _reduced(state: _Dive, known: KnownPlans) -> FloatArray:
    """Worth of the known plans after prices, metres."""
    node = state.pool.plans().node[known.id]
    paid: FloatArray = np.where(node >= 0, state.price[node], 0.0).sum(axis=1)
    return known.worth - paid
