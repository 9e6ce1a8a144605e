"""What every engine hands back: who visits whom in which order. Times and totals follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf

import numpy as np

from matching.engine.check import compute_values
from matching.engine.check_rules import lay_out_trips
from matching.engine.problem import Problem
from matching.engine.solution import Certificate, Route, Solution
from matching.engine.travel import IntArray

Order = tuple[int, list[int]]
"""A volunteer and the requests in the order of the visits."""


def time_routes(problem: Problem, orders: Sequence[Order]) -> Solution:
    """Start every visit as early as its window allows, in the volunteer's first shift."""
    routes = [
        Route(volunteer, 0, tuple(visits), (0,) * len(visits), 0, 0)
        for volunteer, visits in sorted(orders)
        if visits
    ]
    trips = lay_out_trips(problem, list(enumerate(routes)))
    timed = []
    for trip in trips:
        ready_s, _ = problem.volunteers.shifts(trip.route.volunteer)[0]
        starts = []
        for at, request in enumerate(trip.route.requests):
            opens = [first for first, _ in problem.requests.windows(request)]
            starts.append(max(ready_s + trip.leg_s[at], min(opens)))
            ready_s = starts[-1] + int(problem.requests.service_s[request])
        travel_s, travel_m = sum(trip.leg_s), sum(trip.leg_m)
        timed.append(
            replace(trip.route, start_s=tuple(starts), travel_s=travel_s, travel_m=travel_m)
        )
    values = compute_values(problem, trips)
    certificate = Certificate(
        problem_digest=problem.digest(),
        seed=0,
        value=values.value,
        visit_value=values.visit_value,
        travel_cost=values.travel_cost,
        load_cost=values.load_cost,
        weight_served=values.weight_served,
        bound=inf,
        prices=None,
        stopped=False,
    )
    return Solution(tuple(timed), certificate)


def order_routes(solution: Solution) -> list[Order]:
    """The orders of a solution."""
    return [(route.volunteer, list(route.requests)) for route in solution.routes]


def dense_legs(problem: Problem) -> tuple[IntArray, IntArray]:
    """(m + n, m + n) int64 seconds and metres between all places, as most engines want them."""
    places = np.arange(len(problem.volunteers) + len(problem.requests))
    return problem.travel[0].legs(places[:, None], places[None, :])


def list_bits(mask: int) -> set[int]:
    """The positions of the bits of a mask."""
    return {bit for bit in range(64) if mask >> bit & 1}
