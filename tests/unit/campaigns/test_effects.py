from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from campaigns.errors import TooLittleData
from campaigns.measuring.effects import (
    UnitChange,
    Verdict,
    difference_effect,
    ratio_effect,
)

CAMPAIGNS = 2_000
ROUTES, CONTROLS = 12, 15
"""Collection routes of a middle-sized town, as a campaign has them."""


def play(
    effect: float, generator: np.random.Generator
) -> tuple[list[UnitChange], list[UnitChange]]:
    """Routes with weights of their own, a season for all, and noise, as trucks weigh them."""
    season = generator.normal(0.05, 0.1)

    def route(share: float) -> UnitChange:
        size = float(generator.lognormal(6, 0.6))
        before = size * float(generator.lognormal(0, 0.08))
        during = size * math.exp(season) * (1 + share) * float(generator.lognormal(0, 0.08))
        return UnitChange(before, during)

    return [route(effect) for _ in range(ROUTES)], [route(0.0) for _ in range(CONTROLS)]


def test_no_effect_is_seldom_taken_for_one() -> None:
    generator = np.random.default_rng(7)
    verdicts = [ratio_effect(*play(0.0, generator)).verdict for _ in range(CAMPAIGNS)]
    wrong = sum(verdict is not Verdict.NO_EFFECT_SHOWN for verdict in verdicts)
    most = stats.binom.ppf(0.999, CAMPAIGNS, 0.05)
    assert wrong <= most
    assert wrong >= stats.binom.ppf(0.001, CAMPAIGNS, 0.05), "the interval is wider than it says"


def test_a_true_effect_is_covered() -> None:
    generator = np.random.default_rng(8)
    found = [ratio_effect(*play(0.1, generator)) for _ in range(CAMPAIGNS)]
    covered = sum(effect.low <= 0.1 <= effect.high for effect in found)
    assert stats.binom.ppf(0.001, CAMPAIGNS, 0.95) <= covered
    assert np.mean([effect.estimate for effect in found]) == pytest.approx(0.1, abs=0.005)


def test_what_is_called_detectable_is_found_four_times_in_five() -> None:
    generator = np.random.default_rng(9)
    size = float(np.mean([ratio_effect(*play(0.0, generator)).detectable for _ in range(200)]))
    found = [ratio_effect(*play(size, generator)).verdict for _ in range(CAMPAIGNS)]
    assert np.mean([verdict is Verdict.HIGHER for verdict in found]) == pytest.approx(0.8, abs=0.05)


def test_interval_is_that_of_welch() -> None:
    generator = np.random.default_rng(1)
    changes = [generator.normal(0.3, 1, 8), generator.normal(0, 2, 11)]
    effect = difference_effect(*[[UnitChange(1.0, 1.0 + x) for x in side] for side in changes])
    expected = stats.ttest_ind(*changes, equal_var=False).confidence_interval(0.95)
    assert (effect.low, effect.high) == pytest.approx((expected.low, expected.high))


def test_what_changed_everywhere_cancels_out() -> None:
    """Everybody threw away twice as much at Christmas."""
    generator = np.random.default_rng(2)
    routes, controls = play(0.1, generator)
    doubled = [
        [UnitChange(one.before, 2 * one.during) for one in side] for side in (routes, controls)
    ]
    assert ratio_effect(*doubled).estimate == pytest.approx(ratio_effect(routes, controls).estimate)


def test_sides_change_places() -> None:
    routes, controls = play(0.3, np.random.default_rng(3))
    there, back = difference_effect(routes, controls), difference_effect(controls, routes)
    assert there.estimate == pytest.approx(-back.estimate)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_units_that_all_change_alike_have_no_doubt() -> None:
    effect = difference_effect([UnitChange(1, 2)] * 3, [UnitChange(1, 1)] * 3)
    assert (effect.estimate, effect.low, effect.high) == (1, 1, 1)
    assert effect.verdict is Verdict.HIGHER


@pytest.mark.parametrize(
    "bad",
    [
        [UnitChange(1, 1)] * 2,
        [],
        [UnitChange(0, 1)] * 3,
        [UnitChange(-1, 1)] * 3,
        [UnitChange(math.nan, 1)] * 3,
        [UnitChange(1, math.inf)] * 3,
    ],
)
def test_figures_that_say_nothing_are_refused(bad: list[UnitChange]) -> None:
    good = [UnitChange(1, 2)] * 3
    with pytest.raises(TooLittleData):
        ratio_effect(bad, good)
    with pytest.raises(TooLittleData):
        ratio_effect(good, bad)
