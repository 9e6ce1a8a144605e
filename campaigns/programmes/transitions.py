"""The only place where a campaign changes its state: checked, and written into the history."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.programmes import repository, states
from campaigns.programmes.errors import CampaignChanged, CampaignUnknown
from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign
from core.db import Session
from core.events import record_event
from matching.states import check_transition
from matching.transitions import Cause

SUBJECT = "campaign"


async def move_campaign(
    session: Session, campaign_id: UUID, to: CampaignStatus, cause: Cause, **values: datetime
) -> Campaign:
    """Bring a campaign into its next state, with the moments given. Records ``campaign.<state>``.

    Raises
    ------
    IllegalTransition
        When that state may not follow.
    """
    row = await repository.lock_campaign(session, campaign_id)
    if row is None:
        raise CampaignUnknown(f"There is no campaign {campaign_id}, or it is not for you.")
    before = row.status
    check_transition(states.CAMPAIGN, before, to)
    changes: dict[str, Any] = {"status": to, "updated_at": cause.now, **values}
    if not await repository.change_status(session, row, before=before, values=changes):
        raise CampaignChanged("Somebody else changed this campaign just now; look at it again.")
    data: dict[str, Any] = {"what": row.kind.value, "from": before.value}
    record_event(
        session,
        f"campaign.{to.value}",
        subject_type=SUBJECT,
        subject_id=row.id,
        happened_at=cause.now,
        actor_id=cause.actor_id,
        community_id=row.community_id,
        reason=cause.reason,
        **data,
    )
    return row
