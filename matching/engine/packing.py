"""Which plans to combine: an exact set packing, for as many volunteers as SCIP can take at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ortools.linear_solver import pywraplp

from matching.engine.plans import Plan


@dataclass(frozen=True)
class Crew:
    """A request for several volunteers: its nodes, the crew size, and whether it must be served."""

    nodes: tuple[int, ...]
    size: int
    locked: bool


@dataclass(frozen=True, eq=False)
class Packing:
    """Choose at most one plan of each row, so that no two claim the same visit.

    Parameters
    ----------
    options
        (row, plan); rows are any numbers.
    must_work
        Rows that have to get exactly one of their plans.
    crews
        Requests whose members all come from these rows.
    free_nodes
        Crew nodes shared with others: any number of plans may visit them.
    start
        Options that fit together, to begin with.
    max_branches
        Branch-and-bound nodes; None searches to the end. A limit that counts work, not time, is
        the same on every machine.
    """

    options: Sequence[tuple[int, Plan]]
    must_work: frozenset[int] = frozenset()
    crews: tuple[Crew, ...] = ()
    free_nodes: frozenset[int] = frozenset()
    start: tuple[int, ...] = ()
    max_branches: int | None = None


def pack(packing: Packing) -> list[int] | None:
    """Options of the best combination; None when the rows cannot all be satisfied."""
    solver = pywraplp.Solver.CreateSolver("SCIP")
    if packing.max_branches is not None:
        solver.SetSolverSpecificParametersAsString(f"limits/nodes = {packing.max_branches}")
    chosen = [solver.BoolVar("") for _ in packing.options]
    by_row: dict[int, list[Any]] = {}
    by_node: dict[int, list[Any]] = {}
    objective = solver.Objective()
    objective.SetMaximization()
    for variable, (row, plan) in zip(chosen, packing.options, strict=True):
        objective.SetCoefficient(variable, plan.worth)
        by_row.setdefault(row, []).append(variable)
        for node in plan.node:
            by_node.setdefault(node, []).append(variable)
    if not packing.must_work <= by_row.keys():
        return None
    for row, variables in by_row.items():
        _limit(solver, variables, 1.0 if row in packing.must_work else None, 1.0)
    for crew in packing.crews:
        _add_crew(solver, crew, by_node)
    in_crew = {node for crew in packing.crews for node in crew.nodes} | packing.free_nodes
    for node, variables in by_node.items():
        if node not in in_crew and len(variables) > 1:
            _limit(solver, variables, None, 1.0)
    if packing.start:
        start = set(packing.start)
        hints = [1.0 if at in start else 0.0 for at in range(len(chosen))]
        solver.SetHint(chosen, hints)
    status = solver.Solve()
    if status not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        return None
    return [at for at, variable in enumerate(chosen) if variable.solution_value() > 0.5]


def _limit(solver: Any, variables: list[Any], low: float | None, high: float) -> Any:
    row = solver.Constraint(-solver.infinity() if low is None else low, high)
    for variable in variables:
        row.SetCoefficient(variable, 1.0)
    return row


def _add_crew(solver: Any, crew: Crew, by_node: dict[int, list[Any]]) -> None:
    """At most one start, and as many members on it as the crew is large."""
    one = _limit(solver, [], 1.0 if crew.locked else None, 1.0)
    for node in crew.nodes:
        starts = solver.BoolVar("")
        one.SetCoefficient(starts, 1.0)
        members = _limit(solver, by_node.get(node, []), 0.0, 0.0)
        members.SetCoefficient(starts, -float(crew.size))
