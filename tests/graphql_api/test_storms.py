from __future__ import annotations

from typing import Any

import pytest

from core.clock import FixedClock
from core.db import Database
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id
from tests.graphql_api.statements import counted_statements
from tests.graphql_api.townspeople import community_of, manager, resident, volunteer, with_scopes

SCALE = 4
STAFF_ONLY = (
    "heldByHand", "directedUntilAt", "urgentSinceAt", "noticedAt", "requestCounts", "offerCounts",
    "history",
)  # fmt: skip


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock, scale=SCALE)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


def storm_of(town: Town) -> str:
    return global_id("Storm", town.storm_id)


async def test_everybody_sees_how_the_storm_stands(asker: Asker, town: Town) -> None:
    for actor in (Actor.anonymous(), resident(town), volunteer(town), manager(town)):
        storm = (
            await asker.ask("everybody/current_storm", actor, communityId=community_of(town))
        ).only
        assert storm["id"] == storm_of(town)
        assert storm["status"] == "ACTIVE"
        assert storm["deadlineAt"]
    listed = (await asker.ask("everybody/list_storms", communityId=community_of(town))).only
    assert listed["totalCount"] == SCALE
    began = [node["createdAt"] for node in listed["nodes"]]
    assert began == sorted(began, reverse=True)
    closed = await asker.ask(
        "everybody/list_storms", communityId=community_of(town), statuses=["CLOSED"]
    )
    assert closed.only["totalCount"] == SCALE - 1


async def test_numbers_of_a_storm_are_for_staff(asker: Asker, town: Town) -> None:
    board = (
        await asker.ask("staff/storm_board", manager(town), communityId=community_of(town))
    ).only
    counts = {row["status"]: row["count"] for row in board["requestCounts"]}
    assert counts["OPEN"] == counts["OFFERED"] == counts["NEEDS_REVIEW"] == SCALE
    assert counts["EXPIRED"] == 0
    assert sum(row["count"] for row in board["offerCounts"]) == len(town.offer_ids)
    assert [line["kind"] for line in board["history"]] == ["storm.active"]
    other = await seed_town(asker.database, asker.clock, "frostville", scale=SCALE)
    for actor in (Actor.anonymous(), resident(town), volunteer(town), manager(other)):
        seen = (await asker.ask("staff/storm_board", actor, communityId=community_of(town))).only
        assert {seen[name] for name in STAFF_ONLY} == {None}
        assert seen["status"] == "ACTIVE"


async def test_storm_is_directed_by_hand(asker: Asker, town: Town) -> None:
    async def do(what: str, **given: Any) -> Any:
        answer = await asker.ask(f"staff/{what}_storm", manager(town), input=given)
        return answer.only

    named = {"stormId": storm_of(town), "reason": "phone_calls"}
    held = await do("hold", **named, holdReason="ICE")
    assert (held["storm"]["status"], held["storm"]["holdReason"]) == ("HOLD", "ICE")
    again = await do("hold", **named, holdReason="DARK")
    assert again["storm"]["holdReason"] == "DARK"
    assert (await do("resume", **named))["storm"]["status"] == "ACTIVE"
    assert (await do("resume", **named))["code"] == "illegal_transition"
    opened = {"communityId": community_of(town), "reason": "phone_calls"}
    assert (await do("open", **opened))["code"] == "storm_already_open"
    closed = await do("close", **named)
    assert closed["storm"]["status"] == "CLOSED"
    assert closed["storm"]["closedAt"]
    new = await do("open", **opened, snowEndedAt="2026-01-15T18:00:00Z", depthCm=9.5)
    assert new["storm"]["status"] == "ACTIVE"
    assert new["storm"]["id"] != storm_of(town)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"reason": "Because of Mrs Smith"}, "invalid_argument"),
        ({"reason": ""}, "invalid_argument"),
        ({"depthCm": -1.0}, "invalid_argument"),
        ({"depthCm": 1e9}, "invalid_argument"),
        ({"snowEndedAt": "2026-01-15T18:00:00"}, "invalid_argument"),
        ({"snowEndedAt": "2062-01-15T18:00:00Z"}, "invalid_input"),
        ({"communityId": "nonsense"}, None),
        ({"communityId": "UGVyc29uOjE="}, "not_found"),
    ],
)
async def test_storm_that_cannot_be_opened(
    asker: Asker, town: Town, given: dict[str, Any], code: str | None
) -> None:
    opened = {"communityId": community_of(town), "reason": "phone_calls", **given}
    answer = await asker.ask("staff/open_storm", manager(town), input=opened)
    if code is None:
        assert answer.errors
        assert answer.data is None
    else:
        assert answer.only["code"] == code


async def test_only_staff_of_the_community_direct_its_storms(asker: Asker, town: Town) -> None:
    other = await seed_town(asker.database, asker.clock, "frostville", scale=SCALE)
    named = {"stormId": storm_of(town), "reason": "phone_calls"}
    for actor in (
        Actor.anonymous(),
        resident(town),
        volunteer(town),
        manager(other),
        with_scopes(manager(town), "storms:read"),
    ):
        for what, given in (
            ("hold", named | {"holdReason": "ICE"}),
            ("close", named),
            ("open", {"communityId": community_of(town), "reason": "phone_calls"}),
        ):
            answer = await asker.ask(f"staff/{what}_storm", actor, input=given)
            assert answer.only["__typename"] == "NotPermittedProblem"
    storm = (await asker.ask("everybody/current_storm", communityId=community_of(town))).only
    assert storm["status"] == "ACTIVE"


async def test_resident_answers_a_storm(asker: Asker, town: Town) -> None:
    for needs_help in (False, True, True):
        answer = await asker.ask(
            "resident/answer_storm",
            resident(town),
            input={"stormId": storm_of(town), "needsHelp": needs_help},
        )
        assert answer.only["storm"]["myAnswer"] is needs_help
    others = (
        await asker.ask(
            "query ($id: ID!) { node(id: $id) { ... on Storm { myAnswer } } }",
            resident(town, 1),
            id=storm_of(town),
        )
    ).only
    assert others["myAnswer"] is None


async def test_nobody_answers_for_strangers(asker: Asker, town: Town) -> None:
    other = await seed_town(asker.database, asker.clock, "frostville", scale=SCALE)
    missing = global_id("Person", "00000000-0000-7000-8000-000000000000")
    for actor, person in (
        (resident(town), global_id("Person", town.resident_ids[1])),
        (manager(other), global_id("Person", town.resident_ids[1])),
        (manager(town), global_id("Person", other.resident_ids[0])),
        (manager(town), missing),
        (resident(other), None),
    ):
        answer = await asker.ask(
            "resident/answer_storm",
            actor,
            input={"stormId": storm_of(town), "needsHelp": True, "personId": person},
        )
        assert answer.only["code"] == "not_permitted"


async def test_weather_and_rules_are_for_staff(asker: Asker, town: Town) -> None:
    weather = (
        await asker.ask("staff/weather", manager(town), communityId=community_of(town), first=2)
    ).only
    assert weather["silenceS"] == 0
    assert weather["readings"]["totalCount"] == SCALE
    assert len(weather["readings"]["nodes"]) == 2
    rules = (
        await asker.ask("staff/storm_rules", manager(town), communityId=community_of(town))
    ).only
    assert rules["trigger_depth_cm"] > rules["rearm_depth_cm"]
    for operation in ("staff/weather", "staff/storm_rules"):
        refused = await asker.ask(operation, resident(town), communityId=community_of(town))
        assert refused.codes == ["not_permitted"]


async def test_manager_sets_storm_rules(asker: Asker, town: Town) -> None:
    given = {"communityId": community_of(town), "rules": {"night_work_allowed": True}}
    answer = (await asker.ask("staff/set_storm_rules", manager(town), input=given)).only
    assert answer["rules"]["night_work_allowed"] is True
    twice = (await asker.ask("staff/set_storm_rules", manager(town), input=given)).only
    assert twice["code"] == "rules_set_then"
    later = given | {"validFrom": "2026-02-01T00:00:00Z"}
    for rules in ([], "x", {"no_such_rule": 1}, {"trigger_depth_cm": 10**400}, {"snow_ratio": {}}):
        wrong = await asker.ask(
            "staff/set_storm_rules", manager(town), input=later | {"rules": rules}
        )
        assert wrong.only["__typename"] == "InvalidInputProblem"
    coordinator = actor_as(Role.COORDINATOR, town.community_id, town.coordinator_id)
    refused = (await asker.ask("staff/set_storm_rules", coordinator, input=given)).only
    assert refused["code"] == "not_permitted"


async def test_lists_send_as_many_statements_for_many_rows(
    database: Database, clock: FixedClock
) -> None:
    document = """
    query ($community: ID!) {
      storms(communityId: $community, first: 100) {
        nodes {
          id myAnswer community { slug } requestCounts { count } offerCounts { count }
          history { kind }
        }
      }
    }
    """
    counts = []
    for scale in (10, 100):
        town = await seed_town(database, clock, f"town-{scale}", scale=scale)
        with counted_statements() as sent:
            page = (
                await Asker(database, clock).ask(
                    document, manager(town), community=community_of(town)
                )
            ).only
        assert len(page["nodes"]) == scale
        counts.append(len(sent))
    assert abs(counts[1] - counts[0]) <= 2
