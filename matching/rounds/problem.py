"""From a community's rows to the engine's problem, and from its numbers back to rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from geo.city import CityPack
from geo.privacy import cell_center
from matching.availability import Window
from matching.engine.problem import Objective, Problem
from matching.engine.travel import FloatArray, IntArray
from matching.models import HelpRequest, Volunteer
from matching.rounds.engine_rows import (
    MODES,
    Names,
    make_requests,
    make_volunteers,
    shorten_ids,
    to_pairs,
)
from matching.rounds.ground import Ground, straight_reach_m
from matching.rounds.inputs import HeldWork, RoundInputs
from matching.rounds.requirements import Scene, find_requirements
from matching.rounds.travel import TravelFinder, build_travel
from matching.volunteering.days import Span, VolunteerDays, find_days
from people.models import Household

__all__ = ["MODES", "RoundProblem", "build_round_problem", "shorten_ids"]

VALUE_M_PER_WEIGHT = 40_000.0
"""With a yes in two to an offer, a visit of weight 1 is worth 20 km: priority before travel."""


@dataclass(frozen=True, eq=False)
class RoundProblem:
    """A problem and the rows behind its numbers.

    Parameters
    ----------
    requests, volunteers
        In the order of the problem.
    too_late
        Open requests whose windows are over, or too short by now.
    later
        Open requests whose windows lie behind the horizon: for a later round.
    lonlat
        (m + n, 2) float64: exact homes, volunteers then requests. Never leaves the server.
    held
        (volunteer, request) by index: accepted work and sent offers, locked into the plan.
    n_pairs
        Pairs of places with a known way.
    anchors
        Where each volunteer starts from in this round: at home, or at the other place.
    loans
        (volunteer by index, tool): tools of the depots that the plan reckons with.
    loans_proven
        Whether no choice of borrowers is clearly better; see `matching.volunteering.lending`.
    """

    problem: Problem
    inputs: RoundInputs
    requests: tuple[HelpRequest, ...]
    volunteers: tuple[Volunteer, ...]
    too_late: tuple[HelpRequest, ...]
    later: tuple[HelpRequest, ...]
    lonlat: FloatArray
    held: frozenset[tuple[int, int]]
    n_pairs: int
    anchors: tuple[Household, ...]
    loans: frozenset[tuple[int, str]] = frozenset()
    loans_proven: bool = True


def build_round_problem(
    inputs: RoundInputs, pack: CityPack, find_travel: TravelFinder
) -> RoundProblem:
    """Make the problem of a round; homes stand in it by their blurred cell only.

    Raises
    ------
    TooManyAbilities
        When requests ask for more skills and tools, or languages, than the engine can tell apart.
    """
    split = _split_requests(inputs)
    chosen, windows = split.requests, split.windows
    volunteers = inputs.volunteers
    held = _held_pairs(inputs.held, chosen, volunteers)
    homes = _lonlat([row.household for row in chosen])
    ground = Ground.of(chosen, windows, pack.to_utm(homes))
    days = [_find_days(row, inputs, ground, pack) for row in volunteers]
    anchors = [day.anchor for day in days]
    lonlat = np.concatenate([_lonlat(anchors), homes])
    scene = _make_scene(inputs, chosen, days, ground, held=held, pack=pack)
    required = find_requirements(scene)
    names = Names.of(chosen, required.needs, pack)
    engine_volunteers = make_volunteers(inputs, names, required, days, scene.spans_s)
    travel = build_travel(MODES, engine_volunteers, lonlat, find_travel)
    preferred, bonus_m = _find_preferred(inputs, chosen)
    problem = Problem(
        requests=make_requests(inputs, chosen, windows, names, required, free=scene.free),
        volunteers=engine_volunteers,
        objective=Objective(
            value_m_per_weight=VALUE_M_PER_WEIGHT, load_cost_m=inputs.rules.load_cost_m
        ),
        travel=travel,
        xy_m=pack.to_utm(_blurred(anchors, chosen, lonlat)),
        banned=to_pairs(sorted(scene.banned | required.barred)),
        preferred=preferred,
        bonus_m=bonus_m,
        locked=to_pairs(held),
        area_names=names.areas,
        skill_names=names.skills,
        language_names=names.languages,
    )
    return RoundProblem(
        problem=problem,
        inputs=inputs,
        requests=tuple(chosen),
        volunteers=volunteers,
        too_late=tuple(split.too_late),
        later=tuple(split.later),
        lonlat=lonlat,
        held=frozenset(held),
        n_pairs=sum(len(model.index) for model in travel),
        anchors=tuple(anchors),
        loans=required.loans,
        loans_proven=required.loans_proven,
    )


def _make_scene(
    inputs: RoundInputs,
    requests: Sequence[HelpRequest],
    days: Sequence[VolunteerDays],
    ground: Ground,
    *,
    held: Sequence[tuple[int, int]],
    pack: CityPack,
) -> Scene:
    with_lock = {j for _, j in held}
    return Scene(
        inputs=inputs,
        requests=requests,
        days=days,
        free=[row.seats_taken == 0 and j not in with_lock for j, row in enumerate(requests)],
        held=frozenset(held),
        ground=ground,
        home_xy_m=pack.to_utm(_lonlat([day.anchor for day in days])),
        spans_s=[_seconds(inputs, day.windows) for day in days],
        banned=frozenset(_find_banned(inputs, requests, held)),
        depot_xy_m={
            row.depot_id: pack.to_utm([(row.lon_deg, row.lat_deg)])[0] for row in inputs.stocks
        },
    )


def _lonlat(places: Sequence[Household]) -> FloatArray:
    """(k, 2) float64: exact, degrees."""
    return np.array(
        [(place.address.lon_deg, place.address.lat_deg) for place in places], np.float64
    ).reshape(-1, 2)


def _seconds(inputs: RoundInputs, windows: Sequence[Window]) -> list[tuple[int, int]]:
    horizon = inputs.horizon
    return [(horizon.seconds(opens), horizon.seconds(closes)) for opens, closes in windows]


def _find_days(
    row: Volunteer, inputs: RoundInputs, ground: Ground, pack: CityPack
) -> VolunteerDays:
    """Time, place and room of a volunteer; with two places, there where more could be done."""
    horizon = inputs.horizon
    start_at = max(horizon.start_at, inputs.busy.get(row.id, horizon.start_at))

    def judge(anchor: Household, windows: Sequence[Window]) -> float:
        here = pack.to_utm(_lonlat([anchor]))[0]
        return ground.weigh(here, straight_reach_m(row), _seconds(inputs, windows))

    days = find_days(
        row,
        Span(start_at, horizon.end_at, inputs.zone),
        held=inputs.held_by_volunteer.get(row.id, ()),
        done=inputs.done.get(row.id, ()),
        judge=judge,
    )
    return replace(days, windows=_around(days.windows, inputs.agreed.get(row.id, ()), row))


def _around(
    windows: Sequence[Window], agreed: Sequence[Window], row: Volunteer
) -> tuple[Window, ...]:
    """Free time without agreed work and the longest way there and back."""
    way = timedelta(seconds=row.max_travel_s)
    left = list(windows)
    for begins, ends in agreed:
        left = [
            part
            for opens, closes in left
            for part in ((opens, min(closes, begins - way)), (max(opens, ends + way), closes))
            if part[0] < part[1]
        ]
    return tuple(left)


@dataclass
class _Split:
    requests: list[HelpRequest] = field(default_factory=list)
    windows: list[list[tuple[int, int]]] = field(default_factory=list)
    too_late: list[HelpRequest] = field(default_factory=list)
    later: list[HelpRequest] = field(default_factory=list)


def _split_requests(inputs: RoundInputs) -> _Split:
    """Requests with a window in the horizon, in seconds; held work has its agreed time only."""
    horizon = inputs.horizon
    agreed = {work.request_id: work for work in inputs.held}
    split = _Split()
    for request in inputs.requests:
        work = agreed.get(request.id)
        if work is not None:
            start_s = horizon.seconds(work.starts_at)
            spans = [(start_s, start_s + request.service_s)]
        else:
            service = timedelta(seconds=request.service_s)
            spans = [
                (horizon.seconds(opens), horizon.seconds(closes))
                for opens, closes in _cut(
                    [(row.opens_at, row.closes_at) for row in request.windows],
                    horizon.start_at,
                    horizon.end_at,
                )
                if closes - opens >= service
            ]
        if spans:
            split.requests.append(request)
            split.windows.append(sorted(spans))
        elif any(row.closes_at > horizon.end_at for row in request.windows):
            split.later.append(request)
        else:
            split.too_late.append(request)
    return split


def _cut(
    windows: list[tuple[datetime, datetime]], start_at: datetime, end_at: datetime
) -> list[tuple[datetime, datetime]]:
    cut = [(max(opens, start_at), min(closes, end_at)) for opens, closes in windows]
    return [(opens, closes) for opens, closes in cut if opens < closes]


def _held_pairs(
    held: Sequence[HeldWork], requests: Sequence[HelpRequest], volunteers: Sequence[Volunteer]
) -> list[tuple[int, int]]:
    volunteer_at = {row.id: i for i, row in enumerate(volunteers)}
    request_at = {row.id: j for j, row in enumerate(requests)}
    pairs = {
        (volunteer_at[work.volunteer_id], request_at[work.request_id])
        for work in held
        if work.volunteer_id in volunteer_at and work.request_id in request_at
    }
    return sorted(pairs)


def _requests_of(requests: Sequence[HelpRequest]) -> dict[UUID, list[int]]:
    """The requests of each resident, by index."""
    found: dict[UUID, list[int]] = defaultdict(list)
    for j, row in enumerate(requests):
        found[row.resident_id].append(j)
    return found


def _find_banned(
    inputs: RoundInputs, requests: Sequence[HelpRequest], held: Sequence[tuple[int, int]]
) -> set[tuple[int, int]]:
    """(volunteer, request) by index of those who must not meet, unless they agreed to."""
    volunteer_at = {row.id: i for i, row in enumerate(inputs.volunteers)}
    homes = _requests_of(requests)
    return {
        (volunteer_at[volunteer], j)
        for volunteer, resident in inputs.bans
        if volunteer in volunteer_at
        for j in homes.get(resident, [])
    } - set(held)


def _find_preferred(
    inputs: RoundInputs, requests: Sequence[HelpRequest]
) -> tuple[IntArray, FloatArray]:
    """(p, 2) season pairs by index, and the bonus of each in metres."""
    volunteer_at = {row.id: i for i, row in enumerate(inputs.volunteers)}
    homes = _requests_of(requests)
    bonus = {
        (volunteer_at[volunteer], j): bonus_m
        for volunteer, resident, bonus_m in inputs.season_pairs
        if volunteer in volunteer_at
        for j in homes.get(resident, [])
    }
    preferred = sorted(bonus)
    return to_pairs(preferred), np.array([bonus[pair] for pair in preferred], np.float64)


def _blurred(
    anchors: Sequence[Household], requests: Sequence[HelpRequest], lonlat: FloatArray
) -> FloatArray:
    """(m + n, 2) the middle of each place's cell; the optimiser only needs who is near whom."""
    cells = [place.cell for place in anchors] + [row.household.cell for row in requests]
    return np.array(
        [
            exact if cell is None else cell_center(cell)
            for cell, exact in zip(cells, map(tuple, lonlat.tolist()), strict=True)
        ],
        np.float64,
    ).reshape(-1, 2)
