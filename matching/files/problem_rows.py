"""An engine problem in the words of a problem file."""

from __future__ import annotations

import datetime

import numpy as np
from msgspec import UNSET

from matching.engine.problem import InvalidProblem, Problem
from matching.engine.travel import SparseTravel, StraightTravel, Travel
from matching.files.problem_format import (
    PROBLEM_FORMAT,
    MatrixRow,
    ObjectiveRow,
    PairRow,
    PreferredRow,
    ProblemDocument,
    RequestRow,
    StraightRow,
    TravelRow,
    VolunteerRow,
)


def make_document(
    problem: Problem, *, name: str = "", horizon_start: datetime.datetime | None = None
) -> ProblemDocument:
    """Say a problem in the words of the format; it loads to the same digest.

    Raises
    ------
    InvalidProblem
        When the format cannot say it.
    """
    travels = [_describe_travel(problem, at) for at in range(len(problem.travel))]
    objective = problem.objective
    return ProblemDocument(
        format=PROBLEM_FORMAT,
        name=name,
        horizon_start=horizon_start,
        requests=[_describe_request(problem, j) for j in range(len(problem.requests))],
        volunteers=[
            _describe_volunteer(problem, i, travels) for i in range(len(problem.volunteers))
        ],
        travel=travels,
        objective=ObjectiveRow(
            value_m_per_weight=objective.value_m_per_weight,
            travel_cost=objective.travel_cost,
            load_cost_m=objective.load_cost_m,
            crew_start_step_s=objective.crew_start_step_s,
        ),
        areas=list(problem.area_names),
        skills=list(problem.skill_names),
        languages=list(problem.language_names),
        banned=[PairRow(*_names_of(problem, pair)) for pair in problem.banned.tolist()],
        preferred=[
            PreferredRow(*_names_of(problem, pair), bonus_m=float(bonus_m))
            for pair, bonus_m in zip(problem.preferred.tolist(), problem.bonus_m, strict=True)
        ],
        locked=[PairRow(*_names_of(problem, pair)) for pair in problem.locked.tolist()],
    )


def _names_of(problem: Problem, pair: list[int]) -> tuple[str, str]:
    return problem.volunteers.ids[pair[0]], problem.requests.ids[pair[1]]


def _describe_mask(mask: int, names: tuple[str, ...], field: str, owner: str) -> list[str]:
    if mask < 0 or mask >> len(names):
        raise InvalidProblem(field, "has a bit without a name", id=owner)
    return [name for bit, name in enumerate(names) if mask >> bit & 1]


def _describe_area(problem: Problem, area: int, field: str, owner: str) -> str | None:
    if area == -1:
        return None
    if not 0 <= area < len(problem.area_names):
        raise InvalidProblem(field, "has no name", id=owner)
    return problem.area_names[area]


def _describe_request(problem: Problem, j: int) -> RequestRow:
    requests = problem.requests
    owner, place = requests.ids[j], problem.xy_m[len(problem.volunteers) + j].tolist()
    return RequestRow(
        id=owner,
        x_m=place[0],
        y_m=place[1],
        service_s=int(requests.service_s[j]),
        windows=list(requests.windows(j)),
        weight=float(requests.weight[j]),
        skills=_describe_mask(
            int(requests.skills[j]), problem.skill_names, "requests.skills", owner
        ),
        languages=_describe_mask(
            int(requests.languages[j]), problem.language_names, "requests.languages", owner
        ),
        crew_size=int(requests.crew_size[j]),
        area=_describe_area(problem, int(requests.area[j]), "requests.area", owner),
    )


def _describe_volunteer(problem: Problem, i: int, travels: list[TravelRow]) -> VolunteerRow:
    volunteers = problem.volunteers
    owner, place = volunteers.ids[i], problem.xy_m[i].tolist()
    mode = int(volunteers.mode[i])
    return VolunteerRow(
        id=owner,
        x_m=place[0],
        y_m=place[1],
        shifts=list(volunteers.shifts(i)),
        max_tasks=int(volunteers.max_tasks[i]),
        max_work_s=int(volunteers.max_work_s[i]),
        max_travel_s=int(volunteers.max_travel_s[i]),
        max_travel_m=int(volunteers.max_travel_m[i]),
        max_route_m=int(volunteers.max_route_m[i]),
        skills=_describe_mask(
            int(volunteers.skills[i]), problem.skill_names, "volunteers.skills", owner
        ),
        languages=_describe_mask(
            int(volunteers.languages[i]), problem.language_names, "volunteers.languages", owner
        ),
        load=float(volunteers.load[i]),
        accept_p=float(volunteers.accept_p[i]),
        travel=travels[mode].name if mode else UNSET,
        area=_describe_area(problem, int(volunteers.area[i]), "volunteers.area", owner),
    )


def _describe_travel(problem: Problem, mode: int) -> TravelRow:
    model: Travel = problem.travel[mode]
    name = "default" if len(problem.travel) == 1 else f"travel-{mode + 1}"
    if isinstance(model, SparseTravel):
        return MatrixRow(name=name, entries=_list_entries(problem, model))
    if not np.array_equal(model.xy_m, problem.xy_m):
        raise InvalidProblem("travel", "uses other places than xy_m", id=name)
    return _describe_straight(model, name)


def _describe_straight(model: StraightTravel, name: str) -> StraightRow:
    """The speed in km/h where that says it exactly, else in m/s."""
    speed_kmh = round(model.speed_m_s * 3.6, 9)
    if speed_kmh / 3.6 == model.speed_m_s:
        return StraightRow(name=name, detour=float(model.detour), speed_kmh=speed_kmh)
    return StraightRow(name=name, detour=float(model.detour), speed_m_s=float(model.speed_m_s))


def _list_entries(problem: Problem, model: SparseTravel) -> list[tuple[str, str, int, int]]:
    ids = problem.volunteers.ids + problem.requests.ids
    if len(set(ids)) != len(ids):
        raise InvalidProblem("travel", "by pairs needs ids that no volunteer and request share")
    origins = np.repeat(np.arange(len(ids)), np.diff(model.ptr)).tolist()
    columns = (origins, model.index.tolist(), model.seconds.tolist(), model.metres.tolist())
    return [
        (ids[origin], ids[destination], seconds, metres)
        for origin, destination, seconds, metres in zip(*columns, strict=True)
    ]
