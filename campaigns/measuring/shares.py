"""Shares of people, with the interval that so few answers leave open.

References
----------
.. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
       Journal of the American Statistical Association 22, 209-212.
.. [2] Newcombe, R. G. (1998). Interval estimation for the difference between independent
       proportions. Statistics in Medicine 17, 873-890: method 10.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

from campaigns.errors import TooLittleData
from campaigns.measuring.effects import CONFIDENCE, Verdict, read_interval


@dataclass(frozen=True)
class Share:
    """So many of so many, as a share with its interval."""

    count: int
    total: int
    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class ShareDifference:
    """The first share less the second one, with its interval."""

    first: Share
    second: Share
    estimate: float
    low: float
    high: float
    verdict: Verdict


def find_share(count: int, total: int, *, confidence: float = CONFIDENCE) -> Share:
    """A share with Wilson's interval [1]_, which holds for few answers and for none.

    Raises
    ------
    TooLittleData
        When nobody was counted, or more than there are.
    """
    if not 0 <= count <= total or total == 0:
        raise TooLittleData(f"{count} of {total} is no share.")
    z = float(stats.norm.ppf((1 + confidence) / 2))
    estimate = count / total
    centre = (estimate + z * z / (2 * total)) / (1 + z * z / total)
    reach = (
        z
        * math.sqrt(estimate * (1 - estimate) / total + z * z / (4 * total * total))
        / (1 + z * z / total)
    )
    low = 0.0 if count == 0 else max(0.0, centre - reach)
    high = 1.0 if count == total else min(1.0, centre + reach)
    return Share(count, total, estimate, low, high)


def compare_shares(first: Share, second: Share) -> ShareDifference:
    """The difference of two shares with Newcombe's hybrid interval [2]_.

    Both were found with the same confidence, and nobody is counted in both.
    """
    difference = first.estimate - second.estimate
    low = difference - math.hypot(first.estimate - first.low, second.high - second.estimate)
    high = difference + math.hypot(first.high - first.estimate, second.estimate - second.low)
    return ShareDifference(
        first, second, difference, max(-1.0, low), min(1.0, high), read_interval(low, high)
    )
