"""When somebody must look at a campaign again: at its beginning and at its end."""

from __future__ import annotations

from datetime import datetime

from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign
from core.db import Session
from core.jobs import NewJob, enqueue

FOLLOW = "campaigns.follow_calendar"


async def schedule_follow(session: Session, row: Campaign, *, now: datetime) -> None:
    """Have the calendar followed at the campaign's next moment; a moved one is looked at twice."""
    waits = row.status is CampaignStatus.SCHEDULED
    due_at = row.starts_at if waits else row.ends_at
    key = f"{FOLLOW}:{row.id}:{int(due_at.timestamp())}"
    await enqueue(session, NewJob(name=FOLLOW, key=key, due_at=due_at, now=now))
