"""Where one more visit would stand in the plan as it is: what would have to give, and by how much.

Plans are taken as they stand, in their order; nothing else moves. So a seat that needs nothing is
a proof that a visit is possible, while "no seat" only says that somebody would have to move.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matching.engine.problem import Problem, load_cost
from matching.engine.solution import Route, Solution
from matching.engine.suitability import start_spans


@dataclass(frozen=True)
class Seat:
    """One place for a visit in one shift of a volunteer.

    Parameters
    ----------
    volunteer, shift, position
        Before which visit of the shift's route it stands.
    start_s
        When the work would start.
    extra_route_m, extra_work_s, extra_tasks
        What is missing: metres of ``max_route_m``, seconds of ``max_work_s``, visits of
        ``max_tasks``; 0 where it fits.
    gain_m
        What the plan would gain, metres; see `matching.engine.problem.Objective`.
    """

    volunteer: int
    shift: int
    position: int
    start_s: int
    extra_route_m: int
    extra_work_s: int
    extra_tasks: int
    gain_m: float

    @property
    def fits(self) -> bool:
        """Whether nothing is missing."""
        return not (self.extra_route_m or self.extra_work_s or self.extra_tasks)


class Seating:
    """The routes of a plan by volunteer and shift, to look for seats in."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self._problem = problem
        self._routes: dict[tuple[int, int], Route] = {}
        self._work_s = np.zeros(len(problem.volunteers), np.int64)
        self.visits = np.zeros(len(problem.volunteers), np.int64)
        for route in solution.routes:
            self._routes[route.volunteer, route.shift] = route
            self.visits[route.volunteer] += len(route.requests)
            service_s = int(problem.requests.service_s[list(route.requests)].sum())
            self._work_s[route.volunteer] += route.travel_s + service_s
        self._agreed = problem.requests.crew_size > 1
        self._bonus_m = {
            (int(i), int(j)): float(bonus_m)
            for (i, j), bonus_m in zip(problem.preferred, problem.bonus_m, strict=True)
        }

    def list_seats(self, volunteer: int, request: int, *, windows: bool = True) -> Iterator[Seat]:
        """Every place where shifts and windows leave time; other limits are told, not kept.

        Parameters
        ----------
        volunteer, request
            Indices; the request is not in the volunteer's plan.
        windows
            False takes any time of the shift for the new visit.
        """
        volunteers = self._problem.volunteers
        spans = start_spans(self._problem, request) if windows else [(-(1 << 40), 1 << 40)]
        first = int(volunteers.shift_ptr[volunteer])
        for shift in range(int(volunteers.shift_ptr[volunteer + 1]) - first):
            route = self._routes.get((volunteer, shift))
            stops = () if route is None else route.requests
            for position in range(len(stops) + 1):
                seat = self._try_seat(volunteer, shift, position, request, spans)
                if seat is not None:
                    yield seat

    def find_free_seat(self, volunteer: int, request: int) -> Seat | None:
        """The seat that needs nothing and gains most, or None."""
        volunteers = self._problem.volunteers
        if self.visits[volunteer] >= volunteers.max_tasks[volunteer]:
            return None
        free = [seat for seat in self.list_seats(volunteer, request) if seat.fits]
        return max(free, key=lambda seat: seat.gain_m, default=None)

    def _try_seat(
        self,
        volunteer: int,
        shift: int,
        position: int,
        request: int,
        spans: list[tuple[int, int]],
    ) -> Seat | None:
        """The seat, or None where the route with it would miss a window or the shift's end."""
        problem, volunteers = self._problem, self._problem.volunteers
        route = self._routes.get((volunteer, shift))
        old = () if route is None else route.requests
        stops = (*old[:position], request, *old[position:])
        places = np.array([volunteer, *(len(volunteers) + j for j in stops), volunteer])
        legs_s, legs_m = problem.travel[int(volunteers.mode[volunteer])].legs(
            places[:-1], places[1:]
        )
        at = int(volunteers.shift_ptr[volunteer]) + shift
        ready_s, start_s = int(volunteers.shift_start_s[at]), 0
        agreed = dict(zip(old, () if route is None else route.start_s, strict=True))
        for leg_s, stop in zip(legs_s[:-1].tolist(), stops, strict=True):
            own = spans if stop == request else self._spans_of(stop, agreed)
            begin_s = _earliest(own, ready_s + leg_s)
            if begin_s is None:
                return None
            if stop == request:
                start_s = begin_s
            ready_s = begin_s + int(problem.requests.service_s[stop])
        if ready_s + int(legs_s[-1]) > volunteers.shift_end_s[at]:
            return None
        travel_s, travel_m = int(legs_s.sum()), int(legs_m.sum())
        old_s, old_m = (0, 0) if route is None else (route.travel_s, route.travel_m)
        visits = int(self.visits[volunteer])
        service_s = int(problem.requests.service_s[request])
        work_s = int(self._work_s[volunteer]) + travel_s - old_s + service_s
        gain_m = (
            self._visit_value(volunteer, request)
            - problem.objective.travel_cost * (travel_m - old_m)
            - load_cost(problem, volunteer, visits + 1)
            + load_cost(problem, volunteer, visits)
        )
        return Seat(
            volunteer=volunteer,
            shift=shift,
            position=position,
            start_s=start_s,
            extra_route_m=max(0, travel_m - int(volunteers.max_route_m[volunteer])),
            extra_work_s=max(0, work_s - int(volunteers.max_work_s[volunteer])),
            extra_tasks=max(0, visits + 1 - int(volunteers.max_tasks[volunteer])),
            gain_m=gain_m,
        )

    def _visit_value(self, volunteer: int, request: int) -> float:
        """As `matching.engine.problem.visit_value`, with the bonus looked up."""
        problem = self._problem
        share = problem.requests.weight[request] / problem.requests.crew_size[request]
        earned = share * problem.volunteers.accept_p[volunteer]
        bonus_m = self._bonus_m.get((volunteer, request), 0.0)
        return float(earned * problem.objective.value_m_per_weight) + bonus_m

    def _spans_of(self, stop: int, agreed: dict[int, int]) -> list[tuple[int, int]]:
        """When a planned visit may start; a crew keeps the moment that it agreed on."""
        if self._agreed[stop]:
            return [(agreed[stop], agreed[stop])]
        return start_spans(self._problem, stop)


def _earliest(spans: list[tuple[int, int]], ready_s: int) -> int | None:
    """The first start at or after ``ready_s``, or None."""
    starts = [max(ready_s, first) for first, last in spans if max(ready_s, first) <= last]
    return min(starts, default=None)
