"""Agreed work through the API: the address for whoever holds it, and every change of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update

from core.clock import FixedClock
from core.db import Database
from core.events import Event
from matching.kinds import AssignmentStatus, RequestStatus
from matching.models import Assignment, HelpRequest
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id

BY_OTHER_WAYS = """
query ($id: ID!) {
  node(id: $id) { ... on Assignment { id aliased: details { street: address } ...Hidden } }
}
fragment Hidden on Assignment { details { firstName accessNotes contactValue } }
"""
STATES = {
    "volunteer/start_work": "IN_PROGRESS",
    "volunteer/report_done": "DONE",
}


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock, scale=4)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


def volunteer(town: Town, number: int = 0) -> Actor:
    return actor_as(Role.VOLUNTEER, town.community_id, town.volunteer_person_ids[number])


def manager(town: Town) -> Actor:
    return actor_as(Role.MANAGER, town.community_id, town.manager_id)


def work(town: Town, number: int = 0) -> str:
    return global_id("Assignment", town.assignment_ids[number])


async def count_releases(database: Database, clock: FixedClock) -> int:
    """How often an address was given out now; the town has some of the past."""
    async with database.read() as session:
        query = select(func.count()).where(
            Event.kind == "address.released", Event.happened_at == clock.now()
        )
        return int(await session.scalar(query) or 0)


async def status_of(database: Database, town: Town, number: int = 0) -> AssignmentStatus:
    async with database.read() as session:
        row = await session.get_one(Assignment, town.assignment_ids[number])
        return row.status


async def test_whoever_holds_the_work_sees_the_address_and_it_is_written_down(
    asker: Asker, database: Database, clock: FixedClock, town: Town
) -> None:
    found = (await asker.ask("volunteer/show_visit", volunteer(town), id=work(town))).only
    details = found["details"]
    assert details["address"].startswith("1 ")
    assert "shovel stands by the door" in details["accessNotes"]
    assert details["firstName"] == "Synthetic"
    assert details["contactValue"] is None
    assert found["routeOrder"] == 1
    assert found["threadId"] == global_id("Conversation", town.thread_ids[0])
    assert await count_releases(database, clock) == 1


@pytest.mark.parametrize("who", ["manager", "resident", "other volunteer", "anonymous"])
async def test_nobody_else_gets_the_address(
    asker: Asker, database: Database, clock: FixedClock, town: Town, who: str
) -> None:
    actor = {
        "manager": manager(town),
        "resident": actor_as(Role.RESIDENT, town.community_id, town.resident_ids[1]),
        "other volunteer": volunteer(town, 1),
        "anonymous": Actor.anonymous(),
    }[who]
    answer = await asker.ask(BY_OTHER_WAYS, actor, id=work(town))
    if who == "manager":
        assert answer.only == {"id": work(town), "aliased": None, "details": None}
    else:
        assert answer.only is None
    assert await count_releases(database, clock) == 0


async def test_after_the_work_the_address_is_no_longer_told(
    asker: Asker, database: Database, clock: FixedClock, town: Town
) -> None:
    given = {"assignmentId": work(town)}
    await asker.ask("volunteer/report_done", volunteer(town), input=given)
    found = (await asker.ask("volunteer/show_visit", volunteer(town), id=work(town))).only
    assert found["status"] == "DONE"
    assert found["details"] is None
    assert found["routeOrder"] is None
    assert await count_releases(database, clock) == 0


@pytest.mark.parametrize("operation", sorted(STATES))
async def test_on_the_way_and_done_may_be_said_twice(
    asker: Asker, town: Town, operation: str
) -> None:
    given = {"assignmentId": work(town)}
    for _ in range(2):
        found = (await asker.ask(operation, volunteer(town), input=given)).only
        assert found["assignment"]["status"] == STATES[operation]


async def test_work_that_is_given_back_is_open_again(
    asker: Asker, database: Database, town: Town
) -> None:
    given = {"assignmentId": work(town), "reason": "NOT_WELL"}
    found = (await asker.ask("volunteer/release_work", volunteer(town), input=given)).only
    assert found["assignment"]["status"] == "RELEASED"
    async with database.read() as session:
        request = await session.get_one(HelpRequest, town.request_ids[len(town.resident_ids)])
    assert request.status is RequestStatus.OPEN
    again = (await asker.ask("volunteer/release_work", volunteer(town), input=given)).only
    assert again["__typename"] == "ConflictProblem"


async def test_staff_say_that_nobody_came(asker: Asker, database: Database, town: Town) -> None:
    given = {"assignmentId": work(town)}
    found = (await asker.ask("staff/report_no_show", manager(town), input=given)).only
    assert found["assignment"]["status"] == "RELEASED"
    refused = (await asker.ask("staff/report_no_show", volunteer(town), input=given)).only
    assert refused["__typename"] == "NotPermittedProblem"


async def test_not_this_person_again(asker: Asker, database: Database, town: Town) -> None:
    given = {"assignmentId": work(town)}
    found = (await asker.ask("volunteer/keep_apart", volunteer(town), input=given)).only
    assert found["assignment"]["status"] == "RELEASED"
    bans = (await asker.ask("volunteer/my_bans", volunteer(town), first=20)).only["nodes"]
    assert len(bans) == 2


@pytest.mark.parametrize(
    "operation",
    ["volunteer/start_work", "volunteer/report_done", "volunteer/release_work",
     "volunteer/keep_apart"],
)  # fmt: skip
async def test_somebody_elses_work_answers_like_missing_work(
    asker: Asker, database: Database, town: Town, operation: str
) -> None:
    keys = (work(town), global_id("Assignment", "00000000-0000-7000-8000-000000000000"))
    answers = [
        (await asker.ask(operation, volunteer(town, 1), input={"assignmentId": key})).only
        for key in keys
    ]
    assert [answer["__typename"] for answer in answers] == ["NotFoundProblem"] * 2
    assert answers[0]["code"] == answers[1]["code"]
    assert await status_of(database, town) is AssignmentStatus.ACCEPTED


async def test_own_work_is_listed_by_state_and_time(asker: Asker, town: Town) -> None:
    async def ask(**only: Any) -> list[dict[str, Any]]:
        answer = await asker.ask("volunteer/my_assignments", volunteer(town), first=50, **only)
        nodes: list[dict[str, Any]] = answer.only["nodes"]
        return nodes

    everything = await ask()
    assert len(everything) == 1 + len(town.resident_ids)
    starts = [node["startsAt"] for node in everything]
    assert starts == sorted(starts, reverse=True)
    held = await ask(filter={"statuses": ["ACCEPTED", "IN_PROGRESS"]})
    assert [node["id"] for node in held] == [work(town)]
    assert await ask(filter={"startsAfter": "2099-01-01T00:00:00Z"}) == []


async def test_staff_see_the_work_of_their_own_community_only(
    asker: Asker, database: Database, clock: FixedClock, town: Town
) -> None:
    other = await seed_town(database, clock, slug="frostville", scale=4)
    listed = {"communityId": global_id("Community", town.community_id), "first": 50}
    mine = (await asker.ask("staff/list_assignments", manager(town), **listed)).only
    assert mine["totalCount"] == len(town.assignment_ids)
    foreign = (await asker.ask("staff/list_assignments", manager(other), **listed)).only
    assert foreign["nodes"] == []
    assert foreign["totalCount"] == 0


async def test_route_order_counts_only_what_is_before_them(
    asker: Asker, database: Database, town: Town
) -> None:
    async with database.begin() as session:
        # Another visit that begins before the agreed one.
        await session.execute(
            update(Assignment)
            .where(Assignment.id == town.assignment_ids[-1])
            .values(status=AssignmentStatus.IN_PROGRESS)
        )
    answer = await asker.ask("volunteer/my_assignments", volunteer(town), first=50)
    order = {node["id"]: node["routeOrder"] for node in answer.only["nodes"]}
    assert order[work(town, -1)] == 1
    assert order[work(town)] == 2
    assert sorted(value for value in order.values() if value is not None) == [1, 2]
