"""VROOM: skills as they are, weights as priorities, metres as costs."""

from __future__ import annotations

import datetime
from math import isinf

import vroom

from benchmarks.routes import Order, dense_legs, list_bits
from matching.engine.problem import Problem

PRIORITY_PER_WEIGHT = 10


def solve(
    problem: Problem, *, time_limit_s: float, seed: int, exploration_level: int = 5
) -> list[Order]:
    """Levels 0 (fastest) to 5 (best); a time limit ends the search early. There is no seed."""
    m, n = len(problem.volunteers), len(problem.requests)
    seconds, metres = dense_legs(problem)
    model = vroom.Input()
    model.set_durations_matrix("car", seconds)
    model.set_distances_matrix("car", metres)
    model.set_costs_matrix("car", metres)
    volunteers, requests = problem.volunteers, problem.requests
    for i in range(m):
        ((start_s, end_s),) = volunteers.shifts(i)
        vehicle = vroom.Vehicle(
            i,
            start=i,
            end=i,
            skills=list_bits(int(volunteers.skills[i])),
            time_window=(start_s, end_s),
            max_tasks=int(volunteers.max_tasks[i]),
            max_distance=int(volunteers.max_route_m[i]),
        )
        model.add_vehicle(vehicle)
    for j in range(n):
        job = vroom.Job(
            j,
            location=m + j,
            default_service=int(requests.service_s[j]),
            skills=list_bits(int(requests.skills[j])),
            priority=int(requests.weight[j] * PRIORITY_PER_WEIGHT),
        )
        model.add_job(job)
    limit = None if isinf(time_limit_s) else datetime.timedelta(seconds=time_limit_s)
    answer = model.solve(exploration_level=exploration_level, nb_threads=1, timeout=limit)
    orders: dict[int, list[int]] = {}
    steps = answer.routes
    jobs = steps[steps["type"] == "job"]
    for vehicle_id, job_id in zip(jobs["vehicle_id"], jobs["id"], strict=True):
        orders.setdefault(int(vehicle_id), []).append(int(job_id))
    return sorted(orders.items())
