"""Nobody becomes somebody else: whoever reads what comes to a contact can sign in with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database
from people.auth import Actor
from people.kinds import Role
from people.models import ContactPoint, Membership
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id
from tests.graphql_api.townspeople import manager, with_scopes

MINE = "taken-over@elsewhere.example"
HOME = {"text": "", "lonDeg": -71.1106, "latDeg": 42.3736}


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock, scale=4)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


async def list_values(database: Database, person_id: UUID) -> set[str]:
    async with database.read() as session:
        query = select(ContactPoint.value).where(ContactPoint.person_id == person_id)
        return set(await session.scalars(query))


async def find_mail(database: Database, town: Town, person_id: UUID) -> str:
    async with database.read() as session:
        return (await session.get_one(ContactPoint, town.contact_ids[person_id])).value


async def find_phone(database: Database, person_id: UUID) -> str:
    async with database.read() as session:
        query = select(ContactPoint.value).where(
            ContactPoint.person_id == person_id, ContactPoint.value.startswith("+")
        )
        return str(await session.scalar(query.limit(1)))


def coordinator(town: Town) -> Actor:
    return actor_as(Role.COORDINATOR, town.community_id, town.coordinator_id)


async def sign_up(asker: Asker, actor: Actor, town: Town, **given: Any) -> Any:
    form = {
        "communityId": global_id("Community", town.community_id),
        "name": "Synthetic Newcomer",
        "home": HOME,
        "consents": ["MATCHING", "OFFERS"],
        "textVersion": "form-1",
        "weeklyHours": [{"weekday": 5, "startMin": 540, "endMin": 720}],
        **given,
    }
    return (await asker.ask("everybody/sign_up_volunteer", actor, input=form)).only


async def test_a_form_adds_no_contact_to_staff(
    asker: Asker, database: Database, town: Town
) -> None:
    boss = town.manager_id
    before = await list_values(database, boss)
    mail = await find_mail(database, town, boss)
    done = await sign_up(asker, coordinator(town), town, email=mail, phone="+16175550199")
    assert "volunteer" in done, done
    assert await list_values(database, boss) == before


async def test_a_form_adds_no_contact_by_way_of_a_token(
    asker: Asker, database: Database, town: Town
) -> None:
    me = town.volunteer_person_ids[1]
    before = await list_values(database, me)
    program = with_scopes(
        actor_as(Role.VOLUNTEER, town.community_id, me), "volunteers:write", "volunteers:read"
    )
    done = await sign_up(asker, program, town, email=MINE)
    assert "volunteer" in done, done
    assert await list_values(database, me) == before


async def test_people_of_two_communities_change_their_contacts_themselves(
    asker: Asker, database: Database, clock: FixedClock, town: Town
) -> None:
    other = await seed_town(database, clock, slug="frostville", scale=4)
    them = town.resident_ids[1]
    async with database.begin() as session:
        session.add(
            Membership(
                person_id=them,
                community_id=other.community_id,
                role=Role.VOLUNTEER,
                since=clock.now(),
            )
        )
    before = await list_values(database, them)
    given = {
        "communityId": global_id("Community", town.community_id),
        "personId": global_id("Person", them),
        "channel": "EMAIL",
        "value": MINE,
    }
    mail = global_id("ContactPoint", town.contact_ids[them])
    for actor in (manager(town), manager(other), coordinator(town)):
        for more in ({}, {"replacesId": mail}):
            answer = await asker.ask("resident/add_contact", actor, input=given | more)
            assert answer.only["code"] in ("not_permitted", "person_unknown")
    both = replace(manager(town), roles={**manager(town).roles, **manager(other).roles})
    assert await list_values(database, them) == before
    assert "contactPoint" in (await asker.ask("resident/add_contact", both, input=given)).only


async def test_a_storm_of_another_community_is_nobodys_here(
    asker: Asker, database: Database, clock: FixedClock, town: Town
) -> None:
    other = await seed_town(database, clock, slug="frostville", scale=4)
    me = actor_as(Role.VOLUNTEER, town.community_id, town.volunteer_person_ids[0])
    answers = []
    for storm_id in (other.storm_id, UUID(int=7)):
        given = {
            "volunteerId": global_id("Volunteer", town.volunteer_ids[0]),
            "stormId": global_id("Storm", storm_id),
        }
        answers.append(await asker.ask("volunteer/say_not_today", me, input=given))
    for answer in answers:
        assert answer.only["code"] == "storm_unknown"
