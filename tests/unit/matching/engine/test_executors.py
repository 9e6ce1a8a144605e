"""Wherever the work is done, the results and their order are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any

import pytest

from matching.engine.executors import (
    Executor,
    ProcessExecutor,
    SequentialExecutor,
    ThreadExecutor,
    Work,
    choose_executor,
)
from matching.engine.problem import InvalidProblem
from matching.engine.solve import solve
from matching.engine.stop import Stop
from tests.grounds import add_and_name, fail_on_two, make_city, make_ground, wait_for_end, written
from tests.problems import Ask, Help, Pairs, build_problem

MAKERS: list[Callable[[], Executor]] = [
    SequentialExecutor,
    lambda: ThreadExecutor(3),
    lambda: ProcessExecutor(2),
]
NAMES = ["here", "threads", "processes"]


class WatchedExecutor(SequentialExecutor):
    """Remembers that it was closed, and how many tasks it did."""

    def __init__(self) -> None:
        self.closed = 0
        self.done = 0

    def map(self, work: Work, tasks: Iterable[Any], stop: Stop) -> Iterator[Any]:
        for result in super().map(work, tasks, stop):
            self.done += 1
            yield result

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("make", MAKERS, ids=NAMES)
def test_results_come_in_the_order_of_the_tasks(make: Callable[[], Executor]) -> None:
    ground = make_ground(build_problem([Ask("a"), Ask("b")], [Help("v")]))
    with closing(make()) as executor:
        executor.start(ground)
        results = list(executor.map(add_and_name, range(20), Stop()))
    assert results == [(task, 2, False) for task in range(20)]


@pytest.mark.parametrize("make", MAKERS, ids=NAMES)
def test_a_new_ground_takes_the_place_of_the_old_one(make: Callable[[], Executor]) -> None:
    with closing(make()) as executor:
        for n_requests in (1, 3):
            asks = [Ask(f"r{at}") for at in range(n_requests)]
            executor.start(make_ground(build_problem(asks, [Help("v")])))
            assert list(executor.map(add_and_name, [0], Stop())) == [(0, n_requests, False)]


@pytest.mark.parametrize("make", MAKERS, ids=NAMES)
def test_workers_know_the_time_limit(make: Callable[[], Executor]) -> None:
    stop = Stop(0.001)
    while not stop.reached():
        pass
    with closing(make()) as executor:
        executor.start(make_ground(build_problem([Ask("a")], [Help("v")])))
        assert list(executor.map(wait_for_end, [60.0], stop)) == [True]


@pytest.mark.parametrize("make", MAKERS, ids=NAMES)
def test_an_error_in_a_task_reaches_the_caller(make: Callable[[], Executor]) -> None:
    with closing(make()) as executor:
        executor.start(make_ground(build_problem([Ask("a")], [Help("v")])))
        with pytest.raises(ArithmeticError, match="two cannot be done"):
            list(executor.map(fail_on_two, range(4), Stop()))


@pytest.mark.parametrize("make", MAKERS[1:], ids=NAMES[1:])
def test_the_plan_does_not_depend_on_where_it_is_made(make: Callable[[], Executor]) -> None:
    problem = make_city("60x25", seed=3)
    alone = solve(problem)
    assert alone.routes, "an empty plan would prove nothing"
    assert written(solve(problem, executor=make())) == written(alone)


def test_executor_does_the_work_and_is_closed_at_the_end() -> None:
    executor = WatchedExecutor()
    solve(make_city("60x25"), executor=executor)
    assert executor.closed == 1
    assert executor.done > 0


def test_executor_is_closed_when_the_problem_cannot_be_solved() -> None:
    executor = WatchedExecutor()
    far = Ask("a", at=(90_000, 0))
    problem = build_problem([far], [Help("v")], pairs=Pairs(locked=[("v", "a")]))
    with pytest.raises(InvalidProblem, match="locked"):
        solve(problem, executor=executor)
    assert executor.closed == 1


def test_one_worker_needs_no_thread() -> None:
    assert isinstance(choose_executor(1), SequentialExecutor)
    with closing(choose_executor(2)) as executor:
        assert isinstance(executor, ThreadExecutor)
