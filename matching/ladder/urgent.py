"""What urgent mode costs, before a manager chooses it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, vstack

from matching.ladder.answers import pair_chances
from matching.ladder.board import Board, FloatArray
from matching.ladder.cover import project_nobody
from matching.ladder.menus import open_pairs
from matching.ladder.rules import LadderRules


@dataclass(frozen=True)
class UrgentPrice:
    """Expected homes under the two aims, by the model of answers; all numbers are expectations.

    Parameters
    ----------
    homes_usual, homes_urgent
        Homes that the people who can still be asked would take.
    urgent_usual, urgent_urgent
        Urgent homes among them.
    """

    homes_usual: float
    homes_urgent: float
    urgent_usual: float
    urgent_urgent: float

    @property
    def homes_given_up(self) -> float:
        """Homes that urgent mode is expected to cost."""
        return max(0.0, self.homes_usual - self.homes_urgent)

    @property
    def urgent_won(self) -> float:
        """Urgent homes that it is expected to win."""
        return max(0.0, self.urgent_urgent - self.urgent_usual)


def price_of_urgent_mode(board: Board, rules: LadderRules) -> UrgentPrice:
    """Compare the most homes with the most urgent homes, each by the ex-ante linear program.

    Usual: as many homes as can be hoped for, each counting the same. Urgent: as many urgent
    homes as can be hoped for first, then others with the places that are left.
    """
    usual = _expect(board, rules, np.ones(len(board.homes)))
    heavy = np.where(board.homes.urgent, float(len(board.homes) + 1), 1.0)
    urgent = _expect(board, rules, heavy)
    return UrgentPrice(usual[0], urgent[0], usual[1], urgent[1])


def _expect(board: Board, rules: LadderRules, weight: FloatArray) -> tuple[float, float]:
    """(homes, urgent homes) expected when these weights decide."""
    people, pairs, homes = board.people, board.pairs, board.homes
    chance = pair_chances(board, rules)
    person = pairs.person()
    fits = open_pairs(board) & people.may_ask[person] & (people.places[person] > 0)
    v, r, share = person[fits], pairs.home[fits], chance[fits]
    if not len(v):
        return 0.0, 0.0
    column = np.arange(len(v))
    rows = vstack(
        [
            csr_matrix((share, (r, column)), (len(homes), len(v))),
            csr_matrix((share, (v, column)), (len(people), len(v))),
        ]
    )
    need = project_nobody(board, rules) * homes.seats
    room = np.maximum(people.willingness, rules.least_chance) * people.reply * people.places
    result = linprog(
        -(weight[r] * share),
        A_ub=rows,
        b_ub=np.concatenate([need, room]),
        bounds=(0.0, 1.0),
        method="highs-ds",
    )
    if result.status != 0:
        raise RuntimeError(f"The linear program of urgent mode ended so: {result.message}")
    taken = share * result.x
    return float(taken.sum()), float(taken[homes.urgent[r]].sum())


def in_urgent_mode(board: Board) -> Board:
    """The same board with urgent mode on."""
    return replace(board, urgent_mode=True)
