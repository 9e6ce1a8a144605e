"""A survey is written, opened to a segment, closed or called off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from campaigns.audiences.finding import PURPOSES, check_sendable
from campaigns.audiences.segment_repository import get_version
from campaigns.audiences.segments import find_version_audience
from campaigns.pulse import policy, repository
from campaigns.pulse.errors import InvalidSurvey, SurveyNotForYou, SurveyUnknown, SurveyWrongState
from campaigns.pulse.kinds import SurveyStatus, TextReview
from campaigns.pulse.models import Survey, SurveyAnswer, SurveyQuestion
from campaigns.pulse.questions import NewQuestion, SurveyWords, check_words
from campaigns.pulse.states import move
from core.db import Session
from core.events import record_event
from core.ids import new_id
from core.jobs import NewJob, enqueue
from people.auth import Actor
from people.kinds import Purpose

TELL = "pulse.tell"
SHORTEST = timedelta(hours=1)
LONGEST = timedelta(days=90)
LEAST_GRADED, USUAL_GRADED, MOST_GRADED = 10, 30, 1_000


@dataclass(frozen=True)
class WriteSurvey:
    """A survey before anybody is asked."""

    community_id: UUID
    segment_version_id: UUID
    words: Mapping[str, SurveyWords]
    """By language."""
    questions: Sequence[NewQuestion]
    closes_at: datetime
    purpose: Purpose = Purpose.CAMPAIGNS
    min_graded: int = USUAL_GRADED
    survey_id: UUID | None = None
    """The id that a new one gets: the same form once more writes the same draft anew."""

    def __post_init__(self) -> None:
        check_words(self.words, self.questions)
        if self.purpose not in PURPOSES:
            raise InvalidSurvey("A survey is for the purpose campaigns or programmes.")
        if not LEAST_GRADED <= self.min_graded <= MOST_GRADED:
            raise InvalidSurvey(f"Grade from {LEAST_GRADED} to {MOST_GRADED} answers on.")


async def write_survey(
    session: Session, actor: Actor, command: WriteSurvey, *, now: datetime
) -> Survey:
    """Keep a survey as a draft; one with the same id is written anew. Records ``survey.draft``."""
    if not policy.can_manage_surveys(actor, command.community_id):
        raise SurveyNotForYou("Only managers of the community ask people.")
    await _check_command(session, actor, command, now)
    survey = Survey(
        id=command.survey_id or new_id(),
        community_id=command.community_id,
        status=SurveyStatus.DRAFT,
        created_by=actor.person_id,
        created_at=now,
    )
    _fill(survey, command, now)
    try:
        async with session.begin_nested():
            session.add(survey)
            await session.flush()
    except IntegrityError:
        if command.survey_id is None:
            raise
        return await rewrite_survey(session, actor, command.survey_id, command, now=now)
    _add_questions(session, survey.id, command)
    await session.flush()
    _record_draft(session, actor, survey, now)
    return survey


async def rewrite_survey(
    session: Session, actor: Actor, survey_id: UUID, command: WriteSurvey, *, now: datetime
) -> Survey:
    """Write a draft anew, its questions too. Nobody was asked yet. Records ``survey.draft``.

    Raises
    ------
    SurveyWrongState
        Once people were asked: their answers belong to the questions that they read.
    """
    survey = await _lock_managed(session, actor, survey_id)
    if survey.status is not SurveyStatus.DRAFT:
        raise SurveyWrongState("Only a draft can be changed: people were asked what it says.")
    if command.community_id != survey.community_id:
        raise InvalidSurvey("A survey stays in its community.")
    await _check_command(session, actor, command, now)
    _fill(survey, command, now)
    await repository.delete_questions(session, survey.id)
    _add_questions(session, survey.id, command)
    await session.flush()
    _record_draft(session, actor, survey, now)
    return survey


async def _check_command(
    session: Session, actor: Actor, command: WriteSurvey, now: datetime
) -> None:
    segment, _ = await get_version(session, actor, command.segment_version_id)
    if segment.community_id != command.community_id:
        raise InvalidSurvey("Choose a segment of this community.")
    if not SHORTEST <= command.closes_at - now <= LONGEST:
        raise InvalidSurvey("Let a survey be open for one hour to 90 days.")


def _fill(survey: Survey, command: WriteSurvey, now: datetime) -> None:
    survey.segment_version_id = command.segment_version_id
    survey.purpose = command.purpose
    survey.words = {
        language: {"title": said.title.strip(), "intro": said.intro.strip()}
        for language, said in command.words.items()
    }
    survey.min_graded = command.min_graded
    survey.opens_at, survey.closes_at = now, command.closes_at


def _add_questions(session: Session, survey_id: UUID, command: WriteSurvey) -> None:
    session.add_all(
        SurveyQuestion(
            survey_id=survey_id,
            position=position,
            kind=question.kind,
            words={
                language: {
                    "text": text.strip(),
                    "options": dict(question.labels.get(language, {})),
                }
                for language, text in question.text.items()
            },
            options=list(question.options),
        )
        for position, question in enumerate(command.questions, start=1)
    )


def _record_draft(session: Session, actor: Actor, survey: Survey, now: datetime) -> None:
    record_event(
        session,
        "survey.draft",
        subject_type="survey",
        subject_id=survey.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=survey.community_id,
    )


async def open_survey(
    session: Session,
    actor: Actor,
    survey_id: UUID,
    *,
    everybody_confirmed: bool = False,
    now: datetime,
) -> Survey:
    """Ask the people whom the segment describes now. Opening again changes nothing.

    Who agrees, joins or moves later is not asked; who withdraws before the message goes is not
    written to. Records ``survey.open``.

    Raises
    ------
    AudienceEmpty, AudienceIsEverybody
        When nobody or fewer than five, or unconfirmed nearly everybody, would be asked.
    """
    survey = await _lock_managed(session, actor, survey_id)
    if survey.status is SurveyStatus.OPEN:
        return survey
    if survey.status is not SurveyStatus.DRAFT:
        raise SurveyWrongState(f"A survey that is {survey.status.value} cannot be opened.")
    if survey.closes_at - now < SHORTEST:
        raise SurveyWrongState("The survey would close at once: write it anew with a later end.")
    audience = await find_version_audience(
        session, actor, survey.segment_version_id, survey.purpose, now
    )
    check_sendable(audience, everybody_confirmed=everybody_confirmed)
    survey.opens_at = now
    invited = len(audience.person_ids)
    await move(session, actor, survey, SurveyStatus.OPEN, now=now, invited_count=invited)
    await repository.add_invitations(session, survey, audience.person_ids, now)
    await enqueue(
        session,
        NewJob(
            name=TELL,
            args={"survey_id": str(survey.id)},
            key=f"survey:{survey.id}",
            due_at=now,
            now=now,
        ),
    )
    return survey


async def close_survey(session: Session, actor: Actor, survey_id: UUID, *, now: datetime) -> Survey:
    """Take no more answers; closing again changes nothing. Records ``survey.closed``."""
    survey = await _lock_managed(session, actor, survey_id)
    if survey.status is not SurveyStatus.CLOSED:
        await move(session, actor, survey, SurveyStatus.CLOSED, now=now)
    return survey


async def cancel_survey(
    session: Session, actor: Actor, survey_id: UUID, *, now: datetime
) -> Survey:
    """Call a survey off: nobody sees it any more. Records ``survey.cancelled``."""
    survey = await _lock_managed(session, actor, survey_id)
    if survey.status is not SurveyStatus.CANCELLED:
        await move(session, actor, survey, SurveyStatus.CANCELLED, now=now)
    return survey


async def review_text(
    session: Session, actor: Actor, answer_id: UUID, review: TextReview, *, now: datetime
) -> SurveyAnswer:
    """Keep or hide what somebody wrote in own words; staff alone ever see it."""
    found = await repository.find_text(session, answer_id)
    if found is None:
        raise SurveyUnknown(f"There is no answer {answer_id}.")
    answer, survey_id = found
    survey = await repository.get_survey(session, actor, survey_id)
    if not policy.can_manage_surveys(actor, survey.community_id):
        raise SurveyNotForYou("Only managers read what people wrote.")
    answer.review = review
    await session.flush()
    return answer


async def _lock_managed(session: Session, actor: Actor, survey_id: UUID) -> Survey:
    survey = await repository.get_survey(session, actor, survey_id, lock=True)
    if not policy.can_manage_surveys(actor, survey.community_id):
        raise SurveyNotForYou("Only managers of the community ask people.")
    return survey
