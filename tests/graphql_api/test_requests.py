from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from core.clock import FixedClock
from core.db import Database
from matching.models import HelpRequest
from matching.rounds.models import UnservedReason
from people.auth import Actor
from people.kinds import Role
from tests.factories.matching import add_request
from tests.factories.people import actor_as, add_community, add_person
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id
from tests.graphql_api.cases.requests import accepted, untaken, waiting
from tests.graphql_api.statements import counted_statements
from tests.graphql_api.townspeople import community_of, manager, resident, volunteer, with_scopes

SCALE = 4
GUARDED = (
    "reference updatedAt languages accessNotes contactChoice verdict verdictSentences weight "
    "channel caller callerName reviewReasons "
    "resident { id } household { id } standingRequest { id } takenBy { id } similarTo { id } "
    "history { code } helpers { firstName } asked { asked } whyNotServed { sentence code }"
)
GUARDED_NAMES = [
    "reference", "updatedAt", "languages", "accessNotes", "contactChoice", "verdict",
    "verdictSentences", "weight", "channel", "caller", "callerName", "reviewReasons", "resident",
    "household", "standingRequest", "takenBy", "similarTo", "history", "helpers", "asked",
    "whyNotServed",
]  # fmt: skip
STAFF_ONLY = {"weight", "channel", "caller", "callerName", "reviewReasons", "takenBy", "similarTo"}
LIST = """
query ($community: ID!, $filter: RequestFilter, $sort: RequestSort, $first: Int!, $after: String) {
  requests(communityId: $community, filter: $filter, sort: $sort, first: $first, after: $after) {
    totalCount nodes { id status deadlineAt weight createdAt } pageInfo { hasNextPage endCursor }
  }
}
"""


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock, scale=SCALE)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


# --- who sees what --------------------------------------------------------------------------------


async def test_resident_sees_who_comes_and_why_nobody_does(asker: Asker, town: Town) -> None:
    page = (await asker.ask("resident/my_requests", resident(town))).only
    # Those that nobody was found for are all of the first resident.
    assert page["totalCount"] == SCALE + 4
    by_status = {node["status"]: node for node in page["nodes"]}
    comes = by_status["ACCEPTED"]["helpers"]
    assert [helper["status"] for helper in comes] == ["ACCEPTED"]
    assert " " not in comes[0]["firstName"]
    assert by_status["ACCEPTED"]["whyNotServed"] is None
    waits = by_status["OPEN"]
    assert waits["helpers"] == []
    assert waits["whyNotServed"]["sentence"] == "There are more homes than helpers near you."
    assert by_status["OFFERED"]["asked"]["waiting"] >= 1


async def test_resident_reads_the_history_of_a_request(asker: Asker, town: Town) -> None:
    shown = (await asker.ask("resident/show_request", resident(town), id=accepted(town))).only
    assert shown["accessNotes"] == "The snowville shovel stands by the door."
    assert [line["code"] for line in shown["history"]] == ["request.open", "asked"]
    assert shown["verdict"] == "ELIGIBLE"
    assert shown["verdictSentences"] == []
    assert shown["storm"]["status"] == "ACTIVE"
    assert shown["needs"][0]["code"] == "shovel"


async def test_staff_read_numbers_where_residents_read_a_sentence(asker: Asker, town: Town) -> None:
    document = "query ($id: ID!) { request(id: $id) { whyNotServed { code details sentence } } }"
    for_staff = (await asker.ask(document, manager(town), id=untaken(town))).only["whyNotServed"]
    assert for_staff["code"] == "all_full"
    assert any("volunteers" in line for line in for_staff["details"])
    own = (await asker.ask(document, resident(town), id=untaken(town))).only["whyNotServed"]
    assert own["code"] is None
    assert own["details"] is None
    assert own["sentence"]


async def test_ban_is_no_reason_that_a_resident_reads(asker: Asker, town: Town) -> None:
    async with asker.database.begin() as session:
        await session.execute(update(UnservedReason).values(code="banned"))
    document = "query ($id: ID!) { request(id: $id) { whyNotServed { sentence } } }"
    own = (await asker.ask(document, resident(town), id=untaken(town))).only["whyNotServed"]
    assert own["sentence"] == "We have found nobody who can come yet."


@pytest.mark.parametrize("by_node", [True, False])
async def test_volunteer_before_a_yes_sees_neither_name_nor_home(
    asker: Asker, town: Town, by_node: bool
) -> None:
    offered = global_id("HelpRequest", town.request_ids[0])
    root = "node(id: $id)" if by_node else "request(id: $id)"
    aliases = " ".join(
        f"a{place}: {name}"
        for place, name in enumerate(["reference", "accessNotes", "weight", "callerName"])
    )
    document = f"""
    query ($id: ID!) {{
      {root} {{ ... on HelpRequest {{ kind scope cell area serviceS deadlineAt {aliases} }} ...F }}
    }}
    fragment F on HelpRequest {{ {GUARDED} }}
    """
    seen = (await asker.ask(document, volunteer(town), id=offered)).only
    assert seen["kind"] == "SNOW"
    assert seen["cell"]
    assert seen["area"]
    assert {name: seen[name] for name in GUARDED_NAMES} == dict.fromkeys(GUARDED_NAMES)
    assert [seen[f"a{place}"] for place in range(4)] == [None] * 4


async def test_what_is_for_staff_is_not_for_the_resident(asker: Asker, town: Town) -> None:
    document = f"query ($id: ID!) {{ request(id: $id) {{ {GUARDED} }} }}"
    own = (await asker.ask(document, resident(town), id=waiting(town))).only
    assert {name for name in STAFF_ONLY if own[name] is not None} == set()
    staff = (await asker.ask(document, manager(town), id=waiting(town))).only
    assert staff["reviewReasons"] == ["no_consent"]
    assert staff["weight"] > 0


async def test_request_of_somebody_else_is_empty_like_a_missing_one(
    asker: Asker, town: Town
) -> None:
    other = await seed_town(asker.database, asker.clock, "frostville", scale=SCALE)
    document = "query ($id: ID!) { request(id: $id) { id } node(id: $id) { id } }"
    missing = global_id("HelpRequest", "00000000-0000-7000-8000-000000000000")
    for actor in (resident(town, 1), manager(other), Actor.anonymous()):
        answers = [await asker.ask(document, actor, id=key) for key in (accepted(town), missing)]
        assert answers[0].data == answers[1].data
        assert answers[0].codes == answers[1].codes


async def test_token_reads_no_more_than_its_scopes(asker: Asker, town: Town) -> None:
    document = "query ($id: ID!) { request(id: $id) { id resident { id } } }"
    person = manager(town)
    without = await asker.ask(document, with_scopes(person, "people:read"), id=accepted(town))
    assert without.codes == ["scope_missing"]
    half = await asker.ask(document, with_scopes(person, "requests:read"), id=accepted(town))
    assert half.codes == ["scope_missing"]
    assert half.data is not None
    assert half.data["request"]["resident"] is None
    by_node = "query ($id: ID!) { node(id: $id) { id } }"
    hidden = await asker.ask(by_node, with_scopes(person, "people:read"), id=accepted(town))
    assert hidden.codes == ["scope_missing"]
    both = with_scopes(person, "requests:read", "people:read")
    assert (await asker.ask(document, both, id=accepted(town))).only["resident"]["id"]


# --- lists ----------------------------------------------------------------------------------------


async def test_list_is_for_the_staff_of_the_community(asker: Asker, town: Town) -> None:
    other = await seed_town(asker.database, asker.clock, "frostville", scale=SCALE)
    for actor in (Actor.anonymous(), resident(town), volunteer(town), manager(other)):
        answer = await asker.ask(LIST, actor, community=community_of(town), first=5)
        assert answer.codes in (["not_permitted"], ["not_signed_in"])


@pytest.mark.parametrize("by", ["CREATED", "DEADLINE", "WEIGHT"])
@pytest.mark.parametrize("direction", ["ASCENDING", "DESCENDING"])
async def test_pages_cover_the_list_once_in_order(
    asker: Asker, town: Town, by: str, direction: str
) -> None:
    async with asker.database.begin() as session:
        ids = town.request_ids[::3]
        await session.execute(
            update(HelpRequest).where(HelpRequest.id.in_(ids)).values(deadline_at=None)
        )
    seen: list[dict[str, Any]] = []
    after = None
    for _ in range(20):
        page = (
            await asker.ask(
                LIST,
                manager(town),
                community=community_of(town),
                sort={"by": by, "direction": direction},
                first=6,
                after=after,
            )
        ).only
        seen += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len({node["id"] for node in seen}) == len(seen) == page["totalCount"] == 5 * SCALE
    name = {"CREATED": "createdAt", "DEADLINE": "deadlineAt", "WEIGHT": "weight"}[by]
    late: Any = "9" if by == "DEADLINE" else None
    values = [node[name] if node[name] is not None else late for node in seen]
    assert values == sorted(values, reverse=direction == "DESCENDING")
    assert by != "DEADLINE" or None in [node["deadlineAt"] for node in seen]


async def test_filters_narrow_the_list(asker: Asker, town: Town) -> None:
    async def count(**wanted: Any) -> int:
        answer = await asker.ask(
            LIST, manager(town), community=community_of(town), filter=wanted, first=1
        )
        return int(answer.only["totalCount"])

    document = "query ($id: ID!) { request(id: $id) { cell area reference } }"
    one = (await asker.ask(document, manager(town), id=accepted(town, 1))).only
    everything = 5 * SCALE
    assert await count() == everything
    assert await count(statuses=["OPEN", "OFFERED"]) == 2 * SCALE
    assert await count(statuses=[]) == everything
    assert await count(needsReview=True) == SCALE
    assert await count(needsReview=False) == everything - SCALE
    assert await count(kinds=["GROCERIES"]) == 0
    assert await count(areas=[one["area"]]) == everything
    assert await count(areas=["Nowhere"]) == 0
    assert 0 < await count(cells=[one["cell"]]) <= everything
    assert await count(reference=one["reference"].lower()) == 1
    assert await count(stormId=global_id("Storm", town.storm_id)) == everything
    assert await count(stormId=global_id("Storm", town.storm_ids[0])) == 0
    assert await count(needs=["shovel"]) == everything
    assert await count(needs=["crane"]) == 0
    assert await count(createdFrom="2026-01-15T20:00:00Z") == 0
    assert await count(createdBefore="2026-01-15T20:00:00Z") == everything
    assert await count(deadlineBefore="2026-01-15T22:00:00Z") == 0


@pytest.mark.parametrize(
    "wanted",
    [
        {"createdFrom": "2026-01-15T20:00:00"},
        {"createdFrom": "0001-01-01T00:00:00+14:00"},
        {"deadlineBefore": "9999-12-31T23:59:59-12:00"},
        {"areas": ["River\x00side"]},
        {"needs": ["no such; word"]},
        {"reference": "\ud800"},
        {"stormId": "U3Rvcm06eA=="},
    ],
)
async def test_filter_that_cannot_be_is_refused(
    asker: Asker, town: Town, wanted: dict[str, Any]
) -> None:
    answer = await asker.ask(
        LIST, manager(town), community=community_of(town), filter=wanted, first=1
    )
    assert answer.codes in (["invalid_argument"], ["not_found"])


async def test_lists_send_as_many_statements_for_many_rows(
    database: Database, clock: FixedClock
) -> None:
    counts = {}
    for scale in (10, 100):
        town = await seed_town(database, clock, f"town-{scale}", scale=scale)
        for operation, actor in (
            ("staff/list_requests", manager(town)),
            ("staff/review_queue", manager(town)),
            ("resident/my_requests", resident(town)),
        ):
            variables: dict[str, Any] = {"first": 100}
            if operation.startswith("staff"):
                variables["communityId"] = community_of(town)
            with counted_statements() as sent:
                page = (await Asker(database, clock).ask(operation, actor, **variables)).only
            counts[operation, scale] = (len(sent), len(page["nodes"]))
    for operation in ("staff/list_requests", "staff/review_queue", "resident/my_requests"):
        few, many = counts[operation, 10], counts[operation, 100]
        assert many[1] > few[1]
        assert abs(many[0] - few[0]) <= 2


async def test_resident_sees_who_read_the_address(asker: Asker, town: Town) -> None:
    document = "resident/address_openings"
    rows = (await asker.ask(document, resident(town), requestId=accepted(town))).only
    assert len(rows) == 1
    assert " " not in rows[0]["firstName"]
    foreign = await asker.ask(document, resident(town, 1), requestId=accepted(town))
    assert foreign.codes == ["request_unknown"]


async def test_request_without_details_is_shown(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        row = await add_request(session, community)
        person = await add_person(session, community, role=Role.MANAGER)
    staff = actor_as(Role.MANAGER, community.id, person.id)
    shown = (
        await Asker(database, clock).ask(
            "staff/show_case", staff, id=global_id("HelpRequest", row.id)
        )
    ).only
    assert shown["verdict"] is None
    assert shown["channel"] is None
    assert shown["reviewReasons"] == []
    assert shown["helpers"] == []


async def test_staff_go_from_a_helper_to_the_agreed_work(asker: Asker, town: Town) -> None:
    document = "query ($id: ID!) { request(id: $id) { helpers { assignment { id } } } }"
    staff = (await asker.ask(document, manager(town), id=accepted(town))).only["helpers"]
    assert staff == [{"assignment": {"id": global_id("Assignment", town.assignment_ids[0])}}]
    own = (await asker.ask(document, resident(town), id=accepted(town))).only["helpers"]
    assert own == [{"assignment": None}]
