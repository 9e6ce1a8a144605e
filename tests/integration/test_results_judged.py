"""Of two hundred campaigns each, how many are judged rightly, through files, lots and formulas."""

from __future__ import annotations

import pytest

from benchmarks.effects import (
    TRUE_EFFECT,
    Outcome,
    judge,
    measure_stored,
    measure_unstored,
    most_by_chance,
)
from core.db import Database

CAMPAIGNS = 200
OTHER_TOWNS = 50_000


@pytest.fixture(scope="module")
def without_effect() -> Outcome:
    return judge((measure_unstored(number, 0.0) for number in range(CAMPAIGNS)), 0.0)


@pytest.fixture(scope="module")
def with_effect() -> Outcome:
    numbers = range(OTHER_TOWNS, OTHER_TOWNS + CAMPAIGNS)
    return judge((measure_unstored(number, TRUE_EFFECT) for number in numbers), TRUE_EFFECT)


def test_campaigns_without_effect_are_seldom_called_effective(without_effect: Outcome) -> None:
    assert without_effect.campaign_count == CAMPAIGNS
    assert without_effect.effective_count <= most_by_chance(CAMPAIGNS)
    assert without_effect.mean_estimate == pytest.approx(0.0, abs=0.005)


def test_interval_holds_a_true_tenth(with_effect: Outcome) -> None:
    assert with_effect.campaign_count == CAMPAIGNS
    assert CAMPAIGNS - with_effect.covered_count <= most_by_chance(CAMPAIGNS)
    assert with_effect.mean_estimate == pytest.approx(TRUE_EFFECT, abs=0.005)


def test_an_effect_twice_the_smallest_that_can_be_seen_is_seen(with_effect: Outcome) -> None:
    assert 2 * with_effect.mean_detectable < TRUE_EFFECT
    assert with_effect.effective_count == CAMPAIGNS


@pytest.mark.parametrize(("number", "lift"), [(3, 0.0), (4, TRUE_EFFECT)])
async def test_the_database_says_the_same(database: Database, number: int, lift: float) -> None:
    """Kept, drawn and summed by queries, a campaign has the effect that its files have."""
    stored, plain = await measure_stored(database, number, lift), measure_unstored(number, lift)
    assert stored.effect is not None
    assert plain.effect is not None
    assert stored.effect.estimate == pytest.approx(plain.effect.estimate, abs=1e-9)
    assert stored.effect.detectable == pytest.approx(plain.effect.detectable, abs=1e-9)
    assert stored.verdict is plain.verdict
    assert stored.base == pytest.approx(plain.base)
