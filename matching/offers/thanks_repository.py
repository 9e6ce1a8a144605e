"""The statements about thanks for visits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core.db import Session
from matching.kinds import AssignmentStatus, RequestKind
from matching.models import Assignment, HelpRequest, Volunteer
from matching.offers.visit_models import VisitThanks
from people.auth import Actor

MOST = 20


async def find_thanks(session: Session, request_id: UUID) -> VisitThanks | None:
    """What was said about one request, taken away or not; for whoever may open its page."""
    return await session.get(VisitThanks, request_id)


async def list_own_thanks(
    session: Session, actor: Actor, *, since: datetime, most: int = MOST
) -> list[tuple[VisitThanks, RequestKind]]:
    """What residents said to the actor since a moment, with the kind of help; the newest first."""
    query = (
        select(VisitThanks, HelpRequest.kind)
        .join(HelpRequest, HelpRequest.id == VisitThanks.request_id)
        .join(Assignment, Assignment.request_id == HelpRequest.id)
        .join(Volunteer, Volunteer.id == Assignment.volunteer_id)
        .where(
            Volunteer.person_id == actor.person_id,
            Assignment.status == AssignmentStatus.DONE,
            VisitThanks.said_at >= since,
            VisitThanks.removed_at.is_(None),
        )
        .order_by(VisitThanks.said_at.desc(), VisitThanks.request_id)
        .limit(most)
    )
    return [(row, kind) for row, kind in await session.execute(query)]
