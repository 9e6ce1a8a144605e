"""Operations about campaigns: planning them, working on them and taking part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.demo.town_campaigns import COMING, DRAFT, RUNNING, SLUGS
from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case, Variables

if TYPE_CHECKING:
    from tests.factories.town import Town


def campaign(town: Town, number: int = RUNNING) -> str:
    return global_id("Campaign", town.campaigns.campaign_ids[number])


def community(town: Town, role: str = "") -> Variables:
    return {"communityId": global_id("Community", town.community_id)}


def about(town: Town, number: int = RUNNING, **values: Any) -> Variables:
    return {"input": {"campaignId": campaign(town, number), **values}}


def plan(town: Town, role: str) -> Variables:
    return {
        "input": {
            **community(town),
            "slug": "walk-to-school",
            "kind": "OTHER",
            "title": "Walk to School",
            "startsAt": "2026-05-01T04:00:00Z",
            "endsAt": "2026-06-01T04:00:00Z",
            "goalValue": 50.0,
            "goalUnit": "PARTICIPANTS",
            "areas": ["Riverside"],
            "languages": ["en", "es"],
        }
    }


CASES: tuple[Case, ...] = (
    Case("everybody/list_campaigns", own=community),
    Case(
        "everybody/show_campaign",
        own=lambda town, role: {**community(town), "slug": SLUGS[RUNNING]},
    ),
    Case("staff/plan_campaign", own=plan),
    Case("staff/change_campaign", own=lambda town, role: about(town, title="Another Name")),
    Case(
        "staff/change_campaign_status",
        own=lambda town, role: about(town, DRAFT, status="SCHEDULED"),
    ),
    Case(
        "staff/set_campaign_groups",
        own=lambda town, role: about(town, groupIds=[global_id("Group", town.groups.group_ids[0])]),
    ),
    Case(
        "staff/set_campaign_team_role",
        own=lambda town, role: about(
            town, personId=global_id("Person", town.resident_ids[0]), role="VIEWER"
        ),
    ),
    Case(
        "resident/join_campaign",
        own=lambda town, role: about(town, COMING, tookPartBefore=False),
    ),
    Case("resident/leave_campaign", own=lambda town, role: about(town)),
)
