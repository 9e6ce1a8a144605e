"""Whether two requests are the same one, written twice. Pure: it compares what it is given."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import phonenumbers
from rapidfuzz import fuzz

from matching.kinds import RequestKind

SIMILAR_NAME = 88
"""Of 100. "Maria Lopez" and "María López" are equal, "Maria Lopes" is similar."""
NEAR_M = 60.0
"""Two spellings of one address are found this far apart at most."""

Windows = tuple[tuple[datetime, datetime], ...]


class Likeness(StrEnum):
    """Why two requests may be one, the surest first."""

    SAME_HOME = "same_home"
    SAME_CONTACT = "same_contact"
    SIMILAR_NAME_NEAR = "similar_name_near"


@dataclass(frozen=True)
class Sketch:
    """What a request is recognised by. Held in memory for the comparison only."""

    request_id: UUID | None
    kind: RequestKind
    windows: Windows
    """Empty stands for any time."""
    resident_id: UUID | None
    household_id: UUID | None
    name: str
    contacts: frozenset[str]
    """Normal forms: see `normal_contact`."""
    x_m: float
    y_m: float
    unit: str


def find_likeness(new: Sketch, old: Sketch) -> Likeness | None:
    """How a new request resembles an old one; None when it is another one."""
    if new.kind is not old.kind or not _overlap(new.windows, old.windows):
        return None
    if _same(new.resident_id, old.resident_id) or _same(new.household_id, old.household_id):
        return Likeness.SAME_HOME
    if new.contacts & old.contacts:
        return Likeness.SAME_CONTACT
    if _is_near(new, old) and name_likeness(new.name, old.name) >= SIMILAR_NAME:
        return Likeness.SIMILAR_NAME_NEAR
    return None


def find_closest(new: Sketch, olds: Iterable[Sketch]) -> tuple[Likeness, Sketch] | None:
    """The old request that resembles the new one most; the first of equals."""
    order = list(Likeness)
    best: tuple[Likeness, Sketch] | None = None
    for old in olds:
        likeness = find_likeness(new, old)
        if likeness is None:
            continue
        if best is None or order.index(likeness) < order.index(best[0]):
            best = (likeness, old)
    return best


def normal_name(name: str) -> str:
    """A name without case, accents, punctuation and order of its parts."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(sorted(re.sub(r"[^\w]+", " ", letters).split()))


def name_likeness(one: str, other: str) -> float:
    """How alike two names are, 0 to 100; an empty name is like none.

    Names with other numbers in them ("Client 12", "Client 13") are not alike.
    """
    first, second = normal_name(one), normal_name(other)
    if not first or not second or re.findall(r"\d+", first) != re.findall(r"\d+", second):
        return 0.0
    return float(fuzz.ratio(first, second))


def normal_phone(text: str, region: str | None) -> str | None:
    """A phone number as E.164, or None for what is none."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def normal_contact(text: str, region: str | None = None) -> str:
    """One form for however a phone number or mail address is written."""
    trimmed = unicodedata.normalize("NFKC", text).strip()
    if "@" in trimmed:
        return trimmed.casefold()
    return normal_phone(trimmed, region) or trimmed.casefold()


def _same(one: UUID | None, other: UUID | None) -> bool:
    return one is not None and one == other


def _overlap(ones: Windows, others: Windows) -> bool:
    if not ones or not others:
        return True
    return any(start < until and begin < end for start, end in ones for begin, until in others)


def _is_near(one: Sketch, other: Sketch) -> bool:
    apart_m = float(((one.x_m - other.x_m) ** 2 + (one.y_m - other.y_m) ** 2) ** 0.5)
    return apart_m <= NEAR_M and one.unit.casefold() == other.unit.casefold()
