"""One small problem with every feature, a plan for it that keeps every rule, and its proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from matching.engine.problem import Objective, Problem, crew_starts
from matching.engine.solution import Prices, Solution
from tests.brute_force import find_best_net_value
from tests.problems import Ask, Help, Pairs, build_problem, make_solution

BLOWER, LIFTING, EN, ES = 1, 2, 1, 2

ASKS = (
    Ask("steps", at=(0.0, 300.0), skills=BLOWER, weight=2.0, area=0),
    Ask("drive", at=(500.0, 0.0), crew=2, windows=((1800, 7200),), weight=4.0, area=0),
    Ask("visit", at=(0.0, 500.0), languages=ES, windows=((0, 900), (10_800, 14_400)), area=1),
    Ask("path", at=(1200.0, 0.0), windows=((0, 7200),), area=1),
    Ask("far", at=(9000.0, 9000.0)),
)
HELPERS = (
    Help("ana", shifts=((0, 7200), (10_000, 14_400)), skills=BLOWER, languages=EN | ES, load=1.0),
    Help("ben", at=(1000.0, 0.0), max_travel_m=5000, languages=EN, accept_p=0.5, area=1),
)
PAIRS = Pairs(
    banned=(("ben", "steps"),),
    locked=(("ana", "steps"),),
    preferred=(("ben", "path", 300.0),),
)
ROUTES = (
    (0, 0, ((0, 30), (1, 1800))),
    (0, 1, ((2, 10_800),)),
    (1, 0, ((1, 1800), (3, 2470))),
)


def make_showcase(
    changes: Mapping[str, Mapping[str, Any]] | None = None, *, pairs: Pairs = PAIRS
) -> Problem:
    """The problem, with changed fields of some requests or volunteers, named by id."""
    changes = changes or {}
    return build_problem(
        [replace(ask, **changes.get(ask.id, {})) for ask in ASKS],
        [replace(one, **changes.get(one.id, {})) for one in HELPERS],
        pairs=pairs,
        objective=Objective(load_cost_m=100.0),
    )


def make_showcase_plan(problem: Problem, routes: Any = ROUTES) -> Solution:
    """The plan, with terms worked out for the problem, and no bound."""
    return make_solution(problem, routes)


def prove(problem: Problem, solution: Solution, price_m: float = 0.0) -> Solution:
    """The same plan with a bound, every visit priced alike, amounts by brute force."""
    size = problem.requests.crew_size
    crews = tuple(
        (int(j), (price_m,) * len(crew_starts(problem, int(j)))) for j in np.flatnonzero(size > 1)
    )
    single = np.where(size == 1, price_m, 0.0)
    empty = Prices(single, crews, np.zeros(len(problem.volunteers)))
    best = [find_best_net_value(problem, i, empty) for i in range(len(problem.volunteers))]
    amounts = np.array([0.0 if amount is None else amount for amount in best])
    bound = max(0.0, price_m) * float(size.sum()) + float(amounts.sum())
    prices = replace(empty, volunteer=amounts)
    certificate = replace(solution.certificate, prices=prices, bound=bound, stopped=False)
    return replace(solution, certificate=certificate)
