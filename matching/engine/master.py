"""The master problem of a tile: which plans to combine, as a linear program that grows.

Rows: each request of crew size 1 at most once; each crew start as often as the crew is large, if
that start is chosen, and at most one start; each volunteer at most one plan. Columns are plans.
(Desaulniers, Desrosiers and Solomon, *Column Generation*, 2005, chapter 1.)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp

from matching.engine.menus import BoolArray
from matching.engine.travel import FloatArray, IntArray

PARAMETERS = "use_dual_simplex: false"
"""New columns keep the old basis feasible, so the primal simplex goes on where it stood."""

MISSING_MEMBER = 1e9
"""Metres lost per missing member of a locked crew: more than any plan is worth."""


@dataclass
class Columns:
    """The plans known so far: owner row, visits and shifts, and worth in metres."""

    owner: list[int] = field(default_factory=list)
    node: list[tuple[int, ...]] = field(default_factory=list)
    shift: list[tuple[int, ...]] = field(default_factory=list)
    worth: list[float] = field(default_factory=list)
    known: set[tuple[int, tuple[int, ...]]] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.owner)

    def add(self, owner: int, node: tuple[int, ...], shift: tuple[int, ...], worth: float) -> bool:
        """Add a plan; False when the same visits in the same order are known."""
        key = (owner, node)
        if key in self.known:
            return False
        self.known.add(key)
        self.owner.append(owner)
        self.node.append(node)
        self.shift.append(shift)
        self.worth.append(worth)
        return True


@dataclass(frozen=True)
class CrewRows:
    """The crew requests of a tile: nodes of each, crew size, and whether locked work needs it."""

    nodes: tuple[tuple[int, ...], ...] = ()
    size: tuple[int, ...] = ()
    locked: tuple[bool, ...] = ()


class Master:
    """Linear program over `Columns`, solved by GLOP with a warm basis.

    Parameters
    ----------
    n_rows
        Volunteers of the tile.
    must_work
        (n_rows,) bool: volunteers with locked work, whose plan is exactly one.
    n_nodes
        Nodes of the problem; the length of the price vector.
    crews
        The crew requests that the tile may serve.
    frozen
        Crew nodes shared with other tiles, and how many members of this tile stand on each.
    """

    def __init__(
        self,
        n_rows: int,
        must_work: BoolArray,
        n_nodes: int,
        crews: CrewRows,
        frozen: dict[int, int],
    ) -> None:
        self.columns = Columns()
        self._n_nodes = n_nodes
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._solver.SetSolverSpecificParametersAsString(PARAMETERS)
        self._infinity = self._solver.infinity()
        self._objective = self._solver.Objective()
        self._objective.SetMaximization()
        self._volunteer = [self._row(1.0 if must else -self._infinity, 1.0) for must in must_work]
        self._node: dict[int, Any] = {}
        self._variable: list[Any] = []
        for nodes, size, locked in zip(crews.nodes, crews.size, crews.locked, strict=True):
            self._add_crew(nodes, size, locked)
        for node, members in frozen.items():
            self._node[node] = self._row(-self._infinity, float(members))

    def _row(self, low: float, high: float) -> Any:
        return self._solver.Constraint(low, high)

    def _column(self) -> Any:
        return self._solver.NumVar(0.0, self._infinity, "")

    def _add_crew(self, nodes: tuple[int, ...], size: int, locked: bool) -> None:
        one = self._row(1.0 if locked else -self._infinity, 1.0)
        for node in nodes:
            row = self._row(0.0, 0.0)
            chosen = self._column()
            row.SetCoefficient(chosen, -float(size))
            one.SetCoefficient(chosen, 1.0)
            if locked:
                missing = self._column()
                row.SetCoefficient(missing, 1.0)
                self._objective.SetCoefficient(missing, -MISSING_MEMBER)
            self._node[node] = row

    def add_column(
        self, owner: int, node: tuple[int, ...], shift: tuple[int, ...], worth: float
    ) -> bool:
        """Add a plan if it is new."""
        if not self.columns.add(owner, node, shift, worth):
            return False
        variable = self._column()
        self._objective.SetCoefficient(variable, worth)
        self._volunteer[owner].SetCoefficient(variable, 1.0)
        for i in node:
            if i not in self._node:
                self._node[i] = self._row(-self._infinity, 1.0)
            self._node[i].SetCoefficient(variable, 1.0)
        self._variable.append(variable)
        return True

    def fix(self, column: int) -> None:
        """Force a plan into the solution."""
        self._variable[column].SetLb(1.0)

    def solve(self) -> tuple[float, FloatArray, FloatArray, FloatArray]:
        """Solve the linear program.

        Returns
        -------
        value : float
            Metres.
        price : (n_nodes,) float64
            Dual price of each node, metres; 0 where no plan visits the node.
        volunteer_price : (n_rows,) float64
        share : (n_columns,) float64
            How much of each plan is chosen, 0 to 1.
        """
        status = self._solver.Solve()
        if status != pywraplp.Solver.OPTIMAL:
            raise RuntimeError(f"The master problem ended with status {status}.")
        price = np.zeros(self._n_nodes)
        for node, row in self._node.items():
            price[node] = row.dual_value()
        volunteer_price = np.array([row.dual_value() for row in self._volunteer])
        share = np.array([variable.solution_value() for variable in self._variable])
        return float(self._objective.Value()), price, volunteer_price, share


def chosen_columns(share: FloatArray, threshold: float) -> IntArray:
    """Columns with at least ``threshold`` of them chosen, the largest share first."""
    above = np.flatnonzero(share >= threshold)
    return above[np.argsort(-share[above], kind="stable")]
