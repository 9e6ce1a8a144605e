"""What follows from an answer: what it teaches, who is asked next, who hears of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from core.db import Session
from matching import notifications
from matching.kinds import AskAnswer, RequestStatus
from matching.models import Assignment, HelpRequest, Offer, Volunteer
from matching.offers import asks
from matching.offers.schedule import schedule_replan, schedule_reseat
from matching.reminders import plan_reminders
from matching.volunteering.tools import free_tools
from messaging.conversations import OpenThread, close_thread, open_thread

VISIT = "assignment"
"""What conversations call the thing that they are about."""


async def follow_yes(session: Session, offer: Offer, work: Assignment, *, now: datetime) -> None:
    """Learn from a yes, tell both sides, let them talk, and fit the other offers around it."""
    await _learn(session, offer, AskAnswer.YES, now)
    request = await session.get_one(HelpRequest, work.request_id)
    volunteer = await session.get_one(Volunteer, work.volunteer_id)
    await open_thread(
        session,
        OpenThread(
            community_id=work.community_id,
            subject_type=VISIT,
            subject_id=work.id,
            resident_id=request.resident_id,
            volunteer_id=volunteer.person_id,
            starts_at=work.starts_at,
            ends_at=work.ends_at,
            volunteer_code=offer.code,
        ),
        now=now,
    )
    await notifications.notify_agreed(session, work, now=now)
    await plan_reminders(session, work, now=now)
    await schedule_replan(session, offer.volunteer_id, now=now)


async def follow_no(session: Session, offer: Offer, *, now: datetime) -> None:
    """Learn from a no, and have somebody else asked."""
    await _learn(session, offer, AskAnswer.NO, now)
    await schedule_reseat(session, offer.request_id, now=now)


async def follow_release(
    session: Session, work: Assignment, request: HelpRequest, *, now: datetime
) -> None:
    """A volunteer gave work back: the resident hears of it, and somebody else is asked."""
    await _end_visit(session, work, now)
    await notifications.notify_cancelled_by_volunteer(session, work, now=now)
    await schedule_reseat(session, request.id, now=now)


async def follow_no_show(
    session: Session, work: Assignment, request: HelpRequest, *, now: datetime
) -> None:
    """Nobody came: the resident hears that somebody else is asked."""
    await _end_visit(session, work, now)
    await notifications.notify_cancelled_by_volunteer(session, work, now=now)
    await schedule_reseat(session, request.id, now=now)


async def follow_cancelling(
    session: Session, released: Collection[Assignment], *, now: datetime
) -> None:
    """A resident called it off: those who were coming hear of it and have a place free."""
    for work in released:
        await _end_visit(session, work, now)
        await notifications.notify_cancelled_by_resident(session, work, now=now)
        await schedule_replan(session, work.volunteer_id, now=now)


async def follow_start(session: Session, work: Assignment, *, now: datetime) -> None:
    """Somebody is on the way: the resident hears of it."""
    await notifications.notify_on_the_way(session, work, now=now)


async def follow_done(
    session: Session, work: Assignment, request: HelpRequest, *, now: datetime
) -> None:
    """The work is reported as done: the resident is asked, once the whole crew is done."""
    await free_tools(session, work.volunteer_id, now=now)
    if request.status is RequestStatus.DONE:
        await notifications.notify_done(session, work, now=now)


async def follow_confirming(
    session: Session, done: Collection[Assignment], *, now: datetime
) -> None:
    """The resident says that it was done: thanks."""
    for work in done:
        await close_thread(session, VISIT, work.id, now=now)
        await notifications.notify_thanks(session, work, now=now)


async def follow_not_done(
    session: Session, released: Collection[Assignment], request_id: UUID, *, now: datetime
) -> None:
    """The resident says that it was not done: somebody else is asked, and the first one hears."""
    for work in released:
        await _end_visit(session, work, now)
        await notifications.notify_not_done(session, work, now=now)
    await schedule_reseat(session, request_id, now=now)


async def _end_visit(session: Session, work: Assignment, now: datetime) -> None:
    await close_thread(session, VISIT, work.id, now=now)
    await free_tools(session, work.volunteer_id, now=now)


async def _learn(session: Session, offer: Offer, answer: AskAnswer, now: datetime) -> None:
    if offer.ask_id is not None:
        await asks.record_answer(
            session, offer.ask_id, answer, now=now, request_ids=[offer.request_id]
        )
