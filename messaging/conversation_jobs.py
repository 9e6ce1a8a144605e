"""The job of conversations: end and forget them in time."""

from __future__ import annotations

from typing import Any

from core.jobs import JobRegistry, JobTools
from core.logging import get_logger
from messaging.conversations import forget_old_threads

FORGET = "messaging.forget_threads"

_logger = get_logger(__name__)


async def forget_threads(tools: JobTools, args: dict[str, Any]) -> None:
    """Close conversations that nobody closed, and remove those that ended long ago."""
    async with tools.database.begin() as session:
        count = await forget_old_threads(session, now=tools.clock.now())
    _logger.info("thread.forgotten", count=count)


def register_jobs(registry: JobRegistry) -> None:
    """Let the worker look after conversations, every hour."""
    registry.add(FORGET, forget_threads, at_once=1)
    registry.every(FORGET, minutes=60)
