"""Segments and previews through the API: what one writes comes back, what is wrong is explained."""

from __future__ import annotations

from typing import Any

import pytest

from core.clock import FixedClock
from core.db import Database
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id, read_operation


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


def manager_of(town: Town) -> Actor:
    return actor_as(Role.MANAGER, town.community_id, town.manager_id)


def about(town: Town, definition: dict[str, Any], name: str = "New") -> dict[str, Any]:
    return {
        "input": {
            "communityId": global_id("Community", town.community_id),
            "name": name,
            "definition": definition,
        }
    }


async def save(asker: Asker, town: Town, definition: dict[str, Any]) -> dict[str, Any]:
    document = read_operation("staff/save_segment")
    answer = await asker.ask(document, manager_of(town), **about(town, definition))
    assert not answer.errors, answer.errors
    assert answer.data is not None
    found: dict[str, Any] = answer.data["saveSegment"]
    return found


async def test_a_segment_comes_back_as_it_was_written(asker: Asker, town: Town) -> None:
    ring = [[-71.2, 42.3], [-71.0, 42.3], [-71.0, 42.5], [-71.2, 42.5], [-71.2, 42.3]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    group_id = global_id("Group", town.groups.group_ids[0])
    campaign_id = global_id("Campaign", town.campaigns.campaign_ids[0])
    parts = [
        {"any": [{"interests": ["cycling", "repairs"]}, {"languages": ["es"]}]},
        {"not": {"householdWith": "CHILDREN"}},
        {"shape": shape},
        {"role": "RESIDENT"},
        {"groupId": group_id},
        {"campaignId": campaign_id},
        {"tookPart": {"what": "CAMPAIGN", "campaignId": campaign_id, "days": 30}},
        {"tookPart": {"what": "EVENT"}},
    ]
    saved = await save(asker, town, {"where": {"all": parts}, "notContactedDays": 9})
    answer = await asker.ask(
        read_operation("staff/segment"), manager_of(town), segmentId=saved["segment"]["id"]
    )
    assert answer.data is not None, answer.errors
    version = answer.data["segment"]["versions"][0]
    assert version["notContactedDays"] == 9
    assert [
        (row["number"], row["within"], row["kind"], row["values"], row["days"])
        for row in version["conditions"]
    ] == [
        (0, None, "all", [], None),
        (1, 0, "any", [], None),
        (2, 1, "interest", ["cycling", "repairs"], None),
        (3, 1, "language", ["es"], None),
        (4, 0, "not", [], None),
        (5, 4, "household", ["children"], None),
        (6, 0, "polygon", [], None),
        (7, 0, "role", ["resident"], None),
        (8, 0, "group", [group_id], None),
        (9, 0, "campaign", [campaign_id], None),
        (10, 0, "took_part", ["campaign", campaign_id], 30),
        (11, 0, "took_part", ["event"], None),
    ]
    assert version["conditions"][6]["shape"] == shape


@pytest.mark.parametrize(
    "definition",
    [
        {"where": {}},
        {"where": {"role": "RESIDENT", "languages": ["es"]}},
        {"where": {"role": "MANAGER"}},
        {"where": {"interests": ["astrology"]}},
        {"where": {"areas": ["Atlantis"]}},
        {"where": {"all": []}},
        {"where": {"not": {"not": {"not": {"not": {"role": "RESIDENT"}}}}}},
        {"where": {"shape": {"type": "Point", "coordinates": [1, 2]}}},
        {"where": {"tookPart": {"what": "EVENT", "days": 0}}},
        {"where": {"tookPart": {"what": "EVENT", "campaignId": "Q2FtcGFpZ246MQ=="}}},
        {"notContactedDays": 0},
    ],
)
async def test_what_cannot_be_is_a_problem_with_a_code(
    asker: Asker, town: Town, definition: dict[str, Any]
) -> None:
    found = await save(asker, town, definition)
    assert found["code"] == "invalid_segment"
    assert found["message"]


async def test_a_preview_shows_no_exact_number(asker: Asker, town: Town) -> None:
    """Of the town's 20 people 18 agreed and care about cycling."""
    answer = await asker.ask(
        read_operation("staff/audience_preview"),
        manager_of(town),
        communityId=global_id("Community", town.community_id),
        definition={"where": {"interests": ["cycling"]}},
        purpose="CAMPAIGNS",
    )
    assert answer.data is not None, answer.errors
    preview = answer.data["audiencePreview"]
    assert (preview["membersAbout"], preview["reachedAbout"]) == (20, 20)
    assert preview["notice"] == "EVERYBODY"
    assert len(preview["examples"]) == 3
    assert all(row["aboutCount"] is None for row in preview["excluded"])
    assert [row["firstName"] for row in preview["examples"]] == ["Synthetic"] * 3


async def test_nobody_agreed_to_programmes(asker: Asker, town: Town) -> None:
    answer = await asker.ask(
        read_operation("staff/audience_preview"),
        manager_of(town),
        communityId=global_id("Community", town.community_id),
        definition={},
        purpose="PROGRAMMES",
    )
    assert answer.data is not None, answer.errors
    preview = answer.data["audiencePreview"]
    assert (preview["reachedAbout"], preview["notice"], preview["examples"]) == (
        None,
        "TOO_FEW",
        [],
    )
    counts = {row["reason"]: row["aboutCount"] for row in preview["excluded"]}
    assert counts["NO_CONSENT"] == 20
