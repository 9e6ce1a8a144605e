"""Plain functions that put campaigns into a database, with sensible values for what is omitted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from campaigns.programmes.kinds import CampaignKind, CampaignStatus, GoalUnit
from campaigns.programmes.models import Campaign, CampaignMember
from core.db import Session
from core.ids import new_code
from people.models import Community, Person

MAY = datetime(2027, 5, 1, 4, 0, tzinfo=UTC)
"""Midnight in Cambridge, Massachusetts, where summer time holds."""
JUNE = datetime(2027, 6, 1, 4, 0, tzinfo=UTC)


async def add_campaign(
    session: Session,
    community: Community,
    *,
    kind: CampaignKind = CampaignKind.BIKING,
    status: CampaignStatus = CampaignStatus.RUNNING,
    slug: str = "bike-month",
    **values: Any,
) -> Campaign:
    """A campaign of May 2027."""
    given: dict[str, Any] = {
        "title": "Bike Month",
        "summary": "",
        "goal_value": 100.0,
        "goal_unit": GoalUnit.RIDES if kind is CampaignKind.BIKING else None,
        "starts_at": MAY,
        "ends_at": JUNE,
        "areas": [],
        "comparison_areas": [],
        "languages": ["en", "es"],
        "settings": {},
        "created_at": MAY,
        "updated_at": MAY,
    } | values
    if given["goal_unit"] is None:
        given["goal_value"] = None
    row = Campaign(community_id=community.id, slug=slug, kind=kind, status=status, **given)
    session.add(row)
    await session.flush()
    return row


async def add_member(
    session: Session, campaign: Campaign, person: Person, **values: Any
) -> CampaignMember:
    """Somebody who takes part."""
    row = CampaignMember(
        campaign_id=campaign.id,
        person_id=person.id,
        joined_at=campaign.starts_at,
        invite_code=new_code(10),
        **values,
    )
    session.add(row)
    await session.flush()
    return row
