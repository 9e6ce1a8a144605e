"""What the carrier tells about text messages afterwards: in any order, any number of times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.db import Session
from core.jobs import NewJob, enqueue
from core.sms import DEAD_NUMBERS, OPTED_OUT
from messaging import repository
from messaging.failures import mark_bounced, record_failure
from messaging.kinds import MessageStatus
from messaging.models import Message
from messaging.stopping import stop_all
from people.kinds import Channel

APPLY_STATE = "messaging.apply_state"
LOOK_AGAIN = timedelta(seconds=20)
MAX_LOOKS = 4
NAME_LENGTH = 100


class DeliveryState(StrEnum):
    """How far a carrier says a message has come."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"


@dataclass(frozen=True)
class _Report:
    provider_id: str
    state: DeliveryState
    at: datetime
    error_code: int | None


_FINAL = (MessageStatus.DELIVERED, MessageStatus.FAILED, MessageStatus.BOUNCED)


def read_state(word: str) -> DeliveryState | None:
    """The state that a gateway's word means; None for words that tell us nothing."""
    plain = word.strip().lower()
    if plain in ("accepted", "scheduled", "sending"):
        return DeliveryState.QUEUED
    if plain == "read":
        return DeliveryState.DELIVERED
    return DeliveryState(plain) if plain in set(DeliveryState) else None


async def apply_delivery_state(
    session: Session,
    provider_id: str,
    state: DeliveryState,
    at: datetime,
    *,
    now: datetime,
    error_code: int | None = None,
    attempt: int = 0,
) -> bool:
    """Take over what the carrier says was so at a moment; whether that changed anything.

    Delivered and failed are final: of two final reports the later moment holds, and everything else
    is ignored after them. A report about a message that we do not know is looked at again a few
    times, since it may overtake our own note of what the carrier calls the message.
    """
    message = await repository.lock_message_by_provider_id(session, provider_id)
    if message is None:
        if attempt < MAX_LOOKS and 0 < len(provider_id) <= NAME_LENGTH:
            report = _Report(provider_id, state, at, error_code)
            await _look_again(session, report, attempt, now)
        return False
    if state in (DeliveryState.QUEUED, DeliveryState.SENT):
        return False  # it is sent as far as we are concerned since the carrier took it
    if message.status in _FINAL and message.state_at is not None and message.state_at >= at:
        return False
    wanted = _status_of(state)
    if message.status is wanted or (
        wanted is MessageStatus.FAILED and message.status is MessageStatus.BOUNCED
    ):
        message.state_at = at
        return False
    report = _Report(provider_id, state, at, error_code)
    if wanted is MessageStatus.DELIVERED:
        message.status = wanted
        message.reason = None
    else:
        await _note_failure(session, message, report, now)
    message.state_at = at
    return True


def _status_of(state: DeliveryState) -> MessageStatus:
    return MessageStatus.DELIVERED if state is DeliveryState.DELIVERED else MessageStatus.FAILED


async def _note_failure(session: Session, message: Message, report: _Report, now: datetime) -> None:
    error_code = report.error_code
    if error_code == OPTED_OUT:
        await stop_all(session, message.person_id, Channel.SMS, now=now)
    reason = f"gateway_{error_code}" if error_code is not None else "undelivered"
    if error_code in DEAD_NUMBERS:
        await mark_bounced(session, message, reason, now=now)
    else:
        message.status = MessageStatus.FAILED
        await record_failure(session, message, reason, now=now)


async def _look_again(session: Session, report: _Report, attempt: int, now: datetime) -> None:
    await enqueue(
        session,
        NewJob(
            name=APPLY_STATE,
            args={
                "provider_id": report.provider_id,
                "state": report.state.value,
                "at": report.at.isoformat(),
                "error_code": report.error_code,
                "attempt": attempt + 1,
            },
            key=f"state:{report.provider_id}:{report.state.value}",
            due_at=now + LOOK_AGAIN,
            now=now,
        ),
    )
