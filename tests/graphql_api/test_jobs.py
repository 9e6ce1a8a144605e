from __future__ import annotations

from typing import Any

import pytest

from core.clock import FixedClock
from core.db import Database
from core.ids import new_id
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id

WHO = """
query ($communityId: ID!) {
  roundJobs(communityId: $communityId, first: 1) {
    nodes { requestedBy { id } askers: requestedBy { ...P } community { slug } }
  }
}
fragment P on Person { id }
"""


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


def coordinator_of(town: Town) -> Actor:
    return actor_as(Role.COORDINATOR, town.community_id, town.coordinator_id)


def wanted(town: Town, **more: Any) -> dict[str, Any]:
    return {"communityId": global_id("Community", town.community_id), **more}


async def test_round_is_asked_for_once_and_called_off(asker: Asker, town: Town) -> None:
    async def start(**more: Any) -> Any:
        answer = await asker.ask(
            "staff/start_round", coordinator_of(town), input=wanted(town, **more)
        )
        return answer.only

    first = await start(clientKey="friday")
    assert (first["__typename"], first["job"]["status"]) == ("StartRoundPayload", "WAITING")
    assert await start(clientKey="friday") == first
    other = await start(clientKey="saturday")
    assert (other["__typename"], other["code"]) == ("ConflictProblem", "round_already_requested")
    page = (
        await asker.ask(
            "staff/list_round_jobs", coordinator_of(town), statuses=["WAITING"], **wanted(town)
        )
    ).only
    assert [node["id"] for node in page["nodes"]] == [first["job"]["id"]]
    stop = {"jobId": first["job"]["id"]}
    for _ in range(2):
        stopped = (await asker.ask("staff/stop_round", coordinator_of(town), input=stop)).only
        assert stopped["job"]["status"] == "CANCELLED"
    assert (await start(clientKey="saturday"))["job"]["status"] == "WAITING"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"timeLimitS": 0.0}, "invalid_round_request"),
        ({"tries": 51}, "invalid_round_request"),
        ({"seed": -1}, "invalid_round_request"),
        ({"clientKey": "x" * 65}, "invalid_argument"),
        ({"startAt": "2026-01-15T21:00:00"}, "invalid_argument"),
        (
            {"startAt": "2026-01-15T22:00:00Z", "endAt": "2026-01-15T21:00:00Z"},
            "invalid_round_request",
        ),
    ],
)
async def test_round_that_cannot_be_planned_is_refused(
    asker: Asker, town: Town, more: dict[str, Any], code: str
) -> None:
    answer = await asker.ask("staff/start_round", coordinator_of(town), input=wanted(town, **more))
    assert (answer.only["__typename"], answer.only["code"]) == ("InvalidInputProblem", code)


async def test_rounds_are_asked_for_by_staff_of_the_community(asker: Asker, town: Town) -> None:
    stop = {"jobId": global_id("RoundJob", town.round_job_ids[0])}
    for actor, started, stopped in (
        (Actor.anonymous(), "not_signed_in", "not_signed_in"),
        (actor_as(Role.VOLUNTEER, town.community_id), "not_permitted", "not_permitted"),
        (actor_as(Role.MANAGER, new_id()), "not_permitted", "round_job_unknown"),
    ):
        answer = await asker.ask("staff/start_round", actor, input=wanted(town))
        assert answer.only["code"] == started
        answer = await asker.ask("staff/stop_round", actor, input=stop)
        assert answer.only["code"] == stopped
        answer = await asker.ask("staff/list_round_jobs", actor, **wanted(town))
        assert answer.codes == [started]
    ended = await asker.ask("staff/stop_round", coordinator_of(town), input=stop)
    assert (ended.only["__typename"], ended.only["code"]) == ("ConflictProblem", "round_job_ended")


async def test_jobs_lead_to_their_rounds_and_people(asker: Asker, town: Town) -> None:
    page = (await asker.ask("staff/list_round_jobs", coordinator_of(town), **wanted(town))).only
    assert page["totalCount"] == 10
    assert page["nodes"][0]["round"] is None
    assert page["nodes"][1]["round"]["id"] == global_id("Round", town.round_ids[-2])
    told = (await asker.ask(WHO, coordinator_of(town), **wanted(town))).only["nodes"][0]
    manager = {"id": global_id("Person", town.manager_id)}
    assert told == {
        "requestedBy": manager,
        "askers": manager,
        "community": {"slug": "snowville"},
    }
