"""The fitted model finds again what made the log, and leans on the rules when the log is short."""

from __future__ import annotations

import numpy as np
import pytest

from matching.ladder.refit import AnswerLog, FittedModel, fit_answer_model
from matching.ladder.rules import LadderRules

RULES = LadderRules()
TRUTH = {
    "reply_share": 0.55,
    "answer_median_s": 600.0,
    "answer_sigma": 0.9,
    "near_share": 0.7,
    "far_share": 0.2,
}
WATCHED_S = 3 * 3600.0


def make_log(n: int, seed: int) -> AnswerLog:
    rng = np.random.default_rng(seed)
    n_recent = rng.integers(0, 3, n)
    willing = rng.random(40) < 0.5
    person = rng.integers(0, 40, n)
    wait = TRUTH["answer_median_s"] * np.exp(TRUTH["answer_sigma"] * rng.normal(size=n))
    heard = rng.random(n) < TRUTH["reply_share"] * RULES.reply_fatigue**n_recent
    answered = heard & (wait < WATCHED_S)
    shown_ask = np.repeat(np.flatnonzero(answered & willing[person]), 5)
    reach = rng.random(len(shown_ask))
    chance = TRUTH["near_share"] + (TRUTH["far_share"] - TRUTH["near_share"]) * reach
    return AnswerLog(
        person=person,
        answered=answered,
        said_yes=answered & willing[person],
        waited_s=np.where(answered, wait, WATCHED_S),
        n_recent=n_recent,
        shown_ask=shown_ask,
        shown_reach=reach,
        shown_taken=rng.random(len(shown_ask)) < chance,
    )


def values(model: FittedModel) -> dict[str, float]:
    return {one.name: one.value for one in model.estimates}


def test_a_long_log_finds_the_truth_within_its_intervals() -> None:
    model = fit_answer_model(make_log(4000, 3), RULES, n_people=40)
    for one in model.estimates:
        if one.name in TRUTH:
            assert one.value == pytest.approx(TRUTH[one.name], rel=0.12), one.name
            slack = 0.6 * (one.high - one.low)
            assert one.low - slack <= TRUTH[one.name] <= one.high + slack, one.name
            assert one.low < one.value < one.high
    assert model.n_asks == 4000
    assert set(model.rules) == set(TRUTH)


def test_an_empty_log_leaves_the_rules() -> None:
    none = np.zeros(0, np.int64)
    log = AnswerLog(
        none, none.astype(bool), none.astype(bool), np.zeros(0), none, none, np.zeros(0),
        none.astype(bool),
    )  # fmt: skip
    model = fit_answer_model(log, RULES, n_people=3)
    for name, value in model.rules.items():
        assert value == pytest.approx(getattr(RULES, name), rel=1e-3), name
    assert model.willingness == pytest.approx([0.6] * 3)


def test_intervals_narrow_with_the_log() -> None:
    short, long = (
        fit_answer_model(make_log(n, 4), RULES, n_people=40).estimates[0] for n in (60, 2000)
    )
    assert long.high - long.low < 0.5 * (short.high - short.low)


def test_people_who_help_are_told_from_those_who_do_not() -> None:
    log = AnswerLog(
        person=np.array([0] * 6 + [1] * 6 + [2]),
        answered=np.ones(13, bool),
        said_yes=np.array([True] * 6 + [False] * 7),
        waited_s=np.full(13, 900.0),
        n_recent=np.zeros(13, np.int64),
        shown_ask=np.zeros(0, np.int64),
        shown_reach=np.zeros(0),
        shown_taken=np.zeros(0, bool),
    )
    helper, refuser, once = fit_answer_model(log, RULES, n_people=3).willingness
    assert helper > 0.8
    assert refuser < once < helper
    assert refuser >= RULES.least_chance
