"""The queries on what a volunteer has done: for themselves and for staff. No home can be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from core.db import Session
from matching.kinds import AssignmentStatus
from matching.models import Assignment, HelpRequest
from matching.volunteering.listing_repository import visible_keys
from people.auth import Actor

MOST_VISITS = 2_000


@dataclass(frozen=True)
class DoneVisit:
    """One visit that was done."""

    at: datetime
    service_s: int


@dataclass(frozen=True)
class DoneSum:
    """All that was done."""

    visit_count: int
    home_count: int
    person_count: int
    service_s: int
    last_at: datetime | None


async def list_done_visits(
    session: Session, actor: Actor, volunteer_id: UUID, *, since: datetime, until: datetime
) -> list[DoneVisit]:
    """The visits that ended in a time, the oldest first; the work as planned."""
    query = (
        select(Assignment.ended_at, HelpRequest.service_s)
        .join(HelpRequest, HelpRequest.id == Assignment.request_id)
        .where(
            Assignment.volunteer_id.in_(visible_keys(actor, [volunteer_id])),
            Assignment.status == AssignmentStatus.DONE,
            Assignment.ended_at >= since,
            Assignment.ended_at < until,
        )
        .order_by(Assignment.ended_at, Assignment.id)
        .limit(MOST_VISITS)
    )
    return [
        DoneVisit(at, service_s)
        for at, service_s in (await session.execute(query)).all()
        if at is not None
    ]


async def sum_done(session: Session, actor: Actor, volunteer_id: UUID) -> DoneSum:
    """How many visits, homes and people, and how long the work was planned to take."""
    query = (
        select(
            func.count(),
            func.count(func.distinct(HelpRequest.household_id)),
            func.count(func.distinct(HelpRequest.resident_id)),
            func.sum(HelpRequest.service_s),
            func.max(Assignment.ended_at),
        )
        .join(HelpRequest, HelpRequest.id == Assignment.request_id)
        .where(
            Assignment.volunteer_id.in_(visible_keys(actor, [volunteer_id])),
            Assignment.status == AssignmentStatus.DONE,
        )
    )
    visits, homes, people, service_s, last_at = (await session.execute(query)).one()
    return DoneSum(visits, homes, people, int(service_s or 0), last_at)
