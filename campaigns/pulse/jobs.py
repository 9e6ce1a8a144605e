"""The jobs of surveys: tell those who are asked, remind them once, close at the end."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.pulse import repository
from campaigns.pulse.asking import TELL
from campaigns.pulse.kinds import SurveyStatus
from campaigns.pulse.models import Survey, SurveyInvitation
from campaigns.pulse.notifications import INVITE, REMINDER, notify_person
from campaigns.pulse.states import move
from core.db import Session
from core.events import record_event
from core.jobs import JobRegistry, JobTools
from messaging.sending import take_back_messages
from people.auth import Actor

FOLLOW = "pulse.follow"
MAX_PAGES = 500
SYSTEM = Actor.system()


async def tell_survey(tools: JobTools, args: dict[str, Any]) -> None:
    """Invite everybody who was not told yet, page by page; again goes on where it stopped."""
    survey_id = UUID(args["survey_id"])
    for _ in range(MAX_PAGES):
        async with tools.database.begin() as session:
            if not await tell_some(session, survey_id, now=tools.clock.now()):
                return


async def follow_surveys(tools: JobTools, args: dict[str, Any]) -> None:
    """Tell, remind and close what is due, over all open surveys."""
    async with tools.database.read() as session:
        keys = [row.id for row in await repository.list_open(session)]
    for key in keys:
        async with tools.database.begin() as session:
            survey = await repository.get_survey(session, SYSTEM, key, lock=True)
            await close_when_over(session, survey, now=tools.clock.now())
        for work in (tell_some, remind_some):
            for _ in range(MAX_PAGES):
                async with tools.database.begin() as session:
                    if not await work(session, key, now=tools.clock.now()):
                        break


async def tell_some(session: Session, survey_id: UUID, *, now: datetime) -> bool:
    """Invite some people; False when nobody is left."""
    survey = await repository.get_survey(session, SYSTEM, survey_id)
    if survey.status is not SurveyStatus.OPEN or now >= survey.closes_at:
        return False
    waiting = await repository.list_untold(session, survey.id)
    for invitation in waiting:
        await _notify(session, survey, invitation, INVITE, now)
        invitation.told_at = now
    await session.flush()
    return len(waiting) == repository.PAGE


async def remind_some(session: Session, survey_id: UUID, *, now: datetime) -> bool:
    """Remind some of those who have not answered, from the middle of the time on, once each."""
    survey = await repository.get_survey(session, SYSTEM, survey_id)
    middle = survey.opens_at + (survey.closes_at - survey.opens_at) / 2
    if survey.status is not SurveyStatus.OPEN or not middle <= now < survey.closes_at:
        return False
    waiting = await repository.list_unreminded(session, survey.id)
    for invitation in waiting:
        await _notify(session, survey, invitation, REMINDER, now)
        invitation.reminded_at = now
    if waiting and survey.reminded_at is None:
        survey.reminded_at = now
        record_event(
            session,
            "survey.reminded",
            subject_type="survey",
            subject_id=survey.id,
            happened_at=now,
            community_id=survey.community_id,
        )
    await session.flush()
    return len(waiting) == repository.PAGE


async def close_when_over(session: Session, survey: Survey, *, now: datetime) -> bool:
    """Close a survey, which is locked, at its end, and take back what waits to be sent."""
    if survey.status is not SurveyStatus.OPEN or now < survey.closes_at:
        return False
    await move(session, SYSTEM, survey, SurveyStatus.CLOSED, now=now)
    await take_back_messages(session, subject_id=survey.id)
    return True


async def _notify(
    session: Session, survey: Survey, invitation: SurveyInvitation, kind: str, now: datetime
) -> None:
    await notify_person(session, survey, invitation, kind, now=now)


def register_jobs(registry: JobRegistry) -> None:
    """Let the worker invite, and look after open surveys every ten minutes."""
    registry.add(TELL, tell_survey, limit_s=900.0)
    registry.add(FOLLOW, follow_surveys, at_once=1, limit_s=900.0)
    registry.every(FOLLOW, minutes=10)
