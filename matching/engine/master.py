"""The linear program over known plans: no request twice, no volunteer with two plans."""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp

from matching.engine.menus import BoolArray
from matching.engine.plans import Plan
from matching.engine.travel import FloatArray

PARAMETERS = "use_dual_simplex: false"
"""New columns keep the old basis feasible, so the primal simplex goes on where it stood."""


class NoPlansFit(Exception):
    """The known plans leave no way to give each row that must work one of them."""


class Master:
    """A linear program that grows, solved by GLOP with a warm basis.

    Parameters
    ----------
    must_work
        (R,) bool: rows that get exactly one plan.
    cost
        (N,) float64, metres: what a visit to each node costs; 0 where only the program decides.
    """

    def __init__(self, must_work: BoolArray, cost: FloatArray) -> None:
        self.plans: list[tuple[int, Plan]] = []
        self._known: set[tuple[int, tuple[int, ...]]] = set()
        self._cost = cost
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._solver.SetSolverSpecificParametersAsString(PARAMETERS)
        self._infinity = self._solver.infinity()
        self._objective = self._solver.Objective()
        self._objective.SetMaximization()
        self._rows = [
            self._solver.Constraint(1.0 if must else -self._infinity, 1.0) for must in must_work
        ]
        self._nodes: dict[int, Any] = {}
        self._variables: list[Any] = []

    def add(self, row: int, plan: Plan) -> bool:
        """Add a plan; False when it is known."""
        if (row, plan.node) in self._known:
            return False
        self._known.add((row, plan.node))
        self.plans.append((row, plan))
        variable = self._solver.NumVar(0.0, self._infinity, "")
        cost = float(self._cost[list(plan.node)].sum())
        self._objective.SetCoefficient(variable, plan.worth - cost)
        self._rows[row].SetCoefficient(variable, 1.0)
        for node in plan.node:
            if node not in self._nodes:
                self._nodes[node] = self._solver.Constraint(-self._infinity, 1.0)
            self._nodes[node].SetCoefficient(variable, 1.0)
        self._variables.append(variable)
        return True

    def fix(self, number: int) -> None:
        """Force a plan into the solution."""
        self._variables[number].SetLb(1.0)

    def solve(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Solve the linear program.

        Returns
        -------
        price : (N,) float64
            Metres: the cost of each node and its dual price.
        row_price : (R,) float64
        share : (P,) float64
            How much of each plan is chosen, 0 to 1.

        Raises
        ------
        NoPlansFit
            When a row that must work has no plan left beside those that are fixed.
        """
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            raise NoPlansFit
        price = self._cost.copy()
        for node, row in self._nodes.items():
            price[node] += row.dual_value()
        row_price = np.array([row.dual_value() for row in self._rows])
        share = np.array([variable.solution_value() for variable in self._variables])
        return price, row_price, share
