"""What answers are to be expected, and what each answer teaches."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr

from matching.ladder.board import Board, FloatArray, IntArray
from matching.ladder.rules import LadderRules


def waiting_share(age_s: FloatArray | float, rules: LadderRules) -> FloatArray:
    """S(t): the share of answers that are still to come when an ask is ``age_s`` old.

    Ages leave the quiet hours out, as people sleep (`awake_age_s`).
    """
    age = np.maximum(np.asarray(age_s, np.float64), 1e-9)
    share: FloatArray = ndtr(-np.log(age / rules.answer_median_s) / rules.answer_sigma)
    return share


def awake_age_s(moment_s: float, sent_s: FloatArray, quiet_s: FloatArray) -> FloatArray:
    """Age of asks at ``moment_s`` without the quiet hours, (l,) float64."""
    age = moment_s - sent_s
    for begins, ends in quiet_s:
        age = age - np.maximum(0.0, min(moment_s, float(ends)) - np.maximum(sent_s, begins))
    return np.maximum(age, 0.0)


def pair_chance(reach: FloatArray, rules: LadderRules) -> FloatArray:
    """Chance of a yes to one home by somebody who helps today, by share of the own reach."""
    share: FloatArray = rules.near_share + (rules.far_share - rules.near_share) * np.clip(
        reach, 0.0, 1.0
    )
    return share


def reply_chance(n_recent: IntArray | int, rules: LadderRules) -> FloatArray:
    """Chance of an answer of any kind after ``n_recent`` messages in the last 14 hours."""
    share: FloatArray = rules.reply_share * np.power(rules.reply_fatigue, n_recent)
    return share


def pair_chances(board: Board, rules: LadderRules) -> FloatArray:
    """P(v, r) = willingness x reply x pair, (k,) float64, for every pair of the board."""
    people = board.people
    each = np.maximum(people.willingness, rules.least_chance) * people.reply
    return np.repeat(each, np.diff(board.pairs.ptr)) * pair_chance(board.pairs.reach, rules)


def after_silence(
    willingness: float, rules: LadderRules, life_s: float, *, reply: float | None = None
) -> float:
    """Willingness after an ask stayed without an answer for ``life_s`` (Bayes' rule)."""
    share = rules.reply_share if reply is None else reply
    heard = share * (1.0 - float(waiting_share(life_s, rules)))
    return willingness * (1.0 - heard) / (1.0 - willingness * heard)


def after_no(willingness: float, rules: LadderRules, reach: FloatArray) -> float:
    """Willingness after a "no" to everything shown (Bayes' rule); strike the pairs as well.

    Who passes over one home may like the next; who passes over ten hardly helps today.

    Parameters
    ----------
    reach
        (h,) float64, the homes that were passed over, as shares of the person's own reach.
    """
    refused = float(np.prod(1.0 - pair_chance(np.asarray(reach, np.float64), rules)))
    # Tastes are alike from home to home: no list, however long, says more than this.
    refused = max(refused, rules.no_factor)
    return willingness * refused / (1.0 - willingness * (1.0 - refused))


def after_yes(willingness: float, rules: LadderRules) -> float:
    """Willingness after a yes."""
    return max(willingness, rules.yes_willingness)


def mean_willingness(logits: FloatArray, noise: float) -> FloatArray:
    """Expected willingness when its logit is known up to a normal error of ``noise``."""
    # Probit approximation of the logistic-normal integral (MacKay 1992).
    scale = math.sqrt(1.0 + math.pi * noise * noise / 8.0)
    share: FloatArray = 1.0 / (1.0 + np.exp(-logits / scale))
    return share
