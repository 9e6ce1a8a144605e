"""Signing up as a volunteer, changing what one offers.

Somebody whose contact is known becomes a volunteer as the same person. Whoever fills in the form
without having signed in learns nothing from the answer, and changes nothing that is on record of a
known person: no contact, no language, no hours of a profile that is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from rapidfuzz import fuzz

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from matching.availability import Weekly
from matching.imports.records import Place
from matching.imports.repository import lock_community
from matching.kinds import TravelMode, VolunteerStatus
from matching.models import Volunteer
from matching.notifications import notify_welcome
from matching.offers.schedule import schedule_replan
from matching.volunteering import profile, repository
from matching.volunteering.forms import CheckedSignUp
from matching.volunteering.moving import change_second_place, move_home
from matching.volunteering.profile import DatedWindow
from matching.volunteering.teams import FormTeam, form_team, lock_own_volunteer
from messaging.confirming import ask_to_confirm
from messaging.routing import VOUCHED_SOURCES
from people import memberships_repository, policy
from people.auth import Actor
from people.consents import RecordConsent, record_consent
from people.guardians import DeclareAge, declare_age
from people.kinds import Channel, PlaceKind, Role
from people.models import Membership, Person, PersonName

SAME_WORD_SCORE = 80
"""Two words of names this alike are one word, written twice."""


@dataclass(frozen=True)
class SignedUp:
    """What came of a sign-up.

    Parameters
    ----------
    volunteer_id
        None for whoever is not staff and has not signed in: the answer must not tell whether the
        contact was known.
    joined
        Whether the person was known before; None likewise.
    """

    volunteer_id: UUID | None = None
    joined: bool | None = None


async def sign_up(
    session: Session, actor: Actor, checked: CheckedSignUp, *, now: datetime
) -> SignedUp:
    """Take somebody in as a volunteer. Anybody may, for themselves; staff for others.

    Records ``volunteer.signed_up``, ``volunteer.changed`` or ``volunteer.signed_up_again``, and
    the consents that were given.
    """
    await lock_community(session, checked.community_id)
    person_id = await _find_person(session, actor, checked)
    volunteer = None
    if person_id is not None:
        volunteer = await repository.find_volunteer_of(session, person_id, checked.community_id)
    trusted = actor.is_staff(checked.community_id) or (
        person_id is not None and actor.person_id == person_id
    )
    known = person_id is not None
    if volunteer is not None and volunteer.status is not VolunteerStatus.LEFT and not trusted:
        _record(session, actor, "volunteer.signed_up_again", volunteer, now)
        await notify_welcome(session, volunteer, now=now)
        await _ask_to_confirm(session, checked, volunteer.person_id, now)
        return SignedUp()
    event = "volunteer.signed_up"
    if volunteer is not None and volunteer.status is not VolunteerStatus.LEFT:
        event = "volunteer.changed"
    if person_id is None:
        person_id = await _add_person(session, checked, now)
    else:
        await _write_person(session, checked, person_id, trusted=trusted)
        if trusted and await _may_add_contacts(session, actor, person_id):
            await profile.add_contacts(session, person_id, checked.contacts)
    volunteer = await _write(session, checked, person_id, volunteer, trusted=trusted, now=now)
    await _write_age_and_team(session, actor, checked, volunteer, now)
    await _record_consents(session, actor, checked, person_id, now)
    _record(session, actor, event, volunteer, now, code=checked.form.campaign_word)
    await notify_welcome(session, volunteer, now=now)
    await _ask_to_confirm(session, checked, volunteer.person_id, now)
    return SignedUp(volunteer.id, known) if trusted or not _is_stranger(actor) else SignedUp()


async def _ask_to_confirm(
    session: Session, checked: CheckedSignUp, person_id: UUID, now: datetime
) -> None:
    """Ask at the contacts of the form whose they are, where nobody vouches for what was typed.

    The same whether they were known before or not; confirmed ones are left in peace.
    """
    if checked.form.source in VOUCHED_SOURCES:
        return
    typed = [value for _, value in checked.contacts]
    await ask_to_confirm(session, checked.community_id, person_id, now=now, only=typed)


def _is_stranger(actor: Actor) -> bool:
    return not actor.is_system and actor.person_id is None


async def _find_person(session: Session, actor: Actor, checked: CheckedSignUp) -> UUID | None:
    """Who this is: the one who has signed in, or somebody with the same contact.

    A mail address is one person's; a phone may be a family's, so there the name must agree.
    """
    community_id = checked.community_id
    if actor.person_id is not None and not actor.is_staff(community_id):
        return actor.person_id
    for channel, value in checked.contacts:
        channels = (channel,) if channel is Channel.EMAIL else (Channel.SMS, Channel.PHONE)
        for used in channels:
            for person_id, name in await repository.find_people_reached_at(
                session, community_id, used, value
            ):
                if channel is Channel.EMAIL or is_same_name(name, checked.name):
                    return person_id
    return None


def is_same_name(one: str, other: str) -> bool:
    """Whether two ways of writing a name mean the same person, as far as letters tell.

    Each word of the shorter one must stand in the longer one: a family shares its last word.
    """
    ones, others = (
        _words(name) for name in sorted((one, other), key=lambda name: len(name.split()))
    )
    return bool(ones) and all(
        max((fuzz.ratio(word, there) for there in others), default=0.0) >= SAME_WORD_SCORE
        for word in ones
    )


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[^\w'-]+", name.casefold()) if word]


async def _add_person(session: Session, checked: CheckedSignUp, now: datetime) -> UUID:
    home = await profile.add_place(
        session, checked.community_id, checked.place, PlaceKind.HOME, now=now
    )
    person = Person(
        household_id=home.id,
        is_synthetic=checked.form.synthetic,
        created_at=now,
        name=PersonName(full_name=checked.name),
    )
    session.add(person)
    await session.flush()
    await _write_person(session, checked, person.id, trusted=True)
    await profile.add_contacts(session, person.id, checked.contacts)
    return person.id


async def _may_add_contacts(session: Session, actor: Actor, person_id: UUID) -> bool:
    """Whether new contacts of a form are taken: whoever reads what comes there can sign in."""
    return policy.can_change_contacts(
        actor,
        person_id,
        await memberships_repository.load_community_ids(session, person_id),
        is_staff_person=await memberships_repository.works_anywhere(session, person_id),
    )


async def _write_person(
    session: Session, checked: CheckedSignUp, person_id: UUID, *, trusted: bool
) -> None:
    """What the form says about the person. A stranger's word adds nothing to what is known."""
    _, preferences = await repository.get_person_parts(session, person_id)
    if trusted or preferences is None:
        await profile.set_languages(session, person_id, checked.languages)
    if trusted or not await repository.list_abilities_of(session, person_id):
        await profile.replace_abilities(session, checked.community_id, person_id, checked.abilities)


async def _write(
    session: Session,
    checked: CheckedSignUp,
    person_id: UUID,
    volunteer: Volunteer | None,
    *,
    trusted: bool,
    now: datetime,
) -> Volunteer:
    """The profile as the form says; a new one, or the one that is there."""
    await _take_role(session, person_id, checked.community_id, now)
    if volunteer is None:
        volunteer = await _start(session, checked, person_id, now)
    else:
        await move_home(session, volunteer, checked.place, moves_person=trusted, now=now)
    await change_second_place(session, volunteer, checked.second_place, now=now)
    volunteer.status, volunteer.paused_until = VolunteerStatus.ACTIVE, None
    volunteer.mode, volunteer.updated_at = checked.mode, now
    volunteer.max_travel_s, volunteer.radius_m = checked.max_travel_s, checked.radius_m
    volunteer.max_tasks, volunteer.max_work_s = checked.max_tasks, checked.max_work_s
    volunteer.max_tasks_per_day = checked.max_tasks_per_day
    session.add(volunteer)
    await session.flush()
    await profile.replace_hours(
        session, volunteer.id, weekly=checked.weekly, windows=checked.windows
    )
    return volunteer


async def _start(
    session: Session, checked: CheckedSignUp, person_id: UUID, now: datetime
) -> Volunteer:
    """A profile that starts from home, the one on record when the form means it."""
    person = await session.get_one(Person, person_id)
    home = await profile.find_or_add_home(
        session, checked.community_id, person.household_id, checked.place, now=now
    )
    return Volunteer(
        community_id=checked.community_id, person_id=person_id, home_id=home.id, created_at=now
    )


async def _take_role(session: Session, person_id: UUID, community_id: UUID, now: datetime) -> None:
    role = await repository.find_membership(session, person_id, community_id, Role.VOLUNTEER)
    if role is None:
        session.add(
            Membership(
                person_id=person_id, community_id=community_id, role=Role.VOLUNTEER, since=now
            )
        )
    elif role.ended_at is not None:
        role.since, role.ended_at = now, None
    await session.flush()


async def _write_age_and_team(
    session: Session,
    actor: Actor,
    checked: CheckedSignUp,
    volunteer: Volunteer,
    now: datetime,
) -> None:
    form, speaker = checked.form, _speaker(actor, volunteer.person_id, checked.community_id)
    if form.under_18 or form.birth_year is not None:
        age = DeclareAge(checked.community_id, volunteer.person_id, form.birth_year)
        await declare_age(session, speaker, age, now=now)
    if form.team_size is not None:
        team = FormTeam(volunteer.id, form.team_name, form.team_size, form.members)
        await form_team(session, speaker, team, now=now)


async def _record_consents(
    session: Session, actor: Actor, checked: CheckedSignUp, person_id: UUID, now: datetime
) -> None:
    speaker = _speaker(actor, person_id, checked.community_id)
    for purpose in checked.consents:
        line = RecordConsent(
            person_id=person_id,
            community_id=checked.community_id,
            purpose=purpose,
            granted=True,
            text_version=checked.form.text_version,
            source=checked.form.source,
        )
        await record_consent(session, speaker, line, now=now)


def _speaker(actor: Actor, person_id: UUID, community_id: UUID) -> Actor:
    """Staff as themselves; whoever fills in the form as the one it is about."""
    return actor if actor.is_staff(community_id) else Actor(person_id=person_id)


@dataclass(frozen=True)
class ChangeVolunteer:
    """What changes of a profile; None leaves things as they are."""

    volunteer_id: UUID
    mode: TravelMode | None = None
    max_travel_s: int | None = None
    radius_m: int | None = None
    max_tasks: int | None = None
    max_tasks_per_day: int | None = None
    max_work_s: int | None = None
    languages: tuple[str, ...] | None = None
    abilities: tuple[str, ...] | None = None
    weekly: tuple[tuple[Weekly, bool], ...] | None = None
    windows: tuple[DatedWindow, ...] | None = None
    home: Place | None = None
    second_place: Place | None = None
    drops_second_place: bool = False
    """Whether the second place is to be forgotten; its hours then count from home."""


LIMITS = ("mode", "max_travel_s", "radius_m", "max_tasks", "max_tasks_per_day", "max_work_s")


async def change_volunteer(
    session: Session, actor: Actor, command: ChangeVolunteer, *, now: datetime
) -> Volunteer:
    """Change what a volunteer offers. Records ``volunteer.changed``.

    A move ends the checks that hold for one address only. Open offers are fitted anew.
    """
    volunteer = await lock_own_volunteer(session, actor, command.volunteer_id)
    if volunteer.status is VolunteerStatus.LEFT:
        raise NotPermitted(f"Volunteer {volunteer.id} has left; sign up again to take part.")
    for name in LIMITS:
        value = getattr(command, name)
        if value is not None:
            setattr(volunteer, name, value)
    if command.languages is not None:
        await profile.set_languages(session, volunteer.person_id, command.languages)
    if command.abilities is not None:
        await profile.replace_abilities(
            session, volunteer.community_id, volunteer.person_id, command.abilities
        )
    await profile.replace_hours(
        session, volunteer.id, weekly=command.weekly, windows=command.windows
    )
    if command.second_place is not None or command.drops_second_place:
        second = None if command.drops_second_place else command.second_place
        await change_second_place(session, volunteer, second, now=now)
    if command.home is not None:
        await move_home(session, volunteer, command.home, now=now)
    profile.touch(volunteer, now)
    await session.flush()
    await schedule_replan(session, volunteer.id, now=now)
    _record(session, actor, "volunteer.changed", volunteer, now)
    return volunteer


def _record(
    session: Session,
    actor: Actor,
    kind: str,
    volunteer: Volunteer,
    now: datetime,
    *,
    code: str | None = None,
) -> None:
    facts: dict[str, Any] = {} if code is None else {"code": code}
    record_event(
        session,
        kind,
        subject_type="volunteer",
        subject_id=volunteer.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=volunteer.community_id,
        **facts,
    )
