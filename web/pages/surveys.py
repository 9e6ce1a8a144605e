"""The page behind the link of a survey: the questions, and what one answered so far."""

from __future__ import annotations

from uuid import UUID

from litestar import Response

from campaigns.pulse import repository
from campaigns.pulse.answering import AnswerSurvey, answer_survey, take_back_answers
from campaigns.pulse.kinds import QuestionKind, SurveyStatus
from campaigns.pulse.questions import pick_words
from core.errors import InvalidInput
from web.pages.links import Next, Visit
from web.pages.rendering import answer_page

SCALE = ("1", "2", "3", "4", "5")


async def show_survey(visit: Visit) -> Response[str]:
    """The questions; looking answers nothing."""
    survey_id, language = visit.link.subject_id, visit.reader.language
    survey = await repository.get_survey(visit.session, visit.actor, survey_id)
    questions = await repository.list_questions(visit.session, survey_id)
    own = await repository.load_own_answers(visit.session, visit.actor, [survey_id])
    answers = {
        row.question_id: row.choice or row.text or str(row.scale or "")
        for row in own.get(survey_id, [])
    }
    said = pick_words(survey.words, [language])
    return answer_page(
        "surveys/survey.html",
        visit.reader,
        {
            "said": visit.said,
            "title": said["title"],
            "intro": said["intro"],
            "is_open": survey.status is SurveyStatus.OPEN and visit.now < survey.closes_at,
            "closes_at": survey.closes_at,
            "has_answered": bool(answers),
            "questions": [
                {
                    "field": f"q{row.position}",
                    "kind": row.kind.value,
                    "options": row.options if row.kind is QuestionKind.CHOICE else SCALE,
                    "answer": answers.get(row.id, ""),
                    "words": pick_words(row.words, [language]),
                }
                for row in questions
            ],
        },
    )


async def answer_survey_page(visit: Visit, form: dict[str, str]) -> Next:
    """Keep the answers, or remove them."""
    survey_id = visit.link.subject_id
    if form.get("do") == "take_back":
        await take_back_answers(visit.session, visit.actor, survey_id, now=visit.now)
        return Next(visit.token, "taken_back")
    if form.get("do") != "answer":
        raise InvalidInput("This button is not known. Open the link in our message again.")
    answers: dict[UUID, str | int] = {}
    for row in await repository.list_questions(visit.session, survey_id):
        value = form.get(f"q{row.position}", "").strip()
        if row.kind is QuestionKind.SCALE and value in SCALE:
            answers[row.id] = int(value)
        elif value:
            answers[row.id] = value
    command = AnswerSurvey(survey_id, answers)
    await answer_survey(visit.session, visit.actor, command, now=visit.now)
    return Next(visit.token, "answered")
