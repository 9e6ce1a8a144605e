"""Writing, opening, closing and answering surveys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import aware, plain_text
from api.schema.context import Info
from api.schema.nodes import find_id
from api.schema.operations import mutation
from api.schema.pulse import Survey, SurveyText
from api.schema.pulse_words import WRITE
from campaigns.pulse import answering, asking
from campaigns.pulse.errors import InvalidAnswer, InvalidSurvey
from campaigns.pulse.kinds import QuestionKind, TextReview
from campaigns.pulse.models import TEXT_LENGTH
from campaigns.pulse.questions import (
    INTRO_LENGTH,
    MOST_QUESTIONS,
    OPTION_LENGTH,
    QUESTION_LENGTH,
    TITLE_LENGTH,
    NewQuestion,
    SurveyWords,
)
from people.kinds import Purpose


@strawberry.input(description="Title and introduction in one language.")
class SurveyWordsInput:
    language: str = strawberry.field(description="`en` or `es`.")
    title: str = strawberry.field(description="One line, at most 120 characters.")
    intro: str = strawberry.field(default="", description="At most 1,000 characters.")


@strawberry.input(description="The words of a question in one language.")
class QuestionWordsInput:
    language: str = strawberry.field(description="`en` or `es`.")
    text: str = strawberry.field(description="What is asked, at most 300 characters.")
    labels: list[str] = strawberry.field(
        default_factory=list,
        description="What the answers of a choice are called, in the order of their codes.",
    )


@strawberry.input(description="One question, in every language of the survey.")
class SurveyQuestionInput:
    kind: QuestionKind = strawberry.field(description="How it is answered.")
    words: list[QuestionWordsInput] = strawberry.field(description="Once for each language.")
    options: list[str] = strawberry.field(
        default_factory=list, description="Codes of the 2 to 10 answers of a choice."
    )


@strawberry.input(description="A survey of 1 to 5 questions.")
class WriteSurveyInput:
    community_id: relay.GlobalID = strawberry.field(description="The community.")
    segment_version_id: relay.GlobalID = strawberry.field(
        description="Whom to ask: a `SegmentVersion`."
    )
    words: list[SurveyWordsInput] = strawberry.field(description="Once for each language.")
    questions: list[SurveyQuestionInput] = strawberry.field(description="In order.")
    closes_at: datetime = strawberry.field(description="One hour to 90 days from now.")
    purpose: Purpose = strawberry.field(
        default=Purpose.CAMPAIGNS, description="CAMPAIGNS or PROGRAMMES."
    )
    min_graded: int = strawberry.field(
        default=asking.USUAL_GRADED,
        description="Grades are told from so many answers on, 10 to 1,000.",
    )


@strawberry.input(description="A survey to act on.")
class SurveyInput:
    survey_id: relay.GlobalID = strawberry.field(description="Which survey.")


@strawberry.input(description="A survey to open.")
class OpenSurveyInput:
    survey_id: relay.GlobalID = strawberry.field(description="Which survey.")
    everybody_confirmed: bool = strawberry.field(
        default=False, description="That it is meant to ask more than 80 of 100 members."
    )


@strawberry.input(description="The answer to one question: give what fits its kind.")
class SurveyAnswerInput:
    question_id: relay.GlobalID = strawberry.field(description="The `SurveyQuestion`.")
    choice: str | None = strawberry.field(default=None, description="The code of an answer.")
    scale: int | None = strawberry.field(default=None, description="From 1 to 5.")
    text: str | None = strawberry.field(
        default=None, description="Own words, at most 500 characters."
    )


@strawberry.input(description="All your answers; they take the place of earlier ones.")
class AnswerSurveyInput:
    survey_id: relay.GlobalID = strawberry.field(description="Which survey.")
    answers: list[SurveyAnswerInput] = strawberry.field(description="At most one a question.")


@strawberry.input(description="All answers of the one whom the link was sent to.")
class AnswerSurveyByLinkInput:
    token: str = strawberry.field(description="What follows /l/ in the link of the invitation.")
    answers: list[SurveyAnswerInput] = strawberry.field(description="At most one a question.")


@strawberry.input(description="What you decide on an answer in own words.")
class ReviewSurveyTextInput:
    answer_id: relay.GlobalID = strawberry.field(description="Which answer.")
    hide: bool = strawberry.field(description="Whether to put it aside, or to keep it.")


@strawberry.type(description="The survey as it is now.")
class SurveyPayload:
    survey: Survey = strawberry.field(description="The survey.")


@strawberry.type(description="That the answers were written down.")
class SurveyAnsweredPayload:
    is_answered: bool = strawberry.field(description="Whether answers of yours are kept now.")


@strawberry.type(description="The answer as it stands now.")
class SurveyTextPayload:
    text: SurveyText = strawberry.field(description="The answer.")


@strawberry.type
class PulseMutation:
    @mutation(
        SurveyPayload,
        description="Write a survey; nobody is asked yet.",
        who=Who.MANAGER,
        scope=WRITE,
    )
    async def write_survey(
        self,
        info: Info,
        input: Annotated[WriteSurveyInput, strawberry.argument(description="The survey.")],
    ) -> SurveyPayload:
        command = asking.WriteSurvey(
            community_id=find_id(input.community_id, "Community"),
            segment_version_id=find_id(input.segment_version_id, "SegmentVersion"),
            words={
                said.language: SurveyWords(
                    plain_text("title", said.title, longest=TITLE_LENGTH),
                    plain_text("intro", said.intro, longest=INTRO_LENGTH),
                )
                for said in input.words
            },
            questions=tuple(_read_question(question) for question in input.questions),
            closes_at=aware("closesAt", input.closes_at),
            purpose=input.purpose,
            min_graded=input.min_graded,
        )
        async with info.context.begin() as session:
            row = await asking.write_survey(
                session, info.context.actor, command, now=info.context.now
            )
        return SurveyPayload(survey=Survey.of(row, info.context.language))

    @mutation(
        SurveyPayload,
        description="Ask the people whom the segment describes now. Again changes nothing.",
        who=Who.MANAGER,
        scope=WRITE,
    )
    async def open_survey(
        self,
        info: Info,
        input: Annotated[OpenSurveyInput, strawberry.argument(description="The survey.")],
    ) -> SurveyPayload:
        key = find_id(input.survey_id, "Survey")
        async with info.context.begin() as session:
            row = await asking.open_survey(
                session,
                info.context.actor,
                key,
                everybody_confirmed=input.everybody_confirmed,
                now=info.context.now,
            )
        return SurveyPayload(survey=Survey.of(row, info.context.language))

    @mutation(
        SurveyPayload,
        description="Take no more answers, and show results. Again changes nothing.",
        who=Who.MANAGER,
        scope=WRITE,
    )
    async def close_survey(
        self,
        info: Info,
        input: Annotated[SurveyInput, strawberry.argument(description="The survey.")],
    ) -> SurveyPayload:
        key = find_id(input.survey_id, "Survey")
        async with info.context.begin() as session:
            row = await asking.close_survey(session, info.context.actor, key, now=info.context.now)
        return SurveyPayload(survey=Survey.of(row, info.context.language))

    @mutation(
        SurveyPayload,
        description="Call a survey off: nobody sees its answers. Again changes nothing.",
        who=Who.MANAGER,
        scope=WRITE,
    )
    async def cancel_survey(
        self,
        info: Info,
        input: Annotated[SurveyInput, strawberry.argument(description="The survey.")],
    ) -> SurveyPayload:
        key = find_id(input.survey_id, "Survey")
        async with info.context.begin() as session:
            row = await asking.cancel_survey(session, info.context.actor, key, now=info.context.now)
        return SurveyPayload(survey=Survey.of(row, info.context.language))

    @mutation(
        SurveyAnsweredPayload,
        description="Answer a survey that you were asked; until it closes you may answer anew.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def answer_survey(
        self,
        info: Info,
        input: Annotated[AnswerSurveyInput, strawberry.argument(description="The answers.")],
    ) -> SurveyAnsweredPayload:
        command = answering.AnswerSurvey(
            find_id(input.survey_id, "Survey"), _read_answers(input.answers)
        )
        async with info.context.begin() as session:
            await answering.answer_survey(
                session, info.context.actor, command, now=info.context.now
            )
        return SurveyAnsweredPayload(is_answered=True)

    @mutation(
        SurveyAnsweredPayload,
        description="Answer a survey with the link of its invitation, without signing in.",
        who=Who.EVERYBODY,
        scope=WRITE,
    )
    async def answer_survey_by_link(
        self,
        info: Info,
        input: Annotated[AnswerSurveyByLinkInput, strawberry.argument(description="The answers.")],
    ) -> SurveyAnsweredPayload:
        answers, now = _read_answers(input.answers), info.context.now
        async with info.context.begin() as session:
            actor, survey_id = await answering.resolve_survey_link(session, input.token, now=now)
            command = answering.AnswerSurvey(survey_id, answers)
            await answering.answer_survey(session, actor, command, now=now)
        return SurveyAnsweredPayload(is_answered=True)

    @mutation(
        SurveyAnsweredPayload,
        description="Remove your answers while the survey is open. Again changes nothing.",
        who=Who.SIGNED_IN,
        scope=WRITE,
    )
    async def take_back_survey_answers(
        self,
        info: Info,
        input: Annotated[SurveyInput, strawberry.argument(description="The survey.")],
    ) -> SurveyAnsweredPayload:
        key = find_id(input.survey_id, "Survey")
        async with info.context.begin() as session:
            await answering.take_back_answers(
                session, info.context.actor, key, now=info.context.now
            )
        return SurveyAnsweredPayload(is_answered=False)

    @mutation(
        SurveyTextPayload,
        description="Keep or put aside what somebody wrote in own words.",
        who=Who.MANAGER,
        scope=WRITE,
    )
    async def review_survey_text(
        self,
        info: Info,
        input: Annotated[ReviewSurveyTextInput, strawberry.argument(description="The answer.")],
    ) -> SurveyTextPayload:
        key = find_id(input.answer_id, "SurveyText")
        review = TextReview.HIDDEN if input.hide else TextReview.KEPT
        async with info.context.begin() as session:
            row = await asking.review_text(
                session, info.context.actor, key, review, now=info.context.now
            )
        return SurveyTextPayload(text=SurveyText.of(row))


def _read_question(given: SurveyQuestionInput) -> NewQuestion:
    labels: dict[str, dict[str, str]] = {}
    for said in given.words:
        if len(said.labels) != len(given.options):
            raise InvalidSurvey("Name every answer of a choice in every language, in order.")
        if said.labels:
            labels[said.language] = {
                code: plain_text("labels", label, longest=OPTION_LENGTH)
                for code, label in zip(given.options, said.labels, strict=True)
            }
    text = {
        said.language: plain_text("text", said.text, longest=QUESTION_LENGTH)
        for said in given.words
    }
    return NewQuestion(given.kind, text, tuple(given.options), labels)


def _read_answers(given: Iterable[SurveyAnswerInput]) -> dict[UUID, str | int]:
    answers: dict[UUID, str | int] = {}
    for answer in given:
        values = [
            value for value in (answer.choice, answer.scale, answer.text) if value is not None
        ]
        key = find_id(answer.question_id, "SurveyQuestion")
        if len(values) != 1 or key in answers or len(answers) >= MOST_QUESTIONS:
            raise InvalidAnswer("Answer each question at most once, with one value.")
        value = values[0]
        if isinstance(value, str):
            value = plain_text("text", value, longest=TEXT_LENGTH)
        answers[key] = value
    return answers
