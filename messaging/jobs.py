"""The jobs of messages: sending, looking for what was left lying, and forgetting words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.jobs import JobRegistry, JobTools, NewJob, Retry, enqueue
from core.logging import get_logger
from messaging import repository
from messaging.delivering import LEASE, Carriers, deliver_message
from messaging.sending import DELIVER
from messaging.states import APPLY_STATE, DeliveryState, apply_delivery_state

SWEEP = "messaging.sweep"
FORGET = "messaging.forget_words"
MAILER = "mailer"
TEXT_SENDER = "text_sender"
GATES = "message_gates"
"""Who else is asked before a message goes; see `messaging.delivering.Gate`."""
DELIVER_LIMIT_S = 100.0
DELIVER_AT_ONCE = 4
KEEP_WORDS = timedelta(days=14)

_logger = get_logger(__name__)


async def deliver(tools: JobTools, args: dict[str, Any]) -> None:
    """Send one message that is due."""
    carriers = Carriers(
        tools.services[MAILER], tools.services[TEXT_SENDER], tools.services.get(GATES, {})
    )
    await deliver_message(
        tools.database, carriers, tools.settings, tools.clock, UUID(args["message_id"])
    )


async def sweep(tools: JobTools, args: dict[str, Any]) -> None:
    """Enqueue messages that are due although nobody sends them: their job was lost or given up."""
    now = tools.clock.now()
    async with tools.database.begin() as session:
        left = await repository.list_free_message_ids(session, now=now, dead_since=now - LEASE)
        for message_id in left:
            await enqueue(
                session,
                NewJob(
                    name=DELIVER,
                    args={"message_id": str(message_id)},
                    key=f"sweep:{message_id}",
                    now=now,
                ),
            )
    if left:
        _logger.warning("message.swept", count=len(left))


async def forget_words(tools: JobTools, args: dict[str, Any]) -> None:
    """Remove what messages said, some days after they came."""
    async with tools.database.begin() as session:
        count = await repository.forget_words(
            session, settled_before=tools.clock.now() - KEEP_WORDS
        )
    _logger.info("message.words_forgotten", count=count)


async def apply_state(tools: JobTools, args: dict[str, Any]) -> None:
    """Apply what the carrier told before we knew what it calls the message."""
    async with tools.database.begin() as session:
        await apply_delivery_state(
            session,
            args["provider_id"],
            DeliveryState(args["state"]),
            datetime.fromisoformat(args["at"]),
            error_code=args["error_code"],
            now=tools.clock.now(),
            attempt=args["attempt"],
        )


def register_jobs(registry: JobRegistry) -> None:
    """Let the worker do the jobs of this package.

    The services ``mailer`` and ``text_sender`` must be there when they run.
    """
    registry.add(
        DELIVER,
        deliver,
        retry=Retry(max_attempts=8, first_s=5.0, most_s=300.0),
        limit_s=DELIVER_LIMIT_S,
        at_once=DELIVER_AT_ONCE,
    )
    registry.add(APPLY_STATE, apply_state)
    registry.add(SWEEP, sweep, at_once=1)
    registry.every(SWEEP, minutes=5)
    registry.add(FORGET, forget_words, at_once=1)
    registry.every(FORGET, minutes=24 * 60)
