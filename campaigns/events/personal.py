"""What events do when a person is erased, or takes along what is kept about them.

A seat that lies ahead goes to the next in line. Of events that are over the numbers stay, without a
person: how many came is no secret, who came is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.events import personal_repository, repository, seats_repository
from campaigns.events.kinds import LIVE, RegistrationStatus
from campaigns.events.seating import fill_seats, leave_place, record
from core.db import Session
from matching.personal.erasure_repository import load_marks

TABLES = frozenset({"community_event", "event_desk", "event_helper", "event_registration"})
REASON = "person_erased"


async def forget_person(session: Session, person_id: UUID, now: datetime) -> None:
    """Free the person's seats for those who wait, and take them out of all lists."""
    for occurrence_id in await personal_repository.list_occurrence_ids(session, person_id):
        occurrence = await seats_repository.lock_occurrence(session, occurrence_id)
        row = await seats_repository.find_registration(session, occurrence_id, person_id)
        if row is None:
            continue
        ahead = row.status in LIVE and now < occurrence.ends_at
        if ahead:
            leave_place(occurrence, row, RegistrationStatus.CANCELLED, now)
            record(session, "registration.cancelled", row, now=now, reason=REASON)
        row.person_id = None
        row.check_in_code = None
        await session.flush()
        if ahead:
            event = await repository.read_event(session, occurrence.event_id)
            await fill_seats(session, event, occurrence, now=now)
    marks = await load_marks(session, person_id)
    await personal_repository.hide_marks(session, person_id, marks)
    await personal_repository.remove_traces(session, person_id)
    await session.flush()


async def export_person(session: Session, person_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    """The person's sign-ups and offers of help, with the events that they are for."""
    return await personal_repository.load_rows_about(session, person_id)
