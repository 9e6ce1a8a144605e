"""Problem files: read into an engine problem, and written from one."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from msgspec import UNSET, UnsetType

from core.errors import TalkootError
from matching.engine.problem import InvalidProblem, Objective, Problem, Requests, Volunteers
from matching.engine.travel import UNREACHABLE, FloatArray, IntArray
from matching.errors import UnusableFile
from matching.files.json_file import DEFAULT_MAX_BYTES, read_document, write_document
from matching.files.problem_format import (
    Instant,
    PairRow,
    PreferredRow,
    ProblemDocument,
    Span,
    VolunteerRow,
)
from matching.files.problem_places import list_travels, locate
from matching.files.problem_rows import make_document

NO_LIMIT = int(UNREACHABLE) - 1
MAX_NAMES = 63


@dataclass(frozen=True)
class LoadedProblem:
    """A problem with what the file says beside it.

    Parameters
    ----------
    problem
        For the engine.
    name
        What the file calls it; may be empty.
    horizon_start
        The moment that second 0 stands for; None when the file counts in seconds only.
    """

    problem: Problem
    name: str
    horizon_start: datetime.datetime | None


def read_problem(path: Path, *, max_bytes: int = DEFAULT_MAX_BYTES) -> LoadedProblem:
    """Read a problem file.

    Raises
    ------
    UnusableFile
        Naming the file, the place in it, and the id where there is one.
    """
    document = read_document(path, ProblemDocument, "a talkoot-problem/1", max_bytes=max_bytes)
    try:
        return load_problem(document, path.parent)
    except InvalidProblem as error:
        raise UnusableFile(f"{path.name}: {error}.") from error
    except UnusableFile:
        raise
    except TalkootError as error:
        raise UnusableFile(f"{path.name}: travel: {error}") from error


def write_problem(
    path: Path,
    problem: Problem,
    *,
    name: str = "",
    horizon_start: datetime.datetime | None = None,
) -> None:
    """Write a problem as a file that reads back to the same digest.

    Raises
    ------
    InvalidProblem
        When the format cannot say it, for example a skill without a name.
    UnusableFile
        When the place cannot be written to.
    """
    write_document(path, make_document(problem, name=name, horizon_start=horizon_start))


def load_problem(document: ProblemDocument, directory: Path) -> LoadedProblem:
    """Turn a document into a problem; paths in it are relative to ``directory``.

    Raises
    ------
    InvalidProblem
        Naming the field and the id.
    TalkootError
        When a city pack cannot be used.
    """
    names = _Names(document)
    clock = _Clock(document.horizon_start)
    requests = _load_requests(document, names, clock)
    volunteers = _load_volunteers(document, names, clock)
    xy_m, travel = locate(document, directory)
    objective = document.objective
    problem = Problem(
        requests=requests,
        volunteers=volunteers,
        objective=Objective(
            value_m_per_weight=objective.value_m_per_weight,
            travel_cost=objective.travel_cost,
            load_cost_m=objective.load_cost_m,
            crew_start_step_s=objective.crew_start_step_s,
        ),
        travel=travel,
        xy_m=xy_m,
        banned=_load_pairs("banned", document.banned, volunteers, requests),
        preferred=_load_pairs("preferred", document.preferred, volunteers, requests),
        bonus_m=np.array([pair.bonus_m for pair in document.preferred], np.float64),
        locked=_load_pairs("locked", document.locked, volunteers, requests),
        area_names=names.areas.names,
        skill_names=names.skills.names,
        language_names=names.languages.names,
    )
    refuse_impossible_locks(problem)
    return LoadedProblem(problem, document.name, document.horizon_start)


class _NameList:
    """Numbers names: a stated list refuses others, else they count as they come."""

    def __init__(self, field: str, stated: Sequence[str] | UnsetType) -> None:
        self._field = field
        self._is_open = stated is UNSET
        self._number = {} if stated is UNSET else {name: at for at, name in enumerate(stated)}
        if stated is not UNSET and len(self._number) != len(stated):
            raise InvalidProblem(field, "holds the same name twice")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._number)

    def number(self, name: str, place: str, owner: str) -> int:
        if name not in self._number:
            if not self._is_open:
                message = f"{name!r} is not among the {self._field} of the file"
                raise InvalidProblem(place, message, id=owner)
            self._number[name] = len(self._number)
        return self._number[name]

    def mask(self, names: Iterable[str], place: str, owner: str) -> int:
        mask = 0
        for name in names:
            mask |= 1 << self.number(name, place, owner)
            if len(self._number) > MAX_NAMES:
                raise InvalidProblem(self._field, f"has more than {MAX_NAMES} names")
        return mask


class _Names:
    def __init__(self, document: ProblemDocument) -> None:
        self.areas = _NameList("areas", document.areas)
        self.skills = _NameList("skills", document.skills)
        self.languages = _NameList("languages", document.languages)


class _Clock:
    """Turns the moments of a file into seconds from the start of the horizon."""

    def __init__(self, start: datetime.datetime | None) -> None:
        self._start = start

    def seconds(self, moment: Instant, place: str, owner: str) -> int:
        if isinstance(moment, int):
            return moment
        if self._start is None:
            message = "is a date-time, so the file needs horizon_start"
            raise InvalidProblem(place, message, id=owner)
        if (moment.tzinfo is None) != (self._start.tzinfo is None):
            message = "and horizon_start must both have a time zone, or neither"
            raise InvalidProblem(place, message, id=owner)
        seconds = (moment - self._start).total_seconds()
        if seconds != int(seconds):
            raise InvalidProblem(place, "is no whole second after horizon_start", id=owner)
        return int(seconds)

    def spans(self, spans: Sequence[Span], place: str, owner: str) -> list[tuple[int, int]]:
        return [
            (self.seconds(first, place, owner), self.seconds(last, place, owner))
            for first, last in spans
        ]


def _ints(values: Iterable[int]) -> IntArray:
    return np.array(list(values), np.int64)


def _pointers(lists: Sequence[Sequence[tuple[int, int]]]) -> tuple[IntArray, IntArray, IntArray]:
    """Where each list starts, and all first and all last moments."""
    ptr = np.append(0, np.cumsum([len(spans) for spans in lists])).astype(np.int64)
    flat = [span for spans in lists for span in spans]
    return ptr, _ints(first for first, _ in flat), _ints(last for _, last in flat)


def _load_requests(document: ProblemDocument, names: _Names, clock: _Clock) -> Requests:
    rows = document.requests
    windows = [clock.spans(row.windows, "requests.windows", row.id) for row in rows]
    ptr, opens, closes = _pointers(windows)
    return Requests(
        ids=tuple(row.id for row in rows),
        service_s=_ints(row.service_s for row in rows),
        weight=np.array([row.weight for row in rows], np.float64),
        skills=_ints(names.skills.mask(row.skills, "requests.skills", row.id) for row in rows),
        languages=_ints(
            names.languages.mask(row.languages, "requests.languages", row.id) for row in rows
        ),
        crew_size=_ints(row.crew_size for row in rows),
        window_ptr=ptr,
        window_open_s=opens,
        window_close_s=closes,
        area=_ints(_area(row.area, names, "requests.area", row.id) for row in rows),
    )


def _area(name: str | None, names: _Names, place: str, owner: str) -> int:
    return -1 if name is None else names.areas.number(name, place, owner)


def _load_volunteers(document: ProblemDocument, names: _Names, clock: _Clock) -> Volunteers:
    rows, modes = document.volunteers, [row.name for row in list_travels(document)]
    shifts = [clock.spans(row.shifts, "volunteers.shifts", row.id) for row in rows]
    ptr, starts, ends = _pointers(shifts)
    spent = [sum(max(0, end - start) for start, end in spans) for spans in shifts]
    n_requests = len(document.requests)
    return Volunteers(
        ids=tuple(row.id for row in rows),
        shift_ptr=ptr,
        shift_start_s=starts,
        shift_end_s=ends,
        max_tasks=_ints(_or(row.max_tasks, n_requests) for row in rows),
        max_work_s=_ints(_or(row.max_work_s, at) for row, at in zip(rows, spent, strict=True)),
        max_travel_s=_ints(_or(row.max_travel_s, at) for row, at in zip(rows, spent, strict=True)),
        max_travel_m=_ints(_or(row.max_travel_m, NO_LIMIT) for row in rows),
        max_route_m=_ints(_or(row.max_route_m, NO_LIMIT) for row in rows),
        skills=_ints(names.skills.mask(row.skills, "volunteers.skills", row.id) for row in rows),
        languages=_ints(
            names.languages.mask(row.languages, "volunteers.languages", row.id) for row in rows
        ),
        load=_floats(row.load for row in rows),
        accept_p=_floats(row.accept_p for row in rows),
        mode=_ints(_mode(row, modes) for row in rows),
        area=_ints(_area(row.area, names, "volunteers.area", row.id) for row in rows),
    )


def _floats(values: Iterable[float]) -> FloatArray:
    return np.array(list(values), np.float64)


def _or(value: int | UnsetType, default: int) -> int:
    return default if value is UNSET else value


def _mode(row: VolunteerRow, modes: list[str]) -> int:
    if row.travel is UNSET:
        return 0
    if row.travel not in modes:
        known = ", ".join(modes)
        message = f"{row.travel!r} is no travel of the file; there are: {known}"
        raise InvalidProblem("volunteers.travel", message, id=row.id)
    return modes.index(row.travel)


def _load_pairs(
    field: str,
    pairs: Sequence[PairRow | PreferredRow],
    volunteers: Volunteers,
    requests: Requests,
) -> IntArray:
    person = {name: at for at, name in enumerate(volunteers.ids)}
    place = {name: at for at, name in enumerate(requests.ids)}
    found = []
    for pair in pairs:
        if pair.volunteer not in person:
            message = f"names volunteer {pair.volunteer!r}, whom the file does not have"
            raise InvalidProblem(field, message, id=pair.request)
        if pair.request not in place:
            message = f"names request {pair.request!r}, which the file does not have"
            raise InvalidProblem(field, message, id=pair.volunteer)
        found.append((person[pair.volunteer], place[pair.request]))
    return np.array(found, np.int64).reshape(-1, 2)


def refuse_impossible_locks(problem: Problem) -> None:
    """Refuse a lock on a pair that no plan can contain.

    Raises
    ------
    InvalidProblem
        Naming the request, the volunteer and the reason.
    """
    for i, j in problem.locked.tolist():
        reason = _find_obstacle(problem, i, j)
        if reason is not None:
            who, where = problem.volunteers.ids[i], problem.requests.ids[j]
            raise InvalidProblem("locked", f"to volunteer {who!r}: {reason}", id=where)


def _find_obstacle(problem: Problem, i: int, j: int) -> str | None:
    requests, volunteers = problem.requests, problem.volunteers
    if int(requests.skills[j]) & ~int(volunteers.skills[i]):
        return "who lacks a skill that it needs"
    asked = int(requests.languages[j])
    if asked and not asked & int(volunteers.languages[i]):
        return "who speaks none of its languages"
    seconds, metres = problem.travel[int(volunteers.mode[i])].legs(
        np.array([i]), np.array([len(volunteers) + j])
    )
    if max(int(seconds[0]), int(metres[0])) >= UNREACHABLE:
        return "who has no known way there"
    if seconds[0] > volunteers.max_travel_s[i] or metres[0] > volunteers.max_travel_m[i]:
        return "who does not travel that far"
    service_s = int(requests.service_s[j])
    if volunteers.max_tasks[i] < 1 or service_s > volunteers.max_work_s[i]:
        return "who may not take on that much"
    if not any(
        max(start, opens) + service_s <= min(end, closes)
        for start, end in volunteers.shifts(i)
        for opens, closes in requests.windows(j)
    ):
        return "who has no shift with time for it in one of its windows"
    return None
