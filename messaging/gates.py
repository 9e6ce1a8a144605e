"""Who had a message queued has the last word in the moment of sending."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from core.db import Session
from messaging import repository
from messaging.kinds import MessageStatus, Suppressed
from messaging.models import Message
from messaging.sending import enqueue_delivery

HELD = "held"
"""Why a message waits that its gate did not let go."""

Gate = Callable[[Session, Message, datetime], Awaitable[datetime | Suppressed | None]]
"""The last word of who had a message queued, in the moment of sending: None to let it go, a moment
to look again, or why it is not sent."""


async def passes_gate(session: Session, message: Message, gate: Gate, now: datetime) -> bool:
    """Ask the gate, and write down what it says when the message does not go now."""
    answer = await gate(session, message, now)
    if answer is None:
        return True
    message.claimed_at = None
    if isinstance(answer, Suppressed):
        message.status = MessageStatus.SUPPRESSED
        message.reason = answer.value
        stored = await repository.find_words(session, message.id)
        if stored is not None:
            await session.delete(stored)
    else:
        message.status = MessageStatus.QUEUED
        message.reason = HELD
        message.due_at = answer
        await enqueue_delivery(session, message, now=now)
    return False
