"""Send a queued message: claim it, hand it to a carrier, write down how it went.

The claim and the result are two transactions and the carrier is spoken to in between, so no lock is
held while a slow server thinks. Between them a third one notes that the words begin to go
(``handed_at``), after the server agreed to take them. Who dies before that note has sent nothing.
Who dies after it leaves the one thing that SMTP cannot tell: whether the server took the mail. Then
a message that may come twice is sent again after `LEASE`, with the same Message-ID, and one that
must not (``once``) counts as sent, `UNCONFIRMED`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from core.carriers import DeliveryDeferred, DeliveryRefused
from core.clock import Clock
from core.db import Database, Session
from core.errors import Unavailable
from core.i18n import choose_language
from core.logging import get_logger
from core.mail import Mailer
from core.settings import Settings
from core.sms import OutgoingText, TextSender
from messaging import repository
from messaging.addresses import read_sender
from messaging.digests import join_waiting
from messaging.failures import mark_bounced, record_failure
from messaging.gates import Gate, passes_gate
from messaging.kinds import MessageStatus, Suppressed, Words
from messaging.mime import Mailing, build_mail
from messaging.models import Message, MessageWords
from messaging.push.nudging import nudge
from messaging.repository import Reach
from messaging.retrying import next_try
from messaging.sending import choose, enqueue_delivery, only_contact
from messaging.stopping import stop_all
from messaging.templates import fill_site
from messaging.timing import next_quiet_free
from messaging.unsubscribing import make_unsubscribe_url
from people.kinds import Channel

SEND_LIMIT_S = 60.0
LEASE = timedelta(seconds=90)
"""After this a claim belongs to a dead worker: sending takes `SEND_LIMIT_S` at most."""

UNCONFIRMED = "unconfirmed"
"""Why a message counts as sent although no carrier said so: its sender died, or the line broke,
when its words were on their way, and it must not come twice."""
SETTLE_TRIES = 3
SETTLE_REST_S = 1.0

_logger = get_logger(__name__)


class TakenOver(Exception):
    """Somebody else sends this message by now."""


@dataclass(frozen=True)
class Carriers:
    """What takes messages to people."""

    mailer: Mailer
    text_sender: TextSender
    gates: Mapping[str, Gate] = field(default_factory=dict)
    """By the type of what messages are about."""


@dataclass(frozen=True)
class Parcel:
    """A claimed message with all that a carrier needs, so that no database is read meanwhile."""

    message_id: UUID
    channel: Channel
    to: str
    words: Words
    language: str
    written_at: datetime
    attempt: int
    calendar: bytes | None
    unsubscribe_url: str | None


async def deliver_message(
    database: Database, carriers: Carriers, settings: Settings, clock: Clock, message_id: UUID
) -> None:
    """Send one message if it is due. May be called any number of times."""
    async with database.begin() as session:
        parcel = await claim_parcel(
            session, message_id, settings, now=clock.now(), gates=carriers.gates
        )
    if parcel is None:
        return
    provider_id: str | None = None
    problem: DeliveryDeferred | DeliveryRefused | None = None
    try:
        async with asyncio.timeout(SEND_LIMIT_S):
            provider_id = await _hand_over(
                parcel, carriers, settings, lambda: _note_handover(database, parcel, clock)
            )
    except TakenOver:
        return
    except TimeoutError:
        problem = DeliveryDeferred("carrier_slow", outage=True)
    except (DeliveryDeferred, DeliveryRefused) as error:
        problem = error
    except Exception as error:  # one strange message must not be tried without end by its job
        _logger.error("message.sending_broke", error=error, message_id=message_id)
        problem = DeliveryDeferred("sending_broke")
    await _write_end(database, parcel, provider_id, problem, clock)


async def _write_end(
    database: Database,
    parcel: Parcel,
    provider_id: str | None,
    problem: DeliveryDeferred | DeliveryRefused | None,
    clock: Clock,
) -> None:
    """Note how it went; a database that is busy for a moment must not make a mail go twice."""
    for tries_left in range(SETTLE_TRIES - 1, -1, -1):
        try:
            async with database.begin() as session:
                await _settle(session, parcel, provider_id, problem, now=clock.now())
            return
        except Unavailable:
            if not tries_left:
                raise
            await asyncio.sleep(SETTLE_REST_S)


async def _note_handover(database: Database, parcel: Parcel, clock: Clock) -> None:
    """From here on the words are on their way; refused when somebody else took over meanwhile."""
    async with database.begin() as session:
        message = await repository.lock_message(session, parcel.message_id)
        if (
            message is None
            or message.status is not MessageStatus.SENDING
            or message.attempts != parcel.attempt
        ):
            raise TakenOver
        message.handed_at = clock.now()


async def claim_parcel(
    session: Session,
    message_id: UUID,
    settings: Settings,
    *,
    now: datetime,
    gates: Mapping[str, Gate] | None = None,
) -> Parcel | None:
    """Take a message for sending; None when it is not to be sent, or not now."""
    message = await repository.lock_message(session, message_id)
    if message is None or not await _is_free(session, message, now):
        return None
    if message.once and message.handed_at is not None:
        _mark_unconfirmed(message)
        return None
    gate = (gates or {}).get(message.subject_type or "")
    if gate is not None and not await passes_gate(session, message, gate, now):
        return None
    reach = await repository.find_reach(session, message.community_id, message.person_id)
    if reach is not None:
        reach = _without_closed(reach, settings)
        if message.pinned:
            reach = only_contact(reach, message.contact_point_id)
    stored = await repository.find_words(session, message.id)
    if reach is None or stored is None:
        await _fail(session, message, "words_removed", now)
        return None
    if not await _still_wanted(session, message, stored, reach, now):
        return None
    if message.digestible and message.attempts == 0:
        await join_waiting(session, message, stored, _language_of(reach))
    contact = next(row for row in reach.contact_points if row.id == message.contact_point_id)
    message.status = MessageStatus.SENDING
    message.claimed_at = now
    message.handed_at = None
    message.attempts += 1
    message.first_tried_at = message.first_tried_at or now
    await nudge(session, message, settings, now=now)
    if message.channel is Channel.EMAIL:
        message.mail_id = message.mail_id or read_sender(settings.mail_from).mail_id(message.id)
        if message.purpose is not None and stored.unsubscribe_url is None:
            stored.unsubscribe_url = await make_unsubscribe_url(session, message, settings, now=now)
    return Parcel(
        message_id=message.id,
        channel=contact.channel,
        to=contact.value,
        words=fill_site(
            Words(stored.subject, stored.text, stored.html, stored.short), settings.public_url
        ),
        language=_language_of(reach),
        written_at=message.first_tried_at,
        attempt=message.attempts,
        calendar=stored.calendar,
        unsubscribe_url=stored.unsubscribe_url,
    )


def _without_closed(reach: Reach, settings: Settings) -> Reach:
    """The contact points that this installation can write to."""
    closed = {
        channel
        for channel, choice in ((Channel.EMAIL, settings.mail), (Channel.SMS, settings.sms))
        if choice == "none"
    }
    return replace(
        reach, contact_points=[row for row in reach.contact_points if row.channel not in closed]
    )


def _language_of(reach: Reach) -> str:
    return choose_language(reach.preferences.languages if reach.preferences is not None else ())


async def _is_free(session: Session, message: Message, now: datetime) -> bool:
    """Whether the message is due, or its sender died; else look again when it may be."""
    if message.status is MessageStatus.QUEUED:
        if message.due_at <= now:
            return True
        await enqueue_delivery(session, message, now=now)
    elif message.status is MessageStatus.SENDING and message.claimed_at is not None:
        if message.claimed_at + LEASE <= now:
            return True
        await enqueue_delivery(session, message, now=now, due_at=message.claimed_at + LEASE)
    return False


async def _still_wanted(
    session: Session, message: Message, stored: MessageWords, reach: Reach, now: datetime
) -> bool:
    """Look once more at what may have changed since it was queued: consent, contact, hours."""
    words = Words(stored.subject, stored.text, stored.html, stored.short)
    route = await choose(session, message, message.purpose, words, reach)
    reason = route.reason
    if reason is None and message.expires_at is not None and message.expires_at <= now:
        reason = Suppressed.TOO_LATE
    if reason is not None:
        message.status = MessageStatus.SUPPRESSED
        message.reason = reason.value
        await session.delete(stored)
        return False
    if not message.hurry:
        due_at = next_quiet_free(
            now,
            time_zone=reach.time_zone,
            preferences=reach.preferences,
            person_id=message.person_id,
        )
        if due_at > now:
            message.status = MessageStatus.QUEUED
            message.due_at = due_at
            await enqueue_delivery(session, message, now=now)
            return False
    if route.contact is not None:
        message.contact_point_id = route.contact.id
        message.channel = route.contact.channel
    message.consent_id = None if route.consent is None else route.consent.id
    return True


async def _hand_over(
    parcel: Parcel,
    carriers: Carriers,
    settings: Settings,
    note_handover: Callable[[], Awaitable[None]],
) -> str | None:
    if parcel.channel is Channel.SMS:
        await note_handover()
        text = OutgoingText(
            recipient=parcel.to,
            text=parcel.words.short,
            key=str(parcel.message_id),
            status_url=f"{settings.public_url}/sms/status",
        )
        return await carriers.text_sender.send(text)
    mailing = Mailing(
        message_id=parcel.message_id,
        recipient=parcel.to,
        words=parcel.words,
        language=parcel.language,
        written_at=parcel.written_at,
        calendar=parcel.calendar,
        unsubscribe_url=parcel.unsubscribe_url,
    )
    try:
        mail = build_mail(mailing, read_sender(settings.mail_from))
    except ValueError:
        # An address that no mail can carry; the library's message would quote it.
        raise DeliveryRefused("address_not_sendable", bad_contact=True) from None
    await carriers.mailer.send(replace(mail, before_content=note_handover))
    return None


async def _settle(
    session: Session,
    parcel: Parcel,
    provider_id: str | None,
    problem: DeliveryDeferred | DeliveryRefused | None,
    *,
    now: datetime,
) -> None:
    message = await repository.lock_message(session, parcel.message_id)
    if message is None:
        return
    if problem is None:
        _mark_sent(message, provider_id, now)
    elif message.status is not MessageStatus.SENDING or message.attempts != parcel.attempt:
        return  # somebody else took over, and knows better
    elif isinstance(problem, DeliveryRefused):
        message.handed_at = None
        await _refuse(session, message, problem, now)
    elif message.once and message.handed_at is not None and not problem.answered:
        _mark_unconfirmed(message)
    else:
        message.handed_at = None
        await _defer(session, message, problem, now)


def _mark_sent(message: Message, provider_id: str | None, now: datetime) -> None:
    if message.status not in (MessageStatus.SENDING, MessageStatus.QUEUED):
        return
    message.status = MessageStatus.SENT
    message.reason = None
    message.sent_at = now
    message.claimed_at = None
    message.provider_id = message.provider_id or provider_id


def _mark_unconfirmed(message: Message) -> None:
    """Nobody knows whether the carrier took it, and it must not come twice."""
    message.status = MessageStatus.SENT
    message.reason = UNCONFIRMED
    message.sent_at = message.handed_at
    message.claimed_at = None
    _logger.warning("message.unconfirmed", message_id=message.id, attempt=message.attempts)


async def _defer(
    session: Session, message: Message, problem: DeliveryDeferred, now: datetime
) -> None:
    due_at = next_try(
        message.id,
        first_tried_at=message.first_tried_at or now,
        now=now,
        attempts=message.attempts,
        outage=problem.outage,
    )
    if due_at is None:
        await _fail(session, message, problem.reason, now)
        return
    message.status = MessageStatus.QUEUED
    message.reason = problem.reason
    message.claimed_at = None
    message.due_at = due_at
    await enqueue_delivery(session, message, now=now)
    _logger.info(
        "message.deferred",
        message_id=message.id,
        reason=problem.reason,
        attempt=message.attempts,
        due_at=due_at,
    )


async def _refuse(
    session: Session, message: Message, problem: DeliveryRefused, now: datetime
) -> None:
    if problem.opted_out:
        await stop_all(session, message.person_id, Channel.SMS, now=now)
    if problem.bad_contact:
        await mark_bounced(session, message, problem.reason, now=now)
    else:
        await _fail(session, message, problem.reason, now)


async def _fail(session: Session, message: Message, reason: str, now: datetime) -> None:
    message.status = MessageStatus.FAILED
    await record_failure(session, message, reason, now=now)
