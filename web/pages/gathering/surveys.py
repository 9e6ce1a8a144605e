"""Short surveys for the signed-in: what is open, answering on one page, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.pulse import repository
from campaigns.pulse.answering import AnswerSurvey, answer_survey, take_back_answers
from campaigns.pulse.errors import SurveyUnknown
from campaigns.pulse.kinds import QuestionKind, SurveyStatus
from campaigns.pulse.models import Survey, SurveyQuestion
from campaigns.pulse.questions import pick_words
from campaigns.pulse.reporting import get_results
from core.errors import InvalidInput
from core.pagination import PageArgs, read_page
from web.pages.desk import Answer, Call, Desk
from web.pages.gathering.ground import say_refusal, show_again
from web.pages.guards import AnyRequest
from web.pages.paging import list_page
from web.pages.survey_results import make_found, say_response

LIST, PAGE, RESULT = (
    "gathering/surveys.html",
    "gathering/survey.html",
    "gathering/survey_result.html",
)
SCALE: Final = ("1", "2", "3", "4", "5")
MOST_OPEN: Final = 30


@dataclass(frozen=True)
class SurveyCard:
    """A survey in a list."""

    path: str
    title: str
    intro: str
    until: str
    has_answered: bool


@dataclass(frozen=True)
class Question:
    """One question, with what was answered."""

    field: str
    kind: str
    text: str
    options: tuple[tuple[str, str, str], ...]
    answer: str


@get("/surveys", name="surveys")
async def get_surveys(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Those that wait for one's answer, and those that are closed."""
    async with desk.look(request) as call:
        call.person()
        opened = await _list(call, SurveyStatus.OPEN)
        wanted = repository.SurveyFilter(call.town.id, SurveyStatus.CLOSED)
        page, after = await list_page(call, repository.list_surveys(call.actor, wanted))
        asked = await repository.load_own_invitations(
            call.session, call.actor, [row.id for row in (*opened, *page.items)]
        )
        values = {
            "opened": [
                _make_card(call, row, answered=asked[row.id].answered_at is not None)
                for row in opened
                if row.id in asked and call.now < row.closes_at
            ],
            "closed": [
                _make_card(call, row, answered=asked[row.id].answered_at is not None)
                for row in page.items
                if row.id in asked
            ],
            "next": f"/surveys?after={after}" if after else "",
        }
        return call.show(LIST, values)


@get("/surveys/{survey_id:uuid}", name="survey")
async def get_survey(
    request: AnyRequest, *, survey_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """All questions on one page; once it is closed, what people said."""
    async with desk.look(request) as call:
        call.person()
        row = await _find(call, survey_id)
        if row.status is SurveyStatus.CLOSED:
            return call.show(RESULT, await _read_result(call, row))
        return call.show(PAGE, await _read_values(call, row))


@post("/surveys/{survey_id:uuid}", name="answer_survey", status_code=303)
async def post_survey(
    request: AnyRequest, *, survey_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Keep the answers in place of earlier ones, or remove them."""
    async with desk.press(request) as call:
        call.person()
        row = await _find(call, survey_id)
        if call.form.get("do") == "take_back":
            await take_back_answers(call.session, call.actor, survey_id, now=call.now)
            return call.go(f"/surveys/{survey_id}", said="taken_back")
        questions = await repository.list_questions(call.session, survey_id)
        answers: dict[UUID, str | int] = {}
        for one in questions:
            value = call.form.get(f"q{one.position}", "").strip()
            if one.kind is QuestionKind.SCALE and value in SCALE:
                answers[one.id] = int(value)
            elif value:
                answers[one.id] = value
        first = f"q{questions[0].position}" if questions else "q0"
        _ = call.reader.translator.gettext
        if not answers:
            values = await _read_values(call, row)
            errors = {first: _("Answer at least one question. You can skip the others.")}
            raise show_again(call, PAGE, values, errors)
        try:
            command = AnswerSurvey(survey_id, answers)
            await answer_survey(call.session, call.actor, command, now=call.now)
        except InvalidInput as error:
            words = {"invalid_answer": _("One answer cannot be taken. Choose among those shown.")}
            errors = {first: say_refusal(call, error, words)}
            raise show_again(call, PAGE, await _read_values(call, row), errors) from None
        return call.go(f"/surveys/{survey_id}", said="answered")


async def _list(call: Call, status: SurveyStatus) -> list[Survey]:
    wanted = repository.SurveyFilter(call.town.id, status)
    listing = repository.list_surveys(call.actor, wanted)
    return list((await read_page(call.session, listing, PageArgs(MOST_OPEN))).items)


async def _find(call: Call, survey_id: UUID) -> Survey:
    """A survey that the one who asks was asked.

    Raises
    ------
    SurveyUnknown
        For everybody else; staff read results on their own pages.
    """
    row = await repository.get_survey(call.session, call.actor, survey_id)
    asked = await repository.load_own_invitations(call.session, call.actor, [row.id])
    if row.id not in asked or row.status not in repository.SHOWN_TO_PEOPLE:
        raise SurveyUnknown(f"There is no survey {survey_id}, or it is not for you.")
    return row


def _make_card(call: Call, row: Survey, *, answered: bool) -> SurveyCard:
    said = pick_words(row.words, [call.reader.language])
    return SurveyCard(
        f"/surveys/{row.id}",
        said["title"],
        said["intro"],
        call.reader.translator.say_moment(row.closes_at),
        answered,
    )


async def _read_values(call: Call, row: Survey) -> dict[str, Any]:
    own = await repository.load_own_answers(call.session, call.actor, [row.id])
    answers = {
        one.question_id: one.choice or one.text or str(one.scale or "")
        for one in own.get(row.id, [])
    }
    questions = await repository.list_questions(call.session, row.id)
    return {
        "survey": _make_card(call, row, answered=bool(answers)),
        "is_open": row.status is SurveyStatus.OPEN and call.now < row.closes_at,
        "questions": [_make_question(call, one, answers.get(one.id, "")) for one in questions],
        "errors": {},
    }


def _make_question(call: Call, row: SurveyQuestion, answer: str) -> Question:
    said, field = pick_words(row.words, [call.reader.language]), f"q{row.position}"
    options: tuple[tuple[str, str, str], ...] = ()
    if row.kind is QuestionKind.CHOICE:
        options = tuple((code, said["options"][code], "") for code in row.options)
    elif row.kind is QuestionKind.SCALE:
        options = tuple((number, number, "") for number in SCALE)
    return Question(field, row.kind.value, said["text"], options, call.form.get(field, answer))


async def _read_result(call: Call, row: Survey) -> dict[str, Any]:
    results = await get_results(call.session, call.actor, row.id)
    questions = {one.id: one for one in await repository.list_questions(call.session, row.id)}
    speaker = call.reader.translator
    return {
        "survey": _make_card(call, row, answered=False),
        "found": [
            make_found(speaker, questions[one.question_id], one) for one in results.questions
        ],
        "response": say_response(speaker, results.response),
    }
