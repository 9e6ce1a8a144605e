"""Is there a day plan of one volunteer that earns more than stated? An exact search says.

This is the checker's own search, in plain Python, and shares nothing with the solver. It visits
every order of every set of requests in every shift, except where an optimistic estimate shows that
nothing better than the stated amount can follow. Waiting is free, so starting as early as possible
is never worse, but for crews, where a later start can have a lower price.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from matching.engine.travel import FloatArray, IntArray

_N_BUCKETS = 240
_MAX_VISITS = 150
"""Longer plans are not followed, only bounded: the depth of Python's own stack is limited."""


@dataclass(frozen=True, eq=False)
class Offer:
    """What one visit earns and when it may start.

    Parameters
    ----------
    service_s
        Seconds of work.
    windows
        (first, last) moment at which a single visitor may start, one pair for each window.
    starts_s
        For a crew: the agreed moments, ascending; None for a single visitor.
    nets_m
        Value minus price, metres: one entry, or one for each of ``starts_s``.
    """

    service_s: int
    windows: tuple[tuple[int, int], ...]
    starts_s: tuple[int, ...] | None
    nets_m: tuple[float, ...]

    def options(self, arrival_s: int) -> list[tuple[int, float]]:
        """(start, net) of every start worth considering after an arrival."""
        if self.starts_s is None:
            starts = [max(first, arrival_s) for first, last in self.windows if arrival_s <= last]
            return [(min(starts), self.nets_m[0])] if starts else []
        found: list[tuple[int, float]] = []
        for at in range(bisect_left(self.starts_s, arrival_s), len(self.starts_s)):
            if not found or self.nets_m[at] > found[-1][1]:
                found.append((self.starts_s[at], self.nets_m[at]))
        return found


@dataclass(frozen=True, eq=False)
class Day:
    """One volunteer's part of a problem, with place 0 as home and place ``k`` as offer ``k - 1``.

    Parameters
    ----------
    offers
        The requests that the volunteer may visit.
    must
        Positions in ``offers`` of the locked requests.
    shifts
        (start, end) of each shift, seconds.
    leg_s, leg_m
        (k + 1, k + 1) int64, seconds and metres between places.
    max_tasks, max_work_s, max_route_m
        The volunteer's limits.
    travel_cost
        Metres of value for each metre of travel.
    load_cost_m, load
        Visit number ``k`` (0 first) costs ``load_cost_m * (load + k)``.
    """

    offers: tuple[Offer, ...]
    must: tuple[int, ...]
    shifts: tuple[tuple[int, int], ...]
    leg_s: IntArray
    leg_m: IntArray
    max_tasks: int
    max_work_s: int
    max_route_m: int
    travel_cost: float
    load_cost_m: float
    load: float


@dataclass(frozen=True)
class Outcome:
    """What a search found.

    Parameters
    ----------
    best_m
        The most that a plan earns, if that is more than the target; else the target.
    plan
        The visits of that plan as (position in ``offers``, start second); None without one.
    complete
        False when the limit of steps ended the search.
    upper_m
        No plan earns more; equals ``best_m`` after a complete search.
    steps
        Visits looked at.
    """

    best_m: float
    plan: tuple[tuple[int, int], ...] | None
    complete: bool
    upper_m: float
    steps: int


class _State(NamedTuple):
    profit_m: float
    place: int
    ready_s: int
    work_s: int
    route_m: int
    shift: int
    visited: int
    stops: tuple[tuple[int, int], ...]


class DaySearch:
    """Depth-first search for a plan of ``day`` that earns more than ``target_m``.

    Parameters
    ----------
    day
        The volunteer's requests, shifts and limits.
    target_m
        Plans that earn no more are not looked for; ``-inf`` finds the best plan.
    max_steps
        The search gives up after so many visits; `Outcome.upper_m` is valid all the same.
    """

    def __init__(self, day: Day, target_m: float, *, max_steps: int) -> None:
        self._day, self._max_steps, self._steps = day, max_steps, 0
        self._best_m = target_m
        self._open_m = -np.inf
        self._plan: tuple[tuple[int, int], ...] | None = None
        self._seen: dict[tuple[int, int, int], list[tuple[float, int, int, int]]] = {}
        spans = [end - start for start, end in day.shifts]
        self._later_s = [sum(spans[at + 1 :]) for at in range(len(spans))]
        self._work_limit_s = max(0, min(day.max_work_s, sum(spans)))
        self._bucket_s = max(1, -(-self._work_limit_s // _N_BUCKETS))
        self._keep_useful()

    def run(self) -> Outcome:
        """Search, and say what was found and whether the search was complete."""
        self._close(_State(0.0, 0, 0, 0, 0, -1, 0, ()))
        return Outcome(
            best_m=self._best_m,
            plan=self._plan,
            complete=self._open_m <= self._best_m,
            upper_m=max(self._best_m, self._open_m),
            steps=self._steps,
        )

    def _keep_useful(self) -> None:
        """Drop, again and again, the offers that no plan above the target can contain."""
        day = self._day
        best_net = np.array([max(offer.nets_m, default=-np.inf) for offer in day.offers], float)
        service_s = np.array([offer.service_s for offer in day.offers], float)
        keep = np.arange(len(day.offers))
        while True:
            places = np.append(0, keep + 1)
            block_m = day.leg_m[np.ix_(places, places)].astype(float)
            block_s = day.leg_s[np.ix_(places, places)].astype(float)
            np.fill_diagonal(block_m, np.inf)
            np.fill_diagonal(block_s, np.inf)
            in_m, in_s = block_m.min(axis=0), block_s.min(axis=0)
            if len(keep) == 0:
                in_m[0] = in_s[0] = 0.0
            self._home_m, self._home_s = float(in_m[0]), int(in_s[0])
            gain = best_net[keep] - day.travel_cost * in_m[1:] - day.load_cost_m * day.load
            work_s = service_s[keep] + in_s[1:]
            locked = np.isin(keep, day.must)
            self._tabulate(gain, work_s)
            hope = gain + self._hope_after_one(work_s) - day.travel_cost * self._home_m
            hope += np.minimum(gain[locked], 0.0).sum()
            stays = (hope > self._best_m) | locked
            if stays.all():
                break
            keep = keep[stays]
        self._prepare(keep[np.argsort(-gain, kind="stable")], np.sort(gain)[::-1])

    def _tabulate(self, gain: FloatArray, work_s: FloatArray) -> None:
        """Fill ``_rest[k][w]``: the most that visits after the first ``k`` add in ``w`` buckets.

        A knapsack over the cheapest way into each place; the sizes are rounded down, so that the
        table never says too little.
        """
        day = self._day
        n_buckets = self._work_limit_s // self._bucket_s + 1
        useful = np.flatnonzero((gain > 0) & (work_s <= self._work_limit_s))
        most = self._count_fitting(work_s)
        table = np.zeros((min(most, len(useful)) + 1, n_buckets))
        if len(table) > 1:
            for at in useful:
                size = int(work_s[at]) // self._bucket_s
                better = table[:-1, : n_buckets - size] + gain[at]
                np.maximum(table[1:, size:], better, out=table[1:, size:])
        self._rest: list[FloatArray] = []
        for done in range(most + 1):
            more = np.arange(min(most - done, len(table) - 1) + 1)
            load_m = day.load_cost_m * (more * done + more * (more - 1) / 2)
            self._rest.append((table[: len(more)] - load_m[:, None]).max(axis=0))

    def _count_fitting(self, work_s: FloatArray) -> int:
        """The most visits that a plan can have: the shortest ones, one after the other."""
        fitting = int(np.searchsorted(np.cumsum(np.sort(work_s)), self._work_limit_s, "right"))
        return min(self._day.max_tasks, fitting)

    def _hope_after_one(self, work_s: FloatArray) -> FloatArray:
        """The most that the other visits of a plan add, for each offer in it."""
        if len(self._rest) < 2:
            return np.full(len(work_s), -np.inf)
        left_s = self._work_limit_s - self._home_s - work_s
        bucket = np.maximum(left_s, 0.0).astype(np.int64) // self._bucket_s
        return np.where(left_s >= 0, self._rest[1][bucket], -np.inf)

    def _prepare(self, keep: IntArray, gain: FloatArray) -> None:
        """Turn what the search reads into plain lists, offers by falling gain."""
        day = self._day
        places = np.append(0, keep + 1)
        self._leg_s = day.leg_s[np.ix_(places, places)].tolist()
        self._leg_m = day.leg_m[np.ix_(places, places)].tolist()
        self._original: list[int] = keep.tolist()
        self._offers = [day.offers[at] for at in self._original]
        self._gain: list[float] = gain.tolist()
        self._rest_of = [row.tolist() for row in self._rest]
        self._must = [at for at, original in enumerate(self._original) if original in day.must]
        self._must_mask = sum(1 << at for at in self._must)

    def _hope(self, done: int, work_s: int, until_end_s: int, visited: int) -> float:
        """The most that visits after the first ``done``, and the way home, still add."""
        left_s = min(self._day.max_work_s - work_s, until_end_s) - self._home_s
        if left_s < 0 or done >= len(self._rest_of):
            return -np.inf
        hope: float = self._rest_of[done][left_s // self._bucket_s]
        hope -= self._day.travel_cost * self._home_m
        for at in self._must:
            if not visited >> at & 1:
                hope += min(0.0, self._gain[at])
        return hope

    def _close(self, state: _State) -> None:
        """Go home, note the plan if it is the best one, and open each later shift."""
        day = self._day
        profit_m, work_s = state.profit_m, state.work_s
        if state.place:
            back_s, back_m = self._leg_s[state.place][0], self._leg_m[state.place][0]
            work_s += back_s
            profit_m -= day.travel_cost * back_m
            if state.ready_s + back_s > day.shifts[state.shift][1] or work_s > day.max_work_s:
                return
            if state.route_m + back_m > day.max_route_m:
                return
        if state.visited & self._must_mask == self._must_mask and profit_m > self._best_m:
            self._best_m = profit_m
            self._plan = tuple((self._original[at], start_s) for at, start_s in state.stops)
        for shift in range(state.shift + 1, len(day.shifts)):
            start_s, end_s = day.shifts[shift]
            until_end_s = end_s - start_s + self._later_s[shift]
            hope_m = profit_m + self._hope(len(state.stops), work_s, until_end_s, state.visited)
            opened = _State(profit_m, 0, start_s, work_s, 0, shift, state.visited, state.stops)
            self._enter(hope_m, opened)

    def _enter(self, hope_m: float, state: _State) -> None:
        """Explore a state that may lead to a better plan; past the limit, note its hope."""
        if hope_m <= self._best_m:
            return
        if self._steps >= self._max_steps or len(state.stops) > _MAX_VISITS:
            self._open_m = max(self._open_m, hope_m)
        else:
            self._explore(state)

    def _explore(self, state: _State) -> None:
        if self._is_dominated(state):
            return
        for hope_m, child in sorted(self._list_children(state), key=itemgetter(0), reverse=True):
            self._enter(hope_m, child)
        if state.place:
            self._close(state)

    def _is_dominated(self, state: _State) -> bool:
        """Whether the same visits, ending at the same place, were done better before."""
        own = (state.profit_m, -state.ready_s, -state.work_s, -state.route_m)
        others = self._seen.setdefault((state.visited, state.place, state.shift), [])
        if any(all(a >= b for a, b in zip(other, own, strict=True)) for other in others):
            return True
        others.append(own)
        return False

    def _list_children(self, state: _State) -> list[tuple[float, _State]]:
        """Every next visit in this shift that may lead to a better plan, with its hope."""
        day, done, children = self._day, len(state.stops) + 1, []
        if done > day.max_tasks:
            return []
        end_s, later_s = day.shifts[state.shift][1], self._later_s[state.shift]
        load_m = day.load_cost_m * (day.load + done - 1)
        ceiling_m = state.profit_m - day.load_cost_m * (done - 1)
        ceiling_m += self._hope(done, state.work_s, end_s - state.ready_s + later_s, -1)
        row_s, row_m = self._leg_s[state.place], self._leg_m[state.place]
        for at, offer in enumerate(self._offers):
            if ceiling_m + self._gain[at] <= self._best_m:
                break
            self._steps += 1
            leg_s, leg_m = row_s[at + 1], row_m[at + 1]
            work_s, route_m = state.work_s + leg_s + offer.service_s, state.route_m + leg_m
            if state.visited >> at & 1 or route_m + self._home_m > day.max_route_m:
                continue
            for start_s, net_m in offer.options(state.ready_s + leg_s):
                ready_s, visited = start_s + offer.service_s, state.visited | 1 << at
                if ready_s + self._home_s > end_s:
                    break
                profit_m = state.profit_m + net_m - day.travel_cost * leg_m - load_m
                until_end_s = end_s - ready_s + later_s
                hope_m = profit_m + self._hope(done, work_s, until_end_s, visited)
                if hope_m > self._best_m:
                    stops = (*state.stops, (at, start_s))
                    child = _State(
                        profit_m, at + 1, ready_s, work_s, route_m, state.shift, visited, stops
                    )
                    children.append((hope_m, child))
        return children
