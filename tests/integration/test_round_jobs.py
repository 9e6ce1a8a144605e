"""Rounds that somebody asked for: once, one at a time, seen while they run, ended by a person."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

import matching.rounds.jobs
from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted
from core.events import list_events
from core.jobs import JobRegistry, JobTools, list_failed_jobs, run_due_jobs
from core.live import topic
from core.settings import Settings
from matching.engine.solve import solve
from matching.engine.stop import Stop
from matching.errors import RoundAlreadyRequested, RoundJobEnded, RoundJobUnknown
from matching.kinds import AskStatus, RoundJobStatus, RoundStage, RoundStatus, RoundStop
from matching.models import Offer
from matching.offers.models import Ask
from matching.rounds.jobs import SOLVER, run_round
from matching.rounds.lifecycle import StartRound, fail_round, start_round
from matching.rounds.models import Round, RoundJob
from matching.rounds.progressing import SILENT, begin_round_job
from matching.rounds.requesting import (
    InvalidRoundRequest,
    RequestRound,
    read_round_job,
    request_round,
    stop_round,
)
from people.auth import Actor
from people.kinds import Role
from people.models import Person
from tests import round_process
from tests.factories.matching import EVENING
from tests.factories.people import add_community, add_person
from tests.ladder_town import LadderTown, by_hand

SYSTEM = Actor.system()
LIMIT_S = 120.0


class RoundTown(LadderTown):
    """A town with a manager, and a worker for the rounds that are asked for."""

    manager: Actor

    async def open_with_manager(self) -> None:
        await self.open()
        async with self.database.begin() as session:
            person = await add_person(session, self.community, role=Role.MANAGER)
        self.manager = self.staff(person)

    def staff(self, person: Person) -> Actor:
        return Actor(person.id, {self.community.id: frozenset({Role.MANAGER})})

    async def ask(self, *, actor: Actor | None = None, **values: Any) -> RoundJob:
        values.setdefault("tries", 0)
        command = RequestRound(community_id=self.community.id, **values)
        async with self.database.begin() as session:
            return await request_round(
                session, actor or self.manager, command, now=self.clock.now()
            )

    async def stop(self, job_id: UUID, wanted: RoundStop = RoundStop.DISCARD) -> RoundJob:
        async with self.database.begin() as session:
            return await stop_round(
                session, self.manager, job_id, now=self.clock.now(), wanted=wanted
            )

    def job_tools(self, solver: Callable[..., Any] = by_hand) -> JobTools:
        settings = Settings(travel="straight")
        return JobTools(self.database, self.clock, settings, {SOLVER: solver})

    async def work(self, solver: Callable[..., Any] = by_hand) -> None:
        registry = JobRegistry()
        matching.rounds.jobs.register_jobs(registry)
        await run_due_jobs(self.database, registry, self.job_tools(solver))

    async def job(self, job_id: UUID) -> RoundJob:
        async with self.database.read() as session:
            return await session.get_one(RoundJob, job_id)

    async def rounds(self) -> list[Round]:
        return await self.rows(Round)

    async def history(self, job_id: UUID) -> list[str]:
        async with self.database.read() as session:
            return [event.kind for event in await list_events(session, "round_job", job_id)]

    async def failed_jobs(self) -> int:
        async with self.database.read() as session:
            return len(await list_failed_jobs(session))


@pytest.fixture
async def town(database: Database) -> RoundTown:
    made = RoundTown(database, FixedClock(EVENING))
    await made.open_with_manager()
    await made.add_request()
    await made.add_volunteer()
    return made


class WaitingSolver:
    """Plans by hand, but only once somebody ends it early; tells of a first plan before."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def __call__(self, problem: Any, *, stop: Stop, callbacks: Any, **options: Any) -> Any:
        callbacks.phase("first plan", 1)
        callbacks.incumbent(12.5, 1)
        callbacks.advance(1)
        self._loop.call_soon_threadsafe(self.began.set)
        while not stop.reached():
            time.sleep(0.01)
        return by_hand(problem, **options)


async def test_requested_round_is_planned_and_told(town: RoundTown) -> None:
    job = await town.ask()
    async with town.database.live.subscribe([topic("round_job", job.id)]) as reader:
        await town.work()
        heard: list[str] = []
        async with asyncio.timeout(LIMIT_S):
            while "round_job.finished" not in heard:
                heard += [change.kind for change in reader.take_all() or await reader.wait(5)]

    done = await town.job(job.id)
    (row,) = await town.rounds()
    assert (done.status, done.round_id, done.share) == (RoundJobStatus.FINISHED, row.id, 1.0)
    assert (row.status, row.started_by) == (RoundStatus.FINISHED, town.manager.person_id)
    assert len(await town.rows(Offer, Offer.round_id == row.id)) == 1
    assert await town.rows(Ask) == []
    assert await town.history(job.id) == ["round_job.requested", "round_job.finished"]
    assert heard[0] == "round_job.progress"


async def test_real_engine_tells_its_best_plan_and_its_gap(town: RoundTown) -> None:
    job = await town.ask(tries=1)
    await town.work(solve)

    done = await town.job(job.id)
    assert done.status is RoundJobStatus.FINISHED
    assert done.best_served_count == 1
    assert done.best_value_m is not None
    assert done.best_value_m > 0
    assert done.gap is not None
    assert 0 <= done.gap < 0.01


async def test_round_with_asks_asks_by_the_ladder(town: RoundTown) -> None:
    job = await town.ask(asks=True)
    await town.work()

    done = await town.job(job.id)
    assert done.status is RoundJobStatus.FINISHED
    (ask,) = await town.asks(AskStatus.PROPOSED)
    assert ask.round_id == done.round_id


async def test_round_with_asks_says_why_nobody_was_asked(town: RoundTown) -> None:
    (volunteer,) = await town.rows(matching.models.Volunteer)
    await town.wave_and_send()
    job = await town.ask(asks=True)
    await town.work()

    done = await town.job(job.id)
    assert volunteer is not None
    assert (done.status, done.round_id) == (RoundJobStatus.FINISHED, None)
    assert done.reason in ("nobody_free", "nothing_open")


async def test_done_again_it_changes_nothing(town: RoundTown) -> None:
    job = await town.ask()
    await town.work()
    before = await town.job(job.id)
    await run_round(town.job_tools(), {"round_job_id": str(job.id)})
    await run_round(town.job_tools(), {"round_job_id": str(uuid4())})

    after = await town.job(job.id)
    assert len(await town.rounds()) == 1
    assert (after.attempt_count, after.updated_at) == (before.attempt_count, before.updated_at)


async def test_same_key_is_the_same_round_and_another_has_to_wait(town: RoundTown) -> None:
    first = await town.ask(key="storm-1")
    again = await town.ask(key="storm-1")
    assert again.id == first.id
    with pytest.raises(RoundAlreadyRequested) as refused:
        await town.ask()
    assert refused.value.round_job_id == first.id

    await town.work()
    assert (await town.ask(key="storm-1")).id == first.id
    assert (await town.ask()).id != first.id


async def test_two_who_ask_at_once_get_one_round(town: RoundTown) -> None:
    answers = await asyncio.gather(*(town.ask() for _ in range(4)), return_exceptions=True)

    jobs = await town.rows(RoundJob)
    assert len(jobs) == 1
    assert sum(isinstance(one, RoundJob) for one in answers) == 1
    assert {one.round_job_id for one in answers if isinstance(one, RoundAlreadyRequested)} == {
        jobs[0].id
    }


@pytest.mark.parametrize(
    "values",
    [
        {"time_limit_s": 0.5},
        {"time_limit_s": float("nan")},
        {"time_limit_s": 901},
        {"tries": 51},
        {"seed": -1},
        {"key": "x" * 65},
        {"key": "for Mrs Smith"},
        {"key": ""},
        {"start_at": EVENING, "end_at": EVENING},
        {"asks": True, "start_at": EVENING},
    ],
)
async def test_round_that_cannot_be_planned_is_refused(
    town: RoundTown, values: dict[str, Any]
) -> None:
    with pytest.raises(InvalidRoundRequest):
        await town.ask(**values)


async def test_only_staff_of_the_community_ask_stop_and_read(town: RoundTown) -> None:
    async with town.database.begin() as session:
        other = await add_community(session, "elsewhere")
    foreign = Actor(town.manager.person_id, {other.id: frozenset({Role.MANAGER})})
    job = await town.ask()
    for actor in (foreign, Actor.anonymous()):
        with pytest.raises(NotPermitted):
            await town.ask(actor=actor)
        for key in (job.id, uuid4()):
            async with town.database.begin() as session:
                with pytest.raises(RoundJobUnknown, match=f"no requested round {key}"):
                    await stop_round(session, actor, key, now=EVENING)
                with pytest.raises(RoundJobUnknown, match=f"no requested round {key}"):
                    await read_round_job(session, actor, key)
    assert (await town.job(job.id)).status is RoundJobStatus.WAITING


async def test_round_that_waits_is_ended_at_once(town: RoundTown) -> None:
    job = await town.ask()
    assert (await town.stop(job.id)).status is RoundJobStatus.CANCELLED
    assert (await town.stop(job.id)).status is RoundJobStatus.CANCELLED
    await town.work()

    assert await town.rounds() == []
    assert await town.history(job.id) == ["round_job.requested", "round_job.cancelled"]


async def test_running_round_is_ended_by_a_person(town: RoundTown) -> None:
    job = await town.ask()
    solver = WaitingSolver()
    working = asyncio.create_task(town.work(solver))
    await asyncio.wait_for(solver.began.wait(), LIMIT_S)
    await seen(
        town,
        job.id,
        lambda row: row.stage is RoundStage.PLANNING and row.best_value_m is not None,
    )
    running = await town.job(job.id)
    await town.stop(job.id)
    await asyncio.wait_for(working, LIMIT_S)

    assert (running.best_served_count, running.best_value_m) == (1, 12.5)
    assert 0.1 < running.share < 1
    ended = await town.job(job.id)
    assert ended.status is RoundJobStatus.CANCELLED
    assert [row.status for row in await town.rounds()] == [RoundStatus.CANCELLED]
    assert await town.offers() == []
    assert await town.history(job.id) == [
        "round_job.requested",
        "round_job.stopping",
        "round_job.cancelled",
    ]


async def test_person_may_keep_the_best_plan_so_far(town: RoundTown) -> None:
    job = await town.ask()
    solver = WaitingSolver()
    working = asyncio.create_task(town.work(solver))
    await asyncio.wait_for(solver.began.wait(), LIMIT_S)
    await town.stop(job.id, RoundStop.KEEP)
    await asyncio.wait_for(working, LIMIT_S)

    ended = await town.job(job.id)
    assert ended.status is RoundJobStatus.FINISHED
    assert len(await town.rows(Offer, Offer.round_id == ended.round_id)) == 1
    with pytest.raises(RoundJobEnded):
        await town.stop(job.id)


async def test_time_limit_ends_the_search(town: RoundTown) -> None:
    job = await town.ask(time_limit_s=1)
    await asyncio.wait_for(town.work(WaitingSolver()), LIMIT_S)

    assert (await town.job(job.id)).status is RoundJobStatus.FINISHED


async def test_event_loop_stays_free_while_a_round_is_planned(town: RoundTown) -> None:
    """The solver waits for the loop: on the loop it would wait in vain."""
    loop, began, released = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    waited: list[bool] = []

    def solver(problem: Any, **options: Any) -> Any:
        loop.call_soon_threadsafe(began.set)
        waited.append(released.wait(LIMIT_S / 2))
        return by_hand(problem, **options)

    await town.ask()
    working = asyncio.create_task(town.work(solver))
    await asyncio.wait_for(began.wait(), LIMIT_S)
    released.set()
    await asyncio.wait_for(working, LIMIT_S)

    assert waited == [True]


async def test_solver_that_fails_is_told_and_not_tried_again(town: RoundTown) -> None:
    calls = []

    def broken(*_: Any, **__: Any) -> Any:
        calls.append(1)
        raise ZeroDivisionError

    job = await town.ask()
    await town.work(broken)
    town.clock.advance(timedelta(hours=1))
    await town.work(broken)

    ended = await town.job(job.id)
    assert (ended.status, ended.reason) == (RoundJobStatus.FAILED, "zero_division_error")
    assert [row.status for row in await town.rounds()] == [RoundStatus.FAILED]
    assert (len(calls), await town.failed_jobs()) == (1, 0)


async def test_round_waits_until_another_has_ended(town: RoundTown) -> None:
    start = StartRound(town.community.id, EVENING, EVENING + timedelta(hours=3))
    async with town.database.begin() as session:
        other = await start_round(session, SYSTEM, start, now=EVENING)
    job = await town.ask()
    await town.work()
    waiting = await town.job(job.id)
    async with town.database.begin() as session:
        await fail_round(session, other.id, now=EVENING, reason="worker_died")
    town.clock.advance(timedelta(seconds=10))
    await town.work()

    assert (waiting.status, waiting.reason) == (RoundJobStatus.WAITING, "round_already_running")
    done = await town.job(job.id)
    assert (done.status, done.attempt_count) == (RoundJobStatus.FINISHED, 1)


async def test_finished_round_of_a_dead_worker_counts(town: RoundTown) -> None:
    """Its worker died after the plan was stored, and before it could say so."""
    job = await town.ask()
    await town.work()
    async with town.database.begin() as session:
        row = await session.get_one(RoundJob, job.id)
        row.status, row.round_id, row.share = RoundJobStatus.RUNNING, None, 0.97
    await run_round(town.job_tools(), {"round_job_id": str(job.id)})

    done = await town.job(job.id)
    (row_of_round,) = await town.rounds()
    assert (done.status, done.round_id, done.share) == (
        RoundJobStatus.FINISHED,
        row_of_round.id,
        1.0,
    )


async def test_worker_that_was_given_up_cannot_write(town: RoundTown) -> None:
    job = await town.ask()
    solver = WaitingSolver()
    slow = asyncio.create_task(run_round(town.job_tools(solver), {"round_job_id": str(job.id)}))
    await asyncio.wait_for(solver.began.wait(), LIMIT_S)
    async with town.database.begin() as session:
        await begin_round_job(session, job.id, now=town.clock.now())
    await asyncio.wait_for(slow, LIMIT_S)

    row = await town.job(job.id)
    assert (row.status, row.attempt_count) == (RoundJobStatus.RUNNING, 2)
    assert await town.offers() == []


async def test_lost_round_is_ended_so_that_another_may_begin(town: RoundTown) -> None:
    job = await town.ask()
    async with town.database.begin() as session:
        await begin_round_job(session, job.id, now=town.clock.now())
    town.clock.advance(SILENT - timedelta(seconds=1))
    await matching.rounds.jobs.sweep(town.job_tools(), {})
    assert (await town.job(job.id)).status is RoundJobStatus.RUNNING
    town.clock.advance(timedelta(seconds=2))
    await matching.rounds.jobs.sweep(town.job_tools(), {})

    lost = await town.job(job.id)
    assert (lost.status, lost.reason) == (RoundJobStatus.FAILED, "worker_died")
    await town.ask()


async def test_killed_worker_is_taken_over(
    town: RoundTown, database_url: str, tmp_path: Path
) -> None:
    mark = tmp_path / "began"
    job = await town.ask()
    first = round_process.start(database_url, mark)
    try:
        async with asyncio.timeout(LIMIT_S):
            while not mark.exists():
                assert first.poll() is None
                await asyncio.sleep(0.05)
    finally:
        first.kill()
        first.wait(30)
    second = round_process.start(database_url, mark)
    try:
        await seen(town, job.id, lambda row: row.status is RoundJobStatus.FINISHED)
    finally:
        second.terminate()
        assert second.wait(30) == 0

    done = await town.job(job.id)
    assert done.attempt_count == 2
    dead, alive = await town.rounds()
    assert (dead.status, alive.status) == (RoundStatus.FAILED, RoundStatus.FINISHED)
    assert done.round_id == alive.id
    assert dead.horizon_start_at == alive.horizon_start_at
    offers = await town.rows(Offer)
    assert [offer.round_id for offer in offers] == [alive.id]
    assert await town.failed_jobs() == 0


async def seen(town: RoundTown, job_id: UUID, holds: Callable[[RoundJob], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not holds(await town.job(job_id)):  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.1)


async def test_no_personal_word_is_kept(town: RoundTown) -> None:
    job = await town.ask()
    await town.work()
    async with town.database.read() as session:
        row = (await session.execute(select(RoundJob.__table__).filter_by(id=job.id))).one()
    words = [value for value in row if isinstance(value, str)]
    assert words == [str(job.id), "finished", "storing"]
