"""A person asks to be forgotten: nothing that tells who they are is left, on both databases."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from api.opening import CARRIED
from core.clock import FixedClock
from core.db import Database
from core.events import Event
from matching.kinds import AssignmentStatus, RequestStatus, VolunteerStatus
from matching.models import Assignment, HelpRequest, Volunteer
from matching.personal.erasure import Erased, erase_person
from messaging.kinds import MessageStatus
from messaging.models import Message, MessageWords
from people.auth import Actor
from people.errors import PersonUnknown
from people.kinds import Purpose, Role
from people.link_models import Link
from people.models import Household, HouseholdAddress, Person
from people.signing_in.models import ApiToken, OidcIdentity, Password, SignIn, SignInLink
from tests.factories.people import actor_as, add_community, add_person
from tests.ledger import find_consent
from tests.personal import MARKS, Town, add_town, dump, find_marks


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    async with database.begin() as session:
        return await add_town(session, clock)


async def erase(
    database: Database, clock: FixedClock, person_id: UUID, actor: Actor | None = None
) -> Erased:
    async with database.begin() as session:
        return await erase_person(
            session, actor or Actor(person_id=person_id), person_id, now=clock.now()
        )


def read_all(folder: Path) -> str:
    return b"".join(file.read_bytes() for file in folder.iterdir()).decode("latin-1")


@pytest.mark.parametrize(("who", "other"), [("resident", "volunteer"), ("volunteer", "resident")])
async def test_nothing_is_left_that_tells_who_it_was(
    database: Database, clock: FixedClock, town: Town, who: str, other: str
) -> None:
    before = await dump(database)
    assert find_marks(before, who) == list(MARKS[who])
    assert find_marks(before, other) == list(MARKS[other])

    done = await erase(database, clock, town.person_id(who))

    after = await dump(database)
    assert find_marks(after, who) == []
    # What is left of the other one is theirs: name, contacts, address.
    assert set(MARKS[other][:5]) <= set(find_marks(after, other))
    assert done.address_count == 1
    assert done.contact_count == 2
    assert await erase(database, clock, town.person_id(who)) == Erased()
    assert await dump(database) == after


async def test_what_is_open_ends_and_what_happened_stays(
    database: Database, clock: FixedClock, town: Town
) -> None:
    person_id = town.person_id("resident")
    done = await erase(database, clock, person_id)
    async with database.read() as session:
        person = await session.get_one(Person, person_id)
        request = await session.get_one(HelpRequest, town.work.request_id)
        work = await session.get_one(Assignment, town.work.id)
        kinds = set(await session.scalars(select(Event.kind)))
        waiting = (
            select(func.count())
            .select_from(Message)
            .where(Message.person_id == person_id, Message.status == MessageStatus.QUEUED)
        )
        links = select(func.count()).select_from(Link).where(Link.person_id == person_id)
        assert await session.scalar(waiting) == 0
        assert await session.scalar(links) == 0
        assert await find_consent(session, person_id, Purpose.MATCHING) is None
        assert await session.get(Household, request.household_id) is not None
        told = await session.scalar(
            select(Message.status)
            .join(MessageWords, MessageWords.message_id == Message.id)
            .where(Message.kind == "cancelled_by_resident")
        )
    assert done.cancelled_count == 1
    assert person.erased_at == clock.now()
    assert (request.status, work.status) == (RequestStatus.CANCELLED, AssignmentStatus.RELEASED)
    assert told is MessageStatus.QUEUED
    assert {"person.erased", "request.cancelled", "assignment.released", "address.released"} & kinds


async def test_a_volunteers_work_goes_to_others(
    database: Database, clock: FixedClock, town: Town
) -> None:
    done = await erase(database, clock, town.person_id("volunteer"))
    async with database.read() as session:
        volunteer = await session.get_one(Volunteer, town.asked.volunteer.id)
        request = await session.get_one(HelpRequest, town.work.request_id)
        work = await session.get_one(Assignment, town.work.id)
        erased = await session.scalar(
            select(func.count()).select_from(Person).where(Person.erased_at.is_not(None))
        )
    assert volunteer.status is VolunteerStatus.LEFT
    assert (request.status, request.seats_taken) == (RequestStatus.OPEN, 0)
    assert work.status is AssignmentStatus.RELEASED
    # Bartholomew, whom only the team knew, cannot ask: he goes along.
    assert (done.team_count, erased) == (1, 2)


async def test_an_address_stays_where_somebody_else_lives(
    database: Database, clock: FixedClock, town: Town
) -> None:
    async with database.begin() as session:
        request = town.asked.requests[0]
        home = await session.get_one(Household, request.household_id)
        await add_person(session, town.community, household=home)
    done = await erase(database, clock, town.person_id("resident"))
    assert done.address_count == 0
    async with database.read() as session:
        assert await session.get(HouseholdAddress, request.household_id) is not None


@pytest.mark.parametrize("case", ["anonymous", "other", "coordinator", "elsewhere", "nobody"])
async def test_only_the_person_and_their_manager_may(
    database: Database, clock: FixedClock, town: Town, case: str
) -> None:
    async with database.begin() as session:
        elsewhere = await add_community(session, slug="elsewhere")
    person_id = town.person_id("resident")
    actors = {
        "anonymous": Actor.anonymous(),
        "other": Actor(person_id=town.person_id("volunteer")),
        "coordinator": actor_as(Role.COORDINATOR, town.community.id),
        "elsewhere": actor_as(Role.MANAGER, elsewhere.id),
        "nobody": Actor.system(),
    }
    target = town.community.id if case == "nobody" else person_id
    before = await dump(database)
    with pytest.raises(PersonUnknown):
        await erase(database, clock, target, actors[case])
    assert await dump(database) == before
    if case == "coordinator":
        manager = actor_as(Role.MANAGER, town.community.id)
        assert (await erase(database, clock, person_id, manager)).contact_count == 2


async def test_two_at_once_are_one(database: Database, clock: FixedClock, town: Town) -> None:
    person_id = town.person_id("resident")
    done = await asyncio.gather(*(erase(database, clock, person_id) for _ in range(4)))
    assert sorted(row.contact_count for row in done) == [0, 0, 0, 2]
    async with database.read() as session:
        events = select(func.count()).select_from(Event).where(Event.kind == "person.erased")
        assert await session.scalar(events) == 1


async def test_the_file_itself_holds_nothing(
    sqlite_template: Path, tmp_path: Path, clock: FixedClock
) -> None:
    path = tmp_path / "talkoot.db"
    shutil.copyfile(sqlite_template, path)
    async with Database(f"sqlite:///{path}", info=CARRIED) as database:
        async with database.begin() as session:
            town = await add_town(session, clock)
        await erase(database, clock, town.person_id("resident"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    bytes_left = read_all(tmp_path)
    assert find_marks(bytes_left, "volunteer")
    assert find_marks(bytes_left, "resident") == []


async def test_every_way_in_is_closed(database: Database, clock: FixedClock, town: Town) -> None:
    ways = (SignIn, SignInLink, Password, ApiToken, OidcIdentity)

    async def count() -> list[int]:
        async with database.read() as session:
            return [
                await session.scalar(select(func.count()).select_from(way)) or 0 for way in ways
            ]

    assert await count() == [1, 1, 1, 1, 1]
    await erase(database, clock, town.person_id("volunteer"))
    assert await count() == [0, 0, 0, 0, 0]
