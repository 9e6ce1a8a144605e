"""Mail addresses and phone numbers of a person: added, confirmed by an answer, taken off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from messaging import repository
from messaging.confirming import ASKED, CONFIRM_CONTACT, ask_to_confirm, confirm_contact
from messaging.models import Message
from people import memberships_repository, policy
from people.auth import Actor
from people.directory_repository import lock_person
from people.errors import (
    ContactAlreadyThere,
    ContactUnknown,
    InvalidContact,
    LastContact,
    LinkUnknown,
    PersonUnknown,
    TooManyContacts,
)
from people.kinds import Channel
from people.links import resolve_link
from people.models import ContactPoint, Person
from people.safeguards_repository import belongs_to

MAX_CONTACTS = 10
MAX_ADDRESS = 320


@dataclass(frozen=True)
class AddContact:
    """Where else a person is reached.

    Parameters
    ----------
    community_id
        The programme that asks there whether it is theirs.
    """

    community_id: UUID
    person_id: UUID
    channel: Channel
    value: str
    preferred: bool = False


async def add_contact(
    session: Session, actor: Actor, command: AddContact, *, now: datetime
) -> ContactPoint:
    """Add a mail address or number, and ask there whether it is the person's.

    Nothing but answers goes there before somebody has answered from it. The same one again is the
    same contact point, asked anew. Records ``contact.added``.
    """
    value = read_contact(command.channel, command.value)
    person = await _get_changeable(session, actor, command.person_id, command.community_id)
    known = {(row.channel, row.value): row for row in person.contact_points}
    row = known.get((command.channel, value))
    if row is None:
        if len(known) >= MAX_CONTACTS:
            raise TooManyContacts("Take another address or number off before adding this one.")
        row = ContactPoint(person_id=person.id, channel=command.channel, value=value)
        person.contact_points.append(row)
        await session.flush()
        _record(session, actor, "contact.added", row, now)
    if command.preferred:
        _prefer(person, row)
    await session.flush()
    if row.channel in ASKED:
        await ask_to_confirm(session, command.community_id, person.id, now=now, only=[value])
    return row


async def prefer_contact(
    session: Session, actor: Actor, contact_id: UUID, *, now: datetime
) -> ContactPoint:
    """Let messages of this channel go to this address or number. Records ``contact.preferred``."""
    person, row = await _get_contact(session, actor, contact_id)
    if not row.preferred:
        _prefer(person, row)
        await session.flush()
        _record(session, actor, "contact.preferred", row, now)
    return row


async def replace_contact(
    session: Session, actor: Actor, contact_id: UUID, command: AddContact, *, now: datetime
) -> ContactPoint:
    """Put another address or number in the place of one. Records both changes."""
    person, old = await _get_contact(session, actor, contact_id)
    if person.id != command.person_id:
        raise ContactUnknown("There is no such address or number.")
    value = read_contact(command.channel, command.value)
    if (old.channel, old.value) == (command.channel, value):
        raise ContactAlreadyThere("This is the address or number that is there already.")
    new = await add_contact(session, actor, command, now=now)
    if old.preferred:
        _prefer(person, new)
    await remove_contact(session, actor, contact_id, now=now)
    return new


async def remove_contact(
    session: Session, actor: Actor, contact_id: UUID, *, now: datetime
) -> UUID:
    """Take an address or number off; the last one stays. Records ``contact.removed``."""
    person, row = await _get_contact(session, actor, contact_id)
    if len(person.contact_points) == 1:
        raise LastContact("Nothing else would reach the person: add another contact first.")
    _record(session, actor, "contact.removed", row, now)
    person.contact_points.remove(row)
    await session.flush()
    return person.id


async def ask_contacts(
    session: Session, actor: Actor, community_id: UUID, person_id: UUID, *, now: datetime
) -> list[Message]:
    """Ask at whatever nobody has confirmed yet; at most once a day for each."""
    person = await _get_changeable(session, actor, person_id, community_id)
    return await ask_to_confirm(session, community_id, person.id, now=now)


async def confirm_by_token(session: Session, token: str, *, now: datetime) -> ContactPoint:
    """Note that the person reads what comes there: the token went there and nowhere else.

    Raises
    ------
    LinkUnknown
        When it opens nothing, or something else.
    """
    link = await resolve_link(session, token, now=now)
    contact = None
    if link.action == CONFIRM_CONTACT:
        contact = await repository.find_contact_point(session, link.subject_id)
    if contact is None or contact.person_id != link.person_id:
        raise LinkUnknown("This link opens nothing. Use the newest message that we sent you.")
    await confirm_contact(session, contact.id, now=now)
    return contact


def read_contact(channel: Channel, text: str) -> str:
    """A mail address or a number in its one normal form.

    Raises
    ------
    InvalidContact
        When it is none. The message does not quote it.
    """
    given = text.strip()
    if len(given) > MAX_ADDRESS:
        raise InvalidContact("An address or number is shorter than this.")
    if channel is Channel.EMAIL:
        try:
            return validate_email(given, check_deliverability=False).normalized.lower()
        except EmailNotValidError:
            raise InvalidContact("Write a mail address like ana@example.org.") from None
    try:
        number = phonenumbers.parse(given, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise InvalidContact("Write a number with + and country code, such as +16175550100.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


async def _get_contact(
    session: Session, actor: Actor, contact_id: UUID
) -> tuple[Person, ContactPoint]:
    found = await repository.find_contact_point(session, contact_id)
    person = None
    if found is not None:
        person = await _find_changeable(session, actor, found.person_id)
    rows = [] if person is None else person.contact_points
    row = next((row for row in rows if row.id == contact_id), None)
    if person is None or row is None:
        raise ContactUnknown("There is no such address or number.")
    return person, row


async def _get_changeable(
    session: Session, actor: Actor, person_id: UUID, community_id: UUID
) -> Person:
    """A person whose contacts the actor may change, in the name of this community."""
    person = await _find_changeable(session, actor, person_id)
    own = actor.person_id == person_id
    if (
        person is None
        or not (own or actor.is_staff(community_id))
        or not await belongs_to(session, person_id, community_id)
    ):
        raise PersonUnknown(f"There is no person with id {person_id}.")
    return person


async def _find_changeable(session: Session, actor: Actor, person_id: UUID) -> Person | None:
    communities = await memberships_repository.load_community_ids(session, person_id)
    if not policy.can_change_person(actor, person_id, communities):
        return None
    is_staff = await memberships_repository.works_anywhere(session, person_id)
    if not policy.can_change_contacts(actor, person_id, communities, is_staff_person=is_staff):
        raise NotPermitted(
            "Contacts of staff, and of who belongs to another community too, are changed by "
            "themselves alone, and one's own not with an API token: whoever reads what comes "
            "there can sign in."
        )
    return await lock_person(session, person_id)


def _prefer(person: Person, chosen: ContactPoint) -> None:
    """Of each channel one is preferred."""
    for row in person.contact_points:
        if row.channel is chosen.channel:
            row.preferred = row is chosen


def _record(session: Session, actor: Actor, kind: str, row: ContactPoint, now: datetime) -> None:
    record_event(
        session,
        kind,
        subject_type="person",
        subject_id=row.person_id,
        happened_at=now,
        actor_id=actor.person_id,
        channel=row.channel.value,
    )
