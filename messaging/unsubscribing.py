"""The link in every mail that stops such mails with one click (RFC 8058)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from core.db import Session
from core.settings import Settings
from messaging import repository
from messaging.models import Message
from messaging.stopping import withdraw
from people.links import LinkTo, create_link

UNSUBSCRIBE = "unsubscribe"
LINK_LIFE = timedelta(days=365)
"""Mails are found again long after they came."""


async def make_unsubscribe_url(
    session: Session, message: Message, settings: Settings, *, now: datetime
) -> str:
    """The page with the button. Posting to it without cookies acts at once."""
    token = await create_link(
        session,
        LinkTo(
            action=UNSUBSCRIBE,
            person_id=message.person_id,
            subject_id=message.id,
            expires_at=now + LINK_LIFE,
        ),
        now=now,
    )
    return f"{settings.public_url}/l/{token}/unsubscribe"


async def unsubscribe(session: Session, message_id: UUID, *, now: datetime) -> bool:
    """Stop what this message was sent for, on the channel that it came by.

    Whoever holds the link of the message may do this, any number of times; whether there was
    something to stop. Records ``consent.withdrawn``.
    """
    message = await repository.find_message(session, message_id)
    if message is None or message.purpose is None or message.channel is None:
        return False
    stopped = await withdraw(
        session,
        message.person_id,
        [message.purpose],
        message.channel,
        source=UNSUBSCRIBE,
        now=now,
        community_id=message.community_id,
    )
    return bool(stopped)
