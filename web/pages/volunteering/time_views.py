"""Hours and days off in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from matching.imports.errors import CellRefused
from matching.models import AvailabilityWindow, WeeklyHours
from matching.volunteering.forms import read_weekly
from matching.volunteering.models import AwayPeriod
from web.pages.desk import Call
from web.pages.rendering import Reader
from web.pages.volunteering.words import say_weekdays

MINUTES_OF_DAY = 1440


def today_of(call: Call) -> date:
    """The day on the clock of the town."""
    return call.now.astimezone(ZoneInfo(call.reader.time_zone)).date()


def say_clock(minutes: int, reader: Reader) -> str:
    """Minutes after midnight as a time on the wall."""
    speaker = reader.translator
    wall = time(minutes // 60 % 24, minutes % 60)
    moment = datetime.combine(date(2026, 1, 1), wall, tzinfo=speaker.zone)
    return speaker.say_time(moment.astimezone(UTC))


def say_opening(hours: Sequence[str], reader: Reader) -> tuple[str, ...]:
    """Opening hours such as ``Sat 9:00-12:00`` in the reader's language."""
    _, days = reader.translator.gettext, say_weekdays(reader)
    try:
        spans = read_weekly("hours", "|".join(hours))
    except CellRefused:
        return tuple(hours)
    return tuple(
        _(
            "%(day)s, %(start)s to %(end)s",
            day=days[span.weekday],
            start=say_clock(span.start_min, reader),
            end=say_clock(span.end_min, reader),
        )
        for span in spans
    )


def say_other_hours(row: WeeklyHours, reader: Reader) -> str:
    """Hours that fit into no box of the grid."""
    _ = reader.translator.gettext
    values = {
        "day": say_weekdays(reader)[row.weekday],
        "start": say_clock(row.start_min, reader),
        "end": say_clock(row.end_min, reader),
    }
    if row.valid_from is not None and row.valid_until is not None:
        days = {
            "first": reader.translator.say_day(row.valid_from),
            "last": reader.translator.say_day(row.valid_until),
        }
        return _("%(day)s, %(start)s to %(end)s, from %(first)s to %(last)s", **values, **days)
    if row.valid_until is not None:
        last = reader.translator.say_day(row.valid_until)
        return _("%(day)s, %(start)s to %(end)s, until %(last)s", **values, last=last)
    if row.from_second_anchor:
        return _("%(day)s, %(start)s to %(end)s, from your other place", **values)
    return _("%(day)s, %(start)s to %(end)s", **values)


def say_once(row: AvailabilityWindow, reader: Reader) -> str:
    """Time that somebody has once."""
    _, speaker = reader.translator.gettext, reader.translator
    return _(
        "%(day)s, %(start)s to %(end)s, once",
        day=speaker.say_day(row.starts_at),
        start=speaker.say_time(row.starts_at),
        end=speaker.say_time(row.ends_at),
    )


def say_away(row: AwayPeriod, reader: Reader) -> str:
    """Days off."""
    _, say_day = reader.translator.gettext, reader.translator.say_day
    if row.end_min - row.start_min < MINUTES_OF_DAY:
        hours = {
            "start": say_clock(row.start_min, reader),
            "end": say_clock(row.end_min, reader),
        }
        if row.first_day == row.last_day:
            return _("%(day)s, %(start)s to %(end)s", day=say_day(row.first_day), **hours)
        return _(
            "%(first)s to %(last)s, each day %(start)s to %(end)s",
            first=say_day(row.first_day),
            last=say_day(row.last_day),
            **hours,
        )
    if row.first_day == row.last_day:
        return say_day(row.first_day)
    return _("%(first)s to %(last)s", first=say_day(row.first_day), last=say_day(row.last_day))
