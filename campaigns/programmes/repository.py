"""The queries on campaigns. `visible_to` is the only way to a list of them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from campaigns.programmes.errors import CampaignUnknown
from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign, CampaignMember, CampaignTeam
from core.db import Session
from people.auth import Actor

PUBLIC = (CampaignStatus.RUNNING, CampaignStatus.FINISHED)


def visible_to(actor: Actor) -> Select[Campaign]:
    """The campaigns that the actor may know of.

    Everybody sees those that run or are finished, people of the community also those that will
    begin; staff, the team and those who take part see theirs in every state.
    """
    query = select(Campaign)
    if actor.is_system:
        return query
    choices: list[ColumnElement[bool]] = [Campaign.status.in_(PUBLIC)]
    if actor.person_id is not None:
        team = select(CampaignTeam.campaign_id).where(CampaignTeam.person_id == actor.person_id)
        joined = select(CampaignMember.campaign_id).where(
            CampaignMember.person_id == actor.person_id, CampaignMember.left_at.is_(None)
        )
        coming = Campaign.community_id.in_(tuple(sorted(actor.roles)))
        choices += [
            Campaign.community_id.in_(actor.staff_communities()),
            and_(coming, Campaign.status == CampaignStatus.SCHEDULED),
            Campaign.id.in_(team),
            Campaign.id.in_(joined),
        ]
    return query.where(or_(*choices))


async def get_campaign(session: Session, actor: Actor, campaign_id: UUID) -> Campaign:
    """One campaign; unknown and hidden answer alike."""
    found: Campaign | None = await session.scalar(
        visible_to(actor).where(Campaign.id == campaign_id)
    )
    if found is None:
        raise CampaignUnknown(f"There is no campaign {campaign_id}, or it is not for you.")
    return found
