"""Conversations and messages through the API, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from core.clock import FixedClock
from core.db import Database
from messaging.conversation_models import Thread, ThreadPost
from messaging.models import Message, MessageWords
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id

CONVERSATION = """
query ($id: ID!) { node(id: $id) { ... on Conversation { postCount lastPost { text } } } }
"""
MESSAGE = """
query ($id: ID!) { node(id: $id) { ... on Message { kind text again: subject person { id } } } }
"""


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock, scale=4)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


def volunteer(town: Town, number: int = 0) -> Actor:
    return actor_as(Role.VOLUNTEER, town.community_id, town.volunteer_person_ids[number])


def resident(town: Town, number: int = 0) -> Actor:
    return actor_as(Role.RESIDENT, town.community_id, town.resident_ids[number])


def coordinator(town: Town) -> Actor:
    return actor_as(Role.COORDINATOR, town.community_id, town.coordinator_id)


def conversation(town: Town, number: int = 0) -> str:
    return global_id("Conversation", town.thread_ids[number])


async def post(asker: Asker, town: Town, by: Actor, text: str, **more: Any) -> Any:
    given = {"conversationId": conversation(town), "text": text, **more}
    return (await asker.ask("volunteer/post_message", by, input=given)).only


async def test_two_sides_talk_and_staff_read_along(asker: Asker, town: Town) -> None:
    said = await post(asker, town, volunteer(town), "Call me at 617-555-0199, I am at the door.")
    assert (said["post"]["side"], said["post"]["isMine"]) == ("VOLUNTEER", True)
    assert said["post"]["maskedCount"] == 1
    assert "0199" not in said["post"]["text"]
    kind = await post(asker, town, resident(town), "Thank you \U0001f468\u200d\U0001f469\x00!")
    assert kind["post"]["text"] == "Thank you \U0001f468\u200d\U0001f469!"
    heard = (await asker.ask("volunteer/my_conversations", resident(town), first=10)).only
    (found,) = heard["nodes"]
    assert found["lastPost"]["text"] == kind["post"]["text"]
    assert found["lastPost"]["isMine"] is True
    codes = {row["side"]: row["code"] for row in found["members"]}
    assert codes == {"RESIDENT": "R1", "VOLUNTEER": None}
    assert found["assignmentId"] == global_id("Assignment", town.assignment_ids[0])
    listed = await asker.ask(
        "staff/list_conversations",
        coordinator(town),
        communityId=global_id("Community", town.community_id),
        first=10,
    )
    assert listed.only["totalCount"] == 4
    names = {row["person"]["fullName"] for row in listed.only["nodes"][-1]["members"]}
    assert names == {"Synthetic Snowville Resident 1", "Synthetic Snowville Volunteer 1"}


async def test_names_of_the_other_side_stay_with_staff(asker: Asker, town: Town) -> None:
    document = """query ($id: ID!) { posts(conversationId: $id) { nodes { author { fullName }
      other: author { ...Name } } } }
      fragment Name on Person { fullName contactPoints { value } }"""
    answer = await asker.ask(document, volunteer(town), id=conversation(town))
    assert {(row["author"], row["other"]) for row in answer.only["nodes"]} == {(None, None)}
    shown = await asker.ask(
        "staff/read_posts", coordinator(town), conversationId=conversation(town), first=10
    )
    assert len({row["author"]["fullName"] for row in shown.only["nodes"]}) == 2


async def test_same_key_is_the_same_post_of_one_person(
    asker: Asker, town: Town, database: Database
) -> None:
    first = await post(asker, town, volunteer(town), "On my way", clientKey="1")
    again = await post(asker, town, volunteer(town), "On my way", clientKey="1")
    other = await post(asker, town, resident(town), "Thank you", clientKey="1")
    assert first["post"]["id"] == again["post"]["id"] != other["post"]["id"]
    async with database.read() as session:
        thread = ThreadPost.thread_id == town.thread_ids[0]
        count = await session.scalar(select(func.count(ThreadPost.id)).where(thread))
    assert count == 4 + 2


@pytest.mark.parametrize(
    ("text", "key", "code"),
    [
        ("", None, "invalid_post"),
        ("\u200b\n", None, "invalid_post"),
        ("x" * 1_001, None, "invalid_post"),
        ("\ud800\x00", None, "invalid_post"),
        ("Hello", " ", "invalid_argument"),
        ("Hello", "k" * 101, "invalid_argument"),
    ],
)
async def test_what_cannot_be_said(
    asker: Asker, town: Town, text: str, key: str | None, code: str
) -> None:
    assert (await post(asker, town, volunteer(town), text, clientKey=key))["code"] == code


async def test_others_neither_read_nor_write(
    asker: Asker, town: Town, database: Database, clock: FixedClock
) -> None:
    other = await seed_town(database, clock, "frostville", scale=4)
    neighbour = actor_as(Role.MANAGER, other.community_id, other.manager_id)
    for actor in (volunteer(town, 1), resident(town, 1), neighbour):
        assert (await post(asker, town, actor, "Hello"))["code"] == "thread_unknown"
        read = await asker.ask(
            "staff/read_posts", actor, conversationId=conversation(town), first=10
        )
        assert read.codes == ["thread_unknown"]
        assert (await asker.ask(CONVERSATION, actor, id=conversation(town))).only is None
    listed = await asker.ask(
        "staff/list_conversations",
        neighbour,
        communityId=global_id("Community", town.community_id),
        first=10,
    )
    assert listed.codes == ["not_permitted"]


async def test_conversation_is_readable_for_a_week_after_its_end(
    asker: Asker, town: Town, database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        await session.execute(
            update(Thread).where(Thread.id == town.thread_ids[0]).values(closed_at=clock.now())
        )

    async def count(actor: Actor, **wanted: Any) -> int:
        given = {"first": 10, "filter": wanted or None}
        found = (await asker.ask("volunteer/my_conversations", actor, **given)).only
        node = (await asker.ask(CONVERSATION, actor, id=conversation(town))).only
        assert (node is None) is (not found["nodes"] and not wanted)
        return len(found["nodes"])

    assert (await post(asker, town, volunteer(town), "Hello"))["code"] == "thread_closed"
    clock.advance(timedelta(days=7))
    assert await count(volunteer(town)) == 1
    assert await count(volunteer(town), isOpen=False) == 1
    assert len((await _my(asker, volunteer(town), isOpen=True))["nodes"]) == 0
    clock.advance(timedelta(seconds=1))
    assert await count(volunteer(town)) == 0
    assert (await asker.ask(CONVERSATION, coordinator(town), id=conversation(town))).only


async def _my(asker: Asker, actor: Actor, **wanted: Any) -> dict[str, Any]:
    answer = await asker.ask("volunteer/my_conversations", actor, first=10, filter=wanted)
    found: dict[str, Any] = answer.only
    return found


@pytest.mark.parametrize("direction", ["ASCENDING", "DESCENDING"])
async def test_pages_of_posts_follow_each_other(asker: Asker, town: Town, direction: str) -> None:
    seen, after = [], None
    for _ in range(3):
        page = await asker.ask(
            "volunteer/read_conversation",
            volunteer(town),
            conversationId=conversation(town),
            direction=direction,
            first=2,
            after=after,
        )
        seen += [row["text"][-2] for row in page.only["nodes"]]
        after = page.only["pageInfo"]["endCursor"] or after
    assert seen == sorted("1234", reverse=direction == "DESCENDING")


async def test_messages_and_why_they_came(
    asker: Asker, town: Town, database: Database, clock: FixedClock
) -> None:
    mine = town.message_ids[0]
    async with database.begin() as session:
        words = await session.get_one(MessageWords, mine)
        words.text = "Open your list: https://site.invalid/l/abcdefghijklmnopqrstuv"
    listed = (await asker.ask("volunteer/my_messages", volunteer(town), first=10)).only
    assert listed["totalCount"] == len(listed["nodes"]) == 4
    (row,) = [row for row in listed["nodes"] if row["id"] == global_id("Message", mine)]
    assert row["text"] == "Open your list: http://localhost:8000/l/***"
    assert row["why"]["purpose"] == "OFFERS"
    bounced = {"status": "BOUNCED", "queuedSince": "2026-01-01T00:00:00Z", "channel": "EMAIL"}
    some = await asker.ask("volunteer/my_messages", volunteer(town), first=10, filter=bounced)
    assert some.only["totalCount"] == 1
    assert (await asker.ask("volunteer/my_messages", resident(town), first=10)).only[
        "totalCount"
    ] == 0


async def test_staff_see_that_a_message_failed_but_not_what_it_said(
    asker: Asker, town: Town, database: Database, clock: FixedClock
) -> None:
    other = await seed_town(database, clock, "frostville", scale=4)
    key = global_id("Community", town.community_id)
    listed = await asker.ask("staff/failed_messages", coordinator(town), communityId=key, first=10)
    assert listed.only["totalCount"] == 2
    assert {row["reasonCode"] for row in listed.only["nodes"]} == {"mailbox_full"}
    assert all(row["person"]["contactPoints"] for row in listed.only["nodes"])
    message = listed.only["nodes"][0]["id"]
    shown = (await asker.ask(MESSAGE, coordinator(town), id=message)).only
    assert (shown["text"], shown["again"]) == (None, None)
    assert shown["person"] is not None
    neighbour = actor_as(Role.MANAGER, other.community_id, other.manager_id)
    assert (await asker.ask(MESSAGE, neighbour, id=message)).only is None
    refused = await asker.ask("staff/failed_messages", neighbour, communityId=key, first=10)
    assert refused.codes == ["not_permitted"]


@pytest.mark.parametrize(
    ("operation", "scope"),
    [
        ("volunteer/my_conversations", "messages:write"),
        ("volunteer/my_messages", "people:read"),
    ],
)
async def test_program_needs_the_scope(
    asker: Asker, town: Town, operation: str, scope: str
) -> None:
    actor = volunteer(town)
    program = Actor(person_id=actor.person_id, roles=actor.roles, scopes=frozenset({scope}))
    assert (await asker.ask(operation, program, first=10)).codes == ["scope_missing"]
    reader = Actor(
        person_id=actor.person_id, roles=actor.roles, scopes=frozenset({"messages:read"})
    )
    assert not (await asker.ask(operation, reader, first=10)).errors
    assert (await post(asker, town, reader, "Hello"))["code"] == "scope_missing"
    node = await asker.ask(MESSAGE, program, id=await _message_id(asker, town.message_ids[0]))
    assert node.codes == ["scope_missing"]


async def _message_id(asker: Asker, key: UUID) -> str:
    async with asker.database.read() as session:
        return global_id("Message", (await session.get_one(Message, key)).id)
