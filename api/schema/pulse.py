"""Surveys: what is asked, what one answered, and what was found."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.arguments import CommunityId
from api.schema.context import Info
from api.schema.nodes import find_id, must, resolve_rows
from api.schema.operations import field, query
from api.schema.paging import FIRST, After, Connection, First, connect
from api.schema.pulse_results import SurveyResults
from api.schema.pulse_words import READ
from campaigns.pulse import repository
from campaigns.pulse.answering import resolve_survey_link
from campaigns.pulse.kinds import QuestionKind, SurveyStatus, TextReview
from campaigns.pulse.models import Survey as SurveyRow
from campaigns.pulse.models import SurveyAnswer as AnswerRow
from campaigns.pulse.models import SurveyQuestion as QuestionRow
from campaigns.pulse.questions import pick_words
from campaigns.pulse.reporting import get_results, list_texts
from people.kinds import Purpose

Token = Annotated[
    str, strawberry.argument(description="What follows /l/ in the link of the invitation.")
]
SurveyId = Annotated[relay.GlobalID, strawberry.argument(description="Which survey.")]


@strawberry.type(description="One answer to choose.")
class SurveyOption:
    code: str = strawberry.field(description="What an answer gives.")
    label: str = strawberry.field(description="What people read, in your language.")


@strawberry.type(description="One question of a survey.")
class SurveyQuestion(relay.Node):
    id: relay.NodeID[UUID]
    position: int = strawberry.field(description="Its place, from 1.")
    kind: QuestionKind = strawberry.field(description="How it is answered.")
    text: str = strawberry.field(description="What is asked, in your language.")
    options: list[SurveyOption] = strawberry.field(
        description="The answers of a choice; none otherwise."
    )

    @classmethod
    def of(cls, row: QuestionRow, language: str) -> SurveyQuestion:
        said: dict[str, Any] = pick_words(row.words, [language])
        return cls(
            id=row.id,
            position=row.position,
            kind=row.kind,
            text=said["text"],
            options=[SurveyOption(code=code, label=said["options"][code]) for code in row.options],
        )

    @classmethod
    async def resolve_nodes(
        cls, *, info: Info, node_ids: Iterable[str], required: bool = False
    ) -> list[Any]:
        language = info.context.language
        return await resolve_rows(
            info,
            node_ids,
            repository.load_questions,
            lambda row: cls.of(row, language),
            scope=READ,
        )


@strawberry.type(description="What you answered to one question.")
class SurveyAnswer:
    question_id: relay.GlobalID = strawberry.field(description="The `SurveyQuestion`.")
    choice: str | None = strawberry.field(description="The code that you chose; null otherwise.")
    scale: int | None = strawberry.field(description="From 1 to 5; null otherwise.")
    text: str | None = strawberry.field(description="Your own words; null otherwise.")

    @classmethod
    def of(cls, row: AnswerRow) -> SurveyAnswer:
        return cls(
            question_id=relay.GlobalID("SurveyQuestion", str(row.question_id)),
            choice=row.choice,
            scale=row.scale,
            text=row.text,
        )


@strawberry.type(description="What somebody wrote in own words. Who it was, nobody is told.")
class SurveyText:
    answer_id: relay.GlobalID = strawberry.field(description="To review it.")
    question_id: relay.GlobalID = strawberry.field(description="The `SurveyQuestion`.")
    text: str = strawberry.field(description="The words.")
    review: TextReview = strawberry.field(description="What staff decided on it.")

    @classmethod
    def of(cls, row: AnswerRow) -> SurveyText:
        return cls(
            answer_id=relay.GlobalID("SurveyText", str(row.id)),
            question_id=relay.GlobalID("SurveyQuestion", str(row.question_id)),
            text=row.text or "",
            review=row.review or TextReview.WAITING,
        )


@strawberry.type(description="A few questions to the people of a segment.")
class Survey(relay.Node):
    id: relay.NodeID[UUID]
    title: str = strawberry.field(description="Its title, in your language.")
    intro: str = strawberry.field(description="Why it is asked, in your language.")
    languages: list[str] = strawberry.field(description="Codes of the languages it is written in.")
    status: SurveyStatus = strawberry.field(description="Where it stands.")
    purpose: Purpose = strawberry.field(description="What those who are asked agreed to.")
    min_graded: int = strawberry.field(description="Grades are told from so many answers on.")
    closes_at: datetime = strawberry.field(description="When it takes no more answers.")
    opened_at: datetime | None = strawberry.field(
        description="Since when people are asked; null in a draft."
    )
    closed_at: datetime | None = strawberry.field(
        description="When it was closed; null while it is open."
    )

    @classmethod
    def of(cls, row: SurveyRow, language: str) -> Survey:
        said = pick_words(row.words, [language])
        return cls(
            id=row.id,
            title=said["title"],
            intro=said["intro"],
            languages=sorted(row.words),
            status=row.status,
            purpose=row.purpose,
            min_graded=row.min_graded,
            closes_at=row.closes_at,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
        )

    @field(description="Its questions, in order.")
    async def questions(self, info: Info) -> list[SurveyQuestion]:
        found = await info.context.load(repository.load_questions_of, self.id)
        return [SurveyQuestion.of(row, info.context.language) for row in found or []]

    @field(description="Whether you were asked.")
    async def is_for_me(self, info: Info) -> bool:
        return await info.context.load(repository.load_own_invitations, self.id) is not None

    @field(description="What you answered so far; nobody else sees it.")
    async def my_answers(self, info: Info) -> list[SurveyAnswer]:
        found = await info.context.load(repository.load_own_answers, self.id)
        return [SurveyAnswer.of(row) for row in found or []]

    @classmethod
    async def resolve_nodes(
        cls, *, info: Info, node_ids: Iterable[str], required: bool = False
    ) -> list[Any]:
        language = info.context.language
        return await resolve_rows(
            info,
            node_ids,
            repository.load_surveys,
            lambda row: cls.of(row, language),
            scope=READ,
        )


@strawberry.type(description="A survey as the link of an invitation shows it.")
class SurveyByLink:
    title: str = strawberry.field(description="Its title, in your language.")
    intro: str = strawberry.field(description="Why it is asked, in your language.")
    status: SurveyStatus = strawberry.field(description="Where it stands.")
    closes_at: datetime = strawberry.field(description="When it takes no more answers.")
    questions: list[SurveyQuestion] = strawberry.field(description="Its questions, in order.")
    my_answers: list[SurveyAnswer] = strawberry.field(description="What was answered so far.")


@strawberry.type
class PulseQuery:
    @query(
        description="The surveys of a community, the newest first: for staff all, for others "
        "those that they were asked.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def surveys(
        self,
        info: Info,
        community_id: CommunityId,
        status: Annotated[
            SurveyStatus | None, strawberry.argument(description="Only those that stand so.")
        ] = None,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[Survey]:
        wanted = repository.SurveyFilter(find_id(community_id, "Community"), status)
        language = info.context.language
        return await connect(
            info,
            repository.list_surveys(info.context.actor, wanted),
            lambda row: Survey.of(row, language),
            first=first,
            after=after,
        )

    @query(description="One survey.", who=Who.SIGNED_IN, scope=READ)
    async def survey(self, info: Info, survey_id: SurveyId) -> Survey:
        key = find_id(survey_id, "Survey")
        row = must(await info.context.load(repository.load_surveys, key))
        return Survey.of(row, info.context.language)

    @query(
        description="The questions behind the link of an invitation. Looking changes nothing.",
        who=Who.EVERYBODY,
        scope=READ,
    )
    async def survey_by_link(self, info: Info, token: Token) -> SurveyByLink:
        context = info.context
        async with context.read() as session:
            actor, survey_id = await resolve_survey_link(session, token, now=context.now)
            row = await repository.get_survey(session, actor, survey_id)
            questions = await repository.list_questions(session, survey_id)
            answers = await repository.load_own_answers(session, actor, [survey_id])
        said = pick_words(row.words, [context.language])
        return SurveyByLink(
            title=said["title"],
            intro=said["intro"],
            status=row.status,
            closes_at=row.closes_at,
            questions=[SurveyQuestion.of(question, context.language) for question in questions],
            my_answers=[SurveyAnswer.of(answer) for answer in answers.get(survey_id, [])],
        )

    @query(
        description="What a closed survey found: for staff and those who were asked.",
        who=Who.SIGNED_IN,
        scope=READ,
    )
    async def survey_results(self, info: Info, survey_id: SurveyId) -> SurveyResults:
        key = find_id(survey_id, "Survey")
        async with info.context.read() as session:
            return SurveyResults.of(await get_results(session, info.context.actor, key))

    @query(
        description="What people wrote in own words in a closed survey, at most 500, once five "
        "have written. Never shown to anybody but managers.",
        who=Who.MANAGER,
        scope=READ,
    )
    async def survey_texts(self, info: Info, survey_id: SurveyId) -> list[SurveyText]:
        key = find_id(survey_id, "Survey")
        async with info.context.read() as session:
            rows = await list_texts(session, info.context.actor, key)
        return [SurveyText.of(row) for row in rows]
