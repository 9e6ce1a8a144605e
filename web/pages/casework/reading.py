"""What staff see of people beside their requests: names, masked contacts, parts of the town."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.pagination import PageArgs
from people import directory_repository as directory
from people.models import ContactPoint, Person
from web.pages.casework.words import LANGUAGE_NAMES, Say, say_channel, say_role
from web.pages.desk import Call

SHOWN_DIGITS = 2
PAGE = 25


@dataclass(frozen=True)
class ContactView:
    """How somebody is reached; masked until it is opened."""

    id: UUID
    channel: str
    words: str
    value: str
    is_confirmed: bool
    bounced_at: datetime | None


@dataclass(frozen=True)
class PersonView:
    """Somebody in a list."""

    id: UUID
    name: str
    roles: tuple[str, ...]
    area: str
    contacts: tuple[ContactView, ...]
    languages: tuple[str, ...]
    known_since: datetime

    @property
    def reached(self) -> str:
        """The masked contacts in one line."""
        return ", ".join(contact.value for contact in self.contacts)


def mask(contact: ContactPoint) -> str:
    """So much of a contact that two people can tell they mean the same one."""
    if "@" in contact.value:
        name, _, host = contact.value.partition("@")
        return f"{name[:1]}…@{host}"
    return f"…{contact.value[-SHOWN_DIGITS:]}"


def view_contact(contact: ContactPoint, say: Say, *, is_open: bool = False) -> ContactView:
    """A contact point for staff."""
    return ContactView(
        id=contact.id,
        channel=contact.channel.value,
        words=say_channel(say, contact.channel.value),
        value=contact.value if is_open else mask(contact),
        is_confirmed=contact.verified_at is not None,
        bounced_at=contact.bounced_at,
    )


async def load_names(call: Call, keys: Collection[UUID | None]) -> Mapping[UUID, str]:
    """What these people are called, those whom the actor may see."""
    wanted = sorted({key for key in keys if key is not None})
    if not wanted:
        return {}
    found = await directory.load_names(call.session, call.actor, wanted)
    return {key: row.full_name for key, row in found.items()}


async def view_people(call: Call, people: Collection[Person]) -> list[PersonView]:
    """People as a list shows them; a fixed number of statements."""
    say, keys = call.reader.translator.gettext, [person.id for person in people]
    if not keys:
        return []
    session, actor, town_id = call.session, call.actor, call.town.id
    names = await load_names(call, keys)
    contacts = await directory.load_contacts_of(session, actor, keys)
    spoken = await directory.load_preferences(session, actor, keys)
    homes = await directory.load_households(
        session, actor, [row.household_id for row in people if row.household_id is not None]
    )
    views = []
    for person in people:
        home = None if person.household_id is None else homes.get(person.household_id)
        live = [row for row in person.memberships if row.ended_at is None]
        codes = spoken[person.id].languages if person.id in spoken else []
        views.append(
            PersonView(
                id=person.id,
                name=names.get(person.id, ""),
                roles=tuple(
                    say_role(say, row.role.value) for row in live if row.community_id == town_id
                ),
                area=(home.row.area if home is not None else None) or "",
                contacts=tuple(view_contact(row, say) for row in contacts.get(person.id, ())),
                languages=tuple(LANGUAGE_NAMES.get(code, code) for code in codes),
                known_since=person.created_at,
            )
        )
    return views


def page_args(call: Call, *, first: int = PAGE) -> PageArgs:
    """Which page of a list the address asks for."""
    return PageArgs(first=first, after=call.request.query_params.get("after") or None)
