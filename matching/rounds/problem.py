"""From a community's rows to the engine's problem, and from its numbers back to rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from geo.city import CityPack
from geo.privacy import cell_center
from geo.travel import TravelMode
from matching.availability import Weekly, expand_availability
from matching.engine.problem import Objective, Problem, Requests, Volunteers
from matching.engine.travel import FloatArray, IntArray
from matching.errors import TooManyAbilities
from matching.files.problem_file import MAX_NAMES, NO_LIMIT
from matching.models import HelpRequest, Volunteer
from matching.rounds.inputs import HeldWork, RoundInputs
from matching.rounds.travel import TravelFinder, build_travel

VALUE_M_PER_WEIGHT = 40_000.0
"""With a yes in two to an offer, a visit of weight 1 is worth 20 km: priority before travel."""
MODES = (TravelMode.WALK, TravelMode.BIKE, TravelMode.CAR)
SHORTEST_ID = 8
LOCK_MARGIN = timedelta(hours=1)
"""Room around accepted work for the way there and back, should the hours have changed since."""


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
    lonlat = np.array(
        [(row.home.address.lon_deg, row.home.address.lat_deg) for row in volunteers]
        + [(row.household.address.lon_deg, row.household.address.lat_deg) for row in chosen],
        np.float64,
    ).reshape(-1, 2)
    names = _Names.of(chosen, inputs, pack)
    engine_volunteers = _make_volunteers(inputs, names, held)
    travel = build_travel(MODES, engine_volunteers, lonlat, find_travel)
    pairs = _make_pairs(inputs, chosen, held)
    problem = Problem(
        requests=_make_requests(inputs, chosen, windows, names, frozenset(j for _, j in held)),
        volunteers=engine_volunteers,
        objective=Objective(
            value_m_per_weight=VALUE_M_PER_WEIGHT, load_cost_m=inputs.rules.load_cost_m
        ),
        travel=travel,
        xy_m=pack.to_utm(_blurred(inputs.volunteers, chosen, lonlat)),
        banned=pairs.banned,
        preferred=pairs.preferred,
        bonus_m=pairs.bonus_m,
        locked=_pairs(held),
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
    )


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


@dataclass(frozen=True)
class _Names:
    """Bit positions of abilities and languages, numbers of areas."""

    skills: tuple[str, ...]
    languages: tuple[str, ...]
    areas: tuple[str, ...]

    @classmethod
    def of(cls, requests: Sequence[HelpRequest], inputs: RoundInputs, pack: CityPack) -> _Names:
        """Only what some request asks for needs a bit."""
        skills = sorted({need.ability.code for row in requests for need in row.needs})
        languages = sorted({_base(tag) for row in requests for tag in row.languages})
        for what, names in (("skills and tools", skills), ("languages", languages)):
            if len(names) > MAX_NAMES:
                raise TooManyAbilities(
                    f"Open requests ask for {len(names)} different {what}; a round can tell "
                    f"{MAX_NAMES} apart. Merge some of them."
                )
        return cls(tuple(skills), tuple(languages), tuple(pack.areas.names))

    def skill_mask(self, codes: set[str]) -> int:
        return sum(1 << bit for bit, name in enumerate(self.skills) if name in codes)

    def language_mask(self, tags: Sequence[str]) -> int:
        bases = {_base(tag) for tag in tags}
        return sum(1 << bit for bit, name in enumerate(self.languages) if name in bases)

    def area(self, name: str | None) -> int:
        return self.areas.index(name) if name in self.areas else -1


def _base(tag: str) -> str:
    return tag.split("-")[0].casefold()


def _make_requests(
    inputs: RoundInputs,
    rows: Sequence[HelpRequest],
    windows: list[list[tuple[int, int]]],
    names: _Names,
    held: frozenset[int],
) -> Requests:
    # Whoever has said yes to work is trusted with it, whatever the profile says by now.
    free = [row.seats_taken == 0 and j not in held for j, row in enumerate(rows)]
    flat = [window for spans in windows for window in spans]
    return Requests(
        ids=tuple(row.reference for row in rows),
        service_s=_ints(row.service_s for row in rows),
        weight=np.array(
            [row.weight * inputs.weight_share.get(row.id, 1.0) for row in rows], np.float64
        ),
        skills=_ints(
            names.skill_mask({need.ability.code for need in row.needs}) if free[j] else 0
            for j, row in enumerate(rows)
        ),
        languages=_ints(
            names.language_mask(row.languages) if free[j] else 0 for j, row in enumerate(rows)
        ),
        crew_size=_ints(row.crew_size for row in rows),
        window_ptr=_pointer(len(spans) for spans in windows),
        window_open_s=_ints(opens for opens, _ in flat),
        window_close_s=_ints(closes for _, closes in flat),
        area=_ints(names.area(row.household.area) for row in rows),
    )


def _make_volunteers(inputs: RoundInputs, names: _Names, held: list[tuple[int, int]]) -> Volunteers:
    rows = inputs.volunteers
    shifts = [_shifts(row, inputs) for row in rows]
    flat = [shift for spans in shifts for shift in spans]
    locks = np.bincount(_ints(i for i, _ in held), minlength=len(rows))
    service_s = np.zeros(len(rows), np.int64)
    work_by_id = {work.volunteer_id: work for work in inputs.held}
    for i, row in enumerate(rows):
        if row.id in work_by_id:
            service_s[i] = sum(
                round((work.ends_at - work.starts_at).total_seconds())
                for work in inputs.held
                if work.volunteer_id == row.id
            )
    room_s = service_s + locks * 2 * int(LOCK_MARGIN.total_seconds())
    travel_s = _ints(row.max_travel_s for row in rows)
    metres = _ints(NO_LIMIT if row.radius_m is None else row.radius_m for row in rows)
    locked = locks > 0
    return Volunteers(
        ids=shorten_ids([row.id for row in rows], prefix="V-"),
        shift_ptr=_pointer(len(spans) for spans in shifts),
        shift_start_s=_ints(start for start, _ in flat),
        shift_end_s=_ints(end for _, end in flat),
        max_tasks=np.maximum(
            _ints(min(row.max_tasks, inputs.places.get(row.id, row.max_tasks)) for row in rows),
            locks,
        ),
        max_work_s=np.maximum(_ints(row.max_work_s for row in rows), np.where(locked, room_s, 0)),
        max_travel_s=np.where(
            locked, np.maximum(travel_s, int(LOCK_MARGIN.total_seconds())), travel_s
        ),
        max_travel_m=np.where(locked, NO_LIMIT, metres),
        max_route_m=np.full(len(rows), NO_LIMIT, np.int64),
        skills=_ints(
            names.skill_mask({held_.ability.code for held_ in row.person.abilities}) for row in rows
        ),
        languages=_ints(
            names.language_mask(row.person.preferences.languages if row.person.preferences else [])
            for row in rows
        ),
        load=np.array([row.load for row in rows], np.float64),
        accept_p=np.array([row.accept_prior for row in rows], np.float64),
        mode=_ints(MODES.index(TravelMode(row.mode.value)) for row in rows),
        area=_ints(names.area(row.home.area) for row in rows),
    )


def _shifts(row: Volunteer, inputs: RoundInputs) -> list[tuple[int, int]]:
    """When a volunteer has time, in seconds; accepted work always has its time."""
    horizon = inputs.horizon
    windows = [(window.starts_at, window.ends_at) for window in row.windows]
    windows += [
        (work.starts_at - LOCK_MARGIN, work.ends_at + LOCK_MARGIN)
        for work in inputs.held
        if work.volunteer_id == row.id
    ]
    weekly = [
        Weekly(hours.weekday, hours.start_min, hours.end_min, hours.valid_from, hours.valid_until)
        for hours in row.weekly_hours
    ]
    free = expand_availability(
        windows,
        weekly,
        starts_at=max(horizon.start_at, inputs.busy.get(row.id, horizon.start_at)),
        ends_at=horizon.end_at,
        zone=ZoneInfo(inputs.community.time_zone),
    )
    return [(horizon.seconds(start), horizon.seconds(end)) for start, end in free]


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


@dataclass(frozen=True, eq=False)
class _Pairs:
    banned: IntArray
    preferred: IntArray
    bonus_m: FloatArray


def _make_pairs(
    inputs: RoundInputs, requests: Sequence[HelpRequest], held: list[tuple[int, int]]
) -> _Pairs:
    volunteer_at = {row.id: i for i, row in enumerate(inputs.volunteers)}
    homes: dict[UUID, list[int]] = {}
    for j, row in enumerate(requests):
        homes.setdefault(row.resident_id, []).append(j)
    banned = sorted(
        {
            (volunteer_at[volunteer], j)
            for volunteer, resident in inputs.bans
            if volunteer in volunteer_at
            for j in homes.get(resident, [])
        }
        - set(held)
    )
    bonus = {
        (volunteer_at[volunteer], j): bonus_m
        for volunteer, resident, bonus_m in inputs.season_pairs
        if volunteer in volunteer_at
        for j in homes.get(resident, [])
    }
    preferred = sorted(bonus)
    return _Pairs(
        banned=_pairs(banned),
        preferred=_pairs(preferred),
        bonus_m=np.array([bonus[pair] for pair in preferred], np.float64),
    )


def _blurred(
    volunteers: Sequence[Volunteer], requests: Sequence[HelpRequest], lonlat: FloatArray
) -> FloatArray:
    """(m + n, 2) the middle of each home's cell; the optimiser only needs who is near whom."""
    cells = [row.home.cell for row in volunteers] + [row.household.cell for row in requests]
    return np.array(
        [
            exact if cell is None else cell_center(cell)
            for cell, exact in zip(cells, map(tuple, lonlat.tolist()), strict=True)
        ],
        np.float64,
    ).reshape(-1, 2)


def shorten_ids(ids: Sequence[UUID], *, prefix: str) -> tuple[str, ...]:
    """The last digits of each id, as few as tell them apart, in capitals."""
    for size in range(SHORTEST_ID, 33):
        short = tuple(f"{prefix}{key.hex[-size:].upper()}" for key in ids)
        if len(set(short)) == len(ids):
            return short
    raise ValueError("the ids are not distinct")


def _ints(values: object) -> IntArray:
    return np.array(list(values), np.int64)  # type: ignore[call-overload]  # any iterable of ints


def _pointer(sizes: object) -> IntArray:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(_ints(sizes), dtype=np.int64)])


def _pairs(pairs: Sequence[tuple[int, int]]) -> IntArray:
    return np.array(pairs, np.int64).reshape(-1, 2)
