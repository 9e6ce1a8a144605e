"""The best day plan of one volunteer at given prices: an exact depth-first search.

A plan is an ordered list of visits spread over the volunteer's shifts. Volunteers make one to six
visits, so the tree is small and an optimistic bound keeps it smaller. This is the pricing problem
of the column generation: an elementary shortest path with resources (Feillet, Dejax, Gendreau and
Gueguen, *Networks* 44(3), 2004), solved by enumeration because the paths are short.
"""

from __future__ import annotations

import numba
import numpy as np

from matching.engine.plan_bounds import (
    EPS,
    drop_hopeless,
    most_in,
    remaining_table,
    usable_entries,
)

MAX_NODES = 300_000
"""Search nodes per volunteer; beyond it the search stops and a bound takes its place."""

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
def _local_legs(menus, k, keep):  # type: ignore[no-untyped-def]
    """Seconds and metres among home (place 0) and the kept entries (places 1, 2, ...)."""
    n = len(keep)
    start, size = menus.ptr[k], menus.ptr[k + 1] - menus.ptr[k]
    seconds = np.zeros((n + 1, n + 1), np.int64)
    metres = np.zeros((n + 1, n + 1), np.int64)
    for a in range(n):
        e = keep[a]
        seconds[0, a + 1], metres[0, a + 1] = menus.out_s[e], menus.out_m[e]
        seconds[a + 1, 0], metres[a + 1, 0] = menus.back_s[e], menus.back_m[e]
        row = menus.leg_ptr[k] + (e - start) * size - start
        for b in range(n):
            seconds[a + 1, b + 1] = menus.leg_s[row + keep[b]]
            metres[a + 1, b + 1] = menus.leg_m[row + keep[b]]
    return seconds, metres


@numba.njit(cache=True, nogil=True)
def _local_windows(menus, nodes, keep):  # type: ignore[no-untyped-def]
    """Windows of the kept entries: ptr, opening, latest start."""
    ptr = np.zeros(len(keep) + 1, np.int64)
    for a in range(len(keep)):
        node = menus.node[keep[a]]
        ptr[a + 1] = ptr[a] + nodes.window_ptr[node + 1] - nodes.window_ptr[node]
    opens_s = np.empty(ptr[-1], np.int64)
    latest_s = np.empty(ptr[-1], np.int64)
    for a in range(len(keep)):
        first = nodes.window_ptr[menus.node[keep[a]]]
        for w in range(ptr[a], ptr[a + 1]):
            opens_s[w] = nodes.open_s[first + w - ptr[a]]
            latest_s[w] = nodes.latest_s[first + w - ptr[a]]
    return ptr, opens_s, latest_s


@numba.njit(cache=True, nogil=True)
def _start_s(windows, a, ready_s):  # type: ignore[no-untyped-def]
    """As `earliest_start`, for a kept entry."""
    ptr, opens_s, latest_s = windows
    for w in range(ptr[a], ptr[a + 1]):
        if ready_s <= latest_s[w]:
            return max(ready_s, opens_s[w])
    return np.int64(-1)


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
        How many plans were found; the last N_BEST stand in ``found``, number ``i`` in row
        ``i % N_BEST``.
    best : float
        Value after prices of the best plan, or ``floor``.
    ceiling : float
        No plan is worth more, or than ``floor``: ``best``, or a knapsack bound when the search
        gave up.
    """
    keep, net = usable_entries(menus, k, price, must)
    most = min(min(menus.max_tasks[k], np.int64(found[0].shape[1])), np.int64(len(keep)))
    if most < 1:
        return 0, floor, floor
    keep, net, optimistic, least_s, knapsack = drop_hopeless(menus, k, keep, net, must, floor)
    if len(keep) == 0:
        return 0, floor, floor
    most = min(most, np.int64(len(keep)))
    order = np.argsort(-optimistic, kind="mergesort")
    keep, net, optimistic, least_s = keep[order], net[order], optimistic[order], least_s[order]
    shifts = slice(menus.shift_ptr[k], menus.shift_ptr[k + 1])
    volunteer = (
        menus.shift_start_s[shifts],
        menus.shift_end_s[shifts],
        menus.max_work_s[k],
        menus.max_route_m[k],
        menus.load_cost_m[k],
        menus.load[k],
        menus.metric[k],
        menus.travel_cost,
    )
    seconds, metres = _local_legs(menus, k, keep)
    windows = _local_windows(menus, nodes, keep)
    entries = (menus.request[keep], menus.service_s[keep], must[keep], net, optimistic)
    limits = (most, floor, max_nodes)
    n_found, best, capped = _search(
        volunteer, entries, windows, (seconds, metres), knapsack, limits, found
    )
    for row in range(min(n_found, len(found[2]))):
        for i in range(found[2][row]):
            found[0][row, i] = keep[found[0][row, i]]
    if not capped:
        return n_found, best, best
    ceiling = knapsack[1][-1] - menus.travel_cost * metres[1:, 0].min()
    return n_found, best, max(best, ceiling)


@numba.njit(cache=True, nogil=True)
def _search(volunteer, entries, windows, legs, knapsack, limits, found):  # type: ignore[no-untyped-def]
    """`search_plan` on the kept entries; a loop with its own stack, one level per visit.

    ``places[d]`` is (place, shift, ready_s, route_m, work_s) after ``d`` visits, ``worth[d]`` the
    value so far; the knapsack table bounds what can still come.
    """
    starts_s, ends_s, max_work_s, _, load_cost_m, load, _, travel_cost = volunteer
    request, service_s, must, net, optimistic = entries
    seconds, metres = legs
    step_s, table = knapsack
    most, floor, max_nodes = limits
    n, n_shifts = len(request), len(starts_s)
    n_must = _count_required(request, must)
    remaining = remaining_table(request, optimistic, most, load_cost_m, load)
    home_s, home_cost = seconds[1:, 0].min(), travel_cost * metres[1:, 0].min()
    later_s = np.zeros(n_shifts, np.int64)
    for s in range(n_shifts - 1, 0, -1):
        later_s[s - 1] = later_s[s] + ends_s[s] - starts_s[s]
    child = np.zeros(most + 1, np.int64)
    path = np.zeros((most, 2), np.int64)
    required = np.zeros(most + 1, np.int64)
    places = np.zeros((most + 1, 5), np.int64)
    places[0, 2] = starts_s[0]
    worth = np.zeros(most + 1)
    left_s = np.zeros(most + 1, np.int64)
    left_s[0] = min(ends_s[0] - starts_s[0] + later_s[0], max_work_s) - home_s
    best, n_found, visited, d = floor, 0, 0, 0
    while d >= 0:
        if child[d] >= (n_shifts - places[d, 1]) * n:
            d -= 1
            continue
        ahead, a = child[d] // n, child[d] % n
        child[d] += 1
        cost = load_cost_m * (load + d)
        target = best + EPS + home_cost - worth[d]
        if optimistic[a] - cost + remaining[d + 1] <= target:
            # Entries stand by falling optimistic value: no later one of this shift does better.
            child[d] = (ahead + 1) * n
            continue
        at = places[d, 0] if ahead == 0 else 0
        gain = net[a] - travel_cost * metres[at, a + 1] - cost
        rest_s = left_s[d] - service_s[a] - seconds[at, a + 1]
        rest = min(remaining[d + 1], most_in(step_s, table, rest_s))
        if gain + rest <= target or _stands(request, path, d, a):
            continue
        if _swap_is_better(places, path, d, ahead, a, seconds, metres, windows, service_s):
            continue
        visited += 1
        if visited > max_nodes:
            return n_found, best, True
        ok, place, value = _step(
            volunteer, seconds, metres, windows, service_s, places[d], ahead, a
        )
        if not ok:
            continue
        value += worth[d] + net[a] - cost
        path[d, 0], path[d, 1] = a, place[1]
        required[d + 1] = required[d] + must[a]
        total = value - travel_cost * metres[a + 1, 0]
        if (
            total > best + EPS
            and required[d + 1] == n_must
            and _gets_home(volunteer, seconds[a + 1, 0], metres[a + 1, 0], place)
        ):
            best = total
            _record(found, n_found, path, d + 1, total)
            n_found += 1
        if d + 1 == most or n_must - required[d + 1] > most - d - 1:
            continue
        left_s[d + 1] = min(ends_s[place[1]] - place[2] + later_s[place[1]], max_work_s - place[4])
        left_s[d + 1] -= home_s
        rest = min(remaining[d + 1], most_in(step_s, table, left_s[d + 1]))
        if value + rest <= best + EPS + home_cost:
            continue
        for field in range(5):
            places[d + 1, field] = place[field]
        worth[d + 1] = value
        child[d + 1] = 0
        d += 1
    return n_found, best, False


@numba.njit(cache=True, nogil=True)
def _stands(request, path, length, a):  # type: ignore[no-untyped-def]
    """Whether the request of entry ``a`` is on the path."""
    return (request[path[:length, 0]] == request[a]).any()


@numba.njit(cache=True, nogil=True)
def _swap_is_better(places, path, d, ahead, a, seconds, metres, windows, service_s):  # type: ignore[no-untyped-def]
    """Whether x, j, i, a beats x, i, j, a: shorter, and not later; then that branch is enough."""
    if ahead > 0 or d < 2 or path[d - 1, 1] != path[d - 2, 1]:
        return False
    i, j = path[d - 2, 0], path[d - 1, 0]
    x = places[d - 2, 0] if places[d - 2, 1] == path[d - 2, 1] else 0
    if x == 0 and places[d - 2, 0] != 0:
        return False
    old_m = metres[x, i + 1] + metres[i + 1, j + 1] + metres[j + 1, a + 1]
    new_m = metres[x, j + 1] + metres[j + 1, i + 1] + metres[i + 1, a + 1]
    old_s = seconds[x, i + 1] + seconds[i + 1, j + 1] + seconds[j + 1, a + 1]
    new_s = seconds[x, j + 1] + seconds[j + 1, i + 1] + seconds[i + 1, a + 1]
    if new_m >= old_m or new_s > old_s:
        return False
    start_s = _start_s(windows, j, places[d - 2, 2] + seconds[x, j + 1])
    if start_s < 0:
        return False
    start_s = _start_s(windows, i, start_s + service_s[j] + seconds[j + 1, i + 1])
    if start_s < 0:
        return False
    return start_s + service_s[i] + seconds[i + 1, a + 1] <= places[d, 2] + seconds[j + 1, a + 1]


@numba.njit(cache=True, nogil=True)
def _step(volunteer, seconds, metres, windows, service_s, place, ahead, a):  # type: ignore[no-untyped-def]
    """Go on to entry ``a``, ``ahead`` shifts later: (ok, new place, value of the travel)."""
    starts_s, metric, travel_cost = volunteer[0], volunteer[6], volunteer[7]
    at, shift, ready_s, route_m, work_s = place[0], place[1], place[2], place[3], place[4]
    dead = (np.int64(0), np.int64(0), np.int64(0), np.int64(0), np.int64(0))
    value = 0.0
    if ahead > 0:
        if at > 0:
            if not _gets_home(
                volunteer, seconds[at, 0], metres[at, 0], (at, shift, ready_s, route_m, work_s)
            ):
                return False, dead, value
            work_s += seconds[at, 0]
            value -= travel_cost * metres[at, 0]
        at, shift, route_m = np.int64(0), shift + ahead, np.int64(0)
        ready_s = starts_s[shift]
    start_s = _start_s(windows, a, ready_s + seconds[at, a + 1])
    if start_s < 0:
        return False, dead, value
    ready_s = start_s + service_s[a]
    work_s += seconds[at, a + 1] + service_s[a]
    route_m += metres[at, a + 1]
    value -= travel_cost * metres[at, a + 1]
    new = (np.int64(a + 1), shift, ready_s, route_m, work_s)
    if metric:
        return _gets_home(volunteer, seconds[a + 1, 0], metres[a + 1, 0], new), new, value
    # Without the triangle inequality a further stop could be the faster way home.
    return _gets_home(volunteer, np.int64(0), np.int64(0), new), new, value


@numba.njit(cache=True, nogil=True)
def _gets_home(volunteer, back_s, back_m, place):  # type: ignore[no-untyped-def]
    """Whether the way home still fits into shift, work time and route length."""
    _, shift, ready_s, route_m, work_s = place
    return (
        ready_s + back_s <= volunteer[1][shift]
        and work_s + back_s <= volunteer[2]
        and route_m + back_m <= volunteer[3]
    )


@numba.njit(cache=True, nogil=True)
def _record(found, n_found, path, length, value):  # type: ignore[no-untyped-def]
    entries, shifts, lengths, values = found
    row = n_found % len(values)
    lengths[row], values[row] = length, value
    entries[row, :length] = path[:length, 0]
    shifts[row, :length] = path[:length, 1]


@numba.njit(cache=True, nogil=True)
def _count_required(request, must):  # type: ignore[no-untyped-def]
    """Distinct requests among the required entries."""
    n = 0
    for a in range(len(request)):
        if must[a] and not (must[:a] & (request[:a] == request[a])).any():
            n += 1
    return n


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
    value : (F,) float64
        After prices, metres.
    best : (R,) float64
        No plan of the row is worth more, or than its floor: `search_plan`'s ceiling.
    """
    capacity = len(rows) * N_BEST
    owner = np.empty(capacity, np.int64)
    length = np.empty(capacity, np.int64)
    entries = np.empty((capacity, most), np.int64)
    shifts = np.empty((capacity, most), np.int64)
    value = np.empty(capacity)
    best = np.empty(len(rows))
    found = (
        np.zeros((N_BEST, most), np.int64),
        np.zeros((N_BEST, most), np.int64),
        np.zeros(N_BEST, np.int64),
        np.zeros(N_BEST),
    )
    n = 0
    for r in range(len(rows)):
        k = rows[r]
        n_found, _, best[r] = search_plan(menus, nodes, k, price, must, floor[r], max_nodes, found)
        for i in range(max(0, n_found - N_BEST), n_found):
            row = i % N_BEST
            owner[n] = r
            length[n] = found[2][row]
            entries[n] = found[0][row]
            shifts[n] = found[1][row]
            value[n] = found[3][row]
            n += 1
    return owner[:n], length[:n], entries[:n], shifts[:n], value[:n], best
