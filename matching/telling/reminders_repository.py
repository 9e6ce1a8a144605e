"""The queries of reminders and of the staff's digest."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.db import Session
from matching.kinds import RequestStatus
from matching.models import HelpRequest
from matching.states import OPEN_REQUESTS
from matching.storms.models import VisitReminder
from messaging.kinds import UNDELIVERED
from messaging.models import Message
from people.models import Community

MAX_COMMUNITIES = 500


async def claim_reminder(
    session: Session, assignment_id: UUID, kind: str, *, now: datetime
) -> bool:
    """Write down that a visit was reminded of; False when it was already."""
    if await session.get(VisitReminder, (assignment_id, kind)) is not None:
        return False
    try:
        async with session.begin_nested():
            session.add(VisitReminder(assignment_id=assignment_id, kind=kind, queued_at=now))
            await session.flush()
    except IntegrityError:
        return False
    return True


async def list_communities(session: Session) -> list[Community]:
    """Every community, by short name."""
    query = select(Community).order_by(Community.slug).limit(MAX_COMMUNITIES)
    return list(await session.scalars(query))


async def count_waiting(session: Session, community_id: UUID, *, since: datetime) -> dict[str, int]:
    """What waits for staff: requests to decide, requests without anybody, failed messages."""
    statuses = (
        await session.execute(
            select(HelpRequest.status, func.count())
            .where(
                HelpRequest.community_id == community_id,
                HelpRequest.status.in_((RequestStatus.NEEDS_REVIEW, *OPEN_REQUESTS)),
            )
            .group_by(HelpRequest.status)
        )
    ).all()
    counted = {status: int(number) for status, number in statuses}
    failed = await session.scalar(
        select(func.count())
        .select_from(Message)
        .where(
            Message.community_id == community_id,
            Message.status.in_(UNDELIVERED),
            Message.queued_at >= since,
        )
    )
    return {
        "review": counted.get(RequestStatus.NEEDS_REVIEW, 0),
        "unserved": sum(counted.get(status, 0) for status in OPEN_REQUESTS),
        "failed": int(failed or 0),
    }
