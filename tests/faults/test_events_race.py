"""150 seats, 400 people who sign up at once in two processes: exactly 150 have one.

The order of the line is the number that each sign-up was given while its transaction held the row
of the event's day.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from campaigns.events.kinds import RegistrationStatus
from campaigns.events.models import EventOccurrence, EventRegistration
from campaigns.events.seating import expire_offer
from campaigns.events.signing_up import cancel_registration, confirm_seat
from core.clock import FixedClock
from core.db import Database
from people.kinds import Role
from tests import sign_up_process
from tests.factories.events import add_event
from tests.factories.people import actor_as, add_community, add_person

SEATS, PEOPLE, PROCESSES = 150, 400, 2
TOGETHER = PROCESSES * sign_up_process.CROWD
LIMIT_S = 240
SEATED, WAITING, OFFERED = (
    RegistrationStatus.SEATED,
    RegistrationStatus.WAITING,
    RegistrationStatus.OFFERED,
)


Crowded = tuple[UUID, list[list[UUID]], list[EventRegistration]]


async def read_all(database: Database) -> list[EventRegistration]:
    async with database.read() as session:
        query = select(EventRegistration).order_by(EventRegistration.number)
        return list(await session.scalars(query))


def sign_up_at_once(url: str, day: EventOccurrence, people: list[UUID], clock: FixedClock) -> None:
    processes = [
        sign_up_process.start(url, day.id, day.community_id, clock.now(), people[n::PROCESSES])
        for n in range(PROCESSES)
    ]
    try:
        for _ in range(PEOPLE // TOGETHER):
            for process in processes:
                assert process.stdout is not None
                assert process.stdout.readline() == sign_up_process.READY
            for process in processes:
                assert process.stdin is not None
                process.stdin.write(sign_up_process.GO)
                process.stdin.flush()
        for process in processes:
            assert process.wait(LIMIT_S) == 0
    finally:
        for process in processes:
            process.kill()
            process.communicate()


@pytest.fixture
async def crowded(database: Database, database_url: str, clock: FixedClock) -> Crowded:
    """The community, who was in which process, and all sign-ups in the order of the line."""
    async with database.begin() as session:
        community = await add_community(session)
        _, (day,) = await add_event(session, community, now=clock.now(), capacity=SEATS)
        people = [(await add_person(session, community)).id for _ in range(PEOPLE)]
    sign_up_at_once(database_url, day, people, clock)
    parts = [people[n::PROCESSES] for n in range(PROCESSES)]
    return day.community_id, parts, await read_all(database)


def processes_of_each_crowd(
    parts: list[list[UUID]], rows: list[EventRegistration]
) -> list[set[int]]:
    """Which processes signed people up, in the order of the line, for each crowd of all of them."""
    process_of = {person_id: n for n, part in enumerate(parts) for person_id in part}
    return [
        {process_of[row.person_id] for row in rows[begun : begun + TOGETHER]}
        for begun in range(0, PEOPLE, TOGETHER)
    ]


async def test_400_people_and_150_seats(
    database: Database, clock: FixedClock, crowded: Crowded
) -> None:
    community_id, parts, rows = crowded
    assert [row.number for row in rows] == list(range(1, PEOPLE + 1))
    assert {row.status for row in rows[:SEATS]} == {SEATED}
    assert {row.status for row in rows[SEATS:]} == {WAITING}
    assert processes_of_each_crowd(parts, rows) == [set(range(PROCESSES))] * (PEOPLE // TOGETHER)
    async with database.read() as session:
        taken, numbers = (
            await session.execute(select(EventOccurrence.taken_count, EventOccurrence.last_number))
        ).one()
        people = await session.scalar(
            select(func.count(func.distinct(EventRegistration.person_id)))
        )
    assert (taken, numbers, people) == (SEATS, PEOPLE, PEOPLE)

    leaver = rows[17]
    async with database.begin() as session:
        await cancel_registration(
            session,
            actor_as(Role.RESIDENT, community_id, leaver.person_id),
            leaver.id,
            now=clock.now(),
        )
    after = {row.id: row for row in await read_all(database)}
    offered = [row for row in after.values() if row.status is OFFERED]
    assert [row.id for row in offered] == [rows[SEATS].id]
    assert sum(row.status is SEATED for row in after.values()) == SEATS - 1

    clock.advance(timedelta(hours=24))
    async with database.begin() as session:
        assert await expire_offer(session, offered[0].id, now=clock.now())
    after = {row.id: row for row in await read_all(database)}
    following = rows[SEATS + 1]
    assert after[following.id].status is OFFERED
    assert after[rows[SEATS].id].number > PEOPLE
    async with database.begin() as session:
        row = await confirm_seat(
            session,
            actor_as(Role.RESIDENT, community_id, following.person_id),
            following.id,
            now=clock.now(),
        )
        assert row.status is SEATED
    assert sum(row.status is SEATED for row in await read_all(database)) == SEATS
