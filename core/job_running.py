"""Doing jobs: all that are due now, or as a worker until it is told to stop."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.db import Session
from core.errors import TalkootError, Unavailable
from core.job_kinds import (
    WORKER_DIED,
    ClaimedJob,
    JobQueue,
    JobRegistry,
    JobTools,
    NewJob,
    Retry,
)
from core.logging import get_logger

LOGGER = get_logger(__name__)

MAX_RUNS = 100_000
"""A bound for `run_due`: jobs that keep enqueueing each other end here."""
ORPHANS_AT_ONCE = 200
BEATS_IN_A_LEASE = 5
TIME_LIMIT = "time_limit"

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How a worker keeps time."""

    lease_s: float = 30.0
    """A worker that was not heard of for so long has died; others do its jobs."""
    poll_s: float = 0.5
    """How long to rest when nothing is due."""
    grace_s: float = 20.0
    """How long running jobs may go on after a stop, before they are handed back."""
    hand_back_s: float = 5.0
    """How long a job that is handed back may take to end."""


@dataclass
class Ran:
    """What a run of jobs came to."""

    done_count: int = 0
    retried_count: int = 0
    failed_count: int = 0
    handed_back_count: int = 0


class JobRunner:
    """One process's share of the work: claims jobs, does them, and writes how they ended."""

    def __init__(
        self,
        queue: JobQueue,
        registry: JobRegistry,
        tools: JobTools,
        limits: Limits | None = None,
    ) -> None:
        self.ran = Ran()
        self._queue = queue
        self._registry = registry
        self._tools = tools
        self._limits = limits or Limits()
        self._worker_id = 0
        self._running: dict[asyncio.Task[None], ClaimedJob] = {}
        self._opened: dict[str, datetime] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; then finish what runs, or hand it back in time."""
        if not await self._enter_until(stop):
            return
        LOGGER.info("worker.began", worker_count=1)
        heart = asyncio.create_task(self._beat())
        try:
            while not stop.is_set() and not heart.done():
                if not await self._begin_due_jobs():
                    await self._rest(stop)
            await self._end_running_jobs()
        finally:
            heart.cancel()
            await asyncio.wait([heart])
            await self._leave()
        if not heart.cancelled():
            heart.result()  # a fault of ours: without a heartbeat others do our jobs
        LOGGER.info("worker.ended", done_count=self.ran.done_count)

    async def run_due(self, *, until_idle: bool = True, stop: asyncio.Event | None = None) -> Ran:
        """Do what is due now, one after the other; ``until_idle``: also what these make due."""
        await self._enter()
        try:
            names = list(self._registry.kinds)
            async with self._tools.database.begin() as session:
                await self._keep_house(session, self._tools.clock.now())
                most = MAX_RUNS if until_idle else await self._count_due(session)
            for _ in range(most):
                if stop is not None and stop.is_set():
                    break
                job = await self._claim_oldest(names)
                if job is None:
                    break
                await self._do(job)
            return self.ran
        finally:
            await self._leave()

    # ---- coming and going

    async def _enter(self) -> None:
        async with self._tools.database.begin() as session:
            self._worker_id = await self._queue.register_worker(session, self._tools.clock.now())

    async def _enter_until(self, stop: asyncio.Event) -> bool:
        while not stop.is_set():
            try:
                await self._enter()
                return True
            except Unavailable as error:
                LOGGER.warning("worker.waits_for_database", code=error.code)
                await self._rest(stop)
        return False

    async def _leave(self) -> None:
        """Go with a word, so that nobody waits for a lease to run out."""
        try:
            async with self._tools.database.begin() as session:
                await self._queue.forget_worker(session, self._worker_id)
        except Unavailable as error:
            LOGGER.warning("worker.left_without_word", code=error.code)

    async def _beat(self) -> None:
        while True:
            try:
                async with self._tools.database.begin() as session:
                    # One moment for both: on a slow machine the beat itself may take long.
                    now = self._tools.clock.now()
                    alive = await self._queue.beat(session, self._worker_id, now)
                    if alive:
                        await self._keep_house(session, now)
                if not alive:
                    await self._begin_anew()
            except Unavailable as error:
                LOGGER.warning("worker.waits_for_database", code=error.code)
            await asyncio.sleep(self._limits.lease_s / BEATS_IN_A_LEASE)

    async def _begin_anew(self) -> None:
        """Others took us for dead and do our jobs: let go of them, and come back as new."""
        LOGGER.warning("worker.was_given_up", running_count=len(self._running))
        for task in self._running:
            task.cancel()
        await self._enter()

    async def _end_running_jobs(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=self._limits.grace_s)
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=self._limits.hand_back_s)

    # ---- keeping house: what every worker does for all

    async def _keep_house(self, session: Session, now: datetime) -> None:
        gone_count = await self._queue.forget_silent_workers(session, now, self._limits.lease_s)
        if gone_count:
            LOGGER.warning("worker.died", worker_count=gone_count)
        for job in await self._queue.list_orphans(session, ORPHANS_AT_ONCE):
            await self._take_over(session, job, now)
        for name, slot_at in self._registry.slots(now):
            if self._opened.get(name) == slot_at:
                continue
            if await self._queue.open_slot(session, name, slot_at):
                await self._queue.enqueue(session, NewJob(name=name, key=f"every:{name}", now=now))
            self._opened[name] = slot_at

    async def _take_over(self, session: Session, job: ClaimedJob, now: datetime) -> None:
        """Let a dead worker's job be done by somebody else, unless it is what kills workers."""
        kind = self._registry.kinds.get(job.name)
        most = (kind.retry if kind else Retry()).max_deaths
        if job.deaths + 1 >= most:
            await self._queue.fail(session, job, error=WORKER_DIED, now=now)
        else:
            await self._queue.take_over(session, job, now)
        LOGGER.warning("job.taken_over", kind=job.name, job_id=job.id, count=job.deaths + 1)

    # ---- claiming

    async def _count_due(self, session: Session) -> int:
        health = await self._queue.health(session, self._tools.clock.now(), self._limits.lease_s)
        return health.waiting_count

    async def _claim_oldest(self, names: list[str]) -> ClaimedJob | None:
        now = self._tools.clock.now()
        async with self._tools.database.begin() as session:
            for name in await self._queue.list_due_names(session, names, now):
                job = await self._queue.claim(session, name, self._worker_id, now)
                if job is not None:
                    return job
        return None

    def _free_places(self) -> dict[str, int]:
        """For each name, how many more of its jobs this process may begin."""
        taken = Counter(job.name for job in self._running.values())
        return {
            kind.name: kind.at_once - taken[kind.name]
            for kind in self._registry.kinds.values()
            if kind.at_once > taken[kind.name]
        }

    async def _begin_due_jobs(self) -> bool:
        """Fill the free places; False when there was nothing to fill them with."""
        places = self._free_places()
        now = self._tools.clock.now()
        try:
            async with self._tools.database.read() as session:
                due = await self._queue.list_due_names(session, list(places), now)
            claimed: list[ClaimedJob] = []
            if due:
                async with self._tools.database.begin() as session:
                    for name in due:
                        claimed += await self._claim_some(session, name, places[name])
        except Unavailable as error:
            LOGGER.warning("worker.waits_for_database", code=error.code)
            return False
        for job in claimed:
            task = asyncio.create_task(self._do(job))
            self._running[task] = job
            task.add_done_callback(self._forget)
        return bool(claimed)

    async def _claim_some(self, session: Session, name: str, most: int) -> list[ClaimedJob]:
        claimed: list[ClaimedJob] = []
        for _ in range(most):
            job = await self._queue.claim(session, name, self._worker_id, self._tools.clock.now())
            if job is None:
                break
            claimed.append(job)
        return claimed

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        if not task.cancelled() and task.exception() is not None:
            LOGGER.error("job.end_not_written", error=task.exception())

    async def _rest(self, stop: asyncio.Event) -> None:
        """Wait until something may have changed: a stop, a free place, or the next look."""
        told = asyncio.create_task(stop.wait())
        await asyncio.wait(
            [told, *self._running],
            timeout=self._limits.poll_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        told.cancel()

    # ---- doing

    async def _do(self, job: ClaimedJob) -> None:
        loop = asyncio.get_running_loop()
        kind, began_s = self._registry.kinds[job.name], loop.time()
        try:
            async with asyncio.timeout(kind.limit_s) as limit:
                await kind.handler(self._tools, job.args)
        except asyncio.CancelledError:
            await self._write_end(lambda session: self._hand_back(session, job))
            raise
        except Exception as error:  # whatever a handler raises is an attempt that failed
            word = TIME_LIMIT if limit.expired() else error_word(error)
            LOGGER.error(
                "job.attempt_failed",
                error=error,
                kind=job.name,
                job_id=job.id,
                attempt=job.attempt,
                reason=word,
            )
            await self._write_end(lambda session: self._retry_or_fail(session, job, word))
        else:
            await self._write_end(lambda session: self._finish(session, job))
            LOGGER.info(
                "job.done",
                kind=job.name,
                job_id=job.id,
                attempt=job.attempt,
                took_s=round(loop.time() - began_s, 3),
            )

    async def _write_end(self, write: Callable[[Session], Awaitable[None]]) -> None:
        """Write how an attempt ended, for as long as the job can be ours."""
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + self._limits.lease_s
        while True:
            try:
                async with self._tools.database.begin() as session:
                    return await write(session)
            except Unavailable as error:
                if loop.time() > deadline_s:
                    raise
                LOGGER.warning("worker.waits_for_database", code=error.code)
                await asyncio.sleep(self._limits.poll_s)

    async def _finish(self, session: Session, job: ClaimedJob) -> None:
        if await self._queue.finish(session, job):
            self.ran.done_count += 1

    async def _hand_back(self, session: Session, job: ClaimedJob) -> None:
        if await self._queue.hand_back(session, job, self._tools.clock.now()):
            self.ran.handed_back_count += 1
            LOGGER.info("job.handed_back", kind=job.name, job_id=job.id)

    async def _retry_or_fail(self, session: Session, job: ClaimedJob, word: str) -> None:
        retry, now = self._registry.kinds[job.name].retry, self._tools.clock.now()
        if job.attempt >= retry.max_attempts:
            if await self._queue.fail(session, job, error=word, now=now):
                self.ran.failed_count += 1
                LOGGER.error("job.given_up", kind=job.name, job_id=job.id, attempt=job.attempt)
            return
        due_at = now + timedelta(seconds=retry.rest_s(job.attempt, job.id))
        if await self._queue.retry(session, job, due_at=due_at, error=word):
            self.ran.retried_count += 1


def error_word(error: BaseException) -> str:
    """A code word for an error: its own, else the name of its kind."""
    if isinstance(error, TalkootError):
        return error.code
    return _HUMP.sub("_", type(error).__name__).lower()[:64]
