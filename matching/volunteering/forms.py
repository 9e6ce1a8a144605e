"""What a volunteer tells on signing up, checked as a whole: every problem is named at once.

Contacts, names of tools, hours and addresses are read as the imports read them, so that the same
person, tool or place is the same however it came in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from matching.availability import Weekly
from matching.imports import fields
from matching.imports.abilities import check_abilities
from matching.imports.errors import CellRefused
from matching.imports.records import Place
from matching.imports.rows import MODES, PURPOSES, Contact
from matching.kinds import TravelMode
from matching.volunteering.errors import FieldProblem, InvalidSignUp
from matching.volunteering.teams import MAX_SIZE, NewMember
from people.kinds import Channel, Purpose
from people.rules import Rules

Value = TypeVar("Value")

OLDEST_YEAR = 1900
_CAMPAIGN_CODE = re.compile(r"[a-z](?!.*[0-9]{6})[a-z0-9_-]{1,39}")
RANGES = {
    "max_tasks": (1, 50),
    "max_tasks_per_day": (1, 50),
    "max_work_min": (5, 1_440),
    "max_travel_min": (1, 120),
    "max_travel_m": (50, 100_000),
}
"""What limits of a volunteer may be."""


class PlaceLocator(Protocol):
    """Finds the place of an address, or refuses a doubtful one; `PlaceFinder` of the imports."""

    def locate(self, contact: Contact) -> Place:
        """The place; raises `CellRefused`."""
        ...


@dataclass(frozen=True)
class SignUp:
    """A form as it was filled in.

    Parameters
    ----------
    languages, abilities
        Lists such as ``en|es`` and ``shovel|snow blower``.
    hours, windows
        ``Sat 9:00-12:00|Mon 17:00-20:00`` and ``2027-01-24 16:00-19:00``.
    lon_deg, lat_deg
        The point of the home, where the address is not known.
    work_address, work_hours, work_windows
        The other place to start from, and the hours that count from there.
    weekly, dated
        Further hours and windows from programs, which need no words for them; each with whether it
        counts from the other place.
    max_travel_min, max_travel_m
        How far one way; None takes the rules' time for the mode, and no limit in metres.
    consents
        Purposes such as ``matching``; ``matching`` must be among them.
    source
        How it came in: ``form``, ``phone``, ``sms``.
    campaign_code
        What stood on the flyer or link that brought them, such as ``library-flyer``.
    """

    community_id: UUID
    name: str
    address: str = ""
    unit: str = ""
    lon_deg: float | None = None
    lat_deg: float | None = None
    email: str = ""
    phone: str = ""
    languages: str = ""
    abilities: str = ""
    mode: str = ""
    max_travel_min: int | None = None
    max_travel_m: int | None = None
    max_tasks: int | None = None
    max_tasks_per_day: int | None = None
    max_work_min: int | None = None
    hours: str = ""
    windows: str = ""
    work_address: str = ""
    work_hours: str = ""
    work_windows: str = ""
    weekly: tuple[tuple[Weekly, bool], ...] = ()
    dated: tuple[tuple[datetime, datetime, bool], ...] = ()
    under_18: bool = False
    birth_year: int | None = None
    team_name: str = ""
    team_size: int | None = None
    members: tuple[NewMember, ...] = ()
    consents: tuple[str, ...] = ()
    text_version: str = "1"
    source: str = "form"
    synthetic: bool = False
    campaign_code: str = ""

    @property
    def campaign_word(self) -> str | None:
        """The code by which they came; None when there is none, or it is no code word.

        A mistyped code costs nobody their sign-up.
        """
        code = self.campaign_code.strip().lower()
        return code if _CAMPAIGN_CODE.fullmatch(code) else None


@dataclass(frozen=True)
class CheckedSignUp:
    """A form without mistakes, in the forms of the database."""

    community_id: UUID
    name: str
    contacts: tuple[tuple[Channel, str], ...]
    place: Place
    second_place: Place | None
    languages: tuple[str, ...]
    abilities: tuple[str, ...]
    mode: TravelMode
    max_travel_s: int
    radius_m: int | None
    max_tasks: int
    max_tasks_per_day: int | None
    max_work_s: int
    weekly: tuple[tuple[Weekly, bool], ...]
    """Hours, and whether they count from the second place."""
    windows: tuple[tuple[datetime, datetime, bool], ...]
    form: SignUp = field(repr=False)
    consents: tuple[Purpose, ...] = ()


@dataclass(frozen=True)
class FormRules:
    """What the community decides about forms."""

    zone: ZoneInfo
    today: date
    phone_region: str = fields.UNKNOWN_REGION
    rules: Rules = field(default_factory=Rules)
    known_abilities: frozenset[str] = frozenset()


class FormReader:
    """Collects what is wrong, so that all is said at once."""

    def __init__(self) -> None:
        self.problems: list[FieldProblem] = []

    def read(self, parse: Callable[..., Value], *args: Any, **options: Any) -> Value | None:
        """What was read; None after a problem."""
        try:
            return parse(*args, **options)
        except CellRefused as refused:
            problem = refused.problem
            self.refuse(problem.column, problem.message, problem.remedy)
            return None

    def refuse(self, column: str, message: str, remedy: str) -> None:
        self.problems.append(FieldProblem(column, message, remedy))

    def number(self, column: str, value: int | None, *, default: int, low: int, high: int) -> int:
        if value is None:
            return min(max(default, low), high)
        if not low <= value <= high:
            self.refuse(column, f"is {value}", f"Write a number from {low} to {high}.")
        return value


def check_sign_up(form: SignUp, allowed: FormRules, places: PlaceLocator) -> CheckedSignUp:
    """Read a form; nothing is written anywhere.

    Raises
    ------
    InvalidSignUp
        With every problem. An address that is not certain is one.
    """
    reader = FormReader()
    name = reader.read(fields.parse_required_text, "name", form.name.strip()) or ""
    contacts = _read_contacts(reader, form, allowed)
    languages = reader.read(fields.parse_languages, "languages", form.languages) or ()
    abilities = reader.read(_read_abilities, form, allowed) or ()
    mode = reader.read(fields.parse_choice, "mode", form.mode, MODES, default="walk") or "walk"
    weekly, windows = _read_times(reader, form, allowed)
    limits = _read_limits(reader, form, allowed.rules, mode)
    consents = (
        reader.read(fields.parse_choices, "consents", "|".join(form.consents), PURPOSES) or ()
    )
    if Purpose.MATCHING.value not in consents:
        reader.refuse(
            "consents", "does not hold matching", "Ask for it: without it nobody is matched."
        )
    _check_people(reader, form, allowed)
    place = reader.read(_read_home, form, places)
    second = reader.read(_read_second_place, form, places)
    if reader.problems or place is None:
        raise InvalidSignUp(tuple(reader.problems))
    return CheckedSignUp(
        community_id=form.community_id,
        name=name,
        contacts=contacts,
        place=place,
        second_place=second,
        languages=languages,
        abilities=abilities,
        mode=TravelMode(mode),
        max_travel_s=limits["max_travel_min"] * 60,
        radius_m=None if form.max_travel_m is None else limits["max_travel_m"],
        max_tasks=limits["max_tasks"],
        max_tasks_per_day=None if form.max_tasks_per_day is None else limits["max_tasks_per_day"],
        max_work_s=limits["max_work_min"] * 60,
        weekly=weekly,
        windows=windows,
        consents=tuple(Purpose(purpose) for purpose in consents),
        form=form,
    )


def _read_contacts(
    reader: FormReader, form: SignUp, allowed: FormRules
) -> tuple[tuple[Channel, str], ...]:
    email = reader.read(fields.parse_email, "email", form.email.strip())
    phone = reader.read(
        fields.parse_phone, "phone", form.phone.strip(), region=allowed.phone_region
    )
    if not form.email.strip() and not form.phone.strip():
        reader.refuse("email", "is empty, and so is phone", "Fill in one of them.")
    found = []
    if email:
        found.append((Channel.EMAIL, email))
    if phone:
        found.append((Channel.SMS, phone))
    return tuple(found)


def _read_abilities(form: SignUp, allowed: FormRules) -> tuple[str, ...]:
    codes = fields.parse_names("abilities", form.abilities)
    check_abilities("abilities", codes, allowed.known_abilities)
    return codes


def _read_times(
    reader: FormReader, form: SignUp, allowed: FormRules
) -> tuple[tuple[tuple[Weekly, bool], ...], tuple[tuple[datetime, datetime, bool], ...]]:
    weekly = list(form.weekly)
    windows = list(form.dated)
    for prefix, second in (("", False), ("work_", True)):
        hours_text = getattr(form, f"{prefix}hours")
        windows_text = getattr(form, f"{prefix}windows")
        rules = reader.read(read_weekly, f"{prefix}hours", hours_text) or ()
        weekly += [(rule, second) for rule in rules]
        spans = (
            reader.read(fields.parse_windows, f"{prefix}windows", windows_text, zone=allowed.zone)
            or ()
        )
        windows += [(opens, closes, second) for opens, closes in spans]
    said = (form.hours, form.windows, form.work_hours, form.work_windows)
    if not (any(text.strip() for text in said) or form.weekly or form.dated):
        reader.refuse("hours", "is empty, and so is windows", "Write it like Sat 9:00-12:00.")
    second = any(away for *_, away in (*form.weekly, *form.dated))
    if (form.work_hours or form.work_windows or second) and not form.work_address:
        reader.refuse("work_address", "is empty", "Write it, or give the hours as from home.")
    return tuple(weekly), tuple(windows)


def read_weekly(column: str, text: str) -> tuple[Weekly, ...]:
    """Hours such as ``Sat 9:00-12:00|Mon 17:00-20:00``; raises `CellRefused`."""
    return tuple(
        Weekly(day, opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute)
        for day, opens, closes in fields.parse_weekly(column, text)
    )


def _read_limits(reader: FormReader, form: SignUp, rules: Rules, mode: str) -> dict[str, int]:
    usual = {
        "max_tasks": rules.max_tasks,
        "max_tasks_per_day": rules.max_tasks,
        "max_work_min": rules.max_work_s // 60,
        "max_travel_min": rules.travel_limit_s(mode) // 60,
        "max_travel_m": 1_000,
    }
    return {
        name: reader.number(name, getattr(form, name), default=usual[name], low=low, high=high)
        for name, (low, high) in RANGES.items()
    }


def _check_people(reader: FormReader, form: SignUp, allowed: FormRules) -> None:
    if form.birth_year is not None and not OLDEST_YEAR <= form.birth_year <= allowed.today.year:
        reader.refuse("birth_year", f"is {form.birth_year}", "Write a year such as 2011.")
    if form.team_size is None:
        if form.members or form.team_name:
            reader.refuse("team_size", "is empty", "Write how many come along, with yourself.")
        return
    named = 1 + len(form.members)
    if not named <= form.team_size <= MAX_SIZE:
        reader.refuse(
            "team_size", f"is {form.team_size}", f"Write a number from {named} to {MAX_SIZE}."
        )
    if not form.team_name.strip():
        reader.refuse("team_name", "is empty", "Give the team a name.")


def _read_home(form: SignUp, places: PlaceLocator) -> Place:
    return places.locate(_contact(form, form.address, "address"))


def _read_second_place(form: SignUp, places: PlaceLocator) -> Place | None:
    if not form.work_address:
        return None
    try:
        return places.locate(_contact(form, form.work_address, "work_address"))
    except CellRefused as refused:
        problem = refused.problem
        raise CellRefused("work_address", problem.message, problem.remedy) from refused


def _contact(form: SignUp, address: str, column: str) -> Contact:
    at_home = column == "address"
    if not address.strip() and (form.lon_deg is None or form.lat_deg is None or not at_home):
        raise CellRefused(column, "is empty", "Write street and house number.")
    return Contact(
        source_key="",
        name="",
        email=None,
        phone=None,
        address=fields.parse_text(column, address.strip()),
        unit=fields.parse_text("unit", form.unit.strip(), max_characters=40) if at_home else "",
        lon_deg=form.lon_deg if at_home else None,
        lat_deg=form.lat_deg if at_home else None,
        languages=(),
        consents=(),
    )
