"""What people say about themselves: how they are called, and how they like to be reached."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.events import record_event
from people import directory_repository, memberships_repository, policy
from people.auth import Actor
from people.errors import InvalidProfile, PersonUnknown
from people.kinds import Channel
from people.models import NAME_LENGTH, Person, PersonName, Preferences

MAX_LANGUAGES = 10
MINUTES_A_DAY = 24 * 60
JOINERS = "\u200c\u200d"
"""Nobody sees them, but letters of some scripts are wrong without."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True)
class SetPreferences:
    """How a person wants to be reached and spoken to.

    Parameters
    ----------
    languages
        Codes such as ``es``, the most comfortable first.
    quiet_from_min, quiet_until_min
        Minutes after local midnight; equal ones leave no hour quiet.
    """

    person_id: UUID
    languages: tuple[str, ...]
    channel: Channel | None
    quiet_from_min: int
    quiet_until_min: int

    def __post_init__(self) -> None:
        if not 1 <= len(self.languages) <= MAX_LANGUAGES:
            raise InvalidProfile(f"Name one to {MAX_LANGUAGES} languages.")
        for code in self.languages:
            check_language(code)
        for minute in (self.quiet_from_min, self.quiet_until_min):
            if not 0 <= minute < MINUTES_A_DAY:
                raise InvalidProfile(
                    f"Quiet hours are minutes after midnight, from 0 to {MINUTES_A_DAY - 1}."
                )


@dataclass(frozen=True)
class Rename:
    """How a person is called."""

    person_id: UUID
    full_name: str
    call_name: str | None = None
    """What others call them; None is the first word of the name."""


async def set_preferences(
    session: Session, actor: Actor, command: SetPreferences, *, now: datetime
) -> Person:
    """Replace a person's preferences; messages that are queued from now on go by them.

    The person themselves, and staff who were told. Records ``person.preferences_set``.
    """
    person = await get_changeable(session, actor, command.person_id)
    if person.preferences is None:
        person.preferences = Preferences(person_id=person.id)
    row = person.preferences
    row.languages = list(dict.fromkeys(command.languages))
    row.channel = command.channel
    row.quiet_from_min = command.quiet_from_min
    row.quiet_until_min = command.quiet_until_min
    await session.flush()
    _record(session, actor, "person.preferences_set", person.id, now)
    return person


async def rename_person(
    session: Session, actor: Actor, command: Rename, *, now: datetime
) -> Person:
    """Write down how a person is called. Records ``person.renamed``, without any name."""
    person = await get_changeable(session, actor, command.person_id)
    full_name = clean_name(command.full_name)
    call_name = None if command.call_name is None else clean_name(command.call_name)
    if person.name is None:
        person.name = PersonName(person_id=person.id, full_name=full_name)
    person.name.full_name, person.name.call_name = full_name, call_name
    await session.flush()
    _record(session, actor, "person.renamed", person.id, now)
    return person


async def get_changeable(session: Session, actor: Actor, person_id: UUID) -> Person:
    """A person whom the actor may change, with name, contacts and preferences.

    Raises
    ------
    PersonUnknown
        When there is no such person, or not for this actor.
    """
    communities = await memberships_repository.load_community_ids(session, person_id)
    person = None
    if policy.can_change_person(actor, person_id, communities):
        person = await directory_repository.lock_person(session, person_id)
    if person is None:
        raise PersonUnknown(f"There is no person with id {person_id}.")
    return person


def check_language(code: str) -> str:
    """A code of a language, such as ``es``.

    Raises
    ------
    InvalidProfile
        When it is none.
    """
    if not _LANGUAGE.fullmatch(code):
        raise InvalidProfile("Write a language as its code, such as en, es or zh-Hant.")
    return code


def clean_name(text: str) -> str:
    """A name as it is kept: one line without characters that nobody sees.

    Raises
    ------
    InvalidProfile
        When nothing is left, or too much, or when a spreadsheet would take it for a formula.
    """
    plain = unicodedata.normalize("NFC", text)
    name = " ".join("".join(char if _is_seen(char) else " " for char in plain).split())
    if not name.strip(JOINERS) or len(name) > NAME_LENGTH or name.startswith(("=", "@", "+", "-")):
        raise InvalidProfile(f"Write a name of 1 to {NAME_LENGTH} characters.")
    return name


def _is_seen(char: str) -> bool:
    return char in JOINERS or not unicodedata.category(char).startswith(("C", "Z"))


def _record(session: Session, actor: Actor, kind: str, person_id: UUID, now: datetime) -> None:
    record_event(
        session,
        kind,
        subject_type="person",
        subject_id=person_id,
        happened_at=now,
        actor_id=actor.person_id,
    )
