"""Why a round leaves requests without help: how far each came through the conditions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.engine.problem import Problem, crew_starts
from matching.engine.solution import Solution
from matching.engine.travel import IntArray
from matching.round_problem import RoundProblem
from matching.rounds import Unserved

BLOCK = 256
"""Requests that are looked at together: bounds the memory of a large community."""

BoolArray = npt.NDArray[np.bool_]


class Code(StrEnum):
    """The first condition that too few volunteers meet, in the order of the funnel."""

    OUT_OF_REACH = "out_of_reach"
    TOOL_MISSING = "tool_missing"
    LANGUAGE_MISSING = "language_missing"
    BANNED = "banned"
    NO_COMMON_TIME = "no_common_time"
    ALL_FULL = "all_full"
    WINDOW_OVER = "window_over"


WORDS = {
    Code.OUT_OF_REACH: "Nobody lives near enough",
    Code.TOOL_MISSING: "Nobody near has the tool or skill",
    Code.LANGUAGE_MISSING: "Nobody near speaks the language",
    Code.BANNED: "Those who could help must not be sent there",
    Code.NO_COMMON_TIME: "Nobody suitable near has time in the window",
    Code.ALL_FULL: "Everyone suitable near is needed more elsewhere",
    Code.WINDOW_OVER: "The time that was asked for is over",
}
CREW_WORDS = {
    Code.OUT_OF_REACH: "Too few for a crew live near enough",
    Code.TOOL_MISSING: "Too few near have the tool or skill for a crew",
    Code.LANGUAGE_MISSING: "Too few near speak the language for a crew",
    Code.BANNED: "Too few who could help in a crew may be sent there",
    Code.NO_COMMON_TIME: "Too few suitable near have time to meet as a crew",
}
"""Where more than one volunteer is needed at a time; the other words fit as they are."""


def describe_reason(code: Code, crew_size: int) -> str:
    """The reason in plain words."""
    return CREW_WORDS.get(code, WORDS[code]) if crew_size > 1 else WORDS[code]


@dataclass(frozen=True)
class Reason:
    """Why one request has nobody.

    Parameters
    ----------
    request
        Index in the problem.
    crew_size
        Volunteers that it needs.
    funnel
        How many volunteers are left after each condition: ``volunteers``, ``near``, ``with_tools``,
        ``with_language``, ``allowed``, ``with_time``, ``with_room``.
    """

    request: int
    crew_size: int
    code: Code
    funnel: Mapping[str, int]

    def detail(self) -> dict[str, Any]:
        """What is stored beside the code."""
        return {"crew_size": self.crew_size, "funnel": dict(self.funnel)}


@dataclass(frozen=True)
class ReasonCount:
    """One reason and the requests that have it."""

    code: Code
    words: str
    homes: int
    references: tuple[str, ...]
    areas: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class RoundReasons:
    """Reasons of all requests that a plan leaves out.

    Parameters
    ----------
    area_worth
        What one more volunteer in each area is worth, in homes.
    """

    made: RoundProblem
    reasons: tuple[Reason, ...]
    area_worth: Mapping[str, float] = field(default_factory=dict)

    def unserved(self) -> list[Unserved]:
        """What is stored with the round."""
        return [
            Unserved(
                self.made.requests[reason.request].id,
                reason.code.value,
                reason.detail(),
            )
            for reason in self.reasons
        ]

    def plan_rows(self) -> list[dict[str, Any]]:
        """What a plan file says about them."""
        ids = self.made.problem.requests.ids
        return [
            {
                "request": ids[reason.request],
                "reason": reason.code.value,
                **reason.detail(),
            }
            for reason in self.reasons
        ]


def explain_round(made: RoundProblem, solution: Solution) -> RoundReasons:
    """Follow every request without help through the conditions."""
    served = {request for route in solution.routes for request in route.requests}
    left = [request for request in range(len(made.requests)) if request not in served]
    reasons: list[Reason] = []
    for start in range(0, len(left), BLOCK):
        funnel = Funnel(made.problem, solution, left[start : start + BLOCK])
        reasons += funnel.reasons()
    return RoundReasons(made, tuple(reasons))


class Funnel:
    """The conditions between all volunteers and some requests, each as a whole."""

    def __init__(self, problem: Problem, solution: Solution, requests: Sequence[int]) -> None:
        self.problem = problem
        self.requests = np.array(requests, np.int64)
        volunteers = problem.volunteers
        shape = (len(volunteers), len(self.requests))
        self.there_s = np.zeros(shape, np.int64)
        self.back_s = np.zeros(shape, np.int64)
        there_m = np.zeros(shape, np.int64)
        places = len(volunteers) + self.requests
        for mode, travel in enumerate(problem.travel):
            mine = np.flatnonzero(volunteers.mode == mode)
            if len(mine) and len(places):
                self.there_s[mine], there_m[mine] = travel.legs(mine[:, None], places[None, :])
                self.back_s[mine], _ = travel.legs(places[None, :], mine[:, None])
        self.near: BoolArray = (self.there_s <= volunteers.max_travel_s[:, None]) & (
            there_m <= volunteers.max_travel_m[:, None]
        )
        self.allowed: BoolArray = np.ones(shape, bool)
        for column, request in enumerate(self.requests):
            here = problem.banned[:, 1] == request
            self.allowed[problem.banned[here, 0], column] = False
        self.visits = np.zeros(len(volunteers), np.int64)
        for route in solution.routes:
            self.visits[route.volunteer] += len(route.requests)

    def reasons(self) -> list[Reason]:
        """One reason for each of the requests."""
        return [self._reason(column, int(at)) for column, at in enumerate(self.requests)]

    def _reason(self, column: int, request: int) -> Reason:
        """The first condition that leaves fewer volunteers than the crew needs."""
        requests, volunteers = self.problem.requests, self.problem.volunteers
        needed, spoken = requests.skills[request], requests.languages[request]
        steps: list[tuple[str, Code, BoolArray]] = [
            ("near", Code.OUT_OF_REACH, self.near[:, column]),
            ("with_tools", Code.TOOL_MISSING, (volunteers.skills & needed) == needed),
            (
                "with_language",
                Code.LANGUAGE_MISSING,
                (volunteers.languages & spoken != 0) | (spoken == 0),
            ),
            ("allowed", Code.BANNED, self.allowed[:, column]),
        ]
        left = np.ones(len(volunteers), bool)
        counts = {"volunteers": len(volunteers)}
        code: Code | None = None
        crew_size = int(requests.crew_size[request])
        for name, step_code, passes in steps:
            left = left & passes
            counts[name] = int(left.sum())
            if code is None and counts[name] < crew_size:
                code = step_code
        timely = self._timely(column, request, np.flatnonzero(left))
        counts["with_time"] = len(timely)
        if code is None and len(timely) < crew_size:
            code = Code.NO_COMMON_TIME
        room = self.visits[timely] < volunteers.max_tasks[timely]
        counts["with_room"] = int(room.sum())
        return Reason(request, crew_size, code or Code.ALL_FULL, counts)

    def _timely(self, column: int, request: int, volunteers: IntArray) -> IntArray:
        """Those who could do this job alone in one of their shifts."""
        requests = self.problem.requests
        job = _Job(
            int(requests.service_s[request]),
            requests.windows(request),
            crew_starts(self.problem, request) if requests.crew_size[request] > 1 else None,
        )
        return np.array(
            [one for one in volunteers.tolist() if self._can_alone(one, column, job)], np.int64
        )

    def _can_alone(self, volunteer: int, column: int, job: _Job) -> bool:
        there_s, back_s = int(self.there_s[volunteer, column]), int(self.back_s[volunteer, column])
        if job.service_s + there_s + back_s > self.problem.volunteers.max_work_s[volunteer]:
            return False
        return any(
            job.fits(shift_start + there_s, shift_end - back_s)
            for shift_start, shift_end in self.problem.volunteers.shifts(volunteer)
        )


@dataclass(frozen=True)
class _Job:
    """When the work of one request may be done; ``starts`` only for crews."""

    service_s: int
    windows: Sequence[tuple[int, int]]
    starts: Sequence[int] | None

    def fits(self, arrival_s: int, leave_s: int) -> bool:
        """Whether the work fits between the arrival and the moment to leave for home."""
        latest_s = leave_s - self.service_s
        if self.starts is not None:
            return any(arrival_s <= start_s <= latest_s for start_s in self.starts)
        return any(
            max(arrival_s, opens_s) <= min(latest_s, closes_s - self.service_s)
            for opens_s, closes_s in self.windows
        )


def count_reasons(reasons: RoundReasons) -> list[ReasonCount]:
    """Reasons with the homes that have them, the most frequent first."""
    problem = reasons.made.problem
    groups: dict[Code, list[int]] = defaultdict(list)
    for reason in reasons.reasons:
        groups[reason.code].append(reason.request)
    if reasons.made.too_late:
        groups[Code.WINDOW_OVER] = []
    counts = []
    for code, found in groups.items():
        areas: dict[str, int] = defaultdict(int)
        for request in found:
            area = int(problem.requests.area[request])
            areas[problem.area_names[area] if area >= 0 else "elsewhere"] += 1
        late = [row.reference for row in reasons.made.too_late] if code is Code.WINDOW_OVER else []
        references = [problem.requests.ids[request] for request in found] + late
        by_count = sorted(areas.items(), key=lambda item: (-item[1], item[0]))
        counts.append(
            ReasonCount(code, WORDS[code], len(references), tuple(references), tuple(by_count))
        )
    return sorted(counts, key=lambda count: -count.homes)
