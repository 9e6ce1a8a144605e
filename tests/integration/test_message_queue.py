"""What is queued, where to and for when: on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.clock import FixedClock
from core.db import Database
from core.errors import Conflict
from core.ids import new_id
from core.jobs import check_jobs
from messaging.budget import list_contactable
from messaging.errors import InvalidDraft, TextTooLong
from messaging.kinds import ContactLimits, MessageStatus, Words
from messaging.repository import find_words, load_contact_state
from messaging.sending import queue_message, take_back_messages
from people.kinds import Channel, Purpose
from people.models import Preferences
from tests.factories.messages import (
    WORDS,
    add_contact,
    add_reachable,
    give_consent,
    make_draft,
)
from tests.factories.people import add_community, add_person


async def waiting_jobs(database: Database, now: datetime) -> int:
    async with database.read() as session:
        return (await check_jobs(session, now=now)).waiting_count


async def test_queued_in_the_transaction_of_the_caller(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_reachable(session, community)
    draft = make_draft(community, person, subject_type="ask", subject_id=new_id())

    async def queue_and_fail() -> None:
        async with database.begin() as session:
            await queue_message(session, draft, now=now)
            raise KeyError

    with pytest.raises(KeyError):
        await queue_and_fail()
    assert await waiting_jobs(database, now) == 0

    async with database.begin() as session:
        message = await queue_message(session, draft, now=now)
    assert message.status is MessageStatus.QUEUED
    assert message.channel is Channel.EMAIL
    assert message.consent_id is not None
    assert message.due_at == now
    assert await waiting_jobs(database, now) == 1


async def test_the_same_key_is_the_same_message(database: Database, clock: FixedClock) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_reachable(session, community)
        other = await add_reachable(session, community)
    draft = make_draft(community, person)

    async def queue() -> object:
        async with database.begin() as session:
            return (await queue_message(session, draft, now=now)).id

    ids = await asyncio.gather(*(queue() for _ in range(5)))

    assert len(set(ids)) == 1
    assert await waiting_jobs(database, now) == 1
    with pytest.raises(Conflict):
        async with database.begin() as session:
            await queue_message(session, replace(draft, person_id=other.id), now=now)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("nobody agreed", "no_consent"),
        ("withdrawn", "no_consent"),
        ("no contact", "no_contact"),
        ("phone only", "call_by_phone"),
        ("typed by anybody", "contact_unverified"),
        ("bounced", "contact_bounced"),
        ("erased", "person_erased"),
    ],
)
async def test_suppressed_with_a_reason(
    database: Database, clock: FixedClock, case: str, reason: str
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_person(session, community)
        if case not in ("no contact", "phone only"):
            contact = await add_contact(
                session, person, verified=case != "typed by anybody", preferred=True
            )
            contact.bounced_at = now if case == "bounced" else None
        if case == "phone only":
            await add_contact(session, person, Channel.PHONE)
        if case != "nobody agreed":
            await give_consent(session, community, person)
        if case == "withdrawn":
            await give_consent(session, community, person, granted=False, recorded_at=now)
        if case == "erased":
            person.erased_at = now

        message = await queue_message(session, make_draft(community, person), now=now)

        assert (message.status, message.reason) == (MessageStatus.SUPPRESSED, reason)
        assert await find_words(session, message.id) is None
    assert await waiting_jobs(database, now) == 0


async def test_channel_is_the_one_wanted_and_allowed(database: Database, clock: FixedClock) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_reachable(session, community, Channel.EMAIL, Channel.SMS)
        preferences = await session.get(Preferences, person.id)
        assert preferences is not None
        channels = []
        for wanted in (None, Channel.SMS, Channel.EMAIL, Channel.PHONE):
            preferences.channel = wanted
            message = await queue_message(session, make_draft(community, person), now=now)
            channels.append(message.channel)
        preferences.channel = Channel.SMS
        long_words = Words("Subject", "Text", "", "")
        mailed = await queue_message(
            session, make_draft(community, person, words=long_words), now=now
        )
        await give_consent(
            session, community, person, channel=Channel.SMS, granted=False, recorded_at=now
        )
        allowed = await queue_message(session, make_draft(community, person), now=now)

    assert channels == [Channel.EMAIL, Channel.SMS, Channel.EMAIL, Channel.EMAIL]
    assert mailed.channel is Channel.EMAIL
    assert allowed.channel is Channel.EMAIL


async def test_quiet_hours_wait_unless_it_is_an_answer(database: Database) -> None:
    night = datetime(2026, 1, 16, 4, 30, tzinfo=UTC)  # 23:30 in Cambridge
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_reachable(session, community)
        calm = await queue_message(session, make_draft(community, person), now=night)
        answer = await queue_message(session, make_draft(community, person, hurry=True), now=night)
        late = await queue_message(
            session,
            make_draft(community, person, expires_at=night + timedelta(hours=3)),
            now=night,
        )

    seven = datetime(2026, 1, 16, 12, 0, tzinfo=UTC)
    assert seven <= calm.due_at < seven + timedelta(minutes=20)
    assert answer.due_at == night
    assert late.reason == "too_late"


async def test_gap_and_budget_hold_for_all_senders_together(
    database: Database, clock: FixedClock
) -> None:
    now, storm = clock.now(), new_id()
    limits = ContactLimits(gap_s=3600, storm_budget=2)
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_reachable(session, community)

    async def queue(kind: str, **changes: object) -> object:
        async with database.begin() as session:
            draft = make_draft(
                community, person, kind=kind, storm_id=storm, limits=limits, **changes
            )
            return await queue_message(session, draft, now=now)

    # two senders at the same moment
    messages = await asyncio.gather(*(queue(kind) for kind in ("offer", "notice", "reminder")))

    due = sorted(message.due_at for message in messages if message.reason is None)  # type: ignore[attr-defined]  # messages
    assert due == [now, now + timedelta(hours=1)]
    assert [m.reason for m in messages if m.reason] == ["budget_spent"]  # type: ignore[attr-defined]  # messages
    async with database.begin() as session:
        await queue_message(
            session, make_draft(community, person, counts=False, storm_id=storm), now=now
        )
        states = await load_contact_state(session, [person.id], storm)
        assert states[person.id].sent_count == 2
        assert states[person.id].last_sent_at == now + timedelta(hours=1)
        assert await list_contactable(session, [person.id], storm, limits, now=now) == []
        elsewhere = await load_contact_state(session, [person.id], new_id())
        assert elsewhere[person.id].sent_count == 0


async def test_what_is_no_longer_true_is_taken_back(database: Database, clock: FixedClock) -> None:
    now, subject = clock.now(), new_id()
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_reachable(session, community)
        about = await queue_message(
            session, make_draft(community, person, subject_id=subject), now=now
        )
        other = await queue_message(session, make_draft(community, person), now=now)
        assert await take_back_messages(session, subject_id=subject) == 1
        assert await take_back_messages(session, subject_id=subject) == 0
        await session.refresh(about)
        await session.refresh(other)
        with pytest.raises(ValueError, match="Say whose"):
            await take_back_messages(session, kinds=["offer"])

    assert (about.status, about.reason) == (MessageStatus.SUPPRESSED, "no_longer_true")
    assert other.status is MessageStatus.QUEUED


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"kind": "An offer"}, InvalidDraft),
        ({"key": ""}, InvalidDraft),
        ({"purpose": None}, InvalidDraft),
        ({"words": Words("only a subject", "", "", "")}, InvalidDraft),
        ({"person_id": new_id()}, InvalidDraft),
        ({"calendar": b"BEGIN:VCALENDAR", "digest_s": 60}, InvalidDraft),
        ({"words": replace(WORDS, short="x" * 460)}, TextTooLong),
    ],
)
async def test_impossible_drafts_are_refused(
    database: Database, clock: FixedClock, changes: dict[str, object], error: type[Exception]
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_reachable(session, community)
        with pytest.raises(error):
            await queue_message(session, make_draft(community, person, **changes), now=clock.now())


async def test_an_answer_to_the_person_needs_no_consent(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_person(session, community)
        await add_contact(session, person, verified=False)
        message = await queue_message(
            session,
            make_draft(community, person, purpose=None, hurry=True, kind="sign_in"),
            now=clock.now(),
        )
    assert message.status is MessageStatus.QUEUED
    assert message.consent_id is None
    assert Purpose.OFFERS is not message.purpose
