"""The search for the best day plan at given prices, against brute force."""

from __future__ import annotations

import numpy as np
import pytest

from matching.engine.generate import Generated, rows_with_locks
from matching.engine.pricing import Search, search_group
from matching.engine.report import write_prices
from matching.engine.stop import Stop
from tests.brute_force import find_best_net_value
from tests.grounds import make_ground
from tests.problems import HOUR, Ask, Help, build_problem


@pytest.mark.parametrize("seed", range(30))
def test_complete_search_equals_brute_force(seed: int) -> None:
    random = np.random.default_rng(seed)
    asks = [
        Ask(
            f"r{at}",
            at=tuple(random.integers(0, 3_000, 2).tolist()),
            service_s=int(random.choice([300, 1_200])),
            crew=2 if at == 0 else 1,
            windows=((int(random.integers(0, 1_800)), 2 * HOUR),),
        )
        for at in range(5)
    ]
    shifts = ((0, 1_800), (2_000, 2 * HOUR))
    helpers = [
        Help("v", shifts=shifts, max_tasks=4, max_route_m=6_000, load=1.0),
        Help("w", at=(2_000, 2_000), max_tasks=3, max_work_s=4_000, accept_p=0.5),
    ]
    problem = build_problem(asks, helpers)
    ground = make_ground(problem)
    assert not rows_with_locks(ground).any()
    price = random.uniform(0, 20_000, len(ground.nodes.request))
    rows = np.arange(2, dtype=np.int64)
    best, found = search_group(ground, Search(rows, price, np.zeros(2), complete=True), Stop())
    prices = write_prices(Generated(ground, price, best, 0.0))
    expected = [find_best_net_value(problem, i, prices) for i in range(2)]
    assert best.tolist() == pytest.approx(expected, abs=1e-3)
    for at in range(len(found.row)):
        paid = price[found.node[at, : found.length[at]]].sum()
        assert found.worth[at] - paid <= best[found.row[at]] + 1e-3


def test_search_that_is_told_to_stop_claims_nothing() -> None:
    ground = make_ground(build_problem([Ask("a")], [Help("v")]))
    stop = Stop()
    stop.cancel()
    search = Search(np.zeros(1, np.int64), np.zeros(1), np.zeros(1), complete=True)
    best, found = search_group(ground, search, stop)
    assert best.tolist() == [np.inf]
    assert len(found.row) == 0
