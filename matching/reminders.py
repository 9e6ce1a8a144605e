"""Reminders of agreed visits: the day before at eleven, and two hours before, by local clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import Session
from core.jobs import JobRegistry, JobTools, NewJob, Retry, enqueue
from matching.kinds import AssignmentStatus
from matching.models import Assignment
from matching.notifications import notify_digest_staff, notify_visit_reminder
from matching.storms.repository import list_staff
from matching.telling import reminders_repository as repository
from people.models import Community

REMIND = "matching.remind"
DIGEST = "matching.digest_staff"
DAY_BEFORE = "day_before"
SOON = "soon"
DAY_BEFORE_CLOCK = time(11, 0)
SOON_BEFORE = timedelta(hours=2)
TOO_LATE = timedelta(minutes=45)
"""Closer to the visit than this a reminder only disturbs."""
FRESH = timedelta(hours=3)
"""Whoever said yes so lately need not be reminded."""
DIGEST_HOUR = 9
DIGEST_MINUTES = 30


def reminder_times(
    starts_at: datetime, accepted_at: datetime, zone: ZoneInfo
) -> dict[str, datetime]:
    """When to remind, in UTC. A time that clocks skip or show twice is the first real one."""
    day = starts_at.astimezone(zone).date() - timedelta(days=1)
    local = datetime.combine(day, DAY_BEFORE_CLOCK, zone)
    times = {DAY_BEFORE: local.astimezone(UTC), SOON: starts_at - SOON_BEFORE}
    return {kind: moment for kind, moment in times.items() if moment >= accepted_at + FRESH}


async def plan_reminders(session: Session, work: Assignment, *, now: datetime) -> int:
    """Enqueue the reminders of accepted work, in the transaction of the yes; how many."""
    community = await session.get_one(Community, work.community_id)
    times = reminder_times(work.starts_at, work.accepted_at, ZoneInfo(community.time_zone))
    for kind, moment in times.items():
        await enqueue(
            session,
            NewJob(
                name=REMIND,
                args={"assignment_id": str(work.id), "kind": kind},
                key=f"remind:{work.id}:{kind}",
                due_at=moment,
                now=now,
            ),
        )
    return len(times)


async def remind(session: Session, assignment_id: UUID, kind: str, *, now: datetime) -> bool:
    """Remind of a visit once, if it still stands and is not too near; whether it was."""
    work = await session.get(Assignment, assignment_id)
    if work is None or work.status is not AssignmentStatus.ACCEPTED:
        return False
    if now > work.starts_at - TOO_LATE:
        return False
    if not await repository.claim_reminder(session, assignment_id, kind, now=now):
        return False
    await notify_visit_reminder(session, work, kind, now=now)
    return True


async def remind_job(tools: JobTools, args: dict[str, Any]) -> None:
    """Remind of one visit."""
    async with tools.database.begin() as session:
        await remind(session, UUID(args["assignment_id"]), str(args["kind"]), now=tools.clock.now())


async def digest_staff_job(tools: JobTools, args: dict[str, Any]) -> None:
    """Tell staff once a day, after nine by their clocks, what waits for them."""
    now = tools.clock.now()
    async with tools.database.read() as session:
        communities = await repository.list_communities(session)
    for community in communities:
        if now.astimezone(ZoneInfo(community.time_zone)).hour != DIGEST_HOUR:
            continue
        async with tools.database.begin() as session:
            await digest_staff(session, community.id, now=now)


async def digest_staff(session: Session, community_id: UUID, *, now: datetime) -> int:
    """Queue the digest for each of the staff; how many were queued."""
    counts = await repository.count_waiting(session, community_id, since=now - timedelta(days=1))
    told = 0
    for person_id in await list_staff(session, community_id):
        message = await notify_digest_staff(session, community_id, person_id, counts, now=now)
        told += message is not None
    return told


def register_jobs(registry: JobRegistry) -> None:
    """Add the jobs of reminders."""
    registry.add(REMIND, remind_job, retry=Retry())
    registry.add(DIGEST, digest_staff_job, retry=Retry(max_attempts=3))
    registry.every(DIGEST, minutes=DIGEST_MINUTES)
