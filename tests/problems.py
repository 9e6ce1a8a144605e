"""Small problems that read well in a test, and a Hypothesis strategy that makes them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

from matching.engine.problem import Objective, Problem, Requests, Volunteers
from matching.engine.solution import Certificate, Route, Solution
from matching.engine.travel import SparseTravel, StraightTravel, Travel

HOUR = 3600
DAY = 24 * HOUR


@dataclass(frozen=True)
class Ask:
    """A request, with defaults that ask for nothing special."""

    id: str
    at: tuple[float, float] = (0.0, 0.0)
    service_s: int = 600
    weight: float = 1.0
    skills: int = 0
    languages: int = 0
    crew: int = 1
    windows: tuple[tuple[int, int], ...] = ((0, DAY),)
    area: int = -1


@dataclass(frozen=True)
class Help:
    """A volunteer, with defaults that limit nothing but time."""

    id: str
    at: tuple[float, float] = (0.0, 0.0)
    shifts: tuple[tuple[int, int], ...] = ((0, 2 * HOUR),)
    max_tasks: int = 6
    max_work_s: int = DAY
    max_travel_s: int = DAY
    max_travel_m: int = 100_000
    max_route_m: int = 100_000
    skills: int = 0
    languages: int = 0
    load: float = 0.0
    accept_p: float = 1.0
    mode: int = 0
    area: int = -1


@dataclass(frozen=True)
class Pairs:
    """Pairs of (volunteer id, request id)."""

    banned: Sequence[tuple[str, str]] = ()
    locked: Sequence[tuple[str, str]] = ()
    preferred: Sequence[tuple[str, str, float]] = ()


def _ints(values: Sequence[int]) -> np.ndarray:
    return np.array(values, np.int64)


def _make_requests(asks: Sequence[Ask]) -> Requests:
    windows = [window for ask in asks for window in ask.windows]
    return Requests(
        ids=tuple(ask.id for ask in asks),
        service_s=_ints([ask.service_s for ask in asks]),
        weight=np.array([ask.weight for ask in asks], float),
        skills=_ints([ask.skills for ask in asks]),
        languages=_ints([ask.languages for ask in asks]),
        crew_size=_ints([ask.crew for ask in asks]),
        window_ptr=_ints([0, *np.cumsum([len(ask.windows) for ask in asks])]),
        window_open_s=_ints([opens for opens, _ in windows]),
        window_close_s=_ints([closes for _, closes in windows]),
        area=_ints([ask.area for ask in asks]),
    )


def _make_volunteers(helpers: Sequence[Help]) -> Volunteers:
    shifts = [shift for one in helpers for shift in one.shifts]
    whole = ("max_tasks", "max_work_s", "max_travel_s", "max_travel_m", "max_route_m")
    whole += ("skills", "languages", "mode", "area")
    return Volunteers(
        ids=tuple(one.id for one in helpers),
        shift_ptr=_ints([0, *np.cumsum([len(one.shifts) for one in helpers])]),
        shift_start_s=_ints([start for start, _ in shifts]),
        shift_end_s=_ints([end for _, end in shifts]),
        load=np.array([one.load for one in helpers], float),
        accept_p=np.array([one.accept_p for one in helpers], float),
        **{name: _ints([getattr(one, name) for one in helpers]) for name in whole},
    )


def build_problem(
    requests: Sequence[Ask] = (),
    volunteers: Sequence[Help] = (),
    *,
    pairs: Pairs | None = None,
    objective: Objective | None = None,
    travel: tuple[Travel, ...] | None = None,
    detour: float = 1.0,
    speed_m_s: float = 10.0,
) -> Problem:
    """A problem with straight travel at 10 m/s unless said otherwise."""
    pairs = pairs or Pairs()
    xy_m = np.array([one.at for one in (*volunteers, *requests)], float).reshape(-1, 2)
    person = {one.id: at for at, one in enumerate(volunteers)}
    place = {one.id: at for at, one in enumerate(requests)}

    def numbers(named: Sequence[tuple[str, ...]]) -> np.ndarray:
        found = [(person[names[0]], place[names[1]]) for names in named]
        return np.array(found, np.int64).reshape(-1, 2)

    return Problem(
        requests=_make_requests(requests),
        volunteers=_make_volunteers(volunteers),
        objective=objective or Objective(),
        travel=travel or (StraightTravel(xy_m, detour, speed_m_s),),
        xy_m=xy_m,
        banned=numbers(pairs.banned),
        preferred=numbers([pair[:2] for pair in pairs.preferred]),
        bonus_m=np.array([pair[2] for pair in pairs.preferred], float),
        locked=numbers(pairs.locked),
        area_names=("North", "South"),
        skill_names=("snow blower", "lifting"),
        language_names=("en", "es"),
    )


def make_sparse_travel(n_places: int, legs: dict[tuple[int, int], tuple[int, int]]) -> SparseTravel:
    """Sparse travel from {(origin, destination): (seconds, metres)}."""
    keys = sorted(legs)
    counts = np.bincount([origin for origin, _ in keys], minlength=n_places)
    return SparseTravel(
        ptr=_ints([0, *np.cumsum(counts)]),
        index=_ints([destination for _, destination in keys]),
        seconds=_ints([legs[key][0] for key in keys]),
        metres=_ints([legs[key][1] for key in keys]),
    )


@dataclass
class Terms:
    """The stated terms of a plan under construction."""

    visit_value: float = 0.0
    travel_cost: float = 0.0
    load_cost: float = 0.0
    weight_served: float = 0.0
    tasks: dict[int, int] = field(default_factory=dict)
    crews: dict[int, int] = field(default_factory=dict)


def make_solution(
    problem: Problem, routes: Sequence[tuple[int, int, Sequence[tuple[int, int]]]]
) -> Solution:
    """A solution without a bound from (volunteer, shift, [(request, start second), ...])."""
    made, terms = [], Terms()
    bonus = {
        tuple(pair): m for pair, m in zip(problem.preferred.tolist(), problem.bonus_m, strict=True)
    }
    objective, volunteers, asks = problem.objective, problem.volunteers, problem.requests
    for volunteer, shift, stops in sorted(routes, key=lambda route: route[:2]):
        places = [volunteer, *(len(volunteers) + j for j, _ in stops), volunteer]
        model = problem.travel[int(volunteers.mode[volunteer])]
        seconds, metres = model.legs(_ints(places[:-1]), _ints(places[1:]))
        total_m = int(metres.sum())
        starts = tuple(start for _, start in stops)
        visited = tuple(j for j, _ in stops)
        made.append(Route(volunteer, shift, visited, starts, int(seconds.sum()), total_m))
        terms.travel_cost += objective.travel_cost * total_m
        terms.tasks[volunteer] = terms.tasks.get(volunteer, 0) + len(stops)
        for j in visited:
            share = asks.weight[j] / asks.crew_size[j] * volunteers.accept_p[volunteer]
            terms.visit_value += share * objective.value_m_per_weight + bonus.get((volunteer, j), 0)
            terms.crews[j] = terms.crews.get(j, 0) + 1
    for volunteer, k in terms.tasks.items():
        lately = volunteers.load[volunteer]
        terms.load_cost += objective.load_cost_m * (k * lately + k * (k - 1) / 2)
    for j, count in terms.crews.items():
        terms.weight_served += float(asks.weight[j]) if count == asks.crew_size[j] else 0.0
    value = terms.visit_value - terms.travel_cost - terms.load_cost
    certificate = Certificate(
        problem_digest=problem.digest(),
        seed=0,
        value=float(value),
        visit_value=float(terms.visit_value),
        travel_cost=float(terms.travel_cost),
        load_cost=float(terms.load_cost),
        weight_served=terms.weight_served,
        bound=float("inf"),
        prices=None,
        stopped=True,
    )
    return Solution(tuple(made), certificate)


_COORDINATE = st.integers(0, 12).map(lambda step: 250.0 * step)
_POINT = st.tuples(_COORDINATE, _COORDINATE)


@st.composite
def _windows(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    found = []
    for _ in range(draw(st.integers(1, 2))):
        opens = draw(st.integers(0, 10)) * 450
        found.append((opens, opens + draw(st.sampled_from([900, 1800, 3600, 7200]))))
    return tuple(found)


@st.composite
def _asks(draw: st.DrawFn, number: int, n_volunteers: int) -> Ask:
    return Ask(
        id=f"r{number}",
        at=draw(_POINT),
        service_s=draw(st.sampled_from([0, 300, 600, 1200])),
        weight=draw(st.sampled_from([0.5, 1.0, 2.0, 4.0])),
        skills=draw(st.sampled_from([0, 0, 0, 1, 3])),
        languages=draw(st.sampled_from([0, 0, 0, 1, 2, 3])),
        crew=draw(st.sampled_from([1, 1, 1, 1, 2, 3][: 4 + min(2, n_volunteers)])),
        windows=draw(_windows()),
        area=draw(st.integers(-1, 1)),
    )


@st.composite
def _helpers(draw: st.DrawFn, number: int, n_modes: int) -> Help:
    starts = draw(st.sampled_from([[0], [900], [0, 4000], [1800, 4500]]))
    lengths = [draw(st.sampled_from([900, 1800, 2200])) for _ in starts]
    if len(starts) == 1:
        lengths = [draw(st.sampled_from([900, 1800, 3600, 7200]))]
    return Help(
        id=f"v{number}",
        at=draw(_POINT),
        shifts=tuple(
            (start, start + length) for start, length in zip(starts, lengths, strict=True)
        ),
        max_tasks=draw(st.sampled_from([0, 1, 2, 3, 3, 4])),
        max_work_s=draw(st.sampled_from([900, 1800, 3600, DAY])),
        max_travel_s=draw(st.sampled_from([150, 300, DAY])),
        max_travel_m=draw(st.sampled_from([1500, 3000, 100_000])),
        max_route_m=draw(st.sampled_from([3000, 6000, 100_000])),
        skills=draw(st.sampled_from([0, 1, 3, 3])),
        languages=draw(st.sampled_from([1, 2, 3])),
        load=draw(st.sampled_from([0.0, 0.0, 1.0, 2.5])),
        accept_p=draw(st.sampled_from([0.25, 0.5, 1.0, 1.0])),
        mode=draw(st.integers(0, n_modes - 1)),
        area=draw(st.integers(-1, 1)),
    )


@st.composite
def _sparse(draw: st.DrawFn, xy_m: np.ndarray) -> SparseTravel:
    """Some pairs, each direction with its own length; not always the shortest way."""
    n_places, legs = len(xy_m), {}
    for origin in range(n_places):
        for destination in range(n_places):
            slow = draw(st.sampled_from([None, 1.0, 1.0, 1.0, 1.3]))
            if origin != destination and slow is not None:
                straight_m = np.hypot(*(xy_m[origin] - xy_m[destination]))
                metres = int(np.ceil(slow * straight_m))
                legs[origin, destination] = (-(-metres // 10), metres)
    return make_sparse_travel(n_places, legs)


@st.composite
def _pairs(draw: st.DrawFn, asks: list[Ask], helpers: list[Help], *, with_locks: bool) -> Pairs:
    everything = [(one.id, ask.id) for one in helpers for ask in asks]
    if not everything:
        return Pairs()
    some = st.lists(st.sampled_from(everything), unique=True, max_size=2)
    banned = draw(some)
    singles = [
        (one.id, ask.id)
        for one in helpers
        for ask in asks
        if ask.crew == 1 and (one.id, ask.id) not in banned and _can_serve_alone(one, ask)
    ]
    locked = [draw(st.sampled_from(singles))] if with_locks and singles else []
    bonus = st.sampled_from([500.0, 4000.0, -1000.0])
    return Pairs(banned, locked, [(*pair, draw(bonus)) for pair in draw(some)])


def _can_serve_alone(one: Help, ask: Ask) -> bool:
    """Whether straight travel lets the volunteer do this one job and nothing else."""
    metres = int(np.ceil(np.hypot(one.at[0] - ask.at[0], one.at[1] - ask.at[1])))
    leg_s = -(-metres // 10)
    if ask.skills & ~one.skills or (ask.languages and not ask.languages & one.languages):
        return False
    if leg_s > one.max_travel_s or metres > one.max_travel_m or 2 * metres > one.max_route_m:
        return False
    if one.max_tasks < 1 or 2 * leg_s + ask.service_s > one.max_work_s:
        return False
    return any(
        max(start + leg_s, opens) + ask.service_s <= min(closes, end - leg_s)
        for start, end in one.shifts
        for opens, closes in ask.windows
    )


@st.composite
def small_problems(
    draw: st.DrawFn,
    *,
    max_requests: int = 5,
    max_volunteers: int = 3,
    with_locks: bool = True,
    with_sparse: bool = True,
) -> Problem:
    """A problem that a brute-force search can still answer; every feature turns up.

    A lock is a single that its volunteer can serve alone over straight travel; so problems with
    sparse travel have none, and every problem has a feasible plan.
    """
    n_volunteers = draw(st.integers(0, max_volunteers))
    kinds = ["straight", "straight", "two modes"] + ["sparse"] * with_sparse
    kind = draw(st.sampled_from(kinds))
    helpers = [draw(_helpers(at, 2 if kind == "two modes" else 1)) for at in range(n_volunteers)]
    asks = [draw(_asks(at, n_volunteers)) for at in range(draw(st.integers(0, max_requests)))]
    xy_m = np.array([one.at for one in (*helpers, *asks)], float).reshape(-1, 2)
    slow, fast = StraightTravel(xy_m, 1.0, 10.0), StraightTravel(xy_m, 1.0, 20.0)
    travel: tuple[Travel, ...] = (slow, fast) if kind == "two modes" else (slow,)
    if kind == "sparse":
        travel = (draw(_sparse(xy_m)),)
    objective = Objective(
        value_m_per_weight=draw(st.sampled_from([2_000.0, 20_000.0])),
        travel_cost=draw(st.sampled_from([0.0, 1.0, 1.0, 2.5])),
        load_cost_m=draw(st.sampled_from([0.0, 0.0, 500.0, 3000.0])),
        crew_start_step_s=draw(st.sampled_from([450, 900])),
    )
    pairs = draw(_pairs(asks, helpers, with_locks=with_locks and kind != "sparse"))
    return build_problem(asks, helpers, pairs=pairs, objective=objective, travel=travel)
