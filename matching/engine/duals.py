"""Prices for a whole problem from the plans that are already known.

The dual of the set packing over known plans is minimised by subgradient steps with Polyak's step
length (Polyak, *USSR Computational Mathematics* 9(3), 1969; Fisher, *Management Science* 27(1),
1981). One step reads every known plan once, so thousands of steps cost less than one linear
program of that size, and the prices fit across the borders of tiles.
"""

from __future__ import annotations

import numba
import numpy as np

from matching.engine.menus import BoolArray, Ground
from matching.engine.pool import KnownPlans
from matching.engine.travel import FloatArray

N_STEPS = 1500
COUNTING_SCALE = 0.05
"""Step length while counting, as a part of Polyak's."""

PATIENCE = 25
"""Steps without a better bound after which the step length is halved."""


@numba.njit(cache=True, nogil=True)
def _choose(plans, price, must_work, used, earned, count):  # type: ignore[no-untyped-def]
    """Each row takes its best plan at the prices; the sum of their values.

    Fills ``used`` (N,), how often each node is visited, and ``earned`` (V,), the value of each
    row; adds one to ``count`` (P,) of each plan taken.
    """
    row_ptr, node_ptr, node, worth = plans.row_ptr, plans.node_ptr, plans.node, plans.worth
    used[:] = 0.0
    total = 0.0
    for k in range(len(row_ptr) - 1):
        best, chosen = -np.inf if must_work[k] else 0.0, -1
        for p in range(row_ptr[k], row_ptr[k + 1]):
            value = worth[p]
            for i in range(node_ptr[p], node_ptr[p + 1]):
                value -= price[node[i]]
            if value > best:
                best, chosen = value, p
        earned[k] = max(best, 0.0) if chosen < 0 else best
        if chosen >= 0:
            total += best
            count[chosen] += 1.0
            for i in range(node_ptr[chosen], node_ptr[chosen + 1]):
                used[node[i]] += 1.0
    return total


@numba.njit(cache=True, nogil=True)
def _offer(first, last, crew_size, price, supply):  # type: ignore[no-untyped-def]
    """What the requests add to the bound at the prices, and the supply on each node there."""
    total = 0.0
    for j in range(len(first)):
        if crew_size[j] == 1:
            for node in range(first[j], last[j]):
                supply[node] = 1.0
                total += max(0.0, price[node])
            continue
        best = -1
        for node in range(first[j], last[j]):
            supply[node] = 0.0
            if price[node] > 0 and (best < 0 or price[node] > price[best]):
                best = node
        if best >= 0:
            supply[best] = crew_size[j]
            total += crew_size[j] * price[best]
    return total


@numba.njit(cache=True, nogil=True)
def _descend(plans, requests, must_work, price, target, steps):  # type: ignore[no-untyped-def]
    """Subgradient steps from ``price``, then short ones that only count which plans are taken.

    Returns the best prices, their bound over the known plans, and the share of the counting steps
    in which each plan was taken.
    """
    first, last, crew_size = requests
    n_steps, n_counting, patience, counting_scale = steps
    used, supply = np.zeros(len(price)), np.zeros(len(price))
    earned, count = np.zeros(len(must_work)), np.zeros(len(plans.worth))
    best, best_price, scale, waited = np.inf, price.copy(), 1.0, 0
    settled = -1
    for step in range(n_steps + n_counting):
        bound = _offer(first, last, crew_size, price, supply)
        bound += _choose(plans, price, must_work, used, earned, count)
        if bound < best * (1 - 1e-7):
            best, waited = bound, 0
            best_price[:] = price
        elif settled < 0:
            waited += 1
            if waited == patience:
                scale, waited = scale / 2, 0
                price[:] = best_price
        if settled < 0 and (scale < 1e-3 or step == n_steps - 1):
            settled, scale = step, counting_scale
            price[:] = best_price
            count[:] = 0.0
        if settled >= 0 and step >= settled + n_counting:
            break
        slope = supply - used
        for j in range(len(first)):
            if crew_size[j] == 1:
                for node in range(first[j], last[j]):
                    if price[node] <= 0 and slope[node] > 0:
                        slope[node] = 0.0
        norm = (slope**2).sum()
        if norm == 0:
            if n_counting == 0:
                break
            continue
        length = scale * max(bound - target, 1e-4 * abs(bound)) / norm
        for j in range(len(first)):
            for node in range(first[j], last[j]):
                price[node] -= length * slope[node]
                if crew_size[j] == 1:
                    price[node] = max(0.0, price[node])
    return best_price, best, count / max(n_counting, 1)


def fit_prices(
    ground: Ground,
    plans: KnownPlans,
    must_work: BoolArray,
    price: FloatArray,
    value: float,
    *,
    n_counting: int = 0,
) -> tuple[FloatArray, float, FloatArray]:
    """Prices that minimise the bound over the known plans.

    Parameters
    ----------
    must_work
        (V,) bool: rows with locked work, which take a plan even at a loss.
    price
        (N,) float64, metres: where to begin.
    value
        Metres: worth of the best plans so far, which no bound can undercut.
    n_counting
        Steps at the end that count how often each plan is taken.

    Returns
    -------
    price : (N,) float64
    bound : float
        Over the known plans only: not a bound on the problem.
    share : (P,) float64
        How often each plan was taken in the counting steps: nearly its share in the solution of
        the linear program (Barahona and Anbil, *Mathematical Programming* 87(3), 2000).
    """
    nodes = ground.nodes
    requests = (nodes.first, nodes.last, ground.problem.requests.crew_size)
    steps = (N_STEPS, n_counting, PATIENCE, COUNTING_SCALE)
    fitted, bound, share = _descend(plans, requests, must_work, price.copy(), value, steps)
    return fitted, float(bound), share


def earned_at(plans: KnownPlans, price: FloatArray, must_work: BoolArray) -> FloatArray:
    """The most that each row earns after prices with a known plan: (V,) float64, metres.

    0 or more, but -inf for a row with locked work and no known plan.
    """
    earned = np.zeros(len(must_work))
    used, count = np.zeros(len(price)), np.zeros(len(plans.worth))
    _choose(plans, price, must_work, used, earned, count)
    earned[must_work & (np.diff(plans.row_ptr) == 0)] = -np.inf
    return earned
