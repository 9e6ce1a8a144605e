"""A requested round in the hands of its worker: beginning, telling how far it is, ending."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.db import Session
from core.events import record_event
from core.live import Change, tell_only
from matching.errors import RoundNotRunning
from matching.kinds import RoundJobStatus, RoundStatus, RoundStop
from matching.rounds import jobs_repository
from matching.rounds.models import RoundJob
from matching.rounds.requesting import schedule_round
from matching.rounds.watching import RoundProgress
from matching.transitions import Cause, move_round

PROGRESS = "round_job.progress"
"""Kind of the change that watchers hear of; it is not part of the history."""
MAX_ATTEMPTS = 8
WAIT_FOR_OTHER = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
"""A round that cannot begin for so long because others run is given up."""
SILENT = timedelta(minutes=10)
"""A running one whose worker has not been heard of for so long is lost."""


def job_key(job_id: UUID) -> str:
    """Which rounds were begun for a request; see `matching.rounds.models.Round.job_key`."""
    return f"round:{job_id}"


async def begin_round_job(session: Session, job_id: UUID, *, now: datetime) -> RoundJob | None:
    """Take a requested round into work; None when nothing is left to do.

    What a dead worker left is taken over: its finished round counts, a cancelled one ends.
    """
    row = await jobs_repository.lock_round_job(session, job_id)
    if row is None or row.status not in jobs_repository.OPEN_JOBS:
        return None
    begun = await jobs_repository.find_round_of_job(session, row, job_key(job_id))
    if begun is not None and begun.status is RoundStatus.FINISHED:
        _end(session, row, RoundJobStatus.FINISHED, now, round_id=begun.id, gap=begun.gap)
        row.share = 1.0
        return None
    if row.stop_wanted is RoundStop.DISCARD:
        if begun is not None and begun.status is RoundStatus.RUNNING:
            cause = Cause(now=now, reason="interrupted")
            await move_round(session, begun.id, RoundStatus.CANCELLED, cause)
        _end(session, row, RoundJobStatus.CANCELLED, now)
        return None
    if row.attempt_count >= MAX_ATTEMPTS:
        _end(session, row, RoundJobStatus.FAILED, now, reason="too_many_attempts")
        return None
    row.attempt_count += 1
    row.status, row.reason = RoundJobStatus.RUNNING, None
    row.started_at = row.started_at or now
    row.updated_at = now
    _tell(session, row)
    await session.flush()
    return row


async def store_progress(
    session: Session, job: RoundJob, progress: RoundProgress, *, now: datetime
) -> None:
    """Write how far a round is, and tell watchers.

    Raises
    ------
    RoundNotRunning
        When another worker does it by now, or it was ended: stop working on it.
    """
    values = progress.as_values() | {"updated_at": now}
    await _change_own(session, job, values)
    _tell(session, job)


async def wait_for_other(session: Session, job: RoundJob, *, now: datetime) -> None:
    """Put a round back that cannot begin because another one of the community runs."""
    if now - job.requested_at > LONGEST_WAIT:
        reason = "round_already_running"
        await end_round_job(session, job, RoundJobStatus.FAILED, now=now, reason=reason)
        return
    # Waiting is no attempt.
    values = {
        "status": RoundJobStatus.WAITING,
        "reason": "round_already_running",
        "attempt_count": job.attempt_count - 1,
        "started_at": None,
        "updated_at": now,
    }
    await _change_own(session, job, values)
    _tell(session, job)
    await schedule_round(session, job.id, due_at=now + WAIT_FOR_OTHER, now=now)


async def end_round_job(
    session: Session, job: RoundJob, status: RoundJobStatus, *, now: datetime, **values: Any
) -> None:
    """Write how a round ended. Records ``round_job.<status>``."""
    await _change_own(
        session, job, {"status": status, "ended_at": now, "updated_at": now, **values}
    )
    _record_end(session, job, status, now, values.get("reason"))


async def fail_lost_jobs(session: Session, *, now: datetime) -> int:
    """End running ones that no worker does any more; how many."""
    lost = await jobs_repository.list_lost_jobs(session, now - SILENT)
    for job_id in lost:
        row = await jobs_repository.lock_round_job(session, job_id)
        if row is not None and row.status is RoundJobStatus.RUNNING:
            _end(session, row, RoundJobStatus.FAILED, now, reason="worker_died")
    return len(lost)


async def _change_own(session: Session, job: RoundJob, values: dict[str, Any]) -> None:
    if not await jobs_repository.change_own(session, job.id, job.attempt_count, values):
        raise RoundNotRunning(f"The requested round {job.id} has ended; its result is not kept.")


def _end(
    session: Session, row: RoundJob, status: RoundJobStatus, now: datetime, **values: Any
) -> None:
    row.status, row.ended_at, row.updated_at = status, now, now
    for name, value in values.items():
        setattr(row, name, value)
    _record_end(session, row, status, now, values.get("reason"))


def _record_end(
    session: Session, row: RoundJob, status: RoundJobStatus, now: datetime, reason: str | None
) -> None:
    record_event(
        session,
        f"round_job.{status.value}",
        subject_type="round_job",
        subject_id=row.id,
        happened_at=now,
        community_id=row.community_id,
        reason=reason,
    )


def _tell(session: Session, row: RoundJob) -> None:
    tell_only(session, Change(PROGRESS, "round_job", row.id, row.community_id))
