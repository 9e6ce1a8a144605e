"""When a volunteer has time: single windows and weekly hours become moments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from matching.errors import InvalidHours

Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Away:
    """Days, or the same hours of them, without any time; by the clock on the wall."""

    first_day: date
    last_day: date
    start_min: int = 0
    end_min: int = 1440

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise InvalidHours(
                f"Days away from {self.first_day} until {self.last_day} cannot be: they end "
                "before they start."
            )
        if not 0 <= self.start_min < self.end_min <= 1440:
            raise InvalidHours(
                f"Time away from minute {self.start_min} to {self.end_min} cannot be: it ends "
                "after it starts, on the same day."
            )

    def window_on(self, day: date, zone: ZoneInfo) -> Window:
        """The moments of one of its days."""
        return _moment(day, self.start_min, zone), _moment(day, self.end_min, zone)


@dataclass(frozen=True)
class Weekly:
    """Hours of one weekday by the clock on the wall; 0 is Monday."""

    weekday: int
    start_min: int
    end_min: int
    valid_from: date | None = None
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise InvalidHours(f"Weekday {self.weekday} does not exist: 0 is Monday, 6 is Sunday.")
        if not 0 <= self.start_min < self.end_min <= 1440:
            raise InvalidHours(
                f"Hours from minute {self.start_min} to {self.end_min} cannot be: they end after "
                "they start, on the same day."
            )

    def holds_on(self, day: date) -> bool:
        """Whether these hours hold on a day."""
        return (
            day.weekday() == self.weekday
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day <= self.valid_until)
        )


def expand_availability(
    windows: Iterable[Window],
    weekly: Iterable[Weekly],
    *,
    starts_at: datetime,
    ends_at: datetime,
    zone: ZoneInfo,
    away: Iterable[Away] = (),
) -> list[Window]:
    """All time between two moments, in UTC, ascending, overlaps joined, without the time away.

    Hours keep to the clock on the wall: nine o'clock stays nine o'clock when the clocks change.
    Being away wins over everything else.
    """
    rules = list(weekly)
    found = [(opens.astimezone(UTC), closes.astimezone(UTC)) for opens, closes in windows]
    day = starts_at.astimezone(zone).date() - timedelta(days=1)
    last = ends_at.astimezone(zone).date()
    while day <= last:
        found.extend(
            (_moment(day, rule.start_min, zone), _moment(day, rule.end_min, zone))
            for rule in rules
            if rule.holds_on(day)
        )
        day += timedelta(days=1)
    free = unite_windows(
        (max(opens, starts_at.astimezone(UTC)), min(closes, ends_at.astimezone(UTC)))
        for opens, closes in found
    )
    return subtract_windows(
        free, expand_away(away, starts_at=starts_at, ends_at=ends_at, zone=zone)
    )


def expand_away(
    away: Iterable[Away], *, starts_at: datetime, ends_at: datetime, zone: ZoneInfo
) -> list[Window]:
    """The time away between two moments, in UTC, ascending, overlaps joined."""
    found = []
    first, last = starts_at.astimezone(zone).date(), ends_at.astimezone(zone).date()
    for rule in away:
        day, until = max(rule.first_day, first - timedelta(days=1)), min(rule.last_day, last)
        while day <= until:
            found.append(rule.window_on(day, zone))
            day += timedelta(days=1)
    return unite_windows(found)


def subtract_windows(windows: Iterable[Window], taken: Iterable[Window]) -> list[Window]:
    """What is left of the windows; both ascend without overlaps."""
    left: list[Window] = []
    cuts = list(taken)
    for opens, closes in windows:
        for start, end in cuts:
            if end <= opens or start >= closes:
                continue
            if opens < start:
                left.append((opens, start))
            opens = max(opens, end)
            if opens >= closes:
                break
        if opens < closes:
            left.append((opens, closes))
    return left


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    if minute == 1440:
        day, minute = day + timedelta(days=1), 0
    local = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)
    return local.astimezone(UTC)


def unite_windows(windows: Iterable[Window]) -> list[Window]:
    """The same time as ascending windows without overlaps; empty ones are left out."""
    joined: list[Window] = []
    for opens, closes in sorted(window for window in windows if window[0] < window[1]):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return joined


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The day of a moment by the clock on the wall."""
    return moment.astimezone(zone).date()
