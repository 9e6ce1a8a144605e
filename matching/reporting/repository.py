"""The counts behind the figures of a programme, week by week; nothing of single people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, select

from core.db import Session
from core.events import Event
from matching.kinds import AssignmentStatus, RequestStatus
from matching.models import Assignment, HelpRequest
from messaging.kinds import MessageStatus
from messaging.models import Message
from people.kinds import Purpose

MAX_ANSWERS = 20_000
SERVED = (RequestStatus.DONE, RequestStatus.CONFIRMED)
LEFT_OUT = (RequestStatus.CANCELLED, RequestStatus.SUBMITTED, RequestStatus.NEEDS_REVIEW)
REACHED = (MessageStatus.SENT, MessageStatus.DELIVERED)


@dataclass(frozen=True)
class Span:
    """From one moment to another, which is not in it."""

    starts_at: datetime
    ends_at: datetime


async def count_homes(session: Session, community_id: UUID, spans: Sequence[Span]) -> list[int]:
    """Homes where work was done, each once a span."""
    query = _done(community_id).join(HelpRequest, HelpRequest.id == Assignment.request_id)
    return await _count(session, query, spans, Assignment.ended_at, HelpRequest.household_id)


async def count_done(session: Session, community_id: UUID, spans: Sequence[Span]) -> list[int]:
    """Visits that were done."""
    return await _count(session, _done(community_id), spans, Assignment.ended_at, Assignment.id)


async def count_volunteers(
    session: Session, community_id: UUID, spans: Sequence[Span]
) -> list[int]:
    """Volunteers who said yes to something."""
    query = select(1).select_from(Assignment).where(Assignment.community_id == community_id)
    return await _count(session, query, spans, Assignment.accepted_at, Assignment.volunteer_id)


async def count_requests(
    session: Session, community_id: UUID, spans: Sequence[Span], *, only_served: bool
) -> list[int]:
    """Requests that came and were not taken back, or those of them that were served."""
    query = (
        select(1)
        .select_from(HelpRequest)
        .where(
            HelpRequest.community_id == community_id,
            HelpRequest.status.in_(SERVED) if only_served else HelpRequest.status.not_in(LEFT_OUT),
        )
    )
    return await _count(session, query, spans, HelpRequest.created_at, HelpRequest.id)


async def count_messages(session: Session, community_id: UUID, spans: Sequence[Span]) -> list[int]:
    """Messages that asked somebody for help and went out."""
    query = (
        select(1)
        .select_from(Message)
        .where(
            Message.community_id == community_id,
            Message.purpose == Purpose.OFFERS,
            Message.status.in_(REACHED),
        )
    )
    return await _count(session, query, spans, Message.queued_at, Message.id)


async def count_events(
    session: Session, community_id: UUID, spans: Sequence[Span], kind: str, reason: str = ""
) -> list[int]:
    """Lines of the history of one kind, of one reason if given."""
    query = (
        select(1).select_from(Event).where(Event.community_id == community_id, Event.kind == kind)
    )
    if reason:
        query = query.where(Event.reason == reason)
    return await _count(session, query, spans, Event.happened_at, Event.id)


async def list_first_answers(
    session: Session, community_id: UUID, whole: Span
) -> list[tuple[datetime, datetime]]:
    """When requests came, and when the first person said yes to each; the latest first."""
    query = (
        select(HelpRequest.created_at, func.min(Assignment.accepted_at))
        .join(Assignment, Assignment.request_id == HelpRequest.id)
        .where(
            HelpRequest.community_id == community_id,
            HelpRequest.created_at >= whole.starts_at,
            HelpRequest.created_at < whole.ends_at,
        )
        .group_by(HelpRequest.id, HelpRequest.created_at)
        .order_by(HelpRequest.created_at.desc())
        .limit(MAX_ANSWERS)
    )
    return [(came_at, yes_at) for came_at, yes_at in await session.execute(query)]


def _done(community_id: UUID) -> Select[Any]:
    return (
        select(1)
        .select_from(Assignment)
        .where(
            Assignment.community_id == community_id,
            Assignment.status == AssignmentStatus.DONE,
        )
    )


async def _count(
    session: Session,
    query: Select[Any],
    spans: Sequence[Span],
    moment: Any,
    counted: Any,
) -> list[int]:
    """Different values in each span, in one statement."""
    columns: list[ColumnElement[int]] = []
    for span in spans:
        inside = and_(moment >= span.starts_at, moment < span.ends_at)
        columns.append(func.count(distinct(case((inside, counted)))))
    whole = query.where(moment >= spans[0].starts_at, moment < spans[-1].ends_at)
    row = (
        await session.execute(whole.with_only_columns(*columns, maintain_column_froms=True))
    ).one()
    return [int(value) for value in row]
