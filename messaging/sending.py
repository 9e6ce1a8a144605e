"""Queue a message in the transaction of what it tells of; a job sends it afterwards."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from core.db import Session
from core.jobs import NewJob, enqueue
from core.logging import get_logger
from messaging import repository
from messaging.budget import next_allowed
from messaging.errors import InvalidDraft, KeyOfAnotherMessage
from messaging.kinds import ContactLimits, Draft, MessageStatus, Suppressed, Words
from messaging.models import KEY_LENGTH, Message, MessageWords
from messaging.repository import ContactState, Reach
from messaging.routing import WRITTEN, Route, choose_route
from messaging.templates import check_length
from messaging.timing import next_quiet_free
from people.kinds import Channel, Purpose
from people.models import Consent
from people.repository import find_consents

DELIVER = "messaging.deliver"

_CODE_WORD = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_logger = get_logger(__name__)


async def queue_message(session: Session, draft: Draft, *, now: datetime) -> Message:
    """Queue one message for one person, or write down why it is not sent.

    Belongs to the caller's transaction: if that is undone, nothing is sent. The same key again
    gives the message of the first time, whatever the draft says now. Read ``status`` to see whether
    it will go (``queued``) or not (``suppressed``, with ``reason``).
    """
    _check(draft)
    known = await _find_known(session, draft)
    if known is not None:
        return known
    reach = await repository.find_reach(session, draft.community_id, draft.person_id)
    if reach is None:
        raise InvalidDraft("A message needs a person and a community that exist.")
    if draft.contact_point_id is not None:
        reach = only_contact(reach, draft.contact_point_id)
    route = await choose(session, draft, draft.purpose, draft.words, reach)
    due_at: datetime | None = now
    if route.reason is None and not draft.hurry:
        due_at, reason = await _choose_time(session, draft, reach, now)
        route = Route(route.contact, route.consent, reason)
    message = _make_message(draft, route, now=now, due_at=due_at or now)
    try:
        async with session.begin_nested():
            session.add(message)
            await session.flush()
            if message.status is MessageStatus.QUEUED:
                session.add(_make_words(message, draft))
                await session.flush()
    except IntegrityError:
        first = await _find_known(session, draft)
        if first is None:
            raise
        return first
    if message.status is MessageStatus.QUEUED:
        await enqueue_delivery(session, message, now=now)
    else:
        _logger.info("message.suppressed", message_id=message.id, reason=message.reason)
    return message


async def enqueue_delivery(
    session: Session, message: Message, *, now: datetime, due_at: datetime | None = None
) -> None:
    """Have a message sent when it is due, or looked at again at another moment."""
    await enqueue(
        session,
        NewJob(
            name=DELIVER,
            args={"message_id": str(message.id)},
            key=f"message:{message.id}:{message.attempts}",
            due_at=due_at or message.due_at,
            now=now,
        ),
    )


class Addressee(Protocol):
    """Whom a message is for, and from whose programme: a draft or a message."""

    @property
    def person_id(self) -> UUID: ...

    @property
    def community_id(self) -> UUID: ...


def only_contact(reach: Reach, contact_point_id: UUID | None) -> Reach:
    """The person as if this were their only contact point."""
    mine = [row for row in reach.contact_points if row.id == contact_point_id]
    return replace(reach, contact_points=mine)


async def choose(
    session: Session, to: Addressee, purpose: Purpose | None, words: Words, reach: Reach
) -> Route:
    """Where a message may go as things stand."""
    consents: dict[Channel, Consent | None] = {}
    if purpose is not None:
        consents = await find_consents(
            session,
            to.person_id,
            purpose,
            (*WRITTEN, Channel.PHONE),
            community_id=to.community_id,
        )
    return choose_route(reach, words, consents, needs_consent=purpose is not None)


async def take_back_messages(
    session: Session,
    *,
    reason: Suppressed = Suppressed.NO_LONGER_TRUE,
    person_id: UUID | None = None,
    subject_id: UUID | None = None,
    storm_id: UUID | None = None,
    kinds: Collection[str] = (),
) -> int:
    """Do not send what still waits for this person, about this subject or storm; how many.

    Conditions add up. What is on its way already cannot be called back.
    """
    taken = await repository.take_back_about(
        session,
        reason,
        person_id=person_id,
        subject_id=subject_id,
        storm_id=storm_id,
        kinds=kinds,
    )
    return len(taken)


def _check(draft: Draft) -> None:
    if not _CODE_WORD.fullmatch(draft.kind):
        raise InvalidDraft("The kind of a message is a code word, such as 'offer'.")
    if not 0 < len(draft.key) <= KEY_LENGTH:
        raise InvalidDraft(f"The key of a message has 1 to {KEY_LENGTH} characters.")
    if draft.purpose is None and not draft.hurry:
        raise InvalidDraft(
            f"A message of kind {draft.kind!r} needs a purpose: only answers to what a person "
            "asked for go without consent."
        )
    if not draft.words.text and not draft.words.short:
        raise InvalidDraft(f"A message of kind {draft.kind!r} has no words.")
    if draft.calendar is not None and draft.digest_s > 0:
        raise InvalidDraft("A message with a calendar goes by itself, not in a digest.")
    check_length(draft.words.short, draft.kind)


async def _find_known(session: Session, draft: Draft) -> Message | None:
    known = await repository.find_message_by_key(session, draft.key)
    if known is not None and (known.person_id, known.kind) != (draft.person_id, draft.kind):
        raise KeyOfAnotherMessage(
            f"The key of this {draft.kind!r} belongs to another message: put the id of what it is "
            "about and of the person into the key."
        )
    return known


async def _choose_time(
    session: Session, draft: Draft, reach: Reach, now: datetime
) -> tuple[datetime | None, Suppressed | None]:
    moment = now + timedelta(seconds=draft.digest_s)
    if draft.limits is not None and draft.counts:
        allowed = await _weigh(session, draft, draft.limits, moment)
        if allowed is None:
            return None, Suppressed.BUDGET_SPENT
        moment = allowed
    due_at = next_quiet_free(
        moment,
        time_zone=reach.time_zone,
        preferences=reach.preferences,
        person_id=draft.person_id,
    )
    if draft.expires_at is not None and due_at >= draft.expires_at:
        return due_at, Suppressed.TOO_LATE
    return due_at, None


async def _weigh(
    session: Session, draft: Draft, limits: ContactLimits, moment: datetime
) -> datetime | None:
    await repository.lock_person(session, draft.person_id)
    since = None if not limits.period_s else moment - timedelta(seconds=limits.period_s)
    states = await repository.load_contact_state(
        session, [draft.person_id], draft.storm_id, since=since
    )
    return next_allowed(states.get(draft.person_id, ContactState()), limits, moment)


def _make_message(draft: Draft, route: Route, *, now: datetime, due_at: datetime) -> Message:
    suppressed = route.reason is not None
    return Message(
        key=draft.key,
        community_id=draft.community_id,
        person_id=draft.person_id,
        kind=draft.kind,
        purpose=draft.purpose,
        consent_id=None if route.consent is None else route.consent.id,
        contact_point_id=None if route.contact is None else route.contact.id,
        channel=None if route.contact is None else route.contact.channel,
        status=MessageStatus.SUPPRESSED if suppressed else MessageStatus.QUEUED,
        reason=route.reason.value if route.reason is not None else None,
        storm_id=draft.storm_id,
        subject_type=draft.subject_type,
        subject_id=draft.subject_id,
        pinned=draft.contact_point_id is not None,
        hurry=draft.hurry,
        counts=draft.counts,
        digestible=draft.digest_s > 0,
        once=draft.once,
        queued_at=now,
        due_at=due_at,
        expires_at=draft.expires_at,
        attempts=0,
    )


def _make_words(message: Message, draft: Draft) -> MessageWords:
    return MessageWords(
        message_id=message.id,
        subject=draft.words.subject,
        text=draft.words.text,
        html=draft.words.html,
        short=draft.words.short,
        calendar=draft.calendar,
    )
