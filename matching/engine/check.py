"""The independent judge: does a plan keep every rule, and is it worth what it says?

It needs numpy and nothing else, and shares no code with the solver: `problem` and `solution` say
what the words mean, everything here is worked out again from them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.check_bound import MAX_STEPS, BoundReport, check_bound
from matching.engine.check_rules import (
    RULES,
    Trip,
    Violation,
    find_malformed_routes,
    lay_out_trips,
)
from matching.engine.problem import Problem
from matching.engine.solution import Certificate, Solution

__all__ = ["BoundReport", "Report", "Values", "Violation", "check", "compute_values"]

_RELATIVE_TOLERANCE = 1e-9
_ABSOLUTE_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Values:
    """What a plan is worth, worked out from its routes. Metres, but for the last two.

    Parameters
    ----------
    value
        ``visit_value - travel_cost - load_cost``.
    visit_value, travel_cost, load_cost
        See `matching.engine.problem.Objective`.
    weight_served
        Sum of the weights of the requests with their whole crew.
    served
        Number of these requests.
    """

    value: float
    visit_value: float
    travel_cost: float
    load_cost: float
    weight_served: float
    served: int


@dataclass(frozen=True)
class Report:
    """What the checker found.

    Parameters
    ----------
    violations
        Every broken rule; empty for a valid plan.
    values
        What the plan is worth.
    bound
        What was looked at to judge the bound.
    """

    violations: tuple[Violation, ...]
    values: Values
    bound: BoundReport

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong."""
        return not self.violations


def check(
    problem: Problem,
    solution: Solution,
    *,
    bound_sample: int | None = 200,
    seed: int = 0,
    max_steps: int = MAX_STEPS,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Check a solution against its problem.

    Parameters
    ----------
    problem, solution
        What was asked and what came out.
    bound_sample
        Volunteers whose part of the bound is searched again; None searches all.
    seed
        Chooses the sample.
    max_steps
        Limit of each search; a volunteer beyond it is reported as undecided.
    progress
        Called with 1 after each volunteer that was searched.

    Returns
    -------
    Report
        With every violation, not only the first.
    """
    malformed = find_malformed_routes(problem, solution)
    violations = [violation for found in malformed.values() for violation in found]
    readable = [
        (number, route) for number, route in enumerate(solution.routes) if number not in malformed
    ]
    trips = lay_out_trips(problem, readable)
    for rule in RULES:
        violations.extend(rule(problem, trips))
    values = compute_values(problem, trips)
    certificate = solution.certificate
    violations.extend(_check_digest(problem, certificate))
    violations.extend(_check_values(certificate, values))
    sample = choose_sample(len(problem.volunteers), bound_sample, seed)
    found, bound = check_bound(
        problem, certificate, values.value, sample, max_steps=max_steps, progress=progress
    )
    return Report(tuple(violations + found), values, bound)


def choose_sample(n_volunteers: int, size: int | None, seed: int) -> list[int]:
    """Indices of the volunteers to search: all, or a random sample without repetition."""
    if size is None or size >= n_volunteers:
        return list(range(n_volunteers))
    chosen = np.random.default_rng(seed).choice(n_volunteers, size=size, replace=False)
    return sorted(int(volunteer) for volunteer in chosen)


def compute_values(problem: Problem, trips: Sequence[Trip]) -> Values:
    """Work out what a plan is worth, term by term."""
    requests, volunteers, objective = problem.requests, problem.volunteers, problem.objective
    bonus = {
        (int(i), int(j)): float(bonus_m)
        for (i, j), bonus_m in zip(problem.preferred, problem.bonus_m, strict=True)
    }
    visits = [(trip.route.volunteer, request) for trip in trips for request in trip.route.requests]
    visit_values, tasks, crews = [], dict[int, int](), dict[int, set[int]]()
    for volunteer, request in visits:
        share = float(requests.weight[request]) / int(requests.crew_size[request])
        chance = float(volunteers.accept_p[volunteer])
        visit_values.append(share * chance * objective.value_m_per_weight)
        visit_values.append(bonus.get((volunteer, request), 0.0))
        tasks[volunteer] = tasks.get(volunteer, 0) + 1
        crews.setdefault(request, set()).add(volunteer)
    loads = [
        objective.load_cost_m * (count * float(volunteers.load[i]) + count * (count - 1) / 2)
        for i, count in tasks.items()
    ]
    served = [j for j, crew in crews.items() if len(crew) == requests.crew_size[j]]
    visit_value, load_cost = math.fsum(visit_values), math.fsum(loads)
    travel_cost = objective.travel_cost * sum(sum(trip.leg_m) for trip in trips)
    return Values(
        value=visit_value - travel_cost - load_cost,
        visit_value=visit_value,
        travel_cost=travel_cost,
        load_cost=load_cost,
        weight_served=math.fsum(float(requests.weight[j]) for j in served),
        served=len(served),
    )


def _check_digest(problem: Problem, certificate: Certificate) -> Iterator[Violation]:
    """The certificate belongs to this problem."""
    digest = problem.digest()
    if certificate.problem_digest != digest:
        text = (
            f"the plan was made for problem {certificate.problem_digest[:12]}..., "
            f"this one is {digest[:12]}...: they differ."
        )
        yield Violation("problem_digest", text)


def _check_values(certificate: Certificate, values: Values) -> Iterator[Violation]:
    """The value and each of its terms are those of the routes."""
    for name in ("value", "visit_value", "travel_cost", "load_cost", "weight_served"):
        stated, own = float(getattr(certificate, name)), float(getattr(values, name))
        tolerance = _ABSOLUTE_TOLERANCE + _RELATIVE_TOLERANCE * abs(values.visit_value)
        if not abs(stated - own) <= tolerance:
            text = f"{name} is stated as {stated}; the routes make it {own}."
            yield Violation("stated_value", text)
