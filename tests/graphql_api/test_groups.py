"""Groups through the API, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from api.demo.town_groups import BOTH, CLOSED, FREE, VOLUNTEERS
from core.clock import FixedClock
from core.db import Database
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id

BY_ALIAS = """
query ($groupId: ID!) {
  mine: groupMembers(groupId: $groupId, first: 100) { nodes { ...All } }
}
fragment All on GroupMember {
  id
  name: firstName
  hidden: personId
  showsName
  wantsNews
  group { memberCount }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { id ... on GroupPost { text author { firstName } } } }"
COUNTS = """
query ($communityId: ID!) {
  groups(communityId: $communityId, first: 100) { nodes { name joining memberCount myRole } }
}
"""


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock, scale=5)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


def resident(town: Town, number: int = 0) -> Actor:
    return actor_as(Role.RESIDENT, town.community_id, town.resident_ids[number])


def volunteer(town: Town, number: int = 0) -> Actor:
    return actor_as(Role.VOLUNTEER, town.community_id, town.volunteer_person_ids[number])


def manager(town: Town) -> Actor:
    return actor_as(Role.MANAGER, town.community_id, town.manager_id)


def group_id(town: Town, number: int = BOTH) -> str:
    return global_id("Group", town.groups.group_ids[number])


async def test_the_public_sees_open_groups_and_counts_in_fives(asker: Asker, town: Town) -> None:
    given: dict[str, Any] = {"communityId": global_id("Community", town.community_id)}
    public = (await asker.ask(COUNTS, **given)).only["nodes"]
    staff = (await asker.ask(COUNTS, manager(town), **given)).only["nodes"]
    assert {one["joining"] for one in public} == {"OPEN"}
    counts = {one["name"]: one["memberCount"] for one in staff}
    assert {one["joining"] for one in staff} == {"OPEN", "BY_INVITATION"}
    assert min(counts.values()) < 5 <= max(counts.values())
    for one in public:
        real = counts[one["name"]]
        assert one["memberCount"] == (real - real % 5 if real >= 5 else None)
        assert one["myRole"] is None
    led = (await asker.ask("everybody/group", resident(town), groupId=group_id(town))).only
    assert led["myRole"] == "ORGANIZER"
    assert [one["role"] for one in led["myStandings"]] == ["ORGANIZER"]


async def test_members_see_names_of_those_who_agreed_and_no_ids(asker: Asker, town: Town) -> None:
    given: dict[str, Any] = {"groupId": group_id(town)}
    rows = (await asker.ask(BY_ALIAS, resident(town), **given)).only["nodes"]
    named = [one for one in rows if one["name"] is not None]
    assert 0 < len(named) < len(rows)
    own = [one for one in rows if one["hidden"] is not None]
    assert len(own) == 1
    assert own[0]["hidden"] == global_id("Person", town.resident_ids[0])
    assert [one["showsName"] for one in rows if one["showsName"] is not None] == [False]
    seen = (await asker.ask(BY_ALIAS, manager(town), **given)).only["nodes"]
    assert all(one["hidden"] is not None for one in seen)
    assert all(one["wantsNews"] is None for one in seen)
    for stranger in (resident(town, 4), Actor.anonymous()):
        refused = await asker.ask(BY_ALIAS, stranger, **given)
        assert refused.codes[0] in ("not_in_group", "not_signed_in")


async def test_hidden_words_are_for_those_who_moderate(asker: Asker, town: Town) -> None:
    post = global_id("GroupPost", town.groups.post_ids[town.groups.group_ids[BOTH]])
    hidden = (
        await asker.ask(
            "everybody/hide_group_post",
            volunteer(town),
            input={"postId": post, "reason": "UNSAFE"},
        )
    ).only
    assert hidden["post"]["hiddenReason"] == "UNSAFE"
    assert "sky" in hidden["post"]["text"]
    for actor, sees in (
        (resident(town), True),
        (manager(town), True),
        (volunteer(town, 4), False),
    ):
        node = (await asker.ask(NODE, actor, id=post)).only
        assert (node["text"] is not None) is sees
    outside = (await asker.ask(NODE, resident(town, 4), id=post)).only
    assert outside is None
    reports = {"groupId": group_id(town), "settled": False, "first": 20}
    refused = await asker.ask("everybody/group_reports", volunteer(town, 4), **reports)
    assert refused.codes == ["not_in_group"]


async def test_from_founding_to_the_end(asker: Asker, town: Town) -> None:
    async def do(operation: str, actor: Actor, **values: Any) -> Any:
        answer = (await asker.ask(f"everybody/{operation}", actor, input=values)).only
        assert not answer["__typename"].endswith("Problem"), answer
        return answer

    lead, other = resident(town), resident(town, 4)
    group = (
        await do(
            "create_group",
            lead,
            communityId=global_id("Community", town.community_id),
            name="Evening walks",
            topic="walking",
            joining="BY_REQUEST",
        )
    )["group"]
    assert (group["slug"], group["myRole"], group["memberCount"]) == (
        "evening-walks",
        "ORGANIZER",
        1,
    )
    asked = (await do("join_group", other, groupId=group["id"], showsName=True))["member"]
    assert asked["status"] == "ASKED"
    let_in = await do("answer_group_request", lead, memberId=asked["id"], approve=True)
    assert let_in["member"]["status"] == "MEMBER"
    assert let_in["member"]["firstName"] is not None
    said = await do("post_in_group", other, groupId=group["id"], text="At six?", clientKey="x")
    again = await do("post_in_group", other, groupId=group["id"], text="At six?", clientKey="x")
    assert said["post"]["id"] == again["post"]["id"]
    answered = await do(
        "post_in_group",
        lead,
        groupId=group["id"],
        text="At seven.",
        kind="REPLY",
        parentId=said["post"]["id"],
    )
    assert answered["post"]["author"]["isMe"]
    replies = (
        await asker.ask("everybody/group_replies", other, postId=said["post"]["id"], first=20)
    ).only
    assert [one["text"] for one in replies["nodes"]] == ["At seven."]
    await do("set_group_role", lead, memberId=asked["id"], role="ORGANIZER")
    assert (await do("leave_group", lead, groupId=group["id"]))["member"]["status"] == "LEFT"
    ended = await do("archive_group", other, groupId=group["id"])
    assert ended["group"]["status"] == "ARCHIVED"


async def test_what_cannot_be_is_a_problem_with_a_code(asker: Asker, town: Town) -> None:
    cases: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("join_group", {"groupId": CLOSED}, "group_unknown"),
        ("change_group", {"groupId": VOLUNTEERS, "name": "Mine"}, "not_in_group"),
        ("change_group", {"groupId": BOTH, "name": "\u202e"}, "invalid_group"),
        ("change_group", {"groupId": BOTH, "area": "Atlantis"}, "invalid_group"),
        ("post_in_group", {"groupId": BOTH, "text": " "}, "invalid_group_post"),
        ("post_in_group", {"groupId": FREE, "text": "Hello"}, "not_in_group"),
        ("post_in_group", {"groupId": BOTH, "text": "x" * 5_000}, "invalid_group_post"),
        ("invite_to_group", {"groupId": BOTH}, "invalid_argument"),
        ("invite_to_group", {"groupId": BOTH, "email": "nobody"}, "invalid_group"),
        ("leave_group", {"groupId": FREE}, "group_member_unknown"),
    )
    for operation, values, code in cases:
        given = values | {"groupId": group_id(town, values["groupId"])}
        answer = (await asker.ask(f"everybody/{operation}", resident(town), input=given)).only
        assert answer["code"] == code, operation
        assert answer["message"].endswith(".")


async def test_a_token_needs_the_scope(asker: Asker, town: Town) -> None:
    token = Actor(
        person_id=town.resident_ids[0],
        roles={town.community_id: frozenset({Role.RESIDENT})},
        scopes=frozenset({"groups:read"}),
    )
    mine = await asker.ask("resident/my_groups", token, first=20)
    assert mine.only["totalCount"] > 2
    refused = await asker.ask(
        "everybody/post_in_group", token, input={"groupId": group_id(town), "text": "Hello"}
    )
    assert refused.only["__typename"] == "NotPermittedProblem"


async def test_suggestions_say_why(asker: Asker, town: Town) -> None:
    given: dict[str, Any] = {"communityId": global_id("Community", town.community_id)}
    found = (await asker.ask("resident/group_suggestions", resident(town), **given)).only
    assert found
    known = [one["distanceM"] for one in found if one["distanceM"] is not None]
    assert known == sorted(known)
    assert all(one["why"].startswith("Because you said night sky") for one in found)
    assert (await asker.ask("resident/group_suggestions", manager(town), **given)).only == []
