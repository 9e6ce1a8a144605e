"""The queue on SQLite: a table of our own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed, unique_where
from core.db import Session, to_json
from core.ids import new_id, parse_id
from core.job_kinds import WORKER_DIED, ClaimedJob, FailedJob, JobHealth, NewJob, WaitingJob

SQLITE_ONLY: dict[str, Any] = {"dialect": "sqlite"}
"""Marks tables that PostgreSQL has no need of."""
WAITING, RUNNING, FAILED = "waiting", "running", "failed"


class JobWorker(Base):
    """A process that does jobs, and when it was last heard of."""

    __tablename__ = "job_worker"
    __table_args__ = ({"info": SQLITE_ONLY, "sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]


class Job(Keyed, Base):
    """Work that waits, is being done, or was given up. What is done is deleted."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'running', 'failed')", name="status_known"),
        CheckConstraint("(status = 'running') OR worker_id IS NULL", name="worker_while_running"),
        Index("ix_job_status_name_due_at", "status", "name", "due_at"),
        unique_where("uq_job_key_waiting", "key", where="status = 'waiting'"),
        {"info": SQLITE_ONLY},
    )

    name: Mapped[str] = mapped_column(String(64))
    key: Mapped[str | None] = mapped_column(String(200))
    args: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it was begun, without those that a worker's death ended."""
    deaths: Mapped[int] = mapped_column(default=0)
    """How many workers died while they did it."""
    worker_id: Mapped[int | None] = mapped_column(
        ForeignKey("job_worker.id", ondelete="SET NULL"), index=True
    )
    error: Mapped[str | None] = mapped_column(String(64))
    """A code word: why the last attempt failed."""
    enqueued_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class JobSlot(Base):
    """The last period for which a periodic job was enqueued."""

    __tablename__ = "job_slot"
    __table_args__ = ({"info": SQLITE_ONLY},)

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    slot_at: Mapped[datetime]


class TableQueue:
    """Jobs in the table ``job``. SQLite has one writer at a time, so plain updates suffice."""

    async def enqueue(self, session: Session, job: NewJob) -> bool:
        await session.flush()
        added = await session.execute(
            insert(Job)
            .values(
                id=new_id(),
                name=job.name,
                key=job.key,
                args=job.args,
                status=WAITING,
                due_at=job.starts_at,
                attempts=0,
                deaths=0,
                enqueued_at=job.now,
            )
            .on_conflict_do_nothing(
                index_elements=[Job.key], index_where=text("status = 'waiting'")
            )
            .returning(Job.id)
        )
        if added.first() is not None:
            return True
        # What was begun once is done as it was begun.
        begun = or_(Job.attempts > 0, Job.deaths > 0)
        await session.execute(
            update(Job)
            .where(Job.key == job.key, Job.status == WAITING, Job.due_at > job.starts_at)
            .values(
                due_at=job.starts_at,
                args=case((begun, Job.args), else_=literal(job.args, Job.args.type)),
            )
        )
        return False

    async def open_slot(self, session: Session, name: str, slot_at: datetime) -> bool:
        """Whether this period of a periodic job is new; it is not for the next who asks."""
        opened = await session.execute(
            insert(JobSlot)
            .values(name=name, slot_at=slot_at)
            .on_conflict_do_update(
                index_elements=[JobSlot.name],
                set_={"slot_at": slot_at},
                where=JobSlot.slot_at < slot_at,
            )
            .returning(JobSlot.name)
        )
        return opened.first() is not None

    async def list_due_names(self, session: Session, names: list[str], now: datetime) -> list[str]:
        wanted = func.json_each(to_json(names)).table_valued("value", name="wanted")
        waits = (
            select(Job.id)
            .where(Job.status == WAITING, Job.name == wanted.c.value, Job.due_at <= now)
            .exists()
        )
        return list(await session.scalars(select(wanted.c.value).where(waits)))

    async def claim(
        self, session: Session, name: str, worker_id: int, now: datetime
    ) -> ClaimedJob | None:
        oldest = (
            select(Job.id)
            .where(Job.status == WAITING, Job.name == name, Job.due_at <= now)
            .order_by(Job.due_at, Job.id)
            .limit(1)
            .scalar_subquery()
        )
        claimed = await session.execute(
            update(Job)
            .where(Job.id == oldest)
            .values(status=RUNNING, worker_id=worker_id, attempts=Job.attempts + 1)
            .returning(Job.id, Job.key, Job.args, Job.attempts, Job.deaths)
        )
        row = claimed.first()
        if row is None:
            return None
        return ClaimedJob(
            id=str(row.id),
            name=name,
            key=row.key,
            args=row.args,
            attempt=row.attempts,
            deaths=row.deaths,
            worker_id=worker_id,
        )

    async def finish(self, session: Session, job: ClaimedJob) -> bool:
        """Done: the job goes. False when another worker has taken it over."""
        ended = await session.execute(delete(Job).where(*_held(job)).returning(Job.id))
        return ended.first() is not None

    async def retry(
        self, session: Session, job: ClaimedJob, *, due_at: datetime, error: str
    ) -> bool:
        """Let it wait for another attempt, in place of one with its key that waits."""
        return await _put_back(session, job, due_at=due_at, error=error)

    async def take_over(self, session: Session, job: ClaimedJob, now: datetime) -> bool:
        """Let somebody else do what a dead worker had begun."""
        values = {"attempts": Job.attempts - 1, "deaths": Job.deaths + 1}
        return await _put_back(session, job, due_at=now, error=WORKER_DIED, **values)

    async def hand_back(self, session: Session, job: ClaimedJob, now: datetime) -> bool:
        """Let somebody else do it, as if this worker had never begun."""
        return await _put_back(session, job, due_at=now, attempts=Job.attempts - 1)

    async def fail(self, session: Session, job: ClaimedJob, *, error: str, now: datetime) -> bool:
        """Give it up: it stays, for staff to see."""
        ended = await session.execute(
            update(Job)
            .where(*_held(job))
            .values(status=FAILED, worker_id=None, error=error, ended_at=now)
            .returning(Job.id)
        )
        return ended.first() is not None

    async def register_worker(self, session: Session, now: datetime) -> int:
        added = await session.execute(insert(JobWorker).values(seen_at=now).returning(JobWorker.id))
        return int(added.scalar_one())

    async def beat(self, session: Session, worker_id: int, now: datetime) -> bool:
        """Say that a worker lives. False when the others have given it up."""
        beaten = await session.execute(
            update(JobWorker)
            .where(JobWorker.id == worker_id)
            .values(seen_at=now)
            .returning(JobWorker.id)
        )
        return beaten.first() is not None

    async def forget_worker(self, session: Session, worker_id: int) -> None:
        await session.execute(delete(JobWorker).where(JobWorker.id == worker_id))

    async def forget_silent_workers(self, session: Session, now: datetime, lease_s: float) -> int:
        """Drop workers that were not heard of for a lease; their jobs are nobody's then."""
        gone = await session.execute(
            delete(JobWorker)
            .where(JobWorker.seen_at < now - timedelta(seconds=lease_s))
            .returning(JobWorker.id)
        )
        return len(gone.all())

    async def list_orphans(self, session: Session, limit: int) -> list[ClaimedJob]:
        """Jobs whose worker is gone."""
        rows = await session.scalars(
            select(Job)
            .where(Job.status == RUNNING, Job.worker_id.is_(None))
            .order_by(Job.id)
            .limit(limit)
            .execution_options(populate_existing=True)
        )
        return [
            ClaimedJob(
                id=str(row.id),
                name=row.name,
                key=row.key,
                args=row.args,
                attempt=row.attempts,
                deaths=row.deaths,
                worker_id=None,
            )
            for row in rows
        ]

    async def next_due_at(self, session: Session) -> datetime | None:
        """When the next job may run."""
        return await session.scalar(select(func.min(Job.due_at)).where(Job.status == WAITING))

    async def find_waiting(self, session: Session, key: str) -> WaitingJob | None:
        """The job that waits with this key."""
        query = select(Job.due_at, Job.args).where(Job.key == key, Job.status == WAITING)
        row = (await session.execute(query)).first()
        return None if row is None else WaitingJob(due_at=row.due_at, args=row.args)

    async def list_failed(self, session: Session, limit: int) -> list[FailedJob]:
        rows = await session.scalars(
            select(Job).where(Job.status == FAILED).order_by(Job.id.desc()).limit(limit)
        )
        return [
            FailedJob(
                id=str(row.id),
                name=row.name,
                args=row.args,
                attempts=row.attempts,
                error=row.error or "unknown",
            )
            for row in rows
        ]

    async def revive(self, session: Session, job_id: str, now: datetime) -> bool:
        """Let a job that was given up be tried again from the start."""
        found = parse_id(job_id)
        key = await session.scalar(select(Job.key).where(Job.id == found, Job.status == FAILED))
        if key is not None:
            await session.execute(delete(Job).where(Job.key == key, Job.status == WAITING))
        revived = await session.execute(
            update(Job)
            .where(Job.id == found, Job.status == FAILED)
            .values(status=WAITING, attempts=0, deaths=0, due_at=now, error=None, ended_at=None)
            .returning(Job.id)
        )
        return revived.first() is not None

    async def health(self, session: Session, now: datetime, lease_s: float) -> JobHealth:
        counts: dict[str, int] = {}
        for row in await session.execute(select(Job.status, func.count()).group_by(Job.status)):
            counts[row[0]] = row[1]
        oldest = select(func.min(Job.due_at)).where(Job.status == WAITING, Job.due_at <= now)
        alive = select(func.count(JobWorker.id)).where(
            JobWorker.seen_at >= now - timedelta(seconds=lease_s)
        )
        return JobHealth(
            waiting_count=counts.get(WAITING, 0),
            running_count=counts.get(RUNNING, 0),
            failed_count=counts.get(FAILED, 0),
            worker_count=await session.scalar(alive) or 0,
            oldest_due_at=await session.scalar(oldest),
        )


def _held(job: ClaimedJob) -> tuple[ColumnElement[bool], ...]:
    """The row, as long as it is still this worker's."""
    worker = Job.worker_id.is_(None) if job.worker_id is None else Job.worker_id == job.worker_id
    return Job.id == parse_id(job.id), Job.status == RUNNING, worker


async def _put_back(session: Session, job: ClaimedJob, *, due_at: datetime, **values: Any) -> bool:
    """Let a job wait again, in place of one with its key, at the earlier time of the two."""
    if await session.scalar(select(Job.id).where(*_held(job))) is None:
        return False
    if job.key is not None:
        replaced = await session.execute(
            delete(Job).where(Job.key == job.key, Job.status == WAITING).returning(Job.due_at)
        )
        due_at = min([due_at, *replaced.scalars()])
    await session.execute(
        update(Job)
        .where(*_held(job))
        .values(status=WAITING, worker_id=None, due_at=due_at, **values)
    )
    return True
