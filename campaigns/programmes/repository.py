"""The queries on campaigns. `visible_to` is the only way to a list of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import selectinload

from campaigns.groups.kinds import GroupStatus
from campaigns.groups.models import Group
from campaigns.programmes.errors import CampaignUnknown
from campaigns.programmes.kinds import CampaignKind, CampaignStatus, TeamRole
from campaigns.programmes.models import Campaign, CampaignGroup, CampaignMember, CampaignTeam
from core.db import Session
from core.pagination import Listing, SortKey
from people.auth import Actor
from people.models import Membership

PUBLIC = (CampaignStatus.RUNNING, CampaignStatus.FINISHED)
MAX_DUE = 100
MAX_TEAM = 50
MAX_GROUPS = 500
WORKING = (TeamRole.OWNER, TeamRole.EDITOR)


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


async def find_campaign(
    session: Session, actor: Actor, community_id: UUID, slug: str
) -> Campaign | None:
    """The campaign of a community with this short name, with its team and groups."""
    found: Campaign | None = await session.scalar(
        visible_to(actor)
        .where(Campaign.community_id == community_id, Campaign.slug == slug.strip().lower())
        .options(selectinload(Campaign.team), selectinload(Campaign.groups))
    )
    return found


async def is_slug_taken(session: Session, community_id: UUID, slug: str) -> bool:
    """Whether a campaign of the community, visible or not, has this short name."""
    query = select(Campaign.id).where(Campaign.community_id == community_id, Campaign.slug == slug)
    return await session.scalar(query) is not None


async def load_campaigns(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Campaign]:
    """Campaigns by key with their teams and groups, as far as the actor may know of them."""
    rows = await session.scalars(
        visible_to(actor)
        .where(Campaign.id.in_(keys))
        .options(selectinload(Campaign.team), selectinload(Campaign.groups))
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


@dataclass(frozen=True, kw_only=True)
class CampaignFilter:
    """Which campaigns of a community to list; None is every one."""

    kinds: frozenset[CampaignKind] | None = None
    statuses: frozenset[CampaignStatus] | None = None
    joined: bool = False
    """Only those in which the actor takes part."""


def list_campaigns(
    actor: Actor, community_id: UUID, wanted: CampaignFilter | None = None
) -> Listing[Campaign]:
    """The campaigns of a community that the actor may know of, the latest to begin first."""
    chosen = wanted or CampaignFilter()
    query = visible_to(actor).where(Campaign.community_id == community_id)
    if chosen.kinds is not None:
        query = query.where(Campaign.kind.in_(sorted(chosen.kinds)))
    if chosen.statuses is not None:
        query = query.where(Campaign.status.in_(sorted(chosen.statuses)))
    if chosen.joined:
        mine = select(CampaignMember.campaign_id).where(
            CampaignMember.person_id == actor.person_id, CampaignMember.left_at.is_(None)
        )
        query = query.where(Campaign.id.in_(mine))
    return Listing(
        query.options(selectinload(Campaign.team), selectinload(Campaign.groups)),
        key=SortKey("id", Campaign.id),
        sort=(SortKey("starts_at", Campaign.starts_at, descending=True),),
    )


async def lock_campaign(session: Session, campaign_id: UUID) -> Campaign | None:
    """The campaign as it is now, held until the transaction ends."""
    row: Campaign | None = await session.scalar(
        select(Campaign)
        .where(Campaign.id == campaign_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return row


async def change_status(
    session: Session, row: Campaign, *, before: CampaignStatus, values: dict[str, Any]
) -> bool:
    """Set columns of a campaign that is still in state ``before``; False when it is not."""
    result = await session.execute(
        update(Campaign)
        .where(Campaign.id == row.id, Campaign.status == before)
        .values(values | {"version": Campaign.version + 1})
        .execution_options(synchronize_session="fetch")
        .returning(Campaign.id)
    )
    return result.first() is not None


async def list_due(session: Session, now: datetime) -> list[UUID]:
    """Campaigns whose moment to begin or to end has come, the longest overdue first."""
    query = (
        select(Campaign.id)
        .where(
            or_(
                and_(Campaign.status == CampaignStatus.SCHEDULED, Campaign.starts_at <= now),
                and_(Campaign.status == CampaignStatus.RUNNING, Campaign.ends_at <= now),
            )
        )
        .order_by(Campaign.starts_at, Campaign.id)
        .limit(MAX_DUE)
    )
    return list(await session.scalars(query))


async def list_team(session: Session, campaign_id: UUID) -> list[CampaignTeam]:
    """Who works on a campaign, in the order in which they came."""
    query = (
        select(CampaignTeam)
        .where(CampaignTeam.campaign_id == campaign_id)
        .order_by(CampaignTeam.added_at, CampaignTeam.person_id)
        .limit(MAX_TEAM + 1)
    )
    return list(await session.scalars(query))


async def list_working_ids(session: Session, campaign_id: UUID) -> frozenset[UUID]:
    """Owners and editors: those who may change the campaign."""
    team = await list_team(session, campaign_id)
    return frozenset(row.person_id for row in team if row.role in WORKING)


async def belongs_to_community(session: Session, person_id: UUID, community_id: UUID) -> bool:
    """Whether a person has a role there that has not ended."""
    query = select(Membership.id).where(
        Membership.person_id == person_id,
        Membership.community_id == community_id,
        Membership.ended_at.is_(None),
    )
    return await session.scalar(query.limit(1)) is not None


async def remove_from_team(session: Session, campaign_id: UUID, person_id: UUID) -> None:
    """Take somebody off a team."""
    await session.execute(
        delete(CampaignTeam).where(
            CampaignTeam.campaign_id == campaign_id, CampaignTeam.person_id == person_id
        )
    )


async def list_groups(session: Session, campaign_id: UUID) -> list[CampaignGroup]:
    """The groups of a campaign, those compared with among them."""
    query = (
        select(CampaignGroup)
        .where(CampaignGroup.campaign_id == campaign_id)
        .order_by(CampaignGroup.group_id)
        .limit(MAX_GROUPS)
    )
    return list(await session.scalars(query))


async def list_usable_group_ids(
    session: Session, community_id: UUID, group_ids: Collection[UUID]
) -> frozenset[UUID]:
    """Of these groups, those of the community that live."""
    rows = await session.scalars(
        select(Group.id).where(
            Group.id.in_(group_ids),
            Group.community_id == community_id,
            Group.status == GroupStatus.ACTIVE,
        )
    )
    return frozenset(rows)


async def replace_groups(
    session: Session, campaign_id: UUID, rows: Sequence[CampaignGroup]
) -> None:
    """Let a campaign have these groups and no others."""
    await session.execute(delete(CampaignGroup).where(CampaignGroup.campaign_id == campaign_id))
    session.add_all(rows)
    await session.flush()


async def find_member(
    session: Session, campaign_id: UUID, person_id: UUID, *, lock: bool = False
) -> CampaignMember | None:
    """How a person takes part, or took part, in a campaign."""
    query = select(CampaignMember).where(
        CampaignMember.campaign_id == campaign_id, CampaignMember.person_id == person_id
    )
    if lock:
        query = query.with_for_update(key_share=True)
    found: CampaignMember | None = await session.scalar(
        query.execution_options(populate_existing=True)
    )
    return found


async def find_inviter(session: Session, campaign_id: UUID, code: str) -> CampaignMember | None:
    """Whose code this is, while they take part."""
    found: CampaignMember | None = await session.scalar(
        select(CampaignMember).where(
            CampaignMember.campaign_id == campaign_id,
            CampaignMember.invite_code == code,
            CampaignMember.left_at.is_(None),
        )
    )
    return found


async def load_own_members(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, CampaignMember]:
    """How the actor takes part in each campaign, by campaign."""
    rows = await session.scalars(
        select(CampaignMember).where(
            CampaignMember.person_id == actor.person_id, CampaignMember.campaign_id.in_(keys)
        )
    )
    return {row.campaign_id: row for row in rows}


async def load_member_counts(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, int]:
    """How many people take part in each campaign."""
    rows = await session.execute(
        select(CampaignMember.campaign_id, func.count())
        .where(CampaignMember.campaign_id.in_(keys), CampaignMember.left_at.is_(None))
        .group_by(CampaignMember.campaign_id)
    )
    counts = {row[0]: int(row[1]) for row in rows}
    return {key: counts.get(key, 0) for key in keys}


async def load_inviters(session: Session, campaign_id: UUID) -> dict[UUID, UUID]:
    """Who invited each of those who take part now and were invited."""
    rows = await session.execute(
        select(CampaignMember.person_id, CampaignMember.invited_by)
        .where(
            CampaignMember.campaign_id == campaign_id,
            CampaignMember.left_at.is_(None),
            CampaignMember.invited_by.is_not(None),
        )
        .order_by(CampaignMember.person_id)
    )
    return {invited: inviter for invited, inviter in rows if inviter is not None}
