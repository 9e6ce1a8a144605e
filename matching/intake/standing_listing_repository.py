"""The queries behind lists of standing requests, and the queue of what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, or_, select, union_all
from sqlalchemy.orm import Bundle

from core.db import Session
from core.errors import NotPermitted
from core.pagination import Listing, SortKey
from matching import policy
from matching.intake.kinds import Cadence, StandingStatus
from matching.intake.models import (
    RequestDetails,
    StandingAccess,
    StandingBreak,
    StandingRequest,
)
from matching.kinds import RequestKind, RequestStatus
from matching.models import HelpRequest
from matching.repository import requests_visible_to
from people.auth import Actor

MAX_BREAKS = 5_000
KEY_OF_SEASON = f":{Cadence.SEASON.value}"
"""What the key of a wish has more than that of the request which was sent with it."""
# Attributes of mapped classes, as plain columns.
_STANDING: Any = StandingRequest


class StandingSortBy(StrEnum):
    """What orders a list of standing requests."""

    CREATED = "created"
    VALID_UNTIL = "valid_until"


@dataclass(frozen=True)
class StandingFilter:
    """Which standing requests a list holds; what is empty asks for nothing."""

    statuses: tuple[StandingStatus, ...] = ()
    kinds: tuple[RequestKind, ...] = ()


def standing_visible_to(actor: Actor) -> Select[StandingRequest]:
    """Staff see their community's standing requests, residents their own."""
    query = select(StandingRequest)
    if actor.is_system:
        return query
    if actor.person_id is None:
        return query.where(false())
    return query.where(
        or_(
            StandingRequest.community_id.in_(actor.staff_communities()),
            StandingRequest.resident_id == actor.person_id,
        )
    )


async def find_wish_beside(
    session: Session, actor: Actor, request_id: UUID
) -> StandingRequest | None:
    """The wish that was sent with a request or that opened it, as long as it has not ended."""
    query = (
        standing_visible_to(actor)
        .join(HelpRequest, HelpRequest.resident_id == StandingRequest.resident_id)
        .outerjoin(RequestDetails, RequestDetails.request_id == HelpRequest.id)
        .where(
            HelpRequest.id == request_id,
            StandingRequest.status != StandingStatus.ENDED,
            or_(
                StandingRequest.source_key == HelpRequest.source_key + KEY_OF_SEASON,
                StandingRequest.id == RequestDetails.standing_id,
            ),
        )
        .limit(1)
    )
    found: StandingRequest | None = await session.scalar(query)
    return found


def list_community_standing(
    actor: Actor,
    community_id: UUID,
    wanted: StandingFilter,
    *,
    by: StandingSortBy = StandingSortBy.CREATED,
    descending: bool = True,
) -> Listing[StandingRequest]:
    """The standing requests of a community, for its staff."""
    if not policy.can_review_requests(actor, community_id):
        raise NotPermitted("Only staff of the community see its standing requests.")
    query = standing_visible_to(actor).where(StandingRequest.community_id == community_id)
    return _listing(query, wanted, by, descending=descending)


def list_own_standing(actor: Actor) -> Listing[StandingRequest]:
    """What a resident asked for at every snowfall, the newest first."""
    query = standing_visible_to(actor).where(StandingRequest.resident_id == actor.person_id)
    return _listing(query, StandingFilter(), StandingSortBy.CREATED, descending=True)


def _listing(
    query: Select[StandingRequest],
    wanted: StandingFilter,
    by: StandingSortBy,
    *,
    descending: bool,
) -> Listing[StandingRequest]:
    if wanted.statuses:
        query = query.where(StandingRequest.status.in_(wanted.statuses))
    if wanted.kinds:
        query = query.where(StandingRequest.kind.in_(wanted.kinds))
    name, column = {
        StandingSortBy.CREATED: ("created_at", _STANDING.created_at),
        StandingSortBy.VALID_UNTIL: ("valid_until", _STANDING.valid_until),
    }[by]
    return Listing(
        query,
        key=SortKey("id", _STANDING.id, descending=descending),
        sort=(SortKey(name, column, descending=descending),),
    )


def list_review_queue(actor: Actor, community_id: UUID) -> Listing[Any]:
    """What waits for a person, the oldest first: rows of ``id`` and ``created_at``.

    Requests and standing requests in one list.
    """
    if not policy.can_review_requests(actor, community_id):
        raise NotPermitted("Only staff of the community see what waits for review.")
    requests = select(HelpRequest.id, HelpRequest.created_at).where(
        HelpRequest.community_id == community_id,
        HelpRequest.status == RequestStatus.NEEDS_REVIEW,
    )
    wishes = select(StandingRequest.id, StandingRequest.created_at).where(
        StandingRequest.community_id == community_id,
        StandingRequest.status == StandingStatus.NEEDS_REVIEW,
    )
    both = union_all(requests, wishes).subquery()
    row: Bundle[Any] = Bundle("waiting", both.c.id, both.c.created_at)
    return Listing(
        select(row),
        key=SortKey("id", both.c.id),
        sort=(SortKey("created_at", both.c.created_at),),
    )


async def load_standing(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, StandingRequest]:
    """Standing requests by key, as far as the actor may see them."""
    rows = await session.scalars(standing_visible_to(actor).where(StandingRequest.id.in_(keys)))
    return {row.id: row for row in rows}


async def load_waiting(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, HelpRequest | StandingRequest]:
    """Rows of the review queue by key, both kinds at once, as far as the actor may see them."""
    requests = await session.scalars(requests_visible_to(actor).where(HelpRequest.id.in_(keys)))
    found: dict[UUID, HelpRequest | StandingRequest] = {row.id: row for row in requests}
    return found | await load_standing(session, actor, keys)


async def load_breaks(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[StandingBreak]]:
    """The days on which standing requests rest, the earliest first."""
    query = (
        select(StandingBreak)
        .where(StandingBreak.standing_id.in_(keys))
        .order_by(StandingBreak.starts_on, StandingBreak.id)
        .limit(MAX_BREAKS)
    )
    found: dict[UUID, list[StandingBreak]] = {}
    for row in await session.scalars(query):
        found.setdefault(row.standing_id, []).append(row)
    return found


async def load_access_of_standing(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, StandingAccess]:
    """Access notes, callers and contact choices of standing requests."""
    query = select(StandingAccess).where(StandingAccess.standing_id.in_(keys))
    return {row.standing_id: row for row in await session.scalars(query)}
