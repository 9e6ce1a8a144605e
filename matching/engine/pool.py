"""The plans that are known: every good plan that a search has come across."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from matching.engine.menus import BoolArray
from matching.engine.plans import Plan
from matching.engine.travel import FloatArray, IntArray


class Found(NamedTuple):
    """Plans from a search, ``F`` of them.

    Parameters
    ----------
    row
        (F,) int64, menu row of each plan.
    length
        (F,) int64.
    node, shift
        (F, most) int64: the visits in order; only the first ``length`` count.
    worth
        (F,) float64, metres: value minus travel minus load.
    """

    row: IntArray
    length: IntArray
    node: IntArray
    shift: IntArray
    worth: FloatArray


class KnownPlans(NamedTuple):
    """The pool in compressed rows, for compiled code.

    Parameters
    ----------
    id
        (P,) int64, number of each plan in the pool.
    row_ptr
        (V + 1,) int64: the plans of menu row ``k`` are ``row_ptr[k]:row_ptr[k + 1]``.
    node_ptr
        (P + 1,) int64: the nodes of plan ``p`` are ``node[node_ptr[p]:node_ptr[p + 1]]``.
    node
        int64.
    worth
        (P,) float64, metres.
    """

    id: IntArray
    row_ptr: IntArray
    node_ptr: IntArray
    node: IntArray
    worth: FloatArray


class Pool:
    """Append-only store of plans, each once.

    Parameters
    ----------
    n_rows
        Menu rows.
    most
        Longest plan.
    """

    def __init__(self, n_rows: int, most: int) -> None:
        self._n_rows = n_rows
        self._most = most
        self._known: dict[bytes, int] = {}
        self._parts: list[Found] = []

    def __len__(self) -> int:
        return len(self._known)

    def add(self, found: Found) -> int:
        """Take in plans; how many are new."""
        blanked, names = self._name(found)
        fresh = []
        for i, name in enumerate(names):
            if name not in self._known:
                self._known[name] = len(self._known)
                fresh.append(i)
        self._parts.append(take_plans(blanked, np.array(fresh, np.int64)))
        return len(fresh)

    def find(self, found: Found) -> list[int]:
        """Numbers of plans that have been added."""
        return [self._known[name] for name in self._name(found)[1]]

    def _name(self, found: Found) -> tuple[Found, list[bytes]]:
        """The batch with -1 behind the visits, and what makes each plan the same as another."""
        width = min(found.node.shape[1], self._most)
        used = np.arange(width) < found.length[:, None]
        missing = ((0, 0), (0, self._most - width))
        node = np.pad(np.where(used, found.node[:, :width], -1), missing, constant_values=-1)
        shift = np.pad(np.where(used, found.shift[:, :width], -1), missing, constant_values=-1)
        key = np.hstack([found.row[:, None], node, shift])
        return found._replace(node=node, shift=shift), [line.tobytes() for line in key]

    def plans(self) -> Found:
        """All plans, in the order in which they came."""
        if len(self._parts) > 1:
            self._parts = [Found(*map(np.concatenate, zip(*self._parts, strict=True)))]
        return self._parts[0] if self._parts else no_plans(self._most)

    def known(self, allowed: BoolArray | None = None) -> KnownPlans:
        """The pool, or the plans that ``allowed`` (P,) marks, for compiled code."""
        plans = self.plans()
        chosen = np.arange(len(plans.row)) if allowed is None else np.flatnonzero(allowed)
        chosen = chosen[np.argsort(plans.row[chosen], kind="stable")]
        counts = np.bincount(plans.row[chosen], minlength=self._n_rows)
        node = plans.node[chosen]
        return KnownPlans(
            id=chosen,
            row_ptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            node_ptr=np.concatenate([[0], np.cumsum(plans.length[chosen])]).astype(np.int64),
            node=node[node >= 0],
            worth=plans.worth[chosen],
        )

    def plan(self, number: int) -> Plan:
        """One plan as a value."""
        plans = self.plans()
        length = plans.length[number]
        return Plan(
            tuple(plans.node[number, :length].tolist()),
            tuple(plans.shift[number, :length].tolist()),
            float(plans.worth[number]),
        )


def take_plans(found: Found, chosen: IntArray) -> Found:
    """Some plans of a batch."""
    row, length, node, shift, worth = found
    return Found(row[chosen], length[chosen], node[chosen], shift[chosen], worth[chosen])


def no_plans(most: int) -> Found:
    """An empty batch."""
    none, wide = np.zeros(0, np.int64), np.zeros((0, most), np.int64)
    return Found(none, none, wide, wide, np.zeros(0))


def as_found(plans: Sequence[tuple[int, Plan]]) -> Found:
    """A batch from (row, plan) pairs."""
    most = max((len(plan.node) for _, plan in plans), default=1)
    node = np.zeros((len(plans), most), np.int64)
    shift = np.zeros((len(plans), most), np.int64)
    for i, (_, plan) in enumerate(plans):
        node[i, : len(plan.node)], shift[i, : len(plan.node)] = plan.node, plan.shift
    return Found(
        row=np.array([row for row, _ in plans], np.int64),
        length=np.array([len(plan.node) for _, plan in plans], np.int64),
        node=node,
        shift=shift,
        worth=np.array([plan.worth for _, plan in plans], np.float64),
    )
