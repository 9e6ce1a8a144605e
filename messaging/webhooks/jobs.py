"""The jobs of webhooks: sending, looking for what was left lying, and forgetting."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.jobs import JobRegistry, JobTools, Retry
from core.logging import get_logger
from core.settings import Settings
from messaging.webhooks import repository
from messaging.webhooks.announcing import DELIVER, enqueue_sending
from messaging.webhooks.delivering import deliver_due
from messaging.webhooks.posting import Poster
from messaging.webhooks.replaying import KEPT

SWEEP = "messaging.sweep_webhooks"
FORGET = "messaging.forget_webhooks"
POSTER = "webhook_poster"
DELIVER_LIMIT_S = 100.0
DELIVER_AT_ONCE = 4
LOCAL = "local"

_logger = get_logger(__name__)


def open_poster(settings: Settings) -> Poster:
    """What sends deliveries by the settings."""
    return Poster(local=settings.webhook_hosts == LOCAL, user_agent=settings.user_agent)


async def deliver(tools: JobTools, args: dict[str, Any]) -> None:
    """Send what is due for one endpoint. The service ``webhook_poster`` may stand in."""
    endpoint_id = UUID(args["endpoint_id"])
    given = tools.services.get(POSTER)
    if given is not None:
        await deliver_due(tools.database, given, tools.clock, endpoint_id)
        return
    async with open_poster(tools.settings) as poster:
        await deliver_due(tools.database, poster, tools.clock, endpoint_id)


async def sweep(tools: JobTools, args: dict[str, Any]) -> None:
    """Enqueue endpoints whose deliveries are due although nobody sends them."""
    now = tools.clock.now()
    async with tools.database.begin() as session:
        due = await repository.list_endpoints_due(session, now=now)
        for endpoint_id in due:
            await enqueue_sending(session, endpoint_id, now=now)


async def forget(tools: JobTools, args: dict[str, Any]) -> None:
    """Remove deliveries that are older than they are kept."""
    async with tools.database.begin() as session:
        count = await repository.forget_deliveries(session, before=tools.clock.now() - KEPT)
    _logger.info("webhook.forgotten", count=count)


def register_jobs(registry: JobRegistry) -> None:
    """Let the worker do the jobs of this package."""
    registry.add(
        DELIVER,
        deliver,
        retry=Retry(max_attempts=8, first_s=5.0, most_s=300.0),
        limit_s=DELIVER_LIMIT_S,
        at_once=DELIVER_AT_ONCE,
    )
    registry.add(SWEEP, sweep, at_once=1)
    registry.every(SWEEP, minutes=5)
    registry.add(FORGET, forget, at_once=1)
    registry.every(FORGET, minutes=6 * 60)
