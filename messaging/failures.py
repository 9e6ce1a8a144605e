"""What did not arrive: written down, shown to staff, and no more mail to a dead address."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from messaging import policy, repository
from messaging.kinds import MessageStatus
from messaging.models import Message
from people.auth import Actor


async def record_failure(session: Session, message: Message, reason: str, *, now: datetime) -> None:
    """Keep why a message did not arrive. Records ``message.failed`` or ``message.bounced``."""
    message.reason = reason
    message.claimed_at = None
    message.state_at = now
    record_event(
        session,
        f"message.{message.status.value}",
        subject_type="message",
        subject_id=message.id,
        happened_at=now,
        community_id=message.community_id,
        reason=reason,
        person_id=message.person_id,
        attempt=message.attempts,
    )


async def mark_bounced(session: Session, message: Message, reason: str, *, now: datetime) -> None:
    """The address or number is dead: nothing more goes there, until staff put it right."""
    if message.contact_point_id is not None:
        contact = await repository.find_contact_point(session, message.contact_point_id)
        if contact is not None and contact.bounced_at is None:
            contact.bounced_at = now
    message.status = MessageStatus.BOUNCED
    await record_failure(session, message, reason, now=now)


async def list_failed_messages(
    session: Session,
    actor: Actor,
    community_id: UUID,
    *,
    before: UUID | None = None,
    limit: int = repository.PAGE_SIZE,
) -> list[Message]:
    """What staff must look at, newest first: failed, bounced, and people whom nothing reaches."""
    if not policy.can_read_messages(actor, community_id):
        raise NotPermitted("Only staff of the community may look through its messages.")
    return await repository.list_undelivered(session, community_id, before=before, limit=limit)
