"""The queries on the offers, the work and the bans of volunteers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from core.db import Session
from matching.kinds import AssignmentStatus, OfferStatus, RequestKind
from matching.models import Assignment, Ban, HelpRequest, Offer
from matching.states import HELD_ASSIGNMENTS, TAKEABLE_OFFERS
from people.models import Household

PAGE_SIZE = 100
MAX_ROWS = 1_000
MAX_CELLS = 20_000


def _of_requests(
    query: Select[*tuple[Any, ...]], resident_id: UUID | None, kinds: Collection[str] | None
) -> Select[*tuple[Any, ...]]:
    if resident_id is not None:
        query = query.where(HelpRequest.resident_id == resident_id)
    if kinds is not None:
        query = query.where(HelpRequest.kind.in_([RequestKind(kind) for kind in sorted(kinds)]))
    return query


async def list_answerable_offers(
    session: Session,
    volunteer_id: UUID,
    *,
    resident_id: UUID | None = None,
    kinds: Collection[str] | None = None,
    silent: bool = True,
) -> list[tuple[UUID, UUID]]:
    """(request, offer) of a volunteer's offers that wait or may still be taken, in lock order.

    Without ``silent`` those whose time to answer is over are left out.
    """
    statuses = [OfferStatus.PROPOSED, OfferStatus.SENT]
    if silent:
        statuses = [OfferStatus.PROPOSED, *TAKEABLE_OFFERS]
    query = select(Offer.request_id, Offer.id).where(
        Offer.volunteer_id == volunteer_id, Offer.status.in_(statuses)
    )
    query = _of_requests(
        query.join(HelpRequest, HelpRequest.id == Offer.request_id), resident_id, kinds
    )
    query = query.order_by(Offer.request_id, Offer.id).limit(MAX_ROWS)
    return [(request, offer) for request, offer in await session.execute(query)]


async def list_held_work(
    session: Session,
    volunteer_id: UUID,
    *,
    resident_id: UUID | None = None,
    kinds: Collection[str] | None = None,
) -> list[tuple[UUID, UUID]]:
    """(request, assignment) of a volunteer's accepted work that is not over, in lock order."""
    query = select(Assignment.request_id, Assignment.id).where(
        Assignment.volunteer_id == volunteer_id, Assignment.status.in_(HELD_ASSIGNMENTS)
    )
    query = _of_requests(
        query.join(HelpRequest, HelpRequest.id == Assignment.request_id), resident_id, kinds
    )
    query = query.order_by(Assignment.request_id, Assignment.id).limit(MAX_ROWS)
    return [(request, work) for request, work in await session.execute(query)]


async def load_work_of_days(
    session: Session, community_id: UUID, *, starts_at: datetime, ends_at: datetime
) -> list[tuple[UUID, datetime, AssignmentStatus]]:
    """(volunteer, start, state) of all work between two moments that was not given back."""
    query = (
        select(Assignment.volunteer_id, Assignment.starts_at, Assignment.status)
        .where(
            Assignment.community_id == community_id,
            Assignment.status != AssignmentStatus.RELEASED,
            Assignment.starts_at >= starts_at,
            Assignment.starts_at < ends_at,
        )
        .order_by(Assignment.id)
    )
    return [(key, start, status) for key, start, status in await session.execute(query)]


async def find_ban(session: Session, volunteer_id: UUID, resident_id: UUID) -> Ban | None:
    """The ban of these two, or None."""
    found: Ban | None = await session.scalar(
        select(Ban).where(Ban.volunteer_id == volunteer_id, Ban.resident_id == resident_id)
    )
    return found


async def list_bans(
    session: Session, community_id: UUID, *, after: UUID | None = None, limit: int = PAGE_SIZE
) -> list[Ban]:
    """One page of the bans of a community, by id."""
    query = select(Ban).where(Ban.community_id == community_id).order_by(Ban.id)
    if after is not None:
        query = query.where(Ban.id > after)
    return list(await session.scalars(query.limit(min(limit, PAGE_SIZE))))


async def list_kinds_asked(session: Session, volunteer_id: UUID) -> list[str]:
    """Kinds of help that a volunteer is asked for or has agreed to."""
    offered = select(Offer.request_id).where(
        Offer.volunteer_id == volunteer_id,
        Offer.status.in_((OfferStatus.PROPOSED, *TAKEABLE_OFFERS)),
    )
    agreed = select(Assignment.request_id).where(
        Assignment.volunteer_id == volunteer_id, Assignment.status.in_(HELD_ASSIGNMENTS)
    )
    query = (
        select(HelpRequest.kind)
        .where(or_(HelpRequest.id.in_(offered), HelpRequest.id.in_(agreed)))
        .distinct()
    )
    return sorted(kind.value for kind in await session.scalars(query))


async def count_requests_by_cell(
    session: Session, community_id: UUID, *, since: datetime, until: datetime
) -> dict[int, int]:
    """How many requests came in a time from each blurred cell, whatever became of them."""
    query = (
        select(Household.cell, func.count())
        .join(HelpRequest, HelpRequest.household_id == Household.id)
        .where(
            HelpRequest.community_id == community_id,
            HelpRequest.created_at >= since,
            HelpRequest.created_at < until,
            Household.cell.is_not(None),
        )
        .group_by(Household.cell)
        .limit(MAX_CELLS)
    )
    return {int(cell): int(count) for cell, count in await session.execute(query) if cell}
