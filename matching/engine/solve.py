"""`solve`: from a problem to routes with a certificate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from matching.engine.candidates import find_all_candidates, find_candidates
from matching.engine.dive import dive
from matching.engine.exact import MAX_SETS, count_sets, solve_exactly
from matching.engine.executors import Executor, Workers, choose_executor
from matching.engine.generate import Generated, generate_plans, rows_with_locks
from matching.engine.local_search import best_response
from matching.engine.menus import Ground, build_menus
from matching.engine.nodes import build_nodes
from matching.engine.plans import (
    Plan,
    empty_plans,
    read_plan,
    total_worth,
    write_plan,
)
from matching.engine.polish import make_clusters, pack_cluster
from matching.engine.pool import Found, Pool, as_found
from matching.engine.pricing import grow_menus
from matching.engine.problem import Problem
from matching.engine.progress import Callbacks
from matching.engine.report import build_solution, count_served
from matching.engine.seeding import seed_plans
from matching.engine.solution import Solution
from matching.engine.stop import Stop
from matching.engine.tiling import cut_rows
from matching.engine.travel import IntArray

SMALL = 30
"""Requests up to which a problem may be solved exactly."""

CLUSTER_SIZES = (30, 40, 50, 30, 40, 50, 40, 50)
"""Volunteers per cluster in each round of the polish; the borders move between rounds."""


class _Run:
    """One call of `solve`: the state that its phases share."""

    def __init__(self, problem: Problem, workers: Workers, callbacks: Callbacks, seed: int) -> None:
        self.problem = problem
        self.workers = workers
        self.callbacks = callbacks
        self.seed = seed
        callbacks.phase("first plan", 1)
        nodes = build_nodes(problem)
        ptr, node = find_candidates(problem, nodes)
        volunteers = np.arange(len(problem.volunteers), dtype=np.int64)
        menus = build_menus(problem, nodes, volunteers, ptr, node)
        self.plans = seed_plans(problem, menus, nodes)
        most = max(1, int(problem.volunteers.max_tasks.max(initial=1)))
        self.pool = Pool(len(volunteers), min(most, max(1, len(problem.requests))))
        ground = Ground(problem, nodes, menus)
        unknown = np.full(len(volunteers), np.inf)
        self.result = Generated(ground, np.zeros(len(nodes.request)), unknown, np.inf)
        self.pool.add(self._as_found(range(len(volunteers))))
        callbacks.advance(1)
        self._tell()

    def _tell(self) -> None:
        value = float(self.plans.worth.sum())
        self.callbacks.incumbent(value, count_served(self.result.ground, self.plans))

    def _as_found(self, rows: Iterable[int]) -> Found:
        """The plans of some rows, as far as they have one."""
        menus, plans = self.result.ground.menus, self.plans
        chosen = np.array([k for k in rows if plans.length[k]], np.int64)
        used = np.arange(plans.entry.shape[1]) < plans.length[chosen][:, None]
        node = np.zeros(used.shape, np.int64)
        node[used] = menus.node[plans.entry[chosen][used]]
        return Found(chosen, plans.length[chosen], node, plans.shift[chosen], plans.worth[chosen])

    def _all_plans(self) -> dict[int, Plan]:
        rows = np.flatnonzero(self.plans.length)
        return {int(k): read_plan(self.result.ground.menus, self.plans, int(k)) for k in rows}

    def _set_plans(self, wanted: dict[int, Plan]) -> None:
        menus, nodes = self.result.ground.menus, self.result.ground.nodes
        self.plans = empty_plans(menus, nodes)
        for k, plan in wanted.items():
            write_plan(menus, self.plans, k, plan)

    def generate(self) -> None:
        """Column generation: the plans that matter, and a bound."""
        now = self._all_plans()
        value = total_worth(now.values())
        ground = self.result.ground
        self.result = generate_plans(ground, self.pool, value, self.workers, self.callbacks)
        self._set_plans(now)

    def is_small(self) -> bool:
        """Whether all plans of all volunteers can be looked at."""
        return count_sets(_complete_ground(self.result.ground)) <= MAX_SETS

    def settle(self) -> None:
        """The best plan of a small problem, exactly."""
        best = solve_exactly(_complete_ground(self.result.ground))
        found = as_found(list(best.items()))
        self.result = replace(self.result, ground=grow_menus(self.result.ground, [found]))
        self._set_plans(best)
        self._tell()

    def dive(self) -> None:
        """A plan from the prices, taken over when it is worth more."""
        self.callbacks.phase("whole plans", 1)
        before = self._all_plans()
        result = self.result
        settled = self.pool.find(self._as_found(self._rows_of_locked_crews()))
        chosen = dive(result.ground, self.pool, result.price, settled, self.workers)
        if set(np.flatnonzero(rows_with_locks(result.ground)).tolist()) <= chosen.keys():
            self._set_plans(chosen)
            self.fill_gaps()
            if self.plans.worth.sum() < total_worth(before.values()):
                self._set_plans(before)
        self.pool.add(self._as_found(range(len(self.plans.length))))
        self.callbacks.advance(1)
        self._tell()

    def _rows_of_locked_crews(self) -> list[int]:
        """Rows that stand in a crew with locked members: their plans hang together."""
        ground = self.result.ground
        crews = self.problem.requests.crew_size > 1
        locked = {int(j) for j in self.problem.locked[:, 1] if crews[j]}
        return [
            k
            for k, plan in self._all_plans().items()
            if any(int(ground.nodes.request[i]) in locked for i in plan.node)
        ]

    def fill_gaps(self) -> None:
        """Let every volunteer replan over what is still free."""
        _, nodes, menus = self.result.ground
        rows = np.arange(len(menus.volunteer))
        nothing = np.zeros(len(nodes.request), np.bool_)
        crew_size = self.problem.requests.crew_size
        best_response(menus, nodes, self.plans, rows, nothing, menus.locked, crew_size)

    def polish(self) -> None:
        """Recombine known plans in small clusters of neighbours."""
        home = self.problem.xy_m[: len(self.problem.volunteers)]
        for turn, size in enumerate(CLUSTER_SIZES[: self.workers.stop.max_turns]):
            if self.workers.stop.reached():
                return
            self._polish_once(cut_rows(home, size, turn + self.seed))
        self.fill_gaps()
        self._tell()

    def _polish_once(self, groups: list[IntArray]) -> None:
        ground = self.result.ground
        clusters = make_clusters(ground, self.pool, self.plans, self.result.price, groups)
        self.callbacks.phase("polish", len(clusters))
        wanted: dict[int, Plan] = {}
        results = self.workers.map(pack_cluster, clusters)
        for cluster, plans in zip(clusters, results, strict=True):
            wanted.update(zip(cluster.rows.tolist(), plans, strict=True))
            self.callbacks.advance(1)
        self._set_plans({k: plan for k, plan in wanted.items() if plan.node})
        self._tell()


def _complete_ground(ground: Ground) -> Ground:
    """Menus with every request that fits."""
    rows = ground.menus.volunteer
    available = np.ones(len(ground.problem.requests), np.bool_)
    ptr, node = find_all_candidates(ground.problem, ground.nodes, rows, available)
    return ground._replace(menus=build_menus(ground.problem, ground.nodes, rows, ptr, node))


def solve(
    problem: Problem,
    stop: Stop | None = None,
    *,
    seed: int = 0,
    workers: int = 1,
    executor: Executor | None = None,
    callbacks: Callbacks | None = None,
) -> Solution:
    """Find day plans for all volunteers, and prove how good they are.

    Parameters
    ----------
    problem
        What to solve.
    stop
        When to end early; the best plan so far is returned, with the bound if one was proven.
    seed
        Turns the cuts between clusters. Same problem, seed and unlimited stop: same plan.
    workers
        Threads to use; more than one changes the time, never the plan.
    executor
        Where to work instead: processes, a cluster. It is closed at the end.
    callbacks
        Hears about the progress.

    Raises
    ------
    InvalidProblem
        When locked work cannot be done, naming request and volunteer.
    """
    stop = stop or Stop()
    executor = executor or choose_executor(workers)
    try:
        run = _Run(problem, Workers(executor, stop), callbacks or Callbacks(), seed)
        is_small = len(problem.requests) <= SMALL and run.is_small()
        steps = (run.generate, run.settle) if is_small else (run.generate, run.dive, run.polish)
        for step in steps:
            if not stop.reached():
                step()
        cut_short = stop.max_turns is not None and not np.isfinite(run.result.bound)
        return build_solution(run.result, run.plans, seed=seed, stopped=cut_short or stop.reached())
    finally:
        executor.close()
