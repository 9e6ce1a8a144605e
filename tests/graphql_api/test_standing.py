from __future__ import annotations

from typing import Any

import pytest

from core.clock import FixedClock
from core.db import Database
from people.auth import Actor
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id
from tests.graphql_api.cases.requests import standing, standing_in_review
from tests.graphql_api.statements import counted_statements
from tests.graphql_api.townspeople import community_of, manager, resident, volunteer

SCALE = 4
LIST = """
query ($community: ID!, $filter: StandingRequestFilter, $sort: StandingRequestSort,
       $first: Int!, $after: String) {
  standingRequests(
    communityId: $community, filter: $filter, sort: $sort, first: $first, after: $after
  ) { totalCount nodes { id status createdAt validUntil } pageInfo { hasNextPage endCursor } }
}
"""


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock, scale=SCALE)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


async def test_resident_sees_own_wishes_and_lets_one_rest(asker: Asker, town: Town) -> None:
    own = (await asker.ask("resident/my_standing_requests", resident(town))).only
    assert own["totalCount"] == 2
    assert {node["status"] for node in own["nodes"]} == {"ACTIVE", "NEEDS_REVIEW"}
    given = {"standingRequestId": standing(town), "startsOn": "2026-02-01", "endsOn": "2026-02-08"}
    for until in ("2026-02-08", "2026-02-09", "2026-02-09"):
        answer = await asker.ask(
            "resident/add_standing_break", resident(town), input=given | {"endsOn": until}
        )
        breaks = answer.only["standingRequest"]["breaks"]
        assert breaks == [{"startsOn": "2026-02-01", "endsOn": until}]
    wrong = await asker.ask(
        "resident/add_standing_break", resident(town), input=given | {"endsOn": "2026-01-01"}
    )
    assert wrong.only["code"] == "invalid_request"
    for _ in range(2):
        ended = await asker.ask(
            "resident/end_standing_request",
            resident(town),
            input={"standingRequestId": standing(town)},
        )
        assert ended.only["standingRequest"]["status"] == "ENDED"


async def test_staff_list_and_decide(asker: Asker, town: Town) -> None:
    async def ask(**variables: Any) -> Any:
        answer = await asker.ask(
            LIST, manager(town), community=community_of(town), first=3, **variables
        )
        return answer.only

    assert (await ask())["totalCount"] == 2 * SCALE
    assert (await ask(filter={"statuses": ["NEEDS_REVIEW"]}))["totalCount"] == SCALE
    assert (await ask(filter={"kinds": ["RIDE"]}))["totalCount"] == 0
    for by in ("CREATED", "VALID_UNTIL"):
        for direction in ("ASCENDING", "DESCENDING"):
            seen, after = [], None
            for _ in range(3):
                page = await ask(sort={"by": by, "direction": direction}, after=after)
                seen += [node["id"] for node in page["nodes"]]
                after = page["pageInfo"]["endCursor"]
            assert len(seen) == len(set(seen)) == 2 * SCALE
    approved = await asker.ask(
        "staff/approve_standing_request",
        manager(town),
        input={"standingRequestId": standing_in_review(town)},
    )
    assert approved.only["standingRequest"]["status"] == "ACTIVE"
    late = await asker.ask(
        "staff/decline_standing_request",
        manager(town),
        input={"standingRequestId": standing_in_review(town), "reason": "DUPLICATE"},
    )
    assert late.only["code"] == "not_in_review"
    second = global_id("StandingRequest", town.standing_ids[SCALE + 1])
    declined = await asker.ask(
        "staff/decline_standing_request",
        manager(town),
        input={"standingRequestId": second, "reason": "DUPLICATE"},
    )
    assert declined.only["standingRequest"]["status"] == "ENDED"


async def test_wish_is_for_its_resident_and_staff(asker: Asker, town: Town) -> None:
    other = await seed_town(asker.database, asker.clock, "frostville", scale=SCALE)
    missing = global_id("StandingRequest", "00000000-0000-7000-8000-000000000000")
    node = "query ($id: ID!) { node(id: $id) { id } }"
    strangers = (resident(town, 1), volunteer(town), manager(other), Actor.anonymous())
    for actor in strangers:
        assert (await asker.ask(node, actor, id=standing(town))).only is None
        answers = [
            (
                await asker.ask(
                    "resident/end_standing_request", actor, input={"standingRequestId": key}
                )
            ).only["code"]
            for key in (standing(town), missing)
        ]
        assert answers[0] == answers[1]
        listed = await asker.ask(LIST, actor, community=community_of(town), first=3)
        assert listed.codes in (["not_permitted"], ["not_signed_in"])
    assert (await asker.ask(node, resident(town), id=standing(town))).only["id"] == standing(town)


async def test_what_is_for_staff_is_not_for_the_resident(asker: Asker, town: Town) -> None:
    document = """
    query ($id: ID!) { node(id: $id) { ...Staff ... on StandingRequest { a: callerName } } }
    fragment Staff on StandingRequest { weight channel caller callerName reviewReasons }
    """
    key = standing_in_review(town)
    own = (await asker.ask(document, resident(town), id=key)).only
    assert set(own.values()) == {None}
    staff = (await asker.ask(document, manager(town), id=key)).only
    assert staff["weight"] == 1.0
    assert staff["reviewReasons"] == ["no_consent"]


async def test_list_sends_as_many_statements_for_many_rows(
    database: Database, clock: FixedClock
) -> None:
    counts = []
    for scale in (10, 100):
        town = await seed_town(database, clock, f"town-{scale}", scale=scale)
        with counted_statements() as sent:
            page = (
                await Asker(database, clock).ask(
                    "staff/list_standing_requests",
                    manager(town),
                    communityId=community_of(town),
                    first=100,
                )
            ).only
        counts.append((len(sent), len(page["nodes"])))
    assert counts[1][1] > counts[0][1]
    assert abs(counts[1][0] - counts[0][0]) <= 2
