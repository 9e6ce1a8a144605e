"""A run with few turns: no clock decides, so the plan is the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from matching.engine.check import check
from matching.engine.solve import SMALL, solve
from matching.engine.stop import Stop
from tests.problems import Ask, Help, build_problem


def town() -> tuple[list[Ask], list[Help]]:
    places = np.random.default_rng(5).uniform(0, 3_000, (60, 2))
    asks = [Ask(f"r{k}", at=(float(x), float(y))) for k, (x, y) in enumerate(places[:45])]
    helpers = [
        Help(f"v{k}", at=(float(x), float(y)), max_tasks=3) for k, (x, y) in enumerate(places[45:])
    ]
    return asks, helpers


@pytest.mark.parametrize("workers", [1, 2])
def test_few_turns_give_the_same_plan_each_time(workers: int) -> None:
    problem = build_problem(*town())
    assert len(problem.requests) > SMALL
    first = solve(problem, Stop(max_turns=1))
    again = solve(problem, Stop(max_turns=1), workers=workers)
    assert first.routes == again.routes
    assert not check(problem, first).violations


def test_more_turns_are_never_worse_and_enough_of_them_prove_a_bound() -> None:
    problem = build_problem(*town())
    few, all_turns = solve(problem, Stop(max_turns=0)), solve(problem)
    assert few.certificate.value <= all_turns.certificate.value
    assert few.certificate.bound == np.inf
    assert (few.certificate.stopped, all_turns.certificate.stopped) == (True, False)
    assert solve(problem, Stop(max_turns=100)).routes == all_turns.routes


def test_fewer_than_no_turns_are_refused() -> None:
    with pytest.raises(ValueError, match="max_turns must be 0 or more, not -1"):
        Stop(max_turns=-1)
