"""Which requests a volunteer could serve at all, and which of them are worth considering."""

from __future__ import annotations

import numba
import numpy as np

from matching.engine.menus import BoolArray
from matching.engine.nodes import Nodes
from matching.engine.plan_search import earliest_start
from matching.engine.problem import Problem
from matching.engine.travel import FloatArray, IntArray, StraightTravel

N_NEAREST = 24
"""Requests on a short menu: the nearest that fit (docs/decisions/0006 has the measurements)."""

MIN_VOLUNTEERS = 2
"""A request stands on the menus of at least so many volunteers, if so many can reach it."""


@numba.njit(cache=True, nogil=True)
def fits_alone(nodes, node, shifts, limits, legs):  # type: ignore[no-untyped-def]
    """Whether a volunteer can do just this one visit.

    Parameters
    ----------
    nodes, node
        `Nodes` and one of them.
    shifts
        (k, 2) int64, start and end of each shift, seconds.
    limits
        (max_work_s, max_route_m).
    legs
        (out_s, out_m, back_s, back_m).
    """
    out_s, out_m, back_s, back_m = legs
    work_s = out_s + nodes.service_s[node] + back_s
    if work_s > limits[0] or (back_m > 0 and out_m + back_m > limits[1]):
        return False
    for s in range(len(shifts)):
        start_s = earliest_start(nodes, node, shifts[s, 0] + out_s)
        if start_s >= 0 and start_s + nodes.service_s[node] + back_s <= shifts[s, 1]:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _keep_nearest(distance, item, n, capacity, new_distance, new_item):  # type: ignore[no-untyped-def]
    """Insert into a sorted list of bounded length; return its new length."""
    if n == capacity and new_distance >= distance[n - 1]:
        return n
    at = min(n, capacity - 1)
    while at > 0 and distance[at - 1] > new_distance:
        distance[at] = distance[at - 1]
        item[at] = item[at - 1]
        at -= 1
    distance[at] = new_distance
    item[at] = new_item
    return min(n + 1, capacity)


@numba.njit(cache=True, nogil=True)
def _allowed(rules, v, r):  # type: ignore[no-untyped-def]
    """Skills, languages, bans, and work that is locked to others."""
    has, needs, speaks, wants, banned, locked, full, available, n = rules
    if not available[r]:
        return False
    if has[v] & needs[r] != needs[r] or (wants[r] != 0 and speaks[v] & wants[r] == 0):
        return False
    key = v * n + r
    at = np.searchsorted(banned, key)
    if at < len(banned) and banned[at] == key:
        return False
    if not full[r]:
        return True
    at = np.searchsorted(locked, key)
    return at < len(locked) and locked[at] == key


@numba.njit(cache=True, nogil=True)
def _consider(nodes, tables, lists, i, v, r, legs):  # type: ignore[no-untyped-def]
    """Put the pair on the lists if the volunteer can do the visit and is near enough.

    ``i`` is the position of volunteer ``v`` in the lists.
    """
    shift_ptr, shifts, max_work_s, max_route_m, max_travel_s, max_travel_m = tables
    near_m, near, n_near, by_m, by, n_by = lists
    if legs[0] > max_travel_s[v] or legs[1] > max_travel_m[v]:
        return
    full = n_near[i] == near.shape[1] and legs[1] >= near_m[i, -1]
    if full and n_by[r] == by.shape[1] and legs[1] >= by_m[r, -1]:
        return
    mine = shifts[shift_ptr[v] : shift_ptr[v + 1]]
    for node in range(nodes.first[r], nodes.last[r]):
        if fits_alone(nodes, node, mine, (max_work_s[v], max_route_m[v]), legs):
            n_near[i] = _keep_nearest(near_m[i], near[i], n_near[i], near.shape[1], legs[1], r)
            n_by[r] = _keep_nearest(by_m[r], by[r], n_by[r], by.shape[1], legs[1], v)
            return


@numba.njit(cache=True, nogil=True)
def _scan_straight(nodes, tables, rules, lists, rows, xy_m, detour, speed_m_s, grid):  # type: ignore[no-untyped-def]
    """Consider every request within reach, over a grid of cells."""
    low, cell_m, n_cells, cell_ptr, cell_request = grid
    m = len(tables[2])
    for i in range(len(rows)):
        v = rows[i]
        radius_m = tables[5][v] / detour
        x, y = xy_m[v, 0] - low[0], xy_m[v, 1] - low[1]
        first_x = max(0, int((x - radius_m) // cell_m))
        last_x = min(n_cells[0] - 1, int((x + radius_m) // cell_m))
        first_y = max(0, int((y - radius_m) // cell_m))
        last_y = min(n_cells[1] - 1, int((y + radius_m) // cell_m))
        for cx in range(first_x, last_x + 1):
            for cy in range(first_y, last_y + 1):
                cell = cx * n_cells[1] + cy
                for p in range(cell_ptr[cell], cell_ptr[cell + 1]):
                    r = cell_request[p]
                    if not _allowed(rules, v, r):
                        continue
                    dx = xy_m[v, 0] - xy_m[m + r, 0]
                    dy = xy_m[v, 1] - xy_m[m + r, 1]
                    leg_m = np.int64(np.ceil(detour * np.sqrt(dx**2 + dy**2)))
                    leg_s = np.int64(np.ceil(leg_m / speed_m_s))
                    _consider(nodes, tables, lists, i, v, r, (leg_s, leg_m, leg_s, leg_m))


@numba.njit(cache=True, nogil=True)
def _scan_sparse(nodes, tables, rules, lists, rows, ptr, index, seconds, metres):  # type: ignore[no-untyped-def]
    """Consider every request with a known leg from the volunteer's home."""
    m = len(tables[2])
    for i in range(len(rows)):
        v = rows[i]
        for p in range(ptr[v], ptr[v + 1]):
            r = index[p] - m
            if r < 0 or not _allowed(rules, v, r):
                continue
            # Known legs need not keep the triangle inequality: the way over another request may be
            # faster there or back, so only windows and shifts can rule a pair out here.
            if seconds[p] <= tables[4][v] and metres[p] <= tables[5][v]:
                _consider(nodes, tables, lists, i, v, r, (0, metres[p], 0, 0))


def _grid(
    problem: Problem, requests: IntArray
) -> tuple[FloatArray, float, IntArray, IntArray, IntArray]:
    """Some requests sorted into square cells; about four to a cell."""
    xy_m = problem.xy_m[len(problem.volunteers) + requests]
    low = xy_m.min(axis=0)
    extent_m = np.maximum(xy_m.max(axis=0) - low, 1.0)
    cell_m = float(max(np.sqrt(extent_m.prod() * 4 / len(xy_m)), extent_m.max() / 2_000))
    n_cells = (extent_m // cell_m).astype(np.int64) + 1
    at = ((xy_m - low) // cell_m).astype(np.int64)
    cell = at[:, 0] * n_cells[1] + at[:, 1]
    order = np.argsort(cell, kind="stable")
    counts = np.bincount(cell, minlength=int(n_cells.prod()))
    cell_ptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return low, cell_m, n_cells, cell_ptr, requests[order]


def _rules(problem: Problem, available: BoolArray) -> tuple[object, ...]:
    requests, volunteers = problem.requests, problem.volunteers
    n = len(requests)
    n_locked = np.bincount(problem.locked[:, 1], minlength=n)
    return (
        volunteers.skills,
        requests.skills,
        volunteers.languages,
        requests.languages,
        np.sort(problem.banned[:, 0] * n + problem.banned[:, 1]),
        np.sort(problem.locked[:, 0] * n + problem.locked[:, 1]),
        n_locked >= requests.crew_size,
        available,
        n,
    )


def find_candidates(
    problem: Problem, nodes: Nodes, n_nearest: int = N_NEAREST
) -> tuple[IntArray, IntArray]:
    """Choose a short menu for each volunteer: the nearest requests that fit, and all locked ones.

    Parameters
    ----------
    problem, nodes
        The problem and its nodes.
    n_nearest
        Requests per menu; more stand on it where a request has few volunteers.

    Returns
    -------
    ptr : (m + 1,) int64
    node : (E,) int64
        The nodes on the menu of volunteer ``i`` are ``node[ptr[i]:ptr[i + 1]]``, by request.
    """
    m, n = len(problem.volunteers), len(problem.requests)
    rows = np.arange(m, dtype=np.int64)
    available = np.ones(n, np.bool_)
    near, n_near, by, n_by = _scan(problem, nodes, rows, available, (n_nearest, MIN_VOLUNTEERS))
    pairs = [
        np.repeat(rows, n_near) * n + near[np.arange(near.shape[1]) < n_near[:, None]],
        by[np.arange(by.shape[1]) < n_by[:, None]] * n + np.repeat(np.arange(n), n_by),
        problem.locked[:, 0] * n + problem.locked[:, 1],
    ]
    return expand_pairs(np.unique(np.concatenate(pairs)), nodes, m)


def find_all_candidates(
    problem: Problem, nodes: Nodes, rows: IntArray, available: BoolArray
) -> tuple[IntArray, IntArray]:
    """Menus with every request that fits, for some volunteers.

    Parameters
    ----------
    rows
        (V,) int64, volunteers.
    available
        (n,) bool, the requests to consider.

    Returns
    -------
    ptr : (V + 1,) int64
    node : (E,) int64
        As `find_candidates`, by position in ``rows``.
    """
    n = len(problem.requests)
    room = (int(available.sum()), 1)
    near, n_near, _, _ = _scan(problem, nodes, rows, available, room)
    position = np.repeat(np.arange(len(rows)), n_near)
    request = near[np.arange(near.shape[1]) < n_near[:, None]]
    order = np.argsort(rows)
    mine = np.isin(problem.locked[:, 0], rows)
    where = order[np.searchsorted(rows, problem.locked[mine, 0], sorter=order)]
    keys = np.concatenate([position * n + request, where * n + problem.locked[mine, 1]])
    return expand_pairs(np.unique(keys), nodes, len(rows))


def _scan(
    problem: Problem, nodes: Nodes, rows: IntArray, available: BoolArray, room: tuple[int, int]
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Lists of the nearest: requests of each volunteer in ``rows``, volunteers of each request."""
    table = problem.volunteers
    n = len(problem.requests)
    n_near, n_by = np.zeros(len(rows), np.int64), np.zeros(n, np.int64)
    near, by = np.empty((len(rows), room[0]), np.int64), np.empty((n, room[1]), np.int64)
    if room[0] == 0 or not available.any():
        return near, n_near, by, n_by
    shifts = np.stack([table.shift_start_s, table.shift_end_s], axis=1)
    limits = (table.max_work_s, table.max_route_m, table.max_travel_s, table.max_travel_m)
    near_m, by_m = np.empty_like(near), np.empty_like(by)
    for mode, travel in enumerate(problem.travel):
        of_mode = np.flatnonzero((table.mode[rows] == mode) & (table.max_tasks[rows] > 0))
        some_m, some, n_some = near_m[of_mode], near[of_mode], n_near[of_mode]
        lists = (some_m, some, n_some, by_m, by, n_by)
        scan = (nodes, (table.shift_ptr, shifts, *limits), _rules(problem, available), lists)
        if isinstance(travel, StraightTravel):
            grid = _grid(problem, np.flatnonzero(available))
            speed = (travel.detour, travel.speed_m_s)
            _scan_straight(*scan, rows[of_mode], travel.xy_m, *speed, grid)
        else:
            known = (travel.ptr, travel.index, travel.seconds, travel.metres)
            _scan_sparse(*scan, rows[of_mode], *known)
        near[of_mode], n_near[of_mode] = some, n_some
    return near, n_near, by, n_by


def expand_pairs(keys: IntArray, nodes: Nodes, m: int) -> tuple[IntArray, IntArray]:
    """From pairs (volunteer, request) to compressed rows of nodes."""
    n = len(nodes.first)
    volunteer, request = keys // n, keys % n
    sizes = nodes.last[request] - nodes.first[request]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    node = np.repeat(nodes.first[request] - starts[:-1], sizes) + np.arange(starts[-1])
    counts = np.bincount(np.repeat(volunteer, sizes), minlength=m)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), node.astype(np.int64)
