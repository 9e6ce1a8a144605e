"""What a person's place and a home's need are worth: duals of the ex-ante linear program.

Before anybody has answered, with P the chance of a yes, w the weight of a home, d the part of its
need that no live offer covers, and c the places that a person is expected to give:

    max  sum w P x   with   sum over people of P x <= d(home),  sum over homes of P x <= c(person),
    0 <= x <= 1

(V. Manshadi and S. Rodilitz, "Online Policies for Efficient Volunteer Crowdsourcing", *Management
Science* 68(9), 2022: the ex-ante problem.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, vstack

from matching.ladder.board import Board, FloatArray, IntArray
from matching.ladder.rules import LadderRules

MOST_PAIRS = 40
"""Homes per person that the linear program looks at: those that matter most to it."""


@dataclass(frozen=True, eq=False)
class LadderPrices:
    """Prices in the unit of `LadderRules.value_per_weight`.

    Parameters
    ----------
    person
        (m,) float64, mu: what one more expected place of the person would add.
    home
        (n,) float64, lambda: what one more expected visit to the home would add beyond what the
        people are worth elsewhere; 0 where people are scarce.
    bound
        Value of the program: expected worth of the best that can be hoped for, under the model.
    """

    person: FloatArray
    home: FloatArray
    bound: float


def no_prices(board: Board) -> LadderPrices:
    """Nothing has a price."""
    return LadderPrices(np.zeros(len(board.people)), np.zeros(len(board.homes)), np.inf)


def find_prices(
    board: Board,
    chance: FloatArray,
    weight: FloatArray,
    nobody: FloatArray,
    rules: LadderRules,
) -> LadderPrices:
    """Prices of people and homes now.

    Parameters
    ----------
    chance
        (k,) float64, P of each pair (`answers.pair_chances`).
    weight
        (n,) float64, weights with the extra for areas (`cover.area_weight`).
    nobody
        (n,) float64 (`cover.project_nobody`).
    """
    pairs, people, homes = board.pairs, board.people, board.homes
    m, n = len(people), len(homes)
    person = pairs.person()
    usable = pairs.feasible & ~pairs.struck & (homes.seats[pairs.home] > 0)
    usable &= people.may_ask[person] & (people.places[person] > 0) & (chance > 0)
    entries = np.flatnonzero(usable)
    worth = weight * nobody * rules.value_per_weight
    entries = _keep_best(entries, person, worth[pairs.home] * chance)
    if not len(entries):
        return LadderPrices(np.zeros(m), np.zeros(n), 0.0)
    v, r = person[entries], pairs.home[entries]
    share = chance[entries]
    room = np.maximum(people.willingness, rules.least_chance) * people.reply * people.places
    column = np.arange(len(entries))
    rows = vstack(
        [
            csr_matrix((share, (r, column)), (n, len(v))),
            csr_matrix((share, (v, column)), (m, len(v))),
        ]
    )
    # Those who will still ask are taken to be like those who wait now.
    n_open = float((homes.seats > 0).sum())
    known = rules.urgent_forecast_share if board.urgent_mode else rules.forecast_share
    need = nobody * homes.seats * (1.0 + known * board.expected_homes / n_open)
    result = linprog(
        -(weight[r] * rules.value_per_weight * share),
        A_ub=rows,
        b_ub=np.concatenate([need, room]),
        bounds=(0.0, 1.0),
        method="highs-ds",
    )
    if result.status != 0:
        raise RuntimeError(f"The linear program of the prices ended so: {result.message}")
    marginal = -np.asarray(result.ineqlin.marginals)
    return LadderPrices(marginal[n:], marginal[:n], float(-result.fun))


def _keep_best(entries: IntArray, person: IntArray, score: FloatArray) -> IntArray:
    """At most `MOST_PAIRS` entries of each person, those with the highest score."""
    order = np.lexsort((entries, -score[entries], person[entries]))
    ranked = entries[order]
    owner = person[ranked]
    first = np.searchsorted(owner, owner, side="left")
    kept = np.arange(len(ranked)) - first < MOST_PAIRS
    return np.sort(ranked[kept]).astype(np.int64)


def fading_share(usable_s: FloatArray, rules: LadderRules, *, urgent_mode: bool) -> FloatArray:
    """beta: how much of each person's price is asked; near the end a place kept is lost.

    Parameters
    ----------
    usable_s
        (m,) float64 (`timing.person_usable_s`).
    """
    share = rules.urgent_price_share if urgent_mode else rules.price_share
    if rules.price_fade_s <= 0:
        return np.full(len(usable_s), share)
    faded: FloatArray = share * np.minimum(1.0, usable_s / rules.price_fade_s)
    return faded
