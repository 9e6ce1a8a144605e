"""Ordinance packs: until when a city's law wants sidewalks cleared, as data with a validity period.

One JSON file for each city in `ordinances/`. Each version says from which day to which day it
holds, where it was read and what is unsure; its clauses are tried in order.
"""

from __future__ import annotations

import functools
import itertools
from datetime import date, time
from importlib import resources
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from matching.intake.errors import InvalidIntakeRules, NoRuleThen, OrdinanceUnknown

SUN_WORDS = ("sunrise", "sunset")
LANGUAGES = ("en", "es")

Hazard = Literal["snow", "ice"]


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"start": "from"}):
    """When the snow must have ended for a clause to hold; empty fields ask for nothing."""

    start: str | None = None
    """A local time such as ``07:00``, or ``sunrise`` or ``sunset``."""
    to: str | None = None
    """Not included. A span may go over midnight."""
    weekdays: tuple[int, ...] = ()
    """0 is Monday."""


class DueRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the due time follows from the end of the snowfall; exactly one way is given."""

    hours_after_end: float | None = None
    clock: str | None = None
    """The next time that local clocks show this."""
    day: Literal["next_occurrence", "next_day"] = "next_occurrence"
    """Whether ``clock`` may still come on the same day."""
    hours_after_sunrise: float | None = None
    """After the first sunrise that follows the end."""
    daylight_hours: float | None = None
    """So many hours between sunrise and sunset, counted from the end."""


class Clause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule of an ordinance."""

    code: str
    when: When
    due: DueRule
    sentence: dict[str, str]
    """In plain words, by language."""
    hazard: Hazard = "snow"


class OrdinanceVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of one period."""

    valid_from: date
    valid_until: date | None
    """The last day; None while it holds."""
    as_of: date
    """When the source was read or published."""
    source: str
    unsure: tuple[str, ...]
    path_width_cm: int | None
    clauses: tuple[Clause, ...]


class OrdinancePack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ordinance of one city."""

    code: str
    city: str
    time_zone: str
    lon_deg: float
    lat_deg: float
    """A point in the city, for sunrise and sunset."""
    versions: tuple[OrdinanceVersion, ...]

    def version_on(self, day: date) -> OrdinanceVersion:
        """The version that holds on a day.

        Raises
        ------
        NoRuleThen
            When the pack knows none.
        """
        for version in self.versions:
            if version.valid_from <= day and (
                version.valid_until is None or day <= version.valid_until
            ):
                return version
        first = min(version.valid_from for version in self.versions)
        raise NoRuleThen(
            f"The ordinance pack {self.code!r} has no rule for {day}; it begins on {first}."
        )


def read_pack(data: Any) -> OrdinancePack:
    """The pack that a mapping spells; raises `InvalidIntakeRules` naming the fault."""
    try:
        pack = msgspec.convert(data, OrdinancePack)
    except msgspec.ValidationError as error:
        raise InvalidIntakeRules(f"The ordinance pack cannot be used: {error}.") from None
    fault = _find_fault(pack)
    if fault is not None:
        raise InvalidIntakeRules(f"The ordinance pack {pack.code!r} cannot be used: {fault}.")
    return pack


@functools.cache
def load_pack(code: str) -> OrdinancePack:
    """A shipped pack by its short name, such as ``chicago``."""
    if code not in list_packs():
        raise OrdinanceUnknown(
            f"No ordinance pack is called {code!r}; there are: {', '.join(list_packs())}."
        )
    text = _folder().joinpath(f"{code}.json").read_text("utf-8")
    return read_pack(msgspec.json.decode(text))


@functools.cache
def list_packs() -> tuple[str, ...]:
    """The short names of the shipped packs."""
    names = (entry.name for entry in _folder().iterdir())
    return tuple(sorted(name[:-5] for name in names if name.endswith(".json")))


def _folder() -> Any:
    return resources.files("matching.intake.ordinances")


def _find_fault(pack: OrdinancePack) -> str | None:
    try:
        ZoneInfo(pack.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return f"there is no time zone {pack.time_zone!r}"
    if not pack.versions:
        return "it has no versions"
    versions = sorted(pack.versions, key=lambda version: version.valid_from)
    for before, after in itertools.pairwise(versions):
        if before.valid_until is None or before.valid_until >= after.valid_from:
            return f"two versions hold on {after.valid_from}"
    for version in versions:
        if version.valid_until is not None and version.valid_until < version.valid_from:
            return f"the version of {version.valid_from} ends before it begins"
        for clause in version.clauses:
            fault = _find_clause_fault(clause)
            if fault is not None:
                return f"clause {clause.code!r} of {version.valid_from} {fault}"
        if not any(_is_open(clause) for clause in version.clauses):
            return f"the version of {version.valid_from} leaves times of day without a clause"
    return None


def _is_open(clause: Clause) -> bool:
    """Whether nothing is left over after this clause, alone or with the others of its span."""
    return clause.hazard == "snow" and (clause.when == When() or _wraps(clause.when))


def _wraps(when: When) -> bool:
    return when.start is not None and when.to is not None and when.start > when.to


def _find_clause_fault(clause: Clause) -> str | None:
    due = clause.due
    ways = (due.hours_after_end, due.clock, due.hours_after_sunrise, due.daylight_hours)
    if sum(way is not None for way in ways) != 1:
        return "must say exactly one way to the due time"
    if any(isinstance(way, float | int) and not 0 < way <= 240 for way in ways):
        return "has hours that are not between 0 and 240"
    if (clause.when.start is None) != (clause.when.to is None):
        return "must say both 'from' and 'to', or neither"
    for text in (clause.when.start, clause.when.to, due.clock):
        if text is not None and text not in SUN_WORDS and not _is_clock(text):
            return f"has no such time of day: {text!r}"
    if due.clock in SUN_WORDS:
        return "must name a clock time, not the sun"
    if any(not 0 <= day <= 6 for day in clause.when.weekdays):
        return "has a weekday that is not 0 to 6"
    if any(not clause.sentence.get(language) for language in LANGUAGES):
        return "has no sentence in English and Spanish"
    return None


def _is_clock(text: str) -> bool:
    try:
        time.fromisoformat(text)
    except ValueError:
        return False
    return True
