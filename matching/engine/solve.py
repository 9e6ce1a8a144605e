"""`solve`: from a problem to routes with a certificate."""

from __future__ import annotations

import numpy as np

from matching.engine.bound import prove_bound
from matching.engine.candidates import find_candidates
from matching.engine.executors import Executor, choose_executor
from matching.engine.menus import Ground, build_menus
from matching.engine.nodes import build_nodes
from matching.engine.plans import Plans, best_response
from matching.engine.polish import combine_plans
from matching.engine.problem import Problem
from matching.engine.progress import Callbacks
from matching.engine.report import build_solution, count_served
from matching.engine.seeding import seed_plans
from matching.engine.solution import Solution
from matching.engine.stop import Stop
from matching.engine.tile import solve_tile
from matching.engine.tiling import Pool, cut_rows, make_tiles, run_pass

TILE_SIZE = 120
"""Volunteers per tile; the linear programs grow faster than the tile."""

N_PASSES = 2
"""Column generation passes; the second one moves the borders."""

CLUSTER_SIZE = 30
"""Volunteers per cluster of the polish."""

N_POLISHES = 4
"""Polish passes, each with other borders."""


class _Run:
    """One call of `solve`: the state that its phases share."""

    def __init__(
        self, problem: Problem, stop: Stop, executor: Executor, callbacks: Callbacks
    ) -> None:
        self.problem = problem
        self.stop = stop
        self.executor = executor
        self.callbacks = callbacks
        nodes = build_nodes(problem)
        callbacks.phase("candidates", 1)
        ptr, node = find_candidates(problem, nodes)
        volunteers = np.arange(len(problem.volunteers), dtype=np.int64)
        menus = build_menus(problem, nodes, volunteers, ptr, node)
        self.ground = Ground(problem, nodes, menus)
        self.pool = Pool(len(volunteers), len(nodes.request))
        callbacks.advance(1)
        self.plans: Plans = seed_plans(problem, menus, nodes)
        self._tell()

    def _tell(self) -> None:
        self.callbacks.incumbent(float(self.plans.worth.sum()), count_served(self.ground, self.plans))

    def price_plans(self) -> None:
        """Column generation by tiles, each pass with other borders."""
        home = self.problem.xy_m[: len(self.problem.volunteers)]
        for turn in range(N_PASSES):
            groups = cut_rows(home, TILE_SIZE, turn)
            if turn > 0 and len(groups) == 1:
                return
            self._pass(f"plans {turn + 1}", groups, solve_tile, freeze_crews=False)
            self._fill_gaps()

    def polish(self) -> None:
        """Recombine known plans in small clusters."""
        home = self.problem.xy_m[: len(self.problem.volunteers)]
        for turn in range(N_POLISHES):
            groups = cut_rows(home, CLUSTER_SIZE, turn)
            self._pass(f"polish {turn + 1}", groups, combine_plans, freeze_crews=True)
        self._fill_gaps()

    def _pass(self, name: str, groups: list[np.ndarray], work, freeze_crews: bool) -> None:
        tiles = make_tiles(self.problem, self.ground, self.plans, groups, freeze_crews)
        tiles = [self.pool.equip(tile) for tile in tiles]
        self.callbacks.phase(name, len(tiles))
        self.executor.start(self.ground)
        results = []
        for result in self.executor.map(work, tiles, self.stop):
            results.append(result)
            self.callbacks.advance(1)
        self.ground, self.plans = run_pass(self.ground, self.plans, self.pool, tiles, results)
        self._tell()

    def _fill_gaps(self) -> None:
        """Let every volunteer replan over what is still free."""
        _, nodes, menus = self.ground
        best_response(
            menus,
            nodes,
            self.plans,
            np.arange(len(menus.volunteer)),
            np.zeros(len(nodes.request), np.bool_),
            menus.locked,
            self.problem.requests.crew_size,
        )


def solve(
    problem: Problem,
    stop: Stop | None = None,
    *,
    seed: int = 0,
    workers: int = 1,
    executor: Executor | None = None,
    callbacks: Callbacks | None = None,
) -> Solution:
    """Find day plans for all volunteers, and prove how good they are."""
    stop = stop or Stop()
    callbacks = callbacks or Callbacks()
    executor = executor or choose_executor(workers)
    try:
        run = _Run(problem, stop, executor, callbacks)
        if not stop.reached():
            run.price_plans()
        if not stop.reached():
            run.polish()
        bound = prove_bound(problem, run.ground, run.pool.price, executor, stop, callbacks)
        return build_solution(problem, run.ground, run.plans, bound, seed, stop.reached())
    finally:
        executor.close()
