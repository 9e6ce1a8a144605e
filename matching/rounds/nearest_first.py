"""The list that most programmes make by hand: each request to the nearest free volunteer."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from matching.engine.check import compute_values
from matching.engine.check_rules import lay_out_trips
from matching.engine.problem import Problem, crew_starts
from matching.engine.solution import Certificate, Route, Solution
from matching.engine.travel import IntArray

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Stop:
    """A visit; a crew's visit has an agreed start."""

    request: int
    agreed_start_s: int | None = None


@dataclass
class _Day:
    """What one volunteer has so far: the stops of each shift."""

    shifts: list[list[_Stop]]

    def count(self) -> int:
        return sum(len(stops) for stops in self.shifts)


@dataclass
class _Hand:
    """The half-made list, and the travel that is needed to extend it."""

    problem: Problem
    seconds: list[IntArray] = field(init=False)
    metres: list[IntArray] = field(init=False)
    days: list[_Day] = field(init=False)

    def __post_init__(self) -> None:
        volunteers = self.problem.volunteers
        places = np.arange(len(volunteers) + len(self.problem.requests))
        legs = [travel.legs(places[:, None], places[None, :]) for travel in self.problem.travel]
        self.seconds = [leg[0] for leg in legs]
        self.metres = [leg[1] for leg in legs]
        self.days = [
            _Day([[] for _ in volunteers.shifts(volunteer)]) for volunteer in range(len(volunteers))
        ]

    def suitable(self) -> BoolArray:
        """(m, n) bool: who may do what, before looking at time and load."""
        requests, volunteers = self.problem.requests, self.problem.volunteers
        n_volunteers = len(volunteers)
        fits: BoolArray = (volunteers.skills[:, None] & requests.skills) == requests.skills
        fits &= (requests.languages == 0) | (
            (volunteers.languages[:, None] & requests.languages) != 0
        )
        fits[tuple(self.problem.banned.T)] = False
        for volunteer in range(n_volunteers):
            mode = int(volunteers.mode[volunteer])
            home = (volunteer, slice(n_volunteers, None))
            fits[volunteer] &= self.seconds[mode][home] <= volunteers.max_travel_s[volunteer]
            fits[volunteer] &= self.metres[mode][home] <= volunteers.max_travel_m[volunteer]
        return fits

    def distance_m(self, request: int) -> IntArray:
        """(m,) metres from each volunteer's home."""
        volunteers = self.problem.volunteers
        place = len(volunteers) + request
        return np.array(
            [self.metres[int(mode)][i, place] for i, mode in enumerate(volunteers.mode)], np.int64
        )

    def place(self, volunteer: int, stop: _Stop) -> tuple[int, int] | None:
        """Shift and position where the stop adds the least travel; None when it fits nowhere."""
        volunteers = self.problem.volunteers
        day = self.days[volunteer]
        if day.count() >= volunteers.max_tasks[volunteer]:
            return None
        before_s = sum(
            route.travel_s + self._service_s(route) for route in self.routes_of(volunteer)
        )
        best: tuple[int, int, int] | None = None
        for shift, stops in enumerate(day.shifts):
            old = self.schedule(volunteer, shift, stops) if stops else None
            for position in range(len(stops) + 1):
                route = self.schedule(
                    volunteer, shift, [*stops[:position], stop, *stops[position:]]
                )
                if route is None:
                    continue
                old_s = old.travel_s + self._service_s(old) if old else 0
                work_s = before_s - old_s + route.travel_s + self._service_s(route)
                added_m = route.travel_m - (old.travel_m if old else 0)
                if work_s <= volunteers.max_work_s[volunteer] and (
                    best is None or added_m < best[0]
                ):
                    best = (added_m, shift, position)
        return None if best is None else best[1:]

    def _service_s(self, route: Route) -> int:
        return int(self.problem.requests.service_s[list(route.requests)].sum())

    def schedule(self, volunteer: int, shift: int, stops: list[_Stop]) -> Route | None:
        """The route through the stops in this order, each as early as can be; None if too late."""
        requests, volunteers = self.problem.requests, self.problem.volunteers
        seconds = self.seconds[int(volunteers.mode[volunteer])]
        metres = self.metres[int(volunteers.mode[volunteer])]
        now_s, shift_end_s = volunteers.shifts(volunteer)[shift]
        place, travel_s, travel_m = volunteer, 0, 0
        starts: list[int] = []
        for stop in stops:
            there = len(volunteers) + stop.request
            travel_s += int(seconds[place, there])
            travel_m += int(metres[place, there])
            arrival_s = now_s + int(seconds[place, there])
            service_s = int(requests.service_s[stop.request])
            start_s = _earliest_start(requests.windows(stop.request), service_s, stop, arrival_s)
            if start_s is None:
                return None
            starts.append(start_s)
            now_s, place = start_s + service_s, there
        travel_s += int(seconds[place, volunteer])
        travel_m += int(metres[place, volunteer])
        if now_s + int(seconds[place, volunteer]) > shift_end_s:
            return None
        if travel_m > volunteers.max_route_m[volunteer]:
            return None
        visits = tuple(stop.request for stop in stops)
        return Route(volunteer, shift, visits, tuple(starts), travel_s, travel_m)

    def routes_of(self, volunteer: int) -> list[Route]:
        """The routes so far of one volunteer."""
        routes = []
        for shift, stops in enumerate(self.days[volunteer].shifts):
            route = self.schedule(volunteer, shift, stops) if stops else None
            if route is not None:
                routes.append(route)
        return routes


def _earliest_start(
    windows: list[tuple[int, int]], service_s: int, stop: _Stop, arrival_s: int
) -> int | None:
    """The first moment at which the work can begin and still end inside one window."""
    if stop.agreed_start_s is not None:
        return stop.agreed_start_s if arrival_s <= stop.agreed_start_s else None
    starts = [
        max(arrival_s, opens)
        for opens, closes in windows
        if max(arrival_s, opens) + service_s <= closes
    ]
    return min(starts, default=None)


def list_nearest_first(problem: Problem) -> tuple[Route, ...]:
    """Make the list that a coordinator makes by hand, carefully.

    Requests are taken by weight, then in the order of the problem (arrival). Each goes to the
    nearest suitable volunteer, by street from home, who still has room; the volunteer visits it
    where it adds the least travel to the route. A crew gets the nearest volunteers who can meet,
    at the first moment at which enough of them can. Accepted work is placed first. Nothing is
    ever moved again: that is what a person with a list and a telephone can do in an evening.

    Returns
    -------
    tuple of Route
        In the order of volunteer and shift; every constraint of the problem holds.
    """
    hand = _Hand(problem)
    suitable = hand.suitable()
    locked = _locked_crews(problem)
    order = sorted(
        range(len(problem.requests)),
        key=lambda request: (request not in locked, -float(problem.requests.weight[request])),
    )
    for request in order:
        members = locked.get(request, [])
        near = [
            int(volunteer)
            for volunteer in np.argsort(hand.distance_m(request), kind="stable")
            if suitable[volunteer, request] and volunteer not in members
        ]
        crew_size = int(problem.requests.crew_size[request])
        _seat(hand, request, members + near, required=crew_size)
    return tuple(route for i in range(len(problem.volunteers)) for route in hand.routes_of(i))


def plan_nearest_first(problem: Problem) -> Solution:
    """The list of `list_nearest_first` as a solution, valued by the independent checker's own sums.

    Nothing is known about better plans, so the bound is infinite.
    """
    routes = list_nearest_first(problem)
    values = compute_values(problem, lay_out_trips(problem, list(enumerate(routes))))
    certificate = Certificate(
        problem_digest=problem.digest(),
        seed=0,
        value=values.value,
        visit_value=values.visit_value,
        travel_cost=values.travel_cost,
        load_cost=values.load_cost,
        weight_served=values.weight_served,
        bound=math.inf,
        prices=None,
        stopped=False,
    )
    return Solution(routes, certificate)


def _locked_crews(problem: Problem) -> dict[int, list[int]]:
    crews: dict[int, list[int]] = {}
    for volunteer, request in problem.locked:
        crews.setdefault(int(request), []).append(int(volunteer))
    return crews


def _seat(hand: _Hand, request: int, candidates: list[int], *, required: int) -> bool:
    """Give the request to the first ``required`` candidates who have room; False if too few."""
    crew = int(hand.problem.requests.crew_size[request]) > 1
    starts: list[int | None] = list(crew_starts(hand.problem, request)) if crew else [None]
    for start_s in starts:
        stop = _Stop(request, start_s)
        seats = []
        for volunteer in candidates:
            seat = hand.place(volunteer, stop)
            if seat is not None:
                seats.append((volunteer, *seat))
            if len(seats) == required:
                for member, shift, position in seats:
                    hand.days[member].shifts[shift].insert(position, stop)
                return True
    return False
