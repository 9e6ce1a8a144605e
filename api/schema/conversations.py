"""Conversations about agreed visits, in which nobody sees a number or an address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees, Who, check_scope
from api.schema.arguments import CommunityId, InvalidArgument, plain_text
from api.schema.communities import Community
from api.schema.context import Info
from api.schema.enums import Direction, describe_enum
from api.schema.nodes import find_id, must
from api.schema.operations import field, guarded, mutation, query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.people import Person
from core.errors import NotPermitted
from core.ids import parse_id
from messaging import reading_repository as reading
from messaging.conversation_models import Thread as ThreadRow
from messaging.conversation_models import ThreadMember as MemberRow
from messaging.conversation_models import ThreadPost as PostRow
from messaging.conversations import get_thread, post_message
from messaging.kinds import ThreadSide
from messaging.policy import can_read_messages
from people import directory_repository as directory
from people.repository import load_communities

MAX_CLIENT_KEY = 100

describe_enum(
    ThreadSide,
    "What somebody is in a conversation.",
    {
        "RESIDENT": "Who is helped.",
        "VOLUNTEER": "Who comes to help.",
        "STAFF": "Somebody of the programme.",
    },
)


@strawberry.type(description="One thing that was said.")
class Post:
    id: relay.GlobalID = strawberry.field(description="What tells it from others.")
    side: ThreadSide = strawberry.field(description="Who spoke.")
    text: str = strawberry.field(
        description="What was said, with numbers and addresses masked; an empty text once its "
        "author asked to be forgotten."
    )
    masked_count: int = strawberry.field(description="How many numbers and addresses were masked.")
    posted_at: datetime = strawberry.field(description="When.")
    row: strawberry.Private[PostRow]
    community_key: strawberry.Private[UUID]

    def owners(self) -> Owners:
        return Owners(community_ids=frozenset({self.community_key}))

    @field(description="Whether it was you.")
    async def is_mine(self, info: Info) -> bool:
        return self.row.author_id == info.context.actor.person_id

    @guarded(
        Sees.STAFF, description="Who spoke, for staff; null once forgotten.", scope="people:read"
    )
    async def author(self, info: Info) -> Person | None:
        found = await info.context.load(directory.load_people, self.row.author_id)
        return None if found is None else Person.of(found)

    @classmethod
    def of(cls, row: PostRow, community_id: UUID) -> Post:
        return cls(
            id=relay.GlobalID("Post", str(row.id)),
            side=row.side,
            text=row.text,
            masked_count=row.masked_count,
            posted_at=row.posted_at,
            row=row,
            community_key=community_id,
        )


@strawberry.type(description="Somebody who takes part in a conversation.")
class ConversationMember:
    side: ThreadSide = strawberry.field(description="What they are in it.")
    row: strawberry.Private[MemberRow]
    community_key: strawberry.Private[UUID]

    def owners(self) -> Owners:
        return Owners(frozenset({self.row.person_id}), frozenset({self.community_key}))

    @field(description="Whether it is you.")
    async def is_me(self, info: Info) -> bool:
        return self.row.person_id == info.context.actor.person_id

    @guarded(
        Sees.OWN,
        description="Your code, for answers by text message: TO K7 I am at the door.",
    )
    async def code(self, info: Info) -> str | None:
        return self.row.code

    @guarded(
        Sees.STAFF, description="Who it is, for staff; null once forgotten.", scope="people:read"
    )
    async def person(self, info: Info) -> Person | None:
        found = await info.context.load(directory.load_people, self.row.person_id)
        return None if found is None else Person.of(found)


@strawberry.type(
    description="A conversation about an agreed visit. Seen by those who take part, until a week "
    "after its end, and by staff."
)
class Conversation(relay.Node):
    id: relay.NodeID[UUID]
    assignment_id: relay.GlobalID | None = strawberry.field(
        description="The agreed work that it is about; null when it is about something else."
    )
    starts_at: datetime = strawberry.field(description="When the visit begins.")
    ends_at: datetime = strawberry.field(description="When the visit ends.")
    opened_at: datetime = strawberry.field(description="Since when one may talk.")
    closed_at: datetime | None = strawberry.field(
        description="Since when nothing can be said any more; null while one may."
    )
    post_count: int = strawberry.field(description="How many things were said.")
    community_key: strawberry.Private[UUID]

    def owners(self) -> Owners:
        return Owners(community_ids=frozenset({self.community_key}))

    @field(description="The community of the visit.")
    async def community(self, info: Info) -> Community:
        return Community.of(must(await info.context.load(load_communities, self.community_key)))

    @field(description="Who takes part, at most 20.", metadata={"items": 3})
    async def members(self, info: Info) -> list[ConversationMember]:
        found = await info.context.load(reading.load_members_of, self.id)
        return [
            ConversationMember(side=row.side, row=row, community_key=self.community_key)
            for row in found or []
        ]

    @field(description="What was said last; null while nobody has spoken.")
    async def last_post(self, info: Info) -> Post | None:
        found = await info.context.load(reading.load_last_posts, self.id)
        return None if found is None else Post.of(found, self.community_key)

    @classmethod
    def of(cls, row: ThreadRow) -> Conversation:
        is_visit = row.subject_type == "assignment"
        return cls(
            id=row.id,
            assignment_id=relay.GlobalID("Assignment", str(row.subject_id)) if is_visit else None,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
            post_count=row.post_count,
            community_key=row.community_id,
        )

    @classmethod
    async def resolve_nodes(  # type: ignore[override]  # one signature for its three overloads
        cls, *, info: Info, node_ids: Iterable[str], required: bool = False
    ) -> list[Conversation | None]:
        check_scope(info.context.actor, "messages:read")
        keys = [parse_id(text) for text in node_ids]
        async with info.context.read() as session:
            found = await reading.load_readable(
                session,
                info.context.actor,
                [key for key in keys if key is not None],
                now=info.context.now,
            )
        rows = [None if key is None else found.get(key) for key in keys]
        return [None if row is None else cls.of(row) for row in rows]


@strawberry.input(description="Which conversations.")
class ConversationFilter:
    is_open: bool | None = strawberry.field(
        default=None, description="True: those that go on; false: those that ended."
    )


@strawberry.input(description="Something to say.")
class PostMessageInput:
    conversation_id: relay.GlobalID = strawberry.field(description="The conversation.")
    text: str = strawberry.field(description="Up to 1,000 characters.")
    client_key: str | None = strawberry.field(
        default=None,
        description="A text of your own, at most 100 characters, other for each post: the same "
        "again is the same post, so that a repeated call says nothing twice.",
    )


@strawberry.type(description="It was said, and passed on to the others on their own channels.")
class PostMessagePayload:
    post: Post = strawberry.field(description="What was said, as the others see it.")


@strawberry.type
class ConversationQuery:
    @query(
        description="The conversations in which you take part, newest first.",
        who=Who.SIGNED_IN,
        scope="messages:read",
    )
    async def my_conversations(
        self,
        info: Info,
        filter: Annotated[
            ConversationFilter | None, strawberry.argument(description="Which of them.")
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Conversation]:
        listing = reading.list_threads_with(
            info.context.actor,
            is_open=None if filter is None else filter.is_open,
            now=info.context.now,
        )
        return await connect(info, listing, Conversation.of, first=first, after=after)

    @query(
        description="The conversations of a community, newest first; for its staff.",
        who=Who.STAFF,
        scope="messages:read",
    )
    async def conversations(
        self,
        info: Info,
        community_id: CommunityId,
        filter: Annotated[
            ConversationFilter | None, strawberry.argument(description="Which of them.")
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Conversation]:
        actor, key = info.context.actor, find_id(community_id, "Community")
        if not can_read_messages(actor, key):
            raise NotPermitted("Only staff of the community may look through its conversations.")
        listing = reading.list_threads_of(
            actor, key, is_open=None if filter is None else filter.is_open
        )
        return await connect(info, listing, Conversation.of, first=first, after=after)

    @query(
        description="What was said in a conversation, newest first unless asked otherwise.",
        who=Who.SIGNED_IN,
        scope="messages:read",
    )
    async def posts(
        self,
        info: Info,
        conversation_id: Annotated[
            relay.GlobalID, strawberry.argument(description="The conversation.")
        ],
        direction: Annotated[
            Direction, strawberry.argument(description="Which end comes first.")
        ] = Direction.DESCENDING,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Post]:
        key = find_id(conversation_id, "Conversation")
        async with info.context.read() as session:
            thread = await get_thread(session, info.context.actor, key, now=info.context.now)
        community_id = thread.community_id
        listing = reading.list_posts_in(key, newest_first=direction is Direction.DESCENDING)
        return await connect(
            info, listing, lambda row: Post.of(row, community_id), first=first, after=after
        )


@strawberry.type
class ConversationMutation:
    @mutation(
        PostMessagePayload,
        description="Say something to the others of a conversation. They hear it on their own "
        "channels; numbers and addresses are masked, except in what staff say.",
        who=Who.SIGNED_IN,
        scope="messages:write",
    )
    async def post_message(
        self,
        info: Info,
        input: Annotated[PostMessageInput, strawberry.argument(description="What is said.")],
    ) -> PostMessagePayload:
        actor, key = info.context.actor, find_id(input.conversation_id, "Conversation")
        source_key = _read_client_key(input.client_key, actor.person_id)
        async with info.context.begin() as session:
            row = await post_message(
                session, actor, key, input.text, now=info.context.now, source_key=source_key
            )
            thread = await get_thread(session, actor, key, now=info.context.now)
        return PostMessagePayload(post=Post.of(row, thread.community_id))


def _read_client_key(given: str | None, person_id: UUID | None) -> str | None:
    """Its own for each person, and never what a carrier calls a text."""
    if given is None:
        return None
    if not given.strip():
        raise InvalidArgument("clientKey must not be empty; leave it out instead.")
    return f"client:{person_id}:{plain_text('clientKey', given, longest=MAX_CLIENT_KEY)}"
