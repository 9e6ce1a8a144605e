"""News of a group: one mail for each member and day, whatever happens in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from campaigns.groups import members, news, posts
from campaigns.groups.kinds import HideReason, PostKind
from campaigns.groups.models import Group, GroupNews, GroupPost
from core.clock import FixedClock
from core.db import Database
from core.jobs import JobRegistry, JobTools, run_due_jobs
from core.settings import Settings
from messaging.models import Message, MessageWords
from people.kinds import Purpose
from people.models import Community, Person
from tests.factories.groups import acting, add_group, add_neighbour, join
from tests.factories.messages import add_contact, give_consent
from tests.factories.people import add_community


@dataclass
class Readers:
    """A group of an organizer and some members who agreed to mails; one did not."""

    database: Database
    clock: FixedClock
    community: Community
    group: Group
    ada: Person
    people: list[Person]

    async def announce(self, text: str) -> GroupPost:
        async with self.database.begin() as session:
            return await posts.post_in_group(
                session,
                acting(self.community, self.ada),
                posts.PostInGroup(group_id=self.group.id, text=text, kind=PostKind.ANNOUNCEMENT),
                now=self.clock.now(),
            )

    async def work(self) -> None:
        """What is due by the clock: the mails of groups, and nothing else."""
        registry = JobRegistry()
        news.register_jobs(registry)
        tools = JobTools(self.database, self.clock, Settings())
        await run_due_jobs(self.database, registry, tools, until_idle=True)

    async def mails(self) -> list[tuple[UUID, str, str]]:
        """To whom, subject and text of what is to go out."""
        async with self.database.read() as session:
            rows = await session.execute(
                select(Message.person_id, MessageWords.subject, MessageWords.text)
                .join(MessageWords, MessageWords.message_id == Message.id)
                .where(Message.kind == "group_news")
                .order_by(Message.queued_at, Message.person_id)
            )
            return [(row[0], row[1], row[2]) for row in rows]


@pytest.fixture
async def readers(database: Database, clock: FixedClock) -> Readers:
    async with database.begin() as session:
        community = await add_community(session)
        ada, *people = [
            await add_neighbour(session, community, name)
            for name in ("Ada", "Ben", "Cem", "Dora", "Emil")
        ]
        for person in (ada, *people[:3]):
            await add_contact(session, person)
            await give_consent(session, community, person, Purpose.CAMPAIGNS)
        await add_contact(session, people[3])
        group = await add_group(session, community, ada, clock.now())
        for person in people:
            await join(session, community, group, person, clock.now())
    return Readers(database, clock, community, group, ada, people)


async def test_the_announcements_of_a_day_are_one_mail(readers: Readers) -> None:
    await readers.announce("Bring a lamp & <b>tea</b>.")
    await readers.work()
    assert await readers.mails() == []
    readers.clock.advance(timedelta(minutes=10))
    await readers.announce("We meet at eight.")
    readers.clock.advance(timedelta(minutes=21))
    await readers.work()
    mails = await readers.mails()
    wanted = sorted([readers.ada.id, *(person.id for person in readers.people[:3])])
    assert sorted(mail[0] for mail in mails) == wanted
    assert {mail[1] for mail in mails} == {"Night sky: 2 pieces of news"}
    assert all("Bring a lamp & <b>tea</b>." in mail[2] for mail in mails)
    assert all("We meet at eight." in mail[2] for mail in mails)
    async with readers.database.read() as session:
        html = await session.scalar(select(MessageWords.html).limit(1))
    assert html is not None
    assert "&lt;b&gt;tea&lt;/b&gt;" in html


async def test_the_next_mail_comes_the_next_day(readers: Readers) -> None:
    await readers.announce("First.")
    readers.clock.advance(timedelta(hours=1))
    await readers.work()
    await readers.announce("Second.")
    readers.clock.advance(timedelta(hours=2))
    await readers.work()
    assert len(await readers.mails()) == 4
    readers.clock.advance(timedelta(days=1))
    await readers.work()
    mails = await readers.mails()
    assert len(mails) == 8
    assert "First." not in mails[-1][2]
    assert "Second." in mails[-1][2]
    await readers.work()
    assert len(await readers.mails()) == 8


async def test_who_leaves_mutes_or_is_removed_hears_no_more(readers: Readers) -> None:
    ben, cem, dora, _ = readers.people
    await readers.announce("Tonight.")
    async with readers.database.begin() as session:
        now, key = readers.clock.now(), readers.group.id
        await members.leave_group(session, acting(readers.community, ben), key, now=now)
        await members.change_membership(
            session,
            acting(readers.community, cem),
            members.JoinGroup(group_id=key, wants_news=False),
            now=now,
        )
    readers.clock.advance(timedelta(hours=1))
    await readers.work()
    assert sorted(mail[0] for mail in await readers.mails()) == sorted([readers.ada.id, dora.id])


async def test_what_was_hidden_in_time_goes_to_nobody(readers: Readers) -> None:
    post = await readers.announce("A mistake.")
    async with readers.database.begin() as session:
        await posts.hide_post(
            session,
            acting(readers.community, readers.ada),
            post.id,
            HideReason.OFF_TOPIC,
            now=readers.clock.now(),
        )
    readers.clock.advance(timedelta(hours=1))
    await readers.work()
    assert await readers.mails() == []


async def test_a_mail_that_stopped_in_the_middle_goes_on_without_doubles(
    readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "BATCH", 2)
    await readers.announce("Tonight.")
    readers.clock.advance(timedelta(hours=1))
    async with readers.database.begin() as session:
        assert await news.send_some_news(session, readers.group.id, now=readers.clock.now())

    async def die() -> None:
        async with readers.database.begin() as session:
            await news.send_some_news(session, readers.group.id, now=readers.clock.now())
            raise RuntimeError("the worker died")

    with pytest.raises(RuntimeError, match="died"):
        await die()
    assert len(await readers.mails()) == 2
    await readers.work()
    mails = await readers.mails()
    assert len({mail[0] for mail in mails}) == len(mails) == 4
    async with readers.database.read() as session:
        told = list(await session.scalars(select(GroupNews.told_count)))
    assert told == [4]
