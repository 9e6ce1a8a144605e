"""Who may do what with a recruitment campaign's figures. Pure."""

from __future__ import annotations

from campaigns.programmes.kinds import CampaignStatus
from campaigns.programmes.models import Campaign

COUNTED = frozenset({CampaignStatus.RUNNING, CampaignStatus.FINISHED})
"""States in which sign-ups count for a campaign."""


def may_be_counted(campaign: Campaign) -> bool:
    """Whether people who sign up count for this campaign."""
    return campaign.status in COUNTED
