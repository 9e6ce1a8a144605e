"""Which state of a campaign may follow which. A pure table: `transitions` applies it."""

from __future__ import annotations

from campaigns.programmes.kinds import CampaignStatus
from matching.states import Table

CAMPAIGN: Table[CampaignStatus] = {
    CampaignStatus.DRAFT: frozenset({CampaignStatus.SCHEDULED, CampaignStatus.ARCHIVED}),
    CampaignStatus.SCHEDULED: frozenset(
        {CampaignStatus.DRAFT, CampaignStatus.RUNNING, CampaignStatus.ARCHIVED}
    ),
    CampaignStatus.RUNNING: frozenset({CampaignStatus.FINISHED}),
    CampaignStatus.FINISHED: frozenset({CampaignStatus.ARCHIVED}),
    CampaignStatus.ARCHIVED: frozenset(),
}
