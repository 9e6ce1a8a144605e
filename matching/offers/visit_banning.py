"""A volunteer who does not want to meet somebody again says so, once and without explaining."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.db import Session
from matching.errors import AssignmentUnknown
from matching.kinds import BanSide
from matching.models import Ban
from matching.offers import visit_repository
from matching.volunteering.bans import BanPair, ban_pair
from people.auth import Actor

NOT_THIS_PERSON = "not_this_person"


async def keep_apart(session: Session, actor: Actor, assignment_id: UUID, *, now: datetime) -> Ban:
    """Give a visit back and never be asked for this resident again; staff see it.

    Records ``pair.banned`` and ``assignment.released``.
    """
    work = await visit_repository.find_work(session, assignment_id)
    volunteer = (
        None if work is None else await visit_repository.find_volunteer(session, work.volunteer_id)
    )
    if work is None or volunteer is None or actor.person_id != volunteer.person_id:
        raise AssignmentUnknown(f"There is no accepted work {assignment_id}.")
    command = BanPair(
        volunteer_id=volunteer.id,
        resident_id=work.request.resident_id,
        asked_by=BanSide.VOLUNTEER,
        reason=NOT_THIS_PERSON,
    )
    return await ban_pair(session, actor, command, now=now)
