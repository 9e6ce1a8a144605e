"""What groups keep about one person: the statements that remove it, and those that read it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, inspect, or_, select, update

from campaigns.groups.kinds import GroupStatus, MemberStatus
from campaigns.groups.models import Group, GroupMember, GroupPost, GroupReport
from core.columns import Base
from core.db import Session
from messaging.kinds import MessageStatus, Suppressed
from messaging.models import Message, MessageWords
from people.models import Person
from people.safeguard_models import Minor

MAX_ROWS = 10_000
HIDDEN = "***"
LIVE = (MemberStatus.ASKED, MemberStatus.INVITED, MemberStatus.MEMBER)
NEWS_SUBJECT = "group_news"
NOT_TOLD = frozenset({"hidden_by", "settled_by", "news_id"})
"""Which of the staff did something is not about the person."""


async def find_household_id(session: Session, person_id: UUID) -> UUID | None:
    """Where a person lives."""
    found: UUID | None = await session.scalar(
        select(Person.household_id).where(Person.id == person_id)
    )
    return found


async def has_other_adults(session: Session, household_id: UUID, person_id: UUID) -> bool:
    """Whether an adult besides this person lives there."""
    query = select(Person.id).where(
        Person.household_id == household_id,
        Person.id != person_id,
        Person.erased_at.is_(None),
        Person.id.not_in(select(Minor.person_id)),
    )
    return await session.scalar(query.limit(1)) is not None


async def list_live_groups(session: Session, person_id: UUID) -> list[UUID]:
    """Groups where the person still is a member by themselves, asked or is invited."""
    query = (
        select(GroupMember.group_id)
        .where(GroupMember.person_id == person_id, GroupMember.status.in_(LIVE))
        .order_by(GroupMember.group_id)
    )
    return list(await session.scalars(query.limit(MAX_ROWS)))


async def end_memberships(session: Session, condition: ColumnElement[bool], now: datetime) -> None:
    """Whoever these rows are about is no member any more."""
    quiet = {"shows_name": False, "wants_news": False}
    await _run(session, update(GroupMember).where(condition).values(quiet))
    await _run(
        session,
        update(GroupMember)
        .where(condition, GroupMember.status.in_(LIVE))
        .values(status=MemberStatus.LEFT, ended_at=now),
    )


async def empty_posts(session: Session, person_id: UUID) -> None:
    """Remove what a person wrote, and the mails that carried it; replies of others stay."""
    news = select(GroupPost.news_id).where(
        GroupPost.author_id == person_id, GroupPost.news_id.is_not(None)
    )
    mails = select(Message.id).where(
        Message.subject_type == NEWS_SUBJECT, Message.subject_id.in_(news)
    )
    await _run(
        session,
        update(Message)
        .where(Message.id.in_(mails), Message.status == MessageStatus.QUEUED)
        .values(status=MessageStatus.SUPPRESSED, reason=Suppressed.NO_LONGER_TRUE.value),
        delete(MessageWords).where(MessageWords.message_id.in_(mails)),
        update(GroupPost).where(GroupPost.author_id == person_id).values(text="", client_key=None),
    )


async def hide_marks(session: Session, person_id: UUID, marks: Sequence[str]) -> None:
    """Replace a person's name and addresses in what others wrote where the person took part."""
    if not marks:
        return
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(mark)}(?!\w)" for mark in marks), re.I)
    homes = select(Person.household_id).where(Person.id == person_id)
    mine = select(GroupMember.group_id).where(
        or_(GroupMember.person_id == person_id, GroupMember.household_id.in_(homes))
    )
    for post in await session.scalars(
        select(GroupPost).where(GroupPost.group_id.in_(mine), GroupPost.text != "").limit(MAX_ROWS)
    ):
        post.text = pattern.sub(HIDDEN, post.text)
    for group in await session.scalars(
        select(Group).where(or_(Group.id.in_(mine), Group.created_by == person_id)).limit(MAX_ROWS)
    ):
        group.summary = pattern.sub(HIDDEN, group.summary)
        group.name = pattern.sub(HIDDEN, group.name)
    await session.flush()


async def list_without_organizer(session: Session, group_ids: Sequence[UUID]) -> list[Group]:
    """Which of these groups go on with nobody to lead them."""
    led = select(GroupMember.group_id).where(
        GroupMember.role == "organizer", GroupMember.status == MemberStatus.MEMBER
    )
    query = select(Group).where(
        Group.id.in_(group_ids), Group.status == GroupStatus.ACTIVE, Group.id.not_in(led)
    )
    return list(await session.scalars(query.order_by(Group.id)))


async def load_rows_about(session: Session, person_id: UUID) -> dict[str, list[Mapping[str, Any]]]:
    """Rows about a person, by table."""
    homes = select(Person.household_id).where(Person.id == person_id)
    conditions: dict[type[Base], ColumnElement[bool]] = {
        Group: Group.created_by == person_id,
        GroupMember: or_(GroupMember.person_id == person_id, GroupMember.household_id.in_(homes)),
        GroupPost: GroupPost.author_id == person_id,
        GroupReport: GroupReport.reporter_id == person_id,
    }
    found: dict[str, list[Mapping[str, Any]]] = {}
    for table, condition in conditions.items():
        columns = [column for column in table.__table__.columns if column.name not in NOT_TOLD]
        query: Select[Any] = select(*columns).where(condition).limit(MAX_ROWS)
        query = query.order_by(*inspect(table).primary_key)
        rows: list[Mapping[str, Any]] = [
            dict(row) for row in (await session.execute(query)).mappings()
        ]
        if rows:
            found[table.__tablename__] = rows
    return found


async def _run(session: Session, *statements: Any) -> None:
    for statement in statements:
        await session.execute(statement.execution_options(synchronize_session=False))
