"""How small a change could be shown, before a campaign begins: a trial run on its baseline. Pure.

The baseline weeks are cut into an earlier and a later half, as if a campaign had begun between
them. Nothing did, so how differently routes changed is how much they differ by chance.

References
----------
.. [1] Bloom, H. S. (1995). Minimum detectable effects: a simple way to report the statistical
       power of experimental designs. Evaluation Review 19, 547-556.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from campaigns.errors import TooLittleData
from campaigns.measuring.effects import CONFIDENCE, LEAST_UNITS, UnitChange

POWER = 0.8


@dataclass(frozen=True)
class PowerNote:
    """What a number of routes could show.

    Parameters
    ----------
    detectable
        The smallest change that would be shown four times in five: points of a share, or a share
        of growth.
    route_count
        Routes with figures in both halves of the baseline.
    week_count
        Weeks of the baseline that were compared.
    """

    detectable: float
    route_count: int
    treated_count: int
    control_count: int
    week_count: int
    is_ratio: bool

    @property
    def sentence(self) -> str:
        """What may be hoped for, in a sentence."""
        unit = "per cent" if self.is_ratio else "points"
        return (
            f"With {self.treated_count + self.control_count} routes you can show a change of "
            f"{100 * self.detectable:.1f} {unit} or more, four times in five."
        )


def find_detectable(
    changes: Sequence[UnitChange], treated_count: int, control_count: int, *, is_ratio: bool
) -> float:
    """The smallest difference between sides of these sizes that would be shown [1]_.

    Halves of a baseline are shorter than a campaign, so they vary more: the truth is rather
    smaller.

    Raises
    ------
    TooLittleData
        With fewer than `LEAST_UNITS` routes on a side, or no figures of so many.
    """
    if min(treated_count, control_count) < LEAST_UNITS or len(changes) < 2 * LEAST_UNITS:
        raise TooLittleData(
            f"At least {LEAST_UNITS} treated routes and {LEAST_UNITS} controls with figures in the "
            f"weeks before are needed; {len(changes)} routes have them."
        )
    moved = np.array([_moved(change, is_ratio=is_ratio) for change in changes])
    spread = float(moved.std(ddof=1)) * math.sqrt(1 / treated_count + 1 / control_count)
    freedom = treated_count + control_count - 2
    factor = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom) + stats.t.ppf(POWER, freedom))
    return math.expm1(factor * spread) if is_ratio else factor * spread


def _moved(change: UnitChange, *, is_ratio: bool) -> float:
    return math.log(change.during / change.before) if is_ratio else change.during - change.before
