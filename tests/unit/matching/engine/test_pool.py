"""The pool: every plan once, and the same plans for compiled code."""

from __future__ import annotations

import numpy as np

from matching.engine.plans import Plan
from matching.engine.pool import Pool, as_found, no_plans
from tests.grounds import make_plan


def test_each_plan_is_kept_once() -> None:
    pool = Pool(2, 3)
    plan, other = make_plan(1, 2, worth=5.0), make_plan(2, 1, worth=4.0)
    assert pool.add(as_found([(0, plan), (0, other), (0, plan)])) == 2
    assert pool.add(as_found([(0, plan), (1, plan)])) == 1
    assert len(pool) == 3
    assert pool.plan(0) == plan


def test_order_and_shift_make_another_plan() -> None:
    pool = Pool(1, 2)
    assert pool.add(as_found([(0, Plan((1,), (0,), 5.0)), (0, Plan((1,), (1,), 5.0))])) == 2


def test_what_was_added_is_found_again() -> None:
    pool = Pool(2, 4)
    batch = as_found([(1, make_plan(3, worth=1.0)), (0, make_plan(4, 5, worth=2.0))])
    pool.add(batch)
    assert pool.find(batch) == [0, 1]
    assert pool.find(as_found([(0, make_plan(4, 5, worth=2.0))])) == [1]


def test_compiled_code_sees_the_plans_row_by_row() -> None:
    pool = Pool(3, 3)
    pool.add(as_found([(2, make_plan(7, worth=1.0)), (0, make_plan(4, 5, 6, worth=2.0))]))
    pool.add(as_found([(2, make_plan(8, 9, worth=3.0))]))
    known = pool.known()
    assert known.id.tolist() == [1, 0, 2]
    assert known.row_ptr.tolist() == [0, 1, 1, 3]
    assert known.node_ptr.tolist() == [0, 3, 4, 6]
    assert known.node.tolist() == [4, 5, 6, 7, 8, 9]
    assert known.worth.tolist() == [2.0, 1.0, 3.0]
    some = pool.known(np.array([False, False, True]))
    assert some.id.tolist() == [2]
    assert some.row_ptr.tolist() == [0, 0, 0, 1]


def test_empty_pool_is_empty_for_compiled_code() -> None:
    pool = Pool(2, 3)
    assert pool.add(no_plans(3)) == 0
    assert pool.known().row_ptr.tolist() == [0, 0, 0]
    assert len(pool.plans().row) == 0
