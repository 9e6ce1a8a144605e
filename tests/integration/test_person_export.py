"""What a person is given when they ask what is kept about them: all of it, and nobody else's."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from campaigns.personal import ROOMS
from core.clock import FixedClock
from core.columns import Base
from core.db import Database
from matching.intake.call_backs import AskForCall, ask_for_call
from matching.kinds import AssignmentStatus, BanSide
from matching.models import Assignment, Ban
from matching.offers.answering import release_work
from matching.offers.visit_models import VisitThanks
from matching.personal.belongings_repository import load_belongings
from matching.personal.export import export_person
from matching.personal.export_repository import tables_of
from people.auth import Actor
from people.errors import PersonUnknown
from people.kinds import Channel, Role
from people.models import ContactPoint, Person, PersonName
from tests.factories.people import actor_as
from tests.personal import MARKS, Town, add_town, find_marks

ABOUT_A_PERSON = {"person", "volunteer", "help_request", "standing_request", "household"}
LEFT_OUT = {
    "depot": "a place of the programme",
    "result_publication": "who of the staff published it",
    "round": "who of the staff began it",
    "round_job": "who of the staff asked for it",
    "unserved_reason": "names other volunteers by id",
    "volunteer_reach": "ways to other people's homes, worked out from the address",
    "webhook_endpoint": "who of the staff added it",
}
"""Tables that point to people and are not given out, and why."""
NOT_GIVEN = {"Bartholomew", "blue pot", "327123.4", "327555.5"}
"""A team member's own name; what a picture shows; where a home is, once more, in a plan."""


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    async with database.begin() as session:
        return await add_town(session, clock)


async def export(
    database: Database, clock: FixedClock, town: Town, who: str, actor: Actor | None = None
) -> str:
    person_id = town.person_id(who)
    async with database.begin() as session:
        kept = await export_person(
            session, actor or Actor(person_id=person_id), person_id, now=clock.now()
        )
    return json.dumps(kept, ensure_ascii=False)


async def test_every_table_about_people_is_given_out_or_left_out_for_a_reason(
    database: Database, town: Town
) -> None:
    async with database.read() as session:
        person = await session.get_one(Person, town.person_id("resident"))
        given = tables_of(person, await load_belongings(session, person))
    pointing = {
        table.name
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in ABOUT_A_PERSON
    }
    in_rooms = {name for room in ROOMS for name in room.TABLES}
    assert pointing - {table.__tablename__ for table in given} - in_rooms == set(LEFT_OUT)


async def test_all_is_there_and_nobody_elses(
    database: Database, clock: FixedClock, town: Town
) -> None:
    for who, mine in MARKS.items():
        kept = await export(database, clock, town, who)
        assert set(find_marks(kept, who)) >= set(mine) - NOT_GIVEN
    resident = await export(database, clock, town, "resident")
    assert "Key under the blue pot" in resident
    # What the volunteer wrote to the resident is the resident's too: only there is her name.
    assert set(find_marks(resident, "volunteer")) <= {"Anastasia", "Feldspar"}
    assert "token" not in resident
    assert "/l/***" in resident


async def test_whom_others_do_not_want_to_meet_stays_out(
    database: Database, clock: FixedClock, town: Town
) -> None:
    clock.advance(timedelta(minutes=1))
    async with database.begin() as session:
        actor = Actor(person_id=town.person_id("volunteer"))
        await release_work(session, actor, town.work.id, now=clock.now(), reason="not_this_person")
        session.add(
            Ban(
                community_id=town.community.id,
                volunteer_id=town.asked.volunteer.id,
                resident_id=town.person_id("resident"),
                created_at=clock.now(),
                asked_by=BanSide.VOLUNTEER,
                reason="not_this_person",
            )
        )
    assert "not_this_person" in await export(database, clock, town, "volunteer")
    resident = await export(database, clock, town, "resident")
    assert "not_this_person" not in resident
    assert '"ban"' not in resident


async def test_thanks_are_given_to_whoever_came(
    database: Database, clock: FixedClock, town: Town
) -> None:
    words = "The steps were clear by noon"
    async with database.begin() as session:
        session.add(VisitThanks(request_id=town.work.request_id, words=words, said_at=clock.now()))
    assert words in await export(database, clock, town, "resident")
    for status in AssignmentStatus:
        async with database.begin() as session:
            (await session.get_one(Assignment, town.work.id)).status = status
        kept = await export(database, clock, town, "volunteer")
        assert (words in kept) == (status is AssignmentStatus.DONE)


async def test_a_call_that_was_asked_for_without_signing_in_is_given_to_who_can_prove_it(
    database: Database, clock: FixedClock, town: Town
) -> None:
    now = clock.now()
    key = town.person_id("resident")
    async with database.begin() as session:
        name = await session.get_one(PersonName, key)
        for called, said in ((name.full_name.upper(), "My walk"), ("Bo Lodger", "My shifts")):
            asked = AskForCall(called, "617 555 0155", said)
            await ask_for_call(session, Actor.anonymous(), town.community, asked, now=now)
        point = ContactPoint(person_id=key, channel=Channel.SMS, value="+16175550155")
        session.add(point)
    assert "My walk" not in await export(database, clock, town, "resident")
    async with database.begin() as session:
        (await session.merge(point)).verified_at = now
    kept = await export(database, clock, town, "resident")
    assert "My walk" in kept
    assert "My shifts" not in kept
    assert "My walk" not in await export(database, clock, town, "volunteer")


async def test_only_the_person_and_their_manager_may_read_it(
    database: Database, clock: FixedClock, town: Town
) -> None:
    for actor in (
        Actor.anonymous(),
        Actor(person_id=town.person_id("volunteer")),
        actor_as(Role.COORDINATOR, town.community.id),
    ):
        with pytest.raises(PersonUnknown):
            await export(database, clock, town, "resident", actor)
    manager = actor_as(Role.MANAGER, town.community.id)
    assert "Wilhelmina" in await export(database, clock, town, "resident", manager)
