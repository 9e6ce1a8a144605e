"""The solver against brute force, and what every solution must keep."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from matching.engine.check import check
from matching.engine.problem import InvalidProblem, Problem
from matching.engine.solve import solve
from tests.brute_force import find_best_plan
from tests.problems import small_problems


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=small_problems())
def test_small_problems_are_solved_to_the_optimum(problem: Problem) -> None:
    best = find_best_plan(problem)
    if best is None:
        with pytest.raises(InvalidProblem, match="locked"):
            solve(problem)
        return
    solution = solve(problem)
    report = check(problem, solution, bound_sample=None)
    assert report.valid, report.violations
    assert solution.certificate.value == pytest.approx(best.value, abs=1e-3)
    assert solution.certificate.bound >= best.value - 1e-3


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(problem=small_problems())
def test_the_way_of_large_problems_keeps_every_rule(
    problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.engine.solve.SMALL", -1)
    best = find_best_plan(problem)
    if best is None:
        with pytest.raises(InvalidProblem, match="locked"):
            solve(problem)
        return
    solution = solve(problem)
    report = check(problem, solution, bound_sample=None)
    assert report.valid, report.violations
    assert solution.certificate.value <= best.value + 1e-3 <= solution.certificate.bound + 2e-3
