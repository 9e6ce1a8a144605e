"""Offers through the API: what is open, what a yes brings, and what is never told before it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType, get_named_type
from sqlalchemy import select, update

from core.clock import FixedClock
from core.db import Database
from core.events import Event
from matching.kinds import AskStatus, OfferStatus, RequestStatus, StormStatus
from matching.models import Ban, HelpRequest, Offer, Storm, Volunteer
from matching.offers.models import Ask
from people.auth import Actor
from people.kinds import Role
from people.models import HouseholdAddress, PersonName
from tests.factories.asks import Asked, add_homes, add_storm, ask_volunteer
from tests.factories.people import actor_as, add_community
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id, the_schema
from tests.graphql_api.statements import counted_statements

RESIDENT_SIDE = {"HelpRequest", "Household", "Person", "VisitDetails", "Assignment", "Volunteer"}


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


async def ask_about_homes(
    database: Database, *, homes: int = 3, planned: int = 2, **values: Any
) -> Asked:
    """A storm in a new community, and one volunteer who was asked."""
    async with database.begin() as session:
        community = await add_community(session)
        storm = await add_storm(session, community)
        requests = await add_homes(session, community, storm, homes)
        return await ask_volunteer(session, community, storm, requests, planned=planned, **values)


def actor_of(asked: Asked) -> Actor:
    return actor_as(Role.VOLUNTEER, asked.volunteer.community_id, asked.volunteer.person_id)


async def open_offers(asker: Asker, actor: Actor) -> dict[str, Any]:
    (found,) = (await asker.ask("volunteer/my_offers", actor)).only
    assert isinstance(found, dict)
    return found


def test_nothing_before_a_yes_leads_to_the_resident() -> None:
    schema = the_schema()._schema
    reached, waiting = set(), {"Offer", "OfferedHome", "OpenHome", "Ask", "OpenOffers"}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        kind = schema.type_map[name]
        if isinstance(kind, GraphQLUnionType):
            following = [member.name for member in kind.types]
        elif isinstance(kind, GraphQLInterfaceType):
            following = [member.name for member in schema.get_possible_types(kind)]
        elif isinstance(kind, GraphQLObjectType):
            following = [get_named_type(field.type).name for field in kind.fields.values()]
        else:
            following = []
        waiting |= set(following) - reached
    assert reached & RESIDENT_SIDE == set()
    words = {
        field
        for name in reached
        if isinstance(kind := schema.type_map[name], GraphQLObjectType)
        for field in kind.fields
    }
    forbidden = {"address", "name", "fullName", "phone", "email", "accessNotes", "lonDeg", "latDeg"}
    assert words & forbidden == set()


async def test_the_plan_and_what_else_is_open(
    asker: Asker, database: Database, clock: FixedClock
) -> None:
    asked = await ask_about_homes(database)
    found = await open_offers(asker, actor_of(asked))
    (ask,) = found["asks"]
    assert [offer["code"] for offer in ask["plan"]] == ["K7", "M4"]
    assert ask["goneCount"] == 0
    first = ask["plan"][0]
    assert first["id"] == global_id("Offer", asked.offers[0].id)
    assert first["home"]["kind"] == "SNOW"
    assert first["home"]["area"] == "Riverside"
    assert first["home"]["travel"] == "FROM_5_TO_10_MIN"
    assert len(first["home"]["scope"]) == 1
    assert first["home"]["serviceS"] == 1_800
    assert {"NEAR", "PART_OF_PLAN", "FITS_TIME"} <= set(first["home"]["why"])
    (other,) = found["menu"]
    assert other["home"]["id"] == global_id("OfferedHome", asked.requests[2].id)
    assert other["code"] is None
    assert "PART_OF_PLAN" not in other["home"]["why"]


async def test_no_word_about_the_resident_is_told_before_a_yes(
    asker: Asker, database: Database, town: Town
) -> None:
    answer = await asker.ask("volunteer/my_offers", volunteer(town))
    listed = await asker.ask(
        "volunteer/past_offers",
        volunteer(town),
        communityId=global_id("Community", town.community_id),
        first=50,
    )
    told = json.dumps([answer.only, listed.only])
    async with database.read() as session:
        names = list(await session.scalars(select(PersonName.full_name)))
        streets = list(await session.scalars(select(HouseholdAddress.address_text)))
    assert len(told) > 1_000
    assert [word for word in (*names, *streets, "@", "+1617") if word in told] == []


async def test_another_volunteers_offers_are_not_there(asker: Asker, town: Town) -> None:
    mine = {
        o["id"] for a in (await open_offers(asker, volunteer(town, 1)))["asks"] for o in a["plan"]
    }
    assert mine == {global_id("Offer", town.offer_ids[1])}
    node = "query ($id: ID!) { node(id: $id) { id } }"
    foreign = global_id("Offer", town.offer_ids[0])
    assert (await asker.ask(node, volunteer(town, 1), id=foreign)).only is None


@pytest.mark.parametrize("what", ["paused", "full", "ice", "closed", "banned", "declined"])
async def test_what_is_not_for_them_now_is_not_shown(
    asker: Asker, database: Database, what: str, clock: FixedClock
) -> None:
    asked = await ask_about_homes(database, homes=1, planned=1)
    async with database.begin() as session:
        if what == "paused":
            until = clock.now() + timedelta(days=1)
            change: Any = update(Volunteer).values(paused_until=until)
        elif what == "full":
            change = update(Volunteer).values(max_tasks=0)
        elif what == "ice":
            change = update(Storm).values(status=StormStatus.HOLD, hold_reason="ice")
        elif what == "closed":
            change = update(HelpRequest).values(status=RequestStatus.CANCELLED)
        elif what == "declined":
            change = update(Offer).values(status=OfferStatus.DECLINED)
        else:
            session.add(
                Ban(
                    community_id=asked.volunteer.community_id,
                    volunteer_id=asked.volunteer.id,
                    resident_id=asked.requests[0].resident_id,
                    created_at=clock.now(),
                )
            )
            change = update(Volunteer).values(load=1.0)
        await session.execute(change)
    found = await open_offers(asker, actor_of(asked))
    assert [offer for ask in found["asks"] for offer in ask["plan"]] == []
    assert found["menu"] == []


async def test_homes_of_an_older_message_are_still_offered(
    asker: Asker, database: Database
) -> None:
    asked = await ask_about_homes(database, homes=2, planned=2)
    async with database.begin() as session:
        await session.execute(update(Ask).values(status=AskStatus.SILENT))
        await session.execute(update(Offer).values(status=OfferStatus.EXPIRED))
    (ask,) = (await open_offers(asker, actor_of(asked)))["asks"]
    assert ask["status"] == "SILENT"
    assert [offer["code"] for offer in ask["plan"]] == ["K7", "M4"]


async def test_statements_stay_the_same_however_many_homes(
    asker: Asker, database: Database
) -> None:
    counts = []
    for homes in (2, 25):
        async with database.begin() as session:
            community = await add_community(session, f"town-{homes}")
            storm = await add_storm(session, community)
            requests = await add_homes(session, community, storm, homes)
            asked = await ask_volunteer(session, community, storm, requests, planned=2)
        with counted_statements() as sent:
            found = await open_offers(asker, actor_of(asked))
        assert len(found["menu"]) == homes - 2
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 6


async def test_a_yes_brings_the_visit_and_saying_it_twice_changes_nothing(
    asker: Asker, town: Town
) -> None:
    given = {"offerId": global_id("Offer", town.offer_ids[0])}
    first = (await asker.ask("volunteer/accept_offer", volunteer(town), input=given)).only
    again = (await asker.ask("volunteer/accept_offer", volunteer(town), input=given)).only
    assert first["reply"]["outcome"] == "AGREED"
    assert first["reply"]["assignment"]["status"] == "ACCEPTED"
    assert first["reply"]["assignment"]["routeOrder"] in (1, 2)
    assert first["reply"]["offer"]["status"] == "ACCEPTED"
    assert again == first


async def test_a_yes_to_a_taken_home_puts_another_one_forward(
    asker: Asker, database: Database
) -> None:
    asked = await ask_about_homes(database, homes=2, planned=1)
    async with database.begin() as session:
        await session.execute(
            update(HelpRequest)
            .where(HelpRequest.id == asked.requests[0].id)
            .values(status=RequestStatus.ACCEPTED, seats_taken=1)
        )
    given = {"offerId": global_id("Offer", asked.offers[0].id)}
    reply = (await asker.ask("volunteer/accept_offer", actor_of(asked), input=given)).only["reply"]
    assert reply["outcome"] == "TAKEN"
    assert reply["assignment"] is None
    home = reply["substitute"]["home"]
    assert home["id"] == global_id("OfferedHome", asked.requests[1].id)
    assert home["label"]
    given |= {"anyHome": True}
    reply = (await asker.ask("volunteer/accept_offer", actor_of(asked), input=given)).only["reply"]
    assert reply["outcome"] == "AGREED"
    assert reply["offer"]["id"] != given["offerId"]


async def test_a_home_of_the_menu_is_taken(asker: Asker, database: Database) -> None:
    asked = await ask_about_homes(database, homes=2, planned=1)
    (other,) = (await open_offers(asker, actor_of(asked)))["menu"]
    given = {
        "volunteerId": global_id("Volunteer", asked.volunteer.id),
        "homeId": other["home"]["id"],
    }
    reply = (await asker.ask("volunteer/take_home", actor_of(asked), input=given)).only["reply"]
    assert reply["outcome"] == "AGREED"
    left = await open_offers(asker, actor_of(asked))
    assert left["menu"] == []
    assert left["heldCount"] == 1


async def test_a_home_that_was_never_put_to_them_is_not_open(asker: Asker, town: Town) -> None:
    given = {
        "volunteerId": global_id("Volunteer", town.volunteer_ids[0]),
        "homeId": global_id("OfferedHome", town.request_ids[2 * len(town.resident_ids)]),
    }
    answer = await asker.ask("volunteer/take_home", volunteer(town), input=given)
    assert answer.only["code"] == "home_not_open"


async def test_a_yes_to_the_whole_plan(asker: Asker, database: Database) -> None:
    asked = await ask_about_homes(database, homes=3, planned=2)
    given = {"askId": global_id("Ask", asked.ask.id)}
    found = (await asker.ask("volunteer/accept_plan", actor_of(asked), input=given)).only
    assert [reply["outcome"] for reply in found["replies"]] == ["AGREED", "AGREED"]
    assert [reply["assignment"]["routeOrder"] for reply in found["replies"]] == [1, 2]


async def test_whatever_is_best_is_taken_until_nothing_is_left(
    asker: Asker, database: Database
) -> None:
    asked = await ask_about_homes(database, homes=1, planned=1)
    given = {"volunteerId": global_id("Volunteer", asked.volunteer.id)}
    first = (await asker.ask("volunteer/take_best_home", actor_of(asked), input=given)).only
    assert first["reply"]["outcome"] == "AGREED"
    again = (await asker.ask("volunteer/take_best_home", actor_of(asked), input=given)).only
    assert again["reply"] is None


async def test_a_no_says_why_and_is_taken_once(asker: Asker, database: Database) -> None:
    asked = await ask_about_homes(database, homes=2, planned=2)
    given = {"offerId": global_id("Offer", asked.offers[0].id), "reason": "TOO_FAR"}
    for _ in range(2):
        found = (await asker.ask("volunteer/decline_offer", actor_of(asked), input=given)).only
        assert found["offer"]["status"] == "DECLINED"
    plan = {"askId": global_id("Ask", asked.ask.id)}
    counts = [
        (await asker.ask("volunteer/decline_plan", actor_of(asked), input=plan)).only[
            "declinedCount"
        ]
        for _ in range(2)
    ]
    assert counts == [1, 0]
    async with database.read() as session:
        events = list(await session.scalars(select(Event).where(Event.kind == "offer.declined")))
    assert sorted(str(event.reason) for event in events) == ["None", "too_far"]


async def test_not_today_ends_the_messages_and_a_late_yes_still_counts(
    asker: Asker, database: Database
) -> None:
    asked = await ask_about_homes(database, homes=1, planned=1)
    given = {"volunteerId": global_id("Volunteer", asked.volunteer.id)}
    await asker.ask("volunteer/say_not_today", actor_of(asked), input=given)
    found = await open_offers(asker, actor_of(asked))
    assert found["stoppedForStorm"] is True
    yes = {"offerId": global_id("Offer", asked.offers[0].id)}
    reply = (await asker.ask("volunteer/accept_offer", actor_of(asked), input=yes)).only["reply"]
    assert reply["outcome"] == "AGREED"


@pytest.mark.parametrize("operation", ["volunteer/accept_offer", "volunteer/decline_offer"])
async def test_somebody_elses_offer_answers_like_a_missing_one(
    asker: Asker, town: Town, operation: str
) -> None:
    answers = [
        (await asker.ask(operation, volunteer(town, 1), input={"offerId": key})).only
        for key in (
            global_id("Offer", town.offer_ids[0]),
            global_id("Offer", "00000000-0000-7000-8000-000000000000"),
            global_id("Ask", town.offer_ids[0]),
            global_id("Offer", "1"),
        )
    ]
    assert {answer["__typename"] for answer in answers} == {"NotFoundProblem"}
    assert len({answer["message"] for answer in answers}) == 1


async def test_a_token_without_the_scope_reads_and_answers_nothing(
    asker: Asker, town: Town
) -> None:
    reader = volunteer(town, scopes=frozenset({"requests:read"}))
    assert (await asker.ask("volunteer/my_offers", reader)).codes == ["scope_missing"]
    only_reads = volunteer(town, scopes=frozenset({"offers:read"}))
    given = {"offerId": global_id("Offer", town.offer_ids[0])}
    answer = await asker.ask("volunteer/accept_offer", only_reads, input=given)
    assert answer.only["code"] == "scope_missing"
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await asker.ask(node, reader, id=given["offerId"])).codes == ["scope_missing"]


async def test_another_towns_manager_sees_no_offers(
    asker: Asker, database: Database, clock: FixedClock, town: Town
) -> None:
    other = await seed_town(database, clock, slug="frostville", scale=4)
    listed = {"communityId": global_id("Community", town.community_id), "first": 50}
    assert (await asker.ask("staff/list_offers", manager(other), **listed)).only["nodes"] == []
    found = (await asker.ask("staff/list_offers", manager(town), **listed)).only
    assert found["totalCount"] == len(found["nodes"]) == len(town.offer_ids)
    assert all(node["home"]["label"] for node in found["nodes"])


@pytest.mark.parametrize("descending", [True, False])
async def test_offers_are_filtered_sorted_and_paged(
    asker: Asker, town: Town, descending: bool
) -> None:
    listed: dict[str, Any] = {
        "communityId": global_id("Community", town.community_id),
        "filter": {
            "statuses": ["SENT"],
            "volunteerId": global_id("Volunteer", town.volunteer_ids[0]),
        },
        "sort": {"by": "STARTS", "direction": "DESCENDING" if descending else "ASCENDING"},
        "first": 3,
    }
    seen, after = [], None
    while True:
        page = (await asker.ask("staff/list_offers", manager(town), after=after, **listed)).only
        seen += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == page["totalCount"] == 4
    starts = [node["startsAt"] for node in seen]
    assert starts == sorted(starts, reverse=descending)


async def test_offers_that_nobody_has_sent_are_for_staff(asker: Asker, database: Database) -> None:
    asked = await ask_about_homes(database, homes=1, planned=1)
    async with database.begin() as session:
        await session.execute(update(Offer).values(status=OfferStatus.PROPOSED, sent_at=None))
        await session.execute(update(Ask).values(status=AskStatus.PROPOSED, sent_at=None))
    community_id = asked.volunteer.community_id
    listed = {"communityId": global_id("Community", community_id), "first": 5}
    boss = actor_as(Role.MANAGER, community_id, asked.volunteer.person_id)
    assert len((await asker.ask("staff/list_offers", boss, **listed)).only["nodes"]) == 1
    own = await asker.ask("volunteer/past_offers", actor_of(asked), **listed)
    assert own.only["nodes"] == []
    found = await open_offers(asker, actor_of(asked))
    assert found["asks"] == []


async def test_staff_let_proposals_go_or_strike_them(asker: Asker, database: Database) -> None:
    asked = await ask_about_homes(database, homes=1, planned=1)
    async with database.begin() as session:
        await session.execute(update(Offer).values(status=OfferStatus.PROPOSED, sent_at=None))
        await session.execute(update(Ask).values(status=AskStatus.PROPOSED, sent_at=None))
    community_id = asked.volunteer.community_id
    boss = actor_as(Role.MANAGER, community_id, asked.volunteer.person_id)
    everything = {"communityId": global_id("Community", community_id)}
    sent = (await asker.ask("staff/send_proposals", boss, input=everything)).only
    assert sent["askCount"] == 1
    one = {"askId": global_id("Ask", asked.ask.id)}
    await asker.ask("staff/strike_proposal", boss, input=one)
    sent = (await asker.ask("staff/send_proposals", boss, input=everything)).only
    assert sent["askCount"] == 0
    async with database.read() as session:
        status = await session.scalar(select(Offer.status).where(Offer.ask_id == asked.ask.id))
    assert status is OfferStatus.WITHDRAWN
