from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from matching.kinds import AssignmentStatus, OfferStatus, RequestStatus
from matching.models import Assignment, HelpRequest, Offer, Volunteer
from matching.offers.answering import accept_offer
from matching.offers.casework import report_done
from matching.offers.text_answers import register_text_handlers
from messaging.conversation_models import ThreadPost
from messaging.inbound import IncomingText, TextHandlers, receive_text
from messaging.inbound_models import InboundText
from people.auth import Actor
from people.consents import RecordConsent, record_consent
from people.kinds import Channel, Purpose
from people.models import ContactPoint, PersonName, Preferences
from tests.factories.asks import Asked, add_homes, add_storm, ask_volunteer, give_number
from tests.factories.matching import add_volunteer
from tests.factories.people import add_community
from tests.ledger import find_consent

ANA = "+16175550101"
ROSA = "+16175550102"
SITE = "https://talkoot.example"


@pytest.fixture
def handlers() -> TextHandlers:
    made = TextHandlers()
    register_text_handlers(made)
    return made


@pytest.fixture
async def asked(database: Database) -> Asked:
    """Ana was asked about two homes and sees a third; Rosa lives in the first."""
    async with database.begin() as session:
        community = await add_community(session)
        storm = await add_storm(session, community)
        requests = await add_homes(session, community, storm, 3)
        made = await ask_volunteer(session, community, storm, requests, planned=2)
        await give_number(session, made.volunteer.person_id, ANA)
        await give_number(session, requests[0].resident_id, ROSA)
        return made


class Phone:
    """Sends texts and gives the replies."""

    def __init__(
        self, database: Database, handlers: TextHandlers, clock: FixedClock, number: str
    ) -> None:
        self.database, self.handlers, self.clock, self.number = database, handlers, clock, number
        self.count = 0

    async def text(self, body: str, *, provider_id: str | None = None) -> str:
        self.count += 1
        key = provider_id or f"SM-{self.number}-{self.count}"
        async with self.database.begin() as session:
            return await receive_text(
                session,
                self.handlers,
                IncomingText(key, self.number, body),
                site=SITE,
                now=self.clock.now(),
            )


@pytest.fixture
def phone(database: Database, handlers: TextHandlers, clock: FixedClock) -> Callable[[str], Phone]:
    return lambda number: Phone(database, handlers, clock, number)


async def statuses(database: Database, asked: Asked) -> list[OfferStatus]:
    async with database.read() as session:
        return [(await session.get_one(Offer, row.id)).status for row in asked.offers]


@pytest.mark.parametrize("words", ["YES K7", "yes k 7", "Yes, K7!", "SI K7", "sí k7"])
async def test_yes_by_text(
    database: Database, asked: Asked, phone: Callable[[str], Phone], words: str
) -> None:
    await phone(ANA).text(words)

    assert await statuses(database, asked) == [OfferStatus.ACCEPTED, OfferStatus.SENT]


async def test_yes_twice_is_told_kindly(
    asked: Asked, phone: Callable[[str], Phone], clock: FixedClock
) -> None:
    ana = phone(ANA)
    await ana.text("YES K7")
    clock.advance(timedelta(seconds=30))

    assert await ana.text("yes k7") == "K7 is yours already. Text DONE K7 when it is done."


async def test_bare_yes_asks_which_and_takes_the_only_one(
    database: Database, asked: Asked, phone: Callable[[str], Phone]
) -> None:
    ana = phone(ANA)
    question = await ana.text("yes")
    assert "K7" in question
    assert "M4" in question
    assert await statuses(database, asked) == [OfferStatus.SENT, OfferStatus.SENT]

    await ana.text("NO M4")
    await ana.text("yes")

    assert await statuses(database, asked) == [OfferStatus.ACCEPTED, OfferStatus.DECLINED]


async def test_yes_all(database: Database, asked: Asked, phone: Callable[[str], Phone]) -> None:
    await phone(ANA).text("YES ALL")
    assert await statuses(database, asked) == [OfferStatus.ACCEPTED, OfferStatus.ACCEPTED]


async def test_several_wishes_in_one_text(
    database: Database, asked: Asked, phone: Callable[[str], Phone]
) -> None:
    await phone(ANA).text("yes k7 no m4")
    assert await statuses(database, asked) == [OfferStatus.ACCEPTED, OfferStatus.DECLINED]


async def test_taken_home_is_told_with_the_code_of_the_next_best(
    database: Database, asked: Asked, phone: Callable[[str], Phone], clock: FixedClock
) -> None:
    async with database.begin() as session:
        request = await session.get_one(HelpRequest, asked.requests[0].id)
        request.seats_taken, request.status = 1, RequestStatus.ACCEPTED
    ana = phone(ANA)
    reply = await ana.text("YES K7")
    assert reply.startswith("Someone else said yes to K7 first.")
    assert "YES M4 or NO M4?" in reply
    assert "17 Imaginary Street" not in reply

    await ana.text("YES M4")
    assert (await statuses(database, asked))[1] is OfferStatus.ACCEPTED


async def test_unknown_code_names_the_known_ones(
    asked: Asked, phone: Callable[[str], Phone]
) -> None:
    assert await phone(ANA).text("YES W9") == "We do not know the code W9. Yours: K7, M4."


async def test_wrong_persons_code_is_unknown(
    database: Database, asked: Asked, phone: Callable[[str], Phone]
) -> None:
    reply = await phone(ROSA).text("YES K7")
    assert "do not know the code K7" in reply
    assert await statuses(database, asked) == [OfferStatus.SENT, OfferStatus.SENT]


async def test_same_text_delivered_fifty_times_has_one_effect(
    database: Database, asked: Asked, phone: Callable[[str], Phone]
) -> None:
    phones = [phone(ANA) for _ in range(10)]
    for _ in range(5):
        replies = await asyncio.gather(*(one.text("YES K7", provider_id="SM1") for one in phones))
        assert len(set(replies)) == 1
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Assignment)) == 1
        assert await session.scalar(select(func.count()).select_from(InboundText)) == 1


async def test_visit_by_text_from_setting_off_to_confirmed(
    database: Database, asked: Asked, phone: Callable[[str], Phone]
) -> None:
    ana, rosa = phone(ANA), phone(ROSA)
    await ana.text("YES K7")
    assert "on your way" in await ana.text("on my way")
    assert "K7 is done" in await ana.text("DONE K7")
    assert await ana.text("done k7") == "K7 is done. Thank you!"
    assert await rosa.text("yes") == "Good to hear. We pass on your thanks."
    async with database.read() as session:
        request = await session.get_one(HelpRequest, asked.requests[0].id)
    assert request.status is RequestStatus.CONFIRMED


async def test_resident_says_not_done_by_text_and_comes_first_then(
    database: Database, asked: Asked, phone: Callable[[str], Phone]
) -> None:
    await phone(ANA).text("YES K7")
    await phone(ANA).text("HECHO K7")
    assert "sorry" in await phone(ROSA).text("NOT DONE")
    async with database.read() as session:
        request = await session.get_one(HelpRequest, asked.requests[0].id)
    assert (request.status, request.weight) == (RequestStatus.OPEN, 2.0)


async def test_out_of_order_done_before_yes(
    database: Database, asked: Asked, phone: Callable[[str], Phone]
) -> None:
    ana = phone(ANA)
    assert "no visit" in await ana.text("DONE K7")
    await ana.text("YES K7")
    await ana.text("DONE K7")
    async with database.read() as session:
        assert (await session.scalars(select(Assignment.status))).all() == [AssignmentStatus.DONE]


async def test_visit_is_given_back_by_text(
    database: Database, asked: Asked, phone: Callable[[str], Phone]
) -> None:
    ana = phone(ANA)
    await ana.text("YES K7")
    assert "We ask someone else for K7" in await ana.text("can't k7")
    assert "over already" in await ana.text("CANCEL K7")
    async with database.read() as session:
        assert (await session.get_one(HelpRequest, asked.requests[0].id)).status in (
            RequestStatus.OPEN,
            RequestStatus.OFFERED,
        )


async def test_not_today_and_pause(
    database: Database, asked: Asked, phone: Callable[[str], Phone], clock: FixedClock
) -> None:
    ana = phone(ANA)
    assert "no more offers in this storm" in await ana.text("Not today")
    assert await statuses(database, asked) == [OfferStatus.EXPIRED, OfferStatus.EXPIRED]
    assert "January 29" in await ana.text("PAUSE 2 WEEKS")
    async with database.read() as session:
        volunteer = await session.get_one(Volunteer, asked.volunteer.id)
    assert volunteer.paused_until == clock.now() + timedelta(days=14)
    await ana.text("START")
    async with database.read() as session:
        assert (await session.get_one(Volunteer, asked.volunteer.id)).paused_until is None


async def test_stop_withdraws_consent_and_start_gives_it_back(
    database: Database, asked: Asked, phone: Callable[[str], Phone], clock: FixedClock
) -> None:
    person_id = asked.volunteer.person_id
    async with database.begin() as session:
        command = RecordConsent(
            person_id=person_id,
            community_id=asked.ask.community_id,
            purpose=Purpose.OFFERS,
            granted=True,
            text_version="1",
            source="form",
        )
        await record_consent(session, Actor.system(), command, now=clock.now())
    ana = phone(ANA)
    clock.advance(timedelta(minutes=1))
    assert "no more texts" in await ana.text("Stop texting me")
    async with database.read() as session:
        assert await find_consent(session, person_id, Purpose.OFFERS, Channel.SMS) is None
        assert await find_consent(session, person_id, Purpose.OFFERS, Channel.EMAIL) is not None
    clock.advance(timedelta(minutes=1))
    assert "welcome back" in await ana.text("START")
    async with database.read() as session:
        assert await find_consent(session, person_id, Purpose.OFFERS, Channel.SMS) is not None


async def test_words_are_passed_on_without_numbers(
    database: Database, asked: Asked, phone: Callable[[str], Phone]
) -> None:
    ana = phone(ANA)
    await ana.text("YES K7")
    assert await ana.text("TO K7 I am at the door, call 617-555-0133") == "Passed on."
    assert "no conversation" in (await ana.text("TO W9 hello")).lower()
    async with database.read() as session:
        (post,) = (await session.scalars(select(ThreadPost))).all()
    assert post.text.startswith("I am at the door")
    assert "0133" not in post.text


async def test_two_of_one_household_share_a_number(
    database: Database, asked: Asked, phone: Callable[[str], Phone]
) -> None:
    async with database.begin() as session:
        community_id = asked.ask.community_id
        storm = await add_storm(session, await add_community(session, "elsewhere"))
        assert storm.community_id != community_id
        first = await session.get_one(PersonName, asked.volunteer.person_id)
        first.full_name = "Ana Example"
        community = await session.get_one(type(await add_community(session, "x")), community_id)
        luis = await add_volunteer(session, community)
        (await session.get_one(PersonName, luis.person_id)).full_name = "Luis Example"
        await give_number(session, luis.person_id, ANA)
        home = asked.requests[2]
        offer = Offer(
            community_id=community_id,
            request_id=home.id,
            volunteer_id=luis.id,
            status=OfferStatus.SENT,
            code="K7",
            position=0,
            starts_at=asked.offers[0].starts_at,
            ends_at=asked.offers[0].ends_at,
            accept_p=0.5,
            proposed_at=asked.ask.proposed_at,
            sent_at=asked.ask.sent_at,
        )
        session.add(offer)
    ana = phone(ANA)
    question = await ana.text("YES K7")
    assert "Ana, Luis" in question
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Assignment)) == 0

    await ana.text("YES K7 Luis")
    async with database.read() as session:
        assert (await session.get_one(Offer, offer.id)).status is OfferStatus.ACCEPTED
    # A code that only one of them has needs no name.
    await ana.text("YES M4")
    assert (await statuses(database, asked))[1] is OfferStatus.ACCEPTED


async def test_unknown_number_hears_how_to_begin(
    database: Database, asked: Asked, phone: Callable[[str], Phone]
) -> None:
    stranger = phone("+16175559999")
    assert SITE in await stranger.text("YES K7")
    assert "No conocemos" in await stranger.text("SI K7")
    # A machine that answers each answer would go on for ever.
    assert await stranger.text("I am away")
    assert await stranger.text("I am away") == ""
    assert await statuses(database, asked) == [OfferStatus.SENT, OfferStatus.SENT]


async def test_replies_in_the_persons_language(
    database: Database, asked: Asked, phone: Callable[[str], Phone]
) -> None:
    async with database.begin() as session:
        preferences = await session.get_one(Preferences, asked.volunteer.person_id)
        preferences.languages = ["es", "en"]
    reply = await phone(ANA).text("yes w9")
    assert reply == "No conocemos el codigo W9. Los suyos: K7, M4."


async def test_flood_from_one_number_is_not_answered_but_stop_is(
    asked: Asked, phone: Callable[[str], Phone]
) -> None:
    ana = phone(ANA)
    replies = [await ana.text("status") for _ in range(32)]
    assert replies[0]
    assert replies[-1] == ""
    assert "no more texts" in await ana.text("STOP")


async def test_number_is_verified_by_writing_and_words_are_not_kept(
    database: Database, asked: Asked, phone: Callable[[str], Phone], clock: FixedClock
) -> None:
    ana = phone(ANA)
    await ana.text("status please, my sister Imaginaria lives here")
    clock.advance(timedelta(days=2))
    await ana.text("status")
    async with database.read() as session:
        contact = (
            await session.scalars(select(ContactPoint).where(ContactPoint.value == ANA))
        ).one()
        rows = list(await session.scalars(select(InboundText).order_by(InboundText.received_at)))
    assert contact.verified_at is not None
    assert (rows[0].reply, rows[0].sender_digest) == (None, "")
    assert rows[1].reply


async def test_asking_for_help_by_text(
    asked: Asked, phone: Callable[[str], Phone], database: Database
) -> None:
    rosa = phone(ROSA)
    assert "What help" in await rosa.text("ask")
    assert "when?" in await rosa.text("1")


async def test_resident_calls_off_by_reference(
    database: Database, asked: Asked, phone: Callable[[str], Phone], clock: FixedClock
) -> None:
    async with database.begin() as session:
        work = await accept_offer(
            session,
            Actor(person_id=asked.volunteer.person_id),
            asked.offers[0].id,
            now=clock.now(),
        )
    reference = asked.requests[0].reference
    assert reference in await phone(ROSA).text(f"cancel {reference.lower()}")
    async with database.begin() as session:
        assert (await session.get_one(Assignment, work.id)).status is AssignmentStatus.RELEASED
        with pytest.raises(Exception, match="over"):
            await report_done(session, Actor.system(), work.id, now=clock.now())
