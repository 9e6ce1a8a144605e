"""Local search: inserting, ejecting and replanning visits in the plans of a whole problem."""

from __future__ import annotations

import numba
import numpy as np

from matching.engine.menus import BoolArray, Menus
from matching.engine.nodes import Nodes
from matching.engine.plan_bounds import BLOCKED, EPS
from matching.engine.plan_search import MAX_NODES, N_BEST, search_plan
from matching.engine.plans import Plans, plan_worth, replace_plan
from matching.engine.travel import IntArray


@numba.njit(cache=True, nogil=True)
def _best_insertion(menus, nodes, k, entry, shift, length, e):  # type: ignore[no-untyped-def]
    """Best place for one more visit: (worth of the new plan or -inf, position, shift)."""
    best, best_at, best_shift = -np.inf, np.int64(0), np.int64(0)
    if length >= min(menus.max_tasks[k], len(entry)):
        return best, best_at, best_shift
    n_shifts = menus.shift_ptr[k + 1] - menus.shift_ptr[k]
    new_entry = np.empty(length + 1, np.int64)
    new_shift = np.empty(length + 1, np.int64)
    for at in range(length + 1):
        first = shift[at - 1] if at > 0 else np.int64(0)
        last = shift[at] if at < length else n_shifts - 1
        for s in range(first, last + 1):
            new_entry[:at], new_shift[:at] = entry[:at], shift[:at]
            new_entry[at], new_shift[at] = e, s
            new_entry[at + 1 :] = entry[at:length]
            new_shift[at + 1 :] = shift[at:length]
            ok, worth = plan_worth(menus, nodes, k, new_entry, new_shift, length + 1)
            if ok and worth > best:
                best, best_at, best_shift = worth, np.int64(at), np.int64(s)
    return best, best_at, best_shift


@numba.njit(cache=True, nogil=True)
def _insert(menus, plans, k, e, at, s, worth):  # type: ignore[no-untyped-def]
    for i in range(plans.length[k], at, -1):
        plans.entry[k, i] = plans.entry[k, i - 1]
        plans.shift[k, i] = plans.shift[k, i - 1]
    plans.entry[k, at], plans.shift[k, at] = e, s
    plans.length[k] += 1
    plans.worth[k] = worth
    plans.taken[menus.node[e]] += 1


@numba.njit(cache=True, nogil=True)
def _best_seat(menus, nodes, plans, offers, skip):  # type: ignore[no-untyped-def]
    """Best insertion among (row, entry) pairs: (gain, row, entry, position, shift)."""
    rows, entries = offers
    best = (0.0, np.int64(-1), np.int64(0), np.int64(0), np.int64(0))
    for i in range(len(rows)):
        k, e = rows[i], entries[i]
        if k == skip:
            continue
        worth, at, s = _best_insertion(
            menus, nodes, k, plans.entry[k], plans.shift[k], plans.length[k], e
        )
        if worth - plans.worth[k] > best[0] + EPS:
            best = (worth - plans.worth[k], k, e, at, s)
    return best


@numba.njit(cache=True, nogil=True)
def _seat_crew(menus, nodes, plans, index, node, size):  # type: ignore[no-untyped-def]
    """The best crew for a node: (total gain or -inf, rows, entries, positions, shifts)."""
    ptr, rows, entries = index
    gain = np.full(size, -np.inf)
    seat = np.zeros((4, size), np.int64)
    for i in range(ptr[node], ptr[node + 1]):
        k, e = rows[i], entries[i]
        worth, at, s = _best_insertion(
            menus, nodes, k, plans.entry[k], plans.shift[k], plans.length[k], e
        )
        new = worth - plans.worth[k]
        worst = np.argmin(gain)
        if new > gain[worst]:
            gain[worst] = new
            seat[0, worst], seat[1, worst], seat[2, worst], seat[3, worst] = k, e, at, s
    return gain.sum(), seat


@numba.njit(cache=True, nogil=True)
def insert_requests(menus, nodes, plans, index, order, crew_size, open_request):  # type: ignore[no-untyped-def]
    """Seat the requests of ``order`` one after the other where they add most; greedy.

    Parameters
    ----------
    index
        (ptr, rows, entries): the menu entries of each node, compressed rows.
    order
        Requests, most urgent first.
    crew_size
        (n,) int64.
    open_request
        (n,) bool: not served yet; changed in place.
    """
    ptr, rows, entries = index
    for r in order:
        if not open_request[r]:
            continue
        if crew_size[r] == 1:
            for node in range(nodes.first[r], nodes.last[r]):
                offers = (rows[ptr[node] : ptr[node + 1]], entries[ptr[node] : ptr[node + 1]])
                gain, k, e, at, s = _best_seat(menus, nodes, plans, offers, -1)
                if k >= 0:
                    _insert(menus, plans, k, e, at, s, plans.worth[k] + gain)
                    open_request[r] = False
            continue
        best, best_seat = 0.0, np.zeros((4, 0), np.int64)
        for node in range(nodes.first[r], nodes.last[r]):
            total, seat = _seat_crew(menus, nodes, plans, index, node, crew_size[r])
            if total > best + EPS:
                best, best_seat = total, seat
        for i in range(best_seat.shape[1]):
            k, e = best_seat[0, i], best_seat[1, i]
            worth, at, s = _best_insertion(
                menus, nodes, k, plans.entry[k], plans.shift[k], plans.length[k], e
            )
            _insert(menus, plans, k, e, at, s, worth)
            open_request[r] = False


@numba.njit(cache=True, nogil=True)
def _without(plans, k, at):  # type: ignore[no-untyped-def]
    """Visits of row ``k`` without the one at ``at``, with room for one more."""
    length = plans.length[k]
    entry = np.empty(plans.entry.shape[1], np.int64)
    shift = np.empty_like(entry)
    entry[:at], shift[:at] = plans.entry[k, :at], plans.shift[k, :at]
    entry[at : length - 1] = plans.entry[k, at + 1 : length]
    shift[at : length - 1] = plans.shift[k, at + 1 : length]
    return entry, shift


@numba.njit(cache=True, nogil=True)
def eject_for(menus, nodes, plans, index, r, crew_size, keep):  # type: ignore[no-untyped-def]
    """Serve an open request by moving or dropping one visit worth less; True when done.

    ``keep`` is (E,) bool: entries that may not be ejected.
    """
    ptr, rows, entries = index
    best, chosen = EPS, (np.int64(-1), np.int64(0), np.int64(0))
    new_seat = (0.0, np.int64(-1), np.int64(0), np.int64(0), np.int64(0))
    for i in range(ptr[nodes.first[r]], ptr[nodes.last[r]]):
        k, e = rows[i], entries[i]
        for at in range(plans.length[k]):
            old = plans.entry[k, at]
            if keep[old] or crew_size[menus.request[old]] > 1:
                continue
            entry, shift = _without(plans, k, at)
            worth, _, _ = _best_insertion(menus, nodes, k, entry, shift, plans.length[k] - 1, e)
            if worth == -np.inf:
                continue
            node = menus.node[old]
            offers = (rows[ptr[node] : ptr[node + 1]], entries[ptr[node] : ptr[node + 1]])
            seat = _best_seat(menus, nodes, plans, offers, k)
            gain = worth - plans.worth[k] + seat[0]
            if gain > best:
                best, chosen, new_seat = gain, (k, e, np.int64(at)), seat
    k, e, place = chosen
    if k < 0:
        return False
    old = plans.entry[k, place]
    entry, shift = _without(plans, k, place)
    plans.entry[k], plans.shift[k] = entry, shift
    plans.length[k] -= 1
    plans.taken[menus.node[old]] -= 1
    worth, place, s = _best_insertion(
        menus, nodes, k, plans.entry[k], plans.shift[k], plans.length[k], e
    )
    _insert(menus, plans, k, e, place, s, worth)
    if new_seat[1] >= 0:
        gain, k, e, place, s = new_seat
        _insert(menus, plans, k, e, place, s, plans.worth[k] + gain)
    return True


@numba.njit(cache=True, nogil=True)
def best_response(menus, nodes, plans, rows, blocked, keep, crew_size):  # type: ignore[no-untyped-def]
    """Let each row in turn replan exactly over its own and the free requests.

    Parameters
    ----------
    rows
        Rows in the order of their turn.
    blocked
        (N,) bool: nodes that must not be used although they are free.
    keep
        (E,) bool: entries that a plan has to contain.
    crew_size
        (n,) int64; crew visits stay where they are.

    Returns
    -------
    float
        Worth gained, metres, 0 or more.
    """
    most = plans.entry.shape[1]
    found = (
        np.zeros((N_BEST, most), np.int64),
        np.zeros((N_BEST, most), np.int64),
        np.zeros(N_BEST, np.int64),
        np.zeros(N_BEST),
    )
    price = np.where(blocked | (plans.taken > 0), BLOCKED, 0.0)
    for r in range(len(nodes.first)):
        if crew_size[r] > 1:
            price[nodes.first[r] : nodes.last[r]] = BLOCKED
    must = keep.copy()
    gained = 0.0
    for k in rows:
        for i in range(plans.length[k]):
            e = plans.entry[k, i]
            price[menus.node[e]] = 0.0
            if crew_size[menus.request[e]] > 1:
                must[e] = True
        n_found, best, _ = search_plan(
            menus, nodes, k, price, must, plans.worth[k], MAX_NODES, found
        )
        for i in range(plans.length[k]):
            e = plans.entry[k, i]
            must[e] = keep[e]
            price[menus.node[e]] = BLOCKED if crew_size[menus.request[e]] > 1 else 0.0
        if n_found > 0:
            gained += best - plans.worth[k]
            row = (n_found - 1) % N_BEST
            replace_plan(menus, plans, k, found[0][row], found[1][row], found[2][row], best)
        for i in range(plans.length[k]):
            price[menus.node[plans.entry[k, i]]] = BLOCKED
    return gained


def node_index(menus: Menus, n_nodes: int) -> tuple[IntArray, IntArray, IntArray]:
    """(ptr, rows, entries): the menu entries of each node, in compressed rows."""
    order = np.argsort(menus.node, kind="stable").astype(np.int64)
    counts = np.bincount(menus.node, minlength=n_nodes)
    ptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    owner = np.repeat(np.arange(len(menus.volunteer)), np.diff(menus.ptr))
    return ptr, owner[order].astype(np.int64), order


def open_requests(nodes: Nodes, plans: Plans) -> BoolArray:
    """(n,) bool: requests that no plan visits."""
    open_request = np.ones(len(nodes.first), np.bool_)
    open_request[nodes.request[plans.taken > 0]] = False
    return open_request
