from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from campaigns.programmes.kinds import GoalUnit
from campaigns.standings.deeds import Amount
from campaigns.standings.forecasting import (
    Forecast,
    NoForecast,
    Span,
    find_pace,
    forecast_end,
    sum_weeks,
)
from campaigns.standings.kinds import Pace
from campaigns.standings.progress import say_pace

FIRST = date(2026, 1, 5)
LAST = FIRST + timedelta(days=83)


def span(gone_days: int) -> Span:
    return Span(FIRST, LAST, FIRST + timedelta(days=gone_days))


def weekly(*values: float) -> list[Amount]:
    return [
        Amount(FIRST + timedelta(days=7 * week + 2), value) for week, value in enumerate(values)
    ]


def test_weeks_that_are_not_over_are_not_counted() -> None:
    assert sum_weeks(weekly(1, 2, 3), span(20)) == [1, 2]


@pytest.mark.parametrize(
    ("unit", "gone_days", "values", "reason"),
    [
        (GoalUnit.RIDERS, 42, (5, 6, 5, 6, 5, 6), NoForecast.DOES_NOT_ADD_UP),
        (GoalUnit.RIDES, 27, (5, 6, 5), NoForecast.TOO_EARLY),
        (GoalUnit.RIDES, 42, (1, 2, 3, 4, 5, 6), NoForecast.TREND),
        (GoalUnit.RIDES, 84, (5, 6, 5, 6), NoForecast.OVER),
    ],
)
def test_where_it_would_not_be_honest_there_is_no_forecast(
    unit: GoalUnit, gone_days: int, values: tuple[float, ...], reason: NoForecast
) -> None:
    assert forecast_end(weekly(*values), unit, span(gone_days)) is reason


def test_the_interval_holds_the_end_of_95_in_100_steady_campaigns() -> None:
    """A campaign of twelve weeks, looked at after six; those with a trend by chance say nothing."""
    random = np.random.default_rng(7)
    held = told = 0
    for _ in range(1_000):
        weeks = random.normal(100, 20, 12)
        found = forecast_end(weekly(*weeks[:6]), GoalUnit.RIDES, span(42))
        if isinstance(found, Forecast):
            told += 1
            held += found.low <= weeks.sum() <= found.high
    # Setting aside what looks like a trend makes the rest a little more regular than it is.
    assert told > 900
    assert 0.92 <= held / told <= 0.98


@pytest.mark.parametrize(
    ("value", "goal", "gone_days", "forecast", "pace"),
    [
        (100, 100, 10, NoForecast.TOO_EARLY, Pace.REACHED),
        (50, 100, 84, NoForecast.OVER, Pace.MISSED),
        (50, 100, 42, Forecast(120, 105, 135), Pace.ON_TRACK),
        (50, 100, 42, Forecast(100, 80, 120), Pace.OPEN),
        (50, 100, 42, Forecast(80, 70, 95), Pace.BEHIND),
        (5, 100, 10, NoForecast.TOO_EARLY, Pace.TOO_EARLY),
        (40, 100, 42, NoForecast.DOES_NOT_ADD_UP, Pace.BEHIND),
        (60, 100, 42, NoForecast.DOES_NOT_ADD_UP, Pace.OPEN),
    ],
)
def test_pace_is_said_as_far_as_it_is_known(
    value: float, goal: float, gone_days: int, forecast: Forecast | NoForecast, pace: Pace
) -> None:
    assert find_pace(value, goal, span(gone_days), forecast) is pace


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("pace", list(Pace))
def test_each_pace_has_its_sentence(pace: Pace, language: str) -> None:
    said = say_pace(pace, 40, language)

    assert said.endswith(".")
    assert language == "en" or said != say_pace(pace, 40, "en")
