"""Thanks after a visit, and calls that somebody asked for: once, bounded, and forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from core.jobs import JobTools
from core.pagination import PageArgs, read_page
from core.settings import Settings
from matching.errors import NothingDoneYet, RequestUnknown
from matching.intake import call_back_repository
from matching.intake.call_backs import (
    KEPT_AFTER_CALL,
    KEPT_WAITING,
    AskForCall,
    CallBackUnknown,
    TooManyCallBacks,
    ask_for_call,
    close_call,
    forget_call_backs,
    reopen_call,
)
from matching.intake.models import CallBack
from matching.offers.casework import confirm_done
from matching.offers.thanking import InvalidThanks, take_back_thanks, thank_helpers
from matching.offers.thanks_repository import list_own_thanks
from matching.offers.visit_models import VisitThanks
from matching.personal.erasure import erase_person
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as, add_community, add_person
from tests.personal import Town, add_town

WORDS = "Thank you Anastasia! Call me at 617-555-0199."
CALLER = AskForCall(name="Jo Sample", phone="617-555-0143", about="My request", language="en")


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    async with database.begin() as session:
        return await add_town(session, clock)


async def test_thanks_are_said_once_by_the_resident_and_reach_who_came(
    database: Database, clock: FixedClock, town: Town
) -> None:
    now, key = clock.now(), town.asked.requests[0].id
    resident = Actor(person_id=town.person_id("resident"))
    helper = Actor(person_id=town.person_id("volunteer"))
    async with database.begin() as session:
        with pytest.raises(NothingDoneYet):
            await thank_helpers(session, resident, key, "Thanks", now=now)
        await confirm_done(session, resident, key, now=now)
        with pytest.raises(RequestUnknown):
            await thank_helpers(session, helper, key, "Well done, me", now=now)
        with pytest.raises(InvalidThanks):
            await thank_helpers(session, resident, key, "very " * 61, now=now)
        said = await thank_helpers(session, resident, key, WORDS, now=now)
        again = await thank_helpers(session, resident, key, "Other words", now=now)
        assert said.words == again.words == "Thank you Anastasia! Call me at ***."
    async with database.read() as session:
        long_ago = now - timedelta(days=1)
        ((mine, _),) = await list_own_thanks(session, helper, since=long_ago)
        assert mine.words == said.words
        assert await list_own_thanks(session, resident, since=long_ago) == []
    # Whoever came is forgotten, and with them the words that name them.
    async with database.begin() as session:
        await erase_person(session, helper, helper.person_id or key, now=now)
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(VisitThanks)) == 0


async def test_staff_take_away_words_that_hurt(
    database: Database, clock: FixedClock, town: Town
) -> None:
    now, key = clock.now(), town.asked.requests[0].id
    resident = Actor(person_id=town.person_id("resident"))
    staff = actor_as(Role.COORDINATOR, town.community.id)
    async with database.begin() as session:
        await confirm_done(session, resident, key, now=now)
        await thank_helpers(session, resident, key, "", now=now)
        for _ in range(2):
            await take_back_thanks(session, staff, key, now=now)
        again = await thank_helpers(session, resident, key, "Once more", now=now)
        assert (again.words, again.removed_at) == ("", now)
        helper = Actor(person_id=town.person_id("volunteer"))
        assert await list_own_thanks(session, helper, since=now - timedelta(days=1)) == []


async def test_a_call_waits_once_for_staff_of_the_town_and_its_number_goes(
    database: Database, clock: FixedClock
) -> None:
    nobody = Actor.anonymous()
    async with database.begin() as session:
        town = await add_community(session)
        other = await add_community(session, slug="elsewhere")
        first = await ask_for_call(session, nobody, town, CALLER, now=clock.now())
        again = await ask_for_call(session, nobody, town, CALLER, now=clock.now())
        assert first.id == again.id
        assert first.phone == "+16175550143"
        person = await add_person(session, town, role=Role.COORDINATOR)
        staff = actor_as(Role.COORDINATOR, town.id, person.id)
        foreign = actor_as(Role.MANAGER, other.id)
    async with database.begin() as session:
        for actor, count in ((staff, 1), (foreign, 0), (nobody, 0)):
            listing = call_back_repository.list_waiting(actor, town.id)
            assert len((await read_page(session, listing, PageArgs(10))).items) == count
        with pytest.raises(CallBackUnknown):
            await close_call(session, foreign, first.id, now=clock.now())
        for _ in range(2):
            await close_call(session, staff, first.id, now=clock.now())
        # They ask again; then somebody sees that nobody was reached the first time.
        urgent = AskForCall(name="jo sample", phone="617-555-0143", about="It is urgent")
        await ask_for_call(session, nobody, town, urgent, now=clock.now())
        for _ in range(2):
            whole = await reopen_call(session, staff, first.id, now=clock.now())
            first = whole
        assert whole.about == "My request\nIt is urgent"
        await close_call(session, staff, whole.id, now=clock.now())
    tools = JobTools(database, clock, Settings.from_environment({}), {})
    await forget_call_backs(tools, {})
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(CallBack)) == 1
    clock.advance(KEPT_AFTER_CALL + timedelta(minutes=1))
    await forget_call_backs(tools, {})
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(CallBack)) == 0


async def test_a_strangers_call_goes_when_whoever_has_the_number_is_forgotten(
    database: Database, clock: FixedClock, town: Town
) -> None:
    async with database.begin() as session:
        nobody = Actor.anonymous()
        for phone in ("617-555-0199", "617-555-0143"):
            command = AskForCall(name="Jo Sample", phone=phone)
            await ask_for_call(session, nobody, town.community, command, now=clock.now())
        resident = town.person_id("resident")
        await erase_person(session, Actor(person_id=resident), resident, now=clock.now())
        left = list(await session.scalars(select(CallBack.phone)))
        assert left == ["+16175550143"]


async def test_a_number_takes_so_many_names_and_waits_so_long(
    database: Database, clock: FixedClock
) -> None:
    nobody, tools = Actor.anonymous(), JobTools(database, clock, Settings.from_environment({}), {})
    async with database.begin() as session:
        town = await add_community(session)
        for letter in "abcdefghij":
            command = AskForCall(name=f"Jo {letter}", phone="617-555-0143")
            await ask_for_call(session, nobody, town, command, now=clock.now())
        with pytest.raises(TooManyCallBacks):
            await ask_for_call(session, nobody, town, CALLER, now=clock.now())
    clock.advance(KEPT_WAITING)
    async with database.begin() as session:
        command = AskForCall(name="Jo A", phone="617-555-0143")
        await ask_for_call(session, nobody, town, command, now=clock.now())
    clock.advance(timedelta(minutes=1))
    await forget_call_backs(tools, {})
    async with database.read() as session:
        # Who has asked again lately waits on.
        assert list(await session.scalars(select(CallBack.name))) == ["Jo a"]
