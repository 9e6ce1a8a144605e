"""One tile: the best combination of day plans of up to a few hundred volunteers.

Column generation with smoothed prices (Wentges, *International Transactions in Operational
Research* 4(2), 1997), then a dive that fixes plans and prices again (Sadykov, Vanderbeck, Pessoa,
Tahiri and Uchoa, *INFORMS Journal on Computing* 31(2), 2019).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from matching.engine.master import CrewRows, Master, chosen_columns
from matching.engine.candidates import expand_pairs, find_all_candidates
from matching.engine.menus import Ground, build_menus, short_menus
from matching.engine.plan_search import BLOCKED, MAX_NODES, price_rows
from matching.engine.plans import EMPTY_PLAN, Plan, longest_plan, total_worth
from matching.engine.stop import Stop
from matching.engine.travel import FloatArray, IntArray

SMOOTHING = 0.5
MAX_ITERATIONS = 60
TOLERANCE = 5e-4
"""Column generation ends when bound and value are this close, relative."""

STANDSTILL = 5e-4
"""Relative gain of an iteration below which the prices are no longer smoothed."""

COMPLETE_SEARCHES = 2
"""Searches beyond the short menus; each finds most of what is still missing."""

DIVE_SHARE = 0.6
DIVE_FRACTION = 0.25
DIVE_PRICINGS = 2
NOISE_M = 1e-4
"""Metres: a reduced value below this is no improvement."""


@dataclass(frozen=True, eq=False)
class Tile:
    """Part of a problem that is solved at once; the ground it stands on is given beside it.

    Parameters
    ----------
    rows
        (T,) int64, rows of the menus that belong to the tile.
    available
        Sorted nodes that the tile may use.
    keep
        (position of the row, node): crew visits shared with other tiles, which have to stay.
    crews
        Crew requests that the tile may serve as a whole.
    frozen
        Crew nodes shared with other tiles, and how many members of this tile stand on each.
    plans
        The plan of each row to begin with; feasible together.
    columns
        More plans to begin with, (position of the row in the tile, plan).
    """

    rows: IntArray
    available: IntArray
    keep: tuple[tuple[int, int], ...]
    crews: CrewRows
    frozen: dict[int, int]
    plans: tuple[Plan, ...]
    columns: tuple[tuple[int, Plan], ...] = ()


@dataclass(frozen=True, eq=False)
class TileResult:
    """What came out of a tile.

    Parameters
    ----------
    plans
        One for each row; together never worth less than at the start.
    price
        Metres, one for each of the tile's available nodes: the prices with the lowest bound.
    columns
        All plans that were looked at, (position of the row in the tile, plan).
    """

    plans: tuple[Plan, ...]
    price: FloatArray
    columns: tuple[tuple[int, Plan], ...]


@dataclass
class _Prices:
    """The best prices so far: of the nodes, of the volunteers, and the bound they prove."""

    node: FloatArray
    volunteer: FloatArray
    bound: float = field(default=np.inf)


class TileSolver:
    """State of one tile while it is being solved; use `solve_tile`."""

    def __init__(self, ground: Ground, tile: Tile, stop: Stop) -> None:
        self.ground = ground
        self.tile = tile
        self.stop = stop
        n_nodes = len(ground.nodes.request)
        self.shut = np.full(n_nodes, BLOCKED)
        self.shut[tile.available] = 0.0
        self._take_menus(*short_menus(ground.menus, tile.rows))
        self.must_work = np.logical_or.reduceat(
            np.append(self.must, False), np.minimum(self.menus.ptr[:-1], len(self.must))
        ) & (np.diff(self.menus.ptr) > 0)
        self.master = Master(len(tile.rows), self.must_work, n_nodes, tile.crews, tile.frozen)
        self.single = self.shut == 0.0
        for nodes in tile.crews.nodes:
            self.single[list(nodes)] = False
        self.times = np.ones(n_nodes)
        for node, members in tile.frozen.items():
            self.times[node] = members
        for owner, plan in [*enumerate(tile.plans), *tile.columns]:
            if plan.node:
                self.master.add_column(owner, plan.node, plan.shift, plan.worth)

    def _take_menus(self, ptr: IntArray, node: IntArray) -> None:
        """Search the given nodes of each row from now on."""
        problem, nodes, menus = self.ground
        volunteers = menus.volunteer[self.tile.rows]
        self.menus = build_menus(problem, nodes, volunteers, ptr, node)
        self.must = self.menus.locked.copy()
        for position, node_kept in self.tile.keep:
            mine = slice(ptr[position], ptr[position + 1])
            self.must[mine] |= node[mine] == node_kept
        self.memory = (
            np.zeros(len(node)),
            np.full(len(volunteers), np.inf),
            longest_plan(self.menus),
        )

    def search_all(self, price: FloatArray, floor: FloatArray) -> tuple[FloatArray, int]:
        """Search every request that fits, not just the near ones, once; the short menus grow.

        Returns the best value of each row, and how many plans were added.
        """
        problem, nodes, menus = self.ground
        available = np.zeros(len(problem.requests), np.bool_)
        available[nodes.request[self.tile.available]] = True
        volunteers = menus.volunteer[self.tile.rows]
        short = short_menus(self.menus, np.arange(len(volunteers)))
        self._take_menus(*find_all_candidates(problem, nodes, volunteers, available))
        best, found = self.search(np.arange(len(volunteers)), price, floor)
        n_new = self.add(found, price, floor)
        n = len(nodes.first)
        owner = np.repeat(np.arange(len(volunteers)), np.diff(short[0]))
        new = [k * n + nodes.request[i] for k, plan in found for i in plan.node]
        keys = np.unique(np.concatenate([owner * n + nodes.request[short[1]], new]).astype(np.int64))
        self._take_menus(*expand_pairs(keys, nodes, len(volunteers)))
        return best, n_new

    def search(
        self, positions: IntArray, price: FloatArray, floor: FloatArray
    ) -> tuple[FloatArray, list[tuple[int, Plan]]]:
        """Search the plans of some rows (positions in the tile) at the prices.

        Returns the best value after prices of each row, and the plans found.
        """
        at = price + self.shut
        owner, length, entry, shift, value, best = price_rows(
            self.menus, self.ground.nodes, positions, at, self.must, floor, MAX_NODES, self.memory
        )
        found = []
        for i in range(len(owner)):
            node = self.menus.node[entry[i, : length[i]]]
            worth = float(value[i] + price[node].sum())
            plan = Plan(tuple(node.tolist()), tuple(shift[i, : length[i]].tolist()), worth)
            found.append((int(positions[owner[i]]), plan))
        return best, found

    def lagrangean(self, price: FloatArray, best: FloatArray) -> float:
        """The bound that prices prove, given the best value of each row at them."""
        bound = float((np.maximum(price, 0.0) * self.times)[self.single].sum())
        crews = self.tile.crews
        for nodes, size, locked in zip(crews.nodes, crews.size, crews.locked, strict=True):
            most = size * float(price[list(nodes)].max(initial=-np.inf if locked else 0.0))
            bound += most if locked else max(0.0, most)
        return bound + float(np.where(self.must_work, best, np.maximum(best, 0.0)).sum())

    def add(
        self, found: list[tuple[int, Plan]], price: FloatArray, volunteer_price: FloatArray
    ) -> int:
        """Add the plans that would improve the linear program; how many did."""
        n = 0
        for owner, plan in found:
            reduced = plan.worth - price[list(plan.node)].sum() - volunteer_price[owner]
            if reduced > NOISE_M:
                n += self.master.add_column(owner, plan.node, plan.shift, plan.worth)
        return n

    def generate(self) -> FloatArray:
        """Column generation: the linear program is (nearly) solved then. Returns good prices.

        Short menus find most plans cheaply; a complete search then finds what they lack.
        """
        for _ in range(COMPLETE_SEARCHES):
            self._generate_short()
            value, price, volunteer_price, _ = self.master.solve()
            if self.stop.reached():
                return price
            best, n_new = self.search_all(price, volunteer_price)
            if not n_new or self.lagrangean(price, best) - value <= TOLERANCE * abs(value):
                return price
        return self._generate_short()

    def _generate_short(self) -> FloatArray:
        """Column generation on the short menus; the prices with the lowest bound."""
        positions = np.arange(len(self.tile.rows))
        center: _Prices | None = None
        before = -np.inf
        for _ in range(MAX_ITERATIONS):
            value, price, volunteer_price, _ = self.master.solve()
            if center is None:
                center = _Prices(price, volunteer_price)
            elif center.bound - value <= TOLERANCE * abs(value) or self.stop.reached():
                break
            # Smoothing helps while the prices jump; once the value stands still it only delays.
            still = value - before <= STANDSTILL * abs(value)
            weights = (0.0,) if still or center.bound == np.inf else (SMOOTHING, 0.0)
            before = value
            n_new = 0
            for weight in weights:
                at = weight * center.node + (1 - weight) * price
                floor = weight * center.volunteer + (1 - weight) * volunteer_price
                best, found = self.search(positions, at, floor)
                bound = self.lagrangean(at, best)
                if bound < center.bound:
                    center = _Prices(at, np.maximum(best, floor), bound)
                n_new = self.add(found, price, volunteer_price)
                if n_new:
                    break
            if not n_new:
                break
        assert center is not None
        return center.node

    def dive(self) -> dict[int, Plan]:
        """Fix plans by their share, price again, and so on: an integer combination of plans."""
        columns = self.master.columns
        n_rows = len(self.tile.rows)
        fixed: dict[int, Plan] = {}
        while len(fixed) < n_rows:
            _, price, volunteer_price, share = self.master.solve()
            free = [c for c in chosen_columns(share, 1e-6) if columns.owner[c] not in fixed]
            if not free:
                break
            whole = [c for c in free if share[c] > 1 - 1e-6]
            most = max(1, int(DIVE_FRACTION * (n_rows - len(fixed))))
            part = [c for c in free if share[c] >= DIVE_SHARE and share[c] <= 1 - 1e-6][:most]
            for c in whole + part or free[:1]:
                owner = columns.owner[c]
                if owner in fixed:
                    continue
                self.master.fix(int(c))
                fixed[owner] = Plan(columns.node[c], columns.shift[c], columns.worth[c])
            if len(whole) == len(free) or self.stop.reached():
                continue
            self._price_again(fixed)
        return fixed

    def _price_again(self, fixed: dict[int, Plan]) -> None:
        """Look for better plans of the rows that are not fixed, given those that are."""
        free = [k for k in range(len(self.tile.rows)) if k not in fixed]
        positions = np.array(free, np.int64)
        for _ in range(DIVE_PRICINGS):
            _, price, volunteer_price, _ = self.master.solve()
            _, found = self.search(positions, price, volunteer_price[positions])
            if not self.add(found, price, volunteer_price):
                return


def solve_tile(ground: Ground, tile: Tile, stop: Stop) -> TileResult:
    """Improve the plans of a tile as far as column generation and dive can."""
    solver = TileSolver(ground, tile, stop)
    price = solver.generate()
    plans = tile.plans
    if not stop.reached():
        dived = solver.dive()
        found = tuple(dived.get(k, EMPTY_PLAN) for k in range(len(tile.rows)))
        if total_worth(found) > total_worth(plans):
            plans = found
    columns = solver.master.columns
    known = zip(columns.owner, columns.node, columns.shift, columns.worth, strict=True)
    return TileResult(
        plans=plans,
        price=price[tile.available],
        columns=tuple((owner, Plan(node, shift, worth)) for owner, node, shift, worth in known),
    )
