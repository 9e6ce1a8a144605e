"""On a Ray cluster: the same plan. Runs where the extra ``ray`` is installed."""

from __future__ import annotations

import pytest

pytest.importorskip("ray", reason="the extra `ray` is not installed")

from contextlib import closing

from matching.engine.executors import RayExecutor
from matching.engine.solve import solve
from matching.engine.stop import Stop
from tests.grounds import add_and_name, make_city, make_ground, written


def test_results_come_in_the_order_of_the_tasks() -> None:
    problem = make_city("60x25")
    with closing(RayExecutor()) as executor:
        executor.start(make_ground(problem))
        results = list(executor.map(add_and_name, range(10), Stop()))
    assert results == [(task, len(problem.requests), False) for task in range(10)]


def test_the_plan_does_not_depend_on_where_it_is_made() -> None:
    problem = make_city("60x25", seed=3)
    assert written(solve(problem, executor=RayExecutor())) == written(solve(problem))
