"""The best combination of plans that are already known, for a few dozen volunteers at once.

A restricted set packing problem: small enough for SCIP to solve exactly, large enough to undo what
a dive fixed too early (restricted master heuristic; Sadykov et al., *INFORMS Journal on Computing*
31(2), 2019, section 3).
"""

from __future__ import annotations

from typing import Any

from ortools.linear_solver import pywraplp

from matching.engine.menus import Ground
from matching.engine.plans import EMPTY_PLAN, Plan, total_worth
from matching.engine.stop import Stop
from matching.engine.tile import Tile, TileResult

MAX_BRANCHES = 500
"""Branch-and-bound nodes per cluster: a limit that is the same on every machine."""

PARAMETERS = f"limits/nodes = {MAX_BRANCHES}"


def combine_plans(ground: Ground, tile: Tile, stop: Stop) -> TileResult:
    """Choose the best plans among those that the tile knows; crews stay as they are.

    The result's prices are empty: nothing was priced.
    """
    plans = tile.plans if stop.reached() else _choose(ground, tile)
    return TileResult(plans=plans, price=ground.nodes.request[:0] * 0.0, columns=())


def _choose(ground: Ground, tile: Tile) -> tuple[Plan, ...]:
    solver = pywraplp.Solver.CreateSolver("SCIP")
    solver.SetSolverSpecificParametersAsString(PARAMETERS)
    options = [(owner, plan) for owner, plan in enumerate(tile.plans) if plan.node]
    n_now = len(options)
    options += tile.columns
    chosen = [solver.BoolVar("") for _ in options]
    volunteers: dict[int, list[int]] = {}
    nodes: dict[int, list[int]] = {}
    objective = solver.Objective()
    objective.SetMaximization()
    for at, (owner, plan) in enumerate(options):
        objective.SetCoefficient(chosen[at], plan.worth)
        volunteers.setdefault(owner, []).append(at)
        for node in plan.node:
            if node not in tile.frozen:
                nodes.setdefault(node, []).append(at)
    must = _rows_with(ground, tile)
    for owner, members in volunteers.items():
        _at_most_one(solver, [chosen[at] for at in members], owner in must)
    for members in nodes.values():
        if len(members) > 1:
            _at_most_one(solver, [chosen[at] for at in members], False)
    solver.SetHint(chosen, [1.0 if at < n_now else 0.0 for at in range(len(options))])
    status = solver.Solve()
    if status not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        return tile.plans
    plans = [EMPTY_PLAN] * len(tile.plans)
    for at, (owner, plan) in enumerate(options):
        if chosen[at].solution_value() > 0.5:
            plans[owner] = plan
    return tuple(plans) if total_worth(plans) > total_worth(tile.plans) else tile.plans


def _at_most_one(solver: Any, variables: list[Any], exactly: bool) -> None:
    row = solver.Constraint(1.0 if exactly else -solver.infinity(), 1.0)
    for variable in variables:
        row.SetCoefficient(variable, 1.0)


def _rows_with(ground: Ground, tile: Tile) -> set[int]:
    """Positions of the rows that have to keep something."""
    menus = ground.menus
    kept = {position for position, _ in tile.keep}
    for position, k in enumerate(tile.rows):
        if menus.locked[menus.ptr[k] : menus.ptr[k + 1]].any():
            kept.add(position)
    return kept
