"""What somebody chooses from who plans an event: their groups and campaigns, and known places."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from campaigns.events.listing_repository import inside
from campaigns.events.models import CommunityEvent, EventPlace
from campaigns.events.policy import can_manage_events
from campaigns.groups.kinds import GroupRole, GroupStatus, MemberStatus
from campaigns.groups.models import Group, GroupMember
from campaigns.groups.repository import visible_to as groups_visible_to
from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign, CampaignTeam
from campaigns.programmes.repository import WORKING
from campaigns.programmes.repository import visible_to as campaigns_visible_to
from core.db import Session
from people.auth import Actor

MAX_CHOICES = 200
MAX_PLACES = 6
LATEST_EVENTS = 60
GO_ON = (CampaignStatus.DRAFT, CampaignStatus.SCHEDULED, CampaignStatus.RUNNING)


async def list_led_groups(session: Session, actor: Actor, community_id: UUID) -> list[Group]:
    """The groups that go on for which the actor may plan events, by name."""
    query = groups_visible_to(actor).where(
        Group.community_id == community_id, Group.status == GroupStatus.ACTIVE
    )
    if not can_manage_events(actor, community_id, organizes=False):
        led = select(GroupMember.group_id).where(
            GroupMember.person_id == actor.person_id,
            GroupMember.role == GroupRole.ORGANIZER,
            GroupMember.status == MemberStatus.MEMBER,
        )
        query = query.where(Group.id.in_(led))
    return list(await session.scalars(query.order_by(Group.name, Group.id).limit(MAX_CHOICES)))


async def list_led_campaigns(session: Session, actor: Actor, community_id: UUID) -> list[Campaign]:
    """The campaigns that are not over for which the actor may plan events, the latest first."""
    query = campaigns_visible_to(actor).where(
        Campaign.community_id == community_id, Campaign.status.in_(GO_ON)
    )
    if not can_manage_events(actor, community_id, organizes=False):
        team = select(CampaignTeam.campaign_id).where(
            CampaignTeam.person_id == actor.person_id, CampaignTeam.role.in_(WORKING)
        )
        query = query.where(Campaign.id.in_(team))
    ordered = query.order_by(Campaign.starts_at.desc(), Campaign.id).limit(MAX_CHOICES)
    return list(await session.scalars(ordered))


async def list_used_places(
    session: Session, actor: Actor, community_id: UUID, group_id: UUID | None = None
) -> list[EventPlace]:
    """Where the latest events were that the actor looks after, each place once.

    Parameters
    ----------
    group_id
        Only events of this group.
    """
    query = (
        select(EventPlace)
        .join(CommunityEvent, CommunityEvent.place_id == EventPlace.id)
        .where(CommunityEvent.community_id == community_id, inside(actor))
        .order_by(CommunityEvent.created_at.desc(), CommunityEvent.id.desc())
        .limit(LATEST_EVENTS)
    )
    if group_id is not None:
        query = query.where(CommunityEvent.group_id == group_id)
    found: dict[tuple[str, str], EventPlace] = {}
    for place in await session.scalars(query):
        found.setdefault((place.name, place.address_text), place)
    return list(found.values())[:MAX_PLACES]


async def find_used_place(
    session: Session, actor: Actor, community_id: UUID, place_id: UUID
) -> EventPlace | None:
    """A place of an event that the actor looks after."""
    query = (
        select(EventPlace)
        .join(CommunityEvent, CommunityEvent.place_id == EventPlace.id)
        .where(
            EventPlace.id == place_id,
            CommunityEvent.community_id == community_id,
            inside(actor),
        )
    )
    found: EventPlace | None = await session.scalar(query.limit(1))
    return found
