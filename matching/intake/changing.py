"""Changes by the resident, or by staff for them, before somebody comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.db import Session
from core.events import record_event
from matching import policy
from matching.errors import RequestUnknown
from matching.intake import repository
from matching.intake.commands import MAX_WINDOWS, Windows
from matching.intake.errors import InvalidRequest, TooLateToChange
from matching.intake.kinds import ContactChoice
from matching.intake.models import NOTES_LENGTH, RequestAccess
from matching.intake.programme import load_kinds
from matching.kinds import RequestStatus
from matching.models import HelpRequest, RequestWindow
from matching.offers.new_homes import ask_about_homes
from matching.offers.sending import withdraw_offers
from matching.repository import get_locked
from matching.transitions import Cause, move_request
from people.auth import Actor

BEFORE_A_YES = (
    RequestStatus.SUBMITTED,
    RequestStatus.NEEDS_REVIEW,
    RequestStatus.OPEN,
    RequestStatus.OFFERED,
)
BEFORE_IT_IS_DONE = (*BEFORE_A_YES, RequestStatus.ACCEPTED, RequestStatus.IN_PROGRESS)


@dataclass(frozen=True)
class ChangeRequest:
    """What shall be different; None leaves it as it is."""

    request_id: UUID
    windows: Windows | None = None
    scope: tuple[str, ...] | None = None
    access_notes: str | None = None
    """An empty text removes them."""
    contact_choice: ContactChoice | None = None

    @property
    def changes_the_work(self) -> bool:
        """Whether volunteers were asked for something else."""
        return self.windows is not None or self.scope is not None


async def change_request(
    session: Session, actor: Actor, command: ChangeRequest, *, now: datetime
) -> HelpRequest:
    """Change a request before somebody comes. Records ``request.changed``.

    Another time or another scope withdraws what volunteers were asked, and is refused once somebody
    has said yes. Access notes and contact may change until it is done.
    """
    request = await get_locked(session, HelpRequest, command.request_id)
    if request is None or not policy.can_speak_for_resident(
        actor, request.resident_id, request.community_id
    ):
        raise RequestUnknown(f"There is no request {command.request_id}.")
    allowed = BEFORE_A_YES if command.changes_the_work else BEFORE_IT_IS_DONE
    if request.status not in allowed:
        raise TooLateToChange(
            f"The request {request.reference} is {request.status.value}: write to the volunteer, "
            "or call it off and ask again."
        )
    cause = Cause(now=now, actor_id=actor.person_id, reason="changed")
    if command.changes_the_work:
        await _change_work(session, request, command, now)
        await withdraw_offers(session, request.id, cause)
    await _change_access(session, request.id, command)
    record_event(
        session,
        "request.changed",
        subject_type="request",
        subject_id=request.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=request.community_id,
        reason="changed",
    )
    await session.flush()
    if request.status is RequestStatus.OFFERED and command.changes_the_work:
        request = await move_request(session, request.id, RequestStatus.OPEN, cause)
        await ask_about_homes(session, request.community_id, [request], now=now)
    return request


async def _change_work(
    session: Session, request: HelpRequest, command: ChangeRequest, now: datetime
) -> None:
    if command.scope is not None:
        kinds = await load_kinds(session, request.community_id, now)
        request.scope = list(kinds.get(request.kind).check_scope(command.scope))
    if command.windows is not None:
        loaded = await repository.load_request(session, request.id)
        assert loaded is not None
        windows = sorted(command.windows)
        needed = timedelta(seconds=request.service_s)
        if (
            len(windows) > MAX_WINDOWS
            or any(start.tzinfo is None for start, _ in windows)
            or not any(end - max(start, now) >= needed for start, end in windows)
        ):
            raise InvalidRequest(
                f"Give 1 to {MAX_WINDOWS} windows of time, one of them long enough for "
                f"{request.service_s // 60} minutes of work."
            )
        loaded.windows = [
            RequestWindow(opens_at=max(start, now), closes_at=end)
            for start, end in windows
            if end > now
        ]
        request.deadline_at = max(end for _, end in windows)
        details = await repository.find_details(session, request.id)
        if details is not None:
            details.follows_deadline = False
    request.updated_at = now
    await session.flush()


async def _change_access(session: Session, request_id: UUID, command: ChangeRequest) -> None:
    if command.access_notes is None and command.contact_choice is None:
        return
    row = await repository.find_access(session, request_id)
    if row is None:
        row = RequestAccess(request_id=request_id, contact_choice=ContactChoice.PLATFORM)
        session.add(row)
    if command.access_notes is not None:
        if len(command.access_notes) > NOTES_LENGTH:
            raise InvalidRequest(f"Shorten the access notes to {NOTES_LENGTH} characters.")
        row.access_notes = command.access_notes.strip() or None
    if command.contact_choice is not None:
        row.contact_choice = command.contact_choice
