"""The statements about people who want to be called."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, delete, false, or_, select

from core.db import Session
from core.pagination import Listing, SortKey
from matching.intake.models import CallBack
from people.auth import Actor

PAGE = 500
# Attributes of mapped classes, as plain columns.
_CALL: Any = CallBack


def call_backs_visible_to(actor: Actor) -> Select[CallBack]:
    """Staff see those of their communities; numbers are for nobody else."""
    query = select(CallBack)
    if actor.is_system:
        return query
    if actor.person_id is None:
        return query.where(false())
    return query.where(CallBack.community_id.in_(actor.staff_communities()))


def list_waiting(actor: Actor, community_id: UUID) -> Listing[CallBack]:
    """Those who wait for a call, the oldest first."""
    query = call_backs_visible_to(actor).where(
        CallBack.community_id == community_id, CallBack.closed_at.is_(None)
    )
    return Listing(query, SortKey("id", _CALL.id), (SortKey("created_at", _CALL.created_at),))


async def lock_call_back(session: Session, actor: Actor, key: UUID) -> CallBack | None:
    """One of those that the actor sees, held until the transaction ends."""
    query = call_backs_visible_to(actor).where(CallBack.id == key)
    found: CallBack | None = await session.scalar(
        query.with_for_update().execution_options(populate_existing=True)
    )
    return found


def list_closed(actor: Actor, community_id: UUID) -> Listing[CallBack]:
    """Those who were called, or tried, as long as their numbers are kept; the newest first."""
    query = call_backs_visible_to(actor).where(
        CallBack.community_id == community_id, CallBack.closed_at.is_not(None)
    )
    key = SortKey("closed_at", _CALL.closed_at, descending=True)
    return Listing(query, SortKey("id", _CALL.id), (key,))


async def list_waiting_at(session: Session, community_id: UUID, phone: str) -> list[CallBack]:
    """Everybody who waits at one number, the first who asked before the others."""
    query = (
        select(CallBack)
        .where(
            CallBack.community_id == community_id,
            CallBack.phone == phone,
            CallBack.closed_at.is_(None),
        )
        .order_by(CallBack.created_at, CallBack.id)
    )
    return list(await session.scalars(query))


async def count_waiting_of(session: Session, community_id: UUID, most: int) -> int:
    """How many of a community wait, counted up to a bound."""
    query = (
        select(CallBack.id)
        .where(CallBack.community_id == community_id, CallBack.closed_at.is_(None))
        .limit(most)
    )
    return len(list(await session.scalars(query)))


async def delete_old(session: Session, *, closed_before: datetime, asked_before: datetime) -> int:
    """Remove one page of those that were closed, or waited, for too long; how many."""
    query = (
        select(CallBack.id)
        .where(
            or_(
                CallBack.closed_at < closed_before,
                and_(CallBack.closed_at.is_(None), CallBack.asked_at < asked_before),
            )
        )
        .limit(PAGE)
    )
    keys = list(await session.scalars(query))
    if keys:
        await session.execute(delete(CallBack).where(CallBack.id.in_(keys)))
    return len(keys)
