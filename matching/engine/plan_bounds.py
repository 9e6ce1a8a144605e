"""How much a day plan can still earn: bounds that keep the exact search of plans short."""

from __future__ import annotations

import numba
import numpy as np

EPS = 1e-6
"""Metres: value differences below this are noise of the floating point."""

BLOCKED = 1e18
"""Price of a node that must not be visited."""

N_STEPS = 256
"""Steps into which the time of a volunteer is cut for the knapsack bound."""


@numba.njit(cache=True, nogil=True)
def usable_entries(menus, k, price, must):  # type: ignore[no-untyped-def]
    """Menu entries that could be part of a best plan, and their net value.

    With the triangle inequality, an entry that does not even pay for its own price never helps.
    """
    start, end = menus.ptr[k], menus.ptr[k + 1]
    keep = np.empty(end - start, np.int64)
    net = np.empty(end - start)
    n = 0
    for e in range(start, end):
        value = menus.value[e] - price[menus.node[e]]
        if value > -BLOCKED / 2 and (must[e] or not menus.metric[k] or value > 0):
            keep[n], net[n] = e, value
            n += 1
    return keep[:n], net[:n]


@numba.njit(cache=True, nogil=True)
def _cheapest_legs(menus, k, keep, net):  # type: ignore[no-untyped-def]
    """What each entry adds at most (metres), the least time it takes, and the cheapest way home.

    Both take the cheapest leg there from home or from any other kept entry.
    """
    start, size = menus.ptr[k], menus.ptr[k + 1] - menus.ptr[k]
    optimistic = np.empty(len(keep))
    least_s = np.empty(len(keep), np.int64)
    home_s, home_m = menus.back_s[keep[0]], menus.back_m[keep[0]]
    for a in range(len(keep)):
        e = keep[a]
        leg_s, leg_m = menus.out_s[e], menus.out_m[e]
        for b in range(len(keep)):
            if menus.request[keep[b]] != menus.request[e]:
                at = menus.leg_ptr[k] + (keep[b] - start) * size + (e - start)
                leg_m = min(leg_m, np.int64(menus.leg_m[at]))
                leg_s = min(leg_s, np.int64(menus.leg_s[at]))
        optimistic[a] = net[a] - menus.travel_cost * leg_m
        least_s[a] = max(menus.service_s[e] + leg_s, np.int64(1))
        home_s, home_m = min(home_s, menus.back_s[e]), min(home_m, menus.back_m[e])
    return optimistic, least_s, home_s, home_m


@numba.njit(cache=True, nogil=True)
def _knapsack_table(gain, least_s, capacity_s):  # type: ignore[no-untyped-def]
    """Most value of entries, each at most once, that fit into a time: (step_s, table).

    ``table[i]`` is for ``i * step_s`` seconds. Rounding times down keeps it an upper bound: the
    rounded times of a set never add up to more than its rounded total. Dynamic programming as in
    Martello and Toth, *Knapsack Problems*, 1990, section 2.6.
    """
    step_s = max(1, capacity_s // N_STEPS)
    last = max(0, capacity_s // step_s)
    table = np.zeros(last + 1)
    for a in range(len(gain)):
        if gain[a] > 0:
            size = least_s[a] // step_s
            for t in range(last, size - 1, -1):
                table[t] = max(table[t], table[t - size] + gain[a])
    return step_s, table


@numba.njit(cache=True, nogil=True)
def most_in(step_s, table, left_s):  # type: ignore[no-untyped-def]
    """Entry of a `_knapsack_table` for ``left_s`` seconds; -inf when time has run out."""
    if left_s < 0:
        return -np.inf
    return table[min(left_s // step_s, len(table) - 1)]


@numba.njit(cache=True, nogil=True)
def drop_hopeless(menus, k, keep, net, must, floor):  # type: ignore[no-untyped-def]
    """Leave out entries that no plan worth more than ``floor`` can hold, by the knapsack bound.

    Fewer entries make the legs between the rest longer, so it is tried again while it helps.
    """
    shifts = slice(menus.shift_ptr[k], menus.shift_ptr[k + 1])
    available_s = (menus.shift_end_s[shifts] - menus.shift_start_s[shifts]).sum()
    available_s = min(available_s, menus.max_work_s[k])
    load = menus.load_cost_m[k] * menus.load[k]
    while True:
        optimistic, least_s, home_s, home_m = _cheapest_legs(menus, k, keep, net)
        home_cost = menus.travel_cost * home_m
        step_s, table = _knapsack_table(optimistic - load, least_s, available_s - home_s)
        stays = must[keep].copy()
        for a in range(len(keep)):
            rest = most_in(step_s, table, available_s - home_s - least_s[a])
            stays[a] |= optimistic[a] - load + rest - home_cost > floor + EPS
        if stays.sum() > 0.9 * len(keep):
            return keep[stays], net[stays], optimistic[stays], least_s[stays], (step_s, table)
        keep, net = keep[stays], net[stays]
        if len(keep) == 0:
            return keep, net, net, keep, (step_s, table)


@numba.njit(cache=True, nogil=True)
def remaining_table(request, optimistic, most, load_cost_m, load):  # type: ignore[no-untyped-def]
    """Optimistic value of all visits from the d-th on, metres: (most + 1,) float64.

    ``optimistic`` falls; a request counts once, with its best entry.
    """
    best = np.zeros(most)
    n = 0
    for a in range(len(request)):
        if n == most:
            break
        if not (request[:a] == request[a]).any():
            best[n] = optimistic[a]
            n += 1
    table = np.zeros(most + 1)
    for d in range(most):
        for i in range(most - d):
            table[d] += max(0.0, best[i] - load_cost_m * (load + d + i))
    return table
