"""Volunteers through the API: their profiles, teams, tools and wishes whom not to meet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import h3
import pytest
from sqlalchemy import func, select, update

from core.clock import FixedClock
from core.db import Database
from matching.kinds import OfferStatus
from matching.models import HelpRequest, Offer, Volunteer
from people.auth import Actor
from people.kinds import Role
from people.models import Person
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id
from tests.graphql_api.statements import counted_statements

BY_OTHER_WAYS = """
query ($id: ID!) {
  node(id: $id) { ... on Volunteer { id it: homeArea ...Hidden } }
}
fragment Hidden on Volunteer { person { fullName } load team { name } }
"""
PLACE = {"text": "", "lonDeg": -71.1106, "latDeg": 42.3736}
TOOL = "snow_blower"


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock, scale=4)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


def volunteer(town: Town, number: int = 0, scopes: frozenset[str] | None = None) -> Actor:
    actor = actor_as(Role.VOLUNTEER, town.community_id, town.volunteer_person_ids[number])
    return Actor(actor.person_id, actor.roles, scopes=scopes)


def manager(town: Town) -> Actor:
    return actor_as(Role.MANAGER, town.community_id, town.manager_id)


def resident(town: Town, number: int = 0) -> Actor:
    return actor_as(Role.RESIDENT, town.community_id, town.resident_ids[number])


def volunteer_id(town: Town, number: int = 0) -> str:
    return global_id("Volunteer", town.volunteer_ids[number])


def community_id(town: Town) -> str:
    return global_id("Community", town.community_id)


async def own_profile(asker: Asker, actor: Actor) -> dict[str, Any]:
    (found,) = (await asker.ask("volunteer/my_volunteering", actor)).only
    assert isinstance(found, dict)
    return found


async def change(asker: Asker, operation: str, actor: Actor, **given: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await asker.ask(operation, actor, input=given)).only
    return answer


# --- what is seen ---------------------------------------------------------------------------------


async def test_own_profile_has_everything_that_was_said(asker: Asker, town: Town) -> None:
    found = await own_profile(asker, volunteer(town, 1))
    assert found["mode"] == "BIKE"
    assert found["languages"] == ["en", "es"]
    assert [row["code"] for row in found["abilities"]] == ["shovel"]
    assert found["weeklyHours"][0]["startMin"] == 540
    assert len(found["windows"]) == len(found["away"]) == 1
    assert found["team"]["size"] == 2
    assert found["team"]["name"].startswith("The Snowville")
    assert found["team"]["members"][0]["fullName"].startswith("Synthetic")
    assert [row["code"] for row in found["loans"]] == [TOOL]
    assert found["impact"]["heldCount"] == 1
    assert found["homeArea"] == "Riverside"
    assert h3.is_valid_cell(found["homeCell"])


async def test_what_was_done_counts(asker: Asker, town: Town) -> None:
    impact = (await own_profile(asker, volunteer(town)))["impact"]
    assert impact["visitCount"] == len(town.resident_ids)
    assert impact["serviceS"] == 1_800 * len(town.resident_ids)
    assert impact["lastVisitAt"] is not None


async def test_what_is_missing_for_a_kind_of_help_is_told(asker: Asker, town: Town) -> None:
    alone = await own_profile(asker, volunteer(town))
    by_kind = {row["kind"]: row for row in alone["clearance"]}
    assert by_kind["SNOW"] == {"kind": "SNOW", "isCleared": True, "missing": []}
    assert by_kind["RIDE"]["isCleared"] is False
    assert by_kind["RIDE"]["missing"]


@pytest.mark.parametrize("who", ["other volunteer", "resident", "anonymous", "neighbour"])
async def test_a_profile_is_for_oneself_and_staff(
    asker: Asker, database: Database, clock: FixedClock, town: Town, who: str
) -> None:
    other = await seed_town(database, clock, slug="frostville", scale=4)
    actor = {
        "other volunteer": volunteer(town, 1),
        "resident": resident(town),
        "anonymous": Actor.anonymous(),
        "neighbour": manager(other),
    }[who]
    assert (await asker.ask(BY_OTHER_WAYS, actor, id=volunteer_id(town))).only is None


async def test_how_much_somebody_did_lately_is_for_staff(asker: Asker, town: Town) -> None:
    mine = (await asker.ask(BY_OTHER_WAYS, volunteer(town), id=volunteer_id(town))).only
    assert mine["load"] is None
    assert mine["it"] == "Riverside"
    theirs = (await asker.ask(BY_OTHER_WAYS, manager(town), id=volunteer_id(town))).only
    assert theirs["load"] == 0.0
    assert theirs["person"]["fullName"].startswith("Synthetic")


async def test_a_token_without_the_scope_sees_nothing(asker: Asker, town: Town) -> None:
    lacking = volunteer(town, scopes=frozenset({"offers:read"}))
    answer = await asker.ask("volunteer/my_volunteering", lacking)
    assert answer.codes == ["scope_missing"]
    no_people = volunteer(town, scopes=frozenset({"volunteers:read"}))
    answer = await asker.ask(BY_OTHER_WAYS, no_people, id=volunteer_id(town))
    assert "scope_missing" in answer.codes


@pytest.mark.parametrize(
    ("only", "numbers"),
    [
        ({}, {0, 1, 2, 3}),
        ({"mode": "CAR"}, {2}),
        ({"language": "es"}, {1, 2}),
        ({"ability": "shovel"}, {0, 1, 2, 3}),
        ({"ability": "salt"}, set()),
        ({"statuses": ["PAUSED"]}, set()),
        ({"area": "Riverside"}, {0, 1, 2, 3}),
        ({"area": "Nowhere"}, set()),
    ],
)
async def test_volunteers_are_filtered(
    asker: Asker, town: Town, only: Mapping[str, Any], numbers: set[int]
) -> None:
    listed = {"communityId": community_id(town), "filter": dict(only), "first": 50}
    found = (await asker.ask("staff/list_volunteers", manager(town), **listed)).only
    assert {row["id"] for row in found["nodes"]} == {volunteer_id(town, n) for n in numbers}
    assert found["totalCount"] == len(numbers)


async def test_volunteers_are_filtered_by_hexagon(asker: Asker, town: Town) -> None:
    cell = (await own_profile(asker, volunteer(town, 3)))["homeCell"]
    listed = {"communityId": community_id(town), "filter": {"cells": [cell]}, "first": 50}
    found = (await asker.ask("staff/list_volunteers", manager(town), **listed)).only
    assert volunteer_id(town, 3) in {row["id"] for row in found["nodes"]}
    assert {row["homeCell"] for row in found["nodes"]} == {cell}


async def test_volunteers_are_sorted_and_paged(
    asker: Asker, database: Database, town: Town
) -> None:
    async with database.begin() as session:
        for number, key in enumerate(town.volunteer_ids):
            change = update(Volunteer).where(Volunteer.id == key).values(load=float(number % 3))
            await session.execute(change)
    listed: dict[str, Any] = {
        "communityId": community_id(town),
        "sort": {"by": "LOAD", "direction": "DESCENDING"},
        "first": 3,
    }
    page = (await asker.ask("staff/list_volunteers", manager(town), **listed)).only
    listed["after"] = page["pageInfo"]["endCursor"]
    rest = (await asker.ask("staff/list_volunteers", manager(town), **listed)).only
    loads = [row["load"] for row in (*page["nodes"], *rest["nodes"])]
    assert loads == sorted(loads, reverse=True)
    assert len(loads) == 4
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_a_list_takes_the_same_statements_for_more_volunteers(
    asker: Asker, database: Database, clock: FixedClock
) -> None:
    counts = []
    for scale in (5, 40):
        town = await seed_town(database, clock, slug=f"town-{scale}", scale=scale)
        listed = {"communityId": community_id(town), "first": 100}
        with counted_statements() as sent:
            found = (await asker.ask("staff/list_volunteers", manager(town), **listed)).only
        assert len(found["nodes"]) == scale
        counts.append(len(sent))
    assert abs(counts[0] - counts[1]) <= 2


# --- signing up and changing ----------------------------------------------------------------------


def form(town: Town, **values: Any) -> dict[str, Any]:
    return {
        "communityId": community_id(town),
        "name": "Synthetic Newcomer",
        "home": PLACE,
        "email": "newcomer@new.example",
        "consents": ["MATCHING"],
        "weeklyHours": [{"weekday": 5, "startMin": 540, "endMin": 720}],
    } | values


async def count_people(database: Database) -> int:
    async with database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(Person)) or 0)


async def test_staff_take_somebody_in(asker: Asker, town: Town) -> None:
    windows = [{"startsAt": "2026-01-16T14:00:00Z", "endsAt": "2026-01-16T18:00:00Z"}]
    given = form(town, windows=windows, abilities=["snow blower"], languages=["pt"], radiusM=900)
    done = await change(asker, "everybody/sign_up_volunteer", manager(town), **given)
    shown = await asker.ask("staff/show_volunteer", manager(town), id=done["volunteer"]["id"])
    row = shown.only
    assert row["radiusM"] == 900
    assert row["languages"] == ["pt"]
    assert [one["code"] for one in row["abilities"]] == [TOOL]
    assert row["weeklyHours"][0]["weekday"] == 5
    assert row["windows"][0]["startsAt"] == "2026-01-16T14:00:00+00:00"
    assert row["person"]["fullName"] == "Synthetic Newcomer"


async def test_strangers_do_not_learn_whether_a_contact_is_known(
    asker: Asker, database: Database, town: Town
) -> None:
    known = form(town, email="volunteer-1@snowville.example")
    new = form(town)
    before = await count_people(database)
    answers = [
        await change(asker, "everybody/sign_up_volunteer", Actor.anonymous(), **given)
        for given in (known, new)
    ]
    assert (
        answers[0]
        == answers[1]
        == {
            "__typename": "SignUpVolunteerPayload",
            "volunteer": None,
        }
    )
    assert await count_people(database) == before + 1


async def test_the_other_place_is_written_down(asker: Asker, town: Town) -> None:
    given = form(
        town,
        secondPlace={"text": "", "lonDeg": -71.105, "latDeg": 42.37},
        weeklyHours=[
            {"weekday": 1, "startMin": 540, "endMin": 720, "fromSecondPlace": True},
        ],
    )
    done = await change(asker, "everybody/sign_up_volunteer", manager(town), **given)
    shown = (
        await asker.ask("staff/show_volunteer", manager(town), id=done["volunteer"]["id"])
    ).only
    assert shown["secondCell"] is not None
    assert shown["secondCell"] != shown["homeCell"]
    assert shown["weeklyHours"][0]["fromSecondPlace"] is True


async def test_everything_that_is_wrong_with_a_form_is_said_at_once(
    asker: Asker, town: Town
) -> None:
    given = form(
        town, email="no address", consents=["OFFERS"], maxTasks=99, weeklyHours=[], name=" "
    )
    done = await change(asker, "everybody/sign_up_volunteer", manager(town), **given)
    assert done["__typename"] == "InvalidVolunteerProblem"
    fields = {fault["field"] for fault in done["faults"]}
    assert {"name", "email", "consents", "hours", "max_tasks"} <= fields


async def test_a_place_outside_the_city_is_refused(asker: Asker, town: Town) -> None:
    given = form(town, home={"text": "", "lonDeg": 2.35, "latDeg": 48.85})
    done = await change(asker, "everybody/sign_up_volunteer", manager(town), **given)
    assert done["__typename"] == "InvalidInputProblem"


async def test_volunteers_change_what_they_offer(asker: Asker, town: Town) -> None:
    given = {
        "volunteerId": volunteer_id(town),
        "mode": "CAR",
        "maxTravelS": 900,
        "languages": ["es", "en"],
        "abilities": ["Snow Blower", "shovel"],
        "weeklyHours": [{"weekday": 2, "startMin": 0, "endMin": 1440}],
        "windows": [],
    }
    await change(asker, "volunteer/change_volunteer", volunteer(town), **given)
    found = await own_profile(asker, volunteer(town))
    assert (found["mode"], found["maxTravelS"], found["maxTasks"]) == ("CAR", 900, 3)
    assert found["languages"] == ["es", "en"]
    assert [row["code"] for row in found["abilities"]] == ["shovel", TOOL]
    assert [row["endMin"] for row in found["weeklyHours"]] == [1440]
    assert found["windows"] == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"maxTasks": 0}, "max_tasks"),
        ({"maxTravelS": 100_000}, "max_travel_min"),
        ({"languages": ["klingon"]}, "languages"),
        ({"abilities": ["!"]}, "abilities"),
    ],
)
async def test_a_change_that_cannot_be_is_refused(
    asker: Asker, town: Town, wrong: Mapping[str, Any], field: str
) -> None:
    given = {"volunteerId": volunteer_id(town), **wrong}
    done = await change(asker, "volunteer/change_volunteer", volunteer(town), **given)
    assert done["__typename"] == "InvalidVolunteerProblem"
    assert done["faults"]
    assert (await own_profile(asker, volunteer(town)))["maxTasks"] == 3


async def test_a_move_changes_the_place(asker: Asker, town: Town) -> None:
    before = await own_profile(asker, volunteer(town))
    given = {
        "volunteerId": volunteer_id(town),
        "home": {"text": "", "lonDeg": -71.13, "latDeg": 42.39},
    }
    await change(asker, "volunteer/change_volunteer", volunteer(town), **given)
    assert (await own_profile(asker, volunteer(town)))["homeCell"] != before["homeCell"]


async def test_rest_and_return(asker: Asker, clock: FixedClock, town: Town) -> None:
    until = clock.now() + timedelta(days=3)
    given = {"volunteerId": volunteer_id(town), "until": until.isoformat()}
    for _ in range(2):
        done = await change(asker, "volunteer/pause_volunteer", volunteer(town), **given)
        assert done["volunteer"]["pausedUntil"] == until.isoformat()
    past = {"volunteerId": volunteer_id(town), "until": "2020-01-01T00:00:00Z"}
    done = await change(asker, "volunteer/pause_volunteer", volunteer(town), **past)
    assert done["code"] == "invalid_pause"
    one = {"volunteerId": volunteer_id(town)}
    done = await change(asker, "volunteer/resume_volunteer", volunteer(town), **one)
    assert done["volunteer"]["pausedUntil"] is None


async def test_leaving_takes_offers_back(asker: Asker, database: Database, town: Town) -> None:
    one = {"volunteerId": volunteer_id(town)}
    for _ in range(2):
        done = await change(asker, "volunteer/leave_programme", volunteer(town), **one)
        assert done["volunteer"]["status"] == "LEFT"
    async with database.read() as session:
        waiting = select(func.count()).where(
            Offer.volunteer_id == town.volunteer_ids[0], Offer.status == OfferStatus.SENT
        )
        assert await session.scalar(waiting) == 0


async def test_days_away_come_and_go(asker: Asker, town: Town) -> None:
    days = {"firstDay": "2026-02-01", "lastDay": "2026-02-03"}
    for _ in range(2):
        done = await change(
            asker, "volunteer/add_away", volunteer(town), volunteerId=volunteer_id(town), **days
        )
        assert len(done["volunteer"]["away"]) == 2
    for row in done["volunteer"]["away"]:
        given = {"volunteerId": volunteer_id(town), "awayId": row["id"]}
        done = await change(asker, "volunteer/remove_away", volunteer(town), **given)
    assert done["volunteer"]["away"] == []
    backwards = {"firstDay": "2026-02-03", "lastDay": "2026-02-01"}
    done = await change(
        asker, "volunteer/add_away", volunteer(town), volunteerId=volunteer_id(town), **backwards
    )
    assert done["__typename"] == "InvalidInputProblem"


async def test_teams_keep_their_members(asker: Asker, town: Town) -> None:
    given = {
        "volunteerId": volunteer_id(town),
        "name": "The Neighbors",
        "size": 3,
        "members": [{"name": "Synthetic Sam"}],
    }
    first = await change(asker, "volunteer/form_team", volunteer(town), **given)
    again = await change(asker, "volunteer/form_team", volunteer(town), **given)
    assert again == first
    assert first["volunteer"]["team"]["size"] == 3
    given["size"] = 1
    done = await change(asker, "volunteer/form_team", volunteer(town), **given)
    assert done["code"] == "invalid_team"
    one = {"volunteerId": volunteer_id(town)}
    done = await change(asker, "volunteer/dissolve_team", volunteer(town), **one)
    assert done["volunteer"]["team"] is None


@pytest.mark.parametrize(
    "operation",
    ["change_volunteer", "pause_volunteer", "resume_volunteer", "leave_programme",
     "dissolve_team"],
)  # fmt: skip
async def test_nobody_changes_somebody_else(
    asker: Asker, database: Database, clock: FixedClock, town: Town, operation: str
) -> None:
    other = await seed_town(database, clock, slug="frostville", scale=4)
    missing = global_id("Volunteer", "00000000-0000-7000-8000-000000000000")
    for actor in (volunteer(town, 1), resident(town), manager(other)):
        kinds = [
            (await change(asker, f"volunteer/{operation}", actor, volunteerId=key))["__typename"]
            for key in (volunteer_id(town), missing)
        ]
        assert kinds == ["NotFoundProblem"] * 2


# --- tools ----------------------------------------------------------------------------------------


async def test_a_tool_goes_out_and_comes_back(asker: Asker, town: Town) -> None:
    given = {
        "volunteerId": volunteer_id(town),
        "depotId": global_id("Depot", town.depot_ids[0]),
        "code": TOOL,
    }
    first = await change(asker, "staff/hand_out_tool", manager(town), **given)
    again = await change(asker, "staff/hand_out_tool", manager(town), **given)
    assert again == first
    assert first["loan"]["handedAt"] is not None
    mine = await asker.ask(
        "volunteer/my_tool_loans", volunteer(town), communityId=community_id(town), first=20
    )
    assert [row["id"] for row in mine.only["nodes"]] == [first["loan"]["id"]]
    back = {"volunteerId": volunteer_id(town), "code": TOOL}
    done = await change(asker, "staff/return_tool", manager(town), **back)
    assert done["loan"]["returnedAt"] is not None
    done = await change(asker, "staff/return_tool", manager(town), **back)
    assert done["__typename"] == "NotFoundProblem"


async def test_volunteers_see_their_own_loans_and_staff_all(asker: Asker, town: Town) -> None:
    listed = {"communityId": community_id(town), "first": 50}
    own = (await asker.ask("volunteer/my_tool_loans", volunteer(town, 1), **listed)).only
    assert [row["volunteerId"] for row in own["nodes"]] == [volunteer_id(town, 1)]
    every = (await asker.ask("staff/list_tool_loans", manager(town), **listed)).only
    assert every["totalCount"] == 3
    nobody = (await asker.ask("volunteer/my_tool_loans", resident(town), **listed)).only
    assert nobody["nodes"] == []


async def test_depots_are_public_and_staff_run_them(asker: Asker, town: Town) -> None:
    opened = {
        "communityId": community_id(town),
        "code": "a-fire-station",
        "name": "Fire Station",
        "address": PLACE,
        "hours": ["Sat 9:00-12:00"],
    }
    done = await change(asker, "staff/open_depot", manager(town), **opened)
    again = await change(asker, "staff/open_depot", manager(town), **opened)
    assert again["code"] == "invalid_stock"
    stock = {"depotId": done["depot"]["id"], "code": "snow blower", "owned": 5}
    done = await change(asker, "staff/set_tool_stock", manager(town), **stock)
    assert done["depot"]["stocks"] == [
        {"code": TOOL, "label": "a snow blower", "owned": 5, "lent": 0}
    ]
    listed = {"communityId": community_id(town), "first": 50}
    shown = (await asker.ask("everybody/depots", Actor.anonymous(), **listed)).only["nodes"]
    assert shown[0]["name"] == "Fire Station"
    refused = await change(asker, "staff/set_tool_stock", volunteer(town), **stock)
    assert refused["__typename"] == "NotPermittedProblem"


# --- who must not meet ----------------------------------------------------------------------------


async def test_the_other_side_is_never_told(asker: Asker, town: Town) -> None:
    """The third volunteer is kept apart from the first resident, by the wish of the resident."""
    own = (await asker.ask("volunteer/my_bans", resident(town), first=20)).only["nodes"]
    assert [row["volunteerId"] for row in own] == [volunteer_id(town, 2)]
    told = (await asker.ask("volunteer/my_bans", volunteer(town, 2), first=20)).only["nodes"]
    assert told == []
    node = "query ($id: ID!) { node(id: $id) { id ... on Ban { reason } } }"
    key = global_id("Ban", town.ban_ids[2])
    assert (await asker.ask(node, volunteer(town, 2), id=key)).only is None
    assert (await asker.ask(node, resident(town), id=key)).only == {"id": key, "reason": None}
    assert (await asker.ask(node, manager(town), id=key)).only == {"id": key, "reason": "wish"}


async def test_a_second_wish_answers_like_the_first_one(asker: Asker, town: Town) -> None:
    answers = []
    for number in (0, 1):
        given = {
            "volunteerId": volunteer_id(town, 2),
            "residentId": global_id("Person", town.resident_ids[number]),
            "askedBy": "VOLUNTEER",
        }
        done = await change(asker, "volunteer/ban_pair", volunteer(town, 2), **given)
        answers.append(done["__typename"])
    assert answers == ["BanPairPayload"] * 2


async def test_a_wish_is_lifted_by_whose_it_was(asker: Asker, town: Town) -> None:
    given = {"banId": global_id("Ban", town.ban_ids[0])}
    refused = await change(asker, "volunteer/lift_ban", volunteer(town, 1), **given)
    assert refused["__typename"] == "NotFoundProblem"
    done = await change(asker, "volunteer/lift_ban", volunteer(town), **given)
    assert done["__typename"] == "LiftBanPayload"
    own = (await asker.ask("volunteer/my_bans", volunteer(town), first=20)).only["nodes"]
    assert own == []


async def test_staff_see_who_must_not_meet(asker: Asker, town: Town) -> None:
    listed = {"communityId": community_id(town), "first": 50}
    found = (await asker.ask("staff/list_bans", manager(town), **listed)).only
    assert found["totalCount"] == 4
    refused = await asker.ask("staff/list_bans", volunteer(town), **listed)
    assert refused.codes == ["not_permitted"]


# --- how much help was asked for ------------------------------------------------------------------


async def test_help_asked_for_near_is_told_in_fives(
    asker: Asker, database: Database, clock: FixedClock, town: Town
) -> None:
    cell = (await own_profile(asker, volunteer(town)))["homeCell"]
    near = {"communityId": community_id(town), "cell": cell, "radiusM": 2_000}
    few = (await asker.ask("everybody/requests_near", Actor.anonymous(), **near)).only
    assert (few["about"], few["words"]) == (None, "a few requests")
    last_winter = clock.now() - timedelta(days=365)
    async with database.begin() as session:
        await session.execute(update(HelpRequest).values(created_at=last_winter))
    many = (await asker.ask("everybody/requests_near", Actor.anonymous(), **near)).only
    assert many["about"] % 5 == 0
    assert many["about"] >= 15
    assert many["since"].startswith("2024-10-01")
    assert many["until"].startswith("2025-05-01")
