"""What a person sees at the moment of looking: what is open now, the most needed first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.ladder.answers import pair_chance
from matching.ladder.board import Board, BoolArray, FloatArray, IntArray
from matching.ladder.cover import area_weight, project_nobody
from matching.ladder.rules import LadderRules

METRES_PER_KM = 1000.0


@dataclass(frozen=True, eq=False)
class Need:
    """How much each home needs somebody.

    Parameters
    ----------
    worth
        (n,) float64: ``value_per_weight * weight * nobody``, with the extra for areas.
    weight, nobody
        (n,) float64: weight with the extra for areas, chance of nobody.
    """

    worth: FloatArray
    weight: FloatArray
    nobody: FloatArray


def weigh_homes(board: Board, rules: LadderRules) -> Need:
    """The need of every home now."""
    weight, nobody = area_weight(board, rules), project_nobody(board, rules)
    return Need(rules.value_per_weight * weight * nobody, weight, nobody)


def open_pairs(board: Board) -> BoolArray:
    """(k,) bool: pairs that could be agreed now, whoever else was asked."""
    pairs = board.pairs
    return pairs.feasible & ~pairs.struck & (board.homes.seats[pairs.home] > 0)


def open_menu(
    board: Board,
    person: int,
    size: int,
    rules: LadderRules,
    *,
    price: float = 0.0,
    without: tuple[int, ...] = (),
    need: Need | None = None,
) -> tuple[int, ...]:
    """The open homes to show to one person now: the best few, urgent ones on top.

    Call it when the page is opened or the message leaves, never earlier. The homes are chosen by
    chance and need; within them the most needed stand on top, as a reader who does not want a home
    passes on to the next. A home on offer to somebody else is shown too: the first yes counts.

    Parameters
    ----------
    price
        What the person's place was worth when the ask was drafted (`AskDraft.price`).
    without
        Homes that are shown already.
    need
        Of this board, when it is known.
    """
    entries, score, worth = _score_person(
        board, person, rules, price=price, without=without, need=need
    )
    home = board.pairs.home[entries]
    best = np.lexsort((home, -score, ~board.homes.urgent[home]))[:size]
    return order_shown(board, home[best], worth[best])


def order_shown(board: Board, homes: IntArray, worth: FloatArray) -> tuple[int, ...]:
    """Homes in the order in which they are shown: urgent first, then by need.

    Parameters
    ----------
    worth
        (h,) float64, `Need.worth` of these homes.
    """
    order = np.lexsort((homes, -worth, ~board.homes.urgent[homes]))
    return tuple(int(home) for home in homes[order])


def find_substitute(
    board: Board, person: int, taken_home: int, rules: LadderRules, *, need: Need | None = None
) -> int | None:
    """The best open home for somebody who said yes to one that is taken; None if there is none.

    Like the menu, it puts urgent homes first.
    """
    entries, score, _ = _score_person(
        board, person, rules, price=0.0, without=(taken_home,), need=need
    )
    if not len(entries):
        return None
    home = board.pairs.home[entries]
    return int(home[np.lexsort((home, -score, ~board.homes.urgent[home]))[0]])


def _score_person(
    board: Board,
    person: int,
    rules: LadderRules,
    *,
    price: float,
    without: tuple[int, ...],
    need: Need | None,
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Open pairs of one person, with the worth of each ask and the need of each home."""
    pairs = board.pairs
    first, last = int(pairs.ptr[person]), int(pairs.ptr[person + 1])
    home = pairs.home[first:last]
    fits = pairs.feasible[first:last] & ~pairs.struck[first:last] & (board.homes.seats[home] > 0)
    for other in without:
        fits &= home != other
    entries = (first + np.flatnonzero(fits)).astype(np.int64)
    worth = (weigh_homes(board, rules) if need is None else need).worth[pairs.home[entries]]
    chance = pair_chance(pairs.reach[entries], rules)
    travel = rules.cost_per_km * pairs.travel_m[entries] / METRES_PER_KM
    worthwhile = worth - price - travel > rules.least_value
    if price > 0 and not worthwhile.all():
        # The place is expected to be worth more elsewhere: such homes wait until the price fades.
        entries, chance = entries[worthwhile], chance[worthwhile]
        worth, travel = worth[worthwhile], travel[worthwhile]
    return entries, chance * (worth - price - travel), worth
