"""What happens to volunteers' profiles by itself: pauses end, checks run out, promises lapse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from core.jobs import JobRegistry, JobTools
from matching.kinds import VolunteerStatus
from matching.models import Volunteer
from matching.notifications import notify_pause_over
from matching.volunteering import checks, repository, tools
from matching.volunteering.standing_back import PAUSE_OVER
from people.repository import list_communities

DAILY = "volunteering.daily"
HOURS_BETWEEN = 6
SETTLED = timedelta(days=1)
"""So old is a place that nobody is about to be written down at it."""
MAX_PAGES = 200


async def end_pause(tools_: JobTools, args: dict[str, Any]) -> None:
    """Tell a volunteer that the pause is over, unless it was changed meanwhile."""
    now = tools_.clock.now()
    async with tools_.database.begin() as session:
        volunteer = await session.get(Volunteer, UUID(args["volunteer_id"]))
        if volunteer is None or volunteer.status is not VolunteerStatus.ACTIVE:
            return
        if volunteer.paused_until is None or volunteer.paused_until > now:
            return
        volunteer.paused_until = None
        await notify_pause_over(session, volunteer, now=now)


async def look_after_profiles(tools_: JobTools, args: dict[str, Any]) -> None:
    """Remind of checks that end soon, free tools that nobody fetched, forget left addresses."""
    now = tools_.clock.now()
    async with tools_.database.read() as session:
        communities = [row.id for row in await list_communities(session)]
    for community_id in communities:
        async with tools_.database.begin() as session:
            await checks.remind_of_ends(session, community_id, now=now)
            await tools.end_old_promises(session, community_id, now=now)
    for _ in range(MAX_PAGES):
        async with tools_.database.begin() as session:
            if not await repository.forget_nobodys_addresses(session, made_before=now - SETTLED):
                break


def register_jobs(registry: JobRegistry) -> None:
    """Make these jobs known to the worker."""
    registry.add(PAUSE_OVER, end_pause)
    registry.add(DAILY, look_after_profiles)
    registry.every(DAILY, minutes=HOURS_BETWEEN * 60)
