"""Reads one cell at a time: contact, languages, skills, numbers, windows of time."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale
from email_validator import EmailNotValidError, validate_email

from core.worded import Worded as _
from matching.imports.csv_table import has_control_characters
from matching.imports.errors import CellRefused

Number = TypeVar("Number", int, float)
Unit = Literal["", "minutes", "metres", "degrees"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LANGUAGE_NAMES = {
    "amharic": "am",
    "arabic": "ar",
    "bengali": "bn",
    "chinese": "zh",
    "english": "en",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "haitian creole": "ht",
    "hindi": "hi",
    "italian": "it",
    "japanese": "ja",
    "kreyol": "ht",
    "korean": "ko",
    "mandarin": "zh",
    "nepali": "ne",
    "portuguese": "pt",
    "russian": "ru",
    "somali": "so",
    "spanish": "es",
    "swedish": "sv",
    "tagalog": "tl",
    "vietnamese": "vi",
}
_KNOWN_LANGUAGES = frozenset(Locale("en").languages)
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LIST_SEPARATOR = re.compile(r"[|;,/]")
_DAY_WINDOW = re.compile(
    r"(\d{4}-\d{2}-\d{2})[ T](\d{1,2}:\d{2})\s*(?:-|\u2013|/|to)\s*"
    r"(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}:\d{2})"
)
_WEEK_WINDOW = re.compile(r"([A-Za-z]{3,9})\s+(\d{1,2}:\d{2})\s*(?:-|\u2013|to)\s*(\d{1,2}:\d{2})")
UNKNOWN_REGION = "ZZ"
"""Stands for the country when it is not known: numbers must then begin with + and its code."""
WINDOW_EXAMPLE = "2027-01-24 16:00-19:00"


def parse_text(column: str, cell: str, *, max_characters: int = 200) -> str:
    """A short text that a person wrote; neither a formula nor invisible characters."""
    if has_control_characters(cell):
        raise CellRefused(
            column, _("holds characters that cannot be seen"), _("Type the text again.")
        )
    if cell.startswith(("=", "@", "+")):
        raise CellRefused(
            column,
            _("starts with %(cell)s like a spreadsheet formula", cell=repr(cell[0])),
            _("Delete that sign."),
        )
    if len(cell) > max_characters:
        raise CellRefused(
            column,
            _("has %(cell)s characters", cell=len(cell)),
            _("Shorten it to %(max_characters)s.", max_characters=max_characters),
        )
    return cell


def parse_required_text(column: str, cell: str, *, max_characters: int = 200) -> str:
    """As `parse_text`, and not empty."""
    if not cell:
        raise CellRefused(column, _("is empty"), _("Fill it in."))
    return parse_text(column, cell, max_characters=max_characters)


def parse_email(column: str, cell: str) -> str | None:
    """A mail address in its normal form, or None for an empty cell."""
    if not cell:
        return None
    if has_control_characters(cell):
        raise CellRefused(column, _("holds characters that cannot be seen"), _("Type it again."))
    try:
        return validate_email(cell, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        fault = _("is not a mail address") if "@" in cell else _("has no @ sign")
        raise CellRefused(
            column, fault, _("Write it like ana@example.org, or leave it empty.")
        ) from error


def parse_phone(column: str, cell: str, *, region: str) -> str | None:
    """A phone number as E.164 (``+16175550142``), or None for an empty cell."""
    if not cell:
        return None
    try:
        number = phonenumbers.parse(cell, region)
    except phonenumbers.NumberParseException as error:
        remedy = _("Write it with its area code, or leave it empty.")
        if region == UNKNOWN_REGION:
            remedy = _("Begin with + and the country code, or leave it empty.")
        raise CellRefused(column, _("is not a phone number"), remedy) from error
    if not phonenumbers.is_valid_number(number):
        digits = len(re.sub(r"\D", "", cell))
        raise CellRefused(
            column,
            _("is not a phone number that can be called (%(digits)s digits)", digits=digits),
            _(
                "Write it with its area code; begin with + and the country code for another "
                "country."
            ),
        )
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def split_list(cell: str) -> list[str]:
    """The parts of a cell that lists several things."""
    return [part.strip() for part in _LIST_SEPARATOR.split(cell) if part.strip()]


def parse_languages(column: str, cell: str) -> tuple[str, ...]:
    """Language tags (``en|es``), sorted; English names of common languages are understood."""
    tags = set()
    for part in split_list(cell):
        tag = LANGUAGE_NAMES.get(part.casefold(), part)
        tag = tag.split("-")[0].casefold() + tag[len(tag.split("-")[0]) :]
        if not _LANGUAGE_TAG.fullmatch(tag) or tag.split("-")[0] not in _KNOWN_LANGUAGES:
            raise CellRefused(
                column,
                _("does not know the language %(part)s", part=repr(part[:30])),
                _("Write tags such as en|es|pt."),
            )
        tags.add(tag)
    return tuple(sorted(tags))


def parse_names(column: str, cell: str) -> tuple[str, ...]:
    """Names of skills and tools in one form (``snow_blower``), sorted."""
    names = set()
    for part in split_list(cell):
        name = "_".join(part.casefold().replace("-", " ").replace("_", " ").split())
        if not re.fullmatch(r"[\w ]{1,40}", name):
            raise CellRefused(
                column,
                _("does not know %(part)s", part=repr(part[:30])),
                _("Write names with letters and digits, such as shovel|snow blower."),
            )
        names.add(name)
    return tuple(sorted(names))


def parse_keys(column: str, cell: str) -> tuple[str, ...]:
    """External ids, in the order given."""
    return tuple(dict.fromkeys(parse_text(column, part) for part in split_list(cell)))


def parse_choice(column: str, cell: str, choices: dict[str, str], *, default: str) -> str:
    """One of the known words; ``choices`` maps each accepted word to its meaning."""
    if not cell:
        return default
    key = "_".join(cell.casefold().replace("-", " ").replace("_", " ").split())
    if key not in choices:
        accepted = ", ".join(dict.fromkeys(choices.values()))
        raise CellRefused(
            column,
            _("does not know %(cell)s", cell=repr(cell[:30])),
            _("Write one of: %(accepted)s.", accepted=accepted),
        )
    return choices[key]


def parse_choices(column: str, cell: str, choices: dict[str, str]) -> tuple[str, ...]:
    """Several known words, sorted: see `parse_choice`."""
    return tuple(
        sorted({parse_choice(column, part, choices, default="") for part in split_list(cell)})
    )


def parse_number(
    column: str,
    cell: str,
    kind: Callable[[str], Number],
    *,
    low: float,
    high: float,
    default: Number,
    unit: Unit = "",
) -> Number:
    """A number between ``low`` and ``high``; a decimal comma is understood."""
    if not cell:
        return default
    try:
        number = kind(cell.replace(",", "."))
    except ValueError as error:
        raise CellRefused(
            column,
            _("is not a number: %(cell)s", cell=repr(cell[:20])),
            _say_range(low, high, unit),
        ) from error
    if not (math.isfinite(number) and low <= number <= high):
        raise CellRefused(column, _("is %(cell)s", cell=cell[:20]), _say_range(low, high, unit))
    return number


def _say_range(low: float, high: float, unit: Unit) -> _:
    ends = {"low": format(low, "g"), "high": format(high, "g")}
    match unit:
        case "":
            return _("Write a number from %(low)s to %(high)s.", **ends)
        case "minutes":
            return _("Write a number from %(low)s to %(high)s minutes.", **ends)
        case "degrees":
            return _("Write a number from %(low)s to %(high)s degrees.", **ends)
        case "metres":
            return _("Write a number from %(low)s to %(high)s metres.", **ends)


def parse_date(column: str, cell: str) -> date | None:
    """A day (``2027-04-15``), or None for an empty cell."""
    if not cell:
        return None
    try:
        return date.fromisoformat(cell)
    except ValueError as error:
        raise CellRefused(
            column,
            _("is not a day: %(cell)s", cell=repr(cell[:20])),
            _("Write it like 2027-04-15."),
        ) from error


def parse_windows(
    column: str, cell: str, *, zone: ZoneInfo, max_windows: int = 20
) -> tuple[tuple[datetime, datetime], ...]:
    """Windows of local time as aware pairs, ascending (``2027-01-24 16:00-19:00|...``)."""
    windows = []
    for part in filter(None, (part.strip() for part in re.split(r"[|;]", cell))):
        match = _DAY_WINDOW.fullmatch(part)
        if match is None:
            raise CellRefused(
                column,
                _("cannot be read: %(part)s", part=repr(part[:40])),
                _("Write it like %(window_example)s.", window_example=WINDOW_EXAMPLE),
            )
        day, opens, last_day, closes = match.groups()
        start = _local(column, day, opens, zone)
        end = _local(column, last_day or day, closes, zone)
        if last_day is None and end <= start:
            raise CellRefused(
                column,
                _("ends before it starts: %(part)s", part=repr(part[:40])),
                _("For a window over midnight write the second date too."),
            )
        if end <= start or end - start > timedelta(days=7):
            raise CellRefused(
                column,
                _("is longer than a week or backwards: %(part)s", part=repr(part[:60])),
                _("Check the dates."),
            )
        windows.append((start, end))
    if len(windows) > max_windows:
        raise CellRefused(
            column,
            _("has %(windows)s windows", windows=len(windows)),
            _("Keep %(max_windows)s of them.", max_windows=max_windows),
        )
    return _merge(windows)


@functools.lru_cache(maxsize=4096)
def _local(column: str, day: str, clock: str, zone: ZoneInfo) -> datetime:
    try:
        hour, minute = (int(part) for part in clock.split(":"))
        whole = date.fromisoformat(day)
        extra = timedelta(days=1) if (hour, minute) == (24, 0) else timedelta()
        moment = datetime.combine(whole, time(hour % 24 if extra else hour, minute), zone) + extra
    except ValueError as error:
        raise CellRefused(
            column,
            _("has no such date or time: %(day)s %(clock)s", day=day, clock=clock),
            _("Write it like %(window_example)s.", window_example=WINDOW_EXAMPLE),
        ) from error
    if moment.astimezone(ZoneInfo("UTC")).astimezone(zone).hour != moment.hour:
        raise CellRefused(
            column,
            _("names a time that the clocks skip: %(day)s %(clock)s", day=day, clock=clock),
            _("Write a time an hour later (daylight saving time begins then)."),
        )
    return moment


def _merge(windows: list[tuple[datetime, datetime]]) -> tuple[tuple[datetime, datetime], ...]:
    """Ascending windows without overlap: shifts that touch or overlap become one."""
    merged: list[tuple[datetime, datetime]] = []
    for start, end in sorted(windows):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def parse_weekly(column: str, cell: str) -> tuple[tuple[int, time, time], ...]:
    """Weekly hours as (weekday, from, to), Monday 0 (``Mon 17:00-20:00|Sat 9:00-12:00``)."""
    rules = []
    for part in filter(None, (part.strip() for part in re.split(r"[|;]", cell))):
        match = _WEEK_WINDOW.fullmatch(part)
        day = match.group(1)[:3].casefold() if match else ""
        if match is None or day not in WEEKDAYS:
            raise CellRefused(
                column,
                _("cannot be read: %(part)s", part=repr(part[:40])),
                _("Write it like Sat 9:00-12:00."),
            )
        try:
            opens, closes = (time.fromisoformat(match.group(group).zfill(5)) for group in (2, 3))
        except ValueError as error:
            raise CellRefused(
                column,
                _("has no such time: %(part)s", part=repr(part[:40])),
                _("Write it like Sat 9:00-12:00."),
            ) from error
        if closes <= opens:
            raise CellRefused(
                column,
                _("ends before it starts: %(part)s", part=repr(part[:40])),
                _("Write two lines of hours."),
            )
        rules.append((WEEKDAYS.index(day), opens, closes))
    return tuple(sorted(set(rules)))
