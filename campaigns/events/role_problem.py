"""The roles of an event as a problem of the optimiser. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from campaigns.events.models import EventRole
from geo.travel import DEFAULT_SPEED_KMH, TravelMode
from matching.availability import Window
from matching.engine.problem import Objective, Problem, Requests, Volunteers
from matching.engine.travel import FloatArray, StraightTravel
from matching.rounds.engine_rows import MODES, to_ints, to_pointer

DETOUR = 1.3
NO_LIMIT = 10**9
MARGIN_S = 6 * 3_600
"""The horizon begins so long before the event and ends so long after: for the ways."""
EARTH_M_PER_DEG = 111_320.0


@dataclass(frozen=True)
class Candidate:
    """Somebody who might help, as the optimiser needs to know them."""

    person_id: UUID
    lon_deg: float
    lat_deg: float
    abilities: frozenset[str]
    shifts: tuple[Window, ...]
    mode: TravelMode
    max_travel_s: int
    max_travel_m: int
    load: float
    accept_p: float
    offered: bool
    wants: UUID | None = None
    """The role that they asked for."""


@dataclass(frozen=True)
class RoleInputs:
    """What is known of an event's open places and of those who might fill them."""

    occurrence_id: UUID
    starts_at: datetime
    ends_at: datetime
    lon_deg: float
    lat_deg: float
    roles: tuple[EventRole, ...]
    open_count: tuple[int, ...]
    """Places that are left, by role."""
    candidates: tuple[Candidate, ...]


def make_problem(inputs: RoleInputs, places: Sequence[EventRole]) -> Problem:
    """Open places as visits, candidates as volunteers with at most one of them."""
    skills = sorted({code for role in places for code in role.abilities})
    people = inputs.candidates
    origin = inputs.starts_at - timedelta(seconds=MARGIN_S)
    length_s = round((inputs.ends_at - inputs.starts_at).total_seconds())
    n = len(places)

    def mask(names: frozenset[str] | Sequence[str]) -> int:
        return sum(1 << bit for bit, name in enumerate(skills) if name in names)

    wants = [
        (i, j)
        for i, one in enumerate(people)
        for j, role in enumerate(places)
        if one.wants == role.id
    ]
    xy_m = _project(inputs, places)
    return Problem(
        requests=Requests(
            ids=tuple(f"{role.code}-{j}" for j, role in enumerate(places)),
            service_s=np.full(n, length_s, np.int64),
            # A place that asks for more is filled first: fewer people can.
            weight=np.array([1.0 + 0.1 * len(role.abilities) for role in places], np.float64),
            skills=to_ints(mask(role.abilities) for role in places),
            languages=np.zeros(n, np.int64),
            crew_size=np.ones(n, np.int64),
            window_ptr=np.arange(n + 1, dtype=np.int64),
            window_open_s=np.full(n, MARGIN_S, np.int64),
            window_close_s=np.full(n, MARGIN_S + length_s, np.int64),
            area=np.full(n, -1, np.int64),
        ),
        volunteers=_make_volunteers(
            people, [mask(one.abilities) for one in people], origin, length_s
        ),
        objective=Objective(value_m_per_weight=1_000_000.0),
        travel=tuple(StraightTravel(xy_m, DETOUR, DEFAULT_SPEED_KMH[mode] / 3.6) for mode in MODES),
        xy_m=xy_m,
        banned=np.zeros((0, 2), np.int64),
        preferred=np.array(wants, np.int64).reshape(-1, 2),
        bonus_m=np.full(len(wants), 10_000.0),
        locked=np.zeros((0, 2), np.int64),
        skill_names=tuple(skills),
    )


def _make_volunteers(
    people: Sequence[Candidate], skills: Sequence[int], origin: datetime, length_s: int
) -> Volunteers:
    shifts = [
        (round((opens - origin).total_seconds()), round((closes - origin).total_seconds()))
        for one in people
        for opens, closes in one.shifts
    ]
    m = len(people)
    return Volunteers(
        ids=tuple(f"V-{i}" for i in range(m)),
        shift_ptr=to_pointer(len(one.shifts) for one in people),
        shift_start_s=to_ints(start for start, _ in shifts),
        shift_end_s=to_ints(end for _, end in shifts),
        max_tasks=np.ones(m, np.int64),
        max_work_s=np.full(m, 2 * MARGIN_S + length_s, np.int64),
        max_travel_s=to_ints(one.max_travel_s for one in people),
        max_travel_m=to_ints(one.max_travel_m for one in people),
        max_route_m=np.full(m, 2 * NO_LIMIT, np.int64),
        skills=to_ints(skills),
        languages=np.zeros(m, np.int64),
        load=np.array([one.load for one in people], np.float64),
        accept_p=np.array([one.accept_p for one in people], np.float64),
        mode=to_ints(MODES.index(one.mode) for one in people),
        area=np.full(m, -1, np.int64),
    )


def _project(inputs: RoleInputs, places: Sequence[EventRole]) -> FloatArray:
    """Metres east and north of the event, people first; flat enough for one city."""
    east = EARTH_M_PER_DEG * float(np.cos(np.radians(inputs.lat_deg)))
    points = [(one.lon_deg, one.lat_deg) for one in inputs.candidates]
    points += [(inputs.lon_deg, inputs.lat_deg)] * len(places)
    return np.array(
        [
            ((lon - inputs.lon_deg) * east, (lat - inputs.lat_deg) * EARTH_M_PER_DEG)
            for lon, lat in points
        ],
        np.float64,
    ).reshape(-1, 2)
