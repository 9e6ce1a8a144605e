"""The jobs of this room: boards once a day, badges, and reminders of pledges."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from campaigns.standings import badges_repository, pledges_repository, repository
from campaigns.standings.badges import give_badges
from campaigns.standings.boards import CORRECTION_DAYS, publish_boards
from campaigns.standings.kinds import PledgeStatus
from campaigns.standings.notifications import notify_reminder
from core.jobs import JobRegistry, JobTools, Retry
from core.logging import get_logger

PUBLISH = "standings.publish_boards"
GIVE = "standings.give_badges"
REMIND = "standings.remind_pledges"
PUBLISH_MINUTES = 60
"""Each campaign has its boards published in the first hour of its local day, and only then."""
GIVE_MINUTES = 6 * 60
REMIND_MINUTES = 30
MAX_PAGES = 100

_logger = get_logger(__name__)


async def publish(tools: JobTools, args: dict[str, Any]) -> None:
    """Publish the boards of every campaign that has none of today."""
    ended_after = tools.clock.now() - timedelta(days=CORRECTION_DAYS)
    async with tools.database.read() as session:
        campaigns = await repository.list_to_publish(session, ended_after)
    for campaign_id in campaigns:
        async with tools.database.begin() as session:
            published = await publish_boards(session, campaign_id, now=tools.clock.now())
        if published:
            _logger.info("boards.published", campaign_id=campaign_id, count=len(published))


async def give(tools: JobTools, args: dict[str, Any]) -> None:
    """Bring the badges of every community up to date."""
    async with tools.database.read() as session:
        communities = await badges_repository.list_communities_with_rules(session)
    for community_id in communities:
        async with tools.database.begin() as session:
            given, taken = await give_badges(session, community_id, now=tools.clock.now())
        if given or taken:
            _logger.info(
                "badges.given", community_id=community_id, given_count=given, taken_count=taken
            )


async def remind(tools: JobTools, args: dict[str, Any]) -> None:
    """Remind of pledges that are due, each once, in a transaction of its own."""
    for _ in range(MAX_PAGES):
        async with tools.database.read() as session:
            due = await pledges_repository.list_to_remind(session, tools.clock.now())
        if not due:
            return
        for pledge_id in due:
            async with tools.database.begin() as session:
                pledge = await pledges_repository.find_pledge(session, pledge_id)
                now = tools.clock.now()
                if (
                    pledge is None
                    or pledge.status is not PledgeStatus.MADE
                    or pledge.remind_at is None
                    or pledge.remind_at > now
                ):
                    continue
                pledge.remind_at = None
                await notify_reminder(session, pledge, now=now)


def register_jobs(registry: JobRegistry) -> None:
    """Add the jobs of this room."""
    registry.add(PUBLISH, publish, retry=Retry(), at_once=1)
    registry.every(PUBLISH, minutes=PUBLISH_MINUTES)
    registry.add(GIVE, give, retry=Retry(), at_once=1)
    registry.every(GIVE, minutes=GIVE_MINUTES)
    registry.add(REMIND, remind, retry=Retry(), at_once=1)
    registry.every(REMIND, minutes=REMIND_MINUTES)
