"""Who may do what with campaigns. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign
from people.auth import Actor
from people.kinds import Role

OPEN_FOR_JOINING = frozenset({CampaignStatus.SCHEDULED, CampaignStatus.RUNNING})


def can_create_campaign(actor: Actor, community_id: UUID) -> bool:
    """Managers plan the campaigns of their programme."""
    return actor.is_system or actor.has_role(community_id, Role.MANAGER)


def can_manage_campaign(actor: Actor, campaign: Campaign, team_ids: Collection[UUID]) -> bool:
    """Managers of the community, and owners and editors of the campaign (``team_ids``)."""
    works_on_it = actor.person_id is not None and actor.person_id in team_ids
    return can_create_campaign(actor, campaign.community_id) or works_on_it


def can_change_team(actor: Actor, campaign: Campaign, owner_ids: Collection[UUID]) -> bool:
    """Managers of the community and owners of the campaign choose who works on it."""
    return can_manage_campaign(actor, campaign, owner_ids)


def can_read_inside(actor: Actor, campaign: Campaign, member_ids: Collection[UUID]) -> bool:
    """Staff of the community, and everybody on the team, see budget, cost and drafts."""
    on_team = actor.person_id is not None and actor.person_id in member_ids
    return actor.is_staff(campaign.community_id) or on_team


def can_join_campaign(actor: Actor, campaign: Campaign, person_id: UUID) -> bool:
    """People of the community decide for themselves whether they take part."""
    own = actor.person_id is not None and actor.person_id == person_id
    return own and bool(actor.roles.get(campaign.community_id))
