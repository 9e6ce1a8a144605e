"""People answer, once each, and may change their mind until the survey closes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.pulse import repository
from campaigns.pulse.errors import InvalidAnswer, SurveyClosed, SurveyUnknown
from campaigns.pulse.kinds import SurveyStatus, TextReview
from campaigns.pulse.models import Survey, SurveyAnswer, SurveyInvitation
from campaigns.pulse.questions import read_answer
from core.db import Session
from people.auth import Actor
from people.errors import LinkUnknown
from people.links import resolve_link

LINK_ACTION = "answer_survey"


@dataclass(frozen=True)
class AnswerSurvey:
    """All answers of one person; what is left out counts as not answered."""

    survey_id: UUID
    answers: Mapping[UUID, str | int]
    """By question."""


async def answer_survey(
    session: Session, actor: Actor, command: AnswerSurvey, *, now: datetime
) -> Survey:
    """Write down somebody's answers in place of their earlier ones.

    No event is recorded: who answered when would help to guess who said what.

    Raises
    ------
    SurveyUnknown
        When the person was not asked.
    SurveyClosed
        Before it is open, and from its end on.
    """
    survey = await repository.get_survey(session, actor, command.survey_id)
    invitation = await repository.lock_invitation(session, survey.id, actor.person_id)
    if invitation is None:
        raise SurveyUnknown(f"There is no survey {command.survey_id}, or it is not for you.")
    if survey.status is not SurveyStatus.OPEN or now >= survey.closes_at:
        raise SurveyClosed("This survey takes no answers any more. Thank you all the same.")
    questions = {row.id: row for row in await repository.list_questions(session, survey.id)}
    if not command.answers or not command.answers.keys() <= questions.keys():
        raise InvalidAnswer("Answer at least one of the questions of this survey.")
    values = {key: read_answer(questions[key], value) for key, value in command.answers.items()}
    known = {row.question_id: row for row in await repository.list_answers(session, invitation.id)}
    await repository.delete_answers(session, invitation.id, but=list(values))
    for key, value in values.items():
        row = known.get(key)
        if row is None:
            row = SurveyAnswer(invitation_id=invitation.id, question_id=key)
            session.add(row)
        if "text" in value and value["text"] != row.text:
            row.review = TextReview.WAITING
        row.choice = value.get("choice")
        row.scale = value.get("scale")
        row.text = value.get("text")
        row.answered_at = now
    invitation.answered_at = invitation.answered_at or now
    await session.flush()
    return survey


async def take_back_answers(
    session: Session, actor: Actor, survey_id: UUID, *, now: datetime
) -> SurveyInvitation:
    """Remove somebody's answers while the survey is open; again changes nothing."""
    survey = await repository.get_survey(session, actor, survey_id)
    invitation = await repository.lock_invitation(session, survey.id, actor.person_id)
    if invitation is None:
        raise SurveyUnknown(f"There is no survey {survey_id}, or it is not for you.")
    if survey.status is not SurveyStatus.OPEN or now >= survey.closes_at:
        raise SurveyClosed("This survey is closed; its answers are kept in sums only.")
    await repository.delete_answers(session, invitation.id)
    invitation.answered_at = None
    await session.flush()
    return invitation


async def resolve_survey_link(session: Session, token: str, *, now: datetime) -> tuple[Actor, UUID]:
    """Whom a link in an invitation lets answer, and what. Changes nothing.

    Raises
    ------
    LinkUnknown, LinkExpired
        When it opens no survey, or no more.
    """
    link = await resolve_link(session, token, now=now)
    if link.action != LINK_ACTION:
        raise LinkUnknown("This link opens no survey. Use the newest message that we sent you.")
    return Actor(person_id=link.person_id), link.subject_id
