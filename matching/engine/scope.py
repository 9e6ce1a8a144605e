"""The part of a problem that is planned again when something changes; the rest stays fixed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matching.engine.changes import (
    WHOLE_NUMBERS,
    Change,
    Lock,
    LongerReach,
    MoreTime,
    MoreVolunteers,
    set_windows,
    sort_legs,
)
from matching.engine.problem import Problem, Requests, Volunteers
from matching.engine.solution import Route, Solution
from matching.engine.travel import IntArray, StraightTravel, Travel

WHOLE_VOLUNTEERS = 100
WHOLE_REQUESTS = 300
"""Up to so many volunteers and requests the whole problem is planned again."""

LOCAL_VOLUNTEERS = 12
"""Volunteers of a part: those who could serve the request, and the nearest to any of them."""

LOCAL_OPEN = 24
"""Requests of a part that the plan leaves, the nearest; those of its volunteers come on top."""


@dataclass(frozen=True, eq=False)
class Scope:
    """A part of a problem as a problem of its own.

    A crew that stands partly outside keeps its moment: its members inside are locked to it.

    Parameters
    ----------
    problem
        The part. Its volunteers and requests keep their order.
    volunteers, requests
        (V,) and (R,) int64, their indices in the whole.
    fixed
        The routes of all others.
    whole
        True when nothing was left out.
    """

    problem: Problem
    volunteers: IntArray
    requests: IntArray
    fixed: tuple[Route, ...]
    whole: bool

    def inside(self, change: Change) -> Change:
        """A change of the whole problem, in the numbers of the part."""
        if self.whole:
            return change
        if isinstance(change, LongerReach):
            return replace(change, volunteer=self._volunteer(change.volunteer))
        if isinstance(change, MoreTime):
            return replace(change, request=self._request(change.request))
        if isinstance(change, MoreVolunteers):
            near = self._request(change.newcomer.near_request)
            return replace(change, newcomer=replace(change.newcomer, near_request=near))
        volunteers = tuple(self._volunteer(volunteer) for volunteer in change.volunteers)
        return Lock(self._request(change.request), volunteers)

    def _volunteer(self, volunteer: int) -> int:
        return _position(self.volunteers, volunteer)

    def _request(self, request: int) -> int:
        return _position(self.requests, request)

    def join(self, routes: tuple[Route, ...], n_volunteers: int) -> tuple[Route, ...]:
        """Routes of the part, and those of all others, in the numbers of the whole.

        Volunteers whom the part has on top stand behind the ``n_volunteers`` of the whole.
        """
        if self.whole:
            return routes
        known = len(self.volunteers)
        moved = [
            replace(
                route,
                volunteer=int(self.volunteers[route.volunteer])
                if route.volunteer < known
                else n_volunteers + route.volunteer - known,
                requests=tuple(self.requests[list(route.requests)].tolist()),
            )
            for route in routes
        ]
        return tuple(
            sorted([*self.fixed, *moved], key=lambda route: (route.volunteer, route.shift))
        )


def _position(items: IntArray, item: int) -> int:
    at = int(np.searchsorted(items, item))
    if at >= len(items) or items[at] != item:
        raise KeyError(item)
    return at


def is_small(problem: Problem) -> bool:
    """Whether the whole problem is quick to plan again."""
    return len(problem.volunteers) <= WHOLE_VOLUNTEERS and len(problem.requests) <= WHOLE_REQUESTS


def take_whole(problem: Problem) -> Scope:
    """The whole problem."""
    return Scope(
        problem,
        np.arange(len(problem.volunteers), dtype=np.int64),
        np.arange(len(problem.requests), dtype=np.int64),
        (),
        whole=True,
    )


def take_part(
    problem: Problem,
    solution: Solution,
    request: int,
    first: IntArray,
    *,
    most_volunteers: int = LOCAL_VOLUNTEERS,
    most_open: int = LOCAL_OPEN,
) -> Scope:
    """The surroundings of a request.

    Parameters
    ----------
    problem, solution
        The whole, and its plan.
    request
        Index of the request.
    first
        (k,) int64, volunteers who have to be in, as has whoever serves the request; then come the
        nearest to any of them, or to the request.
    most_volunteers, most_open
        Volunteers in all, and requests that the plan leaves.
    """
    m, n = len(problem.volunteers), len(problem.requests)
    serving = [route.volunteer for route in solution.routes if request in route.requests]
    chosen = np.union1d(first, np.array(serving, np.int64))
    around_m = problem.xy_m[np.concatenate([chosen, [m + request]])]
    home_m = problem.xy_m[:m]
    away_m = np.full(m, np.inf)
    for place_m in around_m:
        away_m = np.minimum(away_m, np.hypot(*(home_m - place_m).T))
    away_m[chosen] = -1.0
    nearest = np.argsort(away_m, kind="stable")[: max(most_volunteers, len(chosen))]
    volunteers = np.sort(nearest).astype(np.int64)
    inside = np.zeros(m, np.bool_)
    inside[volunteers] = True
    served = np.zeros(n, np.bool_)
    mine = np.zeros(n, np.bool_)
    for route in solution.routes:
        served[list(route.requests)] = True
        if inside[route.volunteer]:
            mine[list(route.requests)] = True
    left = np.flatnonzero(~served)
    away_m = np.hypot(*(problem.xy_m[m + left] - problem.xy_m[m + request]).T)
    mine[left[np.argsort(away_m, kind="stable")[:most_open]]] = True
    mine[request] = True
    return _cut(problem, solution, volunteers, np.flatnonzero(mine).astype(np.int64))


def add_to_scope(scope: Scope, wide: Problem, solution: Solution, volunteer: int) -> Scope:
    """A scope with one more volunteer of a wider problem, who stands behind those of the whole."""
    volunteers = np.append(scope.volunteers, np.int64(volunteer))
    return _cut(wide, solution, volunteers, scope.requests)


def _cut(problem: Problem, solution: Solution, volunteers: IntArray, requests: IntArray) -> Scope:
    m = len(problem.volunteers)
    inside = np.zeros(m, np.bool_)
    inside[volunteers] = True
    places = np.concatenate([volunteers, m + requests])
    shared = _shared_crews(problem, solution, inside)
    locked = {(int(i), int(j)) for i, j in problem.locked}
    locked |= {(i, j) for j, (_, members) in shared.items() for i in members}
    preferred, kept = _keep_pairs(problem.preferred, volunteers, requests)
    part = Problem(
        requests=_take_requests(problem.requests, requests, shared),
        volunteers=_take_volunteers(problem.volunteers, volunteers),
        objective=problem.objective,
        travel=tuple(_take_places(travel, places) for travel in problem.travel),
        xy_m=problem.xy_m[places],
        banned=_keep_pairs(problem.banned, volunteers, requests)[0],
        preferred=preferred,
        bonus_m=problem.bonus_m[kept],
        locked=_keep_pairs(np.array(sorted(locked), np.int64).reshape(-1, 2), volunteers, requests)[
            0
        ],
        area_names=problem.area_names,
        skill_names=problem.skill_names,
        language_names=problem.language_names,
    )
    fixed = tuple(route for route in solution.routes if not inside[route.volunteer])
    return Scope(part, volunteers, requests, fixed, whole=False)


def _shared_crews(
    problem: Problem, solution: Solution, inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
) -> dict[int, tuple[int, list[int]]]:
    """Requests whose crew stands on both sides: the start, and the members inside."""
    crews: dict[int, tuple[int, list[int]]] = {}
    for route in solution.routes:
        for request, start_s in zip(route.requests, route.start_s, strict=True):
            if problem.requests.crew_size[request] > 1:
                crews.setdefault(request, (start_s, []))[1].append(route.volunteer)
    shared = {}
    for request, (start_s, members) in crews.items():
        within = [member for member in members if inside[member]]
        if 0 < len(within) < len(members):
            shared[request] = (start_s, within)
    return shared


def _take_requests(
    table: Requests, chosen: IntArray, shared: dict[int, tuple[int, list[int]]]
) -> Requests:
    crew_size, weight = table.crew_size[chosen].copy(), table.weight[chosen].copy()
    windows = [table.windows(int(request)) for request in chosen]
    for at, request in enumerate(chosen.tolist()):
        if request in shared:
            start_s, members = shared[request]
            # Each member's visit keeps its worth: a share of the whole weight.
            weight[at] *= len(members) / crew_size[at]
            crew_size[at] = len(members)
            windows[at] = [(start_s, start_s + int(table.service_s[request]))]
    part = Requests(
        ids=tuple(table.ids[request] for request in chosen),
        service_s=table.service_s[chosen],
        weight=weight,
        skills=table.skills[chosen],
        languages=table.languages[chosen],
        crew_size=crew_size,
        window_ptr=table.window_ptr[:1],
        window_open_s=table.window_open_s[:0],
        window_close_s=table.window_close_s[:0],
        area=table.area[chosen],
    )
    return set_windows(part, windows)


def _take_volunteers(table: Volunteers, chosen: IntArray) -> Volunteers:
    shifts = [table.shifts(int(volunteer)) for volunteer in chosen]
    flat = np.array([span for spans in shifts for span in spans], np.int64).reshape(-1, 2)
    sizes = [len(spans) for spans in shifts]
    return Volunteers(
        ids=tuple(table.ids[volunteer] for volunteer in chosen),
        shift_ptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        shift_start_s=np.ascontiguousarray(flat[:, 0]),
        shift_end_s=np.ascontiguousarray(flat[:, 1]),
        load=table.load[chosen],
        accept_p=table.accept_p[chosen],
        **{name: getattr(table, name)[chosen] for name in WHOLE_NUMBERS},
    )


def _keep_pairs(
    pairs: IntArray, volunteers: IntArray, requests: IntArray
) -> tuple[IntArray, IntArray]:
    """The pairs inside, in the numbers of the part, and their positions."""
    kept = np.flatnonzero(np.isin(pairs[:, 0], volunteers) & np.isin(pairs[:, 1], requests))
    columns = (
        np.searchsorted(volunteers, pairs[kept, 0]),
        np.searchsorted(requests, pairs[kept, 1]),
    )
    return np.stack(columns, axis=1).astype(np.int64), kept


def _take_places(travel: Travel, places: IntArray) -> Travel:
    """Travel between some places, which ascend."""
    if isinstance(travel, StraightTravel):
        return replace(travel, xy_m=travel.xy_m[places])
    position = np.full(len(travel.ptr) - 1, -1, np.int64)
    position[places] = np.arange(len(places))
    sizes = travel.ptr[places + 1] - travel.ptr[places]
    before = np.concatenate([[0], np.cumsum(sizes)])
    at = np.repeat(travel.ptr[places] - before[:-1], sizes) + np.arange(before[-1])
    known = position[travel.index[at]] >= 0
    at, origin = at[known], np.repeat(np.arange(len(places)), sizes)[known]
    destination = position[travel.index[at]]
    return sort_legs(len(places), origin, destination, travel.seconds[at], travel.metres[at])
