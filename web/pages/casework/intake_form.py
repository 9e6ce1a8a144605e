"""What is typed while somebody is on the phone, and the command that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from core.ids import parse_id
from matching.imports.records import Place
from matching.intake.commands import Declares, NewResident, TakeRequest, Windows
from matching.intake.help_kinds import HelpKind, HelpKinds
from matching.intake.kinds import Cadence, CallerKind, ContactChoice, IntakeChannel
from matching.intake.models import NOTES_LENGTH
from matching.kinds import RequestKind
from people.kinds import Purpose
from people.models import NAME_LENGTH
from web.pages.casework.words import LANGUAGE_NAMES, Say
from web.pages.fields import read_day

NEW = "new"
Word = TypeVar("Word", bound=StrEnum)
WHEN = ("snow", "season", "day")


@dataclass(frozen=True)
class Known:
    """What was found out beside the form."""

    community_id: UUID
    kinds: HelpKinds
    zone: ZoneInfo
    now: datetime
    urgent_weight: float
    place: Place | None = None
    has_home: bool = False
    """Whether the chosen person has a home on record."""
    has_agreed: bool = False
    """Whether the chosen person has agreed to matching already."""


@dataclass
class Checked:
    """The command, or what is missing by the name of its field."""

    command: TakeRequest | None = None
    errors: dict[str, str] = field(default_factory=dict)


def chosen_person(form: Mapping[str, str]) -> UUID | None:
    """The person who was picked from those found; None for somebody new."""
    return parse_id(form.get("person", ""))


def check_form(form: Mapping[str, str], known: Known, say: Say) -> Checked:
    """Everything that is missing, all at once; the command when nothing is."""
    _ = say
    errors: dict[str, str] = {}
    resident_id = chosen_person(form)
    resident = _read_resident(form, known, say, errors) if resident_id is None else None
    if resident_id is not None and not known.has_home:
        errors["person"] = _("We know no home of this person. Choose somebody new.")
    elif resident_id is not None and form.get("address", "").strip():
        errors["address"] = _("We use the home that we know. Leave the address empty.")
    kind = _read_kind(form, known, say, errors)
    cadence, windows = _read_when(form, known, say, errors, kind)
    declares = _read_declares(form, say, errors)
    has_agreed = form.get("agreed") == "1" or (known.has_agreed and resident_id is not None)
    if not has_agreed:
        errors["agreed"] = _("Read the sentence to the caller, and tick it when they agree")
    if len(form.get("notes", "")) > NOTES_LENGTH:
        errors["notes"] = _("Say it in fewer words")
    if errors or kind is None:
        return Checked(errors=errors)
    command = TakeRequest(
        community_id=known.community_id,
        kind=kind.code,
        resident_id=resident_id,
        resident=resident,
        channel=IntakeChannel.PHONE,
        cadence=cadence,
        windows=windows,
        scope=tuple(
            part.code for part in kind.scope if form.get(f"scope.{kind.code}.{part.code}") == "1"
        )
        or None,
        weight=max(known.urgent_weight, kind.weight) if form.get("urgent") == "1" else None,
        access_notes=form.get("notes", "").strip() or None,
        contact_choice=_word(ContactChoice, form.get("contact")) or ContactChoice.PLATFORM,
        caller=_word(CallerKind, form.get("caller")),
        caller_name=form.get("caller_name", "").strip()[:NAME_LENGTH] or None,
        declares=declares,
        consents=(Purpose.MATCHING,) if form.get("agreed") == "1" else (),
        key=form.get("key", "")[:100] or None,
    )
    return Checked(command=command)


def _word(words: type[Word], code: str | None) -> Word | None:
    try:
        return words(code or "")
    except ValueError:
        return None


def _read_resident(
    form: Mapping[str, str], known: Known, say: Say, errors: dict[str, str]
) -> NewResident | None:
    _ = say
    name = form.get("name", "").strip()
    phone, email = form.get("phone", "").strip(), form.get("email", "").strip()
    if not name:
        errors["name"] = _("Write the name of the person who needs help")
    if not phone and not email:
        errors["phone"] = _("Write a phone number or a mail address")
    if known.place is None:
        errors["address"] = _("Write the street and the house number")
    if errors or known.place is None:
        return None
    language = form.get("language", "")
    return NewResident(
        name=name[:NAME_LENGTH],
        place=known.place,
        phone=phone or None,
        email=email or None,
        languages=(language,) if language in LANGUAGE_NAMES else (),
    )


def _read_kind(
    form: Mapping[str, str], known: Known, say: Say, errors: dict[str, str]
) -> HelpKind | None:
    _ = say
    code = _word(RequestKind, form.get("kind"))
    kind = None if code is None else known.kinds.by_code().get(code)
    if kind is None or not kind.offered:
        errors["kind"] = _("Choose what help is needed")
        return None
    return kind


def _read_when(
    form: Mapping[str, str],
    known: Known,
    say: Say,
    errors: dict[str, str],
    kind: HelpKind | None,
) -> tuple[Cadence, Windows]:
    _ = say
    when = form.get("when", "")
    if when not in WHEN:
        errors["when"] = _("Choose when help is needed")
        return Cadence.ONCE, ()
    if when != "day" and kind is not None and not kind.needs_storm:
        errors["when"] = _("This help needs a day and a time")
        return Cadence.ONCE, ()
    if when == "day":
        return Cadence.ONCE, _read_day(form, known, say, errors)
    return (Cadence.SEASON if when == "season" else Cadence.ONCE), ()


def _read_day(form: Mapping[str, str], known: Known, say: Say, errors: dict[str, str]) -> Windows:
    _ = say
    day, span = read_day(form.get("day", "")), _read_span(form)
    if day is None:
        errors["day"] = _("Choose the day")
    elif day < known.now.astimezone(known.zone).date():
        errors["day"] = _("This time is over. Choose a later one")
    if span is None:
        errors["from"] = _("Write from when and until when")
    elif span[1] <= span[0]:
        errors["from"] = _("The end must be later than the beginning")
    if day is None or span is None:
        return ()
    begin, end = (datetime.combine(day, moment, known.zone) for moment in span)
    if begin < end <= known.now:
        errors["day"] = _("This time is over. Choose a later one")
    return ((begin, end),)


def _read_span(form: Mapping[str, str]) -> tuple[time, time] | None:
    try:
        return time.fromisoformat(form.get("from", "")), time.fromisoformat(form.get("until", ""))
    except ValueError:
        return None


def _read_declares(form: Mapping[str, str], say: Say, errors: dict[str, str]) -> Declares | None:
    _ = say
    year = form.get("birth_year", "").strip()
    if year and not (year.isdigit() and 1900 <= int(year) <= 2100):
        errors["birth_year"] = _("Write the year with four digits, for example 1944")
        return None
    declares = Declares(
        birth_year=int(year) if year else None,
        has_disability=True if form.get("disability") == "1" else None,
        has_no_other_help=True if form.get("alone") == "1" else None,
    )
    return None if declares == Declares() else declares
