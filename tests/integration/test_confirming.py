"""Addresses that somebody typed: asked about once, used after an answer from there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.clock import FixedClock
from core.db import Database
from core.mail import MemoryMailer
from core.settings import Settings
from core.sms import MemoryTextSender
from messaging.confirming import ask_to_confirm, confirm_contact
from messaging.delivering import Carriers, deliver_message
from messaging.kinds import MessageStatus
from messaging.sending import queue_message
from people.kinds import Channel
from people.links import resolve_link
from tests.factories.messages import add_contact, give_consent, make_draft
from tests.factories.people import add_community, add_person
from tests.mail_server import sink_settings

SETTINGS = Settings(**sink_settings(25))


@pytest.mark.parametrize("language", ["en", "es"])
async def test_an_address_counts_when_somebody_answers_from_there(
    database: Database, clock: FixedClock, language: str
) -> None:
    carriers = Carriers(MemoryMailer(), MemoryTextSender())
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_person(session, community, languages=(language,))
        known = await add_contact(session, person, Channel.SMS)
        typed = await add_contact(session, person, Channel.EMAIL, verified=False, preferred=True)
        await give_consent(session, community, person, channel=Channel.EMAIL)
        before = await queue_message(session, make_draft(community, person), now=clock.now())
        asked = await ask_to_confirm(session, community.id, person.id, now=clock.now())
        again = await ask_to_confirm(session, community.id, person.id, now=clock.now())
    assert known.verified_at is not None
    assert before.reason == "contact_unverified"
    assert [row.id for row in asked] == [row.id for row in again]
    await deliver_message(database, carriers, SETTINGS, clock, asked[0].id)

    (mail,) = carriers.mailer.sent  # type: ignore[attr-defined]  # in memory
    assert mail.recipient == typed.value
    body = mail.parse().get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert ("button" if language == "en" else "bot\u00f3n") in text
    address = next(line for line in text.splitlines() if "/l/" in line)
    token = address.rsplit("/", 1)[1].strip()

    clock.advance(timedelta(hours=1))
    async with database.begin() as session:
        link = await resolve_link(session, token, now=clock.now())
        assert (link.action, link.subject_id) == ("confirm_contact", typed.id)
        assert await confirm_contact(session, link.subject_id, now=clock.now())
        assert not await confirm_contact(session, link.subject_id, now=clock.now())
        after = await queue_message(session, make_draft(community, person), now=clock.now())
        assert await ask_to_confirm(session, community.id, person.id, now=clock.now()) == []
    assert (after.status, after.channel) == (MessageStatus.QUEUED, Channel.EMAIL)


async def test_a_number_is_asked_by_text_and_a_message_bound_to_it_goes_nowhere_else(
    database: Database, clock: FixedClock
) -> None:
    carriers = Carriers(MemoryMailer(), MemoryTextSender())
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_person(session, community)
        number = await add_contact(session, person, Channel.SMS, verified=False)
        await add_contact(session, person, Channel.EMAIL)
        gone, *_ = await ask_to_confirm(session, community.id, person.id, now=clock.now())
        await session.delete(number)
        fresh = await add_contact(session, person, Channel.SMS, verified=False)
        kept, *_ = await ask_to_confirm(session, community.id, person.id, now=clock.now())
    for message in (gone, kept):
        await deliver_message(database, carriers, SETTINGS, clock, message.id)

    assert [text.recipient for text in carriers.text_sender.sent] == [fresh.value]  # type: ignore[attr-defined]  # in memory
    assert carriers.mailer.sent == []  # type: ignore[attr-defined]  # in memory
    async with database.begin() as session:
        assert await ask_to_confirm(session, person.id, person.id, now=clock.now()) == []
