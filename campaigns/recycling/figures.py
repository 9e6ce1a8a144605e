"""Figures of routes: rates over the weeks that count, and what is left out. Pure.

Every figure is one sum divided by another over the same weeks, so that a week with ten carts does
not weigh as much as one with five hundred. `docs/recycling.md` has the formulas.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import TypeVar

from campaigns.measuring.effects import UnitChange
from campaigns.recycling.kinds import Arm, Measure

WEEK = timedelta(days=7)
LOWER_IS_BETTER = frozenset({Measure.CONTAMINATION_RATE, Measure.CONTAMINATED_CARTS})
RATIOS = frozenset({Measure.RECYCLING_PER_HOUSEHOLD})
"""Measures that are compared as growth; the others are shares, compared in points."""

Key = TypeVar("Key")


@dataclass(frozen=True)
class WeekSums:
    """Everything that was counted on one route in one week. None was not counted."""

    household_count: int
    set_out_count: int | None = None
    recycling_kg: float | None = None
    trash_kg: float | None = None
    clean_count: int = 0
    contaminated_count: int = 0
    not_out_count: int = 0
    sorted_right_kg: float = 0.0
    """Recyclables that were found in recycling carts."""
    sorted_wrong_kg: float = 0.0
    """What did not belong there."""
    sorted_lost_kg: float = 0.0
    """Recyclables that were found in trash."""


@dataclass(frozen=True)
class Part:
    """A part of a whole; both in the same unit, but for kilograms of households."""

    part: float
    whole: float

    @property
    def rate(self) -> float:
        """The part divided by the whole."""
        return self.part / self.whole


def find_part(sums: WeekSums, measure: Measure) -> Part | None:
    """The two sums behind a figure; None where the week does not have both."""
    pair = _pair(sums, measure)
    if pair is None or pair[1] <= 0:
        return None
    return Part(float(pair[0]), float(pair[1]))


def _pair(sums: WeekSums, measure: Measure) -> tuple[float, float] | None:
    if measure is Measure.CAPTURE_RATE:
        return sums.sorted_right_kg, sums.sorted_right_kg + sums.sorted_lost_kg
    if measure is Measure.CONTAMINATION_RATE:
        return sums.sorted_wrong_kg, sums.sorted_right_kg + sums.sorted_wrong_kg
    if measure is Measure.CONTAMINATED_CARTS:
        return sums.contaminated_count, sums.contaminated_count + sums.clean_count
    if measure is Measure.SET_OUT_RATE:
        return None if sums.set_out_count is None else (sums.set_out_count, sums.household_count)
    if sums.recycling_kg is None:
        return None
    if measure is Measure.RECYCLING_PER_HOUSEHOLD:
        return sums.recycling_kg, sums.household_count
    if sums.trash_kg is None:
        return None
    return sums.recycling_kg, sums.recycling_kg + sums.trash_kg


def pool(parts: Iterable[Part]) -> float | None:
    """The figure over several weeks: all parts divided by all wholes; None without any."""
    found = list(parts)
    whole = sum(one.whole for one in found)
    return sum(one.part for one in found) / whole if whole > 0 else None


@dataclass(frozen=True)
class Periods:
    """The weeks that are compared, by their Mondays. The week of the start counts for neither."""

    before: tuple[date, ...]
    during: tuple[date, ...]

    @property
    def first(self) -> date:
        """The first week that may count."""
        return self.before[0]

    @property
    def last(self) -> date:
        """The last week that may count; the one before the start while none is over yet."""
        return (self.during or self.before)[-1]


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def find_periods(start: date, last: date, *, baseline_week_count: int, today: date) -> Periods:
    """Whole weeks before and within a campaign that are over by now.

    Parameters
    ----------
    start, last
        First and last day of the campaign, by the community's clock.
    """
    begin = monday_of(start)
    first_during = begin if begin == start else begin + WEEK
    before = tuple(begin - WEEK * back for back in range(baseline_week_count, 0, -1))
    during = []
    week = first_during
    while week + WEEK - timedelta(days=1) <= min(last, today - timedelta(days=1)):
        during.append(week)
        week += WEEK
    return Periods(before, tuple(during))


@dataclass(frozen=True)
class Compared:
    """Routes with figures before and during, and what had to be left out."""

    changes: Mapping[Arm, Mapping[str, UnitChange]]
    """By arm and the code of the route."""
    weeks_before: tuple[date, ...]
    weeks_during: tuple[date, ...]
    one_sided_weeks: tuple[date, ...]
    """Left out because only treated routes, or only controls, were measured in them."""
    routes_left_out: tuple[str, ...]
    """Without a figure before, or without one during."""

    @property
    def treated(self) -> Mapping[str, UnitChange]:
        """By code of the route."""
        return self.changes[Arm.TREATED]

    @property
    def controls(self) -> Mapping[str, UnitChange]:
        """By code of the route."""
        return self.changes[Arm.CONTROL]


def compare_periods(
    arms: Mapping[str, Arm],
    sums: Mapping[tuple[str, date], WeekSums],
    measure: Measure,
    periods: Periods,
) -> Compared:
    """Each route before and during, over weeks in which both sides were measured.

    A week in which only one side was measured would bring its weather and holidays into the
    difference, so it counts for nobody. A figure of nought does not stand on a scale of growth:
    such routes are left out of those measures.
    """
    parts = {
        key: part for key, one in sums.items() if (part := find_part(one, measure)) is not None
    }
    sides: dict[date, set[Arm]] = {}
    for code, week in parts:
        if code in arms:
            sides.setdefault(week, set()).add(arms[code])
    known = [week for week in (*periods.before, *periods.during) if week in sides]
    both = {week for week in known if len(sides[week]) == len(Arm)}
    before = tuple(week for week in periods.before if week in both)
    during = tuple(week for week in periods.during if week in both)
    changes: dict[Arm, dict[str, UnitChange]] = {arm: {} for arm in Arm}
    left_out = []
    for code, arm in sorted(arms.items()):
        change = _change(parts, code, before, during)
        if change is None or (measure in RATIOS and min(change.before, change.during) <= 0):
            left_out.append(code)
        else:
            changes[arm][code] = change
    return Compared(
        changes=MappingProxyType({arm: MappingProxyType(found) for arm, found in changes.items()}),
        weeks_before=before,
        weeks_during=during,
        one_sided_weeks=tuple(week for week in known if week not in both),
        routes_left_out=tuple(left_out),
    )


def _change(
    parts: Mapping[tuple[str, date], Part],
    code: str,
    before: Sequence[date],
    during: Sequence[date],
) -> UnitChange | None:
    first = pool(parts[code, week] for week in before if (code, week) in parts)
    then = pool(parts[code, week] for week in during if (code, week) in parts)
    return None if first is None or then is None else UnitChange(first, then)


def pool_weeks(
    sums: Mapping[tuple[Key, date], WeekSums], key: Key, measure: Measure, weeks: Sequence[date]
) -> float | None:
    """One route's figure over some weeks; None where none of them has it."""
    found = (find_part(sums[key, week], measure) for week in weeks if (key, week) in sums)
    return pool(part for part in found if part is not None)
