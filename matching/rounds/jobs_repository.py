"""The queries of rounds that somebody asked for, and of how far their workers are."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from core.db import Session
from matching.kinds import RoundJobStatus, RoundStop
from matching.rounds.models import Round, RoundJob
from people.models import Community

OPEN_JOBS = (RoundJobStatus.WAITING, RoundJobStatus.RUNNING)
MAX_LOST = 100
"""Of one sweep."""


async def find_round_job(session: Session, job_id: UUID) -> RoundJob | None:
    """A requested round, or None."""
    return await session.get(RoundJob, job_id)


async def lock_round_job(session: Session, job_id: UUID) -> RoundJob | None:
    """A requested round as it is now, held until the transaction ends."""
    query = select(RoundJob).where(RoundJob.id == job_id).with_for_update()
    found: RoundJob | None = await session.scalar(query.execution_options(populate_existing=True))
    return found


async def find_by_key(session: Session, community_id: UUID, key: str) -> RoundJob | None:
    """The round that was asked for with a key, or None."""
    found: RoundJob | None = await session.scalar(
        select(RoundJob).where(RoundJob.community_id == community_id, RoundJob.key == key)
    )
    return found


async def find_open_job(session: Session, community_id: UUID) -> RoundJob | None:
    """The requested round of a community that waits or runs, or None."""
    found: RoundJob | None = await session.scalar(
        select(RoundJob).where(
            RoundJob.community_id == community_id, RoundJob.status.in_(OPEN_JOBS)
        )
    )
    return found


async def find_last_job(session: Session, community_id: UUID) -> RoundJob | None:
    """The newest requested round of a community, or None."""
    found: RoundJob | None = await session.scalar(
        select(RoundJob)
        .where(RoundJob.community_id == community_id)
        .order_by(RoundJob.requested_at.desc(), RoundJob.id.desc())
        .limit(1)
    )
    return found


async def list_lost_jobs(session: Session, silent_since: datetime) -> list[UUID]:
    """Running ones whose worker has not been heard of since a moment."""
    query = (
        select(RoundJob.id)
        .where(RoundJob.status == RoundJobStatus.RUNNING, RoundJob.updated_at < silent_since)
        .order_by(RoundJob.id)
        .limit(MAX_LOST)
    )
    return list(await session.scalars(query))


async def find_round_of_job(session: Session, job: RoundJob, job_key: str) -> Round | None:
    """The newest round that was begun for a request, or None."""
    found: Round | None = await session.scalar(
        select(Round)
        .where(Round.community_id == job.community_id, Round.job_key == job_key)
        .order_by(Round.started_at.desc(), Round.id.desc())
        .limit(1)
    )
    return found


async def get_slug(session: Session, community_id: UUID) -> str:
    """The short name of a community."""
    return (await session.execute(select(Community.slug).filter_by(id=community_id))).scalar_one()


async def read_stop(session: Session, job_id: UUID, attempt: int) -> tuple[bool, RoundStop | None]:
    """Whether this attempt still runs, and whether somebody wants it to end."""
    row = (
        await session.execute(select(RoundJob.stop_wanted).where(*_own(job_id, attempt)))
    ).first()
    return (False, None) if row is None else (True, row.stop_wanted)


async def change_own(session: Session, job_id: UUID, attempt: int, values: dict[str, Any]) -> bool:
    """Write into a running job; False when this attempt was given up or the job has ended."""
    changed = await session.execute(
        update(RoundJob).where(*_own(job_id, attempt)).values(values).returning(RoundJob.id)
    )
    return changed.first() is not None


def _own(job_id: UUID, attempt: int) -> tuple[ColumnElement[bool], ...]:
    return (
        RoundJob.id == job_id,
        RoundJob.attempt_count == attempt,
        RoundJob.status == RoundJobStatus.RUNNING,
    )
