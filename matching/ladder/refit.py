"""The answer model fitted again to what people really did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr

from matching.ladder.board import BoolArray, FloatArray, IntArray
from matching.ladder.rules import LadderRules

PRIOR_ASKS = 40.0
"""The rules in force count like so many asks; a community's own log outweighs them soon."""

PERSON_PRIOR = 3.0
"""A person starts like the average of so many answers."""

STEP = 1e-4
Z_95 = 1.959964
EDGE = 1e-6


@dataclass(frozen=True, eq=False)
class AnswerLog:
    """Asks of the past, ``a`` of them, and what was shown in them.

    Parameters
    ----------
    person
        (a,) int64, 0 to m - 1.
    answered
        (a,) bool: an answer of any kind came.
    said_yes
        (a,) bool: at least one home was taken.
    waited_s
        (a,) float64: waking seconds to the answer, or to the end of watching without one.
    n_recent
        (a,) int64: messages to the person in the 14 hours before.
    shown_ask, shown_reach, shown_taken
        (s,) int64, float64, bool: each home that was read in an answered ask: its ask, the distance
        as a share of the own reach, and whether it was taken.
    """

    person: IntArray
    answered: BoolArray
    said_yes: BoolArray
    waited_s: FloatArray
    n_recent: IntArray
    shown_ask: IntArray
    shown_reach: FloatArray
    shown_taken: BoolArray

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True)
class Estimate:
    """One fitted number: the value, its 95 % interval, and what stands behind it."""

    name: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, eq=False)
class FittedModel:
    """What the log says.

    Parameters
    ----------
    rules
        The rules with the fitted numbers in place.
    estimates
        Each fitted number with its interval and sample size.
    willingness
        (m,) float64, each person's chance to help in a storm.
    n_asks, n_answers, n_shown
        Size of the log.
    """

    rules: dict[str, float]
    estimates: tuple[Estimate, ...]
    willingness: FloatArray
    n_asks: int
    n_answers: int
    n_shown: int


def fit_answer_model(log: AnswerLog, rules: LadderRules, *, n_people: int) -> FittedModel:
    """Fit reply chance, answer curve, distance curve and willingness, the most likely a posteriori.

    The rules in force are the prior, worth `PRIOR_ASKS` asks. Asks whose answer may still come are
    not taken for silence: they count with the share of the answer curve that has passed.

    Parameters
    ----------
    n_people
        m; people without a line in the log get the mean.
    """
    curve = _fit_curve(log, rules)
    distance = _fit_distance(log, rules)
    willingness, mean = _fit_willingness(log, n_people, rules)
    estimates = (*curve, *distance, mean)
    fitted = {one.name: one.value for one in estimates if one.name != "willingness_mean"}
    return FittedModel(
        rules=fitted,
        estimates=estimates,
        willingness=willingness,
        n_asks=len(log),
        n_answers=int(log.answered.sum()),
        n_shown=len(log.shown_ask),
    )


def _fit_curve(log: AnswerLog, rules: LadderRules) -> tuple[Estimate, ...]:
    """Reply chance, and median and sigma of the waiting time, together."""
    prior = np.array(
        [_logit(rules.reply_share), np.log(rules.answer_median_s), np.log(rules.answer_sigma)]
    )
    spread = np.array([1.0 / np.sqrt(PRIOR_ASKS * 0.16), 1.3 / np.sqrt(PRIOR_ASKS), 0.2])
    waited = np.log(np.maximum(log.waited_s, 1.0))
    tired = np.power(rules.reply_fatigue, log.n_recent)

    def loss(x: FloatArray) -> float:
        reply = np.clip(tired / (1.0 + np.exp(-x[0])), EDGE, 1.0 - EDGE)
        z = (waited - x[1]) / np.exp(x[2])
        heard = np.log(reply) - 0.5 * z * z - x[2]
        silent = np.log1p(-reply * ndtr(z))
        total = np.where(log.answered, heard, silent).sum()
        return float(-total + 0.5 * (((x - prior) / spread) ** 2).sum())

    x, sd = _fit(loss, prior)
    n = len(log)
    return (
        _estimate("reply_share", x[0], sd[0], n, _share),
        _estimate("answer_median_s", x[1], sd[1], int(log.answered.sum()), np.exp),
        _estimate("answer_sigma", x[2], sd[2], int(log.answered.sum()), np.exp),
    )


def _fit_distance(log: AnswerLog, rules: LadderRules) -> tuple[Estimate, ...]:
    """Chance of a yes next door and at the end of the reach, from homes shown to those who help."""
    prior = np.array([_logit(rules.near_share), _logit(rules.far_share)])
    spread = np.full(2, 1.0 / np.sqrt(PRIOR_ASKS * 0.2))
    counted = log.said_yes[log.shown_ask] if len(log.shown_ask) else np.zeros(0, np.bool_)
    reach, taken = np.clip(log.shown_reach[counted], 0.0, 1.0), log.shown_taken[counted]

    def loss(x: FloatArray) -> float:
        near, far = _share(x[0]), _share(x[1])
        chance = np.clip(near + (far - near) * reach, EDGE, 1.0 - EDGE)
        total = np.where(taken, np.log(chance), np.log1p(-chance)).sum()
        return float(-total + 0.5 * (((x - prior) / spread) ** 2).sum())

    x, sd = _fit(loss, prior)
    n = int(counted.sum())
    return (
        _estimate("near_share", x[0], sd[0], n, _share),
        _estimate("far_share", x[1], sd[1], n, _share),
    )


def _fit_willingness(
    log: AnswerLog, n_people: int, rules: LadderRules
) -> tuple[FloatArray, Estimate]:
    """Each person's share of answered asks with a yes, drawn towards the mean of all."""
    asked = np.bincount(log.person[log.answered], minlength=n_people).astype(np.float64)
    helped = np.bincount(log.person[log.said_yes], minlength=n_people).astype(np.float64)
    total = float(asked.sum())
    start = PRIOR_ASKS * 0.6
    mean = (float(helped.sum()) + start) / (total + PRIOR_ASKS)
    half = Z_95 * np.sqrt(mean * (1.0 - mean) / (total + PRIOR_ASKS))
    each = (helped + PERSON_PRIOR * mean) / (asked + PERSON_PRIOR)
    willingness = np.clip(each, rules.least_chance, 1.0)
    n = int(total)
    estimate = Estimate("willingness_mean", mean, max(0.0, mean - half), min(1.0, mean + half), n)
    return willingness, estimate


def _fit(loss: Callable[[FloatArray], float], start: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The minimum, and standard deviations from the curvature there (Laplace)."""
    x = minimize(loss, start, method="BFGS").x
    size = len(x)
    curvature = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            step_i, step_j = np.eye(size)[i] * STEP, np.eye(size)[j] * STEP
            curvature[i, j] = (
                loss(x + step_i + step_j)
                - loss(x + step_i - step_j)
                - loss(x - step_i + step_j)
                + loss(x - step_i - step_j)
            ) / (4.0 * STEP * STEP)
    variance = np.diag(np.linalg.pinv(curvature))
    return x, np.sqrt(np.maximum(variance, 0.0))


def _estimate(name: str, x: float, sd: float, n: int, back: Callable[[float], float]) -> Estimate:
    low, value, high = (float(back(x + step * sd)) for step in (-Z_95, 0.0, Z_95))
    return Estimate(name, value, low, high, n)


def _logit(share: float) -> float:
    return float(np.log(share / (1.0 - share)))


def _share(x: float) -> float:
    return float(1.0 / (1.0 + np.exp(-x)))
