"""Who could serve one request, filter by filter: the ground of funnels and of changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matching.engine.problem import Problem, crew_starts
from matching.engine.travel import UNREACHABLE, IntArray

BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True, eq=False)
class Suitability:
    """What each filter says about every volunteer (``m``) and one request.

    Parameters
    ----------
    request
        Index of the request.
    out_s, out_m, back_s, back_m
        (m,) int64, seconds and metres from home to the request and back; `UNREACHABLE` where no
        way is known.
    allowed
        (m,) bool, not banned.
    connected
        (m,) bool, there is a way there and back.
    in_reach
        (m,) bool, connected, and within ``max_travel_s`` and ``max_travel_m``.
    skilled, speaking
        (m,) bool, has every skill; speaks one of the languages.
    route_fits, work_fits, shift_fits
        (m,) bool: the way there and back alone is within ``max_route_m``; the work alone is within
        ``max_work_s``; a shift and a window leave time for it, travel included.
    willing
        (m,) bool, ``max_tasks`` is above 0.
    """

    request: int
    out_s: IntArray
    out_m: IntArray
    back_s: IntArray
    back_m: IntArray
    allowed: BoolArray
    connected: BoolArray
    in_reach: BoolArray
    skilled: BoolArray
    speaking: BoolArray
    route_fits: BoolArray
    work_fits: BoolArray
    shift_fits: BoolArray
    willing: BoolArray

    @cached_property
    def fitting(self) -> BoolArray:
        """(m,) bool: the right person, whatever distance and time say."""
        fits: BoolArray = self.allowed & self.skilled & self.speaking & self.willing
        return fits

    @cached_property
    def timely(self) -> BoolArray:
        """(m,) bool: has time for the work alone, and a route long enough."""
        fits: BoolArray = self.route_fits & self.work_fits & self.shift_fits
        return fits

    @cached_property
    def able(self) -> BoolArray:
        """(m,) bool: could do it with nothing else to do."""
        fits: BoolArray = self.fitting & self.in_reach & self.timely
        return fits


def judge_volunteers(problem: Problem, request: int) -> Suitability:
    """Put every volunteer through every filter of one request.

    Parameters
    ----------
    problem
        The problem.
    request
        Index of the request.
    """
    requests, volunteers = problem.requests, problem.volunteers
    legs = _home_legs(problem, request)
    out_s, out_m, back_s, back_m = legs
    connected = (np.maximum(out_s, out_m) < UNREACHABLE) & (
        np.maximum(back_s, back_m) < UNREACHABLE
    )
    needed, spoken = int(requests.skills[request]), int(requests.languages[request])
    allowed = np.ones(len(volunteers), np.bool_)
    allowed[problem.banned[problem.banned[:, 1] == request, 0]] = False
    service_s = int(requests.service_s[request])
    return Suitability(
        request,
        *legs,
        allowed=allowed,
        connected=connected,
        in_reach=connected
        & (out_s <= volunteers.max_travel_s)
        & (out_m <= volunteers.max_travel_m),
        skilled=(volunteers.skills & needed) == needed,
        speaking=(volunteers.languages & spoken != 0)
        if spoken
        else np.ones(len(volunteers), np.bool_),
        route_fits=connected & (out_m + back_m <= volunteers.max_route_m),
        work_fits=connected & (out_s + service_s + back_s <= volunteers.max_work_s),
        shift_fits=connected & _find_time(problem, request, out_s, back_s),
        willing=volunteers.max_tasks > 0,
    )


def _home_legs(problem: Problem, request: int) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Seconds and metres from every home to the request, and back."""
    volunteers = problem.volunteers
    m = len(volunteers)
    legs = tuple(np.full(m, UNREACHABLE) for _ in range(4))
    place = np.array([m + request], np.int64)
    for mode, travel in enumerate(problem.travel):
        mine = np.flatnonzero(volunteers.mode == mode)
        if len(mine):
            legs[0][mine], legs[1][mine] = travel.legs(mine, place)
            legs[2][mine], legs[3][mine] = travel.legs(place, mine)
    return legs[0], legs[1], legs[2], legs[3]


def work_spans(
    problem: Problem, request: int, out_s: IntArray, back_s: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """When each shift could hold the work of a request, windows aside.

    Parameters
    ----------
    problem, request
        The problem, and the index of a request.
    out_s, back_s
        (m,) int64, seconds from each home to the request and back.

    Returns
    -------
    owner : (n_shifts,) int64
        The volunteer of each shift.
    first_s, last_s : (n_shifts,) int64
        Earliest and latest start of the work; none fits where ``first_s > last_s``.
    """
    volunteers = problem.volunteers
    owner = np.repeat(np.arange(len(volunteers)), np.diff(volunteers.shift_ptr))
    first_s = volunteers.shift_start_s + out_s[owner]
    last_s = volunteers.shift_end_s - back_s[owner] - problem.requests.service_s[request]
    return owner, first_s, last_s


def start_spans(problem: Problem, request: int) -> list[tuple[int, int]]:
    """(earliest, latest) start of the work: one span a window, one moment each for crews."""
    if problem.requests.crew_size[request] > 1:
        return [(start_s, start_s) for start_s in crew_starts(problem, request)]
    service_s = int(problem.requests.service_s[request])
    return [
        (opens, closes - service_s)
        for opens, closes in problem.requests.windows(request)
        if opens + service_s <= closes
    ]


def _find_time(problem: Problem, request: int, out_s: IntArray, back_s: IntArray) -> BoolArray:
    """(m,) bool: some shift meets some window, travel included."""
    owner, first_s, last_s = work_spans(problem, request, out_s, back_s)
    fits = np.zeros(len(owner), np.bool_)
    for earliest_s, latest_s in start_spans(problem, request):
        fits |= np.maximum(first_s, earliest_s) <= np.minimum(last_s, latest_s)
    found = np.zeros(len(problem.volunteers), np.bool_)
    found[owner[fits]] = True
    return found
