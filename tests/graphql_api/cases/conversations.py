"""Conversations and messages."""

from __future__ import annotations

from typing import Any

from tests.factories.town import Town
from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case, Variables


def community(town: Town) -> Variables:
    return {"communityId": global_id("Community", town.community_id), "first": 20}


def conversation(town: Town, number: int) -> str:
    """The first one is of the first resident and the first volunteer."""
    return global_id("Conversation", town.thread_ids[number])


def posts(town: Town, number: int, **more: Any) -> Variables:
    return {"conversationId": conversation(town, number), "first": 20, **more}


def post(town: Town, number: int) -> Variables:
    said = {"conversationId": conversation(town, number), "text": "I am at the door."}
    return {"input": {**said, "clientKey": "phone-1"}}


CASES: tuple[Case, ...] = (
    Case("volunteer/my_conversations", own=lambda town, role: {"first": 20}),
    Case("volunteer/my_messages", own=lambda town, role: {"first": 20}),
    Case(
        "volunteer/read_conversation",
        own=lambda town, role: posts(town, 0, direction="ASCENDING"),
        foreign=lambda town, other: posts(town, 1, direction="ASCENDING"),
    ),
    Case(
        "volunteer/post_message",
        own=lambda town, role: post(town, 0),
        foreign=lambda town, other: post(town, 1),
    ),
    Case("staff/list_conversations", own=lambda town, role: community(town)),
    Case(
        "staff/read_posts",
        own=lambda town, role: posts(town, 0),
        foreign=lambda town, other: posts(town, 1),
    ),
    Case("staff/failed_messages", own=lambda town, role: community(town)),
)
