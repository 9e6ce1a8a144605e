from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from campaigns.errors import TooLittleData
from campaigns.measuring.effects import Verdict
from campaigns.measuring.shares import compare_shares, find_share

TRIALS = 2_000


@st.composite
def counted(draw: st.DrawFn) -> tuple[int, int]:
    total = draw(st.integers(1, 100_000))
    return draw(st.integers(0, total)), total


@given(counted())
def test_interval_is_that_of_wilson(pair: tuple[int, int]) -> None:
    share = find_share(*pair)
    expected = stats.binomtest(*pair).proportion_ci(method="wilson")
    assert (share.low, share.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert 0 <= share.low <= share.estimate <= share.high <= 1


@pytest.mark.parametrize(("count", "total"), [(0, 0), (1, 0), (-1, 5), (6, 5)])
def test_no_share_is_refused(count: int, total: int) -> None:
    with pytest.raises(TooLittleData):
        find_share(count, total)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        # Newcombe (1998), table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_difference_is_that_of_the_paper(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = compare_shares(find_share(*first), find_share(*second))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_two_wordings_without_difference_are_seldom_told_apart() -> None:
    generator = np.random.default_rng(5)
    answers = generator.binomial(300, 0.12, size=(TRIALS, 2))
    wrong = sum(
        compare_shares(find_share(int(a), 300), find_share(int(b), 300)).verdict
        is not Verdict.NO_EFFECT_SHOWN
        for a, b in answers
    )
    assert wrong <= stats.binom.ppf(0.999, TRIALS, 0.05)
