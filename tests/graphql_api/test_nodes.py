from __future__ import annotations

import pytest

from core.clock import FixedClock
from core.db import Database
from tests.factories.people import add_community
from tests.graphql_api.asking import Asker, global_id

COMMUNITIES = """
query ($first: Int!, $after: String) {
  communities(first: $first, after: $after) {
    totalCount
    nodes { id slug }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"


async def test_pages_cover_a_list_once(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        for number in range(5):
            await add_community(session, f"town-{number}")
    asker, seen, after = Asker(database, clock), [], None
    for _ in range(3):
        page = (await asker.ask(COMMUNITIES, first=2, after=after)).only
        assert page["totalCount"] == 5
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        seen += [node["slug"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == [f"town-{number}" for number in range(5)]
    assert page["pageInfo"]["hasNextPage"] is False


@pytest.mark.parametrize("first", [0, -1, 101, 2_147_483_647])
async def test_page_of_another_size_is_refused(
    database: Database, clock: FixedClock, first: int
) -> None:
    assert (await Asker(database, clock).ask(COMMUNITIES, first=first)).codes == ["invalid_page"]


@pytest.mark.parametrize(
    "cursor", ["x", "", "WyJzbHVnIl0", "WyJpZCIsIDFd", "e30", "\ud800", "é" * 20, "A" * 5_000]
)
async def test_cursor_of_another_list_is_refused(
    database: Database, clock: FixedClock, cursor: str
) -> None:
    answer = await Asker(database, clock).ask(COMMUNITIES, first=1, after=cursor)
    assert answer.codes == ["invalid_page"]


async def test_thing_is_found_again_by_its_id(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
    known = global_id("Community", community.id)
    assert (await Asker(database, clock).ask(NODE, id=known)).only == {
        "__typename": "Community",
        "id": known,
    }


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("Community", "00000000-0000-7000-8000-000000000000"),
        ("Community", "1"),
        ("Query", "1"),
        ("PageInfo", "1"),
        ("Nothing", "1"),
    ],
)
async def test_what_is_not_there_is_empty(
    database: Database, clock: FixedClock, kind: str, key: str
) -> None:
    assert (await Asker(database, clock).ask(NODE, id=global_id(kind, key))).only is None
