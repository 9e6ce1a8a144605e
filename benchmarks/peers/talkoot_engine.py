"""Our own engine, one worker."""

from __future__ import annotations

from math import isinf

from benchmarks.instances import Size, make_instance
from matching.engine.problem import Problem
from matching.engine.solution import Solution
from matching.engine.solve import solve as solve_problem
from matching.engine.stop import Stop


def solve(problem: Problem, *, time_limit_s: float, seed: int) -> Solution:
    """Solve to the end of the pipeline, or until the limit."""
    stop = Stop(None if isinf(time_limit_s) else time_limit_s)
    return solve_problem(problem, stop=stop, seed=seed, workers=1)


def warm_up() -> None:
    """Load the compiled parts, which are made once for each installation."""
    solve(make_instance(Size(20, 8), 0), time_limit_s=30, seed=0)
