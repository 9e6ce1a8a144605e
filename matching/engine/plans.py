"""Day plans: one ordered list of visits per volunteer.

A plan is kept as the menu entries of its visits and the shift of each. Plans of a whole problem are
arrays with one row per volunteer, so that compiled code can change them in place.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numba
import numpy as np

from matching.engine.menus import Menus
from matching.engine.nodes import Nodes
from matching.engine.plan_search import earliest_start, marginal_load
from matching.engine.travel import FloatArray, IntArray


@dataclass(frozen=True)
class Plan:
    """One day plan: the visited nodes in order, the shift of each, and its worth (metres)."""

    node: tuple[int, ...]
    shift: tuple[int, ...]
    worth: float


EMPTY_PLAN = Plan((), (), 0.0)


def total_worth(plans: Iterable[Plan]) -> float:
    """Worth of plans together, metres."""
    return math.fsum(plan.worth for plan in plans)


class Plans(NamedTuple):
    """Plans of every menu row, changed in place.

    Parameters
    ----------
    entry, shift
        (V, most) int64: the visits in order; only the first ``length`` count.
    length
        (V,) int64.
    worth
        (V,) float64, metres: value minus travel minus load of each plan.
    taken
        (N,) int64: how many plans visit each node.
    """

    entry: IntArray
    shift: IntArray
    length: IntArray
    worth: FloatArray
    taken: IntArray


def empty_plans(menus: Menus, nodes: Nodes) -> Plans:
    """Plans without visits."""
    most = longest_plan(menus)
    n_rows = len(menus.volunteer)
    return Plans(
        entry=np.zeros((n_rows, most), np.int64),
        shift=np.zeros((n_rows, most), np.int64),
        length=np.zeros(n_rows, np.int64),
        worth=np.zeros(n_rows),
        taken=np.zeros(len(nodes.request), np.int64),
    )


def longest_plan(menus: Menus) -> int:
    """The most visits any plan of these menus can hold, at least 1."""
    sizes = np.diff(menus.ptr)
    return int(max(1, np.minimum(menus.max_tasks, sizes).max(initial=1)))


@numba.njit(cache=True, nogil=True)
def leg(menus, k, last, e):  # type: ignore[no-untyped-def]
    """Seconds and metres from entry ``last`` (or -1, home) to entry ``e``."""
    if last < 0:
        return menus.out_s[e], menus.out_m[e]
    start = menus.ptr[k]
    at = menus.leg_ptr[k] + (last - start) * (menus.ptr[k + 1] - start) + (e - start)
    return np.int64(menus.leg_s[at]), np.int64(menus.leg_m[at])


@numba.njit(cache=True, nogil=True)
def _visit(menus, nodes, k, state, e, shift):  # type: ignore[no-untyped-def]
    """Go from a state to entry ``e`` in ``shift``; (ok, new state).

    A state is (last entry or -1 at home, shift, ready_s, route_m, work_s, value). The way home
    of the old route is taken when the shift changes.
    """
    last, old_shift, ready_s, route_m, work_s, value = state
    dead = (np.int64(-1), np.int64(0), np.int64(0), np.int64(0), np.int64(0), 0.0)
    if shift != old_shift:
        if last >= 0:
            home_s = ready_s + menus.back_s[last]
            long_m = route_m + menus.back_m[last]
            if (
                home_s > menus.shift_end_s[menus.shift_ptr[k] + old_shift]
                or long_m > menus.max_route_m[k]
            ):
                return False, dead
            work_s += menus.back_s[last]
            value -= menus.travel_cost * menus.back_m[last]
        last = np.int64(-1)
        ready_s = menus.shift_start_s[menus.shift_ptr[k] + shift]
        route_m = np.int64(0)
    leg_s, leg_m = leg(menus, k, last, e)
    start_s = earliest_start(nodes, menus.node[e], ready_s + leg_s)
    if start_s < 0:
        return False, dead
    ready_s = start_s + menus.service_s[e]
    work_s += leg_s + menus.service_s[e]
    route_m += leg_m
    value -= menus.travel_cost * leg_m
    back_s, back_m = menus.back_s[e], menus.back_m[e]
    if not menus.metric[k]:
        # A detour over a further stop could be the faster way home.
        back_s, back_m = np.int64(0), np.int64(0)
    if (
        ready_s + back_s > menus.shift_end_s[menus.shift_ptr[k] + shift]
        or work_s + back_s > menus.max_work_s[k]
        or route_m + back_m > menus.max_route_m[k]
    ):
        return False, dead
    return True, (e, shift, ready_s, route_m, work_s, value)


@numba.njit(cache=True, nogil=True)
def _closes(menus, k, state):  # type: ignore[no-untyped-def]
    """Whether the volunteer can go home now, and the value of the plan then."""
    last, shift, ready_s, route_m, work_s, value = state
    ok = (
        ready_s + menus.back_s[last] <= menus.shift_end_s[menus.shift_ptr[k] + shift]
        and work_s + menus.back_s[last] <= menus.max_work_s[k]
        and route_m + menus.back_m[last] <= menus.max_route_m[k]
    )
    return ok, value - menus.travel_cost * menus.back_m[last]


@numba.njit(cache=True, nogil=True)
def plan_worth(menus, nodes, k, entry, shift, length):  # type: ignore[no-untyped-def]
    """(feasible, worth in metres) of a plan of row ``k``."""
    if length == 0:
        return True, 0.0
    if length > menus.max_tasks[k]:
        return False, 0.0
    start_s = menus.shift_start_s[menus.shift_ptr[k]]
    state = (np.int64(-1), np.int64(0), start_s, np.int64(0), np.int64(0), 0.0)
    for i in range(length):
        e = entry[i]
        ok, state = _visit(menus, nodes, k, state, e, shift[i])
        if not ok:
            return False, 0.0
        value = state[5] + menus.value[e] - marginal_load(menus, k, i)
        state = (state[0], state[1], state[2], state[3], state[4], value)
    return _closes(menus, k, state)


@numba.njit(cache=True, nogil=True)
def replace_plan(menus, plans, k, entry, shift, length, worth):  # type: ignore[no-untyped-def]
    for i in range(plans.length[k]):
        plans.taken[menus.node[plans.entry[k, i]]] -= 1
    for i in range(length):
        plans.entry[k, i], plans.shift[k, i] = entry[i], shift[i]
        plans.taken[menus.node[entry[i]]] += 1
    plans.length[k] = length
    plans.worth[k] = worth


def read_plan(menus: Menus, plans: Plans, k: int) -> Plan:
    """The plan of one row as an immutable value."""
    length = plans.length[k]
    return Plan(
        tuple(menus.node[plans.entry[k, :length]].tolist()),
        tuple(plans.shift[k, :length].tolist()),
        float(plans.worth[k]),
    )


def write_plan(menus: Menus, plans: Plans, k: int, plan: Plan) -> None:
    """Replace the plan of one row."""
    mine = menus.node[menus.ptr[k] : menus.ptr[k + 1]]
    entry = np.array([menus.ptr[k] + np.flatnonzero(mine == i)[0] for i in plan.node], np.int64)
    replace_plan(menus, plans, k, entry, np.array(plan.shift, np.int64), len(plan.node), plan.worth)
