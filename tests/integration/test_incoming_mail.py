"""Bounces, complaints and replies, and why somebody got a message: on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from core.clock import FixedClock
from core.db import Database
from core.errors import NotFound
from core.ids import new_id
from core.mail import MemoryMailer
from core.settings import Settings
from core.sms import MemoryTextSender
from messaging.bounces import Incoming, read_mail
from messaging.delivering import Carriers, deliver_message
from messaging.explaining import why_did_i_get_this
from messaging.kinds import MessageStatus
from messaging.models import Message
from messaging.receiving import MailReply, Receipt, receive_mail
from messaging.repository import find_message
from messaging.sending import queue_message
from people.auth import Actor
from people.kinds import Channel, Purpose, Role
from people.models import Community, ContactPoint, Person
from tests.factories.messages import add_reachable, make_draft
from tests.factories.people import actor_as, add_community
from tests.ledger import find_consent
from tests.mail_server import sink_settings
from tests.mails import absence_note, bounce, complaint, reply

SETTINGS = Settings(**sink_settings(25))


@pytest.fixture
async def community(database: Database) -> Community:
    async with database.begin() as session:
        return await add_community(session)


async def send_one(
    database: Database, clock: FixedClock, community: Community
) -> tuple[Message, Person, str]:
    """A message that was mailed, its receiver, and the address."""
    mailer = MemoryMailer()
    async with database.begin() as session:
        person = await add_reachable(session, community)
        message = await queue_message(session, make_draft(community, person), now=clock.now())
    carriers = Carriers(mailer, MemoryTextSender())
    await deliver_message(database, carriers, SETTINGS, clock, message.id)
    return message, person, mailer.sent[0].recipient


async def receive(database: Database, clock: FixedClock, raw: bytes, **more: str) -> Receipt:
    async with database.begin() as session:
        return await receive_mail(session, raw, now=clock.now(), **more)  # type: ignore[arg-type]  # only the recipient


async def state_of(database: Database, key: UUID) -> tuple[MessageStatus, str | None, bool]:
    async with database.read() as session:
        message = await find_message(session, key)
        assert message is not None
        contact = await session.get(ContactPoint, message.contact_point_id)
        assert contact is not None
        return message.status, message.reason, contact.bounced_at is not None


def bounce_address(message: Message) -> str:
    return f"help+b-{message.id.hex}@city.example"


@pytest.mark.parametrize("by", ["recipient", "header", "returned mail", "returned headers"])
async def test_a_bounce_finds_its_message(
    database: Database, clock: FixedClock, community: Community, by: str
) -> None:
    message, person, _ = await send_one(database, clock, community)
    mail_id = f"<{message.id.hex}@city.example>"
    recipient = bounce_address(message) if by == "recipient" else None
    raw = bounce(
        to=bounce_address(message) if by == "header" else "help@city.example",
        mail_id=mail_id if by.startswith("returned") else None,
        headers_only=by == "returned headers",
    )
    more = {} if recipient is None else {"recipient": recipient}
    receipts = [await receive(database, clock, raw, **more) for _ in range(2)]

    assert [row.outcome for row in receipts] == ["noted", "ignored"]
    assert await state_of(database, message.id) == (MessageStatus.BOUNCED, "dsn_5.1.1", True)
    async with database.begin() as session:
        again = await queue_message(session, make_draft(community, person), now=clock.now())
    assert again.reason == "contact_bounced"


@pytest.mark.parametrize(
    ("status", "action", "wanted"),
    [
        ("4.4.1", "delayed", (MessageStatus.SENT, None, False)),
        ("4.4.1", "failed", (MessageStatus.SENT, None, False)),
        ("2.0.0", "delivered", (MessageStatus.SENT, None, False)),
        ("5.2.2", "failed", (MessageStatus.FAILED, "dsn_5.2.2", False)),
        ("5.7.1", "failed", (MessageStatus.FAILED, "dsn_5.7.1", False)),
        ("5.1.2", "failed", (MessageStatus.BOUNCED, "dsn_5.1.2", True)),
    ],
)
async def test_only_final_failures_count_and_only_dead_mailboxes_are_closed(
    database: Database,
    clock: FixedClock,
    community: Community,
    status: str,
    action: str,
    wanted: tuple[MessageStatus, str | None, bool],
) -> None:
    message, _, _ = await send_one(database, clock, community)
    await receive(database, clock, bounce(to=bounce_address(message), status=status, action=action))
    assert await state_of(database, message.id) == wanted


async def test_the_same_bounce_at_once_has_one_effect(
    database: Database, clock: FixedClock, community: Community
) -> None:
    message, _, _ = await send_one(database, clock, community)
    raw = bounce(to=bounce_address(message))
    receipts = await asyncio.gather(*(receive(database, clock, raw) for _ in range(8)))
    assert sorted(row.outcome for row in receipts) == ["ignored"] * 7 + ["noted"]


async def test_a_bounce_of_what_was_never_mailed_changes_nothing(
    database: Database, clock: FixedClock, community: Community
) -> None:
    async with database.begin() as session:
        person = await add_reachable(session, community)
        waiting = await queue_message(session, make_draft(community, person), now=clock.now())
    receipt = await receive(database, clock, bounce(to=bounce_address(waiting)))
    assert receipt.outcome == "ignored"
    assert (await state_of(database, waiting.id))[0] is MessageStatus.QUEUED
    stranger = await receive(database, clock, bounce(to=f"help+b-{new_id().hex}@city.example"))
    assert stranger.outcome == "about_nothing"


async def test_a_complaint_stops_such_mails(
    database: Database, clock: FixedClock, community: Community
) -> None:
    message, person, _ = await send_one(database, clock, community)
    clock.advance(timedelta(hours=1))
    receipt = await receive(database, clock, complaint(f"<{message.id.hex}@city.example>"))
    assert receipt.outcome == "stopped"
    async with database.read() as session:
        assert await find_consent(session, person.id, Purpose.OFFERS, Channel.EMAIL) is None


async def test_replies_reach_us_and_stop_is_understood(
    database: Database, clock: FixedClock, community: Community
) -> None:
    message, person, address = await send_one(database, clock, community)
    to = f"help+r-{message.id.hex}@city.example"
    heard: list[tuple[UUID, str]] = []

    async def on_reply(session: object, about: Message, answer: MailReply, now: object) -> None:
        heard.append((about.id, answer.text))

    async def answer(text: str, sender: str = address) -> str:
        async with database.begin() as session:
            receipt = await receive_mail(
                session, reply(to, sender, text), now=clock.now(), on_reply=on_reply
            )
        return receipt.outcome

    assert await answer("Yes, K7!\r\n\r\nOn Thu, 15 Jan 2026, Talkoot wrote:\r\n> Two homes") == (
        "passed_on"
    )
    assert heard == [(message.id, "Yes, K7!")]
    assert await answer("Yes", "nosy@mail.example") == "from_a_stranger"
    assert (await receive(database, clock, absence_note(to, address))).outcome == "ignored"
    assert len(heard) == 1
    clock.advance(timedelta(hours=1))
    assert await answer("Stop, please") == "stopped"
    async with database.read() as session:
        assert await find_consent(session, person.id, Purpose.OFFERS, Channel.EMAIL) is None


def test_junk_is_unknown_or_about_nothing() -> None:
    for raw in (
        b"",
        b"\x00" * 500,
        b"Content-Type: multipart/report; boundary=\r\n\r\n--",
        b"\xff",
    ):
        assert read_mail(raw).message_id is None
    assert read_mail(b"To: help+b-" + b"0" * 32 + b"@x.example\n\nhello").kind is Incoming.UNKNOWN


async def test_why_did_i_get_this(
    database: Database, clock: FixedClock, community: Community
) -> None:
    message, person, _ = await send_one(database, clock, community)
    async with database.begin() as session:
        own = await why_did_i_get_this(session, Actor(person_id=person.id), message.id)
        staff = actor_as(Role.COORDINATOR, community.id)
        assert await why_did_i_get_this(session, staff, message.id) == own
        for nosy in (
            Actor.anonymous(),
            actor_as(Role.VOLUNTEER, community.id),
            actor_as(Role.MANAGER, new_id()),
        ):
            with pytest.raises(NotFound):
                await why_did_i_get_this(session, nosy, message.id)
        with pytest.raises(NotFound):
            await why_did_i_get_this(session, Actor.system(), new_id())
    assert own.purpose is Purpose.OFFERS
    assert own.agreed_how == "form"
    assert own.agreed_text == "2025-11"
    assert not own.agreed_for_them
    assert own.sent_at == clock.now()
    assert own.agreed_at is not None
    assert own.agreed_at < own.sent_at
