"""Who gets which homes in one wave: the optimiser, or greedily without it."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Protocol, no_type_check

import numba
import numpy as np

from matching.ladder.board import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class WaveTask:
    """What a planner has to fill; ``k`` candidate pairs of ``a`` people, in compressed rows.

    Parameters
    ----------
    people
        (a,) int64, indices on the board.
    ptr, home
        (a + 1,) and (k,) int64; homes are indices on the board.
    chance
        (k,) float64, P of each pair.
    cost
        (k,) float64: what a yes costs: travel, and the prices of the person and the home.
    need
        (n,) float64 for all homes of the board: worth of a sure yes before anybody of this wave.
    nobody, risk
        (n,) float64: chance of nobody before this wave, and that at which nobody more is asked.
    room
        (a,) int64, most stops of each plan.
    cost_per_place, least_value
        See `LadderRules`. A stop is planned when a yes would be worth more than the least, however
        small its chance: the chance decides the order, it never excludes.
    """

    people: IntArray
    ptr: IntArray
    home: IntArray
    chance: FloatArray
    cost: FloatArray
    need: FloatArray
    nobody: FloatArray
    risk: FloatArray
    room: IntArray
    cost_per_place: float
    least_value: float


class Planner(Protocol):
    """Fills a wave."""

    def plan(self, task: WaveTask) -> list[tuple[int, ...]]:
        """Stops of each person of the task, in the order of the visits; empty for nothing."""
        ...


@numba.njit(cache=True, nogil=True)
@no_type_check
def fill_greedily(ptr, home, chance, cost, need, nobody, risk, room, cost_per_place, least_value):
    """Take the pair worth most, again and again; worth falls as homes are covered.

    Returns the pairs in the order in which they were taken.
    """
    a = len(ptr) - 1
    owner = np.empty(len(home), np.int64)
    heap = [(0.0, np.int64(0)) for _ in range(0)]
    left = nobody.copy()
    count = np.zeros(a, np.int64)
    for v in range(a):
        for e in range(ptr[v], ptr[v + 1]):
            owner[e] = v
            surplus = need[home[e]] - cost[e]
            if surplus > least_value:
                heap.append((-chance[e] * surplus, np.int64(e)))
    heapq.heapify(heap)
    taken = [np.int64(0) for _ in range(0)]
    while len(heap):
        before, e = heapq.heappop(heap)
        v, r = owner[e], home[e]
        if count[v] >= room[v] or left[r] <= risk[r]:
            continue
        share = left[r] / nobody[r] if nobody[r] > 0.0 else 0.0
        surplus = need[r] * share - cost[e] - cost_per_place * count[v]
        if surplus <= least_value:
            continue
        worth = chance[e] * surplus
        if worth < -before - 1e-9:
            heapq.heappush(heap, (-worth, e))
            continue
        taken.append(e)
        count[v] += 1
        left[r] *= 1.0 - chance[e]
    return np.array(taken, np.int64)


class GreedyPlanner:
    """The pair worth most first: quick, and without the optimiser."""

    def plan(self, task: WaveTask) -> list[tuple[int, ...]]:
        """See `Planner`; stops stand in the order in which they were taken."""
        stops: list[list[int]] = [[] for _ in task.people]
        taken = fill_greedily(
            task.ptr,
            task.home,
            task.chance,
            task.cost,
            task.need,
            task.nobody,
            task.risk,
            task.room,
            task.cost_per_place,
            task.least_value,
        )
        rows = np.searchsorted(task.ptr, taken, side="right") - 1
        for row, entry in zip(rows.tolist(), taken.tolist(), strict=True):
            stops[row].append(int(task.home[entry]))
        return [tuple(plan) for plan in stops]


def keep_open(nobody: FloatArray, risk: FloatArray, seats: IntArray) -> BoolArray:
    """(n,) bool: homes that are open and need further asks."""
    keep: BoolArray = (seats > 0) & (nobody > risk)
    return keep
