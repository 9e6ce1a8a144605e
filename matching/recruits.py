"""What one more volunteer would bring: tried by adding one and planning again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import numpy as np

from core.ids import new_id
from geo.city import CityPack
from geo.privacy import cell_center
from geo.travel import great_circle_m
from matching.engine.problem import Problem
from matching.engine.solution import Solution
from matching.engine.travel import IntArray
from matching.kinds import TravelMode
from matching.models import AvailabilityWindow, Volunteer
from matching.round_outcome import served_requests
from matching.round_problem import RoundProblem, build_round_problem
from matching.round_travel import TravelFinder
from people.kinds import AbilityKind
from people.models import (
    Ability,
    Household,
    HouseholdAddress,
    Person,
    PersonAbility,
    Preferences,
)

REACH_S = 900
REACH_M = 900.0
MAX_TASKS = 3
MAX_TRIALS = 8
"""Each trial plans the whole round again."""
WANTED_SHARE = 0.15
"""Nobody has every tool and language: one that fewer of the open requests ask for is left out."""
MAX_WORK_S = 7_200

Resolve = Callable[[Problem], Solution]


@dataclass(frozen=True)
class Recruit:
    """A volunteer who does not exist yet, and what would change with one like that.

    Parameters
    ----------
    homes
        Homes with a neighbor that the plan gains, at most those that the newcomer visits.
    weight
        Weight that the plan gains.
    """

    area: str
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    start_at: datetime
    end_at: datetime
    homes: int
    weight: float


@dataclass(frozen=True)
class _Profile:
    area: str
    cell: int
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    open_weight: float


def try_recruits(
    made: RoundProblem,
    solution: Solution,
    pack: CityPack,
    find_travel: TravelFinder,
    resolve: Resolve,
    *,
    most: int = MAX_TRIALS,
    workers: int = 1,
) -> Iterator[Recruit]:
    """In the neighbourhoods with most open need, add one fitting volunteer and plan again.

    The volunteer walks up to 15 minutes, has the whole time of the round, takes three visits, and
    has the tools and the one language that are most wanted there. Yields in the order of open
    need near by.
    """
    profiles = _profiles(made, solution)[:most]
    if not profiles:
        return
    requests = made.problem.requests
    start_at = made.inputs.horizon.moment(int(requests.window_open_s.min()))
    end_at = made.inputs.horizon.moment(int(requests.window_close_s.max()))
    newcomers = [_volunteer(profile, start_at, end_at) for profile in profiles]
    inputs = replace(made.inputs, volunteers=(*made.inputs.volunteers, *newcomers))
    # One problem holds all newcomers, so that the ways are measured once; each trial wakes one.
    wide = build_round_problem(inputs, pack, find_travel).problem
    first = len(made.volunteers)
    served, weight = len(served_requests(solution)), solution.certificate.weight_served
    newcomer_at = range(first, first + len(profiles))
    with ThreadPoolExecutor(workers) as pool:
        plans = pool.map(lambda at: resolve(_wake(wide, first, at)), newcomer_at)
        for profile, at, plan in zip(profiles, newcomer_at, plans, strict=True):
            gained = len(served_requests(plan)) - served
            yield Recruit(
                area=profile.area,
                skills=profile.skills,
                languages=profile.languages,
                start_at=start_at,
                end_at=end_at,
                # What planning again wins elsewhere is not the newcomer's merit.
                homes=max(0, min(gained, _visits_of(plan, at))),
                weight=plan.certificate.weight_served - weight,
            )


def _visits_of(plan: Solution, volunteer: int) -> int:
    return sum(len(route.requests) for route in plan.routes if route.volunteer == volunteer)


def count_trials(made: RoundProblem, solution: Solution, *, most: int = MAX_TRIALS) -> int:
    """How many plans `try_recruits` makes."""
    return min(most, len(_profiles(made, solution)))


def _profiles(made: RoundProblem, solution: Solution) -> list[_Profile]:
    problem = made.problem
    served = served_requests(solution)
    left = [request for request in range(len(made.requests)) if request not in served]
    profiles = []
    for area, name in enumerate(problem.area_names):
        here = [request for request in left if problem.requests.area[request] == area]
        cell = _best_cell(made, here, left)
        if cell is None:
            continue
        near = _near(made, cell, left)
        skills = _wanted(problem.requests.skills[near], problem.skill_names)
        languages = _wanted(problem.requests.languages[near], problem.language_names)
        weight = float(problem.requests.weight[near].sum())
        profiles.append(_Profile(name, cell, skills, languages[:1], weight))
    profiles.sort(key=lambda profile: (-profile.open_weight, profile.area))
    return profiles


def _best_cell(made: RoundProblem, here: Sequence[int], left: Sequence[int]) -> int | None:
    """The cell of an area from which most of the open weight can be walked to."""
    cells = {made.requests[request].household.cell for request in here}
    weight = made.problem.requests.weight
    ranked = [
        (float(weight[_near(made, cell, left)].sum()), cell) for cell in cells if cell is not None
    ]
    return max(ranked)[1] if ranked else None


def _near(made: RoundProblem, cell: int, left: Sequence[int]) -> IntArray:
    """Open requests whose cell is near another cell."""
    places = np.array(
        [cell_center(made.requests[request].household.cell or cell) for request in left]
    ).reshape(-1, 2)
    apart_m = great_circle_m(places, np.array(cell_center(cell)))
    return np.array(left, np.int64)[apart_m <= REACH_M]


def _wanted(masks: IntArray, names: Sequence[str]) -> tuple[str, ...]:
    """What at least `WANTED_SHARE` of the requests ask for, the most wanted first."""
    counts = [(int((masks >> bit & 1).sum()), name) for bit, name in enumerate(names)]
    least = max(1.0, WANTED_SHARE * len(masks))
    ranked = sorted(counts, key=lambda item: (-item[0], item[1]))
    return tuple(name for count, name in ranked if count >= least)


def _volunteer(profile: _Profile, start_at: datetime, end_at: datetime) -> Volunteer:
    """A row that is never stored: the round only reads it."""
    lon_deg, lat_deg = cell_center(profile.cell)
    home = Household(cell=profile.cell, area=profile.area)
    home.address = HouseholdAddress(lon_deg=lon_deg, lat_deg=lat_deg)
    person = Person(
        preferences=Preferences(languages=list(profile.languages)),
        abilities=[
            PersonAbility(ability=Ability(kind=AbilityKind.TOOL, code=code, label=code))
            for code in profile.skills
        ],
    )
    key: UUID = new_id()
    return Volunteer(
        id=key,
        person=person,
        home=home,
        mode=TravelMode.WALK,
        max_tasks=MAX_TASKS,
        max_work_s=MAX_WORK_S,
        max_travel_s=REACH_S,
        radius_m=None,
        accept_prior=0.5,
        load=0.0,
        windows=[AvailabilityWindow(starts_at=start_at, ends_at=end_at)],
        weekly_hours=[],
    )


def _wake(problem: Problem, first: int, awake: int) -> Problem:
    """The problem with one newcomer; the others take no visit."""
    max_tasks = problem.volunteers.max_tasks.copy()
    max_tasks[first:] = 0
    max_tasks[awake] = problem.volunteers.max_tasks[awake]
    return replace(problem, volunteers=replace(problem.volunteers, max_tasks=max_tasks))
