"""Cutting a problem into tiles, solving them, and putting the plans together again.

A tile may use the requests that its own volunteers serve and the free ones that its volunteers
could reach best. So the plan stays feasible at every moment, and each pass can only improve it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from matching.engine.candidates import expand_pairs
from matching.engine.master import CrewRows
from matching.engine.menus import BoolArray, Ground, build_menus
from matching.engine.plans import Plan, Plans, empty_plans, read_plan, write_plan
from matching.engine.problem import Problem
from matching.engine.tile import Tile, TileResult
from matching.engine.travel import FloatArray, IntArray


@dataclass
class Pool:
    """Every plan that was looked at, by row; and the last price of each node (metres)."""

    n_rows: int
    n_nodes: int
    plans: list[dict[tuple[int, ...], Plan]] = field(init=False)
    price: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self.plans = [{} for _ in range(self.n_rows)]
        self.price = np.zeros(self.n_nodes)

    def add(self, row: int, plan: Plan) -> None:
        """Keep a plan; of the same visits in another order the better one."""
        key = tuple(sorted(plan.node))
        old = self.plans[row].get(key)
        if old is None or old.worth < plan.worth:
            self.plans[row][key] = plan

    def equip(self, tile: Tile) -> Tile:
        """The tile with all known plans that it may use, and that keep what it has to keep."""
        open_nodes = set(tile.available.tolist())
        columns = []
        for position, (k, now) in enumerate(zip(tile.rows, tile.plans, strict=True)):
            frozen = {node for node in now.node if node in tile.frozen}
            for plan in self.plans[k].values():
                used = set(plan.node)
                if used <= open_nodes and {node for node in used if node in tile.frozen} == frozen:
                    columns.append((position, plan))
        return replace(tile, columns=tuple(columns))


def cut_rows(xy_m: FloatArray, size: int, turn: int) -> list[IntArray]:
    """Cut points into compact groups of at most ``size`` by recursive halving.

    Parameters
    ----------
    xy_m
        (V, 2) float64.
    size
        Rows in a group at most.
    turn
        Number of the pass: each pass cuts along other lines, so that the borders move.

    Returns
    -------
    list of (t,) int64
    """
    angle = turn * 0.7
    turned = xy_m @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    first_cut = 0.5 if turn % 2 == 0 else 1 / 3

    def cut(rows: IntArray, share: float) -> list[IntArray]:
        if len(rows) <= size:
            return [rows] if len(rows) else []
        axis = int(np.argmax(np.ptp(turned[rows], axis=0)))
        order = rows[np.argsort(turned[rows, axis], kind="stable")]
        half = max(1, round(len(order) * share))
        return cut(order[:half], 0.5) + cut(order[half:], 0.5)

    return cut(np.arange(len(xy_m), dtype=np.int64), first_cut)


def assign_requests(
    problem: Problem, ground: Ground, plans: Plans, tile_of: IntArray, n_tiles: int
) -> IntArray:
    """The tile of each request, -1 where members of one crew belong to several tiles.

    A served request belongs to the tile that serves it; a free one to the tile with most entries
    for it on its menus.

    Parameters
    ----------
    tile_of
        (V,) int64, the tile of each menu row.
    """
    _, nodes, menus = ground
    n = len(problem.requests)
    owner = np.repeat(tile_of, np.diff(menus.ptr))
    keys, counts = np.unique(menus.request * n_tiles + owner, return_counts=True)
    order = np.lexsort((-keys, counts))
    tile = np.full(n, -1, np.int64)
    tile[keys[order] // n_tiles] = keys[order] % n_tiles
    served: dict[int, set[int]] = {}
    for k in np.flatnonzero(plans.length):
        for e in plans.entry[k, : plans.length[k]]:
            served.setdefault(int(menus.request[e]), set()).add(int(tile_of[k]))
    for request, tiles in served.items():
        tile[request] = tiles.pop() if len(tiles) == 1 else -1
    return tile


def make_tiles(
    problem: Problem, ground: Ground, plans: Plans, groups: list[IntArray], freeze_crews: bool
) -> list[Tile]:
    """Tiles of the given rows, with the current plans to begin with.

    ``freeze_crews`` keeps every crew visit where it is.
    """
    _, nodes, menus = ground
    tile_of = np.zeros(len(menus.volunteer), np.int64)
    for number, rows in enumerate(groups):
        tile_of[rows] = number
    home = assign_requests(problem, ground, plans, tile_of, len(groups))
    is_crew = problem.requests.crew_size > 1
    if freeze_crews:
        home[is_crew] = -1
    node_home = home[nodes.request]
    order = np.argsort(node_home, kind="stable")
    first = np.searchsorted(node_home[order], np.arange(len(groups) + 1))
    tiles = []
    for number, rows in enumerate(groups):
        own = order[first[number] : first[number + 1]]
        keep, frozen = _keep(ground, plans, rows, home, is_crew)
        tiles.append(
            Tile(
                rows=rows,
                available=np.sort(np.concatenate([own, np.array(list(frozen), np.int64)])),
                keep=keep,
                crews=_crews(problem, ground, own),
                frozen=frozen,
                plans=tuple(read_plan(menus, plans, int(k)) for k in rows),
            )
        )
    return tiles


def _keep(
    ground: Ground, plans: Plans, rows: IntArray, home: IntArray, is_crew: BoolArray
) -> tuple[tuple[tuple[int, int], ...], dict[int, int]]:
    """Shared crew visits, (position, node), and the members of this tile on each such node."""
    menus = ground.menus
    keep: list[tuple[int, int]] = []
    frozen: dict[int, int] = {}
    for position, k in enumerate(rows):
        for e in plans.entry[k, : plans.length[k]].tolist():
            request = menus.request[e]
            if is_crew[request] and home[request] < 0:
                node = int(menus.node[e])
                keep.append((position, node))
                frozen[node] = frozen.get(node, 0) + 1
    return tuple(keep), frozen


def _crews(problem: Problem, ground: Ground, own: IntArray) -> CrewRows:
    """The crew requests among the tile's own nodes."""
    requests = problem.requests
    locked = set(problem.locked[:, 1].tolist())
    crews = [
        int(j)
        for j in np.unique(ground.nodes.request[own])
        if requests.crew_size[j] > 1
    ]
    return CrewRows(
        nodes=tuple(
            tuple(range(ground.nodes.first[j], ground.nodes.last[j])) for j in crews
        ),
        size=tuple(int(requests.crew_size[j]) for j in crews),
        locked=tuple(j in locked for j in crews),
    )


def run_pass(
    ground: Ground,
    plans: Plans,
    pool: Pool,
    tiles: list[Tile],
    results: Iterable[TileResult],
) -> tuple[Ground, Plans]:
    """Take over the plans, columns and prices of solved tiles.

    Plans may visit nodes that are on no short menu yet; then the menus grow, and the returned
    ground and plans replace the old ones.
    """
    new_plans: dict[int, Plan] = {}
    for tile, result in zip(tiles, results, strict=True):
        for k, old, new in zip(tile.rows.tolist(), tile.plans, result.plans, strict=True):
            if new is not old:
                new_plans[k] = new
        for position, plan in result.columns:
            pool.add(int(tile.rows[position]), plan)
        if len(result.price):
            pool.price[tile.available] = result.price
    ground, plans = grow_menus(ground, plans, new_plans)
    for k, plan in new_plans.items():
        write_plan(ground.menus, plans, k, plan)
    return ground, plans


def grow_menus(ground: Ground, plans: Plans, wanted: dict[int, Plan]) -> tuple[Ground, Plans]:
    """Menus on which every wanted plan stands, and the old plans on them."""
    problem, nodes, menus = ground
    n = len(problem.requests)
    owner = np.repeat(np.arange(len(menus.volunteer)), np.diff(menus.ptr))
    known = np.unique(owner * n + menus.request)
    pairs = [k * n + nodes.request[i] for k, plan in wanted.items() for i in plan.node]
    missing = np.setdiff1d(np.array(pairs, np.int64), known)
    if not len(missing):
        return ground, plans
    ptr, node = expand_pairs(np.union1d(known, missing), nodes, len(menus.volunteer))
    menus = build_menus(problem, nodes, menus.volunteer, ptr, node)
    grown = empty_plans(menus, nodes)
    for k in np.flatnonzero(plans.length):
        write_plan(menus, grown, int(k), read_plan(ground.menus, plans, int(k)))
    return Ground(problem, nodes, menus), grown
