"""Time, place and room of one volunteer in one round: days away, two anchors, visits per day.

The optimiser knows one place, some shifts and one number of visits for each volunteer. So a round
starts from one of the two anchors, and gives no more visits in all than the fullest of its days
has room for. Both are stricter than need be and never too loose: the next round uses the other
anchor, or fills the next day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from matching.availability import (
    Away,
    Weekly,
    Window,
    expand_availability,
    local_day,
    subtract_windows,
    unite_windows,
)
from matching.models import Volunteer
from people.models import Household

LOCK_MARGIN = timedelta(hours=1)
"""Room around accepted work for the way there and back, should the hours have changed since."""


@dataclass(frozen=True)
class VolunteerDays:
    """What one volunteer brings into a round.

    Parameters
    ----------
    anchor
        Where the routes start and end.
    windows
        Free time, ascending, without overlaps; accepted work always has its time.
    room
        Visits in all, those that are held already among them.
    """

    anchor: Household
    windows: tuple[Window, ...]
    room: int


@dataclass(frozen=True)
class Span:
    """From when until when a round plans, by the clock of the community."""

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo


Judge = Callable[[Household, Sequence[Window]], float]
"""How much there is to do from an anchor in some windows."""


def find_days(
    row: Volunteer,
    span: Span,
    *,
    held: Sequence[Window] = (),
    done: Iterable[datetime] = (),
    judge: Judge = lambda anchor, windows: 0.0,
) -> VolunteerDays:
    """Work out time, place and room of a volunteer.

    Parameters
    ----------
    held
        Accepted work and sent offers that the round must keep.
    done
        Starts of other work on the days of the round: done, under way, or held before its start.
    judge
        Decides between two anchors that both have time.
    """
    anchor, free = _choose_anchor(row, span, held, judge)
    limit = row.max_tasks if row.max_tasks_per_day is None else row.max_tasks_per_day
    used = Counter(local_day(start, span.zone) for start in (*done, *(work[0] for work in held)))
    full = [day for day in _days(free, span.zone) if used[day] >= limit]
    free = subtract_windows(free, [_whole_day(day, span.zone) for day in sorted(full)])
    margins = [(start - LOCK_MARGIN, end + LOCK_MARGIN) for start, end in held]
    windows = unite_windows(
        (max(opens, span.starts_at), min(closes, span.ends_at))
        for opens, closes in (*free, *margins)
    )
    rest = min((max(0, limit - used[day]) for day in _days(windows, span.zone)), default=0)
    room = max(len(held), min(row.max_tasks, len(held) + rest))
    return VolunteerDays(anchor, tuple(windows), room)


def find_free_time(row: Volunteer, span: Span, *, from_second_anchor: bool) -> list[Window]:
    """The time that a volunteer has from one of the anchors, days away left out."""
    second = row.second_anchor_id is not None
    return expand_availability(
        [
            (window.starts_at, window.ends_at)
            for window in row.windows
            if (window.from_second_anchor and second) == from_second_anchor
        ],
        [
            Weekly(rule.weekday, rule.start_min, rule.end_min, rule.valid_from, rule.valid_until)
            for rule in row.weekly_hours
            if (rule.from_second_anchor and second) == from_second_anchor
        ],
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        zone=span.zone,
        away=[
            Away(rule.first_day, rule.last_day, rule.start_min, rule.end_min) for rule in row.away
        ],
    )


def _choose_anchor(
    row: Volunteer, span: Span, held: Sequence[Window], judge: Judge
) -> tuple[Household, list[Window]]:
    """The anchor whose hours hold the first accepted work, or where there is most to do."""
    home = find_free_time(row, span, from_second_anchor=False)
    if row.second_anchor is None:
        return row.home, home
    second = find_free_time(row, span, from_second_anchor=True)
    first_held = min((work[0] for work in held), default=None)
    if first_held is not None:
        there = any(opens <= first_held < closes for opens, closes in second)
        return (row.second_anchor, second) if there else (row.home, home)
    if not home or not second:
        return (row.second_anchor, second) if second else (row.home, home)
    from_home, from_second = judge(row.home, home), judge(row.second_anchor, second)
    if from_home != from_second:
        return (row.home, home) if from_home > from_second else (row.second_anchor, second)
    return (row.home, home) if home[0] <= second[0] else (row.second_anchor, second)


def _days(windows: Iterable[Window], zone: ZoneInfo) -> set[date]:
    """The local days that some windows touch."""
    found = set()
    for opens, closes in windows:
        day = local_day(opens, zone)
        while day <= local_day(closes - timedelta(microseconds=1), zone):
            found.add(day)
            day += timedelta(days=1)
    return found


def _whole_day(day: date, zone: ZoneInfo) -> Window:
    return Away(day, day).window_on(day, zone)
