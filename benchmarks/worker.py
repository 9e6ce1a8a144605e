"""One engine on one instance, alone in its process, on one core. Prints one JSON object."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import sys
import time
from math import inf, isfinite
from typing import Any

import numpy as np

from benchmarks.engines import ENGINES
from benchmarks.instances import Size, make_instance
from benchmarks.routes import time_routes
from matching.engine.check import Report, check
from matching.engine.problem import Problem
from matching.engine.solution import Solution


def run_alone(
    engine_name: str, size: Size, seed: int, tightness: str, time_limit_s: float
) -> dict[str, Any]:
    """Solve, measure, check.

    Wall and CPU time hold everything from the problem in memory to the routes: an engine's own
    matrices and model too. The peak of resident memory is that of the whole process.
    """
    engine = ENGINES[engine_name]
    module = importlib.import_module(engine.module)
    problem = make_instance(size, seed, tightness)
    if hasattr(module, "warm_up"):
        module.warm_up()
    before_mb = _peak_mb()
    wall_s, cpu_s = time.monotonic(), _cpu_s()
    answer = module.solve(problem, time_limit_s=time_limit_s, seed=seed, **engine.settings)
    wall_s, cpu_s = time.monotonic() - wall_s, _cpu_s() - cpu_s
    peak_mb = _peak_mb()
    solution = answer if isinstance(answer, Solution) else time_routes(problem, answer)
    report = check(problem, solution)
    return {
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "peak_mb": peak_mb,
        "start_mb": before_mb,
        **describe_plan(problem, solution, report),
    }


def describe_plan(problem: Problem, solution: Solution, report: Report) -> dict[str, Any]:
    """The figures of a plan, all from the checker."""
    tasks = np.zeros(len(problem.volunteers))
    for route in solution.routes:
        tasks[route.volunteer] += len(route.requests)
    bound = solution.certificate.bound
    return {
        "served": report.values.served,
        "weight": report.values.weight_served,
        "value": report.values.value,
        "km": sum(route.travel_m for route in solution.routes) / 1000,
        "gini": gini(tasks),
        "bound": bound if isfinite(bound) else None,
        "violations": len(report.violations),
        "first_violation": report.violations[0].message if report.violations else "",
        "bound_searched": report.bound.searched if isfinite(bound) else 0,
        "bound_undecided": len(report.bound.undecided),
    }


def gini(amounts: np.ndarray) -> float:
    """Gini coefficient: 0 when all do alike, towards 1 when one does everything."""
    if not len(amounts) or amounts.sum() == 0:
        return 0.0
    ordered = np.sort(amounts)
    rank = np.arange(1, len(ordered) + 1)
    return float((2 * rank - len(ordered) - 1) @ ordered / (len(ordered) * ordered.sum()))


def _cpu_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _peak_mb() -> float:
    """Peak resident memory of this process alone; ru_maxrss would count the parent's too."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", required=True, choices=sorted(ENGINES))
    parser.add_argument("--size", required=True, type=Size.parse)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tightness", default="normal")
    parser.add_argument("--time-limit", type=float, default=inf)
    parser.add_argument("--core", type=int, default=None)
    options = parser.parse_args()
    if options.core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {options.core})
    row = run_alone(
        options.engine, options.size, options.seed, options.tightness, options.time_limit
    )
    sys.stdout.write("\n" + json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
