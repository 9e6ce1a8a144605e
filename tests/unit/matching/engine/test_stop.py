"""A run ends at its limit or when somebody asks, and still returns a valid plan."""

from __future__ import annotations

import math
import threading

import pytest

from matching.engine.check import check
from matching.engine.progress import Callbacks
from matching.engine.solve import solve
from matching.engine.stop import Stop
from tests.grounds import make_city, written
from tests.problems import Ask, Help, Pairs, build_problem


class CancelInPhase(Callbacks):
    """Cancels the run when a phase begins."""

    def __init__(self, stop: Stop, name: str) -> None:
        self.stop, self.name, self.seen = stop, name, list[str]()

    def phase(self, name: str, total: int) -> None:
        self.seen.append(name)
        if name == self.name:
            self.stop.cancel()


def test_without_a_limit_nothing_ends() -> None:
    stop = Stop()
    assert not stop.reached()
    assert stop.remaining_s() == math.inf


def test_limit_passes() -> None:
    stop = Stop(1e-6)
    while stop.remaining_s() > 0:
        pass
    assert stop.reached()
    assert not Stop(60).reached()
    assert 50 < Stop(60).remaining_s() <= 60


@pytest.mark.parametrize("limit_s", [0, -1, math.nan])
def test_a_limit_must_be_above_zero(limit_s: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Stop(limit_s)


def test_cancelling_works_from_another_thread() -> None:
    stop = Stop(60)
    thread = threading.Thread(target=stop.cancel)
    thread.start()
    thread.join()
    assert stop.reached()


def test_cancelled_before_the_start_still_gives_a_valid_plan() -> None:
    problem, stop = make_city("200x80"), Stop()
    stop.cancel()
    solution = solve(problem, stop)
    assert solution.routes
    assert solution.certificate.stopped
    assert solution.certificate.bound == math.inf
    assert solution.certificate.prices is None
    assert check(problem, solution).violations == ()


def test_a_plan_that_was_cut_short_keeps_locked_work() -> None:
    asks = [Ask("low", weight=0.1), *(Ask(f"r{at}", weight=4.0) for at in range(9))]
    locked = Pairs(locked=[("v", "low")])
    problem = build_problem(asks, [Help("v", max_tasks=1), Help("w")], pairs=locked)
    stop = Stop()
    stop.cancel()
    solution = solve(problem, stop)
    assert check(problem, solution).violations == ()
    assert (0, 0) in {(route.volunteer, j) for route in solution.routes for j in route.requests}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_tiny_limit_still_gives_a_valid_plan(workers: int) -> None:
    problem = make_city("200x80")
    solution = solve(problem, Stop(0.01), workers=workers)
    assert solution.routes
    assert solution.certificate.stopped
    assert check(problem, solution, bound_sample=None).violations == ()


@pytest.mark.parametrize("phase", ["prices and plans", "whole plans", "polish"])
def test_cancelled_in_any_phase_the_plan_is_valid(phase: str) -> None:
    problem, stop = make_city("200x80", seed=2), Stop()
    callbacks = CancelInPhase(stop, phase)
    solution = solve(problem, stop, callbacks=callbacks)
    assert phase in callbacks.seen
    assert solution.certificate.stopped
    assert check(problem, solution, bound_sample=None).violations == ()
    assert math.isfinite(solution.certificate.bound) == (phase != "prices and plans")


def test_a_run_that_ends_by_itself_does_not_depend_on_its_limit() -> None:
    problem = make_city("60x25")
    limited = solve(problem, Stop(600))
    assert not limited.certificate.stopped
    assert written(limited) == written(solve(problem))
