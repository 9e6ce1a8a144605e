"""Who sees results, and who lets them out. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from campaigns.programmes.models import Campaign
from campaigns.programmes.policy import can_manage_campaign, can_read_inside
from people.auth import Actor

READ_SCOPE = "campaigns:read"


def can_read_results(actor: Actor, campaign: Campaign, member_ids: Collection[UUID]) -> bool:
    """Staff and the campaign's team see every figure; others what was published."""
    if actor.scopes is not None and READ_SCOPE not in actor.scopes:
        return False
    return can_read_inside(actor, campaign, member_ids)


def can_publish_results(actor: Actor, campaign: Campaign, working_ids: Collection[UUID]) -> bool:
    """Managers, and who works on the campaign, say when figures become public."""
    return can_manage_campaign(actor, campaign, working_ids)
