"""Prices against the linear program over the same plans, solved by another library."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from matching.engine.duals import earned_at, fit_prices
from matching.engine.executors import SequentialExecutor, Workers
from matching.engine.generate import generate_plans, node_bound, rows_with_locks
from matching.engine.menus import Ground
from matching.engine.plans import Plan
from matching.engine.pool import KnownPlans, Pool, as_found
from matching.engine.problem import Problem
from matching.engine.progress import Callbacks
from matching.engine.stop import Stop
from tests.grounds import make_city, make_ground, make_plan
from tests.problems import Ask, Help, Pairs, build_problem


def solve_program(ground: Ground, known: KnownPlans, must_work: np.ndarray) -> float:
    """Optimum of the linear program over known plans, metres; crews share one start."""
    n_plans, n_nodes = len(known.worth), len(ground.nodes.request)
    size = ground.problem.requests.crew_size
    owner = np.repeat(np.arange(len(must_work)), np.diff(known.row_ptr))
    visits = np.repeat(np.arange(n_plans), np.diff(known.node_ptr))
    # Variables: plans, then the start at each crew node (0 elsewhere).
    is_crew = size[ground.nodes.request] > 1
    one = np.ones(n_plans)
    plan_rows = csr_matrix((one, (owner, np.arange(n_plans))), (len(must_work), n_plans + n_nodes))
    used = csr_matrix(
        (
            np.concatenate(
                [np.ones(len(visits)), np.where(is_crew, -size[ground.nodes.request], 0)]
            ),
            (
                np.concatenate([known.node, np.arange(n_nodes)]),
                np.concatenate([visits, n_plans + np.arange(n_nodes)]),
            ),
        ),
        (n_nodes, n_plans + n_nodes),
    )
    starts = csr_matrix(
        (is_crew.astype(float), (ground.nodes.request, n_plans + np.arange(n_nodes))),
        (len(size), n_plans + n_nodes),
    )
    dense = [part.toarray() for part in (plan_rows, used, starts)]
    may, must = dense[0][~must_work], dense[0][must_work]
    singles, crews = dense[1][~is_crew], dense[1][is_crew]
    at_most_one = np.vstack([may, singles, dense[2]])
    exactly = np.vstack([must, crews])
    result = linprog(
        -np.concatenate([known.worth, np.zeros(n_nodes)]),
        A_ub=at_most_one,
        b_ub=np.ones(len(at_most_one)),
        A_eq=exactly if len(exactly) else None,
        b_eq=np.concatenate([np.ones(len(must)), np.zeros(len(crews))]) if len(exactly) else None,
        bounds=(0, None),
    )
    assert result.success, result.message
    return -float(result.fun)


def generate(problem: Problem) -> tuple[Ground, Pool]:
    """Column generation, and the plans that it knows in the end."""
    ground = make_ground(problem)
    most = max(1, int(problem.volunteers.max_tasks.max()))
    pool = Pool(len(problem.volunteers), most)
    result = generate_plans(ground, pool, 0.0, Workers(SequentialExecutor(), Stop()), Callbacks())
    return result.ground, pool


def pool_of(ground: Ground, plans: list[tuple[int, Plan]]) -> Pool:
    pool = Pool(len(ground.menus.volunteer), 3)
    pool.add(as_found(plans))
    return pool


def crew_city() -> Problem:
    """The small city; every eighth request needs two people, within an hour."""
    asks = [
        Ask(
            f"r{at}",
            at=(300.0 * (at % 8), 400.0 * (at // 8)),
            service_s=900,
            weight=1.0 + at % 3,
            crew=1 + (at % 8 == 0),
            windows=((0, 3600),) if at % 8 == 0 else ((0, 7200),),
        )
        for at in range(40)
    ]
    helpers = [
        Help(f"v{at}", at=(500.0 * (at % 4), 450.0 * (at // 4)), max_tasks=3, max_travel_m=1_200)
        for at in range(12)
    ]
    return build_problem(asks, helpers)


@pytest.mark.parametrize("problem", [make_city("60x25"), make_city("200x80"), crew_city()])
def test_bound_is_at_most_one_percent_above_the_linear_program(problem: Problem) -> None:
    ground, pool = generate(problem)
    known = pool.known()
    must_work = rows_with_locks(ground)
    optimum = solve_program(ground, known, must_work)
    start = np.zeros(len(ground.nodes.request))
    price, bound, _ = fit_prices(ground, known, must_work, start, 0.97 * optimum)
    assert optimum * (1 - 1e-9) <= bound <= 1.01 * optimum
    again = node_bound(ground, price) + earned_at(known, price, must_work).sum()
    assert bound == pytest.approx(again, rel=1e-9), "the bound is not that of the prices"


def test_complete_bound_is_not_below_the_linear_program() -> None:
    problem = make_city("60x25", seed=2)
    ground = make_ground(problem)
    pool = Pool(len(problem.volunteers), 6)
    result = generate_plans(ground, pool, 0.0, Workers(SequentialExecutor(), Stop()), Callbacks())
    known = pool.known()
    optimum = solve_program(result.ground, known, rows_with_locks(result.ground))
    assert result.bound >= optimum * (1 - 1e-9)
    assert result.bound == pytest.approx(
        node_bound(result.ground, result.price) + result.best.sum(), rel=1e-9
    )


def test_two_who_want_the_same_visit_pay_what_the_second_would() -> None:
    problem = build_problem([Ask("a")], [Help("v"), Help("w")])
    ground = make_ground(problem)
    known = pool_of(ground, [(0, make_plan(0, worth=10.0)), (1, make_plan(0, worth=7.0))]).known()
    nobody = np.zeros(2, np.bool_)
    price, bound, _ = fit_prices(ground, known, nobody, np.zeros(1), 10.0)
    assert bound == pytest.approx(10.0, abs=0.1)
    assert 6.9 <= price[0] <= 10.1


def test_locked_work_is_taken_at_a_loss() -> None:
    problem = build_problem([Ask("a")], [Help("v")], pairs=Pairs(locked=[("v", "a")]))
    ground = make_ground(problem)
    known = pool_of(ground, [(0, make_plan(0, worth=-50.0))]).known()
    must = rows_with_locks(ground)
    assert must.tolist() == [True]
    assert earned_at(known, np.zeros(1), must).tolist() == [-50.0]
    assert earned_at(known, np.zeros(1), ~must).tolist() == [0.0]
    _, bound, _ = fit_prices(ground, known, must, np.zeros(1), -50.0)
    assert bound == pytest.approx(-50.0, abs=0.1)


def test_locked_work_without_a_plan_earns_nothing_that_one_could_count_on() -> None:
    ground = make_ground(build_problem([Ask("a")], [Help("v"), Help("w")]))
    known = pool_of(ground, [(1, make_plan(0, worth=3.0))]).known()
    both = np.ones(2, np.bool_)
    assert earned_at(known, np.zeros(1), both).tolist() == [-np.inf, 3.0]
