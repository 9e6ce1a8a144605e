"""Answers by mail: the same words as by text, one effect for one mail, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from core.mail import MemoryMailer
from core.settings import Settings
from core.sms import MemoryTextSender
from matching.kinds import OfferStatus
from matching.models import Assignment, Offer
from matching.notifications import notify_offer, notify_visit_reminder
from matching.offers.text_answers import register_text_handlers
from messaging.conversation_models import ThreadPost
from messaging.delivering import Carriers, deliver_message
from messaging.inbound import TextHandlers
from messaging.mail_replies import MOST_PUZZLED, make_on_reply
from messaging.models import Message, MessageWords
from messaging.receiving import receive_mail
from people.kinds import Channel, Purpose
from people.models import Community, ContactPoint, Person
from tests.factories.asks import Asked, add_homes, add_storm, ask_volunteer
from tests.factories.messages import add_contact, give_consent
from tests.factories.people import add_community
from tests.ledger import find_consent
from tests.mail_server import sink_settings
from tests.mails import reply

SETTINGS = Settings(**sink_settings(25))
Answer = Callable[..., Awaitable[str]]


@pytest.fixture
async def asked(database: Database) -> Asked:
    async with database.begin() as session:
        community = await add_community(session)
        storm = await add_storm(session, community)
        return await ask_volunteer(
            session, community, storm, await add_homes(session, community, storm, 3), planned=2
        )


class Mailbox:
    """Reads our mails as the volunteer, and answers them."""

    def __init__(self, database: Database, clock: FixedClock, address: str) -> None:
        self.database, self.clock, self.address = database, clock, address
        self.mailer, self.count = MemoryMailer(), 0
        handlers = TextHandlers()
        register_text_handlers(handlers)
        self.on_reply = make_on_reply(handlers)

    async def fetch(self, message: Message) -> str:
        """Have a message sent; the address that an answer to it goes to."""
        carriers = Carriers(self.mailer, MemoryTextSender())
        await deliver_message(self.database, carriers, SETTINGS, self.clock, message.id)
        return str(self.mailer.sent[-1].parse()["Reply-To"])

    async def answer(
        self, to: str, text: str, *, mail_id: str | None = None, sender: str | None = None
    ) -> str:
        self.count += 1
        raw = reply(to, sender or self.address, text, mail_id or f"<{self.count}@mail.example>")
        async with self.database.begin() as session:
            receipt = await receive_mail(session, raw, now=self.clock.now(), on_reply=self.on_reply)
        return receipt.outcome

    async def replies(self) -> list[str]:
        """What we wrote back, oldest first."""
        async with self.database.read() as session:
            rows = await session.scalars(
                select(MessageWords.text)
                .join(Message, Message.id == MessageWords.message_id)
                .where(Message.kind == "mail_reply")
                .order_by(Message.queued_at, Message.id)
            )
            return list(rows)


@pytest.fixture
async def mailbox(database: Database, clock: FixedClock, asked: Asked) -> tuple[Mailbox, str]:
    """The volunteer's mailbox, and where the answer to the offer goes."""
    async with database.begin() as session:
        person = await session.get_one(Person, asked.volunteer.person_id)
        community = await session.get_one(Community, asked.ask.community_id)
        contact = await add_contact(session, person, Channel.EMAIL)
        await give_consent(session, community, person)
        message = await notify_offer(session, asked.ask, now=clock.now())
    box = Mailbox(database, clock, contact.value)
    return box, await box.fetch(message)


async def statuses(database: Database, asked: Asked) -> list[OfferStatus]:
    async with database.read() as session:
        return [(await session.get_one(Offer, row.id)).status for row in asked.offers]


@pytest.mark.parametrize("words", ["Yes K7", "Hi,\n\nSí K7!\n\nGracias\nAna"])
async def test_yes_by_mail_takes_the_home(
    database: Database, asked: Asked, mailbox: tuple[Mailbox, str], words: str
) -> None:
    box, to = mailbox
    assert await box.answer(to, f"{words}\n\nOn Thu, Talkoot wrote:\n> YES M4\n") == "passed_on"
    assert await statuses(database, asked) == [OfferStatus.ACCEPTED, OfferStatus.SENT]
    # The message with the address goes by mail: it is reply enough.
    assert await box.replies() == []


async def test_the_same_mail_has_one_effect(
    database: Database, asked: Asked, mailbox: tuple[Mailbox, str]
) -> None:
    box, to = mailbox
    await asyncio.gather(*(box.answer(to, "Yes K7", mail_id="<1@x.example>") for _ in range(8)))
    await asyncio.gather(*(box.answer(to, "STATUS", mail_id="<2@x.example>") for _ in range(8)))
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Assignment)) == 1
    (said,) = await box.replies()
    assert "K7" in said


async def test_only_who_was_written_to_may_answer(
    database: Database, asked: Asked, mailbox: tuple[Mailbox, str]
) -> None:
    box, to = mailbox
    assert await box.answer(to, "Yes K7", sender="nosy@mail.example") == "from_a_stranger"
    # Our address alone, without the message that is answered, tells nothing.
    assert await box.answer("help@city.example", "Yes K7") == "about_nothing"
    assert await statuses(database, asked) == [OfferStatus.SENT, OfferStatus.SENT]


async def test_a_mail_of_another_person_is_no_way_to_their_offers(
    database: Database, clock: FixedClock, asked: Asked, mailbox: tuple[Mailbox, str]
) -> None:
    _, to = mailbox
    async with database.begin() as session:
        resident = asked.requests[0].resident_id
        point = ContactPoint(person_id=resident, channel=Channel.EMAIL, value="rosa@mail.example")
        session.add(point)
    rosa = Mailbox(database, clock, "rosa@mail.example")
    assert await rosa.answer(to, "Yes K7") == "from_a_stranger"
    assert await statuses(database, asked) == [OfferStatus.SENT, OfferStatus.SENT]


async def test_words_are_passed_on_and_quotes_are_not(
    database: Database, clock: FixedClock, asked: Asked, mailbox: tuple[Mailbox, str]
) -> None:
    box, to = mailbox
    await box.answer(to, "yes k7")
    clock.advance(timedelta(minutes=1))
    await box.answer(to, "TO K7 I am at the door\n\nOn Thu, Talkoot wrote:\n> a secret")
    async with database.read() as session:
        (post,) = (await session.scalars(select(ThreadPost))).all()
    assert post.text == "I am at the door"


async def test_a_bare_yes_answers_questions_alone(
    database: Database, clock: FixedClock, asked: Asked, mailbox: tuple[Mailbox, str]
) -> None:
    box, to = mailbox
    await box.answer(to, "yes k7")
    async with database.begin() as session:
        work = (await session.scalars(select(Assignment))).one()
        reminder = await notify_visit_reminder(session, work, "tomorrow", now=clock.now())
    about_visit = await box.fetch(reminder)

    await box.answer(about_visit, "Yes")
    assert await statuses(database, asked) == [OfferStatus.ACCEPTED, OfferStatus.SENT]
    assert "write YES or NO with its code" in (await box.replies())[-1]
    await box.answer(to, "Yes")
    assert (await statuses(database, asked))[1] is OfferStatus.ACCEPTED


async def test_two_machines_do_not_write_to_each_other_for_ever(
    database: Database, clock: FixedClock, mailbox: tuple[Mailbox, str]
) -> None:
    box, to = mailbox
    for _ in range(20):
        await box.answer(to, "We have received your letter.")
        clock.advance(timedelta(minutes=2))
    assert len(await box.replies()) == MOST_PUZZLED


async def test_start_and_stop_are_of_the_way_they_came(
    database: Database, clock: FixedClock, asked: Asked, mailbox: tuple[Mailbox, str]
) -> None:
    box, to = mailbox
    person_id = asked.volunteer.person_id
    clock.advance(timedelta(minutes=1))
    assert await box.answer(to, "STOP") == "stopped"
    async with database.read() as session:
        assert await find_consent(session, person_id, Purpose.OFFERS, Channel.EMAIL) is None
        assert await find_consent(session, person_id, Purpose.OFFERS, Channel.SMS) is not None
    clock.advance(timedelta(minutes=1))
    await box.answer(to, "START")
    async with database.read() as session:
        assert await find_consent(session, person_id, Purpose.OFFERS, Channel.EMAIL) is not None
