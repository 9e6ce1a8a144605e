"""The round beside the list that a person makes by hand, on the same evening."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from matching.engine.check import Report, check
from matching.engine.solution import Solution
from matching.errors import PlanBroken
from matching.rounds.nearest_first import plan_nearest_first
from matching.rounds.outcome import served_requests
from matching.rounds.problem import RoundProblem
from matching.rounds.words import percent, visit_counts


@dataclass(frozen=True, eq=False)
class ByHand:
    """The nearest-first list, judged by the same checker."""

    solution: Solution
    report: Report


@dataclass(frozen=True)
class AreaCoverage:
    """One neighbourhood under both plans."""

    name: str
    asked: int
    served: int
    by_hand: int


def make_by_hand(made: RoundProblem) -> ByHand:
    """Make the list and check it like any plan."""
    solution = plan_nearest_first(made.problem)
    report = check(made.problem, solution, bound_sample=0)
    if not report.valid:
        raise PlanBroken(f"The list by hand breaks a rule: {report.violations[0].message}.")
    return ByHand(solution, report)


def figures(made: RoundProblem, solution: Solution) -> list[tuple[str, str]]:
    """The figures that two plans can be compared by."""
    requests, certificate = made.problem.requests, solution.certificate
    served = served_requests(solution)
    visits = np.array(visit_counts(made, solution))
    travel_m = sum(route.travel_m for route in solution.routes)
    return [
        ("Homes with a neighbor", f"{len(served)} of {len(requests)}"),
        ("Nobody yet", f"{len(requests) - len(served)}"),
        ("Weight served", f"{certificate.weight_served:g} of {requests.weight.sum():g}"),
        ("Volunteers out", f"{(visits > 0).sum()} of {len(visits)}"),
        ("Way in all", f"{travel_m / 1000:,.1f} km"),
        ("Way for each visit", f"{travel_m / max(int(visits.sum()), 1):,.0f} m"),
        ("Visits for each volunteer", describe_spread(visits)),
        ("Value of the plan", f"{certificate.value / 1000:,.1f} km"),
    ]


def proof(solution: Solution) -> list[tuple[str, str]]:
    """What is proven about a plan."""
    certificate = solution.certificate
    if not np.isfinite(certificate.bound):
        return [("Proven limit of any plan", "none"), ("Gap to the limit", "")]
    return [
        ("Proven limit of any plan", f"{certificate.bound / 1000:,.1f} km"),
        ("Gap to the limit", percent(certificate.gap)),
    ]


def describe_spread(visits: np.ndarray[tuple[int], np.dtype[np.int64]]) -> str:
    """How many volunteers have 0, 1, 2 ... visits."""
    counts = Counter(visits.tolist())
    return ", ".join(f"{number}: {counts[number]}" for number in sorted(counts))


def compare_areas(made: RoundProblem, solution: Solution, by_hand: Solution) -> list[AreaCoverage]:
    """Coverage of each neighbourhood, the one with most homes left first."""
    problem = made.problem
    area = problem.requests.area
    asked = Counter(area.tolist())
    served = Counter(int(area[request]) for request in served_requests(solution))
    hand = Counter(int(area[request]) for request in served_requests(by_hand))
    rows = [
        AreaCoverage(
            problem.area_names[number] if number >= 0 else "elsewhere",
            asked[number],
            served[number],
            hand[number],
        )
        for number in asked
    ]
    return sorted(rows, key=lambda row: (row.served - row.asked, row.name))
