"""PyVRP: a vehicle type for each volunteer, prizes, and skills as load dimensions.

PyVRP knows no skills. A request takes 1 unit of each skill it needs; a volunteer has room for
`max_tasks` of them in the skills that he or she has, and none in the others.
"""

from __future__ import annotations

from typing import Any

import pyvrp
from pyvrp.stop import MaxRuntime

from benchmarks.routes import Order, dense_legs
from matching.engine.problem import Problem


def solve(problem: Problem, *, time_limit_s: float, seed: int) -> list[Order]:
    """Iterated local search with the default settings until the limit."""
    m, n = len(problem.volunteers), len(problem.requests)
    seconds, metres = dense_legs(problem)
    volunteers, requests = problem.volunteers, problem.requests
    value, bits = problem.objective.value_m_per_weight, range(len(problem.skill_names))
    locations = [pyvrp.Location(float(x), float(y)) for x, y in problem.xy_m]
    clients = [
        pyvrp.Client(
            location=m + j,
            delivery=[1, *(int(requests.skills[j]) >> bit & 1 for bit in bits)],
            service_duration=int(requests.service_s[j]),
            prize=int(requests.weight[j] * value),
            required=False,
        )
        for j in range(n)
    ]
    vehicles = []
    for i in range(m):
        ((start_s, end_s),) = volunteers.shifts(i)
        room = int(volunteers.max_tasks[i])
        vehicle = pyvrp.VehicleType(
            num_available=1,
            capacity=[room, *(room * (int(volunteers.skills[i]) >> bit & 1) for bit in bits)],
            start_depot=i,
            end_depot=i,
            tw_early=start_s,
            tw_late=end_s,
            max_distance=int(volunteers.max_route_m[i]),
        )
        vehicles.append(vehicle)
    depots = [pyvrp.Depot(location=i) for i in range(m)]
    matrices: Any = [metres], [seconds]  # their stubs know only one dimension
    data = pyvrp.ProblemData(locations, clients, depots, vehicles, *matrices)
    result = pyvrp.solve(
        data, MaxRuntime(time_limit_s), seed=seed, collect_stats=False, display=False
    )
    if not result.is_feasible():
        return []
    return [
        (route.vehicle_type(), [stop.idx for stop in route.schedule() if stop.is_client()])
        for route in result.best.routes()
    ]
