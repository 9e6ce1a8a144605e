"""A campaign's way from draft to archive: by hand, and by the calendar."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from campaigns.programmes import repository
from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign
from campaigns.programmes.planning import check_ready, lock_for_work
from campaigns.programmes.schedule import schedule_follow
from campaigns.programmes.transitions import move_campaign
from core.db import Session
from matching.transitions import Cause
from people.auth import Actor

BY_CALENDAR = "by_calendar"
BY_HAND = "by_hand"


async def change_status(
    session: Session, actor: Actor, campaign_id: UUID, to: CampaignStatus, *, now: datetime
) -> Campaign:
    """Bring a campaign into another state by hand; into the one it is in already does nothing.

    Begun early, it begins now; finished early, it ends now. What begins late runs at once.
    """
    row = await lock_for_work(session, actor, campaign_id)
    if row.status is to:
        return row
    cause = Cause(now=now, actor_id=actor.person_id, reason=BY_HAND)
    if to in (CampaignStatus.SCHEDULED, CampaignStatus.RUNNING):
        check_ready(row, now=now)
    moments: dict[str, datetime] = {}
    if to is CampaignStatus.RUNNING and row.starts_at > now:
        moments = {"starts_at": now}
    if to is CampaignStatus.FINISHED and row.starts_at < now < row.ends_at:
        moments = {"ends_at": now}
    row = await move_campaign(session, campaign_id, to, cause, **moments)
    if to in (CampaignStatus.SCHEDULED, CampaignStatus.RUNNING):
        await schedule_follow(session, row, now=now)
    return row


async def follow_calendar(session: Session, campaign_id: UUID, *, now: datetime) -> Campaign | None:
    """Begin or end one campaign whose moment has come, both after a long pause; None if neither.

    Done again, it does nothing.
    """
    row = await repository.lock_campaign(session, campaign_id)
    if row is None:
        return None
    cause = Cause(now=now, reason=BY_CALENDAR)
    moved = False
    if row.status is CampaignStatus.SCHEDULED and row.starts_at <= now:
        row = await move_campaign(session, campaign_id, CampaignStatus.RUNNING, cause)
        await schedule_follow(session, row, now=now)
        moved = True
    if row.status is CampaignStatus.RUNNING and row.ends_at <= now:
        row = await move_campaign(session, campaign_id, CampaignStatus.FINISHED, cause)
        moved = True
    return row if moved else None
