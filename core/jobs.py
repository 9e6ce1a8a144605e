"""The port of the job queue: enqueue in your own transaction, and it is done once that is kept.

On SQLite jobs wait in a table of ours, on PostgreSQL in the tables of procrastinate. One runner
does them on both, so that they behave alike.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from core.db import Database, Session
from core.job_kinds import (
    FailedJob,
    Handler,
    InvalidJob,
    JobHealth,
    JobKind,
    JobQueue,
    JobRegistry,
    JobTools,
    NewJob,
    Retry,
    WaitingJob,
)
from core.job_procrastinate import ProcrastinateQueue
from core.job_running import JobRunner, Limits, Ran
from core.job_table import TableQueue

__all__ = [
    "FailedJob",
    "Handler",
    "InvalidJob",
    "JobHealth",
    "JobKind",
    "JobRegistry",
    "JobTools",
    "Limits",
    "NewJob",
    "Ran",
    "Retry",
    "WaitingJob",
    "check_jobs",
    "enqueue",
    "find_next_due_at",
    "find_waiting_job",
    "list_failed_jobs",
    "retry_failed_job",
    "run_due_jobs",
    "run_jobs_until",
]

MAX_FAILED = 200

_TABLE = TableQueue()
_PROCRASTINATE = ProcrastinateQueue()


def _queue_of(session: Session) -> JobQueue:
    return _TABLE if session.get_bind().dialect.name == "sqlite" else _PROCRASTINATE


async def enqueue(session: Session, job: NewJob) -> bool:
    """Add a job to the caller's transaction; False when one with its key waits already.

    The one that waits becomes this one when this one is due earlier. It is held until the
    caller's transaction ends, so that it sees what that wrote.
    """
    return await _queue_of(session).enqueue(session, job)


async def list_failed_jobs(session: Session, *, limit: int = MAX_FAILED) -> list[FailedJob]:
    """Jobs that were given up, newest first."""
    return await _queue_of(session).list_failed(session, min(limit, MAX_FAILED))


async def retry_failed_job(session: Session, job_id: str, *, now: datetime) -> bool:
    """Try a job that was given up again from the start; False when there is none such."""
    return await _queue_of(session).revive(session, job_id, now)


async def check_jobs(
    session: Session, *, now: datetime, lease_s: float = Limits.lease_s
) -> JobHealth:
    """How many jobs wait, run and failed, and whether anybody does them."""
    return await _queue_of(session).health(session, now, lease_s)


async def find_next_due_at(
    session: Session, registry: JobRegistry, *, now: datetime
) -> datetime | None:
    """The next moment at which a job may run: for a clock that jumps from one to the next."""
    moments = [await _queue_of(session).next_due_at(session), registry.next_slot_at(now)]
    return min((moment for moment in moments if moment is not None), default=None)


async def find_waiting_job(session: Session, key: str) -> WaitingJob | None:
    """The job that waits with this key, and when it is due; None when none waits."""
    return await _queue_of(session).find_waiting(session, key)


def _runner(
    database: Database, registry: JobRegistry, tools: JobTools, limits: Limits | None = None
) -> JobRunner:
    queue: JobQueue = _TABLE if database.is_sqlite else _PROCRASTINATE
    return JobRunner(queue, registry, tools, limits)


async def run_due_jobs(
    database: Database,
    registry: JobRegistry,
    tools: JobTools,
    *,
    until_idle: bool = True,
    stop: asyncio.Event | None = None,
) -> Ran:
    """Do here, one after the other, what is due by the clock; then also what these make due."""
    return await _runner(database, registry, tools).run_due(until_idle=until_idle, stop=stop)


async def run_jobs_until(
    stop: asyncio.Event,
    registry: JobRegistry,
    tools: JobTools,
    *,
    limits: Limits | None = None,
) -> Ran:
    """Work as a worker until ``stop`` is set; several processes may do so on one database."""
    runner = _runner(tools.database, registry, tools, limits)
    await runner.run(stop)
    return runner.ran
