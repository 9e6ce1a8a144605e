"""Menus: for each volunteer the nodes worth considering, with every leg between them.

All later search works on menus alone, so it costs the same for straight lines and for streets.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np

from matching.engine.nodes import Nodes
from matching.engine.problem import Problem
from matching.engine.travel import FloatArray, IntArray, StraightTravel

BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


class Menus(NamedTuple):
    """Menus of some volunteers (``V``); entry ``e`` of volunteer ``k`` is in ``ptr[k]:ptr[k + 1]``.

    Parameters
    ----------
    volunteer
        (V,) int64, index into the problem.
    ptr
        (V + 1,) int64.
    node, request
        (E,) int64, the node of each entry and its request.
    value
        (E,) float64, metres: what the visit earns before travel and load.
    locked
        (E,) bool: the volunteer must visit this request.
    service_s, out_s, out_m, back_s, back_m
        (E,) int64: the work, and the legs from and to home.
    leg_ptr
        (V + 1,) int64: the legs of volunteer ``k`` start at ``leg_ptr[k]``, row by row.
    leg_s, leg_m
        int32, from entry to entry of one menu.
    metric
        (V,) bool: the legs keep the triangle inequality, so that leaving out a stop never makes
        a route longer or later.
    max_tasks, max_work_s, max_route_m
        (V,) int64.
    load_cost_m, load
        (V,) float64.
    shift_ptr, shift_start_s, shift_end_s
        (V + 1,) and (n_shifts,) int64.
    travel_cost
        float, value per metre.
    """

    volunteer: IntArray
    ptr: IntArray
    node: IntArray
    request: IntArray
    value: FloatArray
    locked: BoolArray
    service_s: IntArray
    out_s: IntArray
    out_m: IntArray
    back_s: IntArray
    back_m: IntArray
    leg_ptr: IntArray
    leg_s: np.ndarray[tuple[int, ...], np.dtype[np.int32]]
    leg_m: np.ndarray[tuple[int, ...], np.dtype[np.int32]]
    metric: BoolArray
    max_tasks: IntArray
    max_work_s: IntArray
    max_route_m: IntArray
    load_cost_m: FloatArray
    load: FloatArray
    shift_ptr: IntArray
    shift_start_s: IntArray
    shift_end_s: IntArray
    travel_cost: float


class Ground(NamedTuple):
    """What all tiles of a problem share: the problem, its nodes, and short menus."""

    problem: Problem
    nodes: Nodes
    menus: Menus


FAR = 1 << 30
"""Seconds or metres of an unreachable leg inside a menu; fits int32, exceeds every limit."""


@numba.njit(cache=True, nogil=True)
def _fill_straight(xy_m, place, detour, speed_m_s, seconds, metres):  # type: ignore[no-untyped-def]
    """All legs among the places of one menu, rounded up as `StraightTravel.legs` does."""
    for a in range(len(place)):
        for b in range(len(place)):
            dx = xy_m[place[a], 0] - xy_m[place[b], 0]
            dy = xy_m[place[a], 1] - xy_m[place[b], 1]
            length_m = np.ceil(detour * np.sqrt(dx**2 + dy**2))
            metres[a, b] = min(length_m, FAR)
            seconds[a, b] = min(np.ceil(length_m / speed_m_s), FAR)


@numba.njit(cache=True, nogil=True)
def _fill_sparse(ptr, index, known_s, known_m, place, seconds, metres):  # type: ignore[no-untyped-def]
    for a in range(len(place)):
        low, high = ptr[place[a]], ptr[place[a] + 1]
        for b in range(len(place)):
            seconds[a, b] = FAR
            metres[a, b] = FAR
            if place[a] == place[b]:
                seconds[a, b] = 0
                metres[a, b] = 0
                continue
            at = low + np.searchsorted(index[low:high], place[b])
            if at < high and index[at] == place[b]:
                seconds[a, b] = min(known_s[at], FAR)
                metres[a, b] = min(known_m[at], FAR)


@numba.njit(cache=True, nogil=True)
def _is_metric(seconds, metres):  # type: ignore[no-untyped-def]
    size = len(seconds)
    for a in range(size):
        for c in range(size):
            if seconds[a, c] >= FAR:
                continue
            for b in range(size):
                if seconds[a, b] > seconds[a, c] + seconds[c, b]:
                    return False
                if metres[a, b] > metres[a, c] + metres[c, b]:
                    return False
    return True


@numba.njit(cache=True, nogil=True)
def _copy_legs(seconds, metres, entry, out):  # type: ignore[no-untyped-def]
    """Spread the home row, home column and inner block of one volunteer into the menus."""
    out_s, out_m, back_s, back_m, leg_s, leg_m, at, leg_at = out
    size = len(entry)
    for a in range(size):
        row = entry[a]
        out_s[at + a] = seconds[0, row]
        out_m[at + a] = metres[0, row]
        back_s[at + a] = seconds[row, 0]
        back_m[at + a] = metres[row, 0]
        for b in range(size):
            leg_s[leg_at + a * size + b] = seconds[row, entry[b]]
            leg_m[leg_at + a * size + b] = metres[row, entry[b]]


def pair_values(
    problem: Problem, volunteer: IntArray, request: IntArray
) -> tuple[FloatArray, BoolArray]:
    """Visit value (metres) and lock of each pair; see `problem.visit_value`.

    Parameters
    ----------
    problem
        The problem.
    volunteer, request
        (k,) int64, pairs.
    """
    requests, volunteers = problem.requests, problem.volunteers
    n = len(requests)
    value = (
        requests.weight[request]
        / requests.crew_size[request]
        * volunteers.accept_p[volunteer]
        * problem.objective.value_m_per_weight
    )
    keys = volunteer * n + request
    locked = np.isin(keys, problem.locked[:, 0] * n + problem.locked[:, 1])
    if len(problem.preferred):
        bonus_keys = problem.preferred[:, 0] * n + problem.preferred[:, 1]
        order = np.argsort(bonus_keys)
        at = np.minimum(np.searchsorted(bonus_keys[order], keys), len(order) - 1)
        liked = bonus_keys[order][at] == keys
        value = value + np.where(liked, problem.bonus_m[order][at], 0.0)
    return value, locked


def build_menus(
    problem: Problem, nodes: Nodes, volunteers: IntArray, ptr: IntArray, node: IntArray
) -> Menus:
    """Work out values and legs for the given nodes of each volunteer.

    Parameters
    ----------
    problem, nodes
        The problem and its nodes.
    volunteers
        (V,) int64.
    ptr, node
        Compressed rows: the nodes on the menu of ``volunteers[k]`` are ``node[ptr[k]:ptr[k + 1]]``,
        grouped by request.
    """
    request = nodes.request[node]
    sizes = np.diff(ptr)
    owner = np.repeat(volunteers, sizes)
    value, locked = pair_values(problem, owner, request)
    legs = _all_legs(problem, volunteers, ptr, request)
    table = problem.volunteers
    starts = table.shift_ptr[volunteers]
    n_shifts = table.shift_ptr[volunteers + 1] - starts
    shift_ptr = np.concatenate([[0], np.cumsum(n_shifts)]).astype(np.int64)
    shift = np.repeat(starts - shift_ptr[:-1], n_shifts) + np.arange(shift_ptr[-1])
    return Menus(
        volunteer=volunteers,
        ptr=ptr,
        node=node,
        request=request,
        value=value,
        locked=locked,
        service_s=nodes.service_s[node],
        **legs,
        max_tasks=table.max_tasks[volunteers],
        max_work_s=table.max_work_s[volunteers],
        max_route_m=table.max_route_m[volunteers],
        load_cost_m=np.full(len(volunteers), float(problem.objective.load_cost_m)),
        load=table.load[volunteers],
        shift_ptr=shift_ptr,
        shift_start_s=table.shift_start_s[shift],
        shift_end_s=table.shift_end_s[shift],
        travel_cost=float(problem.objective.travel_cost),
    )


def _all_legs(
    problem: Problem, volunteers: IntArray, ptr: IntArray, request: IntArray
) -> dict[str, Any]:
    """The fields of `Menus` that hold legs."""
    n_entries = len(request)
    home = [np.zeros(n_entries, np.int64) for _ in range(4)]
    leg_ptr = np.concatenate([[0], np.cumsum(np.diff(ptr) ** 2)]).astype(np.int64)
    leg_s = np.zeros(leg_ptr[-1], np.int32)
    leg_m = np.zeros(leg_ptr[-1], np.int32)
    metric = np.zeros(len(volunteers), np.bool_)
    m = len(problem.volunteers)
    for k, v in enumerate(volunteers):
        distinct, entry = np.unique(request[ptr[k] : ptr[k + 1]], return_inverse=True)
        place = np.concatenate([[v], m + distinct]).astype(np.int64)
        seconds, metres, metric[k] = _legs_among(problem, int(v), place)
        out = (*home, leg_s, leg_m, ptr[k], leg_ptr[k])
        _copy_legs(seconds, metres, (entry + 1).astype(np.int64), out)
    names = ("out_s", "out_m", "back_s", "back_m")
    legs: dict[str, Any] = dict(zip(names, home, strict=True))
    return legs | {"leg_ptr": leg_ptr, "leg_s": leg_s, "leg_m": leg_m, "metric": metric}


def _legs_among(
    problem: Problem, volunteer: int, place: IntArray
) -> tuple[IntArray, IntArray, bool]:
    travel = problem.travel[problem.volunteers.mode[volunteer]]
    seconds = np.empty((len(place), len(place)), np.int64)
    metres = np.empty_like(seconds)
    if isinstance(travel, StraightTravel):
        _fill_straight(travel.xy_m, place, travel.detour, travel.speed_m_s, seconds, metres)
        return seconds, metres, True
    _fill_sparse(travel.ptr, travel.index, travel.seconds, travel.metres, place, seconds, metres)
    return seconds, metres, bool(_is_metric(seconds, metres))
