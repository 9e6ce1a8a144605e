"""Why a round leaves requests without help, and what was tried to change that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from matching.engine.changes import Change, LongerReach, MoreTime, MoreVolunteers, Newcomer
from matching.engine.explain import Explanation, Trial, explain, unserved_requests
from matching.engine.funnel import Funnel
from matching.engine.funnel import Reason as EngineReason
from matching.engine.problem import Problem
from matching.engine.solution import Solution
from matching.engine.stop import Stop
from matching.engine.suitability import BoolArray, judge_volunteers
from matching.rounds.ability_words import ABILITY_CODES
from matching.rounds.lifecycle import Unserved
from matching.rounds.problem import MODES, RoundProblem
from matching.rounds.reason_words import NOT_NOW, UNANSWERED, WINDOW_OVER, describe_reason
from matching.rounds.travel import TravelFinder
from matching.rounds.wider_ways import measure_wider

FUNNEL_COUNTS = (
    "volunteers",
    "near",
    "banned",
    "too_far",
    "without_skills",
    "without_language",
    "without_time",
    "without_capacity",
    "able",
    "busy",
)


@dataclass(frozen=True)
class Reason:
    """Why one request has nobody.

    Parameters
    ----------
    request
        Index in the problem.
    code
        A `matching.engine.funnel.Reason`, as text.
    detail
        What is stored: the size of the crew, the funnel, and what was tried.
    """

    request: int
    code: str
    detail: dict[str, Any]

    @property
    def crew_size(self) -> int:
        """Volunteers that the request needs."""
        return int(self.detail["crew_size"])


@dataclass(frozen=True)
class ReasonCount:
    """One reason and the requests that have it."""

    code: str
    words: str
    homes: int
    references: tuple[str, ...]
    areas: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class RoundReasons:
    """Reasons of all requests that a plan leaves out, in the order of the problem."""

    made: RoundProblem
    reasons: tuple[Reason, ...] = field(default=())

    def unserved(self) -> list[Unserved]:
        """What is stored with the round."""
        return [
            Unserved(self.made.requests[one.request].id, one.code, one.detail)
            for one in self.reasons
        ]

    def plan_rows(self) -> list[dict[str, Any]]:
        """What a plan file says about them."""
        ids = self.made.problem.requests.ids
        return [
            {"request": ids[one.request], "reason": one.code, **one.detail} for one in self.reasons
        ]


def explain_round(
    made: RoundProblem,
    solution: Solution,
    *,
    tries: int = 0,
    find_travel: TravelFinder | None = None,
    stop: Stop | None = None,
    progress: Callable[[int], None] | None = None,
) -> RoundReasons:
    """Say why each request is left; for the heaviest ``tries`` of them, look for a change.

    Trying changes plans the surroundings again, some seconds each. With ``find_travel`` the ways
    beyond everybody's reach are measured for it, so that a little more reach is tried as well.
    """
    problem = made.problem
    told = {one.request: one for one in explain(problem, solution, effort=0)}
    chosen = choose_tries(problem, tuple(told.values()), tries)
    if chosen and not (stop is not None and stop.reached()):
        wide = problem if find_travel is None else measure_wider(made, find_travel)
        for one in explain(wide, solution, chosen, stop=stop, progress=progress):
            # The funnel speaks of the ways that the round knew.
            told[one.request] = replace(
                one, funnel=told[one.request].funnel, reason=told[one.request].reason
            )
    reasons = [make_reason(problem, told[one]) for one in sorted(told)]
    return RoundReasons(made, tuple(tell_who_was_asked(made, reasons)))


def tell_who_was_asked(made: RoundProblem, reasons: Sequence[Reason]) -> list[Reason]:
    """Reasons that tell who takes no visits from who was asked already, or cannot be asked now."""
    inputs = made.inputs
    asked = np.array([row.id in inputs.asked for row in made.volunteers], np.bool_)
    resting = np.array([row.id in inputs.resting for row in made.volunteers], np.bool_) & ~asked
    if not (asked | resting).any():
        return list(reasons)
    return [_split_capacity(made.problem, reason, asked, resting) for reason in reasons]


def _split_capacity(
    problem: Problem, reason: Reason, asked: BoolArray, resting: BoolArray
) -> Reason:
    funnel = reason.detail["funnel"]
    if not funnel["without_capacity"]:
        return reason
    who = judge_volunteers(problem, reason.request)
    stopped = who.allowed & who.in_reach & who.skilled & who.speaking & who.timely & ~who.willing
    unanswered, waiting = int((stopped & asked).sum()), int((stopped & resting).sum())
    others = funnel["without_capacity"] - unanswered - waiting
    parts = {"without_capacity": others, "without_answer": unanswered, "resting": waiting}
    code = reason.code
    if code == EngineReason.NO_CAPACITY.value and unanswered + waiting:
        code = UNANSWERED if unanswered else NOT_NOW
    return replace(reason, code=code, detail={**reason.detail, "funnel": {**funnel, **parts}})


def choose_tries(problem: Problem, told: Sequence[Explanation], tries: int) -> list[int]:
    """The heaviest requests, with as many different reasons as there are."""
    heaviest = sorted(told, key=lambda one: (-problem.requests.weight[one.request], one.request))
    seen: dict[str, int] = defaultdict(int)
    ranked: list[tuple[int, int, int]] = []
    for one in heaviest:
        seen[one.reason] += 1
        ranked.append((seen[one.reason], len(ranked), one.request))
    return [request for *_, request in sorted(ranked)[:tries]]


def explain_one(
    problem: Problem, solution: Solution, request: int, *, stop: Stop | None = None
) -> Reason:
    """Why one request is left, with changes tried."""
    (told,) = explain(problem, solution, [request], stop=stop)
    return make_reason(problem, told)


def is_left(problem: Problem, solution: Solution, request: int) -> bool:
    """Whether a plan leaves a request."""
    return request in unserved_requests(problem, solution)


def make_reason(problem: Problem, told: Explanation) -> Reason:
    """An explanation in ids and numbers, as it is stored."""
    detail: dict[str, Any] = {
        "crew_size": told.funnel.crew_size,
        "funnel": funnel_counts(told.funnel),
    }
    missing = [problem.skill_names[bit] for bit, _ in told.funnel.missing_skills]
    if missing:
        detail["missing_skills"] = missing
    if told.trials or told.served_again:
        detail["tried"] = {
            "trials": len(told.trials),
            "replanned": told.replanned,
            "served_again": told.served_again,
            "smallest": _trial(problem, told.smallest),
            "lock": _trial(problem, told.lock),
        }
    return Reason(told.request, refine_code(str(told.reason.value), missing), detail)


def refine_code(code: str, missing: Sequence[str]) -> str:
    """A missing ability by what it is: a check, a guardian, a team, a tool that is all lent.

    ``missing`` are names of the problem's bits that volunteers near lack, the most missed first.
    Where those with a tool are all taken up and there is none left to lend, the tool is the reason.
    """
    kinds = [ABILITY_CODES.get(name.partition(":")[0]) for name in missing]
    if code == EngineReason.SKILL_MISSING.value and kinds:
        return kinds[0] or code
    if code == EngineReason.LOWER_VALUE.value and "tool_stock" in kinds:
        return "tool_stock"
    return code


def funnel_counts(funnel: Funnel) -> dict[str, int]:
    """The numbers of a funnel by name; ``near_m`` is metres, straight."""
    counts = {name: int(getattr(funnel, name) or 0) for name in FUNNEL_COUNTS}
    return counts | {"near_m": round(funnel.near_m)}


def _trial(problem: Problem, trial: Trial | None) -> dict[str, Any] | None:
    if trial is None:
        return None
    ids = problem.requests.ids
    return {
        "change": describe_change(problem, trial.change),
        "value_gain_m": round(trial.value_gain_m),
        "weight_gain": trial.weight_gain,
        "gained": [ids[request] for request in trial.gained],
        "displaced": [ids[request] for request in trial.displaced],
    }


def describe_change(problem: Problem, change: Change) -> dict[str, Any]:
    """A change by ids, seconds and metres."""
    if isinstance(change, LongerReach):
        return {
            "kind": "longer_reach",
            "volunteer": problem.volunteers.ids[change.volunteer],
            "extra_travel_s": change.extra_travel_s,
            "extra_travel_m": change.extra_travel_m,
            "extra_route_m": change.extra_route_m,
        }
    if isinstance(change, MoreTime):
        return {"kind": "more_time", "open_s": change.open_s, "close_s": change.close_s}
    if isinstance(change, MoreVolunteers):
        newcomer = describe_newcomer(problem, change.newcomer)
        return {"kind": "more_volunteers", "count": change.count, "newcomer": newcomer}
    volunteers = [problem.volunteers.ids[volunteer] for volunteer in change.volunteers]
    return {"kind": "lock", "volunteers": volunteers}


def describe_newcomer(problem: Problem, newcomer: Newcomer) -> dict[str, Any]:
    """Somebody who does not exist yet, by names and numbers."""
    return {
        "area": problem.area_names[newcomer.area] if newcomer.area >= 0 else None,
        "mode": MODES[newcomer.mode].value,
        "start_s": newcomer.start_s,
        "end_s": newcomer.end_s,
        "skills": _names(newcomer.skills, problem.skill_names),
        "languages": _names(newcomer.languages, problem.language_names),
        "max_tasks": newcomer.max_tasks,
        "max_travel_s": newcomer.max_travel_s,
    }


def _names(mask: int, names: Sequence[str]) -> list[str]:
    return [name for bit, name in enumerate(names) if mask >> bit & 1]


def count_reasons(reasons: RoundReasons) -> list[ReasonCount]:
    """Reasons with the homes that have them, the most frequent first."""
    problem = reasons.made.problem
    groups: dict[str, list[int]] = defaultdict(list)
    for reason in reasons.reasons:
        groups[reason.code].append(reason.request)
    counts = [_count(problem, code, found) for code, found in groups.items()]
    late = tuple(row.reference for row in reasons.made.too_late)
    if late:
        counts.append(ReasonCount(WINDOW_OVER, describe_reason(WINDOW_OVER), len(late), late, ()))
    return sorted(counts, key=lambda count: -count.homes)


def _count(problem: Problem, code: str, found: Sequence[int]) -> ReasonCount:
    areas: dict[str, int] = defaultdict(int)
    for request in found:
        area = int(problem.requests.area[request])
        areas[problem.area_names[area] if area >= 0 else "elsewhere"] += 1
    references = tuple(problem.requests.ids[request] for request in found)
    by_count = tuple(sorted(areas.items(), key=lambda item: (-item[1], item[0])))
    return ReasonCount(code, describe_reason(code), len(found), references, by_count)
