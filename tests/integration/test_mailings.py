"""Mailings from draft to the last mail, with the worker's own jobs, on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import update

from campaigns.audiences.errors import AudienceEmpty, AudienceIsEverybody
from campaigns.mailings import actions
from campaigns.mailings.approving import (
    ApproveMailing,
    approve_mailing,
    cancel_mailing,
    choose_variant,
    pause_mailing,
    resume_mailing,
)
from campaigns.mailings.composing import change_mailing, create_mailing, send_test
from campaigns.mailings.errors import (
    AlreadySent,
    InvalidMailing,
    LanguageMissing,
    MailingStands,
    ResultNotDue,
    SampleTooLarge,
    TooManyTests,
)
from campaigns.mailings.kinds import Action, MailingStatus, RecipientStatus, Variant
from campaigns.mailings.models import Mailing, MailingRecipient, MailingSettings
from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted
from matching.kinds import StormStatus
from matching.models import Storm
from messaging.kinds import ContactLimits, MessageStatus
from messaging.models import Message
from messaging.sending import queue_message
from messaging.stopping import stop_all
from people.kinds import Channel, Purpose, Role
from people.links import resolve_link
from people.models import Membership, Person, Preferences
from tests.factories.mailings import (
    ENGLISH,
    OTHER,
    SPANISH,
    add_people,
    add_segment,
    address_of,
    write_mailing,
)
from tests.factories.messages import add_contact, make_draft
from tests.factories.people import LONG_AGO, actor_as
from tests.mailing_house import House

BOTH = {Variant.A: {"en": ENGLISH, "es": SPANISH}}
TWO = {Variant.A: {"en": ENGLISH}, Variant.B: {"en": OTHER}}


@pytest.fixture
async def house(database: Database, clock: FixedClock) -> House:
    made = House(database, clock)
    await made.open()
    return made


async def test_everybody_gets_it_once_in_their_language_with_a_way_out(house: House) -> None:
    async with house.database.begin() as session:
        spanish = await add_people(session, house.community, 3, language="es", mail_of="es")
    mailing = await house.draft(texts=BOTH)
    await house.approve(mailing)
    await house.run_for(2)

    assert (await house.get(mailing)).status is MailingStatus.SENT
    wanted = {address_of(key) for key in house.people} | {address_of(key, "es") for key in spanish}
    assert house.addresses() == dict.fromkeys(wanted, 1)
    by_address = {mail.recipient: mail.parse() for mail in house.mailer.sent}
    english = by_address[address_of(house.people[0])]
    body = english.get_body(("plain",))
    assert body is not None
    assert "Blue carts" in english["Subject"]
    assert "Dear neighbor," in body.get_content()
    assert "- Paper" in body.get_content()
    assert "https://help.city.example/l/" in body.get_content()
    assert "city.example/recycling" not in body.get_content(), "links lead to the counted page"
    assert english["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "carros azules" in by_address[address_of(spanish[0], "es")]["Subject"]
    assert "opened.gif" not in english.as_string(), "no picture unless the community wants it"
    assert (await house.figures(mailing)).sent_count == 15


async def test_missing_language_is_said_before_and_may_be_accepted(house: House) -> None:
    async with house.database.begin() as session:
        await add_people(session, house.community, 6, language="es", mail_of="es")
    mailing = await house.draft()
    with pytest.raises(LanguageMissing, match=r"es \(6 people\)"):
        await house.approve(mailing)
    fine = await house.draft(title="fine", accepts_fallback=True)
    await house.approve(fine)
    await house.run_for(2)
    assert {row.language for row in await house.places(fine)} == {"en"}


async def test_two_who_send_the_same_at_once_send_it_once(house: House) -> None:
    first, second = await house.draft(), await house.draft(title="Carts, by another manager")
    await house.approve(first)
    with pytest.raises(AlreadySent, match="24 hours"):
        await house.approve(second)
    with pytest.raises(AlreadySent, match="on its way"):
        await house.approve(first)
    house.clock.advance(timedelta(hours=25))
    assert (await house.approve(second)).status is MailingStatus.SCHEDULED


async def test_the_same_words_go_again_when_somebody_says_so(house: House) -> None:
    first, second = await house.draft(), await house.draft()
    await house.approve(first)
    await house.approve(second, send_again=True)
    async with house.database.begin() as session:
        session.add(
            MailingSettings(
                community_id=house.community.id,
                gap_s=0,
                week_budget=9,
                changed_at=house.clock.now(),
            )
        )
    await house.run_for(2)
    assert set(house.addresses().values()) == {2}


async def test_who_leaves_during_the_run_gets_nothing_more(house: House) -> None:
    mailing = await house.draft(rate_per_min=8)
    await house.approve(mailing)
    await house.run()
    assert len(house.mailer.sent) == 2
    last, before_last = [row.person_id for row in await house.places(mailing)][-2:]
    async with house.database.begin() as session:
        await stop_all(session, last, Channel.EMAIL, now=house.clock.now())
        await session.execute(
            update(Membership)
            .where(Membership.person_id == before_last)
            .values(ended_at=house.clock.now())
        )
    await house.run_for(5)

    assert (await house.get(mailing)).status is MailingStatus.SENT
    assert len(house.mailer.sent) == 10
    assert {address_of(last), address_of(before_last)}.isdisjoint(house.addresses())
    left = {row.person_id: row.reason for row in await house.places(mailing) if row.reason}
    assert left == {last: "unsubscribed", before_last: "left_segment"}


async def test_stop_wins_over_what_waits_in_the_outbox(house: House) -> None:
    async with house.database.begin() as session:
        await session.execute(
            update(Preferences).values(quiet_from_min=0, quiet_until_min=23 * 60 + 59)
        )
    mailing = await house.draft()
    await house.approve(mailing)
    await house.run()
    assert house.mailer.sent == []
    gone = house.people[3]
    async with house.database.begin() as session:
        await stop_all(session, gone, Channel.EMAIL, now=house.clock.now())
        await session.execute(update(Preferences).values(quiet_until_min=0))
        await session.execute(update(Message).values(due_at=house.clock.now()))
    house.clock.advance(timedelta(hours=12))
    await house.run_for(10)
    assert address_of(gone) not in house.addresses()
    assert len(house.mailer.sent) == 11


async def test_pause_holds_what_is_queued_and_resume_doubles_nothing(house: House) -> None:
    mailing = await house.draft(rate_per_min=8)
    await house.approve(mailing)
    await house.run()
    await house.act(pause_mailing, mailing.id)
    await house.act(pause_mailing, mailing.id)
    sent = len(house.mailer.sent)
    assert 0 < sent < 12
    await house.run_for(5)
    assert len(house.mailer.sent) == sent
    await house.act(resume_mailing, mailing.id)
    await house.act(resume_mailing, mailing.id)
    await house.run_for(5)
    assert (await house.get(mailing)).status is MailingStatus.SENT
    assert house.addresses() == dict.fromkeys((address_of(key) for key in house.people), 1)


async def test_cancelled_is_the_end(house: House) -> None:
    mailing = await house.draft(rate_per_min=8)
    await house.approve(mailing)
    await house.run()
    sent = len(house.mailer.sent)
    await house.act(cancel_mailing, mailing.id)
    await house.run_for(5)
    assert len(house.mailer.sent) == sent
    with pytest.raises(MailingStands):
        await house.act(resume_mailing, mailing.id)


async def test_mailings_give_way_to_a_storm_and_never_hold_one_up(house: House) -> None:
    now = house.clock.now()
    async with house.database.begin() as session:
        storm = Storm(
            community_id=house.community.id,
            status=StormStatus.ACTIVE,
            created_at=now,
            opened_at=now,
            since_at=now,
        )
        session.add(storm)
    mailing = await house.draft()
    await house.approve(mailing)
    await house.run_for(1)
    assert house.mailer.sent == []
    assert (await house.get(mailing)).held_reason == "storm"

    urgent = await house.draft(title="Warming rooms", despite_storm=True)
    await house.approve(urgent, send_again=True)
    await house.run_for(1)
    assert len(house.mailer.sent) == 12

    async with house.database.begin() as session:
        person = await session.get_one(Person, house.people[0])
        await add_contact(session, person)
        draft = make_draft(
            house.community,
            person,
            purpose=Purpose.CAMPAIGNS,
            storm_id=storm.id,
            limits=ContactLimits(gap_s=7_200, storm_budget=3),
        )
        message = await queue_message(session, draft, now=house.clock.now())
    assert message.due_at == house.clock.now(), "a mailing just before holds up nothing of a storm"

    async with house.database.begin() as session:
        await session.execute(update(Storm).values(status=StormStatus.CLOSED))
    house.clock.advance(timedelta(hours=2))
    await house.run_for(70)
    assert (await house.get(mailing)).status is MailingStatus.SENT


async def test_the_budget_of_a_person_is_shared_with_all_senders(house: House) -> None:
    async with house.database.begin() as session:
        person = await session.get_one(Person, house.people[0])
        for _ in range(3):
            draft = make_draft(house.community, person, purpose=Purpose.CAMPAIGNS)
            await queue_message(session, draft, now=house.clock.now())
    mailing = await house.draft()
    await house.approve(mailing)
    await house.run_for(2)
    by_person = {row.person_id: row for row in await house.places(mailing)}
    spent = by_person.pop(house.people[0])
    assert (spent.status, spent.reason) == (RecipientStatus.SKIPPED, "budget_spent")
    assert {row.status for row in by_person.values()} == {RecipientStatus.QUEUED}


async def test_nobody_and_everybody_are_refused(house: House) -> None:
    async with house.database.begin() as session:
        nobody = await add_segment(
            session, house.community, {"where": {"type": "language", "languages": ["fi"]}}
        )
    empty = await house.draft(segment_version_id=nobody.id)
    with pytest.raises(AudienceEmpty):
        await house.approve(empty)
    mailing = await house.draft()
    with pytest.raises(AudienceIsEverybody):
        await house.approve(mailing, everybody=False)
    with pytest.raises(InvalidMailing, match="one year"):
        await house.approve(mailing, starts_at=house.clock.now() + timedelta(days=500))


async def test_scheduled_goes_out_at_its_time(house: House) -> None:
    mailing = await house.draft()
    await house.approve(mailing, starts_at=house.clock.now() + timedelta(minutes=10))
    await house.run_for(9)
    assert house.mailer.sent == []
    await house.run_for(3)
    assert len(house.mailer.sent) == 12


@pytest.fixture
async def lab(database: Database, clock: FixedClock) -> House:
    """A house whose outbox is emptied by `arrive`: a comparison is about counts, not about mail."""
    made = House(database, clock, delivers=False)
    await made.open(150)
    return made


async def arrive(house: House) -> int:
    """Everything in the outbox arrives; how many mails."""
    async with house.database.begin() as session:
        rows = await session.execute(
            update(Message)
            .where(Message.status == MessageStatus.QUEUED)
            .values(status=MessageStatus.SENT, sent_at=house.clock.now())
            .returning(Message.id)
        )
        return len(rows.all())


async def compared(house: House) -> Mailing:
    mailing = await house.draft(texts=TWO, sample_size=50, wait_s=3_600)
    await house.approve(mailing)
    await house.run()
    assert await arrive(house) == 100
    await house.run_for(1)
    return mailing


async def press(house: House, mailing: Mailing, variant: Variant, count: int) -> None:
    rows = [row for row in await house.places(mailing) if row.variant is variant]
    async with house.database.begin() as session:
        for row in rows[:count]:
            await actions.press_link(session, row.id, now=house.clock.now())
            await actions.press_link(session, row.id, now=house.clock.now())


async def test_a_shown_difference_sends_the_better_variant_to_the_rest(lab: House) -> None:
    mailing = await compared(lab)
    assert (await lab.get(mailing)).status is MailingStatus.WAITING
    rows = await lab.places(mailing)
    assert Counter(row.variant for row in rows) == {Variant.A: 50, Variant.B: 50, None: 50}
    assert all(row.in_sample is (row.position < 100) for row in rows)
    await press(lab, mailing, Variant.B, 25)
    await press(lab, mailing, Variant.A, 5)
    with pytest.raises(ResultNotDue):
        await lab.act(choose_variant, mailing.id, Variant.B)
    await lab.run_for(50)
    assert (await lab.get(mailing)).result is None, "nobody looks before the time is over"
    assert await arrive(lab) == 0
    await lab.run_for(15)
    assert await arrive(lab) == 50
    await lab.run_for(3)

    done = await lab.get(mailing)
    assert done.status is MailingStatus.SENT
    assert done.chosen_variant is Variant.B
    assert done.result is not None
    assert (done.result["acted"], done.result["reached"]) == ({"a": 5, "b": 25}, {"a": 50, "b": 50})
    assert done.result["verdict"] == "lower"
    assert Counter(row.variant for row in await lab.places(mailing)) == {"a": 50, "b": 100}
    assert (await lab.figures(mailing)).actions == {Action.LINK: 30}


async def test_no_difference_is_said_and_a_person_chooses(lab: House) -> None:
    mailing = await compared(lab)
    await press(lab, mailing, Variant.B, 9)
    await press(lab, mailing, Variant.A, 7)
    await lab.run_for(70)
    asked = await lab.get(mailing)
    assert asked.status is MailingStatus.CHOOSING
    assert asked.result is not None
    assert asked.result["verdict"] == "no_effect_shown"
    assert asked.result["winner"] is None
    assert await arrive(lab) == 0
    await lab.act(choose_variant, mailing.id, Variant.A)
    await lab.run()
    assert await arrive(lab) == 50
    await lab.run_for(2)
    assert (await lab.get(mailing)).status is MailingStatus.SENT


async def test_a_sample_needs_its_people(house: House) -> None:
    mailing = await house.draft(texts=TWO, sample_size=50, wait_s=3_600)
    with pytest.raises(SampleTooLarge, match="100"):
        await house.approve(mailing)
    with pytest.raises(InvalidMailing, match="50 to"):
        await house.draft(texts=TWO, sample_size=5, wait_s=3_600)
    with pytest.raises(InvalidMailing, match="variant B"):
        await house.draft(texts=TWO)


async def test_tests_go_to_oneself_and_count_nowhere(house: House) -> None:
    mailing = await house.draft(texts=BOTH)
    sent = await house.act(send_test, mailing.id)
    await house.run()
    assert len(sent) == len(house.mailer.sent) == 2
    assert {mail.parse()["Subject"][:6] for mail in house.mailer.sent} == {"[Test "}
    assert all(row.person_id == house.manager.person_id and not row.counts for row in sent)
    for _ in range(4):
        await house.act(send_test, mailing.id)
    with pytest.raises(TooManyTests):
        await house.act(send_test, mailing.id)
    assert (await house.get(mailing)).status is MailingStatus.DRAFT


async def test_only_managers_write_and_only_drafts_change(house: House) -> None:
    mailing = await house.draft()
    coordinator = actor_as(Role.COORDINATOR, house.community.id)
    command = write_mailing(house.community, house.version, title="Changed")
    for workflow, args in (
        (create_mailing, (command,)),
        (change_mailing, (mailing.id, command)),
        (approve_mailing, (ApproveMailing(mailing_id=mailing.id),)),
        (cancel_mailing, (mailing.id,)),
        (send_test, (mailing.id,)),
    ):
        with pytest.raises(NotPermitted):
            await house.act(workflow, *args, actor=coordinator)
    changed = await house.act(change_mailing, mailing.id, command)
    assert changed.title == "Changed"
    await house.approve(mailing)
    with pytest.raises(MailingStands):
        await house.act(change_mailing, mailing.id, command)


async def test_opens_are_counted_only_where_a_manager_switched_it_on(house: House) -> None:
    async with house.database.begin() as session:
        session.add(
            MailingSettings(community_id=house.community.id, counts_opens=True, changed_at=LONG_AGO)
        )
    mailing = await house.draft()
    await house.approve(mailing)
    await house.run_for(2)
    page = house.mailer.sent[0].parse().get_body(("html",))
    assert page is not None
    address = page.get_content().split("/opened.gif")[0].rsplit("/l/", 1)[1]
    assert "tells us that it was opened" in page.get_content()
    async with house.database.begin() as session:
        link = await resolve_link(session, address, now=house.clock.now())
        assert await actions.note_opened(session, link.subject_id, now=house.clock.now())
        assert not await actions.note_opened(session, link.subject_id, now=house.clock.now())
    assert (await house.figures(mailing)).opened_count == 1
    async with house.database.begin() as session:
        await session.execute(update(MailingSettings).values(counts_opens=False))
        await session.execute(update(MailingRecipient).values(opened_at=None))
        assert not await actions.note_opened(session, link.subject_id, now=house.clock.now())


async def test_replies_sign_ups_and_endings_are_counted_once(house: House) -> None:
    mailing = await house.draft()
    await house.approve(mailing)
    await house.run_for(2)
    rows = await house.places(mailing)
    now = house.clock.now()
    async with house.database.begin() as session:
        message = await session.get_one(Message, rows[0].message_id)
        await actions.note_reply(session, message, now=now)
        await actions.note_sign_up(session, rows[0].person_id, house.community.id, now=now)
        await actions.note_sign_up(session, rows[1].person_id, house.community.id, now=now)
        await stop_all(session, rows[2].person_id, Channel.EMAIL, now=now)
    figures = await house.figures(mailing)
    assert figures.actions == {Action.REPLY: 1, Action.SIGN_UP: 1}
    assert figures.unsubscribed_count == 1
    assert figures.messages == {MessageStatus.SENT: 12}
