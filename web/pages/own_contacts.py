"""Name, mail and phone of whoever is signed in, so that no form asks for what is known."""

from __future__ import annotations

from dataclasses import dataclass

from people.directory_repository import load_contacts_of, load_names
from people.kinds import Channel
from web.pages.desk import Call


@dataclass(frozen=True)
class OwnContacts:
    """What is on record; empty where nothing is."""

    name: str = ""
    email: str = ""
    phone: str = ""
    """That of the mobile phone, where there is one."""


async def read_own_contacts(call: Call) -> OwnContacts:
    """Of the person who is signed in; nothing of a stranger."""
    person_id = call.actor.person_id
    if person_id is None:
        return OwnContacts()
    names = await load_names(call.session, call.actor, [person_id])
    points = (await load_contacts_of(call.session, call.actor, [person_id])).get(person_id, ())
    # Of each kind the oldest, as everywhere on record.
    values = {row.channel: row.value for row in reversed(points)}
    return OwnContacts(
        name=names[person_id].full_name if person_id in names else "",
        email=values.get(Channel.EMAIL, ""),
        phone=values.get(Channel.SMS) or values.get(Channel.PHONE, ""),
    )
