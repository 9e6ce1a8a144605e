"""Who has earned which badge. Pure: from what was done alone, so that twice gives the same.

Nothing counts days without a break, and nothing is lost by a week of rest: what was once earned
stays as long as what it was earned with is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from campaigns.standings.kinds import BadgeKind

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Merits:
    """What one person did in the time of a rule."""

    days: frozenset[date] = field(default_factory=frozenset)
    """Local days with something done."""
    brought: int = 0
    """People invited who did something."""
    storm_visits: int = 0
    pledges_kept: int = 0


def earns(kind: BadgeKind, threshold: int, merits: Merits) -> bool:
    """Whether a badge is earned."""
    reached = {
        BadgeKind.FIRST_TIME: len(merits.days),
        BadgeKind.WEEKS_IN_A_ROW: longest_run_of_weeks(merits.days),
        BadgeKind.BROUGHT_SOMEBODY: merits.brought,
        BadgeKind.HELPED_IN_STORM: merits.storm_visits,
        BadgeKind.PLEDGE_KEPT: merits.pledges_kept,
    }
    return reached[kind] >= threshold


def longest_run_of_weeks(days: Iterable[date]) -> int:
    """The most weeks in a row, from Monday to Sunday, with a day in each."""
    mondays = {day - timedelta(days=day.weekday()) for day in days}
    longest = 0
    for monday in mondays:
        if monday - WEEK in mondays:
            continue
        length = 1
        while monday + length * WEEK in mondays:
            length += 1
        longest = max(longest, length)
    return longest
