"""What people do after a mailing, of their own will: the first thing counts, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from campaigns.mailings import repository
from campaigns.mailings.kinds import Action, Variant
from campaigns.mailings.models import MailingRecipient
from campaigns.mailings.texts import read_body, read_texts
from core.db import Session
from core.errors import NotFound
from messaging.models import Message
from messaging.receiving import MailReply, OnReply

SIGN_UP_WITHIN = timedelta(days=14)


async def list_targets(session: Session, recipient_id: UUID) -> list[tuple[str, str]]:
    """Where the links of one person's mail lead, with their words, in order.

    Raises
    ------
    NotFound
        When the person or the mailing is gone.
    """
    row = await repository.find_recipient(session, recipient_id)
    mailing = None if row is None else await repository.find_mailing(session, row.mailing_id)
    if row is None or mailing is None:
        raise NotFound("This link opens nothing any more.")
    variant = row.variant or mailing.chosen_variant or Variant.A
    body = read_body(read_texts(mailing.texts)[variant][row.language].body)
    words = {
        span.link: span.words
        for block in body.blocks
        for line in block.lines
        for span in line
        if span.link is not None
    }
    return [(words[number], target) for number, target in enumerate(body.targets, start=1)]


def name_host(target: str) -> str | None:
    """Whose page an address of another house is; None for a page of ours."""
    return urlsplit(target).hostname


async def press_link(session: Session, recipient_id: UUID, *, now: datetime) -> None:
    """Note that the person pressed the button behind a link of their mail."""
    row = await repository.find_recipient(session, recipient_id)
    if row is not None:
        _note(row, Action.LINK, now)


async def note_opened(session: Session, recipient_id: UUID, *, now: datetime) -> bool:
    """Note that a mail was opened, where the community counts that."""
    row = await repository.find_recipient(session, recipient_id)
    mailing = None if row is None else await repository.find_mailing(session, row.mailing_id)
    if row is None or mailing is None or row.opened_at is not None:
        return False
    settings = await repository.find_settings(session, mailing.community_id)
    if settings is None or not settings.counts_opens:
        return False
    row.opened_at = now
    return True


async def note_reply(session: Session, message: Message, *, now: datetime) -> None:
    """Note that a person wrote back to a mailing."""
    row = await repository.find_recipient_by_message(session, message.id)
    if row is not None:
        _note(row, Action.REPLY, now)


async def note_sign_up(
    session: Session, person_id: UUID, community_id: UUID, *, now: datetime
) -> None:
    """Note that a person signed up for something within two weeks of their last mailing."""
    row = await repository.find_last_recipient(
        session, person_id, community_id, now - SIGN_UP_WITHIN
    )
    if row is not None:
        _note(row, Action.SIGN_UP, now)


def noting_replies(on_reply: OnReply) -> OnReply:
    """What answers replies, which also counts those to mailings."""

    async def note_and_answer(
        session: Session, message: Message, reply: MailReply, now: datetime
    ) -> None:
        await note_reply(session, message, now=now)
        await on_reply(session, message, reply, now)

    return note_and_answer


def _note(row: MailingRecipient, action: Action, now: datetime) -> None:
    if row.acted_at is None:
        row.action = action
        row.acted_at = now
