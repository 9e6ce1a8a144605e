"""A first plan in milliseconds: greedy insertion, ejections, best responses."""

from __future__ import annotations

import numpy as np

from matching.engine.menus import BoolArray, Menus
from matching.engine.nodes import Nodes
from matching.engine.plan_search import MAX_NODES, N_BEST, search_plan
from matching.engine.plans import (
    Plans,
    _replace,
    best_response,
    eject_for,
    empty_plans,
    insert_requests,
    node_index,
    open_requests,
)
from matching.engine.problem import InvalidProblem, Problem
from matching.engine.travel import IntArray

N_ROUNDS = 4
"""Ejection and best-response rounds at most; the gain of a fifth is below 0.1 %."""


def urgency_order(problem: Problem, menus: Menus) -> IntArray:
    """Requests by falling weight; among equals the one with fewer volunteers first."""
    n = len(problem.requests)
    n_entries = np.bincount(menus.request, minlength=n)
    return np.lexsort((np.arange(n), n_entries, -problem.requests.weight)).astype(np.int64)


def seed_plans(problem: Problem, menus: Menus, nodes: Nodes) -> Plans:
    """Greedy plans that contain all locked work.

    Raises
    ------
    InvalidProblem
        When a volunteer cannot do all the work that is locked to them, naming both.
    """
    plans = empty_plans(menus, nodes)
    place_locked(problem, menus, nodes, plans)
    index = node_index(menus, len(nodes.request))
    crew_size = problem.requests.crew_size
    order = urgency_order(problem, menus)
    open_request = open_requests(nodes, plans)
    insert_requests(menus, nodes, plans, index, order, crew_size, open_request)
    rows = np.arange(len(menus.volunteer))
    blocked = np.zeros(len(nodes.request), np.bool_)
    for _ in range(N_ROUNDS):
        before = plans.worth.sum()
        for r in order[open_requests(nodes, plans)[order]]:
            if crew_size[r] == 1 and nodes.last[r] > nodes.first[r]:
                eject_for(menus, nodes, plans, index, r, crew_size, menus.locked)
        best_response(menus, nodes, plans, rows, blocked, menus.locked, crew_size)
        if plans.worth.sum() < before * 1.001:
            break
    return plans


def place_locked(problem: Problem, menus: Menus, nodes: Nodes, plans: Plans) -> None:
    """Give each volunteer with locked work the best plan of just that work.

    A locked crew starts where all its locked members can be at once; the first such moment is
    taken.

    Raises
    ------
    InvalidProblem
        When that is impossible, naming request and volunteer.
    """
    if not len(problem.locked):
        return
    price = np.where(_locked_nodes(menus, nodes, problem), 0.0, 1e18)
    for k in np.unique(_rows_with_locks(menus)):
        entries = np.arange(menus.ptr[k], menus.ptr[k + 1])
        wanted = set(problem.locked[problem.locked[:, 0] == menus.volunteer[k], 1].tolist())
        missing = wanted - set(menus.request[entries[menus.locked[entries]]].tolist())
        if missing:
            _refuse(problem, int(menus.volunteer[k]), min(missing))
        found = (
            np.zeros((N_BEST, plans.entry.shape[1]), np.int64),
            np.zeros((N_BEST, plans.entry.shape[1]), np.int64),
            np.zeros(N_BEST, np.int64),
            np.zeros(N_BEST),
        )
        n_found, worth, _ = search_plan(
            menus, nodes, k, price, menus.locked, -1e17, MAX_NODES, found
        )
        if n_found == 0:
            _refuse(problem, int(menus.volunteer[k]), min(wanted))
        row = (n_found - 1) % N_BEST
        _replace(menus, plans, k, found[0][row], found[1][row], found[2][row], worth)


def _rows_with_locks(menus: Menus) -> IntArray:
    owner = np.repeat(np.arange(len(menus.volunteer)), np.diff(menus.ptr))
    return owner[menus.locked].astype(np.int64)


def _locked_nodes(menus: Menus, nodes: Nodes, problem: Problem) -> BoolArray:
    chosen = np.zeros(len(nodes.request), np.bool_)
    chosen[menus.node[menus.locked]] = True
    return chosen


def _refuse(problem: Problem, volunteer: int, request: int) -> None:
    who = problem.volunteers.ids[volunteer]
    raise InvalidProblem(
        "locked",
        f"volunteer {who!r} cannot do all the work that is locked to them; "
        "unlock one of these requests or widen the volunteer's limits",
        id=problem.requests.ids[request],
    )
