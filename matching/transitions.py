"""The only place where a state changes: checked against its table, and written into the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.db import Session
from core.errors import Conflict
from core.events import record_event
from matching import repository, states
from matching.errors import (
    AskUnknown,
    AssignmentUnknown,
    OfferUnknown,
    RequestUnknown,
    RoundUnknown,
    StormUnknown,
)
from matching.kinds import (
    AskStatus,
    AssignmentStatus,
    HoldReason,
    OfferStatus,
    RequestStatus,
    RoundStatus,
    StormStatus,
)
from matching.models import Assignment, HelpRequest, Offer, Storm
from matching.offers.models import Ask
from matching.rounds.models import Round

SUBJECTS: dict[type, str] = {
    HelpRequest: "request",
    Offer: "offer",
    Ask: "ask",
    Assignment: "assignment",
    Storm: "storm",
    Round: "round",
}


@dataclass(frozen=True)
class Cause:
    """Who changes something, when and why: it becomes the event."""

    now: datetime
    actor_id: UUID | None = None
    """None is the product itself."""
    reason: str | None = None
    """A code word, such as ``resident_cancelled``."""


async def move_request(
    session: Session, request_id: UUID, to: RequestStatus, cause: Cause
) -> HelpRequest:
    """Bring a request into its next state. Records ``request.<state>``."""
    row = await repository.get_locked(session, HelpRequest, request_id)
    if row is None:
        raise RequestUnknown(f"There is no request {request_id}.")
    states.check_transition(states.REQUEST, row.status, to)
    await _apply(session, row, {"status": to, "updated_at": cause.now}, cause)
    return row


async def move_offer(
    session: Session, offer_id: UUID, to: OfferStatus, cause: Cause, **values: object
) -> Offer:
    """Bring an offer into its next state, with the columns given. Records ``offer.<state>``."""
    row = await repository.get_locked(session, Offer, offer_id)
    if row is None:
        raise OfferUnknown(f"There is no offer {offer_id}.")
    states.check_transition(states.OFFER, row.status, to)
    await _apply(session, row, {"status": to, **values}, cause)
    return row


async def move_ask(
    session: Session, ask_id: UUID, to: AskStatus, cause: Cause, **values: object
) -> Ask:
    """Bring an ask into its next state, with the columns given. Records ``ask.<state>``."""
    row = await repository.get_locked(session, Ask, ask_id)
    if row is None:
        raise AskUnknown(f"There is no ask {ask_id}.")
    states.check_transition(states.ASK, row.status, to)
    await _apply(session, row, {"status": to, **values}, cause)
    return row


async def move_assignment(
    session: Session, assignment_id: UUID, to: AssignmentStatus, cause: Cause
) -> Assignment:
    """Bring accepted work into its next state. Records ``assignment.<state>``."""
    row = await repository.get_locked(session, Assignment, assignment_id)
    if row is None:
        raise AssignmentUnknown(f"There is no accepted work {assignment_id}.")
    states.check_transition(states.ASSIGNMENT, row.status, to)
    over = to in (AssignmentStatus.DONE, AssignmentStatus.RELEASED)
    values = {"status": to, "ended_at": cause.now if over else None}
    await _apply(session, row, values, cause)
    return row


async def move_storm(
    session: Session,
    storm_id: UUID,
    to: StormStatus,
    cause: Cause,
    *,
    hold_reason: HoldReason | None = None,
) -> Storm:
    """Bring a storm into its next state. Records ``storm.<state>``."""
    row = await repository.get_locked(session, Storm, storm_id)
    if row is None:
        raise StormUnknown(f"There is no storm {storm_id}.")
    states.check_transition(states.STORM, row.status, to)
    if (to is StormStatus.HOLD) != (hold_reason is not None):
        raise Conflict("A storm on hold needs a reason, and only a storm on hold has one.")
    values = {
        "status": to,
        "hold_reason": hold_reason,
        "closed_at": cause.now if to is StormStatus.CLOSED else None,
        "since_at": cause.now,
        "pending": None,
        "pending_since_at": None,
    }
    await _apply(session, row, values, cause)
    return row


async def move_round(
    session: Session, round_id: UUID, to: RoundStatus, cause: Cause, **values: object
) -> Round:
    """End a round, with the columns given. Records ``round.<state>``."""
    row = await repository.get_locked(session, Round, round_id)
    if row is None:
        raise RoundUnknown(f"There is no matching round {round_id}.")
    states.check_transition(states.ROUND, row.status, to)
    await _apply(session, row, {"status": to, "ended_at": cause.now, **values}, cause)
    return row


async def _apply(
    session: Session, row: repository.StatefulRow, values: dict[str, Any], cause: Cause
) -> None:
    """Change a locked row, unless somebody was faster after all, and record the event."""
    before, subject = row.status, SUBJECTS[type(row)]
    if not await repository.change_status(session, row, before=before, values=values):
        raise Conflict(f"The {subject} {row.id} was changed meanwhile; look again.")
    await session.refresh(row)
    after = values["status"]
    record_event(
        session,
        f"{subject}.{after.value}",
        subject_type=subject,
        subject_id=row.id,
        happened_at=cause.now,
        actor_id=cause.actor_id,
        community_id=row.community_id,
        reason=cause.reason,
        concerns=_concerns(row),
        **{"from": before.value, "to": after.value},
    )


def _concerns(row: repository.StatefulRow) -> dict[str, UUID]:
    """Who else is told of the change, beside those who watch the thing itself."""
    if isinstance(row, Offer | Ask | Assignment):
        return {"volunteer_id": row.volunteer_id}
    return {}
