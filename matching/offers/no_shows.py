"""Visits that nobody began: the volunteer is asked first, and only then somebody else.

A false alarm would send two people to one door, so silence alone never ends a visit: a question
must have reached the volunteer, and have stayed without an answer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from core.db import Session
from core.errors import Conflict
from core.jobs import JobRegistry, JobTools, Retry
from core.logging import get_logger
from matching.notifications import notify_check_in
from matching.offers import visit_repository
from matching.offers.casework import release_no_show
from messaging.kinds import MessageStatus
from messaging.models import Message
from messaging.repository import find_message_by_key
from people.auth import Actor
from people.repository import list_communities, read_rules_at

CHECK = "matching.check_visits"
CHECK_MINUTES = 10
KIND = "check_in"
REACHED = (MessageStatus.SENT, MessageStatus.DELIVERED)
LOOK_BACK = timedelta(days=2)
"""Older visits are for staff to clear up."""

_logger = get_logger(__name__)


async def check_visits(session: Session, community_id: UUID, *, now: datetime) -> tuple[int, int]:
    """Ask about visits that should be over and were never begun; how many, and how many ended.

    At most one page. Records ``assignment.released`` with the reason ``no_show``.
    """
    rules = await read_rules_at(session, community_id, now)
    asked = released = 0
    overdue = await visit_repository.list_unstarted_work(
        session,
        community_id,
        ended_after=now - LOOK_BACK,
        ended_before=now - timedelta(seconds=rules.no_show_after_s),
    )
    for work in overdue:
        question = await find_message_by_key(session, f"{KIND}:{work.id}")
        if question is None:
            await notify_check_in(session, work, now=now)
            asked += 1
        elif is_unanswered(question, now, timedelta(seconds=rules.no_show_answer_s)):
            try:
                async with session.begin_nested():
                    await release_no_show(session, Actor.system(), work.id, now=now)
                released += 1
            except Conflict:
                # The answer came in this very moment.
                _logger.info("visit.answered", assignment_id=work.id)
    return asked, released


def is_unanswered(question: Message, now: datetime, patience: timedelta) -> bool:
    """Whether the question has reached the volunteer, and long enough ago."""
    if question.status not in REACHED or question.sent_at is None:
        return False
    return now - question.sent_at >= patience


async def check_visits_job(tools: JobTools, args: dict[str, object]) -> None:
    """Check the visits of every community."""
    async with tools.database.read() as session:
        keys = [community.id for community in await list_communities(session)]
    for community_id in keys:
        async with tools.database.begin() as session:
            await check_visits(session, community_id, now=tools.clock.now())


def register_jobs(registry: JobRegistry) -> None:
    """Visits are looked at every ten minutes."""
    registry.add(CHECK, check_visits_job, retry=Retry(max_attempts=3), at_once=1)
    registry.every(CHECK, minutes=CHECK_MINUTES)
