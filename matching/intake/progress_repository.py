"""The queries about what became of requests: who was asked, who comes, why nobody came yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from core.db import Session
from core.events import Event
from matching.kinds import AskStatus, AssignmentStatus, OfferStatus
from matching.models import Assignment, Offer, Volunteer
from matching.offers.models import Ask, AskedHome
from matching.rounds.models import Round, UnservedReason
from people.auth import Actor
from people.models import PersonName

MAX_EVENTS = 200
"""Lines of the history of one request."""


@dataclass(frozen=True)
class Helper:
    """Somebody who has agreed to come, as the resident may know them."""

    assignment_id: UUID
    name: str | None
    starts_at: datetime
    ends_at: datetime
    status: AssignmentStatus


@dataclass(frozen=True)
class LastReason:
    """Why the last round that looked at a request left it out."""

    code: str
    detail: dict[str, Any]
    round_at: datetime
    horizon_start_at: datetime


async def load_helpers(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[Helper]]:
    """Those who come, or came, for each request, by seat."""
    query = (
        select(Assignment, PersonName.call_name, PersonName.full_name)
        .join(Volunteer, Volunteer.id == Assignment.volunteer_id)
        .outerjoin(PersonName, PersonName.person_id == Volunteer.person_id)
        .where(Assignment.request_id.in_(keys), Assignment.status != AssignmentStatus.RELEASED)
        .order_by(Assignment.seat, Assignment.id)
    )
    found: dict[UUID, list[Helper]] = {}
    for work, call_name, full_name in await session.execute(query):
        name = call_name or (full_name.split()[0] if full_name else None)
        found.setdefault(work.request_id, []).append(
            Helper(work.id, name, work.starts_at, work.ends_at, work.status)
        )
    return found


async def load_offer_counts(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, dict[OfferStatus, int]]:
    """How many neighbours were planned for each request, by what came of it."""
    query = (
        select(Offer.request_id, Offer.status, func.count(func.distinct(Offer.volunteer_id)))
        .where(Offer.request_id.in_(keys))
        .group_by(Offer.request_id, Offer.status)
    )
    return _by_status(await session.execute(query))


async def load_asked_counts(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, dict[OfferStatus, int]]:
    """How many neighbours were asked about each request, by what came of it."""
    query = (
        select(Offer.request_id, Offer.status, func.count(func.distinct(Offer.volunteer_id)))
        .where(Offer.request_id.in_(keys), Offer.sent_at.is_not(None))
        .group_by(Offer.request_id, Offer.status)
    )
    return _by_status(await session.execute(query))


async def find_answers_until(
    session: Session, request_id: UUID, *, now: datetime
) -> datetime | None:
    """Until when the answers of those who were asked about a home are waited for; None for none."""
    query = (
        select(Ask.silent_after_at)
        .join(AskedHome, AskedHome.ask_id == Ask.id)
        .where(
            AskedHome.request_id == request_id,
            AskedHome.in_plan,
            AskedHome.answer.is_(None),
            Ask.status == AskStatus.SENT,
            Ask.silent_after_at > now,
        )
        .order_by(Ask.silent_after_at.desc())
        .limit(1)
    )
    found: datetime | None = await session.scalar(query)
    return found


async def load_request_events(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[Event]]:
    """What happened to each request, oldest first."""
    place = func.row_number().over(
        partition_by=Event.subject_id, order_by=(Event.happened_at, Event.id)
    )
    numbered = (
        select(Event, place.label("place"))
        .where(Event.subject_type == "request", Event.subject_id.in_(keys))
        .subquery()
    )
    first = aliased(Event, numbered)
    query = (
        select(first)
        .where(numbered.c.place <= MAX_EVENTS)
        .order_by(first.subject_id, first.happened_at, first.id)
    )
    found: dict[UUID, list[Event]] = {}
    for row in await session.scalars(query):
        found.setdefault(row.subject_id, []).append(row)
    return found


async def load_last_reasons(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, LastReason]:
    """Why the last round that left each request out did so."""
    place = func.row_number().over(
        partition_by=UnservedReason.request_id,
        order_by=(Round.started_at.desc(), Round.id.desc()),
    )
    numbered = (
        select(
            UnservedReason.request_id,
            UnservedReason.code,
            UnservedReason.detail,
            Round.started_at,
            Round.horizon_start_at,
            place.label("place"),
        )
        .join(Round, Round.id == UnservedReason.round_id)
        .where(UnservedReason.request_id.in_(keys))
        .subquery()
    )
    rows = await session.execute(select(numbered).where(numbered.c.place == 1))
    return {
        row.request_id: LastReason(row.code, row.detail, row.started_at, row.horizon_start_at)
        for row in rows
    }


def _by_status(rows: Any) -> dict[UUID, dict[OfferStatus, int]]:
    found: dict[UUID, dict[OfferStatus, int]] = {}
    for request_id, status, count in rows:
        found.setdefault(request_id, {})[status] = int(count)
    return found
