"""The queries behind a storm's board: its homes by place, who has nobody and why, what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from core.db import Session
from core.errors import NotPermitted
from core.events import Event
from matching import policy
from matching.kinds import (
    AskStatus,
    AssignmentStatus,
    OfferStatus,
    RequestKind,
    RequestStatus,
    RoundStatus,
)
from matching.models import Assignment, HelpRequest, Offer, Storm
from matching.offers.models import Ask
from matching.repository import requests_visible_to
from matching.rounds.models import Round, UnservedReason
from people.auth import Actor
from people.models import Household

MAX_GROUPS = 20_000
MAX_LEFT = 2_000
MAX_LOG = 50
LOG_KINDS = (
    "request.open",
    "request.accepted",
    "request.done",
    "request.confirmed",
    "request.not_done",
    "request.cancelled",
    "offer.declined",
    "round.finished",
    "round.failed",
    "storm.watch",
    "storm.armed",
    "storm.active",
    "storm.hold",
    "storm.closed",
    "storm.urgent",
    "storm.usual",
)
"""What staff want to hear of while it snows."""
NOBODY = (RequestStatus.SUBMITTED, RequestStatus.OPEN, RequestStatus.NOT_DONE)
"""Homes to which nobody comes and whom nobody is asked about."""


@dataclass(frozen=True)
class HomeCount:
    """How many requests of one cell stand somewhere."""

    cell: int | None
    area: str | None
    status: RequestStatus
    count: int


@dataclass(frozen=True)
class LeftHome:
    """A home of a storm that has nobody, and what a round kept about it."""

    request_id: UUID
    reference: str
    area: str | None
    code: str
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class Logged:
    """Something that happened, and in which neighbourhood."""

    event: Event
    area: str | None


@dataclass(frozen=True)
class Concerned:
    """Whom a decision about a storm touches."""

    waiting_ask_count: int
    """Messages to volunteers that have not left."""
    asked_count: int
    """Messages to volunteers that wait for an answer."""
    held_count: int
    """Visits that are agreed and not over."""
    nobody_count: int
    """Residents to whom nobody comes."""
    helper_count: int
    """Volunteers who did something."""


async def count_homes(session: Session, actor: Actor, storm: Storm) -> list[HomeCount]:
    """The requests of a storm by cell and by where they stand, for staff."""
    check_staff(actor, storm)
    query = (
        requests_visible_to(actor)
        .join(Household, Household.id == HelpRequest.household_id)
        .where(belongs_to(storm))
        .with_only_columns(Household.cell, Household.area, HelpRequest.status, func.count())
        .group_by(Household.cell, Household.area, HelpRequest.status)
        .limit(MAX_GROUPS)
    )
    rows = await session.execute(cast(Any, query))
    return [HomeCount(cell, area, status, int(count)) for cell, area, status, count in rows]


async def list_left_homes(
    session: Session, actor: Actor, storm: Storm, round_id: UUID
) -> list[LeftHome]:
    """Homes that have nobody still, of those that a round left out, with its reasons."""
    check_staff(actor, storm)
    query = (
        requests_visible_to(actor)
        .join(Household, Household.id == HelpRequest.household_id)
        .join(UnservedReason, UnservedReason.request_id == HelpRequest.id)
        .where(
            belongs_to(storm),
            UnservedReason.round_id == round_id,
            HelpRequest.status.in_((*NOBODY, RequestStatus.EXPIRED)),
        )
        .with_only_columns(
            HelpRequest.id,
            HelpRequest.reference,
            Household.area,
            UnservedReason.code,
            UnservedReason.detail,
        )
        .order_by(HelpRequest.weight.desc(), HelpRequest.id)
        .limit(MAX_LEFT)
    )
    return [LeftHome(*row) for row in await session.execute(cast(Any, query))]


async def count_planned_homes(session: Session, actor: Actor, storm: Storm, round_id: UUID) -> int:
    """Homes for which a round found somebody whom nobody has asked yet."""
    check_staff(actor, storm)
    query = (
        select(func.count(func.distinct(Offer.request_id)))
        .join(HelpRequest, HelpRequest.id == Offer.request_id)
        .where(
            belongs_to(storm),
            HelpRequest.status.in_(NOBODY),
            Offer.round_id == round_id,
            Offer.status == OfferStatus.PROPOSED,
        )
    )
    return int(await session.scalar(query) or 0)


async def list_log(
    session: Session, actor: Actor, storm: Storm, *, limit: int = 12
) -> list[Logged]:
    """What happened in a storm's community since it was noticed, the newest first."""
    check_staff(actor, storm)
    query = select(Event).where(
        Event.community_id == storm.community_id,
        Event.happened_at >= storm.created_at,
        Event.kind.in_(LOG_KINDS),
    )
    if storm.closed_at is not None:
        query = query.where(Event.happened_at <= storm.closed_at)
    query = query.order_by(Event.happened_at.desc(), Event.id.desc()).limit(min(limit, MAX_LOG))
    events = list(await session.scalars(query))
    areas = await _load_areas(session, actor, events)
    return [Logged(event, areas.get(event.subject_id)) for event in events]


async def list_newest_event_ids(session: Session, actor: Actor, storm: Storm) -> tuple[UUID, ...]:
    """The last things that happened in a storm's community.

    Several, for one that began earlier may be kept later.
    """
    check_staff(actor, storm)
    query = (
        select(Event.id)
        .where(Event.community_id == storm.community_id)
        .order_by(Event.happened_at.desc(), Event.id.desc())
        .limit(MAX_LOG)
    )
    return tuple(await session.scalars(query))


async def list_last_rounds(
    session: Session, actor: Actor, storm: Storm, *, limit: int = 2
) -> list[Round]:
    """The newest finished rounds that were planned in a storm."""
    check_staff(actor, storm)
    query = (
        select(Round)
        .where(_is_round_of(storm))
        .order_by(Round.started_at.desc(), Round.id.desc())
        .limit(limit)
    )
    return list(await session.scalars(query))


async def count_rounds(session: Session, actor: Actor, storm: Storm) -> int:
    """How many rounds of a storm have ended well."""
    check_staff(actor, storm)
    query = select(func.count()).select_from(Round).where(_is_round_of(storm))
    return int(await session.scalar(query) or 0)


async def count_concerned(session: Session, actor: Actor, storm: Storm) -> Concerned:
    """Whom holding, closing or going on with a storm touches."""
    check_staff(actor, storm)
    asks: dict[AskStatus, int] = {
        status: int(count)
        for status, count in await session.execute(
            select(Ask.status, func.count())
            .where(
                Ask.community_id == storm.community_id,
                Ask.status.in_((AskStatus.PROPOSED, AskStatus.SENT)),
            )
            .group_by(Ask.status)
        )
    }
    homes: dict[RequestStatus, int] = {}
    for one in await count_homes(session, actor, storm):
        homes[one.status] = homes.get(one.status, 0) + one.count
    helpers = await session.scalar(
        select(func.count(func.distinct(Assignment.volunteer_id)))
        .join(HelpRequest, HelpRequest.id == Assignment.request_id)
        .where(belongs_to(storm), Assignment.status == AssignmentStatus.DONE)
    )
    return Concerned(
        waiting_ask_count=asks.get(AskStatus.PROPOSED, 0),
        asked_count=asks.get(AskStatus.SENT, 0),
        held_count=homes.get(RequestStatus.ACCEPTED, 0) + homes.get(RequestStatus.IN_PROGRESS, 0),
        nobody_count=sum(homes.get(status, 0) for status in (*NOBODY, RequestStatus.OFFERED)),
        helper_count=int(helpers or 0),
    )


def belongs_to(storm: Storm) -> ColumnElement[bool]:
    """Requests of a storm: taken in for it, or calls for snow that came in while it lasted."""
    meanwhile = [HelpRequest.created_at >= storm.created_at]
    if storm.closed_at is not None:
        meanwhile.append(HelpRequest.created_at <= storm.closed_at)
    free = and_(HelpRequest.storm_id.is_(None), HelpRequest.kind == RequestKind.SNOW, *meanwhile)
    return and_(
        HelpRequest.community_id == storm.community_id, or_(HelpRequest.storm_id == storm.id, free)
    )


def _is_round_of(storm: Storm) -> ColumnElement[bool]:
    """Finished rounds that were planned for a storm, or by hand while it lasted."""
    meanwhile = [Round.storm_id.is_(None), Round.started_at >= storm.created_at]
    if storm.closed_at is not None:
        meanwhile.append(Round.started_at <= storm.closed_at)
    return and_(
        Round.community_id == storm.community_id,
        Round.status == RoundStatus.FINISHED,
        or_(Round.storm_id == storm.id, and_(*meanwhile)),
    )


def check_staff(actor: Actor, storm: Storm) -> None:
    """Refuse everybody but the staff of the storm's community."""
    if not policy.can_direct_storm(actor, storm.community_id):
        raise NotPermitted("Only staff of the community see the board of its storms.")


async def _load_areas(
    session: Session, actor: Actor, events: list[Event]
) -> dict[UUID, str | None]:
    """The neighbourhood that each event is about, by its subject."""
    requests = {event.subject_id: event.subject_id for event in events}
    offers = [event.subject_id for event in events if event.subject_type == "offer"]
    if offers:
        rows = await session.execute(
            select(Offer.id, Offer.request_id).where(
                Offer.id.in_(offers), Offer.status != OfferStatus.PROPOSED
            )
        )
        requests.update({row.id: row.request_id for row in rows})
    query = (
        requests_visible_to(actor)
        .join(Household, Household.id == HelpRequest.household_id)
        .where(HelpRequest.id.in_(set(requests.values())))
        .with_only_columns(HelpRequest.id, Household.area)
    )
    found = {row.id: row.area for row in await session.execute(cast(Any, query))}
    return {subject: found.get(request) for subject, request in requests.items()}
