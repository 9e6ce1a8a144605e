"""Operations about pledges, boards, badges and being seen on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from api.demo.town_standings import FREE, PROMISED
from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case, Variables

if TYPE_CHECKING:
    from tests.factories.town import Town


def _campaign(town: Town, role: str = "") -> Variables:
    return {"campaignId": global_id("Campaign", town.campaigns.campaign_ids[0])}


def _community(town: Town, role: str = "") -> Variables:
    return {"communityId": global_id("Community", town.community_id)}


def _input(**values: Any) -> Variables:
    return {"input": values}


def _person(town: Town, role: str) -> UUID:
    return {
        "volunteer": town.volunteer_person_ids[0],
        "coordinator": town.coordinator_id,
        "manager": town.manager_id,
    }.get(role, town.resident_ids[0])


def _pledge(town: Town, role: str) -> str:
    return global_id("Pledge", town.standings.pledge_ids[_person(town, role)])


def _pledge_of_another(town: Town) -> str:
    return global_id("Pledge", town.standings.pledge_ids[town.resident_ids[1]])


def _template(town: Town, number: int) -> str:
    return global_id("PledgeTemplate", town.standings.template_ids[number])


def _about_pledge(operation: str, **more: Any) -> Case:
    """Something that one does with one's own pledge alone."""
    return Case(
        operation,
        lambda town, role: _input(pledgeId=_pledge(town, role), **more),
        lambda town, other: _input(pledgeId=_pledge_of_another(town), **more),
    )


CASES: tuple[Case, ...] = (
    Case("everybody/goal_progress", _campaign),
    Case("everybody/leaderboard", lambda town, role: {**_campaign(town), "board": "GROUPS"}),
    Case("everybody/pledge_wall", _campaign),
    Case("everybody/badge_rules", _community),
    Case("resident/my_pledges", lambda town, role: {"first": 100}),
    Case("resident/my_badges", lambda town, role: {"first": 100}),
    Case("resident/my_standing_choice", _community),
    Case("staff/campaign_standing", _campaign),
    Case(
        "resident/make_pledge",
        lambda town, role: _input(templateId=_template(town, FREE), amount=12.0, showsName=True),
    ),
    _about_pledge("resident/settle_pledge", keptAmount=4.0),
    _about_pledge("resident/withdraw_pledge"),
    _about_pledge("resident/show_pledge_name", showsName=True),
    Case(
        "resident/opt_out_of_boards",
        lambda town, role: _input(**_community(town)),
        lambda town, other: _input(
            **_community(town), personId=global_id("Person", town.resident_ids[1])
        ),
    ),
    Case("resident/opt_in_to_boards", lambda town, role: _input(**_community(town))),
    Case(
        "resident/choose_board_alias",
        lambda town, role: _input(**_community(town), alias="Quick Fox"),
    ),
    Case(
        "staff/add_pledge_template",
        lambda town, role: _input(
            **_campaign(town),
            code="walk_to_school",
            labels=[
                {"language": "en", "text": "Walk to school"},
                {"language": "es", "text": "Ir a pie a la escuela"},
            ],
            unit="days",
            suggestedAmount=5.0,
            maxAmount=20.0,
        ),
    ),
    Case(
        "staff/close_pledge_template",
        lambda town, role: _input(templateId=_template(town, PROMISED)),
    ),
    Case(
        "staff/add_badge_rule",
        lambda town, role: _input(
            **_community(town),
            code="storm_helper",
            kind="HELPED_IN_STORM",
            threshold=1,
            labels=[{"language": "en", "text": "Helped in a storm"}],
            validFrom="2026-01-01T00:00:00Z",
        ),
    ),
    Case(
        "staff/end_badge_rule",
        lambda town, role: _input(badgeRuleId=global_id("BadgeRule", town.standings.rule_ids[0])),
    ),
)
