"""How sure it is that somebody comes: projected cover, and how many to ask."""

from __future__ import annotations

import numpy as np

from matching.ladder.answers import awake_age_s, waiting_share
from matching.ladder.board import Board, FloatArray
from matching.ladder.rules import LadderRules
from matching.ladder.timing import silence_s, usable_s


def project_nobody(board: Board, rules: LadderRules) -> FloatArray:
    """nobody_r: chance that no live offer of a home becomes a yes, (n,) float64.

    Product over its live offers of ``1 - P S(age)``: an old offer hardly counts.
    """
    nobody = np.ones(len(board.homes))
    live = board.live
    if len(live.home):
        age_s = awake_age_s(board.moment_s, live.sent_s, board.quiet_s)
        still = live.chance * waiting_share(age_s, rules)
        np.multiply.at(nobody, live.home, 1.0 - still)
    return nobody


def accepted_risk(board: Board, rules: LadderRules) -> FloatArray:
    """The chance of nobody at which a home is asked for no further in this round, (n,) float64.

    ``epsilon ** (1 / L)`` with L the lives of an ask that the usable time still holds, 1 or more:
    patient early, wide late.
    """
    usable = usable_s(board.moment_s, board.homes.deadline_s, board.quiet_s, rules)
    life = np.clip(usable / rules.lives_per_window, rules.silence_min_s, rules.silence_max_s)
    lives = np.maximum(usable / life, 1.0)
    risk: FloatArray = rules.uncovered_share ** (1.0 / lives)
    return risk


def wave_size(chance: float, usable: float, rules: LadderRules) -> int:
    """How many people of the same chance are asked about one home that nobody knows of yet."""
    if not 0 < chance <= 1:
        raise ValueError(f"chance must be above 0 and at most 1, not {chance}")
    if chance == 1:
        return 1
    lives = max(1.0, usable / silence_s(usable, rules))
    risk = rules.uncovered_share ** (1.0 / lives)
    return max(1, int(np.ceil(np.log(risk) / np.log1p(-chance) - 1e-9)))


def area_weight(board: Board, rules: LadderRules) -> FloatArray:
    """Weight of each home with the extra of areas that are served less than the mean, (n,)."""
    homes, share = board.homes, board.area_served_share
    if not len(share) or rules.area_share <= 0 or share.mean() <= 0:
        return homes.weight
    extra = 1.0 + rules.area_share * np.maximum(share.mean() - share, 0.0) / share.mean()
    known = (homes.area >= 0) & (homes.area < len(share))
    weight: FloatArray = np.where(known, extra[np.where(known, homes.area, 0)], 1.0)
    return homes.weight * weight
