"""Two-way conversations about an agreed visit, on both databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database, Session
from core.events import Event
from core.ids import new_id
from core.jobs import JobRegistry, JobTools, run_due_jobs
from core.settings import Settings
from messaging import conversation_jobs, conversations
from messaging.conversation_models import Thread, ThreadMember, ThreadPost
from messaging.conversations import OpenThread, open_thread, post_by_code, post_message
from messaging.errors import InvalidPost, ThreadClosed, ThreadUnknown, TooManyPosts
from messaging.kinds import MessageStatus, ThreadSide
from messaging.models import Message, MessageWords
from people.auth import Actor
from people.consents import RecordConsent, record_consent
from people.kinds import Channel, Purpose, Role
from people.models import Community, ContactPoint, Person
from tests.factories.people import add_community, add_person

HOUR = timedelta(hours=1)


@dataclass
class Visit:
    """An agreed visit, and everybody who might want to read along."""

    thread: UUID
    subject: UUID
    community: UUID
    resident: UUID
    volunteer: UUID
    coordinator: UUID
    stranger: UUID
    foreign_manager: UUID
    foreign: UUID
    codes: dict[UUID, str]

    def actors(self) -> dict[str, Actor]:
        return {
            "anonymous": Actor.anonymous(),
            "stranger": Actor(person_id=self.stranger),
            "manager of another city": Actor(
                person_id=self.foreign_manager,
                roles={self.foreign: frozenset({Role.MANAGER})},
            ),
            "resident": Actor(person_id=self.resident),
            "volunteer": Actor(person_id=self.volunteer),
            "coordinator": Actor(
                person_id=self.coordinator,
                roles={self.community: frozenset({Role.COORDINATOR})},
            ),
        }


async def reachable(
    session: Session, community: Community, channel: Channel, value: str, purpose: Purpose
) -> Person:
    person = await add_person(session, community)
    session.add(
        ContactPoint(
            person_id=person.id,
            channel=channel,
            value=value,
            preferred=True,
            verified_at=person.created_at,
        )
    )
    command = RecordConsent(
        person_id=person.id,
        community_id=community.id,
        purpose=purpose,
        granted=True,
        text_version="1",
        source="form",
    )
    await record_consent(session, Actor.system(), command, now=person.created_at)
    return person


@pytest.fixture
async def visit(database: Database, clock: FixedClock) -> Visit:
    async with database.begin() as session:
        community = await add_community(session)
        foreign = await add_community(session, "boston")
        resident = await reachable(
            session, community, Channel.SMS, "+16175550101", Purpose.MATCHING
        )
        volunteer = await reachable(
            session, community, Channel.EMAIL, "helper@example.org", Purpose.OFFERS
        )
        others = [await add_person(session, community) for _ in range(2)]
        manager = await add_person(session, foreign, role=Role.MANAGER)
        command = OpenThread(
            community_id=community.id,
            subject_type="assignment",
            subject_id=new_id(),
            resident_id=resident.id,
            volunteer_id=volunteer.id,
            starts_at=clock.now() + HOUR,
            ends_at=clock.now() + 2 * HOUR,
            volunteer_code="K7",
        )
        thread = await open_thread(session, command, now=clock.now())
        members = await session.scalars(select(ThreadMember))
        codes = {member.person_id: member.code for member in members}
    return Visit(
        thread=thread.id,
        subject=command.subject_id,
        community=community.id,
        resident=resident.id,
        volunteer=volunteer.id,
        coordinator=others[0].id,
        stranger=others[1].id,
        foreign_manager=manager.id,
        foreign=foreign.id,
        codes=codes,
    )


async def say(
    database: Database, actor: Actor, thread: UUID, text: str, now: datetime
) -> ThreadPost:
    async with database.begin() as session:
        return await post_message(session, actor, thread, text, now=now)


async def messages_to(database: Database, person_id: UUID) -> list[tuple[Message, MessageWords]]:
    async with database.read() as session:
        rows = await session.execute(
            select(Message, MessageWords)
            .join(MessageWords, MessageWords.message_id == Message.id)
            .where(Message.person_id == person_id)
            .order_by(Message.id)
        )
        return [(row[0], row[1]) for row in rows]


async def test_what_one_says_reaches_the_other_on_their_channel(
    database: Database, clock: FixedClock, visit: Visit
) -> None:
    actors = visit.actors()
    await say(database, actors["volunteer"], visit.thread, "I am at the door", clock.now())
    await say(database, actors["resident"], visit.thread, "Coming!", clock.now())

    ((text, text_words),) = await messages_to(database, visit.resident)
    ((mail, mail_words),) = await messages_to(database, visit.volunteer)

    assert (text.channel, text.status, text.counts) == (Channel.SMS, MessageStatus.QUEUED, False)
    assert "I am at the door" in text_words.short
    assert f"TO {visit.codes[visit.resident]} " in text_words.short
    assert mail.channel is Channel.EMAIL
    assert "Coming!" in mail_words.text
    assert "Coming!" in mail_words.html
    assert visit.codes[visit.volunteer] == "K7"


async def test_answer_by_code_finds_its_way(
    database: Database, clock: FixedClock, visit: Visit
) -> None:
    async with database.begin() as session:
        post = await post_by_code(
            session, visit.volunteer, " k7", "Here I am", now=clock.now(), source_key="SM1"
        )
        again = await post_by_code(
            session, visit.volunteer, "K7", "Here I am", now=clock.now(), source_key="SM1"
        )
        codes = await conversations.list_codes(session, visit.volunteer)
        with pytest.raises(ThreadUnknown):
            await post_by_code(session, visit.stranger, "K7", "Hello", now=clock.now())

    assert post.id == again.id
    assert codes == ["K7"]
    assert len(await messages_to(database, visit.resident)) == 1


async def test_numbers_and_addresses_are_masked_but_not_those_that_staff_give(
    database: Database, clock: FixedClock, visit: Visit
) -> None:
    words = "Call 617-555-0123 or write to me@example.org"
    actors = visit.actors()
    post = await say(database, actors["volunteer"], visit.thread, words, clock.now())
    staff = await say(database, actors["coordinator"], visit.thread, words, clock.now())

    assert (post.text, post.masked_count) == ("Call *** or write to ***", 2)
    assert staff.text == words
    for _, stored in await messages_to(database, visit.resident):
        if "Staff" not in stored.text:
            assert "555-0123" not in stored.text + stored.html + stored.short
    async with database.read() as session:
        posts = await session.scalars(
            select(ThreadPost.text).where(ThreadPost.side == ThreadSide.VOLUNTEER)
        )
        assert all("0123" not in text for text in posts)


async def test_others_see_no_name_number_or_address(
    database: Database, clock: FixedClock, visit: Visit
) -> None:
    actors = visit.actors()
    await say(database, actors["volunteer"], visit.thread, "On my way", clock.now())
    await say(database, actors["resident"], visit.thread, "Thank you", clock.now())

    ((_, to_resident),) = await messages_to(database, visit.resident)
    ((_, to_volunteer),) = await messages_to(database, visit.volunteer)
    said = " ".join(
        words.subject + words.text + words.html + words.short
        for words in (to_resident, to_volunteer)
    )
    for secret in ("+1617", "6175550101", "helper@example.org", "Synthetic Person", "Imaginary"):
        assert secret not in said


READERS = {
    "anonymous": (False, False, False),
    "stranger": (False, False, False),
    "manager of another city": (False, False, False),
    "resident": (True, True, False),
    "volunteer": (True, True, False),
    "coordinator": (True, True, True),
}
"""Who may read: while it goes on, some days after, and weeks after."""


@pytest.mark.parametrize("name", READERS)
async def test_who_may_read(database: Database, clock: FixedClock, visit: Visit, name: str) -> None:
    actor = visit.actors()[name]
    await say(database, visit.actors()["resident"], visit.thread, "Hello", clock.now())
    seen = [await can_read(database, actor, visit, clock.now())]
    async with database.begin() as session:
        await conversations.close_thread(session, "assignment", visit.subject, now=clock.now())
    for step in (timedelta(days=6), timedelta(days=2)):
        clock.advance(step)
        seen.append(await can_read(database, actor, visit, clock.now()))

    assert tuple(seen) == READERS[name]


async def can_read(database: Database, actor: Actor, visit: Visit, now: datetime) -> bool:
    async with database.read() as session:
        try:
            posts = await conversations.list_posts(session, actor, visit.thread, now=now)
        except ThreadUnknown:
            return False
    return [post.text for post in posts] == ["Hello"]


WRITERS = {
    "anonymous": ThreadUnknown,
    "stranger": ThreadUnknown,
    "manager of another city": ThreadUnknown,
    "resident": None,
    "volunteer": None,
    "coordinator": None,
}


@pytest.mark.parametrize("name", WRITERS)
async def test_who_may_write(
    database: Database, clock: FixedClock, visit: Visit, name: str
) -> None:
    actor, error = visit.actors()[name], WRITERS[name]
    if error is None:
        await say(database, actor, visit.thread, "Hello", clock.now())
    else:
        with pytest.raises(error):
            await say(database, actor, visit.thread, "Hello", clock.now())

    async with database.read() as session:
        posts = list(await session.scalars(select(ThreadPost)))
        members = list(await session.scalars(select(ThreadMember)))
        queued = list(await session.scalars(select(Message)))
    assert len(posts) == (0 if error else 1)
    assert len(members) == (3 if name == "coordinator" else 2)
    assert bool(queued) == (error is None)


async def test_staff_who_spoke_hear_the_answers(
    database: Database, clock: FixedClock, visit: Visit
) -> None:
    actors = visit.actors()
    await say(database, actors["coordinator"], visit.thread, "All well?", clock.now())
    await say(database, actors["resident"], visit.thread, "Yes", clock.now())

    async with database.read() as session:
        heard = list(await session.scalars(select(Message.person_id)))
    assert sorted(heard) == sorted(
        [visit.resident, visit.volunteer, visit.volunteer, visit.coordinator]
    )


async def test_nothing_is_said_after_the_visit(
    database: Database, clock: FixedClock, visit: Visit
) -> None:
    async with database.begin() as session:
        await conversations.close_thread(session, "assignment", visit.subject, now=clock.now())
    with pytest.raises(ThreadClosed):
        await say(database, visit.actors()["resident"], visit.thread, "Hello", clock.now())
    async with database.begin() as session:
        codes = await conversations.list_codes(session, visit.resident)
    assert codes == []


async def test_at_night_words_wait_unless_the_visit_is_near(
    database: Database, clock: FixedClock, visit: Visit
) -> None:
    clock.advance(timedelta(hours=1))  # the visit begins
    await say(database, visit.actors()["volunteer"], visit.thread, "At the door", clock.now())
    clock.advance(timedelta(hours=7))  # midnight in Cambridge
    await say(database, visit.actors()["volunteer"], visit.thread, "My shovel?", clock.now())

    (near, _), (night, _) = await messages_to(database, visit.resident)
    assert (near.hurry, night.hurry) == (True, False)
    assert night.due_at >= clock.now() + timedelta(hours=6)


async def test_amount_is_bounded(database: Database, clock: FixedClock, visit: Visit) -> None:
    actor = visit.actors()["resident"]
    for _ in range(conversations.MAX_POSTS_AN_HOUR):
        await say(database, actor, visit.thread, "Hello", clock.now())
    with pytest.raises(TooManyPosts):
        await say(database, actor, visit.thread, "Hello", clock.now())
    clock.advance(timedelta(minutes=61))
    await say(database, actor, visit.thread, "Hello", clock.now())


@pytest.mark.parametrize("text", ["", "  \n ", "\x00\x07", "x" * 1_001])
async def test_words_that_cannot_be_passed_on(
    database: Database, clock: FixedClock, visit: Visit, text: str
) -> None:
    with pytest.raises(InvalidPost):
        await say(database, visit.actors()["resident"], visit.thread, text, clock.now())


async def test_long_words_fit_into_a_text_message(
    database: Database, clock: FixedClock, visit: Visit
) -> None:
    actor = visit.actors()["volunteer"]
    await say(database, actor, visit.thread, "ü€ " * 333, clock.now())
    await say(database, actor, visit.thread, "雪 " * 400, clock.now())

    stored = await messages_to(database, visit.resident)
    assert len(stored) == 2
    assert all("..." in words.short for _, words in stored)


async def test_opening_twice_is_one_conversation(
    database: Database, clock: FixedClock, visit: Visit
) -> None:
    command = OpenThread(
        community_id=visit.community,
        subject_type="assignment",
        subject_id=visit.subject,
        resident_id=visit.resident,
        volunteer_id=visit.volunteer,
        starts_at=clock.now(),
        ends_at=clock.now(),
    )
    async with database.begin() as session:
        again = await open_thread(session, command, now=clock.now())
    assert again.id == visit.thread


async def test_code_that_is_taken_gives_way_to_another(
    database: Database, clock: FixedClock, visit: Visit
) -> None:
    command = OpenThread(
        community_id=visit.community,
        subject_type="assignment",
        subject_id=new_id(),
        resident_id=visit.stranger,
        volunteer_id=visit.volunteer,
        starts_at=clock.now(),
        ends_at=clock.now(),
        volunteer_code="K7",
    )
    async with database.begin() as session:
        await open_thread(session, command, now=clock.now())
        codes = await conversations.list_codes(session, visit.volunteer)
    assert len(set(codes)) == 2
    assert "K7" in codes


async def test_erased_person_leaves_no_words(
    database: Database, clock: FixedClock, visit: Visit
) -> None:
    actors = visit.actors()
    await say(database, actors["resident"], visit.thread, "My dog is Rex", clock.now())
    await say(database, actors["volunteer"], visit.thread, "I like dogs", clock.now())
    async with database.begin() as session:
        count = await conversations.forget_person(session, visit.resident)
    async with database.read() as session:
        texts = list(await session.scalars(select(ThreadPost.text).order_by(ThreadPost.id)))
        members = list(await session.scalars(select(ThreadMember.person_id)))

    assert count == 1
    assert texts == ["", "I like dogs"]
    assert members == [visit.volunteer]


async def test_old_conversations_are_closed_and_then_removed(
    database: Database, clock: FixedClock, visit: Visit
) -> None:
    await say(database, visit.actors()["resident"], visit.thread, "Hello", clock.now())
    registry = JobRegistry()
    conversation_jobs.register_jobs(registry)
    tools = JobTools(database, clock, Settings())
    closed = []
    for days in (0, 4, 31):
        clock.advance(timedelta(days=days))
        await run_due_jobs(database, registry, tools)
        async with database.read() as session:
            found = await session.scalar(select(Thread))
            closed.append(None if found is None else found.closed_at is not None)
    async with database.read() as session:
        left = list(await session.scalars(select(ThreadPost)))

    assert closed == [False, True, None]
    assert left == []


async def test_history_holds_no_words(database: Database, clock: FixedClock, visit: Visit) -> None:
    await say(database, visit.actors()["resident"], visit.thread, "My dog is Rex", clock.now())
    async with database.read() as session:
        events = list(await session.scalars(select(Event).where(Event.subject_type == "thread")))
    assert [event.kind for event in events] == ["thread.opened", "thread.posted"]
    assert all("Rex" not in str(event.data) for event in events)
