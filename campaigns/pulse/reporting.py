"""The results of a survey, for staff and for those who were asked, once it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from campaigns.pulse import policy, repository
from campaigns.pulse.errors import SurveyNotForYou, SurveyUnknown, SurveyWrongState
from campaigns.pulse.kinds import QuestionKind, SurveyStatus
from campaigns.pulse.models import Survey, SurveyAnswer, SurveyQuestion
from campaigns.pulse.results import (
    QuestionResult,
    Response,
    Tally,
    find_response,
    find_result,
)
from campaigns.standings.suppression import K
from core.db import Session
from people.auth import Actor

SCALE = ("1", "2", "3", "4", "5")
WRITTEN = "written"


@dataclass(frozen=True)
class SurveyResults:
    """What a survey found, and how far that can be trusted."""

    survey: Survey
    response: Response
    questions: tuple[QuestionResult, ...]
    caveat: str
    """What is not known, in a sentence."""


async def get_results(session: Session, actor: Actor, survey_id: UUID) -> SurveyResults:
    """What a closed survey found. Staff and those who were asked see the same.

    While it is open nobody does: whoever looked before and after one answer would know it.

    Raises
    ------
    SurveyWrongState
        While it is open.
    """
    survey = await repository.get_survey(session, actor, survey_id)
    if survey.status is not SurveyStatus.CLOSED:
        raise SurveyWrongState("Results are shown once the survey is closed, and not before.")
    people = {
        area: (asked, answered)
        for area, asked, answered in await repository.count_people(session, survey.id)
    }
    response = find_response(people)
    questions = await repository.list_questions(session, survey.id)
    tallies = await _count(session, survey.id, questions)
    return SurveyResults(
        survey=survey,
        response=response,
        questions=tuple(
            find_result(
                tallies[question.id],
                invited_count=response.invited_count,
                min_graded=survey.min_graded,
            )
            for question in questions
        ),
        caveat=say_caveat(response),
    )


def say_caveat(response: Response) -> str:
    """What those who did not answer mean for the figures."""
    if response.answered_count is None:
        return f"Fewer than {K} people answered, so nothing can be said."
    silent = response.invited_count - response.answered_count
    if not silent:
        return "Everybody who was asked answered. People outside the segment were not asked."
    return (
        f"{silent} of {response.invited_count} people who were asked did not answer. They may "
        "think otherwise: the intervals hold for those who answer, and the widest bounds for "
        "everybody who was asked."
    )


async def list_texts(
    session: Session,
    actor: Actor,
    survey_id: UUID,
    *,
    after: UUID | None = None,
    first: int = repository.MAX_TEXTS,
) -> list[SurveyAnswer]:
    """What people wrote in own words, for managers alone, once five have written.

    What nobody looked at comes first. Nothing is told while the survey is open, nor who wrote
    what, when or from where.
    """
    survey = await repository.get_survey(session, actor, survey_id)
    if not policy.can_manage_surveys(actor, survey.community_id):
        raise SurveyNotForYou("Only managers read what people wrote.")
    if survey.status is SurveyStatus.CANCELLED:
        raise SurveyUnknown("This survey was called off.")
    if survey.status is not SurveyStatus.CLOSED:
        raise SurveyWrongState("What people wrote is shown once the survey is closed.")
    if await repository.count_texts(session, survey_id) < K:
        return []
    return await repository.list_texts(session, survey_id, after=after, first=first)


async def _count(
    session: Session, survey_id: UUID, questions: list[SurveyQuestion]
) -> Mapping[UUID, Tally]:
    found: dict[UUID, dict[str | None, dict[str, int]]] = {row.id: {} for row in questions}
    for question_id, area, choice, scale, count in await repository.count_answers(
        session, survey_id
    ):
        option = choice or (WRITTEN if scale is None else str(scale))
        found[question_id].setdefault(area, {})[option] = count
    return {row.id: Tally(row.id, row.kind, _options(row), found[row.id]) for row in questions}


def _options(question: SurveyQuestion) -> tuple[str, ...]:
    if question.kind is QuestionKind.CHOICE:
        return tuple(question.options)
    return SCALE if question.kind is QuestionKind.SCALE else (WRITTEN,)
