"""What the parts of the engine work on, made from small problems."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from benchmarks.instances import Size, make_instance
from matching.engine.candidates import find_all_candidates, find_candidates
from matching.engine.menus import Ground, build_menus
from matching.engine.nodes import build_nodes
from matching.engine.plans import Plan
from matching.engine.problem import Problem
from matching.engine.solution import Solution
from matching.engine.stop import Stop
from matching.engine.travel import IntArray


def make_city(size: str = "60x25", seed: int = 1) -> Problem:
    """A made-up city of the benchmark."""
    return make_instance(Size.parse(size), seed)


def make_ground(problem: Problem, *, complete: bool = False) -> Ground:
    """Nodes and menus of all volunteers: short ones, or with every request that fits."""
    nodes = build_nodes(problem)
    volunteers = np.arange(len(problem.volunteers), dtype=np.int64)
    if complete:
        everything = np.ones(len(problem.requests), np.bool_)
        ptr, node = find_all_candidates(problem, nodes, volunteers, everything)
    else:
        ptr, node = find_candidates(problem, nodes)
    return Ground(problem, nodes, build_menus(problem, nodes, volunteers, ptr, node))


def list_menu(ptr: IntArray, node: IntArray, request: IntArray) -> list[set[int]]:
    """The requests on each menu."""
    return [set(request[node[start:end]].tolist()) for start, end in pairwise(ptr)]


def make_plan(*node: int, worth: float) -> Plan:
    """A plan in one shift."""
    return Plan(node, (0,) * len(node), worth)


def add_and_name(ground: Ground, task: int, stop: Stop) -> tuple[int, int, bool]:
    """Work for an executor: the task, something of the ground, whether the run should end."""
    return task, len(ground.problem.requests), stop.reached()


def fail_on_two(ground: Ground, task: int, stop: Stop) -> int:
    """Work for an executor that cannot do the task 2."""
    if task == 2:
        raise ArithmeticError("two cannot be done")
    return task


def written(solution: Solution) -> tuple[object, ...]:
    """Everything that makes two solutions the same."""
    certificate = solution.certificate
    prices = certificate.prices
    proof = prices and (prices.request.tolist(), prices.crew, prices.volunteer.tolist())
    return solution.routes, certificate.value, certificate.bound, proof


def wait_for_end(ground: Ground, limit_s: float, stop: Stop) -> bool:
    """Work for an executor: whether the run is told to end within some seconds."""
    patience = Stop(limit_s)
    while not stop.reached() and not patience.reached():
        pass
    return stop.reached()
