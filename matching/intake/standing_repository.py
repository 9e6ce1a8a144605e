"""The queries on standing requests, and on the requests that a storm made of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import selectinload

from core.db import Session
from core.events import Event
from matching.intake.kinds import StandingStatus
from matching.intake.models import RequestDetails, StandingAccess, StandingBreak, StandingRequest
from matching.intake.repository import LIVE, MAX_ALIKE, PAGE_SIZE, comes_after
from matching.kinds import RequestKind, RequestStatus
from matching.models import HelpRequest

CALLED_OFF = "resident_cancelled"
"""Why a request ended that its resident called off."""


def standing_on(community_id: UUID, day: date) -> Select[Any]:
    """Standing requests that hold on a day and do not rest."""
    resting = select(StandingBreak.standing_id).where(
        StandingBreak.starts_on <= day, StandingBreak.ends_on >= day
    )
    return select(StandingRequest).where(
        StandingRequest.community_id == community_id,
        StandingRequest.status == StandingStatus.ACTIVE,
        StandingRequest.valid_from <= day,
        StandingRequest.valid_until >= day,
        StandingRequest.id.not_in(resting),
    )


async def list_standing_on(
    session: Session, community_id: UUID, day: date, *, after: UUID | None, limit: int
) -> list[StandingRequest]:
    """One page of the standing requests that hold on a day, by id."""
    query = standing_on(community_id, day).order_by(StandingRequest.id).limit(limit)
    if after is not None:
        query = query.where(StandingRequest.id > after)
    return list(await session.scalars(query))


async def list_standing_people(
    session: Session,
    community_id: UUID,
    day: date,
    kinds: Collection[RequestKind],
    *,
    after: UUID | None,
    limit: int,
) -> list[UUID]:
    """One page of the residents with a standing request that holds on a day, by id."""
    chosen = standing_on(community_id, day).where(StandingRequest.kind.in_(kinds)).subquery()
    query = select(chosen.c.resident_id).distinct().order_by(chosen.c.resident_id).limit(limit)
    if after is not None:
        query = query.where(chosen.c.resident_id > after)
    return list(await session.scalars(query))


async def list_standing_alike(session: Session, wish: StandingRequest) -> list[StandingRequest]:
    """Standing requests of the same home or resident for the same kind that hold together."""
    query = (
        select(StandingRequest)
        .where(
            StandingRequest.community_id == wish.community_id,
            StandingRequest.kind == wish.kind,
            StandingRequest.status != StandingStatus.ENDED,
            StandingRequest.valid_from <= wish.valid_until,
            StandingRequest.valid_until >= wish.valid_from,
            or_(
                StandingRequest.resident_id == wish.resident_id,
                StandingRequest.household_id == wish.household_id,
            ),
        )
        .order_by(StandingRequest.created_at, StandingRequest.id)
        .limit(MAX_ALIKE)
    )
    return list(await session.scalars(query))


async def find_standing_by_source_key(
    session: Session, community_id: UUID, source_key: str
) -> StandingRequest | None:
    """The wish that an earlier delivery of the same thing made."""
    found: StandingRequest | None = await session.scalar(
        select(StandingRequest).where(
            StandingRequest.community_id == community_id,
            StandingRequest.source_key == source_key,
        )
    )
    return found


async def lock_standing(session: Session, standing_id: UUID) -> StandingRequest | None:
    """A standing request, held until the transaction ends."""
    query = (
        select(StandingRequest)
        .where(StandingRequest.id == standing_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    found: StandingRequest | None = await session.scalar(query)
    return found


async def list_breaks(session: Session, standing_id: UUID) -> list[StandingBreak]:
    """The days on which a standing request rests, the earliest first."""
    query = (
        select(StandingBreak)
        .where(StandingBreak.standing_id == standing_id)
        .order_by(StandingBreak.starts_on)
        .limit(PAGE_SIZE)
    )
    return list(await session.scalars(query))


async def list_standing_for_review(
    session: Session, community_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[StandingRequest]:
    """Standing requests that wait for a person's eye, the oldest first."""
    query = (
        select(StandingRequest)
        .where(
            StandingRequest.community_id == community_id,
            StandingRequest.status == StandingStatus.NEEDS_REVIEW,
        )
        .order_by(StandingRequest.created_at, StandingRequest.id)
        .limit(min(limit, PAGE_SIZE))
    )
    if after is not None:
        query = query.where(comes_after(StandingRequest, after))
    return list(await session.scalars(query))


async def load_standing_access(
    session: Session, standing_ids: Collection[UUID]
) -> dict[UUID, StandingAccess]:
    """Access notes and contact choices of standing requests."""
    query = select(StandingAccess).where(StandingAccess.standing_id.in_(standing_ids))
    return {row.standing_id: row for row in await session.scalars(query)}


async def load_opened_keys(
    session: Session, community_id: UUID, source_keys: Collection[str]
) -> set[str]:
    """Which of these requests were opened before."""
    query = select(HelpRequest.source_key).where(
        HelpRequest.community_id == community_id, HelpRequest.source_key.in_(source_keys)
    )
    return {str(key) for key in await session.scalars(query)}


async def load_homes_served(
    session: Session,
    community_id: UUID,
    kind: RequestKind,
    household_ids: Collection[UUID],
    since: datetime,
) -> set[UUID]:
    """Homes with a request of that kind that lives, or was made since a moment and served."""
    query = select(HelpRequest.household_id).where(
        HelpRequest.community_id == community_id,
        HelpRequest.kind == kind,
        HelpRequest.household_id.in_(household_ids),
        or_(
            HelpRequest.status.in_(LIVE),
            and_(
                HelpRequest.status.in_((RequestStatus.DONE, RequestStatus.CONFIRMED)),
                HelpRequest.created_at >= since,
            ),
        ),
    )
    return set(await session.scalars(query))


async def load_called_off(
    session: Session,
    community_id: UUID,
    kind: RequestKind,
    household_ids: Collection[UUID],
    since: datetime,
) -> dict[UUID, datetime]:
    """When homes last called off a request of that kind that was made since a moment."""
    query = (
        select(HelpRequest.household_id, func.max(Event.happened_at))
        .join(
            Event,
            and_(
                Event.subject_type == "request",
                Event.subject_id == HelpRequest.id,
                Event.kind == "request.cancelled",
                Event.reason == CALLED_OFF,
            ),
        )
        .where(
            HelpRequest.community_id == community_id,
            HelpRequest.kind == kind,
            HelpRequest.household_id.in_(household_ids),
            HelpRequest.status == RequestStatus.CANCELLED,
            HelpRequest.created_at >= since,
        )
        .group_by(HelpRequest.household_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def list_storm_requests(
    session: Session, storm_id: UUID, *, after: UUID | None, limit: int
) -> list[HelpRequest]:
    """One page of a storm's requests that nobody has taken and that follow its deadline, by id."""
    query = (
        select(HelpRequest)
        .join(RequestDetails, RequestDetails.request_id == HelpRequest.id)
        .where(
            HelpRequest.storm_id == storm_id,
            RequestDetails.follows_deadline.is_(True),
            HelpRequest.status.in_(
                (RequestStatus.NEEDS_REVIEW, RequestStatus.OPEN, RequestStatus.OFFERED)
            ),
        )
        .options(selectinload(HelpRequest.windows))
        .order_by(HelpRequest.id)
        .limit(limit)
        .with_for_update(key_share=True, of=HelpRequest)
        .execution_options(populate_existing=True)
    )
    if after is not None:
        query = query.where(HelpRequest.id > after)
    return list(await session.scalars(query))
