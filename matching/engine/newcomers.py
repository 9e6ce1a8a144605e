"""New volunteers who do not exist yet: what they would be like, and where they would live."""

from __future__ import annotations

import numpy as np

from matching.engine.changes import Newcomer
from matching.engine.problem import Problem
from matching.engine.travel import IntArray

PLAIN_TASKS = 3
PLAIN_WORK_S = 7_200
PLAIN_TRAVEL_S = 900
NO_LIMIT = 1 << 39
"""Limits of a newcomer where there is no volunteer to take after."""

ANCHORS_NEAR = 12
"""Open requests whose middle stands for the neighbourhood of one of them; all of them are planned
again with it (see `matching.engine.scope.LOCAL_OPEN`)."""


def typical_newcomer(
    problem: Problem, near_request: int, *, skills: int = 0, languages: int = 0
) -> Newcomer:
    """A volunteer like most, with time as long as requests may be served.

    Way of travelling: the most frequent one. Limits and chance of a yes: the median of those who
    travel like that and take visits. One shift, from the first opening to the last closing.

    Parameters
    ----------
    problem
        The problem.
    near_request
        The request that they live beside.
    skills, languages
        What they bring, bit masks.
    """
    table, requests = problem.volunteers, problem.requests
    willing = np.flatnonzero(table.max_tasks > 0)
    mode = int(np.bincount(table.mode[willing]).argmax()) if len(willing) else 0
    alike = willing[table.mode[willing] == mode]

    def median(values: IntArray, otherwise: int) -> int:
        # The lower one of two middles, so that it is somebody's.
        return int(np.sort(values[alike])[(len(alike) - 1) // 2]) if len(alike) else otherwise

    chances = np.sort(table.accept_p[alike])
    return Newcomer(
        near_request=near_request,
        area=int(requests.area[near_request]),
        start_s=int(requests.window_open_s.min()),
        end_s=int(requests.window_close_s.max()),
        mode=mode,
        skills=skills,
        languages=languages,
        accept_p=float(chances[(len(chances) - 1) // 2]) if len(chances) else 1.0,
        max_tasks=median(table.max_tasks, PLAIN_TASKS),
        max_work_s=median(table.max_work_s, PLAIN_WORK_S),
        max_travel_s=median(table.max_travel_s, PLAIN_TRAVEL_S),
        max_travel_m=median(table.max_travel_m, NO_LIMIT),
        max_route_m=median(table.max_route_m, NO_LIMIT),
    )


def pick_anchor(problem: Problem, request: int, served: IntArray) -> int:
    """The middle one of the nearest open requests, of those in the same area.

    Parameters
    ----------
    problem, request
        The problem, and the index of a request that is open.
    served
        (s,) int64, requests that the plan serves.
    """
    m, table = len(problem.volunteers), problem.requests
    left = np.ones(len(table), np.bool_)
    left[served] = False
    left[request] = True
    found = np.flatnonzero(left)
    place_m = problem.xy_m[m + found]
    away_m = np.hypot(*(place_m - problem.xy_m[m + request]).T)
    near = found[np.argsort(away_m, kind="stable")[:ANCHORS_NEAR]]
    near = near[table.area[near] == table.area[request]]
    place_m = problem.xy_m[m + near]
    apart_m = np.hypot(*(place_m[:, None] - place_m[None, :]).transpose(2, 0, 1))
    return int(near[int(apart_m.sum(axis=1).argmin())])
