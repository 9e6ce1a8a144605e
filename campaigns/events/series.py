"""How an event repeats: a part of iCalendar's rules (RFC 5545, section 3.3.10). Pure.

Days, weeks by weekday, and months by weekday ("the second Tuesday", "the last Friday"), for a
number of times or until a day. The time on the wall stays when the clocks change. A time that the
clocks jump over on some day is left out and not counted there, as the standard says; of a time that
they show twice the earlier one is meant.
"""

from __future__ import annotations

import calendar
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.events.errors import InvalidRepeat
from campaigns.events.kinds import HourChoice, Repeats
from campaigns.events.wall import find_moment, is_skipped, is_twice

MAX_OCCURRENCES = 100
MAX_EVERY = 12
MAX_STEPS = 6_000
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LAST = -1
NTH = (1, 2, 3, 4, 5, LAST)


@dataclass(frozen=True)
class Rule:
    """How often an event comes back, after its first start."""

    repeats: Repeats
    every: int = 1
    """Each day, week or month, or each so-many-th one."""
    weekdays: tuple[int, ...] = ()
    """0 is Monday. Weekly: those days; monthly: exactly one."""
    nth: int | None = None
    """Monthly: which such weekday of the month, 1 to 5; -1 is the last."""
    count: int | None = None
    until: date | None = None
    """The last day on which it may begin."""

    def __post_init__(self) -> None:
        if not 1 <= self.every <= MAX_EVERY:
            raise InvalidRepeat(f"An event comes back every 1 to {MAX_EVERY} times, not otherwise.")
        if (self.count is None) == (self.until is None):
            raise InvalidRepeat("Say how many times the event takes place, or until which day.")
        if self.count is not None and not 1 <= self.count <= MAX_OCCURRENCES:
            raise InvalidRepeat(f"An event takes place 1 to {MAX_OCCURRENCES} times.")
        if any(not 0 <= day <= 6 for day in self.weekdays) or len(set(self.weekdays)) != len(
            self.weekdays
        ):
            raise InvalidRepeat("Weekdays are 0 (Monday) to 6 (Sunday), each once.")
        if self.repeats is Repeats.DAILY and self.weekdays:
            raise InvalidRepeat("A daily event names no weekdays; make it weekly.")
        if self.repeats is Repeats.MONTHLY:
            if len(self.weekdays) != 1 or self.nth not in NTH:
                raise InvalidRepeat(
                    "A monthly event names one weekday and which one of the month: 1 to 5, or -1 "
                    "for the last."
                )
        elif self.nth is not None:
            raise InvalidRepeat("Only a monthly event says which weekday of the month it is.")


@dataclass(frozen=True)
class Starts:
    """The moments at which an event begins, ascending, and the local times that were left out."""

    moments: tuple[datetime, ...]
    skipped: tuple[datetime, ...] = ()


def write_rule(rule: Rule, zone: ZoneInfo) -> str:
    """The rule as iCalendar writes it, with UNTIL as a moment."""
    parts = [f"FREQ={rule.repeats.value.upper()}"]
    if rule.every > 1:
        parts.append(f"INTERVAL={rule.every}")
    if rule.weekdays:
        nth = "" if rule.nth is None else str(rule.nth)
        parts.append("BYDAY=" + ",".join(f"{nth}{DAYS[day]}" for day in sorted(rule.weekdays)))
    if rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    if rule.until is not None:
        last = datetime.combine(rule.until, time(23, 59, 59), tzinfo=zone).astimezone(UTC)
        parts.append(f"UNTIL={last:%Y%m%dT%H%M%SZ}")
    return ";".join(parts)


def list_starts(
    first: datetime, zone: ZoneInfo, rule: Rule | None, choice: HourChoice | None = None
) -> Starts:
    """Every moment at which an event begins, given the local time of its first start.

    Raises
    ------
    InvalidRepeat
        When the first start does not follow the rule, or the rule gives more than
        `MAX_OCCURRENCES`.
    """
    begins = find_moment(first, zone, choice)
    if rule is None:
        return Starts((begins,))
    _check_first(first, rule)
    if choice is HourChoice.LATER and is_twice(first, zone):
        raise InvalidRepeat(
            "A repeated event cannot begin in the later one of a doubled hour: calendars know only "
            "the earlier one."
        )
    moments: list[datetime] = []
    skipped: list[datetime] = []
    for local in itertools.islice(_list_locals(first, rule), MAX_STEPS):
        if rule.until is not None and local.date() > rule.until:
            break
        if is_skipped(local, zone):
            skipped.append(local)
            continue
        if len(moments) == MAX_OCCURRENCES:
            raise InvalidRepeat(
                f"The event would take place more than {MAX_OCCURRENCES} times: end it earlier."
            )
        moments.append(find_moment(local, zone, HourChoice.EARLIER))
        if len(moments) == rule.count:
            break
    return Starts(tuple(moments), tuple(skipped))


def _check_first(first: datetime, rule: Rule) -> None:
    day = first.weekday()
    if rule.until is not None and rule.until < first.date():
        raise InvalidRepeat("The last day lies before the first one.")
    if rule.weekdays and day not in rule.weekdays:
        raise InvalidRepeat(
            f"The first start is a {DAY_NAMES[day]}, on which the event does not take place: "
            "choose another first day, or add that weekday."
        )
    if rule.repeats is Repeats.MONTHLY and _nth_day(first.date(), rule) != first.date():
        raise InvalidRepeat(
            f"The first start is not on that {DAY_NAMES[day]} of its month: choose another day."
        )


def _list_locals(first: datetime, rule: Rule) -> Iterator[datetime]:
    """Local times by the rule, ascending, without an end."""
    if rule.repeats is Repeats.DAILY:
        for step in itertools.count():
            yield first + timedelta(days=step * rule.every)
    elif rule.repeats is Repeats.WEEKLY:
        monday = first - timedelta(days=first.weekday())
        days = sorted(rule.weekdays) or [first.weekday()]
        for step in itertools.count():
            for day in days:
                local = monday + timedelta(days=7 * step * rule.every + day)
                if local >= first:
                    yield local
    else:
        for step in itertools.count():
            month = first.month - 1 + step * rule.every
            there = _nth_day(date(first.year + month // 12, month % 12 + 1, 1), rule)
            if there is not None:
                yield datetime.combine(there, first.time())


def _nth_day(month: date, rule: Rule) -> date | None:
    """That weekday of the month, or None where it has no fifth one."""
    wanted, nth = rule.weekdays[0], rule.nth or 1
    days = calendar.monthrange(month.year, month.month)[1]
    found = [
        day
        for day in (month.replace(day=number) for number in range(1, days + 1))
        if day.weekday() == wanted
    ]
    if nth == LAST:
        return found[-1]
    return found[nth - 1] if nth <= len(found) else None
