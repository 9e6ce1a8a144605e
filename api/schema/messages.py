"""Messages that were sent: what came to oneself and why, and what did not arrive."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Owners, Sees, Who
from api.schema.arguments import CommunityId, aware_or_none
from api.schema.communities import Community
from api.schema.context import Info
from api.schema.enums import describe_enum
from api.schema.nodes import find_id, found_by, must
from api.schema.operations import field, guarded, query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.people import Person
from core.errors import NotPermitted
from messaging import reading_repository as reading
from messaging.explaining import Explanation, explain, show_text
from messaging.kinds import MessageStatus
from messaging.models import Message as MessageRow
from messaging.policy import can_read_messages
from people import directory_repository as directory
from people.kinds import Channel, Purpose
from people.repository import load_communities

describe_enum(
    MessageStatus,
    "How far a message has come.",
    {
        "QUEUED": "It waits for its time.",
        "SENDING": "It is being sent.",
        "SENT": "The carrier has it.",
        "DELIVERED": "The carrier says that it arrived.",
        "FAILED": "It could not be sent.",
        "BOUNCED": "It came back.",
        "SUPPRESSED": "It is not sent, for the reason given.",
    },
)


@strawberry.type(description="Why a message was sent: what it is for, and the consent behind it.")
class MessageReason:
    purpose: Purpose | None = strawberry.field(
        description="What it is for; null when it answers what the person asked of us."
    )
    agreed_at: datetime | None = strawberry.field(
        description="When the person agreed; null when it needed no consent."
    )
    agreed_how: str | None = strawberry.field(
        description="How, as a code word: `form`, `phone`, `sms`, `import` ...; null likewise."
    )
    agreed_text: str | None = strawberry.field(
        description="Which wording was agreed to; null likewise."
    )
    agreed_for_them: bool = strawberry.field(
        description="Whether somebody else wrote the consent down, such as staff on the phone."
    )

    @classmethod
    def of(cls, why: Explanation) -> MessageReason:
        return cls(
            purpose=why.purpose,
            agreed_at=why.agreed_at,
            agreed_how=why.agreed_how,
            agreed_text=why.agreed_text,
            agreed_for_them=why.agreed_for_them,
        )


@strawberry.type(description="A message to one person. Seen by that person and by staff.")
class Message(relay.Node):
    id: relay.NodeID[UUID]
    kind: str = strawberry.field(description="What it is, as a code word, such as `offer`.")
    channel: Channel | None = strawberry.field(
        description="How it goes out; null when nothing reaches the person."
    )
    status: MessageStatus = strawberry.field(description="How far it has come.")
    reason_code: str | None = strawberry.field(
        description="Why it waits, is not sent or did not arrive, as a code word; null otherwise."
    )
    queued_at: datetime = strawberry.field(description="When it was decided.")
    due_at: datetime = strawberry.field(description="When it is to go out.")
    sent_at: datetime | None = strawberry.field(description="When it went out; null if not.")
    row: strawberry.Private[MessageRow]

    def owners(self) -> Owners:
        return Owners(frozenset({self.row.person_id}), frozenset({self.row.community_id}))

    @field(description="The community that wrote.")
    async def community(self, info: Info) -> Community:
        key = self.row.community_id
        return Community.of(must(await info.context.load(load_communities, key)))

    @field(description="Why it was sent, or was to be sent.")
    async def why(self, info: Info) -> MessageReason:
        line = None
        if self.row.consent_id is not None:
            line = await info.context.load(reading.load_consent_lines, self.row.consent_id)
        return MessageReason.of(explain(self.row, line))

    @guarded(
        Sees.OWN,
        description="Its subject, as a mail; null once its words are not kept any more.",
    )
    async def subject(self, info: Info) -> str | None:
        found = await info.context.load(reading.load_words, self.row.id)
        return None if found is None else show_text(found.subject, _url(info))

    @guarded(
        Sees.OWN,
        description="What it says, without the keys of its links; null once its words are not "
        "kept any more.",
    )
    async def text(self, info: Info) -> str | None:
        found = await info.context.load(reading.load_words, self.row.id)
        if found is None:
            return None
        return show_text(found.text or found.short, _url(info))

    @guarded(
        Sees.OWN_OR_STAFF,
        description="To whom; null once they were forgotten.",
        scope="people:read",
    )
    async def person(self, info: Info) -> Person | None:
        found = await info.context.load(directory.load_people, self.row.person_id)
        return None if found is None else Person.of(found)

    @classmethod
    def of(cls, row: MessageRow) -> Message:
        return cls(
            id=row.id,
            kind=row.kind,
            channel=row.channel,
            status=row.status,
            reason_code=row.reason,
            queued_at=row.queued_at,
            due_at=row.due_at,
            sent_at=row.sent_at,
            row=row,
        )

    resolve_nodes = found_by(reading.load_messages, scope="messages:read")


@strawberry.input(description="Which messages; all conditions that are given must hold.")
class MessageFilter:
    purpose: Purpose | None = strawberry.field(default=None, description="What they are for.")
    status: MessageStatus | None = strawberry.field(default=None, description="How far they came.")
    channel: Channel | None = strawberry.field(default=None, description="How they go out.")
    queued_since: datetime | None = strawberry.field(
        default=None, description="Those that were decided then or later."
    )

    def read(self) -> reading.MessageFilter:
        return reading.MessageFilter(
            purpose=self.purpose,
            status=self.status,
            channel=self.channel,
            queued_since=aware_or_none("queuedSince", self.queued_since),
        )


Wanted = Annotated[MessageFilter | None, strawberry.argument(description="Which of them.")]


@strawberry.type
class MessageQuery:
    @query(
        description="What was sent to you, newest first.",
        who=Who.SIGNED_IN,
        scope="messages:read",
    )
    async def my_messages(
        self, info: Info, filter: Wanted = None, first: First = FIRST, after: After = None
    ) -> Connection[Message]:
        wanted = reading.MessageFilter() if filter is None else filter.read()
        listing = reading.list_messages_to(info.context.actor, wanted)
        return await connect(info, listing, Message.of, first=first, after=after)

    @query(
        description="What did not arrive in a community, and whom nothing reaches, newest first: "
        "somebody of its staff should call.",
        who=Who.STAFF,
        scope="messages:read",
    )
    async def failed_messages(
        self,
        info: Info,
        community_id: CommunityId,
        filter: Wanted = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Message]:
        actor, key = info.context.actor, find_id(community_id, "Community")
        if not can_read_messages(actor, key):
            raise NotPermitted("Only staff of the community may look through its messages.")
        wanted = reading.MessageFilter() if filter is None else filter.read()
        listing = reading.list_undelivered_of(actor, key, wanted)
        return await connect(info, listing, Message.of, first=first, after=after)


def _url(info: Info) -> str:
    return info.context.settings.public_url
