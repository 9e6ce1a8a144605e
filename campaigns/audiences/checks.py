"""Whether what a segment names is there: neighbourhoods, topics, groups, campaigns, events."""

from __future__ import annotations

import asyncio
from uuid import UUID

from campaigns.audiences import reference_repository as repository
from campaigns.audiences.definitions import (
    Definition,
    InArea,
    InCampaign,
    InGroup,
    Interested,
    TookPart,
    check_definition,
    list_leaves,
)
from campaigns.audiences.errors import InvalidSegment
from campaigns.audiences.kinds import TookPartIn
from core.db import Session
from geo.open_cities import open_city
from people.models import Community


async def check_references(session: Session, community_id: UUID, definition: Definition) -> None:
    """Refuse a definition that names what the community does not have.

    Raises
    ------
    InvalidSegment
        The message says what is not there.
    """
    check_definition(definition)
    leaves = [] if definition.where is None else [leaf for leaf, _ in list_leaves(definition.where)]
    areas = {name for leaf in leaves if isinstance(leaf, InArea) for name in leaf.names}
    if areas:
        await _check_areas(session, community_id, areas)
    topics = {topic for leaf in leaves if isinstance(leaf, Interested) for topic in leaf.topics}
    if topics - await repository.list_topics(session, community_id, topics):
        raise InvalidSegment("Choose topics of the community's catalogue.")
    groups = {leaf.group_id for leaf in leaves if isinstance(leaf, InGroup)}
    if groups - await repository.list_groups(session, community_id, groups):
        raise InvalidSegment("Choose a group of this community.")
    past = [leaf for leaf in leaves if isinstance(leaf, TookPart) and leaf.subject_id]
    campaigns = {leaf.campaign_id for leaf in leaves if isinstance(leaf, InCampaign)}
    campaigns |= {leaf.subject_id for leaf in past if leaf.what is TookPartIn.CAMPAIGN}  # type: ignore[misc]  # picked above
    if campaigns - await repository.list_campaigns(session, community_id, campaigns):
        raise InvalidSegment("Choose a campaign of this community.")
    events = {leaf.subject_id for leaf in past if leaf.what is TookPartIn.EVENT and leaf.subject_id}
    if events - await repository.list_events(session, community_id, events):
        raise InvalidSegment("Choose an event of this community.")


async def _check_areas(session: Session, community_id: UUID, areas: set[str]) -> None:
    community = await session.get_one(Community, community_id)
    known = await asyncio.to_thread(_read_area_names, community.city_pack)
    if not areas <= known:
        raise InvalidSegment(
            "Choose neighbourhoods of the city's map; the map of areas lists their names."
        )


def _read_area_names(city_pack: str) -> frozenset[str]:
    return frozenset(open_city(city_pack).pack.areas.names)
