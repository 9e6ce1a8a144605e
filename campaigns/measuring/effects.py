"""What a campaign changed, with an interval: or that no effect was shown.

Units (collection routes, neighbourhoods) that took part are compared with units that did not, each
with itself before: what changed everywhere, such as the weather or a holiday, cancels out. The
unit is the route and not the household, because neighbours on one route share a truck, a tagger
and a week; counted as thousands of independent households they would make chance look like proof.

References
----------
.. [1] Donner, A. and Klar, N. (2000). Design and Analysis of Cluster Randomization Trials in
       Health Research. Arnold, chapters 3 and 6: analysis by cluster-level summaries.
.. [2] Welch, B. L. (1947). The generalization of "Student's" problem when several different
       population variances are involved. Biometrika 34, 28-35.
.. [3] Bertrand, M., Duflo, E. and Mullainathan, S. (2004). How much should we trust
       differences-in-differences estimates? Quarterly Journal of Economics 119, section IV.C:
       one difference per unit instead of many correlated weeks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from campaigns.errors import TooLittleData

LEAST_UNITS = 3
"""On either side: with fewer, how much units differ by chance cannot be judged."""
CONFIDENCE = 0.95


class Verdict(StrEnum):
    """What an interval says."""

    HIGHER = "higher"
    LOWER = "lower"
    NO_EFFECT_SHOWN = "no_effect_shown"
    """The interval holds zero. There may be an effect that is too small for these data."""


@dataclass(frozen=True)
class UnitChange:
    """A unit before and during a campaign, as means over the same kind of weeks."""

    before: float
    during: float


@dataclass(frozen=True)
class Effect:
    """A difference with its interval.

    Parameters
    ----------
    estimate, low, high
        In the unit of the figures, or as a share (0.1 is ten per cent more) for `ratio_effect`.
    verdict
        What may be said of it.
    unit_count, control_count
        Units that took part, and units compared with.
    detectable
        The smallest effect that data as noisy as these would show four times in five.
    """

    estimate: float
    low: float
    high: float
    verdict: Verdict
    unit_count: int
    control_count: int
    detectable: float
    confidence: float = CONFIDENCE


def difference_effect(
    units: Sequence[UnitChange], controls: Sequence[UnitChange], *, confidence: float = CONFIDENCE
) -> Effect:
    """By how much units changed more than controls: for shares and rates.

    Raises
    ------
    TooLittleData
        With fewer than `LEAST_UNITS` on a side, or figures that are no numbers.
    """
    _check([*units, *controls], positive=False)
    return _compare(
        [unit.during - unit.before for unit in units],
        [unit.during - unit.before for unit in controls],
        confidence,
    )


def ratio_effect(
    units: Sequence[UnitChange], controls: Sequence[UnitChange], *, confidence: float = CONFIDENCE
) -> Effect:
    """By what share units grew more than controls: for weights, counts and distances above zero.

    Compared on the scale of logarithms, so that large and small routes count alike.

    Raises
    ------
    TooLittleData
        With fewer than `LEAST_UNITS` on a side, or figures that are not above zero.
    """
    _check([*units, *controls], positive=True)
    found = _compare(
        [math.log(unit.during / unit.before) for unit in units],
        [math.log(unit.during / unit.before) for unit in controls],
        confidence,
    )
    return Effect(
        estimate=math.expm1(found.estimate),
        low=math.expm1(found.low),
        high=math.expm1(found.high),
        verdict=found.verdict,
        unit_count=found.unit_count,
        control_count=found.control_count,
        detectable=math.expm1(found.detectable),
        confidence=confidence,
    )


def _compare(treated: Sequence[float], control: Sequence[float], confidence: float) -> Effect:
    """Welch's interval of the difference of two means [2]_."""
    for name, values in (("took part", treated), ("are compared with", control)):
        if len(values) < LEAST_UNITS:
            raise TooLittleData(
                f"At least {LEAST_UNITS} routes or areas that {name} are needed to tell an effect "
                f"from chance; there are {len(values)}."
            )
    first, second = np.array(treated), np.array(control)
    estimate = float(first.mean() - second.mean())
    parts = first.var(ddof=1) / len(first), second.var(ddof=1) / len(second)
    spread = math.sqrt(sum(parts))
    freedom = _degrees_of_freedom(parts, (len(first), len(second)))
    reach = float(stats.t.ppf((1 + confidence) / 2, freedom)) * spread
    low, high = estimate - reach, estimate + reach
    return Effect(
        estimate=estimate,
        low=low,
        high=high,
        verdict=read_interval(low, high),
        unit_count=len(first),
        control_count=len(second),
        detectable=reach + float(stats.t.ppf(0.8, freedom)) * spread,
        confidence=confidence,
    )


def read_interval(low: float, high: float) -> Verdict:
    """What an interval of a difference says."""
    if low > 0:
        return Verdict.HIGHER
    if high < 0:
        return Verdict.LOWER
    return Verdict.NO_EFFECT_SHOWN


def _degrees_of_freedom(parts: tuple[float, float], counts: tuple[int, int]) -> float:
    """By Welch and Satterthwaite; those of the smaller side when nothing varies at all."""
    bottom = sum(part**2 / (count - 1) for part, count in zip(parts, counts, strict=True))
    if bottom == 0:
        return float(min(counts) - 1)
    return float(sum(parts) ** 2 / bottom)


def _check(changes: Sequence[UnitChange], *, positive: bool) -> None:
    for change in changes:
        for value in (change.before, change.during):
            if not math.isfinite(value) or (positive and value <= 0):
                raise TooLittleData(
                    "Each route or area needs figures before and during the campaign"
                    + (", above zero." if positive else ".")
                )
