"""The queue on PostgreSQL: the tables, functions and triggers of procrastinate.

Jobs are deferred by procrastinate's own function, and its shell and reports work on what is here.
Claiming and ending an attempt are our statements, for three things that its worker does not do:
the clock is the product's, a worker that was given up cannot end what another one does by now,
and each kind of job has places of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, text
from sqlalchemy.exc import IntegrityError

from core.db import Session, to_json
from core.job_kinds import WORKER_DIED, ClaimedJob, FailedJob, JobHealth, NewJob, WaitingJob

ERROR = "_error"
DEATHS = "_deaths"
"""Where in a job's arguments the code word of its last failure stands, and how many workers died
while they did it; handlers do not see these."""

_HOLD_WAITING = text(
    """
    SELECT id FROM procrastinate_jobs
    WHERE queueing_lock = :key AND status = 'todo' FOR SHARE
    """
)
_WAITING = text(
    """
    SELECT scheduled_at, args FROM procrastinate_jobs
    WHERE queueing_lock = :key AND status = 'todo'
    """
)
_BRING_FORWARD = text(
    """
    UPDATE procrastinate_jobs SET scheduled_at = :due_at, args = CASE
        WHEN attempts > 0 OR args ?| ARRAY['_error', '_deaths'] THEN args
        ELSE CAST(:args AS jsonb)
    END
    WHERE queueing_lock = :key AND status = 'todo' AND scheduled_at > :due_at RETURNING id
    """
)
_DEFER = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
        CAST(:name AS varchar), CAST(:name AS varchar), 0, NULL, CAST(:key AS text),
        CAST(:args AS jsonb), CAST(:due_at AS timestamptz)
    )::procrastinate_job_to_defer_v1])
    """
)
_OPEN_SLOT = text(
    """
    INSERT INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
    SELECT wanted.name, '', wanted.slot
    FROM (SELECT CAST(:name AS varchar) AS name, CAST(:slot AS bigint) AS slot) AS wanted
    WHERE NOT EXISTS (
        SELECT 1 FROM procrastinate_periodic_defers AS later
        WHERE later.task_name = wanted.name AND later.defer_timestamp > wanted.slot
    )
    ON CONFLICT DO NOTHING RETURNING id
    """
)
_CLOSE_OLD_SLOTS = text(
    "DELETE FROM procrastinate_periodic_defers WHERE task_name = :name AND defer_timestamp < :slot"
)
_DUE_NAMES = text(
    """
    SELECT wanted.name FROM unnest(CAST(:names AS varchar[])) AS wanted(name)
    WHERE EXISTS (
        SELECT 1 FROM procrastinate_jobs
        WHERE queue_name = wanted.name AND status = 'todo' AND scheduled_at <= :now
    )
    """
)
_CLAIM = text(
    """
    UPDATE procrastinate_jobs SET status = 'doing', worker_id = :worker_id
    WHERE id = (
        SELECT id FROM procrastinate_jobs
        WHERE queue_name = :name AND status = 'todo' AND scheduled_at <= :now
        ORDER BY scheduled_at, id LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
    RETURNING id, queueing_lock, args, attempts
    """
)
_DELETE = text(
    """
    DELETE FROM procrastinate_jobs
    WHERE id = :id AND status = 'doing' AND worker_id IS NOT DISTINCT FROM :worker_id
    RETURNING id
    """
)
_LOCK_HELD = text(
    """
    SELECT id FROM procrastinate_jobs
    WHERE id = :id AND status = 'doing' AND worker_id IS NOT DISTINCT FROM :worker_id
    FOR UPDATE
    """
)
_REPLACE_WAITING = text(
    """
    DELETE FROM procrastinate_jobs WHERE queueing_lock = :key AND status = 'todo'
    RETURNING scheduled_at
    """
)
_PUT_BACK = text(
    """
    UPDATE procrastinate_jobs
    SET status = 'todo', worker_id = NULL, scheduled_at = :due_at, attempts = attempts + :more,
        args = CASE WHEN CAST(:error AS text) IS NULL THEN args
               ELSE args || jsonb_build_object('_error', CAST(:error AS text)) END
    WHERE id = :id AND status = 'doing' AND worker_id IS NOT DISTINCT FROM :worker_id
    RETURNING id
    """
)
_TAKE_OVER = text(
    """
    UPDATE procrastinate_jobs
    SET status = 'todo', worker_id = NULL, scheduled_at = :due_at,
        args = args || jsonb_build_object(
            '_error', CAST(:error AS text),
            '_deaths', COALESCE(CAST(args ->> '_deaths' AS integer), 0) + 1
        )
    WHERE id = :id AND status = 'doing' AND worker_id IS NOT DISTINCT FROM :worker_id
    RETURNING id
    """
)
_FAIL = text(
    """
    UPDATE procrastinate_jobs
    SET status = 'failed', worker_id = NULL, attempts = attempts + 1,
        args = args || jsonb_build_object('_error', CAST(:error AS text))
    WHERE id = :id AND status = 'doing' AND worker_id IS NOT DISTINCT FROM :worker_id
    RETURNING id
    """
)
_FORGET_SILENT = text(
    """
    DELETE FROM procrastinate_workers
    WHERE last_heartbeat < now() - make_interval(secs => :lease_s) RETURNING id
    """
)
_ORPHANS = text(
    """
    SELECT id, task_name, queueing_lock, args, attempts FROM procrastinate_jobs
    WHERE status = 'doing' AND worker_id IS NULL ORDER BY id LIMIT :limit
    FOR UPDATE SKIP LOCKED
    """
)
_FAILED = text(
    """
    SELECT id, task_name, args, attempts FROM procrastinate_jobs
    WHERE status = 'failed' ORDER BY id DESC LIMIT :limit
    """
)
_FAILED_KEY = text(
    "SELECT queueing_lock FROM procrastinate_jobs WHERE id = :id AND status = 'failed' FOR UPDATE"
)
_REVIVE = text(
    """
    UPDATE procrastinate_jobs
    SET status = 'todo', attempts = 0, scheduled_at = :now, args = args - '_error' - '_deaths'
    WHERE id = :id AND status = 'failed' RETURNING id
    """
)
_COUNTS = text(
    """
    SELECT count(*) FILTER (WHERE status = 'todo') AS waiting,
           count(*) FILTER (WHERE status = 'doing') AS running,
           count(*) FILTER (WHERE status = 'failed') AS failed,
           min(scheduled_at) FILTER (WHERE status = 'todo' AND scheduled_at <= :now) AS oldest,
           (SELECT count(*) FROM procrastinate_workers
            WHERE last_heartbeat >= now() - make_interval(secs => :lease_s)) AS workers
    FROM procrastinate_jobs
    """
)


class ProcrastinateQueue:
    """Jobs in procrastinate's tables; the queue of a job is its name."""

    async def enqueue(self, session: Session, job: NewJob) -> bool:
        await session.flush()
        if job.key is not None:
            # Held until the caller's transaction ends: claiming skips rows that are locked, so
            # the job that waits cannot begin before it can see what the caller writes.
            sooner = {"key": job.key, "due_at": job.starts_at, "args": to_json(job.args)}
            for hold, values in ((_BRING_FORWARD, sooner), (_HOLD_WAITING, {"key": job.key})):
                held = await session.execute(hold, values)
                if held.first() is not None:
                    return False
        return await self._defer(session, job)

    async def _defer(self, session: Session, job: NewJob) -> bool:
        values = {
            "name": job.name,
            "key": job.key,
            "args": to_json(job.args),
            "due_at": job.starts_at,
        }
        try:
            async with session.begin_nested():
                await session.execute(_DEFER, values)
        except IntegrityError:  # somebody else enqueued the same key a moment ago
            return False
        return True

    async def open_slot(self, session: Session, name: str, slot_at: datetime) -> bool:
        """Whether this period of a periodic job is new; it is not for the next who asks."""
        values = {"name": name, "slot": int(slot_at.timestamp())}
        opened = await session.execute(_OPEN_SLOT, values)
        if opened.first() is None:
            return False
        await session.execute(_CLOSE_OLD_SLOTS, values)
        return True

    async def list_due_names(self, session: Session, names: list[str], now: datetime) -> list[str]:
        return list(await session.scalars(_DUE_NAMES, {"names": names, "now": now}))

    async def claim(
        self, session: Session, name: str, worker_id: int, now: datetime
    ) -> ClaimedJob | None:
        values = {"name": name, "worker_id": worker_id, "now": now}
        row = (await session.execute(_CLAIM, values)).first()
        return None if row is None else _claimed(row, name, worker_id)

    async def finish(self, session: Session, job: ClaimedJob) -> bool:
        """Done: the job goes. False when another worker has taken it over."""
        return await _changed(session, _DELETE, job)

    async def retry(
        self, session: Session, job: ClaimedJob, *, due_at: datetime, error: str
    ) -> bool:
        """Let it wait for another attempt, in place of one with its key that waits."""
        return await self._put_back(session, job, _PUT_BACK, due_at=due_at, more=1, error=error)

    async def take_over(self, session: Session, job: ClaimedJob, now: datetime) -> bool:
        """Let somebody else do what a dead worker had begun."""
        return await self._put_back(session, job, _TAKE_OVER, due_at=now, error=WORKER_DIED)

    async def hand_back(self, session: Session, job: ClaimedJob, now: datetime) -> bool:
        """Let somebody else do it, as if this worker had never begun."""
        return await self._put_back(session, job, _PUT_BACK, due_at=now, more=0, error=None)

    async def _put_back(
        self,
        session: Session,
        job: ClaimedJob,
        statement: TextClause,
        *,
        due_at: datetime,
        **values: Any,
    ) -> bool:
        if not await _changed(session, _LOCK_HELD, job):
            return False
        while True:
            due_at = min([due_at, *await self._replace_waiting(session, job.key)])
            try:
                async with session.begin_nested():
                    return await _changed(session, statement, job, due_at=due_at, **values)
            except IntegrityError:  # the same key was enqueued in between: replace that one too
                continue

    async def _replace_waiting(self, session: Session, key: str | None) -> list[datetime]:
        if key is None:
            return []
        return list(await session.scalars(_REPLACE_WAITING, {"key": key}))

    async def fail(self, session: Session, job: ClaimedJob, *, error: str, now: datetime) -> bool:
        """Give it up: it stays, for staff to see."""
        return await _changed(session, _FAIL, job, error=error)

    async def register_worker(self, session: Session, now: datetime) -> int:
        added = await session.execute(
            text("SELECT worker_id FROM procrastinate_register_worker_v1()")
        )
        return int(added.scalar_one())

    async def beat(self, session: Session, worker_id: int, now: datetime) -> bool:
        """Say that a worker lives. False when the others have given it up."""
        beaten = await session.execute(
            text(
                "UPDATE procrastinate_workers SET last_heartbeat = now() "
                "WHERE id = :id RETURNING id"
            ),
            {"id": worker_id},
        )
        return beaten.first() is not None

    async def forget_worker(self, session: Session, worker_id: int) -> None:
        await session.execute(
            text("SELECT procrastinate_unregister_worker_v1(:id)"), {"id": worker_id}
        )

    async def forget_silent_workers(self, session: Session, now: datetime, lease_s: float) -> int:
        """Drop workers that were not heard of for a lease; their jobs are nobody's then.

        By the database's own clock: workers may run on several machines.
        """
        gone = await session.execute(_FORGET_SILENT, {"lease_s": lease_s})
        return len(gone.all())

    async def list_orphans(self, session: Session, limit: int) -> list[ClaimedJob]:
        """Jobs whose worker is gone; nobody else lists the same ones meanwhile."""
        rows = await session.execute(_ORPHANS, {"limit": limit})
        return [_claimed(row, row.task_name, None) for row in rows]

    async def next_due_at(self, session: Session) -> datetime | None:
        """When the next job may run."""
        moment: datetime | None = await session.scalar(
            text("SELECT min(scheduled_at) FROM procrastinate_jobs WHERE status = 'todo'")
        )
        return moment

    async def find_waiting(self, session: Session, key: str) -> WaitingJob | None:
        """The job that waits with this key."""
        row = (await session.execute(_WAITING, {"key": key})).first()
        if row is None:
            return None
        return WaitingJob(due_at=row.scheduled_at, args=_own_args(row.args))

    async def list_failed(self, session: Session, limit: int) -> list[FailedJob]:
        rows = await session.execute(_FAILED, {"limit": limit})
        return [
            FailedJob(
                id=_id_text(row.id),
                name=row.task_name,
                args=_own_args(row.args),
                attempts=row.attempts,
                error=row.args.get(ERROR, "unknown"),
            )
            for row in rows
        ]

    async def revive(self, session: Session, job_id: str, now: datetime) -> bool:
        """Let a job that was given up be tried again from the start."""
        try:
            values = {"id": _id_number(job_id), "now": now}
        except ValueError:
            return False
        key = await session.scalar(_FAILED_KEY, values)
        while True:
            await self._replace_waiting(session, key)
            try:
                async with session.begin_nested():
                    revived = await session.execute(_REVIVE, values)
                break
            except IntegrityError:
                continue
        return revived.first() is not None

    async def health(self, session: Session, now: datetime, lease_s: float) -> JobHealth:
        row = (await session.execute(_COUNTS, {"now": now, "lease_s": lease_s})).one()
        return JobHealth(
            waiting_count=row.waiting,
            running_count=row.running,
            failed_count=row.failed,
            worker_count=row.workers,
            oldest_due_at=row.oldest,
        )


async def _changed(session: Session, statement: Any, job: ClaimedJob, **values: Any) -> bool:
    held = {"id": _id_number(job.id), "worker_id": job.worker_id}
    result = await session.execute(statement, held | values)
    return result.first() is not None


def _claimed(row: Row[Any], name: str, worker_id: int | None) -> ClaimedJob:
    return ClaimedJob(
        id=_id_text(row.id),
        name=name,
        key=row.queueing_lock,
        args=_own_args(row.args),
        attempt=row.attempts + 1,
        deaths=row.args.get(DEATHS, 0),
        worker_id=worker_id,
    )


def _own_args(args: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in args.items() if key not in (ERROR, DEATHS)}


def _id_text(number: int) -> str:
    """A number as the kind of id that all of the house has."""
    return str(UUID(int=number))


def _id_number(job_id: str) -> int:
    return UUID(job_id).int
