"""Single changes to a problem: what it would take to serve one more request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.engine.problem import InvalidProblem, Problem, Requests, Volunteers
from matching.engine.travel import FloatArray, IntArray, SparseTravel, StraightTravel, Travel

WALK_M_PER_MIN = 80.0
"""Metres that count as much as a minute when changes are compared."""

NEWCOMER_MIN = 120.0
"""One more person is asked for before anybody is asked for more than so many minutes."""

WHOLE_NUMBERS = (
    "max_tasks",
    "max_work_s",
    "max_travel_s",
    "max_travel_m",
    "max_route_m",
    "skills",
    "languages",
    "mode",
    "area",
)
"""Fields of `matching.engine.problem.Volunteers` with one whole number each."""


@dataclass(frozen=True)
class LongerReach:
    """A volunteer who goes further.

    Parameters
    ----------
    volunteer
        Index.
    extra_travel_s, extra_travel_m
        Added to the furthest request from home, one way.
    extra_route_m
        Added to the length of one route.
    """

    volunteer: int
    extra_travel_s: int = 0
    extra_travel_m: int = 0
    extra_route_m: int = 0

    @property
    def size_min(self) -> float:
        """How much is asked, in minutes (`WALK_M_PER_MIN` metres are one)."""
        metres = max(self.extra_travel_m, self.extra_route_m)
        return max(self.extra_travel_s / 60, metres / WALK_M_PER_MIN)


@dataclass(frozen=True)
class MoreTime:
    """A request that may also be done at another time.

    Parameters
    ----------
    request
        Index.
    open_s, close_s
        The time that is added. Windows that it touches become one with it; those of a crew stay
        apart, because crews may start at every opening.
    extra_s
        Seconds between the nearest window and the far end of the new time: how much is asked.
    """

    request: int
    open_s: int
    close_s: int
    extra_s: int

    @property
    def size_min(self) -> float:
        """How much is asked, in minutes."""
        return self.extra_s / 60


@dataclass(frozen=True)
class Newcomer:
    """A volunteer who does not exist yet.

    Parameters
    ----------
    near_request
        Index of the request that they live beside; it stands for its neighbourhood.
    area
        Index into ``Problem.area_names``; -1 is unknown.
    start_s, end_s
        Their one shift, seconds from the start of the horizon.
    mode, skills, languages, accept_p
        See `matching.engine.problem.Volunteers`; ``load`` is 0.
    max_tasks, max_work_s, max_travel_s, max_travel_m, max_route_m
        See `matching.engine.problem.Volunteers`.
    """

    near_request: int
    area: int
    start_s: int
    end_s: int
    mode: int
    skills: int
    languages: int
    accept_p: float
    max_tasks: int
    max_work_s: int
    max_travel_s: int
    max_travel_m: int
    max_route_m: int


@dataclass(frozen=True)
class MoreVolunteers:
    """New volunteers of one kind.

    Parameters
    ----------
    newcomer
        What each of them is like.
    count
        How many, 1 or more.
    """

    newcomer: Newcomer
    count: int = 1

    @property
    def size_min(self) -> float:
        """How much is asked, in minutes."""
        return NEWCOMER_MIN * self.count


@dataclass(frozen=True)
class Lock:
    """A request that certain volunteers have to serve, whoever loses by it.

    Parameters
    ----------
    request
        Index.
    volunteers
        The whole crew, indices.
    """

    request: int
    volunteers: tuple[int, ...]

    @property
    def size_min(self) -> float:
        """Endless: it asks nothing of the volunteers, but takes help from somebody else."""
        return float("inf")


Change = LongerReach | MoreTime | MoreVolunteers | Lock


def apply_change(problem: Problem, change: Change) -> Problem:
    """The problem with one change.

    New volunteers stand behind the others, named ``new-1``, ``new-2`` and so on; all other
    indices stay.

    Raises
    ------
    InvalidProblem
        When the change contradicts the problem: a lock beyond the crew, or a newcomer without a
        travel model.
    """
    if isinstance(change, LongerReach):
        return _reach_further(problem, change)
    if isinstance(change, MoreTime):
        return _open_longer(problem, change)
    if isinstance(change, MoreVolunteers):
        return add_volunteers(problem, [change.newcomer] * change.count)
    return _lock(problem, change)


def _reach_further(problem: Problem, change: LongerReach) -> Problem:
    volunteers = problem.volunteers

    def longer(limits: IntArray, extra: int) -> IntArray:
        raised = limits.copy()
        raised[change.volunteer] += extra
        return raised

    return replace(
        problem,
        volunteers=replace(
            volunteers,
            max_travel_s=longer(volunteers.max_travel_s, change.extra_travel_s),
            max_travel_m=longer(volunteers.max_travel_m, change.extra_travel_m),
            max_route_m=longer(volunteers.max_route_m, change.extra_route_m),
        ),
    )


def merge_windows(windows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Windows without overlap, ascending; those that touch become one."""
    merged: list[tuple[int, int]] = []
    for opens, closes in sorted(windows):
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    return merged


def _open_longer(problem: Problem, change: MoreTime) -> Problem:
    windows = [problem.requests.windows(j) for j in range(len(problem.requests))]
    wider = sorted({*windows[change.request], (change.open_s, change.close_s)})
    crew = problem.requests.crew_size[change.request] > 1
    windows[change.request] = wider if crew else merge_windows(wider)
    return replace(problem, requests=set_windows(problem.requests, windows))


def set_windows(requests: Requests, windows: Sequence[Sequence[tuple[int, int]]]) -> Requests:
    """The requests with other windows, one list for each of them."""
    flat = np.array([span for spans in windows for span in spans], np.int64).reshape(-1, 2)
    sizes = np.array([len(spans) for spans in windows], np.int64)
    return replace(
        requests,
        window_ptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        window_open_s=np.ascontiguousarray(flat[:, 0]),
        window_close_s=np.ascontiguousarray(flat[:, 1]),
    )


def _lock(problem: Problem, change: Lock) -> Problem:
    pairs = {(int(i), int(j)) for i, j in problem.locked}
    pairs |= {(volunteer, change.request) for volunteer in change.volunteers}
    return replace(problem, locked=np.array(sorted(pairs), np.int64).reshape(-1, 2))


def add_volunteers(problem: Problem, newcomers: Sequence[Newcomer]) -> Problem:
    """The problem with new volunteers behind the others.

    Each takes over all known ways of the request that they live beside, and is 0 s from it.

    Raises
    ------
    InvalidProblem
        When a newcomer has no travel model.
    """
    m, count = len(problem.volunteers), len(newcomers)
    for newcomer in newcomers:
        if not 0 <= newcomer.mode < len(problem.travel):
            raise InvalidProblem("newcomer.mode", f"{newcomer.mode} has no travel model")
    beside = m + np.array([newcomer.near_request for newcomer in newcomers], np.int64)
    modes = np.array([newcomer.mode for newcomer in newcomers], np.int64)
    return replace(
        problem,
        volunteers=_append(problem.volunteers, newcomers),
        travel=tuple(
            _settle(travel, m, np.where(modes == number, beside, -1), beside)
            for number, travel in enumerate(problem.travel)
        ),
        xy_m=np.insert(problem.xy_m, [m] * count, problem.xy_m[beside], axis=0),
    )


def _append(volunteers: Volunteers, newcomers: Sequence[Newcomer]) -> Volunteers:
    taken, names, number = set(volunteers.ids), list[str](), 0
    while len(names) < len(newcomers):
        number += 1
        if f"new-{number}" not in taken:
            names.append(f"new-{number}")
    last = int(volunteers.shift_ptr[-1])

    def longer(name: str, own: str) -> IntArray:
        values = [getattr(newcomer, own) for newcomer in newcomers]
        return np.concatenate([getattr(volunteers, name), np.array(values, np.int64)])

    chances = np.array([newcomer.accept_p for newcomer in newcomers], np.float64)
    return Volunteers(
        ids=(*volunteers.ids, *names),
        shift_ptr=np.concatenate(
            [volunteers.shift_ptr, last + 1 + np.arange(len(newcomers), dtype=np.int64)]
        ),
        shift_start_s=longer("shift_start_s", "start_s"),
        shift_end_s=longer("shift_end_s", "end_s"),
        load=np.concatenate([volunteers.load, np.zeros(len(newcomers))]),
        accept_p=np.concatenate([volunteers.accept_p, chances]),
        **{name: longer(name, name) for name in WHOLE_NUMBERS},
    )


def _settle(travel: Travel, m: int, beside: IntArray, places: IntArray) -> Travel:
    """Travel with new homes at ``m``; ``beside`` is -1 where the mode is not theirs."""
    if isinstance(travel, StraightTravel):
        xy_m: FloatArray = np.insert(travel.xy_m, [m] * len(places), travel.xy_m[places], axis=0)
        return replace(travel, xy_m=xy_m)
    count, n_places = len(places), len(travel.ptr) - 1 + len(places)
    origin = np.repeat(np.arange(len(travel.ptr) - 1), np.diff(travel.ptr))
    index = travel.index
    rows = [(_shift(origin, m, count), _shift(index, m, count), travel.seconds, travel.metres)]
    for number, place in enumerate(beside.tolist()):
        if place < 0:
            continue
        home, door = np.int64(m + number), _shift(np.array([place]), m, count)
        out, back = origin == place, index == place
        none = np.zeros(1, np.int64)
        rows.append((np.full(out.sum(), home), *(part[out] for part in rows[0][1:])))
        rows.append((rows[0][0][back], np.full(back.sum(), home), *(p[back] for p in rows[0][2:])))
        rows.append((np.array([home]), door, none, none))
        rows.append((door, np.array([home]), none, none))
    return sort_legs(n_places, *(np.concatenate(part) for part in zip(*rows, strict=True)))


def _shift(places: IntArray, m: int, count: int) -> IntArray:
    """Numbers of places after ``count`` homes were put in at ``m``."""
    moved: IntArray = np.where(places >= m, places + count, places)
    return moved


def sort_legs(
    n_places: int, origin: IntArray, destination: IntArray, seconds: IntArray, metres: IntArray
) -> SparseTravel:
    """Sparse travel from legs in any order, each pair once."""
    order = np.lexsort((destination, origin))
    counts = np.bincount(origin, minlength=n_places)
    return SparseTravel(
        ptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        index=destination[order].astype(np.int64),
        seconds=seconds[order],
        metres=metres[order],
    )
