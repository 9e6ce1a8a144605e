"""What a campaign changed, by its kind: asks the room that measures it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from campaigns.programmes.kinds import CampaignKind
from campaigns.programmes.models import Campaign
from campaigns.results.biking_measures import measure_biking
from campaigns.results.figures import MeasuredEffect, QualityNote
from campaigns.results.recycling_measures import measure_recycling
from core.db import Session
from people.models import Community

Measured = tuple[tuple[MeasuredEffect, ...], tuple[QualityNote, ...]]
Measurer = Callable[[Session, Campaign, Community, datetime], Awaitable[Measured]]

MEASURERS: Mapping[CampaignKind, Measurer] = MappingProxyType(
    {CampaignKind.BIKING: measure_biking, CampaignKind.RECYCLING: measure_recycling}
)
"""Kinds without one have counts of people only."""


async def measure_campaign(
    session: Session, campaign: Campaign, community: Community, *, now: datetime
) -> Measured:
    """Effects and notes about their data; nothing for a kind that measures none."""
    measurer = MEASURERS.get(campaign.kind)
    return ((), ()) if measurer is None else await measurer(session, campaign, community, now)
