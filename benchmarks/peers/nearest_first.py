"""The list that most programmes make by hand: by priority, each to the nearest free volunteer."""

from __future__ import annotations

from benchmarks.routes import Order, order_routes
from matching.engine.problem import Problem
from matching.rounds.nearest_first import plan_nearest_first


def solve(problem: Problem, *, time_limit_s: float, seed: int) -> list[Order]:
    """Make the list; it takes no limit and no seed."""
    return order_routes(plan_nearest_first(problem))
