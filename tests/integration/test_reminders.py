from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database, Session
from core.jobs import JobRegistry, JobTools, run_due_jobs
from core.settings import Settings
from matching import reminders
from matching.kinds import AssignmentStatus
from matching.models import Assignment
from matching.transitions import Cause, move_assignment
from messaging.models import Message
from people.kinds import Channel, Purpose, Role
from people.models import Consent, ContactPoint
from tests.factories.matching import add_offer, add_request, add_volunteer
from tests.factories.people import LONG_AGO, add_community, add_person

START = datetime(2026, 1, 16, 21, 30, tzinfo=UTC)
ACCEPTED = START - timedelta(hours=40)


async def add_visit(session: Session) -> Assignment:
    community = await add_community(session)
    request = await add_request(session, community)
    volunteer = await add_volunteer(session, community)
    await add_person(session, community, role=Role.MANAGER)
    session.add(
        ContactPoint(
            person_id=volunteer.person_id,
            channel=Channel.EMAIL,
            value="helper@example.org",
            preferred=True,
            verified_at=LONG_AGO,
        )
    )
    session.add(
        Consent(
            person_id=volunteer.person_id,
            community_id=community.id,
            purpose=Purpose.OFFERS,
            text_version="1",
            granted=True,
            recorded_at=LONG_AGO,
            source="form",
        )
    )
    offer = await add_offer(session, request, volunteer, starts_at=START)
    work = Assignment(
        community_id=community.id,
        request_id=request.id,
        volunteer_id=volunteer.id,
        offer_id=offer.id,
        seat=0,
        starts_at=START,
        ends_at=START + timedelta(minutes=30),
        accepted_at=ACCEPTED,
    )
    session.add(work)
    await session.flush()
    return work


async def run_until(database: Database, clock: FixedClock, end: datetime) -> list[str]:
    registry = JobRegistry()
    registry.add(reminders.REMIND, reminders.remind_job)
    tools = JobTools(database=database, clock=clock, settings=Settings())
    while clock.now() < end:
        clock.advance(timedelta(minutes=30))
        await run_due_jobs(database, registry, tools, until_idle=True)
    async with database.read() as session:
        keys = await session.scalars(select(Message.key).order_by(Message.queued_at))
        return [key.split(":")[1] for key in keys]


async def test_each_reminder_comes_once(database: Database) -> None:
    clock = FixedClock(ACCEPTED)
    async with database.begin() as session:
        work = await add_visit(session)
        for _ in range(2):
            assert await reminders.plan_reminders(session, work, now=clock.now()) == 2
    told = await run_until(database, clock, START + timedelta(hours=1))
    assert told == [reminders.DAY_BEFORE, reminders.SOON]
    async with database.begin() as session:
        again = await reminders.remind(session, work.id, reminders.SOON, now=ACCEPTED)
    assert again is False


@pytest.mark.parametrize("status", [AssignmentStatus.RELEASED, AssignmentStatus.IN_PROGRESS])
async def test_visit_that_was_given_back_or_has_begun_is_not_reminded_of(
    database: Database, status: AssignmentStatus
) -> None:
    clock = FixedClock(ACCEPTED)
    async with database.begin() as session:
        work = await add_visit(session)
        await reminders.plan_reminders(session, work, now=clock.now())
        await move_assignment(session, work.id, status, Cause(now=clock.now()))
    assert await run_until(database, clock, START + timedelta(hours=1)) == []


async def test_worker_that_slept_does_not_remind_at_the_door(database: Database) -> None:
    async with database.begin() as session:
        work = await add_visit(session)
        late = START - timedelta(minutes=44)
        assert await reminders.remind(session, work.id, reminders.SOON, now=late) is False
        just = START - timedelta(minutes=46)
        assert await reminders.remind(session, work.id, reminders.SOON, now=just) is True


async def test_staff_digest_says_what_waits_and_only_then(database: Database) -> None:
    now = datetime(2026, 1, 16, 14, 10, tzinfo=UTC)
    async with database.begin() as session:
        work = await add_visit(session)
        assert await reminders.digest_staff(session, work.community_id, now=now) == 1
        empty = await add_community(session, "emptytown")
        await add_person(session, empty, role=Role.MANAGER)
        assert await reminders.digest_staff(session, empty.id, now=now) == 0
