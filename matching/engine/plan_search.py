"""The best day plan of one volunteer at given prices: an exact depth-first search.

A plan is an ordered list of visits spread over the volunteer's shifts. Volunteers make one to six
visits, so the tree is small and an optimistic bound keeps it smaller. This is the pricing problem
of the column generation: an elementary shortest path with resources (Feillet, Dejax, Gendreau and
Gueguen, *Networks* 44(3), 2004), solved by enumeration because the paths are short.
"""

from __future__ import annotations

import numba
import numpy as np

from matching.engine.menus import FAR

EPS = 1e-6
"""Metres: value differences below this are noise of the floating point."""

BLOCKED = 1e18
"""Price of a node that must not be visited."""

MAX_NODES = 5_000_000
"""Search nodes per volunteer; beyond it the search stops and says so."""

N_BEST = 4
"""Plans kept per search: the last improvements, which are different and good."""


@numba.njit(cache=True, nogil=True)
def earliest_start(nodes, node, ready_s):  # type: ignore[no-untyped-def]
    """Earliest start of the work at a node when ready at ``ready_s``; -1 when too late."""
    for w in range(nodes.window_ptr[node], nodes.window_ptr[node + 1]):
        if ready_s <= nodes.latest_s[w]:
            return max(ready_s, nodes.open_s[w])
    return np.int64(-1)


@numba.njit(cache=True, nogil=True)
def marginal_load(menus, k, n_before):  # type: ignore[no-untyped-def]
    """Load cost (metres) of the visit after ``n_before`` others."""
    return menus.load_cost_m[k] * (menus.load[k] + n_before)


@numba.njit(cache=True, nogil=True)
def _usable(menus, k, price, must):  # type: ignore[no-untyped-def]
    """Menu entries that could be part of a best plan, with their net value, best first.

    With the triangle inequality, an entry that does not even pay for its own price never helps.
    """
    start, end = menus.ptr[k], menus.ptr[k + 1]
    keep = np.empty(end - start, np.int64)
    n = 0
    for e in range(start, end):
        net = menus.value[e] - price[menus.node[e]]
        if net < -BLOCKED / 2:
            continue
        if must[e] or not menus.metric[k] or net > 0:
            keep[n] = e
            n += 1
    keep = keep[:n]
    optimistic = np.empty(n)
    size = end - start
    for a in range(n):
        e = keep[a]
        leg_m = menus.out_m[e]
        for b in range(n):
            if menus.request[keep[b]] != menus.request[e]:
                at = menus.leg_ptr[k] + (keep[b] - start) * size + (e - start)
                leg_m = min(leg_m, menus.leg_m[at])
        optimistic[a] = menus.value[e] - price[menus.node[e]] - menus.travel_cost * leg_m
    order = np.argsort(-optimistic, kind="mergesort")
    return keep[order], optimistic[order]


@numba.njit(cache=True, nogil=True)
def _remaining_table(menus, k, keep, optimistic, most):  # type: ignore[no-untyped-def]
    """Optimistic value of ``r`` more visits after ``d``: (most + 1, most + 1) float64.

    A request counts once, with its best entry.
    """
    best = np.zeros(most)
    n = 0
    for a in range(len(keep)):
        if n == most:
            break
        seen = False
        for b in range(a):
            if menus.request[keep[b]] == menus.request[keep[a]]:
                seen = True
                break
        if not seen:
            best[n] = optimistic[a]
            n += 1
    table = np.zeros((most + 1, most + 1))
    for d in range(most + 1):
        for r in range(1, most + 1):
            gain = max(0.0, best[r - 1] - marginal_load(menus, k, d + r - 1))
            table[d, r] = table[d, r - 1] + gain
    return table


@numba.njit(cache=True, nogil=True)
def _shortest_visit_s(menus, k, keep):  # type: ignore[no-untyped-def]
    """The least work of one visit with its leg there, seconds; at least 1."""
    shortest = np.int64(FAR)
    start = menus.ptr[k]
    size = menus.ptr[k + 1] - start
    for a in range(len(keep)):
        e = keep[a]
        leg_s = menus.out_s[e]
        for b in range(len(keep)):
            if b != a:
                at = menus.leg_ptr[k] + (keep[b] - start) * size + (e - start)
                leg_s = min(leg_s, np.int64(menus.leg_s[at]))
        shortest = min(shortest, menus.service_s[e] + leg_s)
    return max(shortest, np.int64(1))


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
    if last < 0:
        leg_s, leg_m = menus.out_s[e], menus.out_m[e]
    else:
        start = menus.ptr[k]
        at = menus.leg_ptr[k] + (last - start) * (menus.ptr[k + 1] - start) + (e - start)
        leg_s, leg_m = np.int64(menus.leg_s[at]), np.int64(menus.leg_m[at])
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
def search_plan(menus, nodes, k, price, must, floor, max_nodes, found):  # type: ignore[no-untyped-def]
    """Find the plan of menu row ``k`` with the most value after prices, above ``floor``.

    Parameters
    ----------
    menus, nodes
        `Menus` and `Nodes`.
    k
        Row of the menus.
    price
        (N,) float64, price of each node, metres; `BLOCKED` forbids it.
    must
        (E,) bool: entries whose request the plan has to visit (any entry of it).
    floor
        Metres; only plans worth more count. A plan without visits is worth 0 and never returned.
    max_nodes
        Search nodes after which to give up.
    found
        Output: ``(entries, shifts, lengths, values)`` of shapes (N_BEST, most), (N_BEST, most),
        (N_BEST,), (N_BEST,): the last improvements, the best one last.

    Returns
    -------
    n_found : int
        How many rows of ``found`` are filled (at most N_BEST, oldest overwritten first).
    best : float
        Value after prices of the best plan, or ``floor``.
    capped : bool
        True when the search gave up: the answer may not be the best.
    """
    entries, shifts, lengths, values = found
    keep, optimistic = _usable(menus, k, price, must)
    most = min(min(menus.max_tasks[k], np.int64(entries.shape[1])), np.int64(len(keep)))
    best, n_found, visited = floor, 0, 0
    if most < 1:
        return n_found, best, False
    remaining = _remaining_table(menus, k, keep, optimistic, most)
    unit_s = _shortest_visit_s(menus, k, keep)
    n_must = _count_required(menus, keep, must)
    n_shifts = menus.shift_ptr[k + 1] - menus.shift_ptr[k]
    child = np.zeros(most + 1, np.int64)
    path = np.zeros(most, np.int64)
    path_shift = np.zeros(most, np.int64)
    required = np.zeros(most + 1, np.int64)
    places = np.zeros((most + 1, 5), np.int64)
    places[0, 0] = -1
    places[0, 2] = menus.shift_start_s[menus.shift_ptr[k]]
    worth = np.zeros(most + 1)
    d = 0
    while d >= 0:
        n_children = (n_shifts - places[d, 1]) * len(keep)
        if d >= most or child[d] >= n_children:
            d -= 1
            continue
        i = child[d]
        child[d] += 1
        ahead, a = i // len(keep), i % len(keep)
        load = marginal_load(menus, k, d)
        left = min(most - d - 1, max(0, (menus.max_work_s[k] - places[d, 4]) // unit_s - 1))
        if worth[d] + optimistic[a] - load + remaining[d + 1, left] <= best + EPS:
            child[d] = (ahead + 1) * len(keep)
            continue
        e = keep[a]
        if _stands(menus, path, d, menus.request[e]):
            continue
        visited += 1
        if visited > max_nodes:
            return n_found, best, True
        here = (places[d, 0], places[d, 1], places[d, 2], places[d, 3], places[d, 4], worth[d])
        ok, state = _visit(menus, nodes, k, here, e, places[d, 1] + ahead)
        if not ok:
            continue
        value = state[5] + menus.value[e] - price[menus.node[e]] - load
        state = (state[0], state[1], state[2], state[3], state[4], value)
        path[d], path_shift[d] = e, state[1]
        required[d + 1] = required[d] + (1 if must[e] else 0)
        closes, total = _closes(menus, k, state)
        if closes and total > best + EPS and required[d + 1] == n_must:
            best = total
            row = n_found % len(values)
            n_found += 1
            lengths[row], values[row] = d + 1, total
            entries[row, : d + 1] = path[: d + 1]
            shifts[row, : d + 1] = path_shift[: d + 1]
        left = min(most - d - 1, (menus.max_work_s[k] - state[4]) // unit_s)
        enough = n_must - required[d + 1] <= most - d - 1
        if enough and left > 0 and value + remaining[d + 1, left] > best + EPS:
            places[d + 1, 0], places[d + 1, 1], places[d + 1, 2] = state[0], state[1], state[2]
            places[d + 1, 3], places[d + 1, 4] = state[3], state[4]
            worth[d + 1] = value
            child[d + 1] = 0
            d += 1
    return n_found, best, False


@numba.njit(cache=True, nogil=True)
def _count_required(menus, keep, must):  # type: ignore[no-untyped-def]
    """Distinct requests among the required entries."""
    n = 0
    for a in range(len(keep)):
        if must[keep[a]]:
            seen = False
            for b in range(a):
                if must[keep[b]] and menus.request[keep[b]] == menus.request[keep[a]]:
                    seen = True
                    break
            if not seen:
                n += 1
    return n


@numba.njit(cache=True, nogil=True)
def _stands(menus, path, length, request):  # type: ignore[no-untyped-def]
    for b in range(length):
        if menus.request[path[b]] == request:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def price_rows(menus, nodes, rows, price, must, floor, max_nodes, most):  # type: ignore[no-untyped-def]
    """`search_plan` for many rows.

    Parameters
    ----------
    rows
        (R,) int64, rows of the menus to search.
    floor
        (R,) float64.
    most
        Longest plan to keep room for.

    Returns
    -------
    owner : (F,) int64
        Position in ``rows`` of each plan found, ascending; its best plan last.
    length : (F,) int64
    entries, shifts : (F, most) int64
    best : (R,) float64
    capped : (R,) bool
    """
    capacity = len(rows) * N_BEST
    owner = np.empty(capacity, np.int64)
    length = np.empty(capacity, np.int64)
    entries = np.empty((capacity, most), np.int64)
    shifts = np.empty((capacity, most), np.int64)
    best = np.empty(len(rows))
    capped = np.zeros(len(rows), np.bool_)
    found = (
        np.zeros((N_BEST, most), np.int64),
        np.zeros((N_BEST, most), np.int64),
        np.zeros(N_BEST, np.int64),
        np.zeros(N_BEST),
    )
    n = 0
    for r in range(len(rows)):
        n_found, best[r], capped[r] = search_plan(
            menus, nodes, rows[r], price, must, floor[r], max_nodes, found
        )
        for i in range(max(0, n_found - N_BEST), n_found):
            row = i % N_BEST
            owner[n] = r
            length[n] = found[2][row]
            entries[n] = found[0][row]
            shifts[n] = found[1][row]
            n += 1
    return owner[:n], length[:n], entries[:n], shifts[:n], best, capped
