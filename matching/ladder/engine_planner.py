"""The optimiser as the planner of a wave: whole routes for everybody who is ready."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matching.engine.problem import Objective, Problem, Requests, Volunteers
from matching.engine.solve import solve
from matching.engine.travel import SparseTravel, StraightTravel, Travel
from matching.ladder.board import BoolArray, FloatArray, IntArray
from matching.ladder.planners import WaveTask

MOST_COPIES = 3
"""A home may stand in so many plans of one wave."""

MOST_ENTRIES = 15
"""Homes per person that the optimiser looks at: those worth most to ask about."""

UNIT_WEIGHT = 1e-6
"""What a visit earns stands in the bonus of its pair; a weight has to be above 0."""


class EnginePlanner:
    """Plans a wave with `matching.engine`: routes that fit shifts, windows and limits.

    A home that several people should be asked about stands in the problem several times, each copy
    worth less by the chance that the others come. There is no time limit, so that the same task
    gives the same plans.

    Parameters
    ----------
    problem
        The whole problem, as a round makes it: volunteers are the people of the board and requests
        its homes, in the same order. Weights, chances and locks in it are not used; leave people
        who are already at work out of the wave, or shorten their shifts.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    def plan(self, task: WaveTask) -> list[tuple[int, ...]]:
        """See `matching.ladder.planners.Planner`."""
        row, entry, copy, bonus = _expand(task)
        if not len(row):
            return [() for _ in task.people]
        key = task.home[entry] * MOST_COPIES + copy
        wanted, request = np.unique(key, return_inverse=True)
        homes = wanted // MOST_COPIES
        part = _take_part(self._problem, task, homes)
        pairs = np.stack([row, request], axis=1)
        fits = ~_banned(self._problem, task.people[row], homes[request])
        # Pairs that are not on offer earn next to nothing; they are left out of the answer.
        problem = replace(part, preferred=pairs[fits], bonus_m=bonus[fits])
        offered = set(map(tuple, pairs[fits].tolist()))
        plans: list[list[int]] = [[] for _ in task.people]
        for route in solve(problem).routes:
            mine = plans[route.volunteer]
            for stop in route.requests:
                home = int(homes[stop])
                if (route.volunteer, stop) in offered and home not in mine:
                    mine.append(home)
        return [tuple(stops) for stops in plans]


def _expand(task: WaveTask) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """(row, entry, copy, bonus) of each pair of a person and a copy of a home worth asking."""
    row = np.repeat(np.arange(len(task.people)), np.diff(task.ptr))
    surplus = task.need[task.home] - task.cost
    order = np.lexsort((-task.chance * surplus, row))
    rank = np.empty(len(row), np.int64)
    rank[order] = np.arange(len(row)) - task.ptr[row[order]]
    chosen = np.flatnonzero((rank < MOST_ENTRIES) & (surplus > task.least_value))
    usual = np.bincount(task.home[chosen], task.chance[chosen], minlength=len(task.need))
    count = np.bincount(task.home[chosen], minlength=len(task.need))
    usual = np.where(count > 0, usual / np.maximum(count, 1), 0.0)
    parts = []
    for copy in range(MOST_COPIES):
        home = task.home[chosen]
        left = (1.0 - usual[home]) ** copy
        worth = task.chance[chosen] * (task.need[home] * left - task.cost[chosen])
        keep = (task.nobody[home] * left > task.risk[home]) & (worth > 0)
        kept = chosen[keep]
        parts.append((row[kept], kept, np.full(len(kept), copy), worth[keep]))
    rows, entries, copies, bonus = (np.concatenate(column) for column in zip(*parts, strict=True))
    return rows.astype(np.int64), entries.astype(np.int64), copies.astype(np.int64), bonus


def _take_part(problem: Problem, task: WaveTask, homes: IntArray) -> Problem:
    """The problem of these people and (copies of) these homes, worth nothing by itself."""
    places = np.concatenate([task.people, len(problem.volunteers) + homes])
    return Problem(
        requests=_take_requests(problem.requests, homes),
        volunteers=_take_volunteers(problem.volunteers, task),
        objective=Objective(
            value_m_per_weight=1.0,
            travel_cost=0.03,
            load_cost_m=task.cost_per_place,
            crew_start_step_s=problem.objective.crew_start_step_s,
        ),
        travel=tuple(_take_places(travel, places) for travel in problem.travel),
        xy_m=problem.xy_m[places],
        banned=np.zeros((0, 2), np.int64),
        preferred=np.zeros((0, 2), np.int64),
        bonus_m=np.zeros(0),
        locked=np.zeros((0, 2), np.int64),
        area_names=problem.area_names,
        skill_names=problem.skill_names,
        language_names=problem.language_names,
    )


def _rows_of(ptr: IntArray, rows: IntArray) -> tuple[IntArray, IntArray]:
    """New row pointers, and the entries of the rows in their order."""
    sizes = ptr[rows + 1] - ptr[rows]
    new = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    inside = np.arange(int(new[-1])) - np.repeat(new[:-1], sizes)
    return new, (np.repeat(ptr[rows], sizes) + inside).astype(np.int64)


def _take_requests(requests: Requests, homes: IntArray) -> Requests:
    ptr, entries = _rows_of(requests.window_ptr, homes)
    return Requests(
        ids=tuple(str(at) for at in range(len(homes))),
        service_s=requests.service_s[homes],
        weight=np.full(len(homes), UNIT_WEIGHT),
        skills=requests.skills[homes],
        languages=requests.languages[homes],
        crew_size=np.ones(len(homes), np.int64),
        window_ptr=ptr,
        window_open_s=requests.window_open_s[entries],
        window_close_s=requests.window_close_s[entries],
        area=requests.area[homes],
    )


def _take_volunteers(volunteers: Volunteers, task: WaveTask) -> Volunteers:
    rows = task.people
    ptr, entries = _rows_of(volunteers.shift_ptr, rows)
    plain = {
        name: getattr(volunteers, name)[rows]
        for name in (
            "max_work_s",
            "max_travel_s",
            "max_travel_m",
            "max_route_m",
            "skills",
            "languages",
            "mode",
            "area",
        )
    }
    return Volunteers(
        ids=tuple(str(at) for at in range(len(rows))),
        shift_ptr=ptr,
        shift_start_s=volunteers.shift_start_s[entries],
        shift_end_s=volunteers.shift_end_s[entries],
        max_tasks=np.minimum(volunteers.max_tasks[rows], task.room),
        load=np.zeros(len(rows)),
        accept_p=np.ones(len(rows)),
        **plain,
    )


def _take_places(travel: Travel, places: IntArray) -> Travel:
    if isinstance(travel, StraightTravel):
        return StraightTravel(travel.xy_m[places], travel.detour, travel.speed_m_s)
    wanted, first = np.unique(places, return_inverse=True)
    new_of = np.argsort(first, kind="stable")
    starts = np.searchsorted(first[new_of], np.arange(len(wanted) + 1))
    at = np.full(len(travel.ptr) - 1, -1, np.int64)
    at[wanted] = np.arange(len(wanted))
    columns: list[tuple[IntArray, IntArray]] = []
    sizes = []
    for place in places:
        span = np.arange(travel.ptr[place], travel.ptr[place + 1])
        span = span[at[travel.index[span]] >= 0]
        known = at[travel.index[span]]
        repeats = starts[known + 1] - starts[known]
        found = [new_of[starts[k] : starts[k + 1]] for k in known]
        index = np.concatenate(found) if found else np.zeros(0, np.int64)
        # Copies of one home are one place: nothing to walk between them.
        twins = new_of[starts[at[place]] : starts[at[place] + 1]]
        index = np.concatenate([index, twins])
        source = np.concatenate([np.repeat(span, repeats), np.full(len(twins), -1)])
        order = np.unique(index, return_index=True)[1]
        columns.append((index[order].astype(np.int64), source[order].astype(np.int64)))
        sizes.append(len(order))
    index = np.concatenate([column for column, _ in columns])
    source = np.concatenate([column for _, column in columns])
    return SparseTravel(
        ptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        index=index,
        seconds=np.where(source >= 0, travel.seconds[source], 0),
        metres=np.where(source >= 0, travel.metres[source], 0),
    )


def _banned(problem: Problem, people: IntArray, homes: IntArray) -> BoolArray:
    """Pairs that must not meet."""
    if not len(problem.banned):
        return np.zeros(len(people), np.bool_)
    n = len(problem.requests)
    found: BoolArray = np.isin(people * n + homes, problem.banned[:, 0] * n + problem.banned[:, 1])
    return found
