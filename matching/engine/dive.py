"""From prices to whole plans: fix what is nearly decided, price again, and so on.

A diving heuristic with the shares of `duals.fit_prices` in the place of a linear program (Sadykov,
Vanderbeck, Pessoa, Tahiri and Uchoa, *INFORMS Journal on Computing* 31(2), 2019).
"""

from __future__ import annotations

import numpy as np

from matching.engine.duals import earned_at, fit_prices
from matching.engine.executors import Executor
from matching.engine.generate import rows_with_locks
from matching.engine.menus import BoolArray, Ground
from matching.engine.plan_search import BLOCKED
from matching.engine.pool import KnownPlans, Pool
from matching.engine.pricing import search_rows
from matching.engine.stop import Stop
from matching.engine.travel import FloatArray, IntArray

SURE = 0.9
"""A plan with this share is fixed at once."""

LIKELY = 0.5
FRACTION = 0.15
"""Of the open volunteers so many are fixed in a round at most, beyond the sure ones."""

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


def dive(
    ground: Ground,
    pool: Pool,
    price: FloatArray,
    settled: list[int],
    executor: Executor,
    stop: Stop,
) -> dict[int, int]:
    """Plans that fit together: the number in the pool of each row that gets one.

    Crew requests are decided first, by the members that the prices favour.

    Parameters
    ----------
    settled
        Plans that are fixed from the start: those of locked crews.
    """
    state = _Dive(ground, pool, price)
    for number in settled:
        state.fix(number)
    known, share = state.fit()
    for crew in _crews(ground):
        _fix_crew(state, crew, known, share)
    while state.open_row.any() and not stop.reached():
        known, share = state.fit()
        chosen = _most_sure(known, share, int(state.open_row.sum()))
        if not sum(state.fix(int(number)) for number in chosen):
            break
        _search_again(state, executor, stop)
    return state.fixed


def _most_sure(known: KnownPlans, share: FloatArray, n_open: int) -> IntArray:
    """Numbers of the plans to fix in this round, the largest share first."""
    order = np.argsort(-share, kind="stable")
    sure = int((share >= SURE).sum())
    likely = int((share >= LIKELY).sum())
    n = max(sure, min(likely, sure + int(FRACTION * n_open)), 1)
    taken = order[:n]
    return known.id[taken[share[taken] > 0]]


def _search_again(state: _Dive, executor: Executor, stop: Stop) -> None:
    """Look for plans of the open rows that suit what is left."""
    rows = np.flatnonzero(state.open_row)
    if not len(rows):
        return
    known = state.pool.known(state.allowed())
    must_work = state.must_work & state.open_row
    price = np.where(state.shut, BLOCKED, state.price)
    floor = earned_at(known, np.where(state.shut, 0.0, state.price), must_work)[rows]
    floor = np.maximum(floor, -BLOCKED / 10)
    _, found = search_rows(state.ground, rows, price, floor, executor, stop, complete=False)
    for plans in found:
        state.pool.add(plans)


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
    return known.worth - np.where(node >= 0, state.price[node], 0.0).sum(axis=1)
