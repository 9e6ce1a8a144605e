"""The job that begins and ends campaigns at their moments."""

from __future__ import annotations

from typing import Any

from campaigns.programmes import repository
from campaigns.programmes.running import follow_calendar
from campaigns.programmes.schedule import FOLLOW
from core.jobs import JobRegistry, JobTools, Retry
from core.logging import get_logger

FOLLOW_MINUTES = 15
"""Each campaign has a job of its own at its moment; this catches what was missed."""
MAX_PAGES = 100

_logger = get_logger(__name__)


async def follow(tools: JobTools, args: dict[str, Any]) -> None:
    """Begin and end every campaign whose moment has come, each in a transaction of its own."""
    now = tools.clock.now()
    for _ in range(MAX_PAGES):
        async with tools.database.read() as session:
            due = await repository.list_due(session, now)
        if not due:
            return
        for campaign_id in due:
            async with tools.database.begin() as session:
                moved = await follow_calendar(session, campaign_id, now=now)
            if moved is not None:
                _logger.info(
                    "campaign.followed", campaign_id=campaign_id, status=moved.status.value
                )


def register_jobs(registry: JobRegistry) -> None:
    """Add the jobs of this room."""
    registry.add(FOLLOW, follow, retry=Retry(), at_once=1)
    registry.every(FOLLOW, minutes=FOLLOW_MINUTES)
