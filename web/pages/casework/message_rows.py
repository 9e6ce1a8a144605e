"""Messages as a list shows them: that they were sent and what became of them, not what they say."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from messaging.kinds import MessageStatus
from messaging.models import Message
from web.pages.casework.message_words import say_message_kind, say_sent, say_why_not
from web.pages.casework.reading import load_names
from web.pages.casework.words import say_channel
from web.pages.desk import Call


@dataclass(frozen=True)
class MessageRow:
    """One message to one person."""

    id: UUID
    person_id: UUID
    person: str
    what: str
    channel: str
    state: str
    shape: str
    why: str
    at: datetime
    can_retry: bool
    """It failed, and staff may have it tried anew."""


async def view_messages(call: Call, rows: Collection[Message]) -> list[MessageRow]:
    """Messages with the names of those they were for."""
    say = call.reader.translator.gettext
    names = await load_names(call, [row.person_id for row in rows])
    views = []
    for row in rows:
        state, shape = say_sent(say, row.status.value)
        views.append(
            MessageRow(
                id=row.id,
                person_id=row.person_id,
                person=names.get(row.person_id, ""),
                what=say_message_kind(say, row.kind),
                channel=say_channel(say, None if row.channel is None else row.channel.value),
                state=state,
                shape=shape,
                why=say_why_not(say, row.reason),
                at=row.sent_at or row.queued_at,
                can_retry=row.status is MessageStatus.FAILED,
            )
        )
    return views
