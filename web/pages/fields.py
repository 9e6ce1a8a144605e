"""What people write into forms: several choices, long texts, numbers, days."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from core.ids import parse_id
from web.pages.guards import AnyRequest

MAX_CHOICES = 500
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Days beyond are typing errors, and near the ends of what a date can hold no zone can count."""


async def read_choices(request: AnyRequest, name: str, *, longest: int = 200) -> list[str]:
    """Every value that was chosen under one name, each once, in the order of the page."""
    form = await request.form()
    values = (value for value in form.getall(name, []) if isinstance(value, str))
    tidy = (value[:longest].replace("\x00", "").strip() for value in values)
    return list(dict.fromkeys(value for value in tidy if value))[:MAX_CHOICES]


async def read_ids(request: AnyRequest, name: str) -> list[UUID]:
    """The ids that were chosen under one name."""
    found = (parse_id(value) for value in await read_choices(request, name, longest=40))
    return [key for key in found if key is not None]


async def read_long(request: AnyRequest, name: str, *, longest: int) -> str:
    """A text that may be longer than a line or two; one letter more than allowed is kept."""
    form = await request.form()
    value = form.get(name, "")
    text = value if isinstance(value, str) else ""
    return text[: longest + 1].replace("\x00", "").replace("\r\n", "\n").strip()


def read_number(text: str) -> float | None:
    """A number as people write it: ``1,200``, ``0.25``, ``25 %``; None when it is none."""
    plain = text.strip().replace(" ", "").replace("\N{NO-BREAK SPACE}", "").rstrip("%")
    if "," in plain and "." not in plain and len(plain.rpartition(",")[2]) != 3:
        plain = plain.replace(",", ".")
    try:
        number = float(plain.replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def read_whole(text: str) -> int | None:
    """A whole number that is not negative; None when it is none."""
    number = read_number(text)
    return int(number) if number is not None and number >= 0 and number == int(number) else None


def read_day(text: str) -> date | None:
    """A day as fields of forms send it: ``2027-05-01``; None when it is none that can be meant."""
    try:
        day = date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def read_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """A local moment as fields of forms send it: ``2027-05-01T09:00``; None as of a day."""
    try:
        moment = datetime.fromisoformat(text.strip()[:16]).replace(tzinfo=zone)
    except ValueError:
        return None
    return moment if FIRST_DAY <= moment.date() <= LAST_DAY else None


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day there."""
    return datetime.combine(day, time(), tzinfo=zone)


def day_is_over(day: date, zone: ZoneInfo) -> datetime:
    """The first moment that is no longer in a day there."""
    return day_begins(day + timedelta(days=1), zone)


def is_pressed(form: Mapping[str, str], name: str) -> bool:
    """Whether a box was ticked."""
    return form.get(name) == "1"
