""" "Why did I get this?": the purpose of a message and the consent that allowed it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from messaging import policy, repository
from messaging.errors import MessageUnknown
from messaging.kinds import MessageStatus
from messaging.models import Message
from messaging.templates import SITE_MARK
from people.auth import Actor
from people.kinds import Channel, Purpose
from people.models import Consent

_TOKEN = re.compile(r"/l/[A-Za-z0-9_-]{8,}")


@dataclass(frozen=True)
class Explanation:
    """Why a message was sent, or why not."""

    kind: str
    status: MessageStatus
    reason: str | None
    channel: Channel | None
    purpose: Purpose | None
    """None: it answered something that the person asked of us."""
    queued_at: datetime
    sent_at: datetime | None
    consent_id: UUID | None
    agreed_at: datetime | None
    agreed_how: str | None
    """``form``, ``phone``, ``import``, ``sms`` ..."""
    agreed_text: str | None
    """Which wording was agreed to."""
    agreed_for_them: bool
    """Somebody else wrote the consent down, such as staff on the phone."""


async def why_did_i_get_this(session: Session, actor: Actor, message_id: UUID) -> Explanation:
    """Explain one message to the person who got it, or to staff of the community.

    Raises
    ------
    MessageUnknown
        When there is none, or it is not for this actor: both answer alike.
    """
    message = await repository.find_message(session, message_id)
    if message is None or not policy.can_ask_why(actor, message.person_id, message.community_id):
        raise MessageUnknown(f"There is no message with id {message_id}.")
    line = None
    if message.consent_id is not None:
        line = await repository.find_consent_line(session, message.consent_id)
    return explain(message, line)


def explain(message: Message, line: Consent | None) -> Explanation:
    """Why a message was sent, by the line of the ledger that allowed it."""
    return Explanation(
        kind=message.kind,
        status=message.status,
        reason=message.reason,
        channel=message.channel,
        purpose=message.purpose,
        queued_at=message.queued_at,
        sent_at=message.sent_at,
        consent_id=message.consent_id,
        agreed_at=None if line is None else line.recorded_at,
        agreed_how=None if line is None else line.source,
        agreed_text=None if line is None else line.text_version,
        agreed_for_them=line is not None and line.recorded_by != line.person_id,
    )


def show_text(text: str, public_url: str) -> str:
    """What a message said. The keys of its links are for the mailbox alone: stars stand there."""
    return _TOKEN.sub("/l/***", text.replace(SITE_MARK, public_url))
