"""``talkoot solve``: solve a matching problem from a JSON file."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from api.progress import Steps, show_steps
from core.errors import InvalidInput
from matching.engine.problem import InvalidProblem, Problem
from matching.engine.progress import Callbacks
from matching.engine.solution import Solution
from matching.engine.solve import solve as solve_problem
from matching.engine.stop import Stop
from matching.files.plan_file import list_unserved, write_plan
from matching.files.problem_file import read_problem

MEGABYTE = 1 << 20


class _Bars(Callbacks):
    """Shows a run as progress bars, with the best plan so far beside them."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._phase = "Solving"
        self._best = ""

    def phase(self, name: str, total: int) -> None:
        self._phase = name
        self._steps.start(f"{name}{self._best}", total or None)

    def advance(self, done: int) -> None:
        self._steps.advance(done)

    def incumbent(self, value: float, served: int) -> None:
        self._best = f"  {served:,} served, {value:,.0f} m"
        self._steps.say(f"{self._phase}{self._best}")


@click.command()
@click.argument("problem_path", metavar="PROBLEM", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "plan_path",
    metavar="PLAN",
    required=True,
    type=click.Path(path_type=Path),
    help="Where the plan goes.",
)
@click.option("--time-limit", metavar="S", type=float, help="Seconds; the best plan so far counts.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--workers", type=click.IntRange(min=1, max=1024), default=1, show_default=True)
@click.option("--max-megabytes", type=click.IntRange(min=1), default=64, show_default=True)
@click.option("--quiet", is_flag=True, help="No progress, no table.")
def solve(problem_path: Path, plan_path: Path, **options: Any) -> None:
    """Solve PROBLEM and write the best plan with its certificate.

    Ctrl-C ends the run early and keeps the best plan so far; a second one gives up.
    """
    limit_s = options["time_limit"]
    if limit_s is not None and not (math.isfinite(limit_s) and limit_s > 0):
        raise InvalidInput("--time-limit must be above 0 seconds.")
    if not plan_path.parent.is_dir():
        raise InvalidInput(f"{plan_path.parent} is no folder; make it first.")
    loaded = read_problem(problem_path, max_bytes=options["max_megabytes"] * MEGABYTE)
    started_s = time.monotonic()
    stop = Stop(limit_s)
    with show_steps(quiet=options["quiet"]) as steps, cancel_on_interrupt(stop):
        try:
            solution = solve_problem(
                loaded.problem,
                stop=stop,
                seed=options["seed"],
                workers=options["workers"],
                callbacks=_Bars(steps),
            )
        except InvalidProblem as error:
            raise InvalidInput(f"{problem_path.name}: {error}.") from error
    unserved = [{"request": name} for name in list_unserved(loaded.problem, solution)]
    write_plan(
        plan_path,
        loaded.problem,
        solution,
        unserved=unserved,
        horizon_start=loaded.horizon_start,
    )
    if not options["quiet"]:
        _print_summary(loaded.problem, solution, time.monotonic() - started_s)


@contextmanager
def cancel_on_interrupt(stop: Stop) -> Iterator[None]:
    """Turn the first Ctrl-C into an early end; the second one is as usual."""

    def cancel(number: int, frame: FrameType | None) -> None:
        stop.cancel()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, cancel)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _print_summary(problem: Problem, solution: Solution, seconds: float) -> None:
    certificate = solution.certificate
    unserved = len(list_unserved(problem, solution))
    total_m = sum(route.travel_m for route in solution.routes)
    table = Table(box=box.SIMPLE_HEAD, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    n = len(problem.requests)
    table.add_row("Requests served", f"{n - unserved:,} of {n:,}")
    table.add_row("Weight served", f"{certificate.weight_served:,.6g}")
    table.add_row("Volunteers with a route", f"{_count_volunteers(solution):,}")
    table.add_row("Travel", f"{total_m / 1000:,.1f} km")
    table.add_row("Value", f"{certificate.value:,.1f} m")
    if math.isfinite(certificate.bound):
        table.add_row("Bound", f"{certificate.bound:,.1f} m")
        table.add_row("Gap", f"{certificate.gap:.3%}")
    else:
        table.add_row("Bound", "none was proven")
    table.add_row("Time", f"{seconds:,.1f} s")
    console = Console(highlight=False)
    console.print(table)
    if certificate.stopped:
        console.print("The run was stopped early; this is the best plan so far.")


def _count_volunteers(solution: Solution) -> int:
    return len({route.volunteer for route in solution.routes})
