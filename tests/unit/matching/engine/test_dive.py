"""Fixing plans of a group: what happens where locked work has no plan left."""

from __future__ import annotations

import numpy as np
import pytest

from matching.engine.dive import Group, dive_group
from matching.engine.master import Master, NoPlansFit
from matching.engine.plans import EMPTY_PLAN, Plan
from matching.engine.stop import Stop
from tests.grounds import make_city, make_ground, make_plan


def make_group(n_nodes: int, *options: tuple[int, Plan]) -> Group:
    return Group(
        rows=np.arange(2, dtype=np.int64),
        must_work=np.ones(2, np.bool_),
        options=list(options),
        price=np.zeros(n_nodes),
        cost=np.zeros(n_nodes),
        shut=np.ones(n_nodes, np.bool_),
    )


def test_a_program_without_a_way_says_so() -> None:
    master = Master(np.ones(2, np.bool_), np.zeros(4))
    master.add(0, make_plan(1, worth=5.0))
    with pytest.raises(NoPlansFit):
        master.solve()


@pytest.mark.parametrize("second", [None, (1, make_plan(1, worth=9.0))])
def test_a_group_whose_locked_work_is_taken_gets_no_plans(second: tuple[int, Plan] | None) -> None:
    """A row with locked work has no plan left, or two such rows have the same visit alone."""
    ground = make_ground(make_city())
    options = [(0, make_plan(1, worth=5.0))] + ([] if second is None else [second])

    plans, found = dive_group(ground, make_group(len(ground.nodes.request), *options), Stop())

    assert plans == [EMPTY_PLAN, EMPTY_PLAN]
    assert found == []


def test_a_group_whose_locked_work_fits_is_fixed() -> None:
    ground = make_ground(make_city())
    options = (0, make_plan(1, worth=5.0)), (1, make_plan(2, worth=9.0))

    plans, _ = dive_group(ground, make_group(len(ground.nodes.request), *options), Stop())

    assert [plan.node for plan in plans] == [(1,), (2,)]
