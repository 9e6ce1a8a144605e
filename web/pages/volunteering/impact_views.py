"""Hours and days of one's help in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from matching.volunteering.done_repository import DoneVisit
from web.pages.rendering import Reader

SEASON_BEGINS = 10


@dataclass(frozen=True)
class HelpDay:
    """One day of the sheet."""

    day: date
    homes: int
    hours: str


def usual_span(today: date) -> tuple[date, date]:
    """From the beginning of this season, in October, until today."""
    year = today.year if today.month >= SEASON_BEGINS else today.year - 1
    return date(year, SEASON_BEGINS, 1), today


def say_hours(service_s: int, reader: Reader) -> str:
    """Hours with one digit, as offices count them."""
    return reader.translator.say_number(round(service_s / 3600, 1))


def list_days(rows: Sequence[DoneVisit], zone: ZoneInfo, reader: Reader) -> list[HelpDay]:
    """The visits by day, the oldest first."""
    by_day: dict[date, list[DoneVisit]] = {}
    for row in rows:
        by_day.setdefault(row.at.astimezone(zone).date(), []).append(row)
    return [
        HelpDay(day, len(found), say_hours(sum(row.service_s for row in found), reader))
        for day, found in sorted(by_day.items())
    ]
