"""A first plan in milliseconds: greedy insertion, ejections, best responses."""

from __future__ import annotations

import numpy as np

from matching.engine.candidates import expand_pairs
from matching.engine.exact import solve_exactly
from matching.engine.local_search import (
    best_response,
    eject_for,
    insert_requests,
    node_index,
    open_requests,
)
from matching.engine.menus import Ground, Menus, build_menus
from matching.engine.nodes import Nodes
from matching.engine.plans import Plans, empty_plans, write_plan
from matching.engine.problem import Problem
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

    Crews of which some members are locked are completed with others who can come.

    Raises
    ------
    InvalidProblem
        When that is impossible, naming request and volunteer.
    """
    if not len(problem.locked):
        return
    n = len(problem.requests)
    locked = problem.locked[:, 0] * n + problem.locked[:, 1]
    members = np.bincount(problem.locked[:, 1], minlength=n)
    incomplete = (members > 0) & (members < problem.requests.crew_size)
    owner = np.repeat(menus.volunteer, np.diff(menus.ptr))
    helpers = (owner * n + menus.request)[incomplete[menus.request]]
    ptr, node = expand_pairs(np.union1d(locked, helpers), nodes, len(menus.volunteer))
    only_locked = build_menus(problem, nodes, menus.volunteer, ptr, node)
    chosen = solve_exactly(Ground(problem, nodes, only_locked))
    for k, plan in chosen.items():
        write_plan(menus, plans, k, plan)
