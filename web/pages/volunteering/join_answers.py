"""What somebody has answered so far on the way to volunteering. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec

from matching.imports import fields
from matching.imports.errors import CellRefused
from matching.imports.records import Place
from matching.kinds import TravelMode
from matching.volunteering.form_changes import HOME
from matching.volunteering.forms import SignUp
from people.kinds import Purpose
from web.pages.rendering import Reader
from web.pages.volunteering.week import join_week

PATHS: Final = ("/volunteer", "/volunteer/where", "/volunteer/when")
DONE: Final = "/volunteer/done"
MINUTES: Final = (5, 10, 15, 20, 30, 45)
TEXT_VERSION: Final = "1"
LONGEST = 200


class Joining(msgspec.Struct, frozen=True):
    """The answers of one sign-up."""

    step: int = 0
    """So many steps are answered."""
    name: str = ""
    email: str = ""
    phone: str = ""
    under_18: bool = False
    typed: str = ""
    candidates: tuple[tuple[str, float, float], ...] = ()
    """Places that the address may mean: label, longitude and latitude."""
    place: Place | None = None
    about: int | None = None
    """About so many requests near last winter; None when there were few."""
    mode: str = TravelMode.WALK.value
    minutes: int = 15
    abilities: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    boxes: tuple[str, ...] = ()
    campaigns: bool = False


def read_joining(data: dict[str, Any]) -> Joining:
    """The answers as they were kept; what cannot be read begins again."""
    try:
        return msgspec.convert(data, Joining)
    except msgspec.ValidationError:
        return Joining()


def read_who(before: Joining, form: Mapping[str, str]) -> Joining:
    """Step 1: who, and how to reach them."""
    return msgspec.structs.replace(
        before,
        name=_line(form, "name"),
        email=_line(form, "email"),
        phone=_line(form, "phone"),
        under_18=form.get("under_18") == "1",
    )


def find_who_faults(answers: Joining, region: str, reader: Reader) -> dict[str, str]:
    """What is missing in step 1, by field."""
    _ = reader.translator.gettext
    errors = {}
    if not answers.name:
        errors["name"] = _("Write your name")
    if not answers.email and not answers.phone:
        errors["email"] = _("Write an e-mail address or a phone number")
    elif answers.email and not _is_good(fields.parse_email, "email", answers.email):
        errors["email"] = _("Write the e-mail address like name@example.org")
    if answers.phone and not _is_good(fields.parse_phone, "phone", answers.phone, region=region):
        errors["phone"] = _("Write the phone number with its area code")
    return errors


def read_where(before: Joining, form: Mapping[str, str]) -> Joining:
    """Step 2: from where, how far, with which tools."""
    mode = form.get("mode", "")
    minutes = form.get("minutes", "")
    known = {one.value for one in TravelMode}
    return msgspec.structs.replace(
        before,
        typed=_line(form, "typed"),
        mode=mode if mode in known else before.mode,
        minutes=int(minutes) if minutes in {str(one) for one in MINUTES} else before.minutes,
        abilities=read_picked(form, "can-"),
        languages=read_picked(form, "speak-"),
    )


def read_picked(form: Mapping[str, str], prefix: str) -> tuple[str, ...]:
    """The ticked ones of several boxes, each by its name."""
    picked = [name.removeprefix(prefix) for name in form if name.startswith(prefix)]
    return tuple(code for code in picked if 0 < len(code) <= 40)[:40]


def as_form(answers: Joining, community_id: UUID) -> SignUp:
    """The answers as the sign-up of every way in takes them."""
    consents = [Purpose.MATCHING.value, Purpose.OFFERS.value]
    if answers.campaigns:
        consents.append(Purpose.CAMPAIGNS.value)
    return SignUp(
        community_id=community_id,
        name=answers.name,
        address=HOME,
        email=answers.email,
        phone=answers.phone,
        languages="|".join(answers.languages),
        abilities="|".join(answers.abilities),
        mode=answers.mode,
        max_travel_min=answers.minutes,
        weekly=join_week(answers.boxes),
        under_18=answers.under_18,
        consents=tuple(consents),
        text_version=TEXT_VERSION,
    )


def _line(form: Mapping[str, str], name: str) -> str:
    return " ".join(form.get(name, "").split())[:LONGEST]


def _is_good(parse: Any, *args: str, **options: str) -> bool:
    try:
        return bool(parse(*args, **options))
    except CellRefused:
        return False
