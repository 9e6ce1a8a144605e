"""Where one more volunteer is worth most: priced by the duals of a plan, then tried.

With ``b`` the best day plan of a newcomer after paying the dual price of each visit, the bound of
the problem with the newcomer is the old bound plus ``b``: nobody like them can add more than ``b``
and the old gap together. Prices of a plan are seldom unique, so ``b`` may promise too much; trying
them tells what they do add.

References
----------
.. [1] J. Desrosiers and M. Lübbecke, *A Primer in Column Generation*, in: Column Generation,
   Springer, 2005, section 3: bounds from reduced costs. doi:10.1007/0-387-25486-2_1
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.changes import Newcomer, add_volunteers
from matching.engine.explain import solver_like, unserved_requests
from matching.engine.funnel import near_radius_m
from matching.engine.menus import Ground, build_menus
from matching.engine.newcomers import typical_newcomer
from matching.engine.nodes import Nodes, build_nodes
from matching.engine.pricing import Search, search_group
from matching.engine.problem import Problem
from matching.engine.replan import Replan, Replanner, Solver
from matching.engine.scope import add_to_scope
from matching.engine.solution import Prices, Solution
from matching.engine.stop import Stop
from matching.engine.travel import FloatArray, IntArray

PLACES_PER_AREA = 2
FEWEST_PLACES = 8
"""Where there are few areas, or none are known, each has more places."""

WANTED_SHARE = 0.15
"""Nobody has everything: what fewer of the open requests near by ask for is left out."""

MAX_WANTED = 3
ENOUGH_WORTH = 0.95
"""A plainer newcomer is taken who is worth this share of the best at the same place."""

PRICED_AT_ONCE = 32

NOT_FOR_SALE_M = 1e15
"""Metres: a price above the worth of every visit."""

Extend = Callable[[Problem, Sequence[Newcomer]], Problem]


@dataclass(frozen=True)
class AreaPrice:
    """What one more volunteer of one kind would be worth in one area.

    Parameters
    ----------
    area
        Index into ``Problem.area_names``; -1 is unknown.
    newcomer
        Who they would be.
    worth_m
        The best day plan after paying for each visit, metres; 0 or more.
    worth_weight
        The same in weight: ``worth_m / (value_m_per_weight * accept_p)``.
    requests
        That day plan.
    by_duals
        False when the plan has no dual prices: then the newcomer may serve only what the plan
        leaves, and the worth is what they add if nobody else moves.
    """

    area: int
    newcomer: Newcomer
    worth_m: float
    worth_weight: float
    requests: tuple[int, ...]
    by_duals: bool


@dataclass(frozen=True)
class Recruit:
    """A newcomer who was tried.

    Parameters
    ----------
    price
        Who, where, and what the duals promised.
    served_more, weight_gain, value_gain_m
        What the new plan has on top of the old one: requests, weight, metres of value.
    gained, displaced
        Requests that only the new, or only the old plan serves.
    """

    price: AreaPrice
    served_more: int
    weight_gain: float
    value_gain_m: float
    gained: tuple[int, ...]
    displaced: tuple[int, ...]


def area_prices(
    problem: Problem, solution: Solution, *, extend: Extend = add_volunteers
) -> tuple[AreaPrice, ...]:
    """Price typical newcomers of every area with requests, for what is asked for there.

    Parameters
    ----------
    problem, solution
        The problem and its plan.
    extend
        Puts newcomers into the problem; `add_volunteers` unless their ways can be measured.

    Returns
    -------
    tuple of AreaPrice
        The best first; for each area at its best place, one for each set of skills and languages.
    """
    return _best_places(_price_newcomers(problem, solution, extend)[0])


def _best_places(prices: Iterable[AreaPrice]) -> tuple[AreaPrice, ...]:
    best: dict[tuple[int, int, int], AreaPrice] = {}
    for price in prices:
        key = (price.area, price.newcomer.skills, price.newcomer.languages)
        if key not in best or price.worth_m > best[key].worth_m:
            best[key] = price
    return tuple(sorted(best.values(), key=_rank))


def _rank(price: AreaPrice) -> tuple[float, int, int, int, int]:
    """The most worth first; then those who need bring least."""
    newcomer = price.newcomer
    return -price.worth_m, _demand(newcomer), price.area, newcomer.near_request, newcomer.skills


def _demand(newcomer: Newcomer) -> int:
    return newcomer.skills.bit_count() + newcomer.languages.bit_count()


def recruits(
    problem: Problem,
    solution: Solution,
    n: int = 5,
    *,
    extend: Extend = add_volunteers,
    solver: Solver | None = None,
    stop: Stop | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[Recruit, ...]:
    """Try the newcomers with the highest prices, each alone.

    Parameters
    ----------
    problem, solution
        The problem and its plan.
    n
        How many to try: the best of each area, the areas with the highest price. Where the area
        is unknown, the best of each place.
    extend
        As for `area_prices`.
    solver
        Makes the new plans; `matching.engine.solve.solve` with the seed of the solution unless
        told otherwise.
    stop
        When reached, nobody else is tried.
    progress
        Called with 1 after each newcomer.

    Returns
    -------
    tuple of Recruit
        Those who add most weight first. Whom the duals give no worth is not tried.
    """
    prices, wide = _price_newcomers(problem, solution, extend)
    position = {price.newcomer: at for at, price in enumerate(prices)}
    replanner = Replanner(problem, solution, solver or solver_like(solution))
    found = []
    for price in _plainest(prices)[:n]:
        if stop is not None and stop.reached():
            break
        nobody = np.zeros(0, np.int64)
        scope = replanner.find_scope(price.newcomer.near_request, nobody)
        base = replanner.plan_base(scope)
        number = len(problem.volunteers) + position[price.newcomer]
        wider = add_to_scope(scope, wide, solution, number)
        plan = replanner.plan(scope, wider.problem)
        # The old plan is still possible with the newcomer at home.
        found.append(_compare(price, base, plan if plan.value >= base.value else base))
        if progress is not None:
            progress(1)
    found.sort(key=lambda one: (-one.weight_gain, -one.served_more, _rank(one.price)))
    return tuple(found)


def _compare(price: AreaPrice, base: Replan, better: Replan) -> Recruit:
    """What the newcomer changed between two plans."""
    return Recruit(
        price=price,
        served_more=len(better.served) - len(base.served),
        weight_gain=better.weight - base.weight,
        value_gain_m=better.value - base.value,
        gained=tuple(sorted(better.served - base.served)),
        displaced=tuple(sorted(base.served - better.served)),
    )


def _plainest(prices: Sequence[AreaPrice]) -> list[AreaPrice]:
    """For each area the plainest of those who are worth nearly the best; the best area first."""
    places: dict[tuple[int, int], list[AreaPrice]] = {}
    for price in prices:
        if price.worth_m > 0:
            place = -1 if price.area >= 0 else price.newcomer.near_request
            places.setdefault((price.area, place), []).append(price)
    chosen = []
    for here in places.values():
        enough_m = ENOUGH_WORTH * max(price.worth_m for price in here)
        good = [price for price in here if price.worth_m >= enough_m]
        chosen.append(min(good, key=lambda price: (_demand(price.newcomer), _rank(price))))
    return sorted(chosen, key=_rank)


def _price_newcomers(
    problem: Problem, solution: Solution, extend: Extend
) -> tuple[list[AreaPrice], Problem]:
    """Prices of all candidates, and the problem with all of them behind the volunteers."""
    candidates = list_newcomers(problem, solution)
    if not candidates:
        return [], problem
    wide = extend(problem, candidates)
    nodes = build_nodes(wide)
    price = _node_prices(problem, solution, nodes)
    by_duals = solution.certificate.prices is not None
    rows = np.arange(len(problem.volunteers), len(wide.volunteers), dtype=np.int64)
    worth, plans = _search_plans(wide, nodes, rows, price)
    priced = []
    for newcomer, row, worth_m, plan in zip(candidates, rows, worth, plans, strict=True):
        full_m = problem.objective.value_m_per_weight * float(wide.volunteers.accept_p[row])
        priced.append(
            AreaPrice(
                area=newcomer.area,
                newcomer=newcomer,
                worth_m=worth_m,
                worth_weight=worth_m / full_m if full_m > 0 else 0.0,
                requests=plan,
                by_duals=by_duals,
            )
        )
    return priced, wide


def _node_prices(problem: Problem, solution: Solution, nodes: Nodes) -> FloatArray:
    """(N,) float64, metres: the price of a visit to each node."""
    prices = solution.certificate.prices
    if prices is None:
        return _plain_prices(problem, solution, nodes)
    return _spread_prices(prices, nodes)


def _spread_prices(prices: Prices, nodes: Nodes) -> FloatArray:
    price: FloatArray = prices.request[nodes.request].astype(np.float64)
    for request, of_start in prices.crew:
        price[nodes.first[request] : nodes.last[request]] = of_start
    return price


def _plain_prices(problem: Problem, solution: Solution, nodes: Nodes) -> FloatArray:
    """What is left costs nothing, all else is not for sale; one newcomer makes no crew."""
    left = np.zeros(len(problem.requests), np.bool_)
    left[unserved_requests(problem, solution)] = True
    free = left & (problem.requests.crew_size == 1)
    price: FloatArray = np.where(free[nodes.request], 0.0, NOT_FOR_SALE_M)
    return price


def _search_plans(
    wide: Problem, nodes: Nodes, rows: IntArray, price: FloatArray
) -> tuple[list[float], list[tuple[int, ...]]]:
    """The best day plan of each row after prices: its worth, and its requests."""
    worth: list[float] = []
    plans: list[tuple[int, ...]] = []
    for at in range(0, len(rows), PRICED_AT_ONCE):
        some = rows[at : at + PRICED_AT_ONCE]
        empty = np.zeros(len(some) + 1, np.int64)
        menus = build_menus(wide, nodes, some, empty, empty[:0])
        here = np.arange(len(some), dtype=np.int64)
        search = Search(here, price, np.zeros(len(some)), complete=True)
        _, found = search_group(Ground(wide, nodes, menus), search, Stop())
        most, best = np.zeros(len(some)), [()] * len(some)
        for k, length, node, worth_m in zip(
            found.row, found.length, found.node, found.worth, strict=True
        ):
            visits = node[:length]
            after_m = float(worth_m - price[visits].sum())
            if after_m > most[k]:
                most[k], best[k] = after_m, tuple(nodes.request[visits].tolist())
        worth += most.tolist()
        plans += best
    return worth, plans


def list_newcomers(problem: Problem, solution: Solution) -> list[Newcomer]:
    """Typical volunteers where most open need is near, with what is asked for there.

    In each area up to `PLACES_PER_AREA` places, apart from each other (more where there are few
    areas, so that there are `FEWEST_PLACES` in all). At each the same person, who speaks what the
    majority speaks: with nothing special, with each of the most wanted skills, with all of them,
    and with all of them and the most wanted language.
    """
    if not problem.travel or not len(problem.requests):
        return []
    left = unserved_requests(problem, solution)
    found: dict[Newcomer, None] = {}
    areas = np.unique(problem.requests.area)
    most = max(PLACES_PER_AREA, -(-FEWEST_PLACES // len(areas)))
    for area in areas:
        for place in _pick_places(problem, int(area), left, most):
            for skills, languages in _profiles(problem, place, left):
                found[typical_newcomer(problem, place, skills=skills, languages=languages)] = None
    return list(found)


def _pick_places(problem: Problem, area: int, left: IntArray, most: int) -> list[int]:
    """Requests of an area with most open weight around, each beyond the reach of the others."""
    m, table = len(problem.volunteers), problem.requests
    here = np.flatnonzero(table.area == area)
    near_m = near_radius_m(problem)
    around = np.array([table.weight[_near(problem, int(j), left, near_m)].sum() for j in here])
    places: list[int] = []
    for j in here[np.argsort(-around, kind="stable")]:
        place_m = problem.xy_m[m + j]
        apart_m = [float(np.hypot(*(problem.xy_m[m + other] - place_m))) for other in places]
        if all(metres > near_m for metres in apart_m):
            places.append(int(j))
        if len(places) == most:
            break
    return places


def _near(problem: Problem, request: int, left: IntArray, near_m: float) -> IntArray:
    """Open requests around a place."""
    m = len(problem.volunteers)
    apart_m = np.hypot(*(problem.xy_m[m + left] - problem.xy_m[m + request]).T)
    near: IntArray = left[apart_m <= near_m]
    return near


def _profiles(problem: Problem, place: int, left: IntArray) -> list[tuple[int, int]]:
    """(skills, languages) worth looking for at a place."""
    near = _near(problem, place, left, near_radius_m(problem))
    spoken = _usual_bits(problem.volunteers.languages)
    wanted = _wanted_bits(problem.requests.skills[near])
    languages = _wanted_bits(problem.requests.languages[near])[:1]
    every = sum(1 << bit for bit in wanted)
    also = spoken | sum(1 << bit for bit in languages)
    profiles = [
        (0, spoken),
        *((1 << bit, spoken) for bit in wanted),
        (every, spoken),
        (every, also),
    ]
    return list(dict.fromkeys(profiles))


def _usual_bits(masks: IntArray) -> int:
    """The bits that more than half of the masks have, as a mask."""
    return sum(1 << bit for bit in range(63) if 2 * int((masks >> bit & 1).sum()) > len(masks))


def _wanted_bits(masks: IntArray) -> list[int]:
    """The bits that most masks ask for, the most wanted first."""
    counts = [(int((masks >> bit & 1).sum()), bit) for bit in range(63)]
    least = max(1.0, WANTED_SHARE * len(masks))
    wanted = sorted((-count, bit) for count, bit in counts if count >= least)
    return [bit for _, bit in wanted[:MAX_WANTED]]
