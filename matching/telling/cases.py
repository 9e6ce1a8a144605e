"""To residents, about their request: received, looked at, decided, closed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.db import Session
from core.i18n import choose_language
from matching.intake.models import StandingRequest
from matching.intake.programme import load_kinds
from matching.models import HelpRequest
from matching.telling import repository
from matching.telling.values import Note, job_values, make_link, send_note
from messaging.models import Message
from people.kinds import Purpose


async def notify_request_received(
    session: Session, request: HelpRequest, *, now: datetime
) -> Message:
    """The request is in, and neighbors are asked."""
    return await _tell(session, request, "request_received", None, now=now)


async def notify_request_in_review(
    session: Session, request: HelpRequest, *, now: datetime
) -> Message:
    """The request is in, and a person looks at it first."""
    return await _tell(session, request, "request_in_review", None, now=now)


async def notify_request_approved(
    session: Session, request: HelpRequest, *, now: datetime
) -> Message:
    """A person looked at it, and neighbors are asked."""
    return await _tell(session, request, "request_approved", Purpose.MATCHING, now=now)


async def notify_request_declined(
    session: Session, request: HelpRequest, *, reason: str, now: datetime
) -> Message:
    """The programme cannot help with this, and why."""
    return await _tell(
        session, request, "request_declined", Purpose.MATCHING, now=now, reason=reason
    )


async def notify_request_cancelled(
    session: Session, request: HelpRequest, *, now: datetime
) -> Message:
    """The resident called it off: noted."""
    return await _tell(session, request, "request_cancelled", None, now=now)


async def notify_not_served(
    session: Session, request: HelpRequest, reason: str | None, *, now: datetime
) -> Message:
    """Nobody could come, and why, by the code of the last round that looked at it."""
    standing = await repository.is_standing(session, request.id)
    return await _tell(
        session,
        request,
        "not_served",
        Purpose.MATCHING,
        now=now,
        reason=reason,
        is_standing=standing,
    )


async def notify_standing_received(
    session: Session, standing: StandingRequest, *, now: datetime
) -> Message:
    """A wish for help at every snowfall is in."""
    return await _tell_of_standing(session, standing, "standing_received", None, now=now)


async def notify_standing_declined(
    session: Session, standing: StandingRequest, *, reason: str, now: datetime
) -> Message:
    """A wish for help at every snowfall cannot be taken, and why."""
    return await _tell_of_standing(
        session, standing, "standing_declined", Purpose.MATCHING, now=now, reason=reason
    )


async def _tell(
    session: Session,
    request: HelpRequest,
    kind: str,
    purpose: Purpose | None,
    *,
    now: datetime,
    **values: Any,
) -> Message:
    to = await repository.get_recipient(session, request.community_id, request.resident_id)
    values |= await job_values(session, request, to, now=now)
    values["link"] = await make_link(session, "request", to.person_id, request.id, now=now)
    note = Note(kind=kind, about=request, values=values, purpose=purpose, storm_id=request.storm_id)
    return await send_note(session, to, note, now=now)


async def _tell_of_standing(
    session: Session,
    standing: StandingRequest,
    kind: str,
    purpose: Purpose | None,
    *,
    now: datetime,
    **values: Any,
) -> Message:
    to = await repository.get_recipient(session, standing.community_id, standing.resident_id)
    kinds = await load_kinds(session, standing.community_id, now)
    values |= {
        "job": kinds.get(standing.kind).label(choose_language(to.languages)),
        "valid_until": standing.valid_until,
    }
    note = Note(kind=kind, about=standing, values=values, purpose=purpose)
    return await send_note(session, to, note, now=now)
