"""OR-Tools routing: disjunctions with the prizes as penalties, guided local search."""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.routes import Order, dense_legs
from matching.engine.problem import Problem


def solve(problem: Problem, *, time_limit_s: float, seed: int) -> list[Order]:
    """Use the library's own advice for many short routes: parallel insertion, then search."""
    m, n = len(problem.volunteers), len(problem.requests)
    seconds, metres = dense_legs(problem)
    homes = list(range(m))
    manager = pywrapcp.RoutingIndexManager(m + n, m, homes, homes)
    routing = pywrapcp.RoutingModel(manager)
    service = np.concatenate([np.zeros(m, np.int64), problem.requests.service_s])
    distance = routing.RegisterTransitMatrix(metres.tolist())
    time = routing.RegisterTransitMatrix((seconds + service[:, None]).tolist())
    visit = routing.RegisterUnaryTransitVector([0] * m + [1] * n)
    routing.SetArcCostEvaluatorOfAllVehicles(distance)
    volunteers = problem.volunteers
    for callback, limits, name in (
        (time, volunteers.max_work_s, "time"),
        (distance, volunteers.max_route_m, "distance"),
        (visit, volunteers.max_tasks, "tasks"),
    ):
        routing.AddDimensionWithVehicleCapacity(callback, 0, limits.tolist(), True, name)
    value = problem.objective.value_m_per_weight
    for request in range(n):
        index = manager.NodeToIndex(m + request)
        routing.AddDisjunction([index], int(problem.requests.weight[request] * value))
        lacks = problem.requests.skills[request] & ~volunteers.skills
        # SetAllowedVehiclesForIndex of this release does not take a list; this is the same.
        routing.VehicleVar(index).SetValues([-1, *np.flatnonzero(lacks == 0).tolist()])
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    parameters.local_search_metaheuristic = (
        routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    )
    parameters.time_limit.FromMilliseconds(int(time_limit_s * 1000))
    answer = routing.SolveWithParameters(parameters)
    if answer is None:
        return []
    return [_follow(routing, manager, answer, vehicle, m) for vehicle in range(m)]


def _follow(routing: Any, manager: Any, answer: Any, vehicle: int, m: int) -> Order:
    visits = []
    index = answer.Value(routing.NextVar(routing.Start(vehicle)))
    while not routing.IsEnd(index):
        visits.append(manager.IndexToNode(index) - m)
        index = answer.Value(routing.NextVar(index))
    return vehicle, visits
