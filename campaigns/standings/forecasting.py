"""How far a campaign is on the way to its goal, and whether it will get there.

A forecast is made only where one can be honest: the goal adds up week by week, at least four whole
weeks and a quarter of the time are over, and the weeks show no trend. Then the weeks that are left
are taken to be like those that were, and the interval holds the end in 95 of 100 such campaigns.
Otherwise it is said why there is none.

References
----------
.. [1] Hahn, G. J. and Meeker, W. Q. (1991). Statistical Intervals. Wiley, section 4.8: prediction
       of the sum of future observations from a normal sample.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from scipy import stats

from campaigns.programmes.kinds import GoalUnit
from campaigns.standings.deeds import Amount
from campaigns.standings.kinds import Pace

WEEK = 7
LEAST_WEEKS = 4
LEAST_SHARE = 0.25
CONFIDENCE = 0.95
TREND_P = 0.05
"""A slope this unlikely by chance is taken for a trend."""

ADDS_UP = frozenset(
    {
        GoalUnit.RIDES,
        GoalUnit.RIDE_DAYS,
        GoalUnit.DISTANCE_KM,
        GoalUnit.SET_OUTS,
        GoalUnit.WEIGHT_KG,
        GoalUnit.SIGN_UPS,
        GoalUnit.VETTED,
        GoalUnit.FIRST_TASKS,
        GoalUnit.ACTIONS,
    }
)
"""Goals to which each week adds something. People who are counted once are another matter."""


class NoForecast(StrEnum):
    """Why nothing is said about the end."""

    DOES_NOT_ADD_UP = "does_not_add_up"
    TOO_EARLY = "too_early"
    TREND = "trend"
    OVER = "over"


@dataclass(frozen=True)
class Forecast:
    """Where a campaign will probably end."""

    estimate: float
    low: float
    high: float
    confidence: float = CONFIDENCE


@dataclass(frozen=True)
class Span:
    """The days of a campaign, the last one included, and the day today."""

    first: date
    last: date
    today: date

    @property
    def all_days(self) -> int:
        """How many days there are."""
        return max(1, (self.last - self.first).days + 1)

    @property
    def gone_days(self) -> int:
        """How many are wholly over."""
        return min(self.all_days, max(0, (self.today - self.first).days))

    @property
    def share(self) -> float:
        """The share that is over."""
        return self.gone_days / self.all_days


def sum_weeks(amounts: Sequence[Amount], span: Span) -> list[float]:
    """What each week that is wholly over brought, counted from the first day."""
    weeks = [0.0] * (span.gone_days // WEEK)
    for amount in amounts:
        place = (amount.day - span.first).days // WEEK
        if 0 <= place < len(weeks):
            weeks[place] += amount.value
    return weeks


def forecast_end(amounts: Sequence[Amount], unit: GoalUnit, span: Span) -> Forecast | NoForecast:
    """Where what adds up will end, or why that cannot be said."""
    if unit not in ADDS_UP:
        return NoForecast.DOES_NOT_ADD_UP
    if span.today > span.last:
        return NoForecast.OVER
    weeks = sum_weeks(amounts, span)
    if len(weeks) < LEAST_WEEKS or span.share < LEAST_SHARE:
        return NoForecast.TOO_EARLY
    if has_trend(weeks):
        return NoForecast.TREND
    seen_days = len(weeks) * WEEK
    left = (span.all_days - seen_days) / WEEK
    sample = np.array(weeks)
    spread = float(sample.std(ddof=1)) * math.sqrt(left + left**2 / len(weeks))
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(weeks) - 1)) * spread
    estimate = float(sample.sum()) + left * float(sample.mean())
    so_far = sum(amount.value for amount in amounts)
    return Forecast(max(so_far, estimate), max(so_far, estimate - reach), estimate + reach)


def has_trend(weeks: Sequence[float]) -> bool:
    """Whether weeks rise or fall more than chance would have it."""
    if len(set(weeks)) < 2:
        return False
    found = stats.linregress(range(len(weeks)), weeks)
    return bool(found.pvalue < TREND_P)


def find_pace(value: float, goal: float, span: Span, forecast: Forecast | NoForecast) -> Pace:
    """Where the campaign stands.

    Without a forecast it is behind when it is below the straight line to its goal: what people
    are counted in grows fastest at first, so it does not catch up by itself. Above the line it
    may go either way.
    """
    if value >= goal:
        return Pace.REACHED
    if span.today > span.last:
        return Pace.MISSED
    if isinstance(forecast, Forecast):
        if forecast.low >= goal:
            return Pace.ON_TRACK
        return Pace.BEHIND if forecast.high < goal else Pace.OPEN
    if forecast is NoForecast.TOO_EARLY or span.share < LEAST_SHARE:
        return Pace.TOO_EARLY
    return Pace.BEHIND if value < goal * span.share else Pace.OPEN
