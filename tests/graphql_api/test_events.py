from __future__ import annotations

import pytest

from api.demo.town_events import FREE, FULL, NOW
from core.clock import FixedClock
from core.db import Database
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id, read_operation
from tests.graphql_api.statements import counted_statements

CHECK_IN = read_operation("staff/check_in_by_code")
DAYS = read_operation("everybody/event_days")
"""Each document as a client sends it."""


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock, slug="snowville")


def resident(town: Town, number: int = 0) -> Actor:
    return actor_as(Role.RESIDENT, town.community_id, town.resident_ids[number])


def manager(town: Town) -> Actor:
    return actor_as(Role.MANAGER, town.community_id, town.manager_id)


async def test_a_hidden_place_is_for_who_has_a_seat(
    database: Database, clock: FixedClock, town: Town
) -> None:
    asker = Asker(database, clock)
    variables = {"eventId": global_id("CommunityEvent", town.events.event_ids[FULL])}
    shown = {}
    for name, actor in (
        ("anonymous", Actor.anonymous()),
        ("stranger", resident(town, 3)),
        ("seated", resident(town)),
        ("manager", manager(town)),
    ):
        answer = await asker.ask(read_operation("everybody/event"), actor, **variables)
        assert answer.data is not None, answer
        place = answer.data["event"]["place"]
        assert place["name"] == "The hall of snowville"
        shown[name] = (place["address"], place["lonDeg"] is not None)
    hidden, exact = (None, False), ("1 Imaginary Street", True)
    assert shown == {
        "anonymous": hidden,
        "stranger": hidden,
        "seated": exact,
        "manager": exact,
    }


async def test_names_and_codes_are_for_staff_and_for_oneself(
    database: Database, clock: FixedClock, town: Town
) -> None:
    asker = Asker(database, clock)
    document = """query Look($id: ID!) {
      node(id: $id) { ... on EventRegistration { personName checkInCode partySize } }
    }"""
    key = town.events.registration_ids[FULL, town.resident_ids[0]]
    variables = {"id": global_id("EventRegistration", key)}
    own = await asker.ask(document, resident(town), **variables)
    staff = await asker.ask(document, manager(town), **variables)
    other = await asker.ask(document, resident(town, 1), **variables)
    assert own.data is not None
    assert staff.data is not None
    assert own.data["node"] == staff.data["node"]
    assert own.data["node"]["personName"]
    assert own.data["node"]["checkInCode"]
    assert other.data is None or other.data["node"] is None


async def test_wrong_codes_count_although_they_are_refused(
    database: Database, clock: FixedClock, town: Town
) -> None:
    asker = Asker(database, clock)
    day = global_id("EventDay", town.events.day_ids[NOW])
    codes = []
    for _ in range(11):
        answer = await asker.ask(CHECK_IN, manager(town), input={"dayId": day, "code": "YYYYYY"})
        assert answer.data is not None, answer
        codes.append(answer.data["checkInByCode"]["code"])
    assert codes == ["wrong_code"] * 10 + ["too_many_codes"]


async def test_a_skipped_hour_is_a_problem_with_a_code(
    database: Database, clock: FixedClock, town: Town
) -> None:
    asker = Asker(database, clock)
    answer = await asker.ask(
        read_operation("staff/move_event"),
        manager(town),
        input={
            "dayId": global_id("EventDay", town.events.day_ids[FREE]),
            "startsLocal": "2026-03-08T02:15",
        },
    )
    assert answer.data is not None, answer
    problem = answer.data["moveEvent"]
    assert problem["code"] == "hour_skipped"
    assert "2026-03-08T01:59" in problem["message"]


@pytest.mark.parametrize("first", [5])
async def test_days_take_as_many_statements_for_few_as_for_many(
    database: Database, clock: FixedClock, town: Town, first: int
) -> None:
    asker = Asker(database, clock)
    counts = []
    for size in (first, 3 * first):
        with counted_statements() as statements:
            answer = await asker.ask(
                DAYS,
                manager(town),
                communityId=global_id("Community", town.community_id),
                first=size,
            )
        assert answer.data is not None, answer
        assert len(answer.data["eventDays"]["nodes"]) == size
        counts.append(len(statements))
    assert counts[0] == counts[1]
