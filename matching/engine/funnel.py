"""The filter funnel: how many volunteers a request has, and where the others drop out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from matching.engine.problem import Problem
from matching.engine.seats import Seating
from matching.engine.solution import Solution
from matching.engine.suitability import (
    BoolArray,
    Suitability,
    judge_volunteers,
    start_spans,
    work_spans,
)
from matching.engine.travel import FloatArray, StraightTravel

SAMPLED_LEGS = 20_000
"""Known legs per mode that tell how straight and how fast its ways are."""


class Reason(StrEnum):
    """Why a request is left: the condition that too few volunteers meet, or the lost comparison."""

    BANNED = "banned"
    OUT_OF_REACH = "out_of_reach"
    SKILL_MISSING = "tool_missing"
    LANGUAGE_MISSING = "language_missing"
    NO_COMMON_TIME = "no_common_time"
    NO_CAPACITY = "no_capacity"
    LOWER_VALUE = "all_full"
    NOT_WORTH_IT = "not_worth_it"
    SEAT_FREE = "seat_free"


@dataclass(frozen=True)
class Funnel:
    """Where the volunteers of a problem drop out; each counts at the first filter that stops it.

    ``volunteers = banned + too_far + without_skills + without_language + without_time +
    without_capacity + able``.

    Parameters
    ----------
    request
        Index of the request.
    crew_size
        Volunteers that it needs at once.
    volunteers
        All of the problem.
    near, near_m
        How many live within ``near_m`` metres, straight: as far as half of the volunteers go (see
        `near_radius_m`). A count of its own, whatever the filters say.
    banned
        Must not meet.
    too_far
        Out of the volunteer's own reach, seconds or metres from home, or no known way.
    without_skills, missing_skills
        Lack a skill or tool; and (bit, how many of them lack it), the most missed first.
    without_language
        Speak none of the languages.
    without_time
        No shift meets a window with the way there and back, or the work alone is beyond
        ``max_work_s``, or the way alone beyond ``max_route_m``.
    too_long_route, too_long_work
        How many of these fail by the length of the route, and by the seconds of work.
    without_capacity
        Take no visits (``max_tasks`` is 0).
    able
        The rest: each could do it with nothing else to do.
    able_together
        The most of them who could start at one moment: less than ``able`` matters to crews only.
    busy
        Able, but the plan as it is leaves no room for one more visit; None without a plan.
    best_gain_m
        The most that the plan would gain with one of the others, metres; None when all are busy.
    able_but_banned
        Would be able if they were not banned.
    """

    request: int
    crew_size: int
    volunteers: int
    near: int
    near_m: float
    banned: int
    too_far: int
    without_skills: int
    missing_skills: tuple[tuple[int, int], ...]
    without_language: int
    without_time: int
    too_long_route: int
    too_long_work: int
    without_capacity: int
    able: int
    able_together: int
    busy: int | None
    best_gain_m: float | None
    able_but_banned: int

    @property
    def reason(self) -> Reason | None:
        """The first filter that leaves fewer volunteers than the crew needs.

        A ban is the reason whenever lifting it would be enough. When enough are left, the request
        lost against others, or earns less than the way there costs, or the plan has a free seat
        for it. None without a plan.
        """
        if self.able >= self.crew_size:
            return self._lost_why()
        if self.able + self.able_but_banned >= self.crew_size and self.able_but_banned:
            return Reason.BANNED
        left = self.volunteers
        for stopped, reason in (
            (self.banned, Reason.BANNED),
            (self.too_far, Reason.OUT_OF_REACH),
            (self.without_skills, Reason.SKILL_MISSING),
            (self.without_language, Reason.LANGUAGE_MISSING),
            (self.without_time, Reason.NO_COMMON_TIME),
            (self.without_capacity, Reason.NO_CAPACITY),
        ):
            if reason is Reason.NO_COMMON_TIME and left - self.too_long_route < self.crew_size:
                # The length of a route is a distance, whatever else they lack.
                reason = Reason.OUT_OF_REACH
            left -= stopped
            if left < self.crew_size and (stopped or reason is Reason.OUT_OF_REACH):
                return reason
        return Reason.OUT_OF_REACH

    def _lost_why(self) -> Reason | None:
        if self.able_together < self.crew_size:
            return Reason.NO_COMMON_TIME
        if self.busy is None:
            return None
        if self.best_gain_m is None or self.crew_size > 1:
            return Reason.LOWER_VALUE
        return Reason.SEAT_FREE if self.best_gain_m > 0 else Reason.NOT_WORTH_IT


class FunnelMaker:
    """Funnels of many requests of one problem; what they share is worked out once.

    Parameters
    ----------
    problem
        The problem.
    solution
        The plan that says who is busy; None leaves ``busy`` open.
    """

    def __init__(self, problem: Problem, solution: Solution | None = None) -> None:
        self.problem = problem
        self.near_m = near_radius_m(problem)
        self.seating = None if solution is None else Seating(problem, solution)

    def make(self, request: int) -> Funnel:
        """The funnel of one request."""
        return self.count(judge_volunteers(self.problem, request))

    def count(self, who: Suitability) -> Funnel:
        """The funnel of volunteers that were judged before."""
        problem, request = self.problem, who.request
        left: BoolArray = np.ones(len(problem.volunteers), np.bool_)
        stopped = []
        for passes in (
            who.allowed,
            who.in_reach,
            who.skilled,
            who.speaking,
            who.timely,
            who.willing,
        ):
            stopped.append(left & ~passes)
            left = left & passes
        unskilled, timeless = stopped[2], stopped[4]
        but_banned = ~who.allowed & who.in_reach & who.skilled & who.speaking & who.timely
        but_banned &= who.willing
        busy, best_gain_m = self._look_for_seats(request, left)
        return Funnel(
            request=request,
            crew_size=int(problem.requests.crew_size[request]),
            volunteers=len(left),
            near=self._count_near(request),
            near_m=self.near_m,
            banned=int(stopped[0].sum()),
            too_far=int(stopped[1].sum()),
            without_skills=int(unskilled.sum()),
            missing_skills=self._missing(request, unskilled),
            without_language=int(stopped[3].sum()),
            without_time=int(timeless.sum()),
            too_long_route=int((timeless & ~who.route_fits).sum()),
            too_long_work=int((timeless & ~who.work_fits).sum()),
            without_capacity=int(stopped[5].sum()),
            able=int(left.sum()),
            able_together=self._count_together(who),
            busy=busy,
            best_gain_m=best_gain_m,
            able_but_banned=int(but_banned.sum()),
        )

    def _count_near(self, request: int) -> int:
        m = len(self.problem.volunteers)
        home, place = self.problem.xy_m[:m], self.problem.xy_m[m + request]
        return int((np.hypot(*(home - place).T) <= self.near_m).sum()) if m else 0

    def _missing(self, request: int, unskilled: BoolArray) -> tuple[tuple[int, int], ...]:
        """(bit, volunteers among the unskilled who lack it), the most missed first."""
        needed = int(self.problem.requests.skills[request])
        has = self.problem.volunteers.skills[unskilled]
        bits = [bit for bit in range(needed.bit_length()) if needed >> bit & 1]
        counts = [(bit, int((~has >> bit & 1).sum())) for bit in bits]
        return tuple(
            sorted(((bit, n) for bit, n in counts if n), key=lambda item: (-item[1], item[0]))
        )

    def _count_together(self, who: Suitability) -> int:
        """The most able volunteers at any start of a crew; all of them for a crew of one."""
        if self.problem.requests.crew_size[who.request] == 1:
            return int(who.able.sum())
        owner, first_s, last_s = work_spans(self.problem, who.request, who.out_s, who.back_s)
        mine = who.able[owner]
        return max(
            (
                int(((first_s <= start_s) & (start_s <= last_s))[mine].sum())
                for start_s, _ in start_spans(self.problem, who.request)
            ),
            default=0,
        )

    def _look_for_seats(self, request: int, able: BoolArray) -> tuple[int | None, float | None]:
        """How many of the able are busy, and the best gain with one who is not."""
        if self.seating is None:
            return None, None
        seats = [
            self.seating.find_free_seat(int(volunteer), request)
            for volunteer in np.flatnonzero(able)
        ]
        gains = [seat.gain_m for seat in seats if seat is not None]
        return len(seats) - len(gains), max(gains, default=None)


def funnel(problem: Problem, request: int, solution: Solution | None = None) -> Funnel:
    """How many volunteers a request has, and where the others drop out.

    Parameters
    ----------
    problem
        The problem.
    request
        Index of the request.
    solution
        The plan that says who is busy; None leaves ``busy`` open.

    Returns
    -------
    Funnel
        For many requests of one problem use one `FunnelMaker`.
    """
    return FunnelMaker(problem, solution).make(request)


def near_radius_m(problem: Problem) -> float:
    """How far, straight, half of the volunteers go from home: metres, 0 without volunteers.

    The reach of a volunteer is the shortest of ``max_travel_m``, half of ``max_route_m``, and what
    they cover in ``max_travel_s``, turned into a straight line by the ways of their mode. Those who
    take no visits do not count. The furthest-reaching volunteers would make everybody near, so the
    median decides.
    """
    volunteers = problem.volunteers
    reach_m: FloatArray = np.zeros(len(volunteers))
    for mode in range(len(problem.travel)):
        mine = np.flatnonzero(volunteers.mode == mode)
        per_m, per_s = _straightness(problem, mode)
        way_m = np.minimum(volunteers.max_travel_m[mine], volunteers.max_route_m[mine] / 2)
        reach_m[mine] = np.minimum(way_m * per_m, volunteers.max_travel_s[mine] * per_s)
    willing = reach_m[volunteers.max_tasks > 0]
    return float(np.median(willing)) if len(willing) else 0.0


def _straightness(problem: Problem, mode: int) -> tuple[float, float]:
    """Straight metres per metre and per second of way, the median over known legs of a mode."""
    travel = problem.travel[mode]
    if isinstance(travel, StraightTravel):
        return 1 / travel.detour, travel.speed_m_s / travel.detour
    step = max(1, len(travel.index) // SAMPLED_LEGS)
    at = np.arange(0, len(travel.index), step)
    origin = np.searchsorted(travel.ptr, at, side="right") - 1
    straight_m = np.hypot(*(problem.xy_m[origin] - problem.xy_m[travel.index[at]]).T)
    metres, seconds = travel.metres[at], travel.seconds[at]
    useful = (metres > 0) & (seconds > 0) & (straight_m > 0)
    if not useful.any():
        return 1.0, 1.0
    straight_m = straight_m[useful]
    return (
        float(np.median(straight_m / metres[useful])),
        float(np.median(straight_m / seconds[useful])),
    )
