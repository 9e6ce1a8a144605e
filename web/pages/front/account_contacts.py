"""Your own page: mail addresses and numbers, and what may be sent there."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from messaging.consenting import StateConsent, state_consent
from messaging.contacts import (
    AddContact,
    add_contact,
    ask_contacts,
    prefer_contact,
    remove_contact,
)
from people import directory_repository as directory
from people.consents import find_holding
from people.errors import ContactUnknown, InvalidContact, LastContact, TooManyContacts
from people.kinds import Channel, Purpose
from web.pages.desk import Answer, Call, Desk
from web.pages.front.account_views import CHANNELS, WORDING, ticks_of
from web.pages.guards import AnyRequest

HERE: Final = "/account#contacts"
LOCAL_DIGITS: Final = 10
"""A number without country code, as people of the country write it."""


@get("/account/contacts/new", name="account_contact_new")
async def get_new_contact(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Another mail address or number."""
    async with desk.look(request) as call:
        call.person()
        values = {"channel": "email", "value": "", "errors": {}}
        return call.show("front/account_contact.html", values)


@post("/account/contacts/new", name="account_contact_new_post", status_code=303)
async def post_new_contact(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Add it, and ask there whether it is one's own."""
    async with desk.press(request) as call:
        _ = call.reader.translator.gettext
        person_id, form = call.person(), call.form
        channel = Channel(form["channel"]) if form.get("channel") in set(Channel) else Channel.EMAIL
        value, errors = form.get("value", ""), {}
        try:
            command = AddContact(call.town.id, person_id, channel, complete_number(channel, value))
            await add_contact(call.session, call.actor, command, now=call.now)
        except InvalidContact:
            errors["value"] = (
                _("Write a mail address like ana@example.org")
                if channel is Channel.EMAIL
                else _("Write a number with its area code, for example 617-555-0100")
            )
        except TooManyContacts:
            errors["value"] = _("Take another address or number off first")
        if errors:
            values = {"channel": channel.value, "value": value, "errors": errors}
            raise call.show_again("front/account_contact.html", values)
        return call.go(HERE, said="asked_there" if channel is not Channel.PHONE else "saved")


@post("/account/contacts/ask", name="account_contacts_ask", status_code=303)
async def post_ask_contacts(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Ask again wherever nobody has answered."""
    async with desk.press(request) as call:
        person_id = call.person()
        asked = await ask_contacts(call.session, call.actor, call.town.id, person_id, now=call.now)
        return call.go(HERE, said="asked_there" if asked else "asked_before")


@post("/account/contacts/{contact_id:uuid}/prefer", name="account_contact_prefer", status_code=303)
async def post_prefer(
    request: AnyRequest, contact_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Let messages go there first."""
    async with desk.press(request) as call:
        call.person()
        await prefer_contact(call.session, call.actor, contact_id, now=call.now)
        return call.go(HERE, said="saved")


@post("/account/contacts/{contact_id:uuid}/remove", name="account_contact_remove", status_code=303)
async def post_remove(
    request: AnyRequest, contact_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Take it off; the last one stays. Twice is fine."""
    async with desk.press(request) as call:
        call.person()
        said = "contact_gone"
        try:
            await remove_contact(call.session, call.actor, contact_id, now=call.now)
        except LastContact:
            said = "last_contact"
        except ContactUnknown:
            pass
        return call.go(HERE, said=said)


@get("/account/messages", name="account_messages")
async def get_messages(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What may be sent, by which way, each with what it means."""
    async with desk.look(request) as call:
        ticks = await _read_ticks(call)
        return call.show("front/account_messages.html", {"ticks": _named(ticks)})


@post("/account/messages", name="account_messages_post", status_code=303)
async def post_messages(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Write down each yes and no that is new; it holds at once."""
    async with desk.press(request) as call:
        before = await _read_ticks(call)
        for (purpose, channel), was in before.items():
            wanted = call.form.get(f"{purpose.value}_{channel.value}") == "1"
            if wanted is not was:
                command = StateConsent(
                    community_id=call.town.id,
                    person_id=call.person(),
                    purpose=purpose,
                    granted=wanted,
                    text_version=WORDING,
                    channel=channel,
                )
                await state_consent(call.session, call.actor, command, now=call.now)
        return call.go("/account#messages", said="saved")


async def _read_ticks(call: Call) -> dict[tuple[Purpose, Channel], bool]:
    person_id = call.person()
    lines = await directory.load_consents_of(call.session, call.actor, [person_id])
    return dict(ticks_of(find_holding(lines.get(person_id, [])), call.town.id))


def _named(ticks: dict[tuple[Purpose, Channel], bool]) -> dict[str, dict[str, bool]]:
    return {
        purpose.value: {channel.value: ticks[purpose, channel] for channel in CHANNELS}
        for purpose in Purpose
    }


def complete_number(channel: Channel, text: str) -> str:
    """A number with its country code, also when it was written as at home."""
    digits = "".join(sign for sign in text if sign.isdigit())
    if channel is Channel.EMAIL or text.strip().startswith("+"):
        return text
    return f"+1{digits}" if len(digits) == LOCAL_DIGITS else f"+{digits}"
