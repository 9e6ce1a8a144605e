"""What one line of a residents or volunteers file says, read strictly."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from core.worded import Worded as _
from matching.imports import fields
from matching.imports.csv_table import CsvRow
from matching.imports.errors import CellRefused, Problem
from people.rules import Rules

Value = TypeVar("Value")

CONTACT_COLUMNS = frozenset(
    {
        "external_id",
        "name",
        "email",
        "phone",
        "address",
        "unit",
        "lon",
        "lat",
        "languages",
        "consents",
    }
)
RESIDENT_COLUMNS = CONTACT_COLUMNS | {
    "request_id",
    "kind",
    "language_needed",
    "duration_min",
    "weight",
    "needs",
    "crew_size",
    "windows",
    "season_volunteers",
    "season_until",
    "banned_volunteers",
}
VOLUNTEER_COLUMNS = CONTACT_COLUMNS | {
    "skills",
    "windows",
    "weekly_hours",
    "mode",
    "max_tasks",
    "max_work_min",
    "max_travel_min",
    "max_travel_m",
}
REQUIRED_COLUMNS = frozenset({"name"})
ALIASES = {
    "availability": "windows",
    "crew": "crew_size",
    "duration": "duration_min",
    "e_mail": "email",
    "email_address": "email",
    "full_name": "name",
    "id": "external_id",
    "key": "external_id",
    "language": "languages",
    "latitude": "lat",
    "lng": "lon",
    "long": "lon",
    "longitude": "lon",
    "mail": "email",
    "mobile": "phone",
    "phone_number": "phone",
    "priority": "weight",
    "skill": "skills",
    "skills_needed": "needs",
    "street_address": "address",
    "telephone": "phone",
    "tools": "skills",
    "travel_mode": "mode",
    "window": "windows",
}
KINDS = {
    "snow": "snow",
    "snow_shoveling": "snow",
    "snow_shovelling": "snow",
    "shoveling": "snow",
    "shovelling": "snow",
    "yard": "yard",
    "yard_work": "yard",
    "groceries": "groceries",
    "shopping": "groceries",
    "ride": "ride",
    "rides": "ride",
    "tech": "tech",
    "tech_help": "tech",
    "recycling": "recycling",
    "bulky_recycling": "recycling",
    "other": "other",
}
MODES = {"walk": "walk", "foot": "walk", "on_foot": "walk", "bike": "bike", "car": "car"}
PURPOSES = {
    "matching": "matching",
    "offers": "offers",
    "campaigns": "campaigns",
    "research": "research",
}


@dataclass(frozen=True)
class FileRules:
    """What a community decides about its files.

    Parameters
    ----------
    zone
        Of the times in the file.
    phone_region
        Two-letter country of numbers without a country code; `UNKNOWN_REGION` asks for the code.
    rules
        Fill what the file leaves out.
    """

    zone: ZoneInfo
    phone_region: str = fields.UNKNOWN_REGION
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True)
class Contact:
    """Who, and where: the same for residents and volunteers."""

    source_key: str
    name: str
    email: str | None
    phone: str | None
    address: str
    unit: str
    lon_deg: float | None
    lat_deg: float | None
    languages: tuple[str, ...]
    consents: tuple[str, ...]


@dataclass(frozen=True)
class ResidentRow:
    """A resident and the help that is asked for."""

    line: int
    contact: Contact
    request_key: str
    kind: str
    language_needed: tuple[str, ...]
    duration_s: int
    weight: float
    needs: tuple[str, ...]
    crew_size: int
    windows: tuple[tuple[datetime, datetime], ...]
    season_volunteers: tuple[str, ...]
    season_until: date | None
    banned_volunteers: tuple[str, ...]


@dataclass(frozen=True)
class VolunteerRow:
    """A volunteer and what is offered."""

    line: int
    contact: Contact
    skills: tuple[str, ...]
    windows: tuple[tuple[datetime, datetime], ...]
    weekly_hours: tuple[tuple[int, time, time], ...]
    mode: str
    max_tasks: int
    max_work_s: int
    max_travel_s: int
    max_travel_m: int | None


class LineRefused(ValueError):
    """A line with at least one bad cell; carries every problem, not only the first."""

    def __init__(self, line: int, problems: tuple[Problem, ...]) -> None:
        self.line = line
        self.problems = problems
        super().__init__(f"line {line}: " + " ".join(problem.sentence() for problem in problems))


class _Reader:
    """Reads the cells of a line and collects what is wrong, so that all is said at once."""

    def __init__(self, row: CsvRow) -> None:
        self.cells = row.cells
        self.line = row.line
        self.problems: list[Problem] = []
        if row.problem:
            remedy = _("Check the quotation marks and delimiters of the line.")
            raise LineRefused(row.line, (Problem("", row.problem, remedy),))

    def read(self, parse: Callable[..., Value], column: str, *args: Any, **options: Any) -> Value:
        """The parsed cell; after a problem a value that is never used."""
        try:
            return parse(column, self.cells.get(column, ""), *args, **options)
        except CellRefused as refused:
            self.problems.append(refused.problem)
            return None  # type: ignore[return-value]  # finish() raises before anybody looks

    def refuse(self, column: str, message: str, remedy: str) -> None:
        """Record a problem that concerns more than one cell."""
        self.problems.append(Problem(column, message, remedy))

    def finish(self) -> None:
        """Raise when anything was wrong."""
        if self.problems:
            raise LineRefused(self.line, tuple(self.problems))


def read_resident(row: CsvRow, rules: FileRules) -> ResidentRow:
    """A line of a residents file; raises `LineRefused` with every problem of the line."""
    reader = _Reader(row)
    contact = _read_contact(reader, rules, "resident")
    request_key = reader.read(fields.parse_text, "request_id", max_characters=80)
    language_needed = reader.read(fields.parse_languages, "language_needed")
    kind = reader.read(fields.parse_choice, "kind", KINDS, default="snow")
    duration_min = reader.read(
        fields.parse_number,
        "duration_min",
        int,
        low=1,
        high=600,
        default=max(1, rules.rules.default_service_s(kind or "snow") // 60),
        unit="minutes",
    )
    weight = reader.read(fields.parse_number, "weight", float, low=0.1, high=100, default=1.0)
    needs = reader.read(fields.parse_names, "needs")
    crew_size = reader.read(fields.parse_number, "crew_size", int, low=1, high=6, default=1)
    windows = reader.read(fields.parse_windows, "windows", zone=rules.zone)
    if windows == ():
        reader.refuse(
            "windows",
            _("is empty"),
            _("Write it like %(window_example)s.", window_example=fields.WINDOW_EXAMPLE),
        )
    if windows and duration_min and not _fits(windows, duration_min):
        reader.refuse(
            "windows",
            _("leaves no room for the job of %(duration_min)s minutes", duration_min=duration_min),
            _("Give a longer window or a shorter job."),
        )
    season = reader.read(fields.parse_keys, "season_volunteers")
    until = reader.read(fields.parse_date, "season_until")
    if season and not until and not reader.cells.get("season_until"):
        reader.refuse("season_until", _("is empty"), _("Write the last day, such as 2027-04-15."))
    banned = reader.read(fields.parse_keys, "banned_volunteers")
    if season and banned and set(season) & set(banned):
        reader.refuse(
            "banned_volunteers",
            _("names a season volunteer too"),
            _("Take the id out of one column."),
        )
    reader.finish()
    return ResidentRow(
        line=row.line,
        contact=contact,
        request_key=request_key or f"{contact.source_key}/{kind}",
        kind=kind,
        language_needed=language_needed,
        duration_s=duration_min * 60,
        weight=weight,
        needs=needs,
        crew_size=crew_size,
        windows=windows,
        season_volunteers=season,
        season_until=until,
        banned_volunteers=banned,
    )


def read_volunteer(row: CsvRow, rules: FileRules) -> VolunteerRow:
    """A line of a volunteers file; raises `LineRefused` with every problem of the line."""
    reader = _Reader(row)
    contact = _read_contact(reader, rules, "volunteer")
    if not reader.problems and contact.email is None and contact.phone is None:
        reader.refuse("email", _("is empty, and so is phone"), _("Fill in one of them."))
    skills = reader.read(fields.parse_names, "skills")
    windows = reader.read(fields.parse_windows, "windows", zone=rules.zone)
    weekly = reader.read(fields.parse_weekly, "weekly_hours")
    if windows == () and weekly == ():
        reader.refuse(
            "windows",
            _("is empty, and so is weekly_hours"),
            _("Write it like %(window_example)s.", window_example=fields.WINDOW_EXAMPLE),
        )
    mode = reader.read(fields.parse_choice, "mode", MODES, default="walk")
    number = fields.parse_number
    max_tasks = reader.read(
        number, "max_tasks", int, low=1, high=50, default=max(1, rules.rules.max_tasks)
    )
    max_work_min = reader.read(
        number,
        "max_work_min",
        int,
        low=5,
        high=1440,
        default=max(5, rules.rules.max_work_s // 60),
        unit="minutes",
    )
    max_travel_min = reader.read(
        number,
        "max_travel_min",
        int,
        low=1,
        high=120,
        default=max(1, rules.rules.travel_limit_s(mode or "walk") // 60),
        unit="minutes",
    )
    max_travel_m = reader.read(
        number, "max_travel_m", int, low=50, high=100_000, default=0, unit="metres"
    )
    reader.finish()
    return VolunteerRow(
        line=row.line,
        contact=contact,
        skills=skills,
        windows=windows,
        weekly_hours=weekly,
        mode=mode,
        max_tasks=max_tasks,
        max_work_s=max_work_min * 60,
        max_travel_s=max_travel_min * 60,
        max_travel_m=max_travel_m or None,
    )


def _read_contact(reader: _Reader, rules: FileRules, kind: str) -> Contact:
    external_id = reader.read(fields.parse_text, "external_id", max_characters=80)
    name = reader.read(fields.parse_required_text, "name")
    email = reader.read(fields.parse_email, "email")
    phone = reader.read(fields.parse_phone, "phone", region=rules.phone_region)
    address = reader.read(fields.parse_text, "address")
    unit = reader.read(fields.parse_text, "unit", max_characters=40)
    lon = _read_degrees(reader, "lon")
    lat = _read_degrees(reader, "lat")
    if not reader.cells.get("address"):
        filled = [name for name in ("lon", "lat") if reader.cells.get(name)]
        if not filled:
            reader.refuse("address", _("is empty"), _("Write street and house number."))
        elif len(filled) == 1:
            missing = "lat" if filled == ["lon"] else "lon"
            reader.refuse(missing, _("is empty"), _("Give both lon and lat, or an address."))
    languages = reader.read(fields.parse_languages, "languages")
    consents = reader.read(fields.parse_choices, "consents", PURPOSES)
    key = external_id or (
        identity_key(kind, name or "", email or phone or address or f"{lon} {lat}")
    )
    return Contact(
        source_key=key,
        name=name,
        email=email,
        phone=phone,
        address=address,
        unit=unit,
        lon_deg=lon,
        lat_deg=lat,
        languages=languages,
        consents=consents,
    )


def _read_degrees(reader: _Reader, column: str) -> float | None:
    if not reader.cells.get(column):
        return None
    degrees: float = reader.read(
        fields.parse_number, column, float, low=-180, high=180, default=0.0, unit="degrees"
    )
    return degrees


def _fits(windows: tuple[tuple[datetime, datetime], ...], duration_min: int) -> bool:
    return any((end - start).total_seconds() >= duration_min * 60 for start, end in windows)


def identity_key(kind: str, name: str, contact: str) -> str:
    """A stable key for a line without an external id: the same person, the same key."""
    identity = "\x1f".join([kind, " ".join(name.casefold().split()), contact.casefold()])
    return "sha256:" + hashlib.sha256(identity.encode()).hexdigest()[:32]
