"""The packing against trying every combination."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from matching.engine.packing import Crew, Packing, pack
from matching.engine.plans import EMPTY_PLAN, Plan
from tests.grounds import make_plan


def is_allowed(packing: Packing, chosen: dict[int, Plan]) -> bool:
    """Whether plans of different rows fit together; rows without a plan are missing."""
    visits = [node for plan in chosen.values() for node in plan.node]
    in_crew = {node for crew in packing.crews for node in crew.nodes}
    for node in set(visits) - in_crew - packing.free_nodes:
        if visits.count(node) > 1:
            return False
    for crew in packing.crews:
        members = [visits.count(node) for node in crew.nodes]
        if sorted(members)[:-1] != [0] * (len(members) - 1) or max(members) not in (0, crew.size):
            return False
        if crew.locked and not any(members):
            return False
    return packing.must_work <= chosen.keys()


def best_by_trying(packing: Packing) -> float | None:
    rows = sorted({row for row, _ in packing.options} | packing.must_work)
    plans = [
        [EMPTY_PLAN, *(plan for owner, plan in packing.options if owner == row)] for row in rows
    ]
    best = None
    for combination in product(*plans):
        chosen = {
            row: plan for row, plan in zip(rows, combination, strict=True) if plan is not EMPTY_PLAN
        }
        worth = sum(plan.worth for plan in chosen.values())
        if is_allowed(packing, chosen) and (best is None or worth > best):
            best = worth
    return best


def draw_packing(seed: int) -> Packing:
    """Some rows with a few plans over seven nodes; 4 to 6 are starts of a crew."""
    random = np.random.default_rng(seed)
    options = []
    for row in range(4):
        for _ in range(int(random.integers(1, 5))):
            nodes = random.choice(7, size=int(random.integers(1, 4)), replace=False).tolist()
            one_start = [node for node in nodes if node >= 4][:1]
            kept = [node for node in nodes if node < 4] + one_start
            options.append((row, make_plan(*kept, worth=float(random.integers(-3, 20)))))
    return Packing(
        options=options,
        must_work=frozenset(random.choice(4, size=int(random.integers(0, 3))).tolist()),
        crews=(Crew((4, 5, 6), int(random.integers(2, 4)), bool(random.random() < 0.2)),),
        free_nodes=frozenset({3} if random.random() < 0.3 else ()),
    )


def test_equals_trying_every_combination() -> None:
    solved, impossible = 0, 0
    for seed in range(120):
        packing = draw_packing(seed)
        best, found = best_by_trying(packing), pack(packing)
        if best is None:
            assert found is None, f"seed {seed}"
            impossible += 1
            continue
        assert found is not None, f"seed {seed}"
        chosen = {packing.options[at][0]: packing.options[at][1] for at in found}
        assert len(chosen) == len(found), f"seed {seed}: two plans for one row"
        assert is_allowed(packing, chosen), f"seed {seed}"
        worth = sum(plan.worth for plan in chosen.values())
        assert worth == pytest.approx(best), f"seed {seed}"
        solved += 1
    assert min(solved, impossible) > 10, "the draws do not try both"


def test_nobody_is_visited_twice() -> None:
    options = [(0, make_plan(1, 2, worth=5.0)), (1, make_plan(2, 3, worth=4.0))]
    assert pack(Packing(options)) == [0]


def test_free_node_may_be_shared() -> None:
    options = [(0, make_plan(1, 2, worth=5.0)), (1, make_plan(2, 3, worth=4.0))]
    assert pack(Packing(options, free_nodes=frozenset({2}))) == [0, 1]


def test_half_a_crew_is_no_crew() -> None:
    plans = [(row, make_plan(7, worth=5.0)) for row in range(3)]
    assert pack(Packing(plans[:1], crews=(Crew((7,), 2, locked=False),))) == []
    both = pack(Packing(plans, crews=(Crew((7,), 2, locked=False),)))
    assert both is not None
    assert len(both) == 2


def test_crew_that_has_to_meet_and_cannot_is_told() -> None:
    options = [(0, make_plan(7, worth=5.0)), (1, make_plan(8, worth=5.0))]
    assert pack(Packing(options, crews=(Crew((7, 8), 2, locked=True),))) is None


def test_row_that_must_work_and_has_no_plan_is_told() -> None:
    assert pack(Packing([(0, make_plan(1, worth=5.0))], must_work=frozenset({3}))) is None


def test_limited_search_keeps_what_it_starts_with_or_better() -> None:
    random = np.random.default_rng(5)
    start = [(row, make_plan(2 * row, 2 * row + 1, worth=10.0)) for row in range(12)]
    more = [
        (row, make_plan(*random.choice(24, 3, replace=False).tolist(), worth=float(value)))
        for row in range(12)
        for value in random.integers(1, 25, 12)
    ]
    packing = Packing(start + more, start=tuple(range(12)), max_branches=1)
    found = pack(packing)
    assert found is not None
    assert sum(packing.options[at][1].worth for at in found) >= 120
