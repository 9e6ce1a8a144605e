"""Where the ladder meets intake, storms and messages, on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

import matching.jobs
import messaging.jobs
from core.clock import FixedClock
from core.db import Database
from core.events import list_events
from core.jobs import JobRegistry, JobTools, find_next_due_at, run_due_jobs
from core.mail import MemoryMailer
from core.settings import Settings
from core.sms import MemoryTextSender
from matching.intake.help_kinds import default_kinds
from matching.intake.kinds import (
    Cadence,
    IntakeChannel,
    IntakeTopic,
    StandingStatus,
    Verdict,
)
from matching.intake.models import StandingRequest
from matching.intake.programme import set_intake_rules
from matching.intake.reviewing import approve_request, approve_standing
from matching.kinds import (
    AskStatus,
    HoldReason,
    OfferStatus,
    RequestKind,
    RequestStatus,
    StormStatus,
)
from matching.models import HelpRequest, Volunteer
from matching.offers import wave_repository
from matching.offers.answering import accept_offer
from matching.offers.asks import stop_for_storm
from matching.offers.casework import report_not_done
from matching.offers.live import open_now
from matching.offers.new_homes import WAVE_GAP, ask_about_homes
from matching.rounds.reason_words import funnel_sentence
from matching.storms.directing import hold_storm, resume_storm
from matching.storms.notices import answer_storm_notice
from messaging.kinds import MessageStatus, Suppressed
from messaging.models import Message
from people.auth import Actor
from tests.factories.people import LONG_AGO, add_household, add_person
from tests.ladder_town import SYSTEM, LadderTown, by_hand


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> LadderTown:
    made = LadderTown(database, clock)
    await made.open()
    return made


async def set_kinds_of_storms(town: LadderTown, *kinds: RequestKind) -> None:
    """The usual kinds of help, but these alone are for storms."""
    data: dict[str, Any] = msgspec.to_builtins(default_kinds())
    for kind in data["kinds"]:
        kind["needs_storm"] = kind["code"] in kinds
    async with town.database.begin() as session:
        await set_intake_rules(
            session,
            SYSTEM,
            town.community.id,
            IntakeTopic.KINDS,
            data,
            valid_from=LONG_AGO,
            now=town.clock.now(),
        )


async def add_recycling(town: LadderTown) -> HelpRequest:
    request = await town.add_request(storm_id=None)
    async with town.database.begin() as session:
        row = await session.get(HelpRequest, request.id)
        assert row is not None
        row.kind = RequestKind.RECYCLING
    return request


async def test_the_programme_says_which_help_waits_for_a_storm(town: LadderTown) -> None:
    await set_kinds_of_storms(town, RequestKind.RECYCLING)
    snow = await town.add_request()
    await add_recycling(town)
    volunteer_id = await town.add_volunteer()
    await town.move_storm(StormStatus.CLOSED)
    assert (await town.wave_and_send()).ask_count == 1
    assert {offer.request_id for offer in await town.offers()} == {snow.id}
    async with town.database.read() as session:
        shown = await open_now(session, volunteer_id, town.clock.now())
    assert {home.request_id for home in shown} == {snow.id}


async def test_a_list_leaves_out_what_waits_for_a_storm(town: LadderTown) -> None:
    await add_recycling(town)
    volunteer_id = await town.add_volunteer()
    await town.wave_and_send()
    await set_kinds_of_storms(town, RequestKind.SNOW, RequestKind.RECYCLING)
    await town.move_storm(StormStatus.CLOSED)
    async with town.database.read() as session:
        assert await open_now(session, volunteer_id, town.clock.now()) == []


async def test_an_ask_about_to_leave_is_held_back_when_its_help_waits_for_a_storm(
    town: LadderTown,
) -> None:
    await add_recycling(town)
    await town.add_volunteer()
    result = await town.wave()
    await set_kinds_of_storms(town, RequestKind.RECYCLING)
    await town.move_storm(StormStatus.CLOSED)
    assert result.round_id is not None
    assert await town.send(result.round_id) == (0, 1)
    assert [ask.status for ask in await town.asks()] == [AskStatus.WITHDRAWN]


def worker(town: LadderTown) -> tuple[JobRegistry, JobTools]:
    """The jobs of matching; what comes by the clock is left out."""
    registry = JobRegistry()
    matching.jobs.register_jobs(registry)
    messaging.jobs.register_jobs(registry)
    registry.periods = {}
    services = {
        matching.jobs.SOLVER: by_hand,
        messaging.jobs.MAILER: MemoryMailer(),
        messaging.jobs.TEXT_SENDER: MemoryTextSender(),
    }
    settings = Settings.from_environment({})
    return registry, JobTools(town.database, town.clock, settings, services)


async def list_shown(town: LadderTown, volunteer_id: UUID) -> set[UUID]:
    async with town.database.read() as session:
        return {home.request_id for home in await open_now(session, volunteer_id, town.clock.now())}


async def next_job_at(town: LadderTown) -> datetime | None:
    async with town.database.read() as session:
        return await find_next_due_at(session, worker(town)[0], now=town.clock.now())


async def test_an_approved_request_is_on_the_lists_at_once_although_nobody_can_be_asked(
    town: LadderTown,
) -> None:
    await town.add_request()
    volunteer_id = await town.add_volunteer()
    await town.wave_and_send()
    town.clock.advance(WAVE_GAP)
    late = await town.add_request(status=RequestStatus.NEEDS_REVIEW)
    assert late.id not in await list_shown(town, volunteer_id)
    async with town.database.begin() as session:
        await approve_request(session, SYSTEM, late.id, now=town.clock.now())
    await run_due_jobs(town.database, *worker(town))
    assert late.id in await list_shown(town, volunteer_id)
    # The one ask is not answered yet, so there is no second one.
    assert len(await town.asks()) == 1


@pytest.mark.parametrize(("weight", "minutes"), [(1.0, 4), (4.0, 0)])
async def test_homes_that_come_close_together_share_a_wave_but_urgent_ones_do_not_wait(
    town: LadderTown, weight: float, minutes: int
) -> None:
    await town.add_request()
    await town.add_volunteer()
    result = await town.wave()
    assert result.next_at is not None
    assert result.next_at > town.clock.now() + WAVE_GAP
    assert result.round_id is not None
    registry, tools = worker(town)
    await run_due_jobs(town.database, registry, tools)
    town.clock.advance(timedelta(minutes=1))
    home = await town.add_request(weight=weight)
    async with town.database.begin() as session:
        await ask_about_homes(session, town.community.id, [home], now=town.clock.now())
    assert await next_job_at(town) == town.clock.now() + timedelta(minutes=minutes)


async def test_snow_without_a_storm_brings_no_wave(town: LadderTown) -> None:
    await town.move_storm(StormStatus.HOLD, HoldReason.ICE)
    home = await town.add_request(weight=4.0)
    async with town.database.begin() as session:
        assert not await ask_about_homes(session, town.community.id, [home], now=town.clock.now())
    assert await next_job_at(town) is None


async def add_wish(town: LadderTown, status: StandingStatus) -> StandingRequest:
    async with town.database.begin() as session:
        home = await add_household(session, town.community)
        resident = await add_person(session, town.community, household=home)
        wish = StandingRequest(
            community_id=town.community.id,
            resident_id=resident.id,
            household_id=home.id,
            kind=RequestKind.SNOW,
            cadence=Cadence.SEASON,
            status=status,
            valid_from=date(2026, 1, 1),
            valid_until=date(2026, 4, 30),
            scope=[],
            needs=[],
            languages=[],
            service_s=1_800,
            weight=1.0,
            crew_size=1,
            channel=IntakeChannel.PHONE,
            verdict=Verdict.ELIGIBLE,
            verdict_version="1",
            verdict_reasons=[],
            review_reasons=[],
            created_at=LONG_AGO,
            updated_at=LONG_AGO,
        )
        session.add(wish)
        await session.flush()
        await town._blur(session, home.id)
        return wish


async def test_a_late_yes_to_the_notice_is_asked_about_at_once(town: LadderTown) -> None:
    wish = await add_wish(town, StandingStatus.ACTIVE)
    async with town.database.begin() as session:
        await answer_storm_notice(
            session,
            SYSTEM,
            town.storm.id,
            wish.resident_id,
            needs_help=True,
            now=town.clock.now(),
        )
    assert await next_job_at(town) == town.clock.now()


async def test_a_wish_that_staff_approve_in_a_storm_is_opened_in_it(town: LadderTown) -> None:
    wish = await add_wish(town, StandingStatus.NEEDS_REVIEW)
    volunteer_id = await town.add_volunteer()
    async with town.database.begin() as session:
        await approve_standing(session, SYSTEM, wish.id, now=town.clock.now())
    await run_due_jobs(town.database, *worker(town))
    (request,) = await town.rows(HelpRequest)
    assert request.source_key == f"standing:{wish.id}:{town.storm.id}"
    assert request.id in await list_shown(town, volunteer_id)


async def test_work_that_was_not_done_is_on_the_lists_soon(town: LadderTown) -> None:
    await town.add_request()
    await town.add_request()
    helper = await town.add_volunteer(max_tasks=1)
    await town.wave_and_send()
    (offer,) = await town.offers()
    async with town.database.begin() as session:
        volunteer = await session.get(Volunteer, helper)
        assert volunteer is not None
        actor = Actor(person_id=volunteer.person_id)
        work = await accept_offer(session, actor, offer.id, now=town.clock.now())
    request_id = work.request_id
    other = await town.add_volunteer()
    town.clock.advance(timedelta(minutes=10))
    registry, tools = worker(town)
    await run_due_jobs(town.database, registry, tools)
    # A wave came meanwhile: what somebody should be doing by now stands on nobody's list.
    async with town.database.begin() as session:
        assert await wave_repository.load_reach_of_home(session, request_id) == []
        await report_not_done(session, SYSTEM, request_id, now=town.clock.now())
    town.clock.advance(WAVE_GAP)
    await run_due_jobs(town.database, registry, tools)
    assert request_id in await list_shown(town, other)


async def test_an_ask_that_a_hold_kept_back_was_never_asked(town: LadderTown) -> None:
    request = await town.add_request()
    volunteer_id = await town.add_volunteer()
    await town.wave_and_send()
    async with town.database.begin() as session:
        await hold_storm(
            session,
            SYSTEM,
            town.storm.id,
            HoldReason.DARK,
            reason="too_dark",
            now=town.clock.now(),
        )
    (ask,) = await town.asks()
    assert (ask.status, ask.sent_at) == (AskStatus.WITHDRAWN, None)
    assert [offer.status for offer in await town.offers()] == [OfferStatus.WITHDRAWN]
    (home,) = await town.rows(HelpRequest)
    assert home.status is RequestStatus.OPEN
    async with town.database.read() as session:
        events = await list_events(session, "ask", ask.id)
    assert {event.reason for event in events if event.kind == "ask.withdrawn"} == {"no_longer_true"}
    town.clock.advance(timedelta(minutes=20))
    async with town.database.begin() as session:
        await resume_storm(
            session, SYSTEM, town.storm.id, reason="lights_are_on", now=town.clock.now()
        )
    await run_due_jobs(town.database, *worker(town))
    (again,) = await town.asks(AskStatus.SENT)
    assert again.volunteer_id == volunteer_id
    assert again.sent_at == town.clock.now()
    assert {offer.request_id for offer in await town.offers()} == {request.id}


@pytest.mark.parametrize(
    ("status", "reason", "withdrawn"),
    [
        (MessageStatus.SUPPRESSED, Suppressed.STOPPED.value, True),
        (MessageStatus.SUPPRESSED, Suppressed.IN_DIGEST.value, False),
        (MessageStatus.BOUNCED, "unknown_user", True),
        (MessageStatus.SENT, None, False),
    ],
)
async def test_whoever_heard_nothing_is_no_less_willing(
    town: LadderTown, status: MessageStatus, reason: str | None, withdrawn: bool
) -> None:
    await town.add_request()
    await town.add_volunteer()
    await town.wave_and_send()
    (ask,) = await town.asks()
    assert ask.silent_after_at is not None
    before = (await town.rows(Volunteer))[0].accept_prior
    async with town.database.begin() as session:
        message = (await session.scalars(select(Message))).one()
        message.status, message.reason = status, reason
    town.clock.advance(ask.silent_after_at - town.clock.now())
    await town.wave()
    (ask,) = await town.asks(AskStatus.WITHDRAWN, AskStatus.SILENT)
    assert ask.status is (AskStatus.WITHDRAWN if withdrawn else AskStatus.SILENT)
    after = (await town.rows(Volunteer))[0].accept_prior
    assert (after == before) is withdrawn


async def test_a_round_says_who_was_asked_and_does_not_call_them_unwilling(
    town: LadderTown,
) -> None:
    await town.add_request()
    await town.add_volunteer(max_tasks=1)
    await town.wave_and_send()
    late = await town.add_request()
    town.clock.advance(timedelta(minutes=1))
    # The new home is news, so there is a round although nobody can be asked.
    async with town.database.begin() as session:
        row = await session.get(HelpRequest, late.id)
        assert row is not None
        row.updated_at = town.clock.now()
    result = await town.wave()
    assert result.planned is not None
    told = {
        result.planned.made.requests[reason.request].id: reason
        for reason in result.planned.reasons.reasons
    }[late.id]
    assert told.code == "unanswered"
    sentences = " ".join(funnel_sentence(told.detail["funnel"]).split())
    assert "1 was asked and has not answered" in sentences
    assert "takes no visits" not in sentences
    (ask,) = await town.asks()
    assert ask.status is AskStatus.SENT


async def test_a_round_says_who_may_not_be_written_to_now(town: LadderTown) -> None:
    await town.add_request()
    tired = await town.add_volunteer()
    async with town.database.begin() as session:
        await stop_for_storm(session, town.storm.id, tired, now=town.clock.now())
    result = await town.wave()
    assert result.planned is not None
    (reason,) = result.planned.reasons.reasons
    assert reason.code == "not_now"
    assert "1 cannot be asked now" in funnel_sentence(reason.detail["funnel"])
