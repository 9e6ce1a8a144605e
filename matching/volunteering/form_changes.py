"""What programs write about volunteers: checked as a form is, with places found before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import Session
from matching.imports import fields
from matching.imports.abilities import check_abilities
from matching.imports.country import phone_region_of
from matching.imports.records import Place
from matching.imports.rows import Contact
from matching.intake.repository import find_community
from matching.volunteering.errors import InvalidSignUp
from matching.volunteering.forms import RANGES, FormReader, FormRules
from matching.volunteering.signing_up import ChangeVolunteer
from people.errors import CommunityUnknown
from people.repository import list_abilities, read_rules_at

MAX_WEEKLY, MAX_WINDOWS, MAX_WORDS = 50, 200, 40
LONGEST_WINDOW = timedelta(days=31)
CHANGED_LIMITS = {
    "max_tasks": ("max_tasks", 1),
    "max_tasks_per_day": ("max_tasks_per_day", 1),
    "max_work_s": ("max_work_min", 60),
    "max_travel_s": ("max_travel_min", 60),
    "radius_m": ("max_travel_m", 1),
}
"""Limit of a profile -> limit of the form, and how many of one make one of the other."""


HOME, SECOND_PLACE = "home", "second place"
"""What a form says instead of addresses that were looked for before."""


@dataclass(frozen=True)
class FoundPlaces:
    """The home and the other place of one form, which says `HOME` and `SECOND_PLACE`."""

    home: Place
    second: Place | None = None

    def locate(self, contact: Contact) -> Place:
        """The place that was found."""
        if contact.address == SECOND_PLACE and self.second is not None:
            return self.second
        return self.home


async def read_form_rules(session: Session, community_id: UUID, *, now: datetime) -> FormRules:
    """What a community decides about forms, as it holds at a moment."""
    community = await find_community(session, community_id)
    if community is None:
        raise CommunityUnknown("There is no such community.")
    zone = ZoneInfo(community.time_zone)
    return FormRules(
        zone=zone,
        today=now.astimezone(zone).date(),
        phone_region=phone_region_of(community.time_zone),
        rules=await read_rules_at(session, community_id, now),
        known_abilities=frozenset(row.code for row in await list_abilities(session, community_id)),
    )


def check_change(change: ChangeVolunteer, allowed: FormRules) -> ChangeVolunteer:
    """The change with languages and names of abilities in their one form.

    Raises
    ------
    InvalidSignUp
        With every problem.
    """
    reader = FormReader()
    for name, (ranged, units) in CHANGED_LIMITS.items():
        low, high = RANGES[ranged]
        value = getattr(change, name)
        reader.number(name, value, default=low * units, low=low * units, high=high * units)
    languages = abilities = None
    if change.languages is not None:
        languages = _read_languages(reader, change.languages)
    if change.abilities is not None:
        abilities = _read_abilities(reader, change.abilities, allowed)
    check_times(reader, change.weekly or (), change.windows or ())
    if reader.problems:
        raise InvalidSignUp(tuple(reader.problems))
    return replace(change, languages=languages, abilities=abilities)


def check_times(
    reader: FormReader,
    weekly: Sequence[object],
    windows: Sequence[tuple[datetime, datetime, bool]],
) -> None:
    """Refuse windows that cannot be, and more of them than anybody has."""
    if len(weekly) > MAX_WEEKLY:
        reader.refuse("weeklyHours", "has too many lines", f"Write at most {MAX_WEEKLY}.")
    if len(windows) > MAX_WINDOWS:
        reader.refuse("windows", "has too many lines", f"Write at most {MAX_WINDOWS}.")
    for opens, closes, _ in windows:
        if not timedelta(0) < closes - opens <= LONGEST_WINDOW:
            days = LONGEST_WINDOW.days
            reader.refuse(
                "windows", "ends before it starts, or is too long", f"At most {days} days each."
            )
            return


def _read_languages(reader: FormReader, given: Sequence[str]) -> tuple[str, ...]:
    """Each by its code, in the order that was given: the most comfortable first."""
    read = [reader.read(fields.parse_languages, "languages", one) for one in given[:MAX_WORDS]]
    return tuple(dict.fromkeys(code for codes in read for code in codes or ()))


def _read_abilities(
    reader: FormReader, given: Sequence[str], allowed: FormRules
) -> tuple[str, ...]:
    read = [reader.read(fields.parse_names, "abilities", one) for one in given[:MAX_WORDS]]
    codes = tuple(dict.fromkeys(code for codes in read for code in codes or ()))
    reader.read(check_abilities, "abilities", codes, allowed.known_abilities)
    return codes
