"""The queries that tell whether what a segment names belongs to its community."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from campaigns.events.models import CommunityEvent
from campaigns.groups.models import Group
from campaigns.programmes.models import Campaign
from core.db import Session
from people.interests.models import Interest


async def list_topics(session: Session, community_id: UUID, wanted: Collection[str]) -> set[str]:
    """Those of these codes that the catalogue has or had."""
    if not wanted:
        return set()
    query = select(Interest.code).where(
        Interest.community_id == community_id, Interest.code.in_(wanted)
    )
    return set(await session.scalars(query))


async def list_groups(session: Session, community_id: UUID, wanted: Collection[UUID]) -> set[UUID]:
    """Those of these that are groups of the community."""
    if not wanted:
        return set()
    query = select(Group.id).where(Group.community_id == community_id, Group.id.in_(wanted))
    return set(await session.scalars(query))


async def list_campaigns(
    session: Session, community_id: UUID, wanted: Collection[UUID]
) -> set[UUID]:
    """Those of these that are campaigns of the community."""
    if not wanted:
        return set()
    query = select(Campaign.id).where(
        Campaign.community_id == community_id, Campaign.id.in_(wanted)
    )
    return set(await session.scalars(query))


async def list_events(session: Session, community_id: UUID, wanted: Collection[UUID]) -> set[UUID]:
    """Those of these that are events of the community."""
    if not wanted:
        return set()
    query = select(CommunityEvent.id).where(
        CommunityEvent.community_id == community_id, CommunityEvent.id.in_(wanted)
    )
    return set(await session.scalars(query))
