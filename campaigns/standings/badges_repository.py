"""The queries on badges and the rules by which they are given."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from campaigns.programmes.models import Campaign, CampaignMember
from campaigns.standings.models import Badge, BadgeRule
from core.db import Session
from core.pagination import Listing, SortKey
from people.auth import Actor
from people.models import Membership

MAX_RULES = 200
MAX_ROWS = 200_000
PAGE = 500


async def get_rule(session: Session, rule_id: UUID) -> BadgeRule | None:
    """One rule."""
    found: BadgeRule | None = await session.get(BadgeRule, rule_id)
    return found


async def find_rule(session: Session, community_id: UUID, code: str) -> BadgeRule | None:
    """The rule of a community with this code."""
    found: BadgeRule | None = await session.scalar(
        select(BadgeRule).where(BadgeRule.community_id == community_id, BadgeRule.code == code)
    )
    return found


async def list_rules_of(session: Session, community_id: UUID) -> list[BadgeRule]:
    """Every rule of a community, past ones too: what was earned then stays."""
    query = select(BadgeRule).where(BadgeRule.community_id == community_id).order_by(BadgeRule.code)
    return list(await session.scalars(query.limit(MAX_RULES)))


def list_rules(community_id: UUID) -> Listing[BadgeRule]:
    """For what a community gives badges, by code."""
    return Listing(
        select(BadgeRule).where(BadgeRule.community_id == community_id),
        key=SortKey("id", BadgeRule.id),
        sort=(SortKey("code", BadgeRule.code),),
    )


async def load_rules(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, BadgeRule]:
    """Rules by key: for what badges are given is no secret."""
    rows = await session.scalars(select(BadgeRule).where(BadgeRule.id.in_(keys)))
    return {row.id: row for row in rows}


def list_my_badges(actor: Actor) -> Listing[Badge]:
    """The actor's badges, the newest first."""
    query = select(Badge).where(Badge.person_id == actor.person_id)
    return Listing(
        query,
        key=SortKey("id", Badge.id, descending=True),
        sort=(SortKey("given_at", Badge.given_at, descending=True),),
    )


async def load_badges(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Badge]:
    """The actor's own badges by key; nobody sees another's."""
    if actor.person_id is None:
        return {}
    rows = await session.scalars(
        select(Badge).where(Badge.id.in_(keys), Badge.person_id == actor.person_id)
    )
    return {row.id: row for row in rows}


async def list_holders(session: Session, rule_id: UUID) -> set[UUID]:
    """Who has a badge."""
    rows = await session.scalars(
        select(Badge.person_id).where(Badge.rule_id == rule_id).limit(MAX_ROWS)
    )
    return set(rows)


def add_badge(session: Session, rule_id: UUID, person_id: UUID, now: datetime) -> None:
    """Give one badge."""
    session.add(Badge(rule_id=rule_id, person_id=person_id, given_at=now))


async def take_badges(session: Session, rule_id: UUID, person_ids: Collection[UUID]) -> None:
    """Take badges back, without a word."""
    keys = sorted(person_ids)
    for start in range(0, len(keys), PAGE):
        await session.execute(
            delete(Badge)
            .where(Badge.rule_id == rule_id, Badge.person_id.in_(keys[start : start + PAGE]))
            .execution_options(synchronize_session=False)
        )


async def drop_badges_of(session: Session, person_id: UUID, community_id: UUID | None) -> None:
    """Take all badges of a person: of one community, or everywhere."""
    badges = delete(Badge).where(Badge.person_id == person_id)
    if community_id is not None:
        rules = select(BadgeRule.id).where(BadgeRule.community_id == community_id)
        badges = badges.where(Badge.rule_id.in_(rules))
    await session.execute(badges.execution_options(synchronize_session=False))


async def list_campaigns_of(session: Session, community_id: UUID) -> list[Campaign]:
    """The campaigns of a community whose deeds may earn badges: at most 500, newest first."""
    query = (
        select(Campaign)
        .where(Campaign.community_id == community_id)
        .order_by(Campaign.starts_at.desc(), Campaign.id)
    )
    return list(await session.scalars(query.limit(500)))


async def load_inviters(session: Session, campaign_id: UUID) -> dict[UUID, UUID]:
    """Who brought whom, by the one who was brought; only people who still take part."""
    rows = await session.execute(
        select(CampaignMember.person_id, CampaignMember.invited_by)
        .where(
            CampaignMember.campaign_id == campaign_id,
            CampaignMember.invited_by.is_not(None),
            CampaignMember.left_at.is_(None),
        )
        .limit(MAX_ROWS)
    )
    return {row.person_id: row.invited_by for row in rows if row.invited_by is not None}


async def list_communities_with_rules(session: Session) -> list[UUID]:
    """Where badges are given."""
    query = select(BadgeRule.community_id).distinct().order_by(BadgeRule.community_id)
    return list(await session.scalars(query.limit(500)))


async def list_belonging(session: Session, community_id: UUID) -> set[UUID]:
    """Everybody who belongs to a community now."""
    rows = await session.scalars(
        select(Membership.person_id)
        .where(
            Membership.community_id == community_id,
            Membership.ended_at.is_(None),
        )
        .limit(MAX_ROWS)
    )
    return set(rows)
