"""Waves on both databases: whom they ask, whom never, and what a crash leaves."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database, Session
from matching.errors import RoundAlreadyRunning
from matching.kinds import (
    AskAnswer,
    AskOrigin,
    AskStatus,
    HoldReason,
    OfferStatus,
    RequestKind,
    RoundStatus,
    StormStatus,
)
from matching.models import AvailabilityWindow, HelpRequest, RequestWindow, SeasonPair, Volunteer
from matching.offers.asks import record_answer, stop_for_storm
from matching.offers.asks_repository import list_shown
from matching.offers.delivery import send_round_asks
from matching.offers.models import Ask, AskedHome, StormVolunteer
from matching.offers.review import list_proposals, send_proposals, strike_proposal
from matching.offers.wave_repository import load_struck_pairs
from matching.offers.waves import LadderGuide
from matching.rounds.models import Round
from matching.states import LIVE_ASKS
from messaging.models import Message
from tests.factories.matching import EVENING
from tests.ladder_town import SYSTEM, LadderTown, plain_message, volunteers_of


class PowerCut(BaseException):
    """The end of a worker in the middle of its work."""


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> LadderTown:
    made = LadderTown(database, clock)
    await made.open()
    return made


async def test_a_wave_asks_and_the_asks_are_sent_with_one_message_each(town: LadderTown) -> None:
    for _ in range(3):
        await town.add_request()
    volunteer_id = await town.add_volunteer()
    result = await town.wave()
    assert result.skipped is None
    (ask,) = await town.asks()
    assert ask.status is AskStatus.PROPOSED
    assert result.round_id is not None
    await town.send(result.round_id)
    (ask,) = await town.asks()
    assert (ask.status, ask.volunteer_id) == (AskStatus.SENT, volunteer_id)
    offers = await town.offers()
    assert len(offers) == 3
    assert {offer.status for offer in offers} == {OfferStatus.SENT}
    assert {offer.ask_id for offer in offers} == {ask.id}
    (message,) = await town.messages()
    assert message.key == f"offer:{ask.id}"
    assert message.storm_id == town.storm.id
    assert volunteers_of([ask]) == {volunteer_id}


async def test_a_wave_run_twice_asks_nobody_twice(town: LadderTown) -> None:
    await town.add_request()
    await town.add_request()
    for _ in range(2):
        await town.add_volunteer(max_tasks=1)
    await town.wave_and_send()
    first = await town.asks()
    again = await town.wave_and_send()
    assert again.ask_count == 0
    assert [ask.id for ask in await town.asks()] == [ask.id for ask in first]
    assert len(await town.messages()) == len(first) > 0


async def test_two_waves_at_once_leave_one_ask_for_each_person(town: LadderTown) -> None:
    for _ in range(3):
        await town.add_request()
        await town.add_volunteer()
    results = await asyncio.gather(town.wave(), town.wave(), return_exceptions=True)
    lost = [one for one in results if isinstance(one, BaseException)]
    assert all(isinstance(one, RoundAlreadyRunning) for one in lost)
    live = await town.asks(*LIVE_ASKS)
    assert len(live) == len(volunteers_of(live)) == 3


@pytest.mark.parametrize("step", ["begin_storing", "end_storing"])
async def test_a_wave_that_dies_while_storing_leaves_nothing_and_runs_again(
    town: LadderTown, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await town.add_request()
    await town.add_volunteer()
    with monkeypatch.context() as patch:

        async def die(*_: object) -> None:
            raise PowerCut

        patch.setattr(LadderGuide, step, die)
        with pytest.raises(PowerCut):
            await town.wave(job_key="wave:1")
    assert await town.asks() == []
    assert await town.offers() == []
    result = await town.wave_and_send(job_key="wave:1")
    assert result.ask_count == 1
    assert len(await town.messages()) == 1


async def test_the_same_job_takes_over_what_its_dead_worker_left(town: LadderTown) -> None:
    await town.add_request()
    await town.add_volunteer()
    # What a killed worker leaves: a round that runs, with a lease that has not run out.
    async with town.database.begin() as session:
        dead = Round(
            community_id=town.community.id,
            storm_id=town.storm.id,
            job_key="wave:1",
            started_at=town.clock.now(),
            lease_until=town.clock.now() + timedelta(minutes=5),
            horizon_start_at=town.clock.now(),
            horizon_end_at=town.clock.now() + timedelta(hours=36),
            seed=0,
        )
        session.add(dead)
    with pytest.raises(RoundAlreadyRunning):
        await town.wave(job_key="wave:2")
    town.clock.advance(timedelta(seconds=90))
    result = await town.wave(job_key="wave:1")
    assert result.ask_count == 1
    assert result.planned is not None
    # Planned from the moment of the first try, so that the same plan comes of it.
    assert result.planned.made.inputs.horizon.start_at == dead.started_at
    rows = {row.id: row for row in await town.rows(Round)}
    assert rows[dead.id].status is RoundStatus.FAILED


async def test_sending_that_dies_goes_on_where_it_stood(town: LadderTown) -> None:
    for _ in range(3):
        await town.add_request()
        await town.add_volunteer(max_tasks=1)
    result = await town.wave()
    assert result.round_id is not None
    calls = 0

    async def die_at_the_second(session: Session, ask: Ask, *, now: datetime) -> Message:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise PowerCut
        return await plain_message(session, ask, now=now)

    with pytest.raises(PowerCut):
        await send_round_asks(
            town.database, result.round_id, clock=town.clock, notify=die_at_the_second
        )
    assert len(await town.messages()) == 1
    await town.send(result.round_id)
    messages = await town.messages()
    assert len(messages) == len({message.person_id for message in messages}) == 3


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (StormStatus.WATCH, None),
        (StormStatus.ARMED, None),
        (StormStatus.HOLD, HoldReason.ICE),
        (StormStatus.CLOSED, None),
    ],
)
async def test_no_snow_is_offered_unless_a_storm_is_active(
    town: LadderTown, status: StormStatus, reason: HoldReason | None
) -> None:
    await town.add_request()
    await town.add_volunteer()
    await town.move_storm(status, reason)
    result = await town.wave()
    assert result.skipped == "nothing_open"
    assert await town.asks() == []


async def test_a_hold_stops_asks_that_are_about_to_leave(town: LadderTown) -> None:
    await town.add_request()
    await town.add_volunteer()
    result = await town.wave()
    await town.move_storm(StormStatus.HOLD, HoldReason.ICE)
    assert result.round_id is not None
    assert await town.send(result.round_id) == (0, 1)
    assert await town.messages() == []
    (ask,) = await town.asks()
    assert ask.status is AskStatus.WITHDRAWN
    assert {offer.status for offer in await town.offers()} == {OfferStatus.WITHDRAWN}


async def test_other_help_needs_no_storm(town: LadderTown) -> None:
    request = await town.add_request(storm_id=None)
    async with town.database.begin() as session:
        row = await session.get(HelpRequest, request.id)
        assert row is not None
        row.kind = RequestKind.RECYCLING
    await town.add_volunteer()
    await town.move_storm(StormStatus.CLOSED)
    result = await town.wave_and_send()
    assert result.ask_count == 1


async def test_silence_ends_the_weight_and_not_the_offer(town: LadderTown) -> None:
    await town.add_request()
    await town.add_volunteer(max_tasks=1)
    await town.wave_and_send()
    (ask,) = await town.asks()
    assert ask.silent_after_at is not None
    before = (await town.rows(Volunteer))[0].accept_prior
    town.clock.advance(ask.silent_after_at - town.clock.now())
    result = await town.wave()
    assert result.expired_count == 1
    (ask, *_) = await town.asks()
    assert ask.status is AskStatus.SILENT
    assert (await town.offers())[0].status is OfferStatus.EXPIRED
    assert (await town.rows(Volunteer))[0].accept_prior < before
    assert (await town.rows(StormVolunteer))[0].silence_count == 1


async def test_a_no_to_everything_counts_as_a_silence(town: LadderTown) -> None:
    await town.set_rules(ladder={"silences_per_no": 2})
    await town.add_request()
    await town.add_volunteer(max_tasks=1)
    await town.wave_and_send()
    (ask,) = await town.asks()
    before = (await town.rows(Volunteer))[0].accept_prior
    homes = {row.request_id for row in await town.rows(AskedHome)}
    for _ in range(2):
        async with town.database.begin() as session:
            await record_answer(
                session, ask.id, AskAnswer.NO, request_ids=homes, now=town.clock.now()
            )
    (row,) = await town.rows(StormVolunteer)
    assert row.silence_count == 2
    assert 0 < (await town.rows(Volunteer))[0].accept_prior < before


async def test_homes_passed_over_beside_a_yes_are_not_put_before_the_same_person_again(
    town: LadderTown,
) -> None:
    for _ in range(3):
        await town.add_request()
    await town.add_volunteer(max_tasks=3)
    await town.wave_and_send()
    (ask,) = await town.asks()
    async with town.database.begin() as session:
        shown = await list_shown(session, ask.id)
        assert [row.position for row in shown] == [0, 1, 2]
        await record_answer(
            session, ask.id, AskAnswer.YES, request_ids={shown[1].request_id}, now=town.clock.now()
        )
    async with town.database.begin() as session:
        struck = await load_struck_pairs(session, town.community.id)
    # Only what stood above the home that was taken has surely been read.
    assert struck == {(ask.volunteer_id, shown[0].request_id)}


async def test_a_second_ask_waits_for_the_gap(town: LadderTown) -> None:
    await town.set_rules(ladder={"gap_s": 14_400.0, "gap_max_s": 14_400.0})
    await town.add_request()
    await town.add_volunteer(max_tasks=1)
    await town.wave_and_send()
    (ask,) = await town.asks()
    assert ask.silent_after_at is not None
    town.clock.advance(ask.silent_after_at - town.clock.now())
    assert (await town.wave_and_send()).ask_count == 0
    town.clock.advance(timedelta(hours=4))
    async with town.database.begin() as session:
        window = (await session.scalars(select(RequestWindow))).one()
        window.closes_at = EVENING + timedelta(hours=30)
        free = (await session.scalars(select(AvailabilityWindow))).one()
        free.ends_at = EVENING + timedelta(hours=30)
    assert (await town.wave_and_send()).ask_count == 1


async def test_the_budget_counts_messages_of_all_senders(town: LadderTown) -> None:
    await town.set_rules(ladder={"messages_per_storm": 2, "gap_s": 0.0, "gap_max_s": 0.0})
    await town.add_request()
    volunteer_id = await town.add_volunteer()
    await town.write_to(volunteer_id, times=2)
    town.clock.advance(timedelta(minutes=1))
    assert (await town.wave_and_send()).ask_count == 0


async def test_nobody_is_asked_in_quiet_hours_and_the_wave_comes_in_the_morning(
    town: LadderTown,
) -> None:
    await town.add_request()
    await town.add_volunteer()
    town.clock.advance(timedelta(hours=6, minutes=30))  # half past ten at night
    async with town.database.begin() as session:
        window = (await session.scalars(select(RequestWindow))).one()
        window.closes_at = EVENING + timedelta(hours=24)
    result = await town.wave_and_send()
    assert result.skipped == "quiet_hours"
    assert result.next_at == datetime(2026, 1, 16, 12, 0, tzinfo=UTC)  # seven in Cambridge
    assert await town.asks() == []


async def test_whoever_did_not_consent_said_not_today_or_is_paused_is_not_asked(
    town: LadderTown,
) -> None:
    await town.add_request()
    await town.add_volunteer(consent=False)
    await town.add_volunteer(paused_until=EVENING + timedelta(days=1))
    tired = await town.add_volunteer()
    async with town.database.begin() as session:
        await stop_for_storm(session, town.storm.id, tired, now=town.clock.now())
        await stop_for_storm(session, town.storm.id, tired, now=town.clock.now())
    assert (await town.wave_and_send()).ask_count == 0
    assert await town.messages() == []


async def test_proposals_wait_for_review(town: LadderTown) -> None:
    await town.set_rules(review_proposals=True)
    await town.add_request()
    for _ in range(2):
        await town.add_volunteer()
    result = await town.wave()
    proposed = await town.asks(AskStatus.PROPOSED)
    assert proposed
    assert (await town.wave()).skipped == "proposals_wait"
    async with town.database.begin() as session:
        listed = await list_proposals(session, SYSTEM, town.community.id)
        assert {one.ask_id for one in listed} == {ask.id for ask in proposed}
        await strike_proposal(session, SYSTEM, proposed[0].id, now=town.clock.now())
        await send_proposals(session, SYSTEM, town.community.id, now=town.clock.now())
    assert result.round_id is not None
    await town.send(result.round_id)
    after = {ask.id: ask.status for ask in await town.asks()}
    assert after[proposed[0].id] is AskStatus.WITHDRAWN
    assert all(status is AskStatus.SENT for key, status in after.items() if key != proposed[0].id)


async def test_the_season_pair_is_asked_first_and_a_substitute_while_away(
    town: LadderTown,
) -> None:
    request = await town.add_request()
    regular = await town.add_volunteer(accept_prior=0.2)
    other = await town.add_volunteer(accept_prior=0.9)
    async with town.database.begin() as session:
        session.add(
            SeasonPair(
                community_id=town.community.id,
                volunteer_id=regular,
                resident_id=request.resident_id,
                valid_from=date(2025, 11, 1),
                valid_until=date(2026, 4, 1),
                bonus_m=500.0,
            )
        )
    await town.wave()
    asks = {ask.volunteer_id: ask for ask in await town.asks(AskStatus.PROPOSED)}
    assert asks[regular].origin is AskOrigin.SEASON_PAIR
    async with town.database.begin() as session:
        row = await session.get(Volunteer, regular)
        assert row is not None
        row.paused_until = EVENING + timedelta(days=2)
    await town.wave()
    assert volunteers_of(await town.asks(AskStatus.PROPOSED)) == {other}
