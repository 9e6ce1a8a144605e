from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from core.clock import FixedClock
from core.db import Database
from matching.errors import AssignmentUnknown, NothingDoneYet, WorkOver
from matching.kinds import AssignmentStatus, RequestStatus
from matching.models import Assignment, HelpRequest
from matching.offers.answering import accept_offer
from matching.offers.casework import (
    confirm_done,
    release_no_show,
    report_done,
    report_not_done,
    start_work,
)
from matching.offers.no_shows import KIND, check_visits
from messaging.kinds import MessageStatus
from messaging.models import Message
from people.auth import Actor
from people.consents import RecordConsent, record_consent
from people.kinds import Purpose, Role
from people.rules import Rules
from tests.factories.asks import Asked, add_homes, add_storm, ask_volunteer, give_number
from tests.factories.people import actor_as, add_community

SYSTEM = Actor.system()
RULES = Rules()


@pytest.fixture
async def visit(database: Database, clock: FixedClock) -> tuple[Asked, Assignment]:
    async with database.begin() as session:
        community = await add_community(session)
        storm = await add_storm(session, community)
        asked = await ask_volunteer(
            session, community, storm, await add_homes(session, community, storm, 1)
        )
        await give_number(session, asked.volunteer.person_id, "+16175550101")
        consent = RecordConsent(
            person_id=asked.volunteer.person_id,
            community_id=community.id,
            purpose=Purpose.OFFERS,
            granted=True,
            text_version="1",
            source="phone",
        )
        await record_consent(session, SYSTEM, consent, now=clock.now())
        work = await accept_offer(session, SYSTEM, asked.offers[0].id, now=clock.now())
        return asked, work


async def check(database: Database, asked: Asked, clock: FixedClock) -> tuple[int, int]:
    async with database.begin() as session:
        return await check_visits(session, asked.ask.community_id, now=clock.now())


async def deliver(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        await session.execute(
            update(Message)
            .where(Message.kind == KIND)
            .values(status=MessageStatus.SENT, sent_at=clock.now())
        )


async def state(database: Database, work: Assignment) -> tuple[AssignmentStatus, RequestStatus]:
    async with database.read() as session:
        row = await session.get_one(Assignment, work.id)
        return row.status, (await session.get_one(HelpRequest, work.request_id)).status


async def test_visit_is_asked_about_and_then_given_to_others(
    database: Database, clock: FixedClock, visit: tuple[Asked, Assignment]
) -> None:
    asked, work = visit
    assert await check(database, asked, clock) == (0, 0)
    clock.advance(work.ends_at - clock.now() + timedelta(seconds=RULES.no_show_after_s + 1))
    assert await check(database, asked, clock) == (1, 0)
    assert await check(database, asked, clock) == (0, 0)
    clock.advance(timedelta(hours=1))
    # The question has not left yet: silence says nothing.
    assert await check(database, asked, clock) == (0, 0)
    await deliver(database, clock)
    clock.advance(timedelta(seconds=RULES.no_show_answer_s - 1))
    assert await check(database, asked, clock) == (0, 0)
    clock.advance(timedelta(seconds=2))
    assert await check(database, asked, clock) == (0, 1)
    assert await state(database, work) == (AssignmentStatus.RELEASED, RequestStatus.OPEN)
    async with database.read() as session:
        request = await session.get_one(HelpRequest, work.request_id)
        questions = await session.scalar(
            select(func.count()).select_from(Message).where(Message.kind == KIND)
        )
    assert (request.weight, request.seats_taken, questions) == (2.0, 0, 1)


@pytest.mark.parametrize("answer", ["start", "done"])
async def test_whoever_answers_keeps_the_visit(
    database: Database, clock: FixedClock, visit: tuple[Asked, Assignment], answer: str
) -> None:
    asked, work = visit
    clock.advance(work.ends_at - clock.now() + timedelta(hours=1))
    await check(database, asked, clock)
    await deliver(database, clock)
    async with database.begin() as session:
        act = start_work if answer == "start" else report_done
        await act(session, SYSTEM, work.id, now=clock.now())
    clock.advance(timedelta(hours=2))
    assert await check(database, asked, clock) == (0, 0)
    status, _ = await state(database, work)
    assert status is not AssignmentStatus.RELEASED


async def test_resident_reports_that_nobody_came(
    database: Database, clock: FixedClock, visit: tuple[Asked, Assignment]
) -> None:
    asked, work = visit
    resident = Actor(person_id=asked.requests[0].resident_id)
    async with database.begin() as session:
        await report_not_done(session, resident, work.request_id, now=clock.now())
        again = await report_not_done(session, resident, work.request_id, now=clock.now())
    assert again.weight == 2.0
    assert await state(database, work) == (AssignmentStatus.RELEASED, RequestStatus.OPEN)
    with pytest.raises(NothingDoneYet):
        async with database.begin() as session:
            await confirm_done(session, resident, work.request_id, now=clock.now())


async def test_resident_confirms_before_the_volunteer_does(
    database: Database, clock: FixedClock, visit: tuple[Asked, Assignment]
) -> None:
    asked, work = visit
    resident = Actor(person_id=asked.requests[0].resident_id)
    async with database.begin() as session:
        await confirm_done(session, resident, work.request_id, now=clock.now())
        await confirm_done(session, resident, work.request_id, now=clock.now())
    assert await state(database, work) == (AssignmentStatus.DONE, RequestStatus.CONFIRMED)


async def test_who_may_end_a_visit_for_a_no_show(
    database: Database, clock: FixedClock, visit: tuple[Asked, Assignment]
) -> None:
    asked, work = visit
    community_id = asked.ask.community_id
    for actor in (
        Actor.anonymous(),
        Actor(person_id=asked.requests[0].resident_id),
        Actor(person_id=asked.volunteer.person_id),
        actor_as(Role.VOLUNTEER, community_id),
    ):
        with pytest.raises(AssignmentUnknown):
            async with database.begin() as session:
                await release_no_show(session, actor, work.id, now=clock.now())
    assert (await state(database, work))[0] is AssignmentStatus.ACCEPTED
    staff = actor_as(Role.COORDINATOR, community_id)
    async with database.begin() as session:
        await release_no_show(session, staff, work.id, now=clock.now())
    with pytest.raises(WorkOver):
        async with database.begin() as session:
            await release_no_show(session, staff, work.id, now=clock.now())
