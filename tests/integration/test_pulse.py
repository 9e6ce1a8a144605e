"""Surveys from the draft to the results: who is asked, one answer each, until it closes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from campaigns.audiences.definitions import Definition
from campaigns.audiences.errors import AudienceEmpty, AudienceIsEverybody
from campaigns.audiences.segments import SaveSegment, save_segment
from campaigns.pulse.answering import (
    AnswerSurvey,
    answer_survey,
    resolve_survey_link,
    take_back_answers,
)
from campaigns.pulse.asking import (
    WriteSurvey,
    cancel_survey,
    close_survey,
    open_survey,
    review_text,
    rewrite_survey,
    write_survey,
)
from campaigns.pulse.errors import (
    InvalidAnswer,
    InvalidSurvey,
    SurveyClosed,
    SurveyNotForYou,
    SurveyUnknown,
    SurveyWrongState,
)
from campaigns.pulse.jobs import close_when_over, remind_some, tell_some
from campaigns.pulse.kinds import QuestionKind, SurveyStatus, TextReview
from campaigns.pulse.models import Survey, SurveyAnswer, SurveyInvitation
from campaigns.pulse.personal import export_person, forget_person
from campaigns.pulse.questions import NewQuestion, SurveyWords
from campaigns.pulse.reporting import get_results, list_texts
from campaigns.pulse.repository import get_survey, list_questions
from core.clock import FixedClock
from core.db import Database, Session
from core.ids import new_id
from messaging.kinds import MessageStatus, Suppressed
from messaging.models import Message, MessageWords
from messaging.stopping import stop_all
from people.auth import Actor
from people.errors import LinkUnknown
from people.kinds import Channel, Role
from people.links import LinkTo, create_link
from people.models import Community, Person
from tests.factories.audiences import add_listener, add_listeners
from tests.factories.people import actor_as, add_community

SYSTEM = Actor.system()
QUESTIONS = (
    NewQuestion(
        QuestionKind.CHOICE,
        {"en": "Should the tool depot move?", "es": "¿Debe mudarse el depósito?"},
        ("yes", "no"),
        {"en": {"yes": "Yes", "no": "No"}, "es": {"yes": "Sí", "no": "No"}},
    ),
    NewQuestion(QuestionKind.SCALE, {"en": "How useful is it?", "es": "¿Cuánto le sirve?"}),
    NewQuestion(QuestionKind.TEXT, {"en": "Why?", "es": "¿Por qué?"}),
)
WORDS = {"en": SurveyWords("The tool depot"), "es": SurveyWords("El depósito")}


async def add_survey(
    session: Session, community: Community, clock: FixedClock, **more: Any
) -> Survey:
    name = f"Everybody {new_id().hex[-6:]}"
    command = SaveSegment(community.id, name, Definition())
    _, version = await save_segment(session, SYSTEM, command, now=clock.now())
    values: dict[str, Any] = {
        "community_id": community.id,
        "segment_version_id": version.id,
        "words": WORDS,
        "questions": QUESTIONS,
        "closes_at": clock.now() + timedelta(days=10),
    }
    return await write_survey(session, SYSTEM, WriteSurvey(**(values | more)), now=clock.now())


async def add_open(
    session: Session, community: Community, clock: FixedClock, **more: Any
) -> tuple[Survey, list[UUID]]:
    survey = await add_survey(session, community, clock, **more)
    await open_survey(session, SYSTEM, survey.id, everybody_confirmed=True, now=clock.now())
    return survey, [row.id for row in await list_questions(session, survey.id)]


async def answer(
    session: Session,
    survey: Survey,
    person: Person,
    answers: Mapping[UUID, str | int],
    clock: FixedClock,
) -> None:
    command = AnswerSurvey(survey.id, answers)
    await answer_survey(session, Actor(person_id=person.id), command, now=clock.now())


async def answers_of(session: Session, person: Person) -> list[Any]:
    rows = await session.scalars(
        select(SurveyAnswer)
        .join(SurveyInvitation, SurveyInvitation.id == SurveyAnswer.invitation_id)
        .where(SurveyInvitation.person_id == person.id)
    )
    return sorted(str(row.choice or row.scale or row.text) for row in rows)


async def messages(session: Session, kind: str) -> Sequence[Message]:
    return (await session.scalars(select(Message).where(Message.kind == kind))).all()


async def test_a_survey_from_draft_to_results(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        people = await add_listeners(session, community, 40)
        survey, (depot, useful, why) = await add_open(session, community, clock)
        for number, person in enumerate(people[:35]):
            said = {depot: "no" if number < 10 else "yes", useful: 4, why: f"Because {number}"}
            await answer(session, survey, person, said, clock)
        manager = actor_as(Role.MANAGER, community.id)
        with pytest.raises(SurveyWrongState):
            await get_results(session, manager, survey.id)
        with pytest.raises(SurveyWrongState):
            await list_texts(session, manager, survey.id)
        clock.advance(timedelta(days=10))
        assert await close_when_over(session, survey, now=clock.now())
        assert not await close_when_over(session, survey, now=clock.now())
        found = await get_results(session, manager, survey.id)
        assert (found.response.invited_count, found.response.answered_count) == (40, 35)
        assert [(each.option, each.share.count) for each in found.questions[0].options] == [
            ("yes", 25),
            ("no", 10),
        ]
        grade = found.questions[1].grade
        assert grade is not None
        assert (grade.mean, grade.letter) == (4.0, "B")
        assert found.caveat.startswith("5 of 40 people")
        texts = await list_texts(session, manager, survey.id)
        assert len(texts) == 35
        assert texts[0].review is TextReview.WAITING
        hidden = await review_text(
            session, manager, texts[0].id, TextReview.HIDDEN, now=clock.now()
        )
        assert hidden.review is TextReview.HIDDEN
        asked = Actor(person_id=people[-1].id)
        assert (await get_results(session, asked, survey.id)).questions == found.questions
        with pytest.raises(SurveyNotForYou):
            await list_texts(session, asked, survey.id)
        with pytest.raises(SurveyUnknown):
            await get_results(session, Actor(person_id=new_id()), survey.id)


async def test_one_answer_each_that_may_change_until_the_end(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        person, *_ = await add_listeners(session, community, 5)
        survey, (depot, useful, why) = await add_open(session, community, clock)
        await answer(session, survey, person, {depot: "yes", why: "For us"}, clock)
        await answer(session, survey, person, {depot: "no", useful: 2}, clock)
        assert await answers_of(session, person) == ["2", "no"]
        me = Actor(person_id=person.id)
        invitation = await take_back_answers(session, me, survey.id, now=clock.now())
        assert invitation.answered_at is None
        assert await answers_of(session, person) == []
        await answer(session, survey, person, {depot: "yes"}, clock)
        clock.advance(timedelta(days=10))
        with pytest.raises(SurveyClosed):
            await answer(session, survey, person, {depot: "no"}, clock)
        with pytest.raises(SurveyClosed):
            await take_back_answers(session, me, survey.id, now=clock.now())
        assert await answers_of(session, person) == ["yes"]


async def test_answers_that_come_at_once_are_one(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        person, *_ = await add_listeners(session, community, 5)
        survey, (depot, _, _) = await add_open(session, community, clock)

    async def press(said: str) -> None:
        async with database.begin() as session:
            await answer(session, survey, person, {depot: said}, clock)

    await asyncio.gather(*(press(said) for said in ("yes", "no", "yes", "no")))
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(SurveyAnswer)) == 1


async def test_answers_must_fit(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        person, *_ = await add_listeners(session, community, 5)
        stranger = await add_listener(session, community, purposes=())
        survey, (depot, useful, why) = await add_open(session, community, clock)
        bad: list[dict[UUID, Any]] = [
            {},
            {new_id(): "yes"},
            {depot: "maybe"},
            {depot: 1},
            {useful: 0},
            {useful: 6},
            {useful: "5"},
            {useful: True},
            {why: "  "},
            {why: "x" * 501},
        ]
        for answers in bad:
            with pytest.raises(InvalidAnswer):
                await answer(session, survey, person, answers, clock)
        assert await answers_of(session, person) == []
        with pytest.raises(SurveyUnknown):
            await answer(session, survey, stranger, {depot: "yes"}, clock)


@pytest.mark.parametrize(
    "more",
    [
        {"questions": ()},
        {"questions": QUESTIONS * 2},
        {"words": {}},
        {"words": {"fi": SurveyWords("Työkalut")}},
        {"words": {"en": SurveyWords("Only English")}},
        {"words": {"en": SurveyWords(" "), "es": SurveyWords("El depósito")}},
        {"min_graded": 1},
        {"closes_at": timedelta(minutes=59)},
        {"closes_at": timedelta(days=91)},
    ],
)
async def test_surveys_that_cannot_be(
    database: Database, clock: FixedClock, more: dict[str, Any]
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        if "closes_at" in more:
            more = {"closes_at": clock.now() + more["closes_at"]}
        with pytest.raises(InvalidSurvey):
            await add_survey(session, community, clock, **more)


async def test_few_and_everybody(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        await add_listeners(session, community, 4)
        survey = await add_survey(session, community, clock)
        with pytest.raises(AudienceEmpty):
            await open_survey(session, SYSTEM, survey.id, everybody_confirmed=True, now=clock.now())
        await add_listeners(session, community, 4)
        with pytest.raises(AudienceIsEverybody):
            await open_survey(session, SYSTEM, survey.id, now=clock.now())
        opened = await open_survey(
            session, SYSTEM, survey.id, everybody_confirmed=True, now=clock.now()
        )
        again = await open_survey(session, SYSTEM, survey.id, now=clock.now())
        assert opened.status is again.status is SurveyStatus.OPEN
        assert await session.scalar(select(func.count()).select_from(SurveyInvitation)) == 8


async def test_each_is_told_once_and_reminded_once(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        people = await add_listeners(session, community, 6)
        survey, (depot, *_) = await add_open(session, community, clock)
        await stop_all(session, people[0].id, Channel.EMAIL, now=clock.now())
        for _ in range(2):
            assert not await tell_some(session, survey.id, now=clock.now())
        told = await messages(session, "survey_invite")
        assert len(told) == 6
        by_person = {row.person_id: row for row in told}
        assert by_person[people[0].id].reason == Suppressed.NO_CONSENT
        assert sum(row.status is MessageStatus.QUEUED for row in told) == 5
        assert not await remind_some(session, survey.id, now=clock.now())
        assert await messages(session, "survey_reminder") == []
        await answer(session, survey, people[1], {depot: "yes"}, clock)
        clock.advance(timedelta(days=5))
        for _ in range(2):
            assert not await remind_some(session, survey.id, now=clock.now())
        reminded = await messages(session, "survey_reminder")
        assert {row.person_id for row in reminded} == {row.id for row in people} - {people[1].id}
        assert survey.reminded_at == clock.now()


async def test_what_waits_is_not_sent_after_the_end(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        await add_listeners(session, community, 5)
        survey, _ = await add_open(session, community, clock)
        await tell_some(session, survey.id, now=clock.now())
        clock.advance(timedelta(days=11))
        await close_when_over(session, survey, now=clock.now())
        assert {row.status for row in await messages(session, "survey_invite")} == {
            MessageStatus.SUPPRESSED
        }


async def test_the_link_in_a_mail_lets_its_person_answer(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        person, *_ = await add_listeners(session, community, 5)
        survey, (depot, *_) = await add_open(session, community, clock)
        await tell_some(session, survey.id, now=clock.now())
        words = await session.scalar(
            select(MessageWords.text)
            .join(Message, Message.id == MessageWords.message_id)
            .where(Message.person_id == person.id)
        )
        assert words is not None
        assert "The tool depot" in words
        token = words.partition("/l/")[2].split()[0]
        actor, survey_id = await resolve_survey_link(session, token, now=clock.now())
        assert (actor, survey_id) == (Actor(person_id=person.id), survey.id)
        await answer_survey(session, actor, AnswerSurvey(survey_id, {depot: "no"}), now=clock.now())
        assert await answers_of(session, person) == ["no"]
        other = LinkTo(
            action="answer_offer",
            person_id=person.id,
            subject_id=survey.id,
            expires_at=clock.now() + timedelta(days=1),
        )
        wrong = await create_link(session, other, now=clock.now())
        with pytest.raises(LinkUnknown):
            await resolve_survey_link(session, wrong, now=clock.now())


async def test_the_erased_take_their_answers_along(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        people = await add_listeners(session, community, 12)
        survey, (depot, *_) = await add_open(session, community, clock)
        for person in people:
            await answer(session, survey, person, {depot: "yes"}, clock)
        kept = await export_person(session, people[0].id)
        assert [row["choice"] for row in kept["survey_answer"]] == ["yes"]
        await forget_person(session, people[0].id, clock.now())
        await close_survey(session, SYSTEM, survey.id, now=clock.now())
        found = await get_results(session, SYSTEM, survey.id)
        assert (found.response.invited_count, found.response.answered_count) == (11, 11)
        assert (await export_person(session, people[0].id))["survey_answer"] == []


async def test_managers_ask_and_nobody_else(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        other = await add_community(session, "somerville")
        people = await add_listeners(session, community, 5)
        survey = await add_survey(session, community, clock)
        coordinator = actor_as(Role.COORDINATOR, community.id)
        for act in (open_survey, close_survey, cancel_survey):
            with pytest.raises(SurveyNotForYou):
                await act(session, coordinator, survey.id, now=clock.now())
            for actor in (actor_as(Role.MANAGER, other.id), Actor(person_id=people[0].id)):
                with pytest.raises(SurveyUnknown):
                    await act(session, actor, survey.id, now=clock.now())
        with pytest.raises(SurveyWrongState):
            await close_survey(session, SYSTEM, survey.id, now=clock.now())
        command = WriteSurvey(
            community.id, survey.segment_version_id, WORDS, QUESTIONS[1:], survey.closes_at
        )
        with pytest.raises(SurveyNotForYou):
            await rewrite_survey(session, coordinator, survey.id, command, now=clock.now())
        await rewrite_survey(session, SYSTEM, survey.id, command, now=clock.now())
        assert [row.position for row in await list_questions(session, survey.id)] == [1, 2]
        await cancel_survey(session, SYSTEM, survey.id, now=clock.now())
        await cancel_survey(session, SYSTEM, survey.id, now=clock.now())
        with pytest.raises(SurveyWrongState):
            await open_survey(session, SYSTEM, survey.id, now=clock.now())


async def test_a_cancelled_survey_is_gone_for_those_who_were_asked(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        person, *_ = await add_listeners(session, community, 5)
        survey, (depot, *_) = await add_open(session, community, clock)
        me = Actor(person_id=person.id)
        assert (await get_survey(session, me, survey.id)).id == survey.id
        await cancel_survey(session, SYSTEM, survey.id, now=clock.now())
        with pytest.raises(SurveyUnknown):
            await get_survey(session, me, survey.id)
        with pytest.raises(SurveyUnknown):
            await answer(session, survey, person, {depot: "yes"}, clock)
