"""Who may do what with rides. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from campaigns.programmes.models import Campaign
from campaigns.programmes.policy import can_manage_campaign
from people.auth import Actor


def can_record_ride(
    actor: Actor, campaign: Campaign, person_id: UUID, team_ids: Collection[UUID]
) -> bool:
    """People tell their own rides; who manages the campaign enters lists for others."""
    own = actor.person_id is not None and actor.person_id == person_id
    belongs = bool(actor.roles.get(campaign.community_id))
    return (own and belongs) or can_manage_campaign(actor, campaign, team_ids)


def can_import_rides(actor: Actor, campaign: Campaign, team_ids: Collection[UUID]) -> bool:
    """People of the community bring a list of their own rides, who manages it one of others."""
    belongs = actor.person_id is not None and bool(actor.roles.get(campaign.community_id))
    return belongs or can_manage_campaign(actor, campaign, team_ids)


def can_change_ride(actor: Actor, person_id: UUID) -> bool:
    """What a person rode, they alone correct."""
    return actor.is_system or (actor.person_id is not None and actor.person_id == person_id)


def can_delete_ride(
    actor: Actor, campaign: Campaign, person_id: UUID, team_ids: Collection[UUID]
) -> bool:
    """The person, and whoever manages the campaign and sees that it cannot be."""
    own = actor.person_id is not None and actor.person_id == person_id
    return own or can_manage_campaign(actor, campaign, team_ids)


def can_set_biking_rules(actor: Actor, campaign: Campaign, team_ids: Collection[UUID]) -> bool:
    """Whoever manages the campaign."""
    return can_manage_campaign(actor, campaign, team_ids)
