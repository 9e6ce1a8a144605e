"""Take in mail: a dead address is noted, a complaint stops the mails, a reply is passed on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.logging import get_logger
from core.mail import is_bad_mailbox
from messaging import repository
from messaging.bounces import Incoming, IncomingMail, read_mail
from messaging.failures import mark_bounced, record_failure
from messaging.kinds import MessageStatus
from messaging.models import Message
from messaging.stopping import stop_all
from messaging.unsubscribing import unsubscribe
from people.kinds import Channel

STOP_WORDS = frozenset({"stop", "unsubscribe", "alto", "pare", "baja", "cancelar"})

MAX_STOP_WORDS = 3

_WORD = re.compile(r"[^\W\d_]+")
_logger = get_logger(__name__)


@dataclass(frozen=True)
class MailReply:
    """What a person wrote back, without what they quoted."""

    text: str
    key: str
    """The same for the same mail, however often it is delivered: a digest of its Message-ID."""


OnReply = Callable[[Session, Message, MailReply, datetime], Awaitable[None]]
"""What to do with a reply: the message that is answered, the words, the moment."""


@dataclass(frozen=True)
class Receipt:
    """What became of a mail that came in."""

    kind: Incoming
    outcome: str
    """A code word: ``noted``, ``stopped``, ``passed_on``, ``ignored``, ``about_nothing``, ..."""
    message_id: UUID | None = None


async def receive_mail(
    session: Session,
    raw: bytes,
    *,
    now: datetime,
    recipient: str | None = None,
    on_reply: OnReply | None = None,
) -> Receipt:
    """Take in one mail. The same mail again changes nothing more, and junk changes nothing."""
    incoming = read_mail(raw, recipient)
    message = await _find_message(session, incoming)
    if message is None:
        receipt = Receipt(incoming.kind, "about_nothing")
    else:
        outcome = await _act(session, incoming, message, on_reply, now)
        receipt = Receipt(incoming.kind, outcome, message.id)
    _logger.info(
        "mail.received",
        kind=receipt.kind.value,
        change=receipt.outcome,
        message_id=receipt.message_id,
    )
    return receipt


async def _find_message(session: Session, incoming: IncomingMail) -> Message | None:
    if incoming.message_id is not None:
        return await repository.lock_message(session, incoming.message_id)
    for mail_id in incoming.mail_ids[:10]:
        found = await repository.find_message_by_mail_id(session, mail_id)
        if found is not None:
            return await repository.lock_message(session, found.id)
    return None


async def _act(
    session: Session,
    incoming: IncomingMail,
    message: Message,
    on_reply: OnReply | None,
    now: datetime,
) -> str:
    if incoming.kind is Incoming.BOUNCED:
        return await _note_bounce(session, incoming, message, now)
    if incoming.kind is Incoming.COMPLAINT:
        return "stopped" if await unsubscribe(session, message.id, now=now) else "ignored"
    if incoming.kind is Incoming.REPLY:
        return await _pass_on(session, incoming, message, on_reply, now)
    return "ignored"


def _says_stop(text: str) -> bool:
    """Whether a reply says stop and little else: "Stop by at five" is no wish to hear no more."""
    words: list[str] = _WORD.findall(text.lower())
    return 0 < len(words) <= MAX_STOP_WORDS and words[0] in STOP_WORDS and "by" not in words


async def _note_bounce(
    session: Session, incoming: IncomingMail, message: Message, now: datetime
) -> str:
    if message.attempts == 0 or message.channel is not Channel.EMAIL:
        return "ignored"  # nothing was mailed, so nothing can have come back
    if message.status in (MessageStatus.BOUNCED, MessageStatus.FAILED):
        return "ignored"
    reason = f"dsn_{incoming.status}"
    if is_bad_mailbox(550, incoming.status):
        await mark_bounced(session, message, reason, now=now)
    else:
        message.status = MessageStatus.FAILED
        await record_failure(session, message, reason, now=now)
    return "noted"


async def _pass_on(
    session: Session,
    incoming: IncomingMail,
    message: Message,
    on_reply: OnReply | None,
    now: datetime,
) -> str:
    contact = (
        None
        if message.contact_point_id is None
        else await repository.find_contact_point(session, message.contact_point_id)
    )
    if contact is None or contact.value.lower() != incoming.sender:
        return "from_a_stranger"  # whoever was forwarded our mail may not answer for its receiver
    if _says_stop(incoming.text):
        await stop_all(session, message.person_id, Channel.EMAIL, now=now)
        return "stopped"
    if on_reply is None or not incoming.text:
        return "ignored"
    name = incoming.own_id or incoming.text
    key = hashlib.sha256(f"{message.id} {name}".encode()).hexdigest()
    await on_reply(session, message, MailReply(incoming.text, key), now)
    return "passed_on"
