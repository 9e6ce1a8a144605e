"""Addresses that a volunteer left: none stays that nobody would find when they are forgotten."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database
from core.job_kinds import JobRegistry, JobTools
from core.jobs import run_due_jobs
from core.settings import Settings
from matching.models import Volunteer
from matching.personal.erasure import erase_person
from matching.volunteering.jobs import register_jobs
from matching.volunteering.signing_up import sign_up
from matching.volunteering.standing_back import leave_programme
from people.auth import Actor
from people.models import Community, Household, HouseholdAddress, Person
from people.safeguards_repository import load_vetting
from people.vetting import RecordVetting, find_valid_codes, record_vetting
from tests.factories.matching import add_request, add_volunteer
from tests.factories.people import add_community, add_household
from tests.volunteering import add_actor, check_form

WORK = "42 Imaginary Street"
HOME = "17 Imaginary Street"
NEXT_HOME = "19 Imaginary Street"


async def open_house(database: Database) -> tuple[Community, Actor]:
    async with database.begin() as session:
        community = await add_community(session)
        return community, await add_actor(session, community)


async def take_in(
    database: Database, community: Community, clock: FixedClock, actor: Actor, **form: object
) -> None:
    checked = check_form(community.id, **form)
    async with database.begin() as session:
        await sign_up(session, actor, checked, now=clock.now())


async def list_addresses(database: Database) -> list[str]:
    async with database.read() as session:
        return sorted(await session.scalars(select(HouseholdAddress.address_text)))


async def get_only(database: Database) -> Volunteer:
    async with database.read() as session:
        return (await session.scalars(select(Volunteer))).one()


async def test_signing_up_again_keeps_the_places_that_hold_and_no_others(
    database: Database, clock: FixedClock
) -> None:
    community, staff = await open_house(database)
    before = await list_addresses(database)
    noon = {"work_address": WORK, "work_hours": "Mon 12:00-13:00"}
    for form in (noon, noon, {**noon, "address": NEXT_HOME}, {**noon, "address": NEXT_HOME}):
        await take_in(database, community, clock, staff, **form)
    row = await get_only(database)
    async with database.read() as session:
        person = await session.get_one(Person, row.person_id)
    assert person.household_id == row.home_id
    assert await list_addresses(database) == sorted([*before, NEXT_HOME, WORK])

    await take_in(database, community, clock, staff, address=NEXT_HOME)
    assert (await get_only(database)).second_anchor_id is None
    assert await list_addresses(database) == sorted([*before, NEXT_HOME])

    async with database.begin() as session:
        await erase_person(session, Actor.system(), row.person_id, now=clock.now())
    assert await list_addresses(database) == before


async def test_signing_up_from_another_home_ends_the_checks_of_the_old_one(
    database: Database, clock: FixedClock
) -> None:
    community, staff = await open_house(database)
    await take_in(database, community, clock, staff)
    row = await get_only(database)
    async with database.begin() as session:
        for code in ("background_check", "training"):
            line = RecordVetting(community.id, row.person_id, code)
            await record_vetting(session, staff, line, now=clock.now())
    clock.advance(timedelta(days=1))
    await take_in(database, community, clock, staff, address=NEXT_HOME)
    async with database.read() as session:
        lines = await load_vetting(session, community.id, [row.person_id])
    assert find_valid_codes(lines[row.person_id], clock.now()) == {"training"}


async def test_a_strangers_word_moves_no_person(database: Database, clock: FixedClock) -> None:
    community, staff = await open_house(database)
    await take_in(database, community, clock, staff)
    row = await get_only(database)
    async with database.begin() as session:
        await leave_programme(session, staff, row.id, now=clock.now())
    for address in (NEXT_HOME, "21 Imaginary Street"):
        await take_in(database, community, clock, Actor.anonymous(), address=address)
        async with database.begin() as session:
            await leave_programme(session, staff, row.id, now=clock.now())
    async with database.begin() as session:
        person = await session.get_one(Person, row.person_id)
        assert person.household_id == row.home_id
        addresses = set(await list_addresses(database))
        assert HOME in addresses
        assert NEXT_HOME not in addresses
        await erase_person(session, Actor.system(), row.person_id, now=clock.now())
    assert not {HOME, "21 Imaginary Street"} & set(await list_addresses(database))


async def test_addresses_of_nobody_go_by_themselves(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        lost = await add_household(session, community)
        lost.source_key = "volunteer:ana@example.org"
        work = await add_household(session, community)
        left = await add_household(session, community)
        place = await add_household(session, community)
        request = await add_request(session, community)
        home_id, request.household_id = request.household_id, place.id
        volunteer = await add_volunteer(session, community, second_anchor_id=work.id)
        gone = await add_volunteer(session, community, second_anchor_id=left.id)
        person = await session.get_one(Person, gone.person_id)
        person.household_id, person.erased_at = None, clock.now()
        kept = {home_id, work.id, place.id, volunteer.home_id}
        forgotten = {lost.id, left.id, gone.home_id}

    async def list_homes() -> set[UUID]:
        async with database.read() as session:
            return set(await session.scalars(select(HouseholdAddress.household_id)))

    async def work_through() -> None:
        registry = JobRegistry()
        register_jobs(registry)
        await run_due_jobs(database, registry, JobTools(database, clock, Settings(), {}))

    assert await list_homes() == kept | forgotten
    clock.advance(timedelta(days=2))
    async with database.begin() as session:
        new = await add_household(session, community)
        new.created_at = clock.now()
        new_id = new.id
    await work_through()
    assert await list_homes() == kept | {new_id}
    async with database.read() as session:
        household = await session.get_one(Household, lost.id)
        assert household.source_key is None
