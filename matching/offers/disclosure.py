"""A volunteer learns where a home is when the work is accepted, and not before."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.db import Session
from matching.errors import AssignmentUnknown
from matching.models import Assignment, HelpRequest, Volunteer
from matching.states import HELD_ASSIGNMENTS
from people.auth import Actor
from people.disclosure import ExactAddress, release_address


async def read_work_address(
    session: Session, actor: Actor, assignment_id: UUID, *, now: datetime
) -> ExactAddress:
    """Show the volunteer who holds the work where it is. Records ``address.released``."""
    work = await session.get(Assignment, assignment_id)
    volunteer = None if work is None else await session.get(Volunteer, work.volunteer_id)
    request = None if work is None else await session.get(HelpRequest, work.request_id)
    holds = (
        work is not None
        and volunteer is not None
        and work.status in HELD_ASSIGNMENTS
        and actor.person_id is not None
        and actor.person_id == volunteer.person_id
    )
    if request is None or not holds:
        raise AssignmentUnknown(f"There is no accepted work {assignment_id}.")
    return await release_address(
        session, actor, request.household_id, now=now, reason="work_accepted"
    )
