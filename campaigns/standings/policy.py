"""Who may do what with pledges, boards and badges. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from campaigns.programmes.models import Campaign
from campaigns.programmes.policy import can_manage_campaign
from people.auth import Actor
from people.kinds import Role


def can_pledge(actor: Actor, campaign: Campaign, person_id: UUID) -> bool:
    """People of the community promise for themselves and their home."""
    return _own(actor, person_id) and bool(actor.roles.get(campaign.community_id))


def can_change_pledge(actor: Actor, person_id: UUID) -> bool:
    """A promise is the person's own; staff neither settle nor withdraw it."""
    return _own(actor, person_id)


def can_manage_templates(actor: Actor, campaign: Campaign, team_ids: Collection[UUID]) -> bool:
    """Whoever manages a campaign says what may be promised in it."""
    return can_manage_campaign(actor, campaign, team_ids)


def can_count_pledges(actor: Actor, campaign: Campaign, team_ids: Collection[UUID]) -> bool:
    """Staff and the campaign's team see exact figures, and no names with them."""
    on_team = actor.person_id is not None and actor.person_id in team_ids
    return actor.is_staff(campaign.community_id) or on_team


def can_choose(actor: Actor, community_id: UUID, person_id: UUID) -> bool:
    """People decide for themselves whether they are seen; staff write down a no for others."""
    return _own(actor, person_id) and bool(actor.roles.get(community_id))


def can_opt_out(actor: Actor, community_id: UUID, person_id: UUID) -> bool:
    """The person, or staff who were told on the phone."""
    return can_choose(actor, community_id, person_id) or actor.is_staff(community_id)


def can_manage_badges(actor: Actor, community_id: UUID) -> bool:
    """Managers decide for what badges are given."""
    return actor.is_system or actor.has_role(community_id, Role.MANAGER)


def _own(actor: Actor, person_id: UUID) -> bool:
    return actor.person_id is not None and actor.person_id == person_id
