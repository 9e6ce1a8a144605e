"""An erased person leaves groups: their words go, answers stay; and what rooms must do for it."""

from __future__ import annotations

import json
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from campaigns.groups import listing_repository as listing
from campaigns.groups import members, news, posts, repository
from campaigns.groups.kinds import HideReason, MemberStatus, PostKind
from campaigns.groups.models import GroupMember, GroupPost
from campaigns.personal import ROOMS
from core.clock import FixedClock
from core.columns import Base
from core.db import Database
from core.events import Event
from matching.personal.erasure import erase_person
from matching.personal.export import export_person
from messaging.models import Message, MessageWords
from people.auth import Actor
from people.forgetting import carry_rooms
from people.kinds import Purpose
from people.models import Person
from tests.factories.groups import acting, add_group, add_neighbour, join
from tests.factories.messages import add_contact, give_consent
from tests.factories.people import add_community, add_household
from tests.personal import dump

WORDS = ("Wilhelmina", "heliotrope", "wilhelmina@mail.example")
"""Of the one who is erased: her name, what she wrote, where she is reached."""
NOT_ABOUT_PEOPLE = frozenset({"group_news"})
"""Tables of groups that hold nothing about anybody."""


async def fill(database: Database, clock: FixedClock) -> tuple[UUID, UUID, UUID]:
    """A group of three where everybody has said something; Wilhelmina, Ben, and the group."""
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        home = await add_household(session, community)
        mina = await add_neighbour(session, community, "Wilhelmina", home)
        ben = await add_neighbour(session, community, "Ben")
        for person in (mina, ben):
            await give_consent(session, community, person, Purpose.CAMPAIGNS)
        await add_contact(session, mina, value=WORDS[2])
        await add_contact(session, ben, value="ben@mail.example")
        group = await add_group(session, community, mina, now, summary="Wilhelmina and friends")
        await join(session, community, group, mina, now, as_household=True)
        await join(session, community, group, ben, now, shows_name=True)
        lead, other = acting(community, mina), acting(community, ben)
        for kind in (PostKind.DISCUSSION, PostKind.ANNOUNCEMENT):
            head = await posts.post_in_group(
                session,
                lead,
                posts.PostInGroup(group_id=group.id, text=f"My heliotrope, {kind}", kind=kind),
                now=now,
            )
        await posts.post_in_group(
            session,
            other,
            posts.PostInGroup(
                group_id=group.id,
                text="Thank you, WILHELMINA!",
                kind=PostKind.REPLY,
                parent_id=head.id,
            ),
            now=now,
        )
        await posts.report_post(session, other, head.id, HideReason.OFF_TOPIC, now=now)
        await news.send_some_news(session, group.id, now=now)
    return mina.id, ben.id, group.id


async def test_words_go_and_answers_stay(database: Database, clock: FixedClock) -> None:
    mina, ben, group_id = await fill(database, clock)
    before = (await dump(database)).lower()
    assert all(word.lower() in before for word in WORDS)
    async with database.begin() as session:
        await erase_person(session, Actor(person_id=mina), mina, now=clock.now())
    after = (await dump(database)).lower()
    assert [word for word in WORDS if word.lower() in after] == []
    async with database.read() as session:
        said = {
            row.kind: row.text
            for row in await session.scalars(
                select(GroupPost).where(GroupPost.group_id == group_id)
            )
        }
        rows = list(
            await session.scalars(
                select(GroupMember.status)
                .where(GroupMember.person_id.is_not(None))
                .order_by(GroupMember.id)
            )
        )
        homes = list(
            await session.scalars(
                select(GroupMember.status).where(GroupMember.household_id.is_not(None))
            )
        )
        people = await repository.list_member_person_ids(session, group_id)
        kinds = set(await session.scalars(select(Event.kind)))
        words = await session.scalar(
            select(func.count())
            .select_from(MessageWords)
            .join(Message, Message.id == MessageWords.message_id)
            .where(Message.kind == "group_news")
        )
    assert said == {
        PostKind.DISCUSSION: "",
        PostKind.ANNOUNCEMENT: "",
        PostKind.REPLY: "Thank you, ***!",
    }
    assert rows == [MemberStatus.LEFT, MemberStatus.MEMBER]
    assert homes == [MemberStatus.LEFT]
    assert people == [ben]
    assert words == 0
    assert "group.without_organizer" in kinds


async def test_a_household_stays_while_another_adult_lives_there(
    database: Database, clock: FixedClock
) -> None:
    mina, _, group_id = await fill(database, clock)
    async with database.begin() as session:
        person = await session.get_one(Person, mina)
        other = Person(household_id=person.household_id, is_synthetic=True, created_at=clock.now())
        session.add(other)
    async with database.begin() as session:
        await erase_person(session, Actor(person_id=mina), mina, now=clock.now())
    async with database.read() as session:
        assert other.id in await repository.list_member_person_ids(session, group_id)


async def test_what_is_kept_is_given_out(database: Database, clock: FixedClock) -> None:
    mina, ben, _ = await fill(database, clock)
    async with database.begin() as session:
        hers = await export_person(session, Actor(person_id=mina), mina, now=clock.now())
        his = await export_person(session, Actor(person_id=ben), ben, now=clock.now())
    assert {"affinity_group", "group_member", "group_post"} <= hers["tables"].keys()
    assert len(hers["tables"]["group_member"]) == 2
    assert json.dumps(his["tables"]["group_report"])
    texts = [row["text"] for row in his["tables"]["group_post"]]
    assert texts == ["Thank you, WILHELMINA!"]
    assert "heliotrope" not in json.dumps(
        {name: rows for name, rows in his["tables"].items() if name.startswith("group")}
    )


def list_tables_about_people() -> set[str]:
    """Tables of the campaigns that point to a person or a home."""
    return {
        table.name
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith("campaigns.groups")
        for table in mapper.tables
        if any(key.column.table.name in ("person", "household") for key in table.foreign_keys)
    }


def test_every_table_of_groups_about_people_has_somebody_who_forgets() -> None:
    cared_for = {name for room in ROOMS for name in room.TABLES}
    assert list_tables_about_people() - cared_for == set()
    everything = {name for name in Base.metadata.tables if name.startswith("group_")}
    assert everything - cared_for == NOT_ABOUT_PEOPLE


async def test_every_room_takes_part_in_the_same_transaction(
    database_url: str, clock: FixedClock
) -> None:
    heard: list[UUID] = []

    async def forget(session: Any, person_id: UUID, now: datetime) -> None:
        heard.append(person_id)
        raise RuntimeError("the room is locked")

    async def give(session: Any, person_id: UUID) -> dict[str, Any]:
        return {"parcel": [{"person_id": person_id}]}

    room = SimpleNamespace(TABLES=frozenset({"parcel"}), forget_person=forget, export_person=give)
    async with Database(database_url, info=carry_rooms((*ROOMS, room))) as database:
        mina, _, _ = await fill(database, clock)
        async with database.begin() as session:
            kept = await export_person(session, Actor.system(), mina, now=clock.now())
        assert kept["tables"]["parcel"] == [{"person_id": str(mina)}]
        with pytest.raises(RuntimeError, match="locked"):
            async with database.begin() as session:
                await erase_person(session, Actor.system(), mina, now=clock.now())
        async with database.read() as session:
            assert (await session.get_one(Person, mina)).erased_at is None
    assert heard == [mina]


async def test_nobody_is_erased_by_half(database_url: str, clock: FixedClock) -> None:
    """A database that was opened without its rooms refuses."""
    async with Database(database_url) as database:
        mina, _, _ = await fill(database, clock)
        with pytest.raises(LookupError, match="carry_rooms"):
            async with database.begin() as session:
                await erase_person(session, Actor.system(), mina, now=clock.now())
        async with database.read() as session:
            assert (await session.get_one(Person, mina)).erased_at is None


async def test_names_are_for_those_who_agreed_and_only_inside(
    database: Database, clock: FixedClock
) -> None:
    mina, ben, group_id = await fill(database, clock)
    async with database.begin() as session:
        rows = list(
            await session.scalars(select(GroupMember.id).where(GroupMember.group_id == group_id))
        )
        names = await listing.load_member_names(session, Actor(person_id=ben), rows)
        assert sorted(names.values()) == ["Ben"]
        await members.change_membership(
            session,
            Actor(person_id=ben),
            members.JoinGroup(group_id=group_id, shows_name=False),
            now=clock.now(),
        )
        assert await listing.load_member_names(session, Actor(person_id=mina), rows) == {}
        stranger = Actor(person_id=UUID(int=7))
        assert await listing.load_members(session, stranger, rows) == {}
        said = list(await session.scalars(select(GroupPost.id)))
        assert await listing.load_posts(session, stranger, said) == {}
        assert len(await listing.load_posts(session, Actor(person_id=ben), said)) == 3
