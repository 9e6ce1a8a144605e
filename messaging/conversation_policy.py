"""Who may read and write in a conversation. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from messaging.conversation_models import Thread
from people.auth import Actor

READABLE_AFTER = timedelta(days=7)
"""How long those who took part can still read what was said."""


def can_open_thread(actor: Actor, community_id: UUID) -> bool:
    """The product opens a conversation with an agreed visit; staff when they are asked."""
    return actor.is_staff(community_id)


def can_read_thread(actor: Actor, thread: Thread, members: Collection[UUID], now: datetime) -> bool:
    """Those who take part, until some days after the visit; staff of the community."""
    if actor.is_staff(thread.community_id):
        return True
    ended = thread.closed_at is not None and now > thread.closed_at + READABLE_AFTER
    return actor.person_id in members and not ended


def can_post(actor: Actor, thread: Thread, members: Collection[UUID]) -> bool:
    """Those who take part and staff; as somebody, so that the others know who speaks."""
    if actor.person_id is None:
        return False
    return actor.person_id in members or actor.is_staff(thread.community_id)
