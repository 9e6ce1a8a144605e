"""Operations about the results of campaigns."""

from __future__ import annotations

from tests.graphql_api.cases.campaigns import about, campaign
from tests.graphql_api.cases.case import Case

CASES: tuple[Case, ...] = (
    Case(
        "everybody/campaign_results",
        own=lambda town, role: {"campaignId": campaign(town), "language": "es"},
    ),
    Case("staff/publish_campaign_results", own=lambda town, role: about(town)),
    Case("staff/withdraw_campaign_results", own=lambda town, role: about(town)),
)
