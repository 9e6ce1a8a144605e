"""The queries on surveys. `visible_to` is the only way to a list of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, case, delete, func, insert, or_, select

from campaigns.pulse.errors import SurveyUnknown
from campaigns.pulse.kinds import SurveyStatus, TextReview
from campaigns.pulse.models import Survey, SurveyAnswer, SurveyInvitation, SurveyQuestion
from core.db import Session
from core.ids import new_id
from core.pagination import Listing, SortKey
from people.auth import Actor
from people.models import Household, Person

PAGE = 100
MAX_TEXTS = 500
INSERT_PAGE = 1_000
SHOWN_TO_PEOPLE = (SurveyStatus.OPEN, SurveyStatus.CLOSED)


@dataclass(frozen=True)
class SurveyFilter:
    """Which surveys of a community."""

    community_id: UUID
    status: SurveyStatus | None = None


def visible_to(actor: Actor) -> Select[Survey]:
    """Staff see all of their communities, others those that they were asked."""
    query = select(Survey)
    if actor.is_system:
        return query
    asked = select(SurveyInvitation.survey_id).where(SurveyInvitation.person_id == actor.person_id)
    return query.where(
        or_(
            Survey.community_id.in_(actor.staff_communities()),
            Survey.id.in_(asked) & Survey.status.in_(SHOWN_TO_PEOPLE),
        )
    )


def list_surveys(actor: Actor, wanted: SurveyFilter) -> Listing[Survey]:
    """The surveys of a community, the newest first."""
    query = visible_to(actor).where(Survey.community_id == wanted.community_id)
    if wanted.status is not None:
        query = query.where(Survey.status == wanted.status)
    return Listing(
        query,
        key=SortKey("id", Survey.id, descending=True),
    )


async def get_survey(
    session: Session, actor: Actor, survey_id: UUID, *, lock: bool = False
) -> Survey:
    """One survey; unknown and hidden answer alike."""
    query = visible_to(actor).where(Survey.id == survey_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: Survey | None = await session.scalar(query)
    if found is None:
        raise SurveyUnknown(f"There is no survey {survey_id}, or it is not for you.")
    return found


async def load_surveys(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Survey]:
    """Surveys by key, as far as they are for this actor."""
    rows = await session.scalars(visible_to(actor).where(Survey.id.in_(keys)))
    return {row.id: row for row in rows}


async def list_questions(session: Session, survey_id: UUID) -> list[SurveyQuestion]:
    """The questions of a survey, in order."""
    query = (
        select(SurveyQuestion)
        .where(SurveyQuestion.survey_id == survey_id)
        .order_by(SurveyQuestion.position)
    )
    return list(await session.scalars(query))


async def load_questions(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, SurveyQuestion]:
    """Questions by key, of surveys that are for this actor."""
    mine = visible_to(actor).with_only_columns(Survey.id)
    rows = await session.scalars(
        select(SurveyQuestion).where(
            SurveyQuestion.id.in_(keys), SurveyQuestion.survey_id.in_(mine)
        )
    )
    return {row.id: row for row in rows}


async def load_questions_of(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[SurveyQuestion]]:
    """The questions of surveys, in order."""
    mine = visible_to(actor).with_only_columns(Survey.id).where(Survey.id.in_(keys))
    rows = await session.scalars(
        select(SurveyQuestion)
        .where(SurveyQuestion.survey_id.in_(mine))
        .order_by(SurveyQuestion.survey_id, SurveyQuestion.position)
    )
    found: dict[UUID, list[SurveyQuestion]] = {}
    for row in rows:
        found.setdefault(row.survey_id, []).append(row)
    return found


async def delete_questions(session: Session, survey_id: UUID) -> None:
    """Take the questions of a draft away, before others are written."""
    await session.execute(
        delete(SurveyQuestion)
        .where(SurveyQuestion.survey_id == survey_id)
        .execution_options(synchronize_session="fetch")
    )


async def count_invited(session: Session, actor: Actor, keys: Collection[UUID]) -> dict[UUID, int]:
    """How many were asked, of each of these surveys."""
    mine = visible_to(actor).with_only_columns(Survey.id).where(Survey.id.in_(keys))
    rows = await session.execute(
        select(SurveyInvitation.survey_id, func.count())
        .where(SurveyInvitation.survey_id.in_(mine))
        .group_by(SurveyInvitation.survey_id)
    )
    return {row[0]: int(row[1]) for row in rows}


async def add_invitations(
    session: Session, survey: Survey, person_ids: Sequence[UUID], now: datetime
) -> None:
    """Invite these people, each with the area of today."""
    for start in range(0, len(person_ids), INSERT_PAGE):
        page = person_ids[start : start + INSERT_PAGE]
        rows = await session.execute(
            select(Person.id, Household.area)
            .outerjoin(Household, Household.id == Person.household_id)
            .where(Person.id.in_(page))
        )
        await session.execute(
            insert(SurveyInvitation),
            [
                {
                    "id": new_id(),
                    "survey_id": survey.id,
                    "person_id": person_id,
                    "area": area,
                    "invited_at": now,
                }
                for person_id, area in rows
            ],
        )


async def lock_invitation(
    session: Session, survey_id: UUID, person_id: UUID | None
) -> SurveyInvitation | None:
    """Somebody's invitation, held until the end of the transaction."""
    found: SurveyInvitation | None = await session.scalar(
        select(SurveyInvitation)
        .where(SurveyInvitation.survey_id == survey_id, SurveyInvitation.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def load_own_invitations(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, SurveyInvitation]:
    """The actor's own invitations by survey."""
    rows = await session.scalars(
        select(SurveyInvitation).where(
            SurveyInvitation.survey_id.in_(keys), SurveyInvitation.person_id == actor.person_id
        )
    )
    return {row.survey_id: row for row in rows}


async def load_own_answers(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[SurveyAnswer]]:
    """The actor's own answers by survey."""
    rows = await session.execute(
        select(SurveyInvitation.survey_id, SurveyAnswer)
        .join(SurveyAnswer, SurveyAnswer.invitation_id == SurveyInvitation.id)
        .where(SurveyInvitation.survey_id.in_(keys), SurveyInvitation.person_id == actor.person_id)
        .order_by(SurveyAnswer.question_id)
    )
    found: dict[UUID, list[SurveyAnswer]] = {}
    for survey_id, row in rows:
        found.setdefault(survey_id, []).append(row)
    return found


async def list_untold(session: Session, survey_id: UUID) -> list[SurveyInvitation]:
    """Some of those who were not told yet."""
    query = (
        select(SurveyInvitation)
        .where(SurveyInvitation.survey_id == survey_id, SurveyInvitation.told_at.is_(None))
        .order_by(SurveyInvitation.id)
        .limit(PAGE)
        .with_for_update(skip_locked=True)
    )
    return list(await session.scalars(query))


async def list_unreminded(session: Session, survey_id: UUID) -> list[SurveyInvitation]:
    """Some of those who have not answered and were not reminded."""
    query = (
        select(SurveyInvitation)
        .where(
            SurveyInvitation.survey_id == survey_id,
            SurveyInvitation.answered_at.is_(None),
            SurveyInvitation.reminded_at.is_(None),
        )
        .order_by(SurveyInvitation.id)
        .limit(PAGE)
        .with_for_update(skip_locked=True)
    )
    return list(await session.scalars(query))


async def list_open(session: Session) -> list[Survey]:
    """Some of the surveys that are open, those that close first."""
    query = (
        select(Survey)
        .where(Survey.status == SurveyStatus.OPEN)
        .order_by(Survey.closes_at, Survey.id)
        .limit(PAGE)
    )
    return list(await session.scalars(query))


async def delete_answers(
    session: Session, invitation_id: UUID, *, but: Collection[UUID] = ()
) -> None:
    """Remove somebody's answers, except those to some questions."""
    await session.execute(
        delete(SurveyAnswer)
        .where(SurveyAnswer.invitation_id == invitation_id, SurveyAnswer.question_id.not_in(but))
        .execution_options(synchronize_session="fetch")
    )


async def list_answers(session: Session, invitation_id: UUID) -> list[SurveyAnswer]:
    """Somebody's answers."""
    query = select(SurveyAnswer).where(SurveyAnswer.invitation_id == invitation_id)
    return list(await session.scalars(query))


async def count_people(session: Session, survey_id: UUID) -> list[tuple[str | None, int, int]]:
    """By area: how many were asked, and how many answered."""
    rows = await session.execute(
        select(
            SurveyInvitation.area,
            func.count(),
            func.count().filter(SurveyInvitation.answered_at.is_not(None)),
        )
        .where(SurveyInvitation.survey_id == survey_id)
        .group_by(SurveyInvitation.area)
    )
    return [(area, int(asked), int(answered)) for area, asked, answered in rows]


async def count_answers(
    session: Session, survey_id: UUID
) -> list[tuple[UUID, str | None, str | None, int | None, int]]:
    """(question, area, choice, scale, how many) of all answers; own words are counted only."""
    rows = await session.execute(
        select(
            SurveyAnswer.question_id,
            SurveyInvitation.area,
            SurveyAnswer.choice,
            SurveyAnswer.scale,
            func.count(),
        )
        .join(SurveyInvitation, SurveyInvitation.id == SurveyAnswer.invitation_id)
        .where(SurveyInvitation.survey_id == survey_id)
        .group_by(
            SurveyAnswer.question_id,
            SurveyInvitation.area,
            SurveyAnswer.choice,
            SurveyAnswer.scale,
        )
    )
    return [(row[0], row[1], row[2], row[3], int(row[4])) for row in rows]


async def list_texts(
    session: Session, survey_id: UUID, *, after: UUID | None = None, first: int = MAX_TEXTS
) -> list[SurveyAnswer]:
    """What people wrote in own words, in an order that says nothing of who or when.

    What nobody looked at comes first, then what was kept. ``after`` is the last one of the page
    before: a cursor of other pages would carry the words themselves.
    """
    place = case(
        (SurveyAnswer.review == TextReview.KEPT, 1),
        (SurveyAnswer.review == TextReview.HIDDEN, 2),
        else_=0,
    )
    text, key = SurveyAnswer.text, SurveyAnswer.id
    query = _texts(survey_id).order_by(place, text, key).limit(first)
    if after is not None:
        found = _texts(survey_id).where(key == after).with_only_columns(place, text)
        last = (await session.execute(found)).first()
        if last is not None:
            same = and_(place == last[0], or_(text > last[1], and_(text == last[1], key > after)))
            query = query.where(or_(place > last[0], same))
    return list(await session.scalars(query))


async def count_texts(session: Session, survey_id: UUID) -> int:
    """How many answers in own words there are."""
    query = _texts(survey_id).with_only_columns(func.count(SurveyAnswer.id))
    return int(await session.scalar(query) or 0)


def _texts(survey_id: UUID) -> Select[SurveyAnswer]:
    return (
        select(SurveyAnswer)
        .join(SurveyQuestion, SurveyQuestion.id == SurveyAnswer.question_id)
        .where(SurveyQuestion.survey_id == survey_id, SurveyAnswer.text.is_not(None))
    )


async def find_text(session: Session, answer_id: UUID) -> tuple[SurveyAnswer, UUID] | None:
    """One answer in own words, with its survey."""
    row = (
        await session.execute(
            select(SurveyAnswer, SurveyQuestion.survey_id)
            .join(SurveyQuestion, SurveyQuestion.id == SurveyAnswer.question_id)
            .where(SurveyAnswer.id == answer_id, SurveyAnswer.review.is_not(None))
            .with_for_update(of=SurveyAnswer)
        )
    ).first()
    return None if row is None else (row[0], row[1])


async def forget_person(session: Session, person_id: UUID) -> None:
    """Remove somebody's invitations, and with them the answers."""
    mine = select(SurveyInvitation.id).where(SurveyInvitation.person_id == person_id)
    await session.execute(delete(SurveyAnswer).where(SurveyAnswer.invitation_id.in_(mine)))
    await session.execute(delete(SurveyInvitation).where(SurveyInvitation.person_id == person_id))


async def load_rows_about(
    session: Session, person_id: UUID
) -> tuple[list[SurveyInvitation], list[SurveyAnswer]]:
    """Somebody's invitations and answers."""
    asked = await session.scalars(
        select(SurveyInvitation).where(SurveyInvitation.person_id == person_id).limit(INSERT_PAGE)
    )
    answers = await session.scalars(
        select(SurveyAnswer)
        .join(SurveyInvitation, SurveyInvitation.id == SurveyAnswer.invitation_id)
        .where(SurveyInvitation.person_id == person_id)
        .limit(INSERT_PAGE)
    )
    return list(asked), list(answers)
