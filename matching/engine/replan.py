"""Planning again with one change: what would come out, beside what comes out without it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.changes import Change, apply_change
from matching.engine.problem import Problem, load_cost
from matching.engine.scope import Scope, is_small, take_part, take_whole
from matching.engine.solution import Route, Solution
from matching.engine.travel import IntArray

Solver = Callable[[Problem], Solution]

NOISE_M = 1e-4
"""Metres: a difference below this is none."""


@dataclass(frozen=True, eq=False)
class Replan:
    """A plan of a scope.

    Parameters
    ----------
    routes
        In the numbers of the scope; volunteers on top of the scope's stand behind.
    served
        Requests that are served within the scope, in the numbers of the whole.
    value
        Worth of the routes, metres; see `matching.engine.problem.Objective`.
    weight
        Weight of ``served``.
    """

    routes: tuple[Route, ...]
    served: frozenset[int]
    value: float
    weight: float


class Replanner:
    """Plans parts of one problem again, beside the plan that it has.

    Parameters
    ----------
    problem, solution
        The problem and its plan.
    solver
        From a problem to a plan; the same problem must give the same plan.
    """

    def __init__(self, problem: Problem, solution: Solution, solver: Solver) -> None:
        self.problem = problem
        self.solution = solution
        self._solver = solver
        self._whole = take_whole(problem) if is_small(problem) else None
        self._whole_base: Replan | None = None

    def find_scope(self, request: int, volunteers: IntArray) -> Scope:
        """What is planned again for a request: everything when that is quick, else a part.

        Parameters
        ----------
        request
            Index.
        volunteers
            (k,) int64, volunteers who have to be in.
        """
        if self._whole is not None:
            return self._whole
        return take_part(self.problem, self.solution, request, volunteers)

    def plan_base(self, scope: Scope) -> Replan:
        """The best plan of a scope without a change: planned again, or as it stands."""
        if scope.whole and self._whole_base is not None:
            return self._whole_base
        again = self.plan(scope, scope.problem)
        stands = self._as_it_stands(scope)
        best = stands if stands.value > again.value + NOISE_M else again
        if scope.whole:
            self._whole_base = best
        return best

    def plan_with(self, scope: Scope, change: Change) -> Replan:
        """The plan of a scope with a change, which is given in the numbers of the whole.

        Raises
        ------
        InvalidProblem
            When locked work of the changed problem cannot be done.
        """
        return self.plan(scope, apply_change(scope.problem, scope.inside(change)))

    def plan(self, scope: Scope, problem: Problem) -> Replan:
        """The plan of a scope whose problem was changed; weights are those of the scope."""
        return self._weigh(scope, problem, self._solver(problem).routes)

    def _as_it_stands(self, scope: Scope) -> Replan:
        volunteer_at = {int(i): at for at, i in enumerate(scope.volunteers)}
        request_at = {int(j): at for at, j in enumerate(scope.requests)}
        routes = tuple(
            Route(
                volunteer=volunteer_at[route.volunteer],
                shift=route.shift,
                requests=tuple(request_at[request] for request in route.requests),
                start_s=route.start_s,
                travel_s=route.travel_s,
                travel_m=route.travel_m,
            )
            for route in self.solution.routes
            if route.volunteer in volunteer_at
        )
        return self._weigh(scope, scope.problem, routes)

    def _weigh(self, scope: Scope, problem: Problem, routes: tuple[Route, ...]) -> Replan:
        inside = sorted({request for route in routes for request in route.requests})
        return Replan(
            routes=routes,
            served=frozenset(scope.requests[inside].tolist()),
            value=plan_value(problem, routes),
            weight=math.fsum(scope.problem.requests.weight[inside]),
        )


def plan_value(problem: Problem, routes: Sequence[Route]) -> float:
    """What routes are worth, metres; see `matching.engine.problem.Objective`."""
    requests, table, objective = problem.requests, problem.volunteers, problem.objective
    bonus_m = {
        (int(i), int(j)): float(bonus)
        for (i, j), bonus in zip(problem.preferred, problem.bonus_m, strict=True)
    }
    visits = np.zeros(len(table), np.int64)
    terms: list[float] = []
    for route in routes:
        stops = list(route.requests)
        visits[route.volunteer] += len(stops)
        earned = requests.weight[stops] / requests.crew_size[stops]
        earned = earned * table.accept_p[route.volunteer] * objective.value_m_per_weight
        terms += earned.tolist()
        terms += [bonus_m.get((route.volunteer, stop), 0.0) for stop in stops]
        terms.append(-objective.travel_cost * route.travel_m)
    terms += [-load_cost(problem, int(i), int(visits[i])) for i in np.flatnonzero(visits)]
    return math.fsum(terms)
