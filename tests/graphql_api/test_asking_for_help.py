from __future__ import annotations

from typing import Any

import pytest

from core.clock import FixedClock
from core.db import Database
from matching.kinds import RequestStatus
from matching.models import HelpRequest
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id
from tests.graphql_api.cases.requests import accepted, untaken, waiting
from tests.graphql_api.townspeople import community_of, manager, resident, volunteer, with_scopes

SCALE = 4
WINDOW = {"opensAt": "2026-01-16T14:00:00Z", "closesAt": "2026-01-16T20:00:00Z"}
HOME = {"text": "17 Garden St"}


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock, scale=SCALE)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


# --- asking for help ------------------------------------------------------------------------------


def call(town: Town, **more: Any) -> dict[str, Any]:
    return {
        "communityId": community_of(town),
        "kind": "GROCERIES",
        "windows": [WINDOW],
        **more,
    }


async def test_resident_asks_once_however_often_it_is_sent(asker: Asker, town: Town) -> None:
    given = call(town, clientKey="tap-1", accessNotes="Blue door.", contactChoice="SMS")
    answers = [
        (await asker.ask("resident/ask_for_help", resident(town), input=given)).only
        for _ in range(2)
    ]
    assert answers[0]["__typename"] == "TakeRequestPayload"
    assert answers[0]["outcome"] in ("OPEN", "IN_REVIEW")
    assert answers[0] == answers[1]
    shown = (
        await asker.ask("resident/show_request", resident(town), id=answers[0]["request"]["id"])
    ).only
    assert (shown["accessNotes"], shown["contactChoice"]) == ("Blue door.", "SMS")
    assert shown["windows"] == [
        {"opensAt": "2026-01-16T14:00:00+00:00", "closesAt": "2026-01-16T20:00:00+00:00"}
    ]


async def test_every_snowfall_makes_a_standing_request(asker: Asker, town: Town) -> None:
    given = {"communityId": community_of(town), "kind": "SNOW", "cadence": "SEASON"}
    answer = (await asker.ask("resident/ask_for_help", resident(town), input=given)).only
    assert answer["outcome"] in ("WAITING", "IN_REVIEW", "JOINED")
    assert answer["request"] is None
    assert answer["standingRequest"]["id"]


async def test_staff_take_a_call_by_address(asker: Asker, town: Town) -> None:
    given = call(
        town,
        resident={"name": "Zoe Tester", "address": HOME, "phone": "617 555 0142"},
        consents=["MATCHING"],
        declares={"atLeastAge": 60},
        caller="NEIGHBOUR",
        callerName="Nina Nextdoor",
        weight=3.5,
        needs=["snow_blower"],
    )
    answer = (await asker.ask("staff/take_call", manager(town), input=given)).only
    assert answer["__typename"] == "TakeRequestPayload", answer
    assert answer["request"]["resident"]["fullName"] == "Zoe Tester"
    shown = (await asker.ask("staff/show_case", manager(town), id=answer["request"]["id"])).only
    assert shown["channel"] == "PHONE"
    assert (shown["caller"], shown["callerName"]) == ("NEIGHBOUR", "Nina Nextdoor")
    assert shown["weight"] == 3.5
    assert shown["cell"]
    assert shown["takenBy"]["id"] == global_id("Person", town.manager_id)


async def test_uncertain_address_is_asked_back(asker: Asker, town: Town) -> None:
    somebody = {"name": "Zoe Tester", "address": {"text": "Pleasant"}, "phone": "617 555 0142"}
    answer = (
        await asker.ask("staff/take_call", manager(town), input=call(town, resident=somebody))
    ).only
    assert answer["__typename"] == "AddressNotSureProblem"
    assert answer["code"] == "address_not_certain"
    assert len(answer["candidates"]) >= 2
    assert "Pleasant" not in answer["message"]
    somebody["address"] = {
        "text": answer["candidates"][0]["label"],
        "lonDeg": answer["candidates"][0]["lonDeg"],
        "latDeg": answer["candidates"][0]["latDeg"],
    }
    chosen = (
        await asker.ask("staff/take_call", manager(town), input=call(town, resident=somebody))
    ).only
    assert chosen["__typename"] == "TakeRequestPayload"


async def test_who_asks_for_a_stranger_learns_nothing_of_them(asker: Asker, town: Town) -> None:
    somebody = {"name": "Zoe Tester", "address": HOME, "phone": "617 555 0142"}
    given = call(town, resident=somebody, caller="NEIGHBOUR")
    answer = (await asker.ask("resident/ask_for_help", resident(town), input=given)).only
    assert answer["outcome"] == "IN_REVIEW"
    assert answer["request"] is None


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"weight": 9.0}, "not_permitted"),
        ({"channel": "PHONE"}, "not_permitted"),
        ({"needs": ["crane"]}, "not_permitted"),
        ({"serviceS": 60}, "not_permitted"),
        ({"windows": [{"opensAt": "2026-01-16T14:00:00", "closesAt": WINDOW["closesAt"]}]},
         "invalid_argument"),
        ({"windows": [{"opensAt": WINDOW["closesAt"], "closesAt": WINDOW["opensAt"]}]},
         "invalid_argument"),
        ({"windows": [WINDOW] * 21}, "invalid_argument"),
        ({"windows": []}, "invalid_request"),
        ({"accessNotes": "a\x00b"}, "invalid_argument"),
        ({"accessNotes": "a" * 1_001}, "invalid_argument"),
        ({"languages": ["klingon"]}, "invalid_argument"),
        ({"scope": ["moon"]}, "invalid_request"),
        ({"crewSize": 0}, "invalid_request"),
        ({"clientKey": ""}, "invalid_request"),
        ({"declares": {"birthYear": 3}}, "invalid_request"),
        ({"kind": "OTHER", "cadence": "SEASON"}, "invalid_request"),
        ({"communityId": "Q29tbXVuaXR5OjE="}, "not_found"),
        ({"communityId": "UGVyc29uOjAwMDAwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMA=="},
         "not_found"),
        ({"resident": {"name": "A\u202eB", "address": HOME, "phone": "617 555 0142"}},
         "invalid_argument"),
        ({"resident": {"name": "Zoe", "address": {"text": " "}, "phone": "617 555 0142"}},
         "address_not_found"),
        ({"resident": {"name": "Zoe", "address": {"text": "1 No Such Place"}, "phone": "1"}},
         "address_not_found"),
        ({"resident": {"name": "Zoe", "address": {"text": "x", "lonDeg": 1.0, "latDeg": 2.0},
                       "phone": "617 555 0142"}}, "address_not_found"),
        ({"resident": {"name": "Zoe", "address": HOME}}, "invalid_request"),
        ({"resident": {"name": "Zoe", "address": HOME, "phone": "what"}}, "invalid_request"),
    ],
)  # fmt: skip
async def test_call_that_cannot_be_taken_is_a_problem(
    asker: Asker, town: Town, given: dict[str, Any], code: str
) -> None:
    answer = await asker.ask("resident/ask_for_help", resident(town), input=call(town, **given))
    assert answer.only["code"] == code


async def test_nobody_asks_for_somebody_elses_help(asker: Asker, town: Town) -> None:
    other = await seed_town(asker.database, asker.clock, "frostville", scale=SCALE)
    missing = global_id("Person", "00000000-0000-7000-8000-000000000000")
    for actor in (resident(town), volunteer(town), manager(other)):
        given = [
            call(town, residentId=key)
            for key in (global_id("Person", town.resident_ids[1]), missing)
        ]
        answers = [
            (await asker.ask("resident/ask_for_help", actor, input=one)).only for one in given
        ]
        assert answers[0] == answers[1]
        assert answers[0]["code"] == "request_not_yours"
    nobody = await asker.ask("resident/ask_for_help", input=call(town))
    assert nobody.only["code"] == "not_signed_in"
    reader = with_scopes(resident(town), "requests:read")
    without = await asker.ask("resident/ask_for_help", reader, input=call(town))
    assert without.only["code"] == "scope_missing"


# --- changes --------------------------------------------------------------------------------------


async def test_resident_changes_and_calls_off(asker: Asker, town: Town) -> None:
    changed = (
        await asker.ask(
            "resident/change_request",
            resident(town),
            input={"requestId": untaken(town), "windows": [WINDOW], "accessNotes": ""},
        )
    ).only["request"]
    assert changed["accessNotes"] is None
    assert len(changed["windows"]) == 1
    too_late = await asker.ask(
        "resident/change_request",
        resident(town),
        input={"requestId": accepted(town), "windows": [WINDOW]},
    )
    assert too_late.only["__typename"] == "ConflictProblem"
    for _ in range(2):
        off = await asker.ask(
            "resident/cancel_request", resident(town), input={"requestId": untaken(town)}
        )
        assert off.only["request"]["status"] == "CANCELLED"


async def test_resident_says_that_it_was_done_or_not(asker: Asker, town: Town) -> None:
    for number, operation, status in (
        (0, "resident/confirm_done", "CONFIRMED"),
        (1, "resident/report_not_done", "OPEN"),
    ):
        for _ in range(2):
            answer = await asker.ask(
                operation, resident(town, number), input={"requestId": accepted(town, number)}
            )
            assert answer.only["request"]["status"] == status
    never = await asker.ask(
        "resident/confirm_done", resident(town), input={"requestId": waiting(town)}
    )
    assert never.only["code"] == "nothing_done_yet"


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("resident/change_request", {"accessNotes": "x"}),
        ("resident/cancel_request", {}),
        ("resident/confirm_done", {}),
        ("resident/report_not_done", {}),
        ("staff/approve_request", {}),
        ("staff/decline_request", {"reason": "OTHER"}),
    ],
)
async def test_foreign_request_is_refused_like_a_missing_one(
    asker: Asker, town: Town, operation: str, more: dict[str, Any]
) -> None:
    other = await seed_town(asker.database, asker.clock, "frostville", scale=SCALE)
    missing = global_id("HelpRequest", "00000000-0000-7000-8000-000000000000")
    for actor in (manager(other), resident(town, 1)):
        codes = []
        for key in (waiting(town), missing):
            answer = await asker.ask(operation, actor, input={"requestId": key, **more})
            codes.append((answer.only["__typename"], answer.only["code"]))
        assert codes[0] == codes[1]
    async with asker.database.read() as session:
        kept = await session.get_one(HelpRequest, town.request_ids[4 * SCALE])
        assert kept.status is RequestStatus.NEEDS_REVIEW


async def test_staff_decide_what_waits(asker: Asker, town: Town) -> None:
    actor, community = manager(town), community_of(town)
    queue, after = [], None
    for _ in range(20):
        page = (
            await asker.ask(
                "staff/review_queue", actor, communityId=community, first=3, after=after
            )
        ).only
        queue += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert page["totalCount"] == len(queue) == 2 * SCALE
    assert [item["since"] for item in queue] == sorted(item["since"] for item in queue)
    assert sum(item["request"] is not None for item in queue) == SCALE
    assert sum(item["standingRequest"] is not None for item in queue) == SCALE
    approved = await asker.ask(
        "staff/approve_request", actor, input={"requestId": waiting(town, 1)}
    )
    assert approved.only["request"]["status"] == "OPEN"
    declined = await asker.ask(
        "staff/decline_request",
        actor,
        input={"requestId": waiting(town, 2), "reason": "NOT_OUR_HELP"},
    )
    assert declined.only["request"]["status"] == "CANCELLED"
    merged = await asker.ask(
        "staff/merge_requests", actor, input={"keepId": untaken(town), "dropId": waiting(town)}
    )
    assert merged.only["request"]["id"] == untaken(town)
    again = await asker.ask("staff/approve_request", actor, input={"requestId": waiting(town, 1)})
    assert again.only["code"] == "not_in_review"
    left = (await asker.ask("staff/review_queue", actor, communityId=community)).only
    assert left["totalCount"] == 2 * SCALE - 3
