"""Campaigns and rides through the API: the usual ways, refusals, guards and bad input."""

from __future__ import annotations

from typing import Any

import pytest

from api.demo.town_campaigns import COMING, DRAFT, RUNNING, SLUGS
from core.clock import FixedClock
from core.db import Database
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id
from tests.graphql_api.cases.biking import CSV, GPX, listed
from tests.graphql_api.cases.campaigns import about, campaign, community, plan
from tests.graphql_api.townspeople import manager, resident, volunteer, with_scopes

BY_OTHER_WAYS = """
query ($id: ID!) { node(id: $id) { ... on Campaign { it: costCents ...Hidden } } }
fragment Hidden on Campaign { budgetNote team { personId } }
"""
ANY_RIDE = "query ($id: ID!) { node(id: $id) { ... on Ride { distanceM personId } } }"


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock, scale=6)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


async def ask(asker: Asker, operation: str, actor: Actor | None, variables: Any) -> Any:
    return (await asker.ask(operation, actor, **variables)).only


async def test_a_manager_plans_changes_and_moves_a_campaign(asker: Asker, town: Town) -> None:
    boss = manager(town)
    made = (await ask(asker, "staff/plan_campaign", boss, plan(town, "")))["campaign"]
    assert (made["status"], made["team"][0]["role"], made["version"]) == ("DRAFT", "OWNER", 1)
    given = {"campaignId": made["id"], "version": 1, "costCents": 900, "goalValue": 60.0}
    changed = (await ask(asker, "staff/change_campaign", boss, {"input": given}))["campaign"]
    assert (changed["costCents"], changed["goalValue"], changed["version"]) == (900, 60.0, 2)
    stale = await ask(asker, "staff/change_campaign", boss, {"input": given})
    assert (stale["__typename"], stale["code"]) == ("ConflictProblem", "campaign_changed")
    move = {"input": {"campaignId": made["id"], "status": "FINISHED"}}
    refused = await ask(asker, "staff/change_campaign_status", boss, move)
    assert "scheduled" in refused["message"]
    twice = await ask(asker, "staff/plan_campaign", boss, plan(town, ""))
    assert twice["code"] == "campaign_slug_taken"


async def test_bad_plans_are_problems_with_codes(asker: Asker, town: Town) -> None:
    for changes, code in (
        ({"endsAt": "2026-04-01T04:00:00Z"}, "invalid_campaign_dates"),
        ({"startsAt": "0001-01-01T00:00:00Z"}, "invalid_argument"),
        ({"goalValue": -1.0}, "invalid_goal"),
        ({"goalUnit": "RIDES"}, "invalid_goal"),
        ({"areas": ["Atlantis"]}, "campaign_area_unknown"),
        ({"title": "\u202e"}, "invalid_argument"),
        ({"communityId": global_id("Person", town.manager_id)}, "not_found"),
    ):
        given = plan(town, "")["input"] | changes
        answer = await ask(asker, "staff/plan_campaign", manager(town), {"input": given})
        assert answer["code"] == code, changes


async def test_budget_and_team_are_for_staff_and_the_team(asker: Asker, town: Town) -> None:
    async def look(actor: Actor | None) -> Any:
        return await ask(asker, BY_OTHER_WAYS, actor, {"id": campaign(town)})

    hidden = {"it": None, "budgetNote": None, "team": None}
    for actor in (None, resident(town), volunteer(town)):
        assert await look(actor) == hidden
    assert (await look(manager(town)))["it"] == 125_000
    person = global_id("Person", town.resident_ids[1])
    put = about(town, personId=person, role="VIEWER")
    await ask(asker, "staff/set_campaign_team_role", manager(town), put)
    assert (await look(resident(town, 1)))["it"] == 125_000
    change = about(town, title="Mine now")
    refused = await ask(asker, "staff/change_campaign", resident(town, 1), change)
    assert refused["__typename"] == "NotPermittedProblem"


async def test_drafts_are_for_staff_and_lists_can_be_narrowed(asker: Asker, town: Town) -> None:
    async def slugs(actor: Actor | None, **wanted: Any) -> set[str]:
        variables = {**community(town), "filter": wanted}
        found = await ask(asker, "everybody/list_campaigns", actor, variables)
        return {one["slug"] for one in found["nodes"]}

    biking = {"kinds": ["BIKING"]}
    assert await slugs(None, **biking) == {SLUGS[RUNNING]}
    assert await slugs(resident(town), **biking) == {SLUGS[RUNNING], SLUGS[COMING]}
    assert await slugs(manager(town), **biking) == set(SLUGS)
    assert await slugs(resident(town), joined=True) == {SLUGS[RUNNING]}
    assert await slugs(manager(town), statuses=["DRAFT"]) == {SLUGS[DRAFT]}
    other = actor_as(Role.MANAGER, town.manager_id)
    assert await slugs(other, **biking) == {SLUGS[RUNNING]}


async def test_people_join_leave_and_see_their_own_part(asker: Asker, town: Town) -> None:
    person = resident(town)
    joined = await ask(asker, "resident/join_campaign", person, about(town, COMING))
    mine = joined["campaign"]["membership"]
    assert (mine["leftAt"], len(mine["inviteCode"])) == (None, 10)
    # Who takes part sees how many do, even one alone.
    assert joined["campaign"]["memberCount"] == 1
    left = await ask(asker, "resident/leave_campaign", person, about(town, COMING))
    assert left["campaign"]["membership"]["leftAt"] is not None
    invited = about(town, COMING, inviteCode=mine["inviteCode"])
    refused = await ask(asker, "resident/join_campaign", resident(town, 1), invited)
    assert refused["code"] == "invite_code_unknown"


async def test_rides_by_form_list_and_track(asker: Asker, town: Town) -> None:
    person = resident(town)
    ride = about(town, startedAt="2026-01-13T12:00:00Z", durationS=900, distanceM=4_000)
    answers = [await ask(asker, "resident/add_ride", person, ride) for _ in range(2)]
    assert [one["isNew"] for one in answers] == [True, False]
    key = answers[0]["ride"]["id"]
    longer = {"input": {"rideId": key, "distanceM": 4_500}}
    changed = await ask(asker, "resident/change_ride", person, longer)
    assert changed["ride"]["distanceM"] == 4_500
    track = await ask(asker, "resident/add_track", person, about(town, gpx=GPX))
    assert track["ride"]["source"] == "GPX"
    assert 1_000 < track["ride"]["distanceM"] < 1_100
    brought = await ask(asker, "resident/import_rides", person, about(town, csv=CSV))
    assert (brought["created"], brought["refused"]) == (2, [])
    mine = await ask(asker, "resident/my_rides", person, listed(town, ""))
    assert mine["totalCount"] == 6 + 4
    await ask(asker, "resident/delete_ride", person, {"input": {"rideId": key}})
    mine = await ask(asker, "resident/my_rides", person, listed(town, ""))
    assert mine["totalCount"] == 6 + 3


async def test_bad_rides_are_problems_with_codes(asker: Asker, town: Town) -> None:
    person = resident(town)
    good = {"startedAt": "2026-01-13T12:00:00Z", "durationS": 900, "distanceM": 4_000}
    for changes, code in (
        ({"distanceM": -4_000}, "invalid_ride"),
        ({"durationS": 60}, "impossible_ride"),
        ({"startedAt": "2026-01-15T20:59:00Z"}, "ride_outside_campaign"),
        ({"startedAt": "2020-01-15T20:59:00Z"}, "ride_outside_campaign"),
    ):
        answer = await ask(asker, "resident/add_ride", person, about(town, **(good | changes)))
        assert answer["code"] == code, changes
    for gpx, code in (
        ("<!DOCTYPE gpx [<!ENTITY a 'b'>]><gpx>&a;</gpx>", "invalid_track"),
        ("<gpx/>", "indoor_ride"),
        ("x" * 240_001, "invalid_argument"),
        ("\ud800", "invalid_track"),
    ):
        answer = await ask(asker, "resident/add_track", person, about(town, gpx=gpx))
        assert answer["code"] == code, gpx[:30]
    for csv in ("", "date\n", "\x00"):
        answer = await ask(asker, "resident/import_rides", person, about(town, csv=csv))
        assert answer["__typename"] == "InvalidInputProblem", csv


async def test_nobody_sees_the_rides_of_others_but_who_manages(asker: Asker, town: Town) -> None:
    other = town.campaigns.ride_ids[town.resident_ids[1]]
    variables = {"id": global_id("Ride", other)}
    coordinator = actor_as(Role.COORDINATOR, town.community_id, town.coordinator_id)
    for actor in (None, resident(town), coordinator):
        assert await ask(asker, ANY_RIDE, actor, variables) is None
    assert (await ask(asker, ANY_RIDE, manager(town), variables))["distanceM"] == 3_000
    everything = await ask(asker, "staff/campaign_rides", manager(town), listed(town, ""))
    own = await ask(asker, "staff/campaign_rides", coordinator, listed(town, ""))
    assert everything["totalCount"] > own["totalCount"] == 1


async def test_figures_are_for_staff_and_hide_few(asker: Asker, town: Town) -> None:
    figures = await ask(
        asker, "everybody/ride_figures", manager(town), {"campaignId": campaign(town)}
    )
    assert figures["memberCount"] == 14
    assert figures["rideCount"] == 6 + 6 + 12
    # Everybody rode and everybody is new: saying so would say it of each of them.
    assert (figures["riderCount"], figures["newRiderCount"]) == (None, None)
    assert (figures["carTripCount"], figures["co2Kg"]) == (None, None)
    for number in range(6):
        for actor in (resident(town, number), volunteer(town, number)):
            await ask(asker, "resident/leave_campaign", actor, about(town))
    few = await ask(asker, "everybody/ride_figures", manager(town), {"campaignId": campaign(town)})
    assert {few[name] for name in ("memberCount", "riderCount", "rideCount", "distanceKm")} == {
        None
    }


async def test_a_token_needs_its_scope(asker: Asker, town: Town) -> None:
    reader = with_scopes(resident(town), "campaigns:read")
    assert await ask(asker, "resident/my_rides", reader, listed(town, ""))
    refused = await ask(asker, "resident/leave_campaign", reader, about(town))
    assert refused["__typename"] == "NotPermittedProblem"
    without = await asker.ask(
        "resident/my_rides", with_scopes(resident(town), "groups:read"), **listed(town, "")
    )
    assert without.codes == ["scope_missing"]
