"""The queries behind lists of requests: what one may see, page by page, and what belongs to it.

Whatever is loaded for a whole page is one statement, however many requests are on the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import joinedload

from core.columns import UtcDateTime
from core.db import Session
from core.errors import NotPermitted
from core.pagination import Listing, SortKey
from matching import policy
from matching.intake.kinds import IntakeChannel, IntakeTopic
from matching.intake.models import IntakeRules, RequestAccess, RequestCaller, RequestDetails
from matching.kinds import RequestKind, RequestStatus
from matching.models import NO_DEADLINE, HelpRequest, RequestNeed, RequestWindow
from matching.repository import requests_visible_to
from people.auth import Actor
from people.models import Ability, Household

MAX_WORDS = 50
MAX_VERSIONS = 1_000
# Attributes of mapped classes, as plain columns.
_REQUEST: Any = HelpRequest


class RequestSortBy(StrEnum):
    """What orders a list of requests."""

    CREATED = "created"
    DEADLINE = "deadline"
    WEIGHT = "weight"


@dataclass(frozen=True)
class RequestFilter:
    """Which requests a list holds; what is empty asks for nothing."""

    statuses: tuple[RequestStatus, ...] = ()
    kinds: tuple[RequestKind, ...] = ()
    cells: tuple[int, ...] = ()
    areas: tuple[str, ...] = ()
    reference: str | None = None
    storm_id: UUID | None = None
    needs: tuple[str, ...] = ()
    """Codes of skills and tools: requests that need any of them."""
    needs_review: bool | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    deadline_before: datetime | None = None
    resident_id: UUID | None = None
    weight_from: float | None = None
    """Only those that count at least so much, as urgent ones do."""


@dataclass(frozen=True)
class ShownPlace:
    """Where a home is, as far as everybody may know it."""

    cell: int | None
    area: str | None


def list_community_requests(
    actor: Actor,
    community_id: UUID,
    wanted: RequestFilter,
    *,
    by: RequestSortBy = RequestSortBy.CREATED,
    descending: bool = True,
) -> Listing[HelpRequest]:
    """The requests of a community, for its staff."""
    if not policy.can_review_requests(actor, community_id):
        raise NotPermitted("Only staff of the community see its requests.")
    query = requests_visible_to(actor).where(HelpRequest.community_id == community_id)
    return _listing(_narrow(query, wanted), by, descending=descending)


def list_own_requests(
    actor: Actor,
    wanted: RequestFilter,
    *,
    by: RequestSortBy = RequestSortBy.CREATED,
    descending: bool = True,
) -> Listing[HelpRequest]:
    """What a resident asked for."""
    query = requests_visible_to(actor).where(HelpRequest.resident_id == actor.person_id)
    return _listing(_narrow(query, wanted), by, descending=descending)


def list_asked_for_others(actor: Actor) -> Listing[HelpRequest]:
    """What a person asked for on our pages for somebody else; how it stands is theirs to know."""
    query = (
        select(HelpRequest)
        .join(RequestDetails, RequestDetails.request_id == HelpRequest.id)
        .where(*_asked_for_others(actor))
    )
    return _listing(query, RequestSortBy.CREATED, descending=True)


async def find_asked_for(session: Session, actor: Actor, request_id: UUID) -> UUID | None:
    """The resident for whom the actor asked; None when they did not, or asked for themselves."""
    query = (
        select(HelpRequest.resident_id)
        .join(RequestDetails, RequestDetails.request_id == HelpRequest.id)
        .where(HelpRequest.id == request_id, *_asked_for_others(actor))
    )
    found: UUID | None = await session.scalar(query)
    return found


def _asked_for_others(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (
        RequestDetails.taken_by_id.is_not(None),
        RequestDetails.taken_by_id.is_not_distinct_from(actor.person_id),
        RequestDetails.channel == IntakeChannel.WEB,
        HelpRequest.resident_id != actor.person_id,
    )


def _listing(
    query: Select[HelpRequest], by: RequestSortBy, *, descending: bool
) -> Listing[HelpRequest]:
    keys: dict[RequestSortBy, tuple[str, ColumnElement[Any]]] = {
        RequestSortBy.CREATED: ("created_at", _REQUEST.created_at),
        RequestSortBy.DEADLINE: (
            "due_at",
            func.coalesce(
                HelpRequest.deadline_at, literal(NO_DEADLINE, UtcDateTime()), type_=UtcDateTime()
            ),
        ),
        RequestSortBy.WEIGHT: ("weight", _REQUEST.weight),
    }
    name, column = keys[by]
    return Listing(
        query,
        key=SortKey("id", _REQUEST.id, descending=descending),
        sort=(SortKey(name, column, descending=descending),),
    )


def _narrow(query: Select[HelpRequest], wanted: RequestFilter) -> Select[HelpRequest]:
    if wanted.statuses:
        query = query.where(HelpRequest.status.in_(wanted.statuses))
    if wanted.needs_review is not None:
        waits = HelpRequest.status == RequestStatus.NEEDS_REVIEW
        query = query.where(waits if wanted.needs_review else ~waits)
    if wanted.kinds:
        query = query.where(HelpRequest.kind.in_(wanted.kinds))
    if wanted.cells or wanted.areas:
        homes = select(Household.id)
        if wanted.cells:
            homes = homes.where(Household.cell.in_(wanted.cells[:MAX_WORDS]))
        if wanted.areas:
            homes = homes.where(Household.area.in_(wanted.areas[:MAX_WORDS]))
        query = query.where(HelpRequest.household_id.in_(homes))
    if wanted.reference is not None:
        query = query.where(HelpRequest.reference == wanted.reference.strip().upper())
    if wanted.storm_id is not None:
        query = query.where(HelpRequest.storm_id == wanted.storm_id)
    if wanted.needs:
        needing = (
            select(RequestNeed.request_id)
            .join(Ability, Ability.id == RequestNeed.ability_id)
            .where(Ability.code.in_(wanted.needs[:MAX_WORDS]))
        )
        query = query.where(HelpRequest.id.in_(needing))
    if wanted.created_from is not None:
        query = query.where(HelpRequest.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        query = query.where(HelpRequest.created_at < wanted.created_before)
    if wanted.deadline_before is not None:
        query = query.where(HelpRequest.deadline_at < wanted.deadline_before)
    if wanted.resident_id is not None:
        query = query.where(HelpRequest.resident_id == wanted.resident_id)
    if wanted.weight_from is not None:
        query = query.where(HelpRequest.weight >= wanted.weight_from)
    return query


async def count_by_status(
    session: Session, actor: Actor, community_id: UUID
) -> dict[RequestStatus, int]:
    """How many requests of a community stand where, for its staff."""
    if not policy.can_review_requests(actor, community_id):
        raise NotPermitted("Only staff of the community see its requests.")
    query = (
        select(HelpRequest.status, func.count())
        .where(HelpRequest.community_id == community_id)
        .group_by(HelpRequest.status)
    )
    return {status: int(count) for status, count in await session.execute(query)}


# --- what belongs to the requests of a page -------------------------------------------------------


async def load_requests(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, HelpRequest]:
    """Requests by key, as far as the actor may see them."""
    rows = await session.scalars(requests_visible_to(actor).where(HelpRequest.id.in_(keys)))
    return {row.id: row for row in rows}


async def load_shown_places(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, ShownPlace]:
    """Cell and area of homes, by household."""
    query = select(Household.id, Household.cell, Household.area).where(Household.id.in_(keys))
    return {row.id: ShownPlace(row.cell, row.area) for row in await session.execute(query)}


async def load_windows(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[RequestWindow]]:
    """When each job may be done, the earliest first."""
    query = (
        select(RequestWindow)
        .where(RequestWindow.request_id.in_(keys))
        .order_by(RequestWindow.opens_at, RequestWindow.id)
    )
    found: dict[UUID, list[RequestWindow]] = {}
    for row in await session.scalars(query):
        found.setdefault(row.request_id, []).append(row)
    return found


async def load_needs(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, list[Ability]]:
    """The skills and tools that each job needs."""
    query = (
        select(RequestNeed)
        .where(RequestNeed.request_id.in_(keys))
        .options(joinedload(RequestNeed.ability))
    )
    found: dict[UUID, list[Ability]] = {}
    for row in await session.scalars(query):
        found.setdefault(row.request_id, []).append(row.ability)
    return {key: sorted(rows, key=lambda row: row.code) for key, rows in found.items()}


async def load_details(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, RequestDetails]:
    """How each request came in and what the checks said."""
    query = select(RequestDetails).where(RequestDetails.request_id.in_(keys))
    return {row.request_id: row for row in await session.scalars(query)}


async def load_access(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, RequestAccess]:
    """Access notes and contact choices: for staff, the resident, and whoever has accepted."""
    query = select(RequestAccess).where(RequestAccess.request_id.in_(keys))
    return {row.request_id: row for row in await session.scalars(query)}


async def load_callers(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, RequestCaller]:
    """Who called for the residents: for staff."""
    query = select(RequestCaller).where(RequestCaller.request_id.in_(keys))
    return {row.request_id: row for row in await session.scalars(query)}


async def load_eligibility_versions(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[IntakeRules]]:
    """Every version of the eligibility rules of these communities, the oldest first."""
    query = (
        select(IntakeRules)
        .where(IntakeRules.community_id.in_(keys), IntakeRules.topic == IntakeTopic.ELIGIBILITY)
        .order_by(IntakeRules.valid_from.desc())
        .limit(MAX_VERSIONS)
    )
    found: dict[UUID, list[IntakeRules]] = {}
    for row in reversed(list(await session.scalars(query))):
        found.setdefault(row.community_id, []).append(row)
    return found
