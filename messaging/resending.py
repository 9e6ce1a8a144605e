"""A message that a carrier did not take goes out once more, when staff have put things right."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.db import Session
from core.events import record_event
from messaging import policy, repository
from messaging.errors import MessageUnknown, NothingToSendAgain
from messaging.kinds import MessageStatus
from messaging.models import Message
from messaging.sending import enqueue_delivery
from people.auth import Actor


async def send_again(session: Session, actor: Actor, message_id: UUID, *, now: datetime) -> Message:
    """Try a failed message anew, by its own words, for staff. Records ``message.sent_again``.

    Consent, contact and quiet hours are looked at again before it leaves: after a STOP nothing
    does. Doing it twice is fine.

    Raises
    ------
    MessageUnknown
        When there is none, or not for this actor.
    NothingToSendAgain
        When it did not fail, came back from a dead address, or its words are no longer kept.
    """
    message = await repository.lock_message(session, message_id)
    if message is None or not policy.can_read_messages(actor, message.community_id):
        raise MessageUnknown(f"There is no message with id {message_id}.")
    if message.status is MessageStatus.QUEUED:
        return message
    words = await repository.find_words(session, message_id)
    late = message.expires_at is not None and message.expires_at <= now
    if message.status is not MessageStatus.FAILED or words is None or late:
        raise NothingToSendAgain("This message cannot be sent again; please ring.")
    message.status, message.reason = MessageStatus.QUEUED, None
    message.due_at, message.first_tried_at = now, None
    message.claimed_at = message.handed_at = message.state_at = None
    await session.flush()
    record_event(
        session,
        "message.sent_again",
        subject_type="message",
        subject_id=message.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=message.community_id,
        person_id=message.person_id,
        attempt=message.attempts,
    )
    await enqueue_delivery(session, message, now=now)
    return message
