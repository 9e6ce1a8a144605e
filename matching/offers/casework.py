"""A help request after it came in: reviewed, under way, done, confirmed, cancelled."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from matching import policy, repository
from matching.errors import AssignmentUnknown, RequestUnknown
from matching.kinds import AssignmentStatus, RequestStatus
from matching.models import Assignment, HelpRequest, Volunteer
from matching.offers.sending import withdraw_offers
from matching.transitions import Cause, move_assignment, move_request
from people.auth import Actor


async def open_request(
    session: Session, actor: Actor, request_id: UUID, *, now: datetime
) -> HelpRequest:
    """Let a request wait for help, after its checks or a person's review. ``request.open``"""
    request = await _get_request(session, request_id)
    if not policy.can_review_requests(actor, request.community_id):
        raise NotPermitted(f"Only staff of the community may open request {request_id}.")
    return await move_request(
        session, request_id, RequestStatus.OPEN, Cause(now=now, actor_id=actor.person_id)
    )


async def cancel_request(
    session: Session, actor: Actor, request_id: UUID, *, now: datetime, reason: str
) -> HelpRequest:
    """Call a request off, with its offers and accepted work. Records ``request.cancelled``."""
    request = await _get_resident_request(session, actor, request_id)
    cause = Cause(now=now, actor_id=actor.person_id, reason=reason)
    await move_request(session, request_id, RequestStatus.CANCELLED, cause)
    await withdraw_offers(session, request_id, cause)
    await _release_all(session, request, cause)
    return request


async def start_work(
    session: Session, actor: Actor, assignment_id: UUID, *, now: datetime
) -> Assignment:
    """A volunteer is on the way. Records ``assignment.in_progress``."""
    work, request = await _get_own_work(session, actor, assignment_id)
    cause = Cause(now=now, actor_id=actor.person_id)
    if request.status is RequestStatus.ACCEPTED:
        await move_request(session, request.id, RequestStatus.IN_PROGRESS, cause)
    return await move_assignment(session, work.id, AssignmentStatus.IN_PROGRESS, cause)


async def report_done(
    session: Session, actor: Actor, assignment_id: UUID, *, now: datetime
) -> Assignment:
    """A volunteer has done the work; the last of a crew ends the request.

    Records ``assignment.done``, and ``request.done`` with the last.
    """
    work, request = await _get_own_work(session, actor, assignment_id)
    cause = Cause(now=now, actor_id=actor.person_id)
    done = await move_assignment(session, work.id, AssignmentStatus.DONE, cause)
    under_way = (RequestStatus.ACCEPTED, RequestStatus.IN_PROGRESS)
    if request.status in under_way and not await repository.list_held_work(session, request.id):
        await move_request(session, request.id, RequestStatus.DONE, cause)
    return done


async def confirm_done(
    session: Session, actor: Actor, request_id: UUID, *, now: datetime
) -> HelpRequest:
    """The resident says that it was done. Records ``request.confirmed``."""
    await _get_resident_request(session, actor, request_id)
    cause = Cause(now=now, actor_id=actor.person_id)
    return await move_request(session, request_id, RequestStatus.CONFIRMED, cause)


async def report_not_done(
    session: Session, actor: Actor, request_id: UUID, *, now: datetime
) -> HelpRequest:
    """The resident says that nobody came: the request is *open* again.

    Records ``request.not_done`` and ``request.open``.
    """
    request = await _get_resident_request(session, actor, request_id)
    cause = Cause(now=now, actor_id=actor.person_id, reason="resident_says_not_done")
    await move_request(session, request_id, RequestStatus.NOT_DONE, cause)
    await _release_all(session, request, cause)
    return await move_request(session, request_id, RequestStatus.OPEN, cause)


async def _release_all(session: Session, request: HelpRequest, cause: Cause) -> None:
    held = await repository.list_held_work(session, request.id)
    for work in (*held, *await repository.list_work_done(session, request.id)):
        await move_assignment(session, work.id, AssignmentStatus.RELEASED, cause)
        await repository.free_seat(session, request.id, cause.now)
    await session.refresh(request)


async def _get_request(session: Session, request_id: UUID) -> HelpRequest:
    request = await repository.get_locked(session, HelpRequest, request_id)
    if request is None:
        raise RequestUnknown(f"There is no request {request_id}.")
    return request


async def _get_resident_request(session: Session, actor: Actor, request_id: UUID) -> HelpRequest:
    request = await _get_request(session, request_id)
    if not policy.can_speak_for_resident(actor, request.resident_id, request.community_id):
        raise RequestUnknown(f"There is no request {request_id}.")
    return request


async def _get_own_work(
    session: Session, actor: Actor, assignment_id: UUID
) -> tuple[Assignment, HelpRequest]:
    work = await session.get(Assignment, assignment_id)
    volunteer = None if work is None else await session.get(Volunteer, work.volunteer_id)
    if (
        work is None
        or volunteer is None
        or not policy.can_release_work(actor, volunteer.person_id, volunteer.community_id)
    ):
        raise AssignmentUnknown(f"There is no accepted work {assignment_id}.")
    return work, await _get_request(session, work.request_id)
