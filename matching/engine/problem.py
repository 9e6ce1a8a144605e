"""The matching problem: who needs help, who can give it, and what a good plan is worth."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from matching.engine.travel import FloatArray, IntArray, Travel


class InvalidProblem(ValueError):
    """A problem that contradicts itself. The message names the field and the id."""

    def __init__(self, field: str, message: str, *, id: str | None = None) -> None:
        self.field = field
        self.id = id
        super().__init__(f"{field}: {message}" if id is None else f"{field} of {id!r}: {message}")


@dataclass(frozen=True, eq=False)
class Requests:
    """The help requests, one entry each (``n`` of them).

    Parameters
    ----------
    ids
        ``n`` distinct names.
    service_s
        (n,) int64, seconds of work at the home; each member of a crew works as long.
    weight
        (n,) float64, how much serving it counts; above 0.
    skills
        (n,) int64, bit mask: a volunteer needs every bit (skills and tools alike).
    languages
        (n,) int64, bit mask: a volunteer needs at least one of the bits; 0 asks for none.
    crew_size
        (n,) int64, volunteers who must work together, starting at one moment; 1 is the normal case.
    window_ptr
        (n + 1,) int64; the time windows of request ``j`` are ``window_ptr[j]:window_ptr[j + 1]``.
    window_open_s, window_close_s
        (n_windows,) int64, seconds from the start of the horizon. The whole job lies inside one
        window: ``open <= start`` and ``start + service <= close``.
    area
        (n,) int64, index into ``Problem.area_names``; -1 is unknown.
    """

    ids: tuple[str, ...]
    service_s: IntArray
    weight: FloatArray
    skills: IntArray
    languages: IntArray
    crew_size: IntArray
    window_ptr: IntArray
    window_open_s: IntArray
    window_close_s: IntArray
    area: IntArray

    def __len__(self) -> int:
        return len(self.ids)

    def windows(self, request: int) -> list[tuple[int, int]]:
        """(open, close) of each time window of a request, seconds."""
        span = slice(self.window_ptr[request], self.window_ptr[request + 1])
        return [
            (int(opens), int(closes))
            for opens, closes in zip(
                self.window_open_s[span], self.window_close_s[span], strict=True
            )
        ]


@dataclass(frozen=True, eq=False)
class Volunteers:
    """The volunteers, one entry each (``m`` of them).

    Parameters
    ----------
    ids
        ``m`` distinct names.
    shift_ptr
        (m + 1,) int64; the shifts of volunteer ``i`` are ``shift_ptr[i]:shift_ptr[i + 1]``.
    shift_start_s, shift_end_s
        (n_shifts,) int64, seconds from the start of the horizon; the shifts of one volunteer
        ascend and do not overlap. In each shift one route starts and ends at home.
    max_tasks
        (m,) int64, visits over the whole horizon.
    max_work_s
        (m,) int64, seconds of service and travel over the whole horizon; waiting is free.
    max_travel_s, max_travel_m
        (m,) int64, the furthest request from home, one way.
    max_route_m
        (m,) int64, length of one route, home to home.
    skills, languages
        (m,) int64, bit masks of what the volunteer has.
    load
        (m,) float64, tasks already done lately; each makes the next one dearer.
    accept_p
        (m,) float64, chance of a yes, 0 to 1; it scales what serving is worth.
    mode
        (m,) int64, index into ``Problem.travel``: how this volunteer travels.
    area
        (m,) int64, index into ``Problem.area_names``; -1 is unknown.
    """

    ids: tuple[str, ...]
    shift_ptr: IntArray
    shift_start_s: IntArray
    shift_end_s: IntArray
    max_tasks: IntArray
    max_work_s: IntArray
    max_travel_s: IntArray
    max_travel_m: IntArray
    max_route_m: IntArray
    skills: IntArray
    languages: IntArray
    load: FloatArray
    accept_p: FloatArray
    mode: IntArray
    area: IntArray

    def __len__(self) -> int:
        return len(self.ids)

    def shifts(self, volunteer: int) -> list[tuple[int, int]]:
        """(start, end) of each shift of a volunteer, seconds."""
        span = slice(self.shift_ptr[volunteer], self.shift_ptr[volunteer + 1])
        return [
            (int(start), int(end))
            for start, end in zip(self.shift_start_s[span], self.shift_end_s[span], strict=True)
        ]


@dataclass(frozen=True)
class Objective:
    """What a plan is worth, in metres of travel that the programme would give for it.

    The value of a plan is the sum over visits of
    ``weight / crew_size * accept_p * value_m_per_weight + bonus_m`` (bonus of preferred pairs),
    minus ``travel_cost`` times the metres of all routes, minus, for each volunteer with ``k``
    visits, ``load_cost_m * (k * load + k * (k - 1) / 2)``: each further task costs more.

    Parameters
    ----------
    value_m_per_weight
        Metres that one unit of weight is worth. Keep it above the longest route, so that
        priority dominates travel.
    travel_cost
        Value per metre travelled, 0 or more.
    load_cost_m
        Metres that the second task of a volunteer costs more than the first, 0 or more.
    crew_start_step_s
        A crew meets at an agreed clock time: a multiple of this many seconds after the start of
        the horizon, or the opening of one of the request's windows.
    """

    value_m_per_weight: float = 20_000.0
    travel_cost: float = 1.0
    load_cost_m: float = 0.0
    crew_start_step_s: int = 900


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything one matching round knows. See `matching.engine.check` for what a plan must keep.

    Parameters
    ----------
    requests, volunteers, objective
        See the classes.
    travel
        One model for each mode; ``volunteers.mode`` picks. Places are volunteers, then requests.
    xy_m
        (m + n, 2) float64, metres in one projected plane, volunteers then requests: for tiles and
        nearness only, never for travel.
    banned
        (b, 2) int64, pairs (volunteer, request) that must not meet.
    preferred
        (p, 2) int64, pairs (volunteer, request) that earn a bonus.
    bonus_m
        (p,) float64, the bonus of each preferred pair, metres.
    locked
        (l, 2) int64, pairs (volunteer, request) that must be in the plan: accepted work.
    area_names
        Names of the areas that ``requests.area`` and ``volunteers.area`` point to.
    skill_names, language_names
        Name of each bit of the masks, bit 0 first.
    """

    requests: Requests
    volunteers: Volunteers
    objective: Objective
    travel: tuple[Travel, ...]
    xy_m: FloatArray
    banned: IntArray
    preferred: IntArray
    bonus_m: FloatArray
    locked: IntArray
    area_names: tuple[str, ...] = ()
    skill_names: tuple[str, ...] = ()
    language_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        validate(self)

    def digest(self) -> str:
        """SHA-256 over every field, hexadecimal: the certificate names the problem by it."""
        hasher = hashlib.sha256()
        _feed(hasher, self)
        return hasher.hexdigest()


def _feed(hasher: Any, value: Any) -> None:
    if is_dataclass(value):
        for field in fields(value):
            hasher.update(field.name.encode())
            _feed(hasher, getattr(value, field.name))
    elif isinstance(value, np.ndarray):
        hasher.update(f"{value.dtype.str}{value.shape}".encode())
        hasher.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, tuple):
        hasher.update(f"({len(value)}".encode())
        for item in value:
            _feed(hasher, item)
    else:
        hasher.update(repr(value).encode())


def crew_starts(problem: Problem, request: int) -> list[int]:
    """Moments at which a crew may start on a request, ascending, seconds.

    Multiples of ``objective.crew_start_step_s`` inside a window, and each window's opening.
    """
    step_s = problem.objective.crew_start_step_s
    service_s = int(problem.requests.service_s[request])
    starts: set[int] = set()
    for opens, closes in problem.requests.windows(request):
        last = closes - service_s
        if opens <= last:
            starts.add(opens)
            starts.update(range(-(-opens // step_s) * step_s, last + 1, step_s))
    return sorted(starts)


def visit_value(problem: Problem, volunteer: int, request: int) -> float:
    """What one visit earns before travel and load, metres: see `Objective`."""
    requests, volunteers = problem.requests, problem.volunteers
    value = (
        requests.weight[request]
        / requests.crew_size[request]
        * volunteers.accept_p[volunteer]
        * problem.objective.value_m_per_weight
    )
    for (i, j), bonus in zip(problem.preferred, problem.bonus_m, strict=True):
        if i == volunteer and j == request:
            value += bonus
    return float(value)


def load_cost(problem: Problem, volunteer: int, n_tasks: int) -> float:
    """What ``n_tasks`` visits of one volunteer cost for fairness, metres: see `Objective`."""
    lately = float(problem.volunteers.load[volunteer])
    return problem.objective.load_cost_m * (n_tasks * lately + n_tasks * (n_tasks - 1) / 2)


def validate(problem: Problem) -> None:
    """Refuse a problem that contradicts itself.

    Raises
    ------
    InvalidProblem
        Naming the field, and the id where there is one.
    """
    requests, volunteers = problem.requests, problem.volunteers
    _check_shapes("requests", requests, len(requests), "window")
    _check_shapes("volunteers", volunteers, len(volunteers), "shift")
    _check_requests(requests)
    _check_volunteers(volunteers, len(problem.travel))
    _check_objective(problem.objective)
    _check_pairs(problem)
    n_places = len(volunteers) + len(requests)
    if problem.xy_m.shape != (n_places, 2):
        raise InvalidProblem("xy_m", f"shape {problem.xy_m.shape}, expected {(n_places, 2)}")
    if not np.isfinite(problem.xy_m).all():
        place = int(np.flatnonzero(~np.isfinite(problem.xy_m).all(axis=1))[0])
        raise InvalidProblem(
            "xy_m", "is not a finite number", id=(volunteers.ids + requests.ids)[place]
        )


def _check_shapes(kind: str, table: Requests | Volunteers, size: int, list_name: str) -> None:
    if len(set(table.ids)) != size:
        seen: set[str] = set()
        for name in table.ids:
            if name in seen:
                raise InvalidProblem(f"{kind}.ids", "stands twice; ids must be distinct", id=name)
            seen.add(name)
    ptr = getattr(table, f"{list_name}_ptr")
    if ptr.shape != (size + 1,) or ptr[0] != 0 or (np.diff(ptr) < 0).any():
        raise InvalidProblem(
            f"{kind}.{list_name}_ptr", "must ascend from 0 and hold one entry more"
        )
    for field in fields(table):
        array = getattr(table, field.name)
        if not isinstance(array, np.ndarray) or field.name == f"{list_name}_ptr":
            continue
        expected = int(ptr[-1]) if field.name.startswith(f"{list_name}_") else size
        if array.shape != (expected,):
            raise InvalidProblem(
                f"{kind}.{field.name}", f"shape {array.shape}, expected ({expected},)"
            )
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            bad = int(np.flatnonzero(~np.isfinite(array))[0])
            raise InvalidProblem(
                f"{kind}.{field.name}", "is not a finite number", id=table.ids[bad]
            )


def _refuse_where(bad: Any, kind: str, name: str, ids: tuple[str, ...], message: str) -> None:
    """Raise for the first entry where ``bad`` holds."""
    if bad.any():
        raise InvalidProblem(f"{kind}.{name}", message, id=ids[int(np.flatnonzero(bad)[0])])


def _check_requests(requests: Requests) -> None:
    ids = requests.ids
    _refuse_where(requests.service_s < 0, "requests", "service_s", ids, "must not be negative")
    _refuse_where(requests.weight <= 0, "requests", "weight", ids, "must be above 0")
    _refuse_where(requests.crew_size < 1, "requests", "crew_size", ids, "must be 1 or more")
    _refuse_where(np.diff(requests.window_ptr) < 1, "requests", "windows", ids, "needs one or more")
    owner = np.repeat(np.arange(len(ids)), np.diff(requests.window_ptr))
    backwards = np.zeros(len(ids), bool)
    backwards[owner[requests.window_close_s < requests.window_open_s]] = True
    _refuse_where(backwards, "requests", "windows", ids, "closes before it opens")


def _check_volunteers(volunteers: Volunteers, n_modes: int) -> None:
    ids = volunteers.ids
    names = ("max_tasks", "max_work_s", "max_travel_s", "max_travel_m", "max_route_m", "load")
    for name in names:
        _refuse_where(
            getattr(volunteers, name) < 0, "volunteers", name, ids, "must not be negative"
        )
    chance = volunteers.accept_p
    _refuse_where((chance < 0) | (chance > 1), "volunteers", "accept_p", ids, "must be 0 to 1")
    mode = volunteers.mode
    _refuse_where((mode < 0) | (mode >= n_modes), "volunteers", "mode", ids, "has no travel model")
    owner = np.repeat(np.arange(len(ids)), np.diff(volunteers.shift_ptr))
    bad = np.zeros(len(ids), bool)
    bad[owner[volunteers.shift_end_s < volunteers.shift_start_s]] = True
    _refuse_where(bad, "volunteers", "shifts", ids, "ends before it starts")
    overlap = (owner[1:] == owner[:-1]) & (
        volunteers.shift_start_s[1:] < volunteers.shift_end_s[:-1]
    )
    bad[owner[1:][overlap]] = True
    _refuse_where(bad, "volunteers", "shifts", ids, "overlap or do not ascend")


def _check_objective(objective: Objective) -> None:
    for name in ("value_m_per_weight", "travel_cost", "load_cost_m"):
        value = getattr(objective, name)
        if not (np.isfinite(value) and value >= 0):
            raise InvalidProblem(f"objective.{name}", "must be a finite number, 0 or more")
    if objective.crew_start_step_s < 1:
        raise InvalidProblem("objective.crew_start_step_s", "must be 1 second or more")


def _check_pairs(problem: Problem) -> None:
    sizes = (len(problem.volunteers), len(problem.requests))
    for name in ("banned", "preferred", "locked"):
        pairs = getattr(problem, name)
        if pairs.ndim != 2 or pairs.shape[1] != 2:
            raise InvalidProblem(name, f"shape {pairs.shape}, expected (k, 2)")
        if len(pairs) and ((pairs < 0).any() or (pairs >= np.array(sizes)).any()):
            raise InvalidProblem(name, "points outside the volunteers or the requests")
        if len(np.unique(pairs, axis=0)) != len(pairs):
            raise InvalidProblem(name, "holds the same pair twice")
    if problem.bonus_m.shape != (len(problem.preferred),):
        raise InvalidProblem("bonus_m", "needs one entry for each preferred pair")
    banned = {(int(i), int(j)) for i, j in problem.banned}
    crews: dict[int, int] = {}
    for i, j in problem.locked:
        volunteer, request = problem.volunteers.ids[i], problem.requests.ids[j]
        if (int(i), int(j)) in banned:
            raise InvalidProblem("locked", f"also banned for volunteer {volunteer!r}", id=request)
        crews[int(j)] = crews.get(int(j), 0) + 1
        if crews[int(j)] > problem.requests.crew_size[j]:
            raise InvalidProblem("locked", "to more volunteers than it needs", id=request)
