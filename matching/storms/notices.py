"""Messages around a storm, page by page: advance notice, and what is said at its end."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from matching import policy
from matching import repository as matching_repository
from matching.errors import StormUnknown
from matching.intake.repository import is_member
from matching.intake.standing import list_standing_residents, open_standing_requests
from matching.kinds import RequestStatus, StormStatus
from matching.models import HelpRequest, Storm, Volunteer
from matching.notifications import (
    notify_not_served,
    notify_storm_resident,
    notify_storm_volunteer,
    notify_thanks_storm,
)
from matching.offers.casework import cancel_request
from matching.offers.sending import withdraw_offers
from matching.storms import repository
from matching.storms.following import enqueue_notices
from matching.transitions import Cause, move_request
from people.auth import Actor
from people.models import Community

PAGE = 10
"""People told in one transaction: few, so that nobody else waits long to write."""
NOTICED = (StormStatus.ARMED,)
OPENED = (StormStatus.ACTIVE, StormStatus.HOLD)


async def send_notices(
    session: Session, storm_id: UUID, audience: str, after: UUID | None, *, now: datetime
) -> int:
    """Tell a page of residents or volunteers that help may be needed; how many were told.

    Enqueues the next page. Tells nobody once the storm is no longer *armed*: then help is asked
    for, or nothing came.
    """
    storm = await matching_repository.get_locked(session, Storm, storm_id)
    if storm is None or storm.status not in NOTICED:
        return 0
    told = (
        await _tell_residents(session, storm, after, now)
        if audience == "residents"
        else await _tell_volunteers(session, storm, after, now)
    )
    if len(told) == PAGE:
        await enqueue_notices(session, storm_id, audience, after=told[-1], now=now)
    return len(told)


async def _tell_residents(
    session: Session, storm: Storm, after: UUID | None, now: datetime
) -> list[UUID]:
    community = await session.get(Community, storm.community_id)
    assert community is not None
    day = now.astimezone(ZoneInfo(community.time_zone)).date()
    people = await list_standing_residents(
        session, storm.community_id, day, after=after, limit=PAGE
    )
    for person_id in people:
        await notify_storm_resident(session, storm, person_id, now=now)
    return people


async def _tell_volunteers(
    session: Session, storm: Storm, after: UUID | None, now: datetime
) -> list[UUID]:
    volunteers = await repository.list_ready_volunteers(
        session, storm.community_id, after=after, now=now, limit=PAGE
    )
    for volunteer in volunteers:
        await notify_storm_volunteer(session, storm, volunteer, now=now)
    return [volunteer.id for volunteer in volunteers]


async def answer_storm_notice(
    session: Session,
    actor: Actor,
    storm_id: UUID,
    person_id: UUID,
    *,
    needs_help: bool,
    now: datetime,
) -> None:
    """A resident says whether help will be needed; the last answer holds.

    A late "not this time" calls off what nobody has taken yet, and a late yes asks after all.
    Records ``storm.resident_answered``.
    """
    storm = await session.get(Storm, storm_id)
    if storm is None:
        raise StormUnknown(f"There is no storm {storm_id}.")
    allowed = policy.can_speak_for_resident(actor, person_id, storm.community_id)
    if not allowed or not await is_member(session, person_id, storm.community_id):
        raise NotPermitted("Only the resident or staff of the community may answer this.")
    await repository.store_answer(session, storm_id, person_id, needs_help=needs_help, now=now)
    record_event(
        session,
        "storm.resident_answered",
        subject_type="storm",
        subject_id=storm_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=storm.community_id,
        answer="yes" if needs_help else "not_this_time",
        person_id=person_id,
    )
    if storm.status not in OPENED:
        return
    if needs_help:
        await open_standing_requests(session, storm, now=now)
        return
    for request_id in await repository.list_waiting_requests(session, storm_id, person_id):
        request = await cancel_request(session, actor, request_id, now=now, reason="not_this_time")
        # Another yes may open the standing wish anew in this storm.
        request.source_key = None
    await session.flush()


async def expire_waiting(session: Session, storm_id: UUID, *, now: datetime) -> int:
    """End a page of the requests that nobody took, and tell their residents why; how many.

    Records ``request.expired``.
    """
    storm = await session.get(Storm, storm_id)
    if storm is None or storm.status is not StormStatus.CLOSED:
        return 0
    waiting = await repository.list_waiting_requests(session, storm_id, limit=PAGE)
    reasons = await repository.load_last_reasons(session, waiting)
    cause = Cause(now=now, reason="storm_over")
    for request_id in waiting:
        request = await matching_repository.get_locked(session, HelpRequest, request_id)
        if request is None or request.status not in repository.WAITING:
            continue
        await withdraw_offers(session, request_id, cause)
        await move_request(session, request_id, RequestStatus.EXPIRED, cause)
        await notify_not_served(session, request, reasons.get(request_id), now=now)
    return len(waiting)


async def thank_helpers(
    session: Session, storm_id: UUID, after: UUID | None, *, now: datetime
) -> UUID | None:
    """Thank a page of those who helped in a storm; the last of them, None when all are thanked."""
    storm = await session.get(Storm, storm_id)
    if storm is None or storm.status is not StormStatus.CLOSED:
        return None
    helpers = await repository.list_helpers(session, storm_id, after=after, limit=PAGE)
    for volunteer_id, home_count in helpers:
        volunteer = await session.get(Volunteer, volunteer_id)
        if volunteer is not None:
            await notify_thanks_storm(session, storm, volunteer, home_count, now=now)
    return helpers[-1][0] if len(helpers) == PAGE else None
