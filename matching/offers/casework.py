"""A help request after it came in: reviewed, under way, done, confirmed, cancelled."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from matching import policy, repository
from matching.errors import AssignmentUnknown, NothingDoneYet, RequestUnknown, WorkOver
from matching.kinds import AssignmentStatus, RequestStatus
from matching.models import Assignment, HelpRequest, Volunteer
from matching.offers import effects
from matching.offers.sending import withdraw_offers
from matching.states import HELD_ASSIGNMENTS, OPEN_REQUESTS
from matching.transitions import Cause, move_assignment, move_request
from people.auth import Actor
from people.repository import read_rules_at

UNDER_WAY = (RequestStatus.ACCEPTED, RequestStatus.IN_PROGRESS)


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
    """Call a request off, with its offers and accepted work. Records ``request.cancelled``.

    Doing it twice is fine. Those who were coming hear of it and have a place free again.
    """
    request = await _get_resident_request(session, actor, request_id)
    if request.status is RequestStatus.CANCELLED:
        return request
    cause = Cause(now=now, actor_id=actor.person_id, reason=reason)
    await move_request(session, request_id, RequestStatus.CANCELLED, cause)
    await withdraw_offers(session, request_id, cause)
    held = await repository.list_held_work(session, request_id)
    await _release_all(session, request, cause)
    await effects.follow_cancelling(session, held, now=now)
    return request


async def start_work(
    session: Session, actor: Actor, assignment_id: UUID, *, now: datetime
) -> Assignment:
    """A volunteer is on the way; saying it twice is fine. Records ``assignment.in_progress``."""
    work, request = await _get_own_work(session, actor, assignment_id)
    if work.status is AssignmentStatus.IN_PROGRESS:
        return work
    _refuse_if_over(work, (AssignmentStatus.ACCEPTED,))
    cause = Cause(now=now, actor_id=actor.person_id)
    if request.status is RequestStatus.ACCEPTED:
        await move_request(session, request.id, RequestStatus.IN_PROGRESS, cause)
    started = await move_assignment(session, work.id, AssignmentStatus.IN_PROGRESS, cause)
    await effects.follow_start(session, started, now=now)
    return started


async def report_done(
    session: Session, actor: Actor, assignment_id: UUID, *, now: datetime
) -> Assignment:
    """A volunteer has done the work; the last of a crew ends the request. Twice is fine.

    Records ``assignment.done``, and ``request.done`` with the last.
    """
    work, request = await _get_own_work(session, actor, assignment_id)
    if work.status is AssignmentStatus.DONE:
        return work
    _refuse_if_over(work, HELD_ASSIGNMENTS)
    cause = Cause(now=now, actor_id=actor.person_id)
    done = await move_assignment(session, work.id, AssignmentStatus.DONE, cause)
    if request.status in UNDER_WAY and not await repository.list_held_work(session, request.id):
        request = await move_request(session, request.id, RequestStatus.DONE, cause)
    await effects.follow_done(session, done, request, now=now)
    return done


async def confirm_done(
    session: Session, actor: Actor, request_id: UUID, *, now: datetime
) -> HelpRequest:
    """The resident says that it was done; twice is fine. Records ``request.confirmed``.

    A resident who says so before the volunteer does ends the work for both.
    """
    request = await _get_resident_request(session, actor, request_id)
    if request.status is RequestStatus.CONFIRMED:
        return request
    cause = Cause(now=now, actor_id=actor.person_id)
    if request.status in UNDER_WAY:
        for work in await repository.list_held_work(session, request_id):
            await move_assignment(session, work.id, AssignmentStatus.DONE, cause)
        await move_request(session, request_id, RequestStatus.DONE, cause)
    elif request.status is not RequestStatus.DONE:
        raise NothingDoneYet(f"Nobody has come for request {request_id} yet.")
    confirmed = await move_request(session, request_id, RequestStatus.CONFIRMED, cause)
    done = await repository.list_work_done(session, request_id)
    await effects.follow_confirming(session, done, now=now)
    return confirmed


async def report_not_done(
    session: Session, actor: Actor, request_id: UUID, *, now: datetime
) -> HelpRequest:
    """The resident says that it was not done: the request is *open* again, with priority.

    Saying it twice is fine. Records ``request.not_done``, ``request.open`` and
    ``request.prioritised``; ``assignment.released`` with the reason ``no_show`` for those who never
    said that they were done.
    """
    request = await _get_resident_request(session, actor, request_id)
    if request.status in OPEN_REQUESTS:
        return request
    held = await repository.list_held_work(session, request_id)
    if request.status in UNDER_WAY:
        cause = Cause(now=now, actor_id=actor.person_id, reason="no_show")
        await _release_all(session, request, cause)
    elif request.status is RequestStatus.DONE:
        held = await repository.list_work_done(session, request_id)
        cause = Cause(now=now, actor_id=actor.person_id, reason="resident_says_not_done")
        await move_request(session, request_id, RequestStatus.NOT_DONE, cause)
        await _release_all(session, request, cause)
    else:
        raise NothingDoneYet(f"Nobody has come for request {request_id} yet.")
    reopened = await _reopen_with_priority(session, request_id, cause)
    await effects.follow_not_done(session, held, request_id, now=now)
    return reopened


async def release_no_show(
    session: Session, actor: Actor, assignment_id: UUID, *, now: datetime
) -> Assignment:
    """Nobody came, and the volunteer does not answer: the request is *open* again, with priority.

    By staff, or by the product itself when it has asked the volunteer in vain. Records
    ``assignment.released`` with the reason ``no_show``.
    """
    work = await session.get(Assignment, assignment_id)
    if work is None or not policy.can_review_requests(actor, work.community_id):
        raise AssignmentUnknown(f"There is no accepted work {assignment_id}.")
    request = await _get_request(session, work.request_id)
    held = await repository.get_locked(session, Assignment, assignment_id)
    if held is None or held.status is not AssignmentStatus.ACCEPTED:
        raise WorkOver(f"The work {assignment_id} was begun, done or given back.")
    cause = Cause(now=now, actor_id=actor.person_id, reason="no_show")
    released = await move_assignment(session, assignment_id, AssignmentStatus.RELEASED, cause)
    await repository.free_seat(session, request.id, now, seats=released.seats)
    await session.refresh(request)
    if request.status in UNDER_WAY:
        request = await _reopen_with_priority(session, request.id, cause)
    await effects.follow_no_show(session, released, request, now=now)
    return released


async def _reopen_with_priority(session: Session, request_id: UUID, cause: Cause) -> HelpRequest:
    request = await move_request(session, request_id, RequestStatus.OPEN, cause)
    rules = await read_rules_at(session, request.community_id, cause.now)
    before = request.weight
    request.weight = before * max(rules.reopened_weight_factor, 1.0)
    await session.flush()
    record_event(
        session,
        "request.prioritised",
        subject_type="request",
        subject_id=request_id,
        happened_at=cause.now,
        actor_id=cause.actor_id,
        community_id=request.community_id,
        reason=cause.reason,
        old_weight=before,
        new_weight=request.weight,
    )
    return request


def _refuse_if_over(work: Assignment, allowed: tuple[AssignmentStatus, ...]) -> None:
    if work.status not in allowed:
        raise WorkOver(f"The work {work.id} is over: it is {work.status.value}.")


async def _release_all(session: Session, request: HelpRequest, cause: Cause) -> None:
    held = await repository.list_held_work(session, request.id)
    for work in (*held, *await repository.list_work_done(session, request.id)):
        await move_assignment(session, work.id, AssignmentStatus.RELEASED, cause)
        await repository.free_seat(session, request.id, cause.now, seats=work.seats)
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
    request = await _get_request(session, work.request_id)
    locked = await repository.get_locked(session, Assignment, assignment_id)
    if locked is None:
        raise AssignmentUnknown(f"There is no accepted work {assignment_id}.")
    return locked, request
