"""Rounds as jobs: a worker plans what somebody asked for, and tells how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.clock import Clock
from core.errors import Unavailable
from core.job_running import error_word
from core.jobs import JobRegistry, JobTools, Retry
from core.logging import get_logger
from core.settings import Settings
from geo.choices import choose_travel
from geo.city import CityPack
from matching.engine.stop import Stop
from matching.errors import RoundAlreadyRunning, RoundNotRunning
from matching.kinds import RoundJobStatus, RoundStop
from matching.offers.waves import RunWave, WaveTools, run_wave
from matching.rounds import jobs_repository
from matching.rounds.models import RoundJob
from matching.rounds.planning import (
    PlannedRound,
    PlanRound,
    RoundGuide,
    RoundTools,
    plan_round,
)
from matching.rounds.progressing import (
    begin_round_job,
    end_round_job,
    fail_lost_jobs,
    job_key,
    store_progress,
    wait_for_other,
)
from matching.rounds.recruiting import RecruitGuide
from matching.rounds.requesting import MAX_LIMIT_S, ROUND
from matching.rounds.travel import TravelFinder
from matching.rounds.watching import RoundProgress, RoundWatch
from people.auth import Actor

SOLVER = "solver"
"""Service that plans rounds instead of the engine: a quick one for demonstrations and tests."""
SWEEP = "matching.rounds_sweep"
SWEEP_MINUTES = 10
JOB_LIMIT_S = MAX_LIMIT_S + 900.0
"""The search, and time to read, measure, check, explain and store."""
RECRUIT_TRIES = 8
"""For so many newcomers the round looks what they would add."""
LOOK_S = 1.0
"""So often the worker tells how far it is, and looks whether somebody wants it to end."""
BEAT_S = 10.0
"""So often at least it says that it lives."""
TAKE_OVER = timedelta(minutes=10)
"""What a dead worker began is planned from the same moment for so long."""
RETRY = Retry(max_attempts=20, first_s=5.0, most_s=60.0, max_deaths=5)

_logger = get_logger(__name__)


def round_tools(settings: Settings, clock: Clock, services: Mapping[str, Any]) -> RoundTools:
    """What rounds of this installation work with."""

    def travel_of(pack: CityPack) -> TravelFinder:
        return lambda mode: choose_travel(settings, pack, mode)

    if SOLVER in services:
        return RoundTools(clock=clock, find_travel=travel_of, solver=services[SOLVER])
    return RoundTools(clock=clock, find_travel=travel_of)


@dataclass(frozen=True)
class _Outcome:
    """What came of a try: the plan, or why there is none."""

    planned: PlannedRound | None
    skipped: str | None = None


async def run_round(tools: JobTools, args: dict[str, Any]) -> None:
    """Plan one requested round. Done again, it changes nothing."""
    async with tools.database.begin() as session:
        job = await begin_round_job(session, UUID(args["round_job_id"]), now=tools.clock.now())
    if job is None:
        return
    stop = Stop(job.time_limit_s)
    watch = RoundWatch(stop, job.time_limit_s)
    if job.stop_wanted is RoundStop.KEEP:
        _end_early(job.stop_wanted, stop, watch)
    try:
        outcome = await _plan_watched(tools, job, stop, watch)
    except RoundAlreadyRunning:
        async with tools.database.begin() as session:
            await wait_for_other(session, job, now=tools.clock.now())
    except RoundNotRunning:
        await _give_up(tools, job)
    except Unavailable:
        raise  # the database or the streets will answer again; the queue tries later
    except Exception as error:
        # The same round would fail in the same way: it is told, not tried again.
        _logger.error("round_job.failed", error=error, round_job_id=job.id)
        async with tools.database.begin() as session:
            now, word = tools.clock.now(), error_word(error)
            await end_round_job(session, job, RoundJobStatus.FAILED, now=now, reason=word)
    else:
        await _write_outcome(tools, job, watch, outcome)


async def sweep(tools: JobTools, args: dict[str, Any]) -> None:
    """End requested rounds whose workers died too often to be tried again."""
    async with tools.database.begin() as session:
        lost = await fail_lost_jobs(session, now=tools.clock.now())
    if lost:
        _logger.warning("round_job.lost", count=lost)


async def _plan_watched(tools: JobTools, job: RoundJob, stop: Stop, watch: RoundWatch) -> _Outcome:
    """Plan while somebody tells how far it is; who can no longer tell stops planning."""
    teller = asyncio.create_task(_tell_until_ended(tools, job, stop, watch))
    plan = asyncio.create_task(_plan(tools, job, stop, watch))
    try:
        await asyncio.wait({teller, plan}, return_when=asyncio.FIRST_COMPLETED)
        if not plan.done():
            plan.cancel()
            await asyncio.wait({plan})
            await teller
        return await plan
    finally:
        for task in (teller, plan):
            task.cancel()
        await asyncio.wait({teller, plan})


async def _plan(tools: JobTools, job: RoundJob, stop: Stop, watch: RoundWatch) -> _Outcome:
    with_tools = round_tools(tools.settings, tools.clock, tools.services)
    as_of = _choose_moment(job, tools.clock.now())
    # The product does it for the person who asked, and was allowed to.
    actor = Actor(person_id=job.requested_by, is_system=True)
    if job.asks:
        wave = RunWave(
            job.community_id,
            seed=job.seed,
            workers=tools.settings.workers,
            job_key=job_key(job.id),
            by_hand=True,
            planned_at=as_of,
        )
        result = await run_wave(
            tools.database, actor, wave, tools=WaveTools(with_tools), stop=stop, watcher=watch
        )
        return _Outcome(result.planned, result.skipped)
    async with tools.database.read() as session:
        slug = await jobs_repository.get_slug(session, job.community_id)
    command = PlanRound(
        slug,
        seed=job.seed,
        workers=tools.settings.workers,
        start_at=job.horizon_start_at,
        end_at=job.horizon_end_at,
        tries=job.tries,
        job_key=job_key(job.id),
        as_of=as_of,
    )
    guide = RecruitGuide(with_tools, watch, tries=RECRUIT_TRIES) if job.tries else RoundGuide()
    planned = await plan_round(
        tools.database,
        actor,
        command,
        tools=with_tools,
        stop=stop,
        watcher=watch,
        guide=guide,
    )
    return _Outcome(planned)


def _choose_moment(job: RoundJob, now: datetime) -> datetime:
    """The same for every try, unless the first one is long ago."""
    began = job.started_at
    return began if began is not None and now - began <= TAKE_OVER else now


async def _tell_until_ended(tools: JobTools, job: RoundJob, stop: Stop, watch: RoundWatch) -> None:
    """Write progress when it changed, listen for a wish to end; cancelled when all is done."""
    loop = asyncio.get_running_loop()
    told, told_s = RoundProgress(), loop.time()
    while True:
        await asyncio.sleep(LOOK_S)
        progress = watch.read()
        try:
            async with tools.database.read() as session:
                own, wanted = await jobs_repository.read_stop(session, job.id, job.attempt_count)
            if not own:
                raise RoundNotRunning(f"The requested round {job.id} is no longer this worker's.")
            if wanted is not None:
                _end_early(wanted, stop, watch)
            if progress != told or loop.time() - told_s >= BEAT_S:
                async with tools.database.begin() as session:
                    await store_progress(session, job, progress, now=tools.clock.now())
                told, told_s = progress, loop.time()
        except Unavailable as error:
            _logger.warning("round_job.progress_not_told", code=error.code)


def _end_early(wanted: RoundStop, stop: Stop, watch: RoundWatch) -> None:
    watch.interrupted = True
    watch.keeps_plan = wanted is RoundStop.KEEP
    stop.cancel()


async def _give_up(tools: JobTools, job: RoundJob) -> None:
    """Leave a round that ended under us: to the worker that does it now, else as failed."""
    try:
        async with tools.database.begin() as session:
            now, reason = tools.clock.now(), "round_not_running"
            await end_round_job(session, job, RoundJobStatus.FAILED, now=now, reason=reason)
    except RoundNotRunning:
        _logger.info("round_job.left_to_other", round_job_id=job.id)


async def _write_outcome(
    tools: JobTools, job: RoundJob, watch: RoundWatch, outcome: _Outcome
) -> None:
    now, planned = tools.clock.now(), outcome.planned
    values = watch.read().as_values()
    status = RoundJobStatus.FINISHED
    if planned is not None and planned.stored is not None:
        stored = planned.stored.round
        values |= {"share": 1.0, "round_id": stored.id, "gap": stored.gap}
    elif planned is not None:
        status = RoundJobStatus.CANCELLED
    else:
        values |= {"share": 1.0, "reason": outcome.skipped}
    async with tools.database.begin() as session:
        await end_round_job(session, job, status, now=now, **values)
    _logger.info("round_job.ended", round_job_id=job.id, status=status.value)


def register_jobs(registry: JobRegistry) -> None:
    """Add the job that plans requested rounds, and the one that looks for lost ones."""
    registry.add(ROUND, run_round, retry=RETRY, limit_s=JOB_LIMIT_S, at_once=1)
    registry.add(SWEEP, sweep, retry=Retry(max_attempts=2))
    registry.every(SWEEP, minutes=SWEEP_MINUTES)
