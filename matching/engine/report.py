"""From plans to a solution: start times, route lengths, the terms of the value."""

from __future__ import annotations

import math

import numpy as np

from matching.engine.generate import Generated
from matching.engine.menus import Ground
from matching.engine.plan_search import earliest_start
from matching.engine.plans import Plans, leg
from matching.engine.problem import load_cost
from matching.engine.solution import Certificate, Prices, Route, Solution


def count_served(ground: Ground, plans: Plans) -> int:
    """Requests that some plan visits."""
    return len(np.unique(ground.nodes.request[plans.taken > 0]))


def build_solution(generated: Generated, plans: Plans, *, seed: int, stopped: bool) -> Solution:
    """Write plans as routes with times, and the certificate over them."""
    ground = generated.ground
    problem, menus = ground.problem, ground.menus
    routes: list[Route] = []
    visit_value = 0.0
    load = 0.0
    for k in np.flatnonzero(plans.length):
        routes.extend(_routes(ground, int(k), plans))
        visits = plans.entry[k, : plans.length[k]]
        visit_value += float(menus.value[visits].sum())
        load += load_cost(problem, int(menus.volunteer[k]), len(visits))
    travel = problem.objective.travel_cost * math.fsum(route.travel_m for route in routes)
    served = sorted({request for route in routes for request in route.requests})
    certificate = Certificate(
        problem_digest=problem.digest(),
        seed=seed,
        value=visit_value - travel - load,
        visit_value=visit_value,
        travel_cost=travel,
        load_cost=load,
        weight_served=float(problem.requests.weight[served].sum()),
        bound=generated.bound,
        prices=write_prices(generated) if math.isfinite(generated.bound) else None,
        stopped=stopped,
    )
    return Solution(tuple(routes), certificate)


def _routes(ground: Ground, k: int, plans: Plans) -> list[Route]:
    """The trips of one row, shift by shift, each visit as early as possible."""
    _, nodes, menus = ground
    visits = plans.entry[k, : plans.length[k]]
    shifts = plans.shift[k, : plans.length[k]]
    routes = []
    for shift in np.unique(shifts):
        ready_s = int(menus.shift_start_s[menus.shift_ptr[k] + shift])
        travel_s = travel_m = 0
        start_s = []
        last = -1
        trip = visits[shifts == shift]
        for e in trip:
            leg_s, leg_m = leg(menus, k, last, e)
            begin = int(earliest_start(nodes, menus.node[e], ready_s + leg_s))
            start_s.append(begin)
            ready_s = begin + int(menus.service_s[e])
            travel_s, travel_m, last = travel_s + int(leg_s), travel_m + int(leg_m), e
        routes.append(
            Route(
                volunteer=int(menus.volunteer[k]),
                shift=int(shift),
                requests=tuple(menus.request[trip].tolist()),
                start_s=tuple(start_s),
                travel_s=travel_s + int(menus.back_s[last]),
                travel_m=travel_m + int(menus.back_m[last]),
            )
        )
    return routes


def write_prices(generated: Generated) -> Prices:
    """Prices by request and crew start instead of by node."""
    problem, nodes, _ = generated.ground
    price = generated.price
    request = np.zeros(len(problem.requests))
    crew = []
    for j, size in enumerate(problem.requests.crew_size):
        mine = price[nodes.first[j] : nodes.last[j]]
        if size > 1:
            crew.append((j, tuple(mine.tolist())))
        elif len(mine):
            request[j] = mine[0]
    return Prices(request, tuple(crew), generated.best)
