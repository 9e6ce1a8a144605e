"""What volunteers answer to offers. Exactly one yes wins each seat."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from matching import policy, repository
from matching.errors import (
    AssignmentUnknown,
    OfferAlreadyTaken,
    OfferClosed,
    OfferNotYours,
    OfferUnknown,
    RequestClosed,
    VolunteerBusyThen,
    WorkOver,
)
from matching.kinds import AssignmentStatus, OfferStatus, RequestStatus
from matching.models import Assignment, HelpRequest, Offer, Volunteer
from matching.offers import effects
from matching.offers.sending import reopen_if_unasked, withdraw_offers
from matching.states import HELD_ASSIGNMENTS, TAKEABLE_OFFERS
from matching.transitions import Cause, move_assignment, move_offer, move_request
from matching.volunteering.clearance import check_clearance
from matching.volunteering.teams import count_seats
from matching.volunteering.tools import reserve_tools
from people.auth import Actor


async def accept_offer(
    session: Session, actor: Actor, offer_id: UUID, *, now: datetime
) -> Assignment:
    """Let a volunteer say yes, also late. The first yes for a seat wins; saying it twice is fine.

    Records ``offer.accepted``, and ``request.accepted`` when the crew is complete.

    Raises
    ------
    OfferAlreadyTaken
        When others hold every seat.
    RequestClosed
        When nobody is needed any more.
    VolunteerBusyThen
        When the volunteer holds other work at that time.
    NotCleared
        When this kind of help needs a check that the volunteer has not, or no longer.
    ToolsAllLent
        When the work needs a tool on loan and the last one went to somebody else.
    """
    offer, volunteer = await _open_for_answer(session, actor, offer_id)
    if offer.status is OfferStatus.ACCEPTED:
        return await _same_assignment(session, offer)
    if offer.status not in TAKEABLE_OFFERS:
        raise OfferClosed(f"Offer {offer_id} is {offer.status.value}; it cannot be accepted.")
    if await repository.is_busy(session, volunteer.id, offer.starts_at, offer.ends_at):
        raise VolunteerBusyThen(
            f"Offer {offer_id} overlaps work that this volunteer has accepted; give that back "
            "first."
        )
    request = await session.get_one(HelpRequest, offer.request_id)
    await check_clearance(session, volunteer, request.kind, at=offer.ends_at, now=now)
    seats = await count_seats(session, volunteer.id, request)
    request = await _take_seat(session, offer, seats, now)
    await reserve_tools(session, volunteer, request, ends_at=offer.ends_at, now=now)
    cause = Cause(now=now, actor_id=actor.person_id)
    await _answer(session, offer, OfferStatus.ACCEPTED, cause)
    assignment = Assignment(
        community_id=offer.community_id,
        request_id=offer.request_id,
        volunteer_id=offer.volunteer_id,
        offer_id=offer.id,
        seat=await repository.find_free_seat(session, request.id, request.crew_size),
        seats=seats,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        accepted_at=now,
    )
    session.add(assignment)
    await session.flush()
    if request.seats_taken == request.crew_size:
        await move_request(session, request.id, RequestStatus.ACCEPTED, cause)
        await withdraw_offers(session, request.id, Cause(now=now, reason="taken"))
    await effects.follow_yes(session, offer, assignment, now=now)
    return assignment


async def decline_offer(
    session: Session, actor: Actor, offer_id: UUID, *, now: datetime, reason: str | None = None
) -> Offer:
    """Let a volunteer say no; saying it twice is fine. Records ``offer.declined``.

    A request without any other offer is *open* again.
    """
    offer, _ = await _open_for_answer(session, actor, offer_id)
    if offer.status is OfferStatus.DECLINED:
        return offer
    if offer.status not in TAKEABLE_OFFERS:
        raise OfferClosed(f"Offer {offer_id} is {offer.status.value}; it cannot be declined.")
    cause = Cause(now=now, actor_id=actor.person_id, reason=reason)
    await _answer(session, offer, OfferStatus.DECLINED, cause)
    await reopen_if_unasked(session, offer.request_id, Cause(now=now))
    await effects.follow_no(session, offer, now=now)
    return offer


async def release_work(
    session: Session, actor: Actor, assignment_id: UUID, *, now: datetime, reason: str
) -> Assignment:
    """Let a volunteer give accepted work back; the request is *open* again.

    Records ``assignment.released``.
    """
    work = await session.get(Assignment, assignment_id)
    volunteer = None if work is None else await session.get(Volunteer, work.volunteer_id)
    if work is None or volunteer is None:
        raise AssignmentUnknown(f"There is no accepted work {assignment_id}.")
    if not policy.can_release_work(actor, volunteer.person_id, volunteer.community_id):
        raise NotPermitted(f"The work {assignment_id} is not yours to give back.")
    await repository.get_locked(session, HelpRequest, work.request_id)
    held = await repository.get_locked(session, Assignment, assignment_id)
    if held is None or held.status not in HELD_ASSIGNMENTS:
        raise WorkOver(f"The work {assignment_id} is over; there is nothing to give back.")
    cause = Cause(now=now, actor_id=actor.person_id, reason=reason)
    released = await move_assignment(session, assignment_id, AssignmentStatus.RELEASED, cause)
    await repository.free_seat(session, work.request_id, now, seats=work.seats)
    request = await repository.get_locked(session, HelpRequest, work.request_id)
    if request is not None and request.status in (
        RequestStatus.ACCEPTED,
        RequestStatus.IN_PROGRESS,
    ):
        request = await move_request(session, work.request_id, RequestStatus.OPEN, cause)
    if request is not None:
        await effects.follow_release(session, released, request, now=now)
    return released


async def _open_for_answer(
    session: Session, actor: Actor, offer_id: UUID
) -> tuple[Offer, Volunteer]:
    """The offer and its volunteer, locked together with the request, after the policy's yes."""
    seen = await session.get(Offer, offer_id)
    if seen is None:
        raise OfferUnknown(f"There is no offer {offer_id}.")
    volunteer = await repository.lock_volunteer(session, seen.volunteer_id)
    if volunteer is None or not policy.can_answer_offer(
        actor, volunteer.person_id, volunteer.community_id
    ):
        raise OfferNotYours(f"Offer {offer_id} is for another volunteer.")
    await repository.get_locked(session, HelpRequest, seen.request_id)
    offer = await repository.get_locked(session, Offer, offer_id)
    if offer is None:
        raise OfferUnknown(f"There is no offer {offer_id}.")
    return offer, volunteer


async def _take_seat(session: Session, offer: Offer, seats: int, now: datetime) -> HelpRequest:
    if not await repository.take_seat(session, offer.request_id, now, seats=seats):
        request = await repository.get_locked(session, HelpRequest, offer.request_id)
        if request is not None and request.seats_taken >= request.crew_size:
            raise OfferAlreadyTaken(f"Somebody else has taken offer {offer.id} already.")
        raise RequestClosed(f"The request of offer {offer.id} no longer waits for help.")
    request = await repository.get_locked(session, HelpRequest, offer.request_id)
    if request is None:
        raise RequestClosed(f"The request of offer {offer.id} no longer waits for help.")
    return request


async def _same_assignment(session: Session, offer: Offer) -> Assignment:
    assignment = await repository.find_assignment_of_offer(session, offer.id)
    if assignment is None or assignment.status is AssignmentStatus.RELEASED:
        raise OfferClosed(f"Offer {offer.id} was accepted and given back; ask for a new one.")
    return assignment


async def _answer(session: Session, offer: Offer, to: OfferStatus, cause: Cause) -> None:
    delay_s = None if offer.sent_at is None else (cause.now - offer.sent_at).total_seconds()
    await move_offer(session, offer.id, to, cause, answered_at=cause.now, answer_delay_s=delay_s)
