"""Changes worth trying for one request, the smallest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.changes import Change, LongerReach, MoreTime, MoreVolunteers
from matching.engine.newcomers import pick_anchor, typical_newcomer
from matching.engine.problem import Problem, crew_starts
from matching.engine.seats import Seat, Seating
from matching.engine.suitability import Suitability, work_spans
from matching.engine.travel import IntArray

MAX_ASKED = 12
"""Volunteers who are looked at for one kind of change: those who would come from nearest."""

MOST_REACH_MIN = 120.0
"""More reach than this is not asked of a volunteer, in minutes (see `LongerReach.size_min`)."""

ANOTHER_TIME_S = 3_600
"""New time that is further than this from every window is told as another window."""


@dataclass(frozen=True)
class Proposal:
    """A change to try.

    Parameters
    ----------
    change
        The change.
    seated
        True when the plan as it is has room with it, so that nobody has to move.
    """

    change: Change
    seated: bool

    @property
    def order(self) -> tuple[float, str, int]:
        """The smallest first; then by kind and volunteer, so that the order is always the same."""
        who = self.change.volunteer if isinstance(self.change, LongerReach) else -1
        return self.change.size_min, type(self.change).__name__, who


def propose_changes(
    problem: Problem, who: Suitability, seating: Seating, served: IntArray
) -> list[Proposal]:
    """Reach, time and newcomers that could bring help, the smallest first.

    Parameters
    ----------
    problem, who
        The problem, and what each filter says about the volunteers.
    seating
        The plan.
    served
        (s,) int64, requests that the plan serves.
    """
    found = [*_reaches(problem, who, seating), *_times(problem, who, seating)]
    found += _newcomers(problem, who, served)
    best: dict[Change, Proposal] = {}
    for proposal in found:
        if isinstance(proposal.change, LongerReach) and proposal.change.size_min > MOST_REACH_MIN:
            continue
        known = best.get(proposal.change)
        if known is None or proposal.seated:
            best[proposal.change] = proposal
    return sorted(best.values(), key=lambda proposal: proposal.order)


def select_tries(proposals: Sequence[Proposal], most: int) -> list[Proposal]:
    """At most ``most`` proposals: the smallest, and always one that is sure and one newcomer.

    Nothing larger than the smallest sure one of its kind is worth a try before it.
    """
    chosen: list[Proposal] = []
    sure: set[type] = set()
    for proposal in proposals:
        kind = type(proposal.change)
        if kind not in sure:
            chosen.append(proposal)
        if proposal.seated:
            sure.add(kind)
    first_sure = next((at for at, proposal in enumerate(chosen) if proposal.seated), None)
    first_newcomer = next(
        (at for at, one in enumerate(chosen) if isinstance(one.change, MoreVolunteers)), None
    )
    musts = {at for at in (first_sure, first_newcomer) if at is not None}
    others = [at for at in range(len(chosen)) if at not in musts]
    kept = musts | set(others[: max(0, most - len(musts))])
    return [chosen[at] for at in sorted(kept)][:most]


def _nearest(who: Suitability, chosen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> IntArray:
    """The volunteers among the chosen who would come from nearest."""
    found = np.flatnonzero(chosen)
    order = np.lexsort((found, who.out_s[found]))
    return found[order[:MAX_ASKED]].astype(np.int64)


def _reaches(problem: Problem, who: Suitability, seating: Seating) -> Iterator[Proposal]:
    """Volunteers who lack nothing but some metres or seconds of reach."""
    request = who.request
    crew_size = int(problem.requests.crew_size[request])
    if int(who.able.sum()) < crew_size - 1:
        return
    table = problem.volunteers
    apt = who.fitting & who.connected & who.work_fits & who.shift_fits
    for volunteer in _nearest(who, apt):
        extra_s = max(0, int(who.out_s[volunteer] - table.max_travel_s[volunteer]))
        extra_m = max(0, int(who.out_m[volunteer] - table.max_travel_m[volunteer]))
        alone_m = int(who.out_m[volunteer] + who.back_m[volunteer] - table.max_route_m[volunteer])
        seats = [
            seat
            for seat in seating.list_seats(int(volunteer), request)
            if not (seat.extra_tasks or seat.extra_work_s) and seat.gain_m > 0
        ]
        seated_m = min((seat.extra_route_m for seat in seats), default=None)
        for route_m in {max(0, alone_m), *(() if seated_m is None else (seated_m,))}:
            if extra_s or extra_m or route_m:
                change = LongerReach(int(volunteer), extra_s, extra_m, route_m)
                seated = seated_m is not None and route_m >= seated_m and crew_size == 1
                yield Proposal(change, seated)


def _times(problem: Problem, who: Suitability, seating: Seating) -> Iterator[Proposal]:
    """Other or longer windows, as small as the shifts and the plan allow."""
    apt = who.fitting & who.in_reach & who.work_fits & who.route_fits
    nearest = _nearest(who, apt)
    crew_size = int(problem.requests.crew_size[who.request])
    if len(nearest) < crew_size:
        return
    for start_s in _meeting_times(problem, who, nearest):
        change = _time_for(problem, who.request, start_s)
        if change is not None:
            yield Proposal(change, seated=False)
    if crew_size > 1:
        return
    for volunteer in nearest:
        for seat in seating.list_seats(int(volunteer), who.request, windows=False):
            for start_s in _seat_starts(problem, who.request, seat):
                change = _time_for(problem, who.request, start_s)
                if change is not None and seat.fits and seat.gain_m > 0:
                    yield Proposal(change, seated=start_s == seat.start_s)


def _seat_starts(problem: Problem, request: int, seat: Seat) -> list[int]:
    """The start of a seat; waiting there is free, so the openings behind it are tried as well."""
    service_s = int(problem.requests.service_s[request])
    later = [
        start_s
        for opens, closes in problem.requests.windows(request)
        for start_s in (opens, closes - service_s)
        if start_s > seat.start_s
    ]
    return [seat.start_s, *later]


def _meeting_times(problem: Problem, who: Suitability, nearest: IntArray) -> list[int]:
    """Starts at which enough volunteers have time alone, each at the rim of somebody's shift."""
    owner, first_s, last_s = work_spans(problem, who.request, who.out_s, who.back_s)
    mine = np.isin(owner, nearest) & (first_s <= last_s)
    owner, first_s, last_s = owner[mine], first_s[mine], last_s[mine]
    service_s = int(problem.requests.service_s[who.request])
    rims = [
        rim
        for opens, closes in problem.requests.windows(who.request)
        for rim in (opens, closes - service_s)
    ]
    starts = np.unique(np.concatenate([first_s, last_s, np.array(rims, np.int64)]))
    here = (first_s <= starts[:, None]) & (starts[:, None] <= last_s)
    crew_size = int(problem.requests.crew_size[who.request])
    # One volunteer may have several shifts, but they never overlap.
    found: list[int] = starts[here.sum(axis=1) >= crew_size].tolist()
    return found


def _time_for(problem: Problem, request: int, start_s: int) -> MoreTime | None:
    """The smallest change of windows with which the work may start then; None if it may already."""
    service_s = int(problem.requests.service_s[request])
    end_s = start_s + service_s
    windows = problem.requests.windows(request)
    if problem.requests.crew_size[request] > 1:
        if start_s in crew_starts(problem, request):
            return None
    elif any(opens <= start_s and end_s <= closes for opens, closes in windows):
        return None
    asked = [
        (max(0, opens - start_s) + max(0, end_s - closes), opens, closes)
        for opens, closes in windows
    ]
    extra_s, opens, closes = min(asked)
    apart_s = max(opens - end_s, start_s - closes)
    if problem.requests.crew_size[request] > 1 or apart_s > ANOTHER_TIME_S:
        # Crews start at the opening of a window, so theirs begins at the very moment.
        return MoreTime(request, start_s, end_s, max(extra_s, 1))
    return MoreTime(request, min(opens, start_s), max(closes, end_s), extra_s)


def _newcomers(problem: Problem, who: Suitability, served: IntArray) -> Iterator[Proposal]:
    """As many new volunteers as the crew lacks, or one: in the neighbourhood, then next door."""
    if not problem.travel:
        return
    request = who.request
    requests = problem.requests
    count = max(1, int(requests.crew_size[request]) - int(who.able.sum()))
    spoken = int(requests.languages[request])
    neighbourhood = pick_anchor(problem, request, served)
    # The first newcomer may be needed more elsewhere.
    for anchor, number in dict.fromkeys(
        ((neighbourhood, count), (request, count), (request, count + 1))
    ):
        newcomer = typical_newcomer(
            problem, anchor, skills=int(requests.skills[request]), languages=spoken & -spoken
        )
        yield Proposal(MoreVolunteers(newcomer, number), seated=False)
