"""What follows from an answer: what it teaches, who is asked next, who hears of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from core.db import Session
from matching.kinds import AskAnswer
from matching.models import Assignment, HelpRequest, Offer
from matching.offers import asks
from matching.offers.schedule import schedule_replan, schedule_reseat


async def follow_yes(session: Session, offer: Offer, work: Assignment, *, now: datetime) -> None:
    """Learn from a yes, tell both sides, and fit the volunteer's other offers around it."""
    await _learn(session, offer, AskAnswer.YES, now)
    await schedule_replan(session, offer.volunteer_id, now=now)


async def follow_no(session: Session, offer: Offer, *, now: datetime) -> None:
    """Learn from a no, and have somebody else asked."""
    await _learn(session, offer, AskAnswer.NO, now)
    await schedule_reseat(session, offer.request_id, now=now)


async def follow_release(
    session: Session, work: Assignment, request: HelpRequest, *, now: datetime
) -> None:
    """A volunteer gave work back: the resident hears of it, and somebody else is asked."""
    await schedule_reseat(session, request.id, now=now)


async def follow_no_show(
    session: Session, work: Assignment, request: HelpRequest, *, now: datetime
) -> None:
    """Nobody came: somebody else is asked, and the volunteer hears why."""
    await schedule_reseat(session, request.id, now=now)


async def follow_cancelling(
    session: Session, released: Collection[Assignment], *, now: datetime
) -> None:
    """A resident called it off: those who were coming hear of it and have a place free."""
    for work in released:
        await schedule_replan(session, work.volunteer_id, now=now)


async def follow_start(session: Session, work: Assignment, *, now: datetime) -> None:
    """Somebody is on the way: the resident hears of it."""


async def follow_done(
    session: Session, work: Assignment, request: HelpRequest, *, now: datetime
) -> None:
    """The work is reported as done: the resident is asked."""


async def follow_confirming(
    session: Session, done: Collection[Assignment], *, now: datetime
) -> None:
    """The resident says that it was done: thanks."""


async def follow_not_done(
    session: Session, released: Collection[Assignment], request_id: UUID, *, now: datetime
) -> None:
    """The resident says that it was not done: somebody else is asked, and the first one hears."""
    await schedule_reseat(session, request_id, now=now)


async def _learn(session: Session, offer: Offer, answer: AskAnswer, now: datetime) -> None:
    if offer.ask_id is not None:
        await asks.record_answer(
            session, offer.ask_id, answer, now=now, request_ids=[offer.request_id]
        )
