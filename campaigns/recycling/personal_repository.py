"""What recycling keeps about one person: the statements that remove it, and those that read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from campaigns.recycling.models import (
    CartAudit,
    CartLook,
    CollectionRoute,
    RouteDraw,
    RouteWeight,
    SetOutCount,
    WasteSort,
)
from core.db import Session

MAX_ROWS = 10_000


async def forget_person(session: Session, person_id: UUID) -> None:
    """Empty every column that says who counted."""
    columns: tuple[tuple[type[Any], str], ...] = (
        (RouteDraw, "drawn_by"),
        (SetOutCount, "recorded_by"),
        (RouteWeight, "recorded_by"),
        (WasteSort, "recorded_by"),
        (CartAudit, "auditor_id"),
    )
    for table, column in columns:
        await session.execute(
            update(table).where(getattr(table, column) == person_id).values({column: None})
        )


async def load_rows_about(
    session: Session, person_id: UUID
) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Walks of a person, with how many carts they looked at."""
    rows = await session.execute(
        select(
            CollectionRoute.code.label("route"),
            CartAudit.week,
            CartAudit.recorded_at,
            func.count(CartLook.number).label("cart_count"),
        )
        .join(CollectionRoute, CollectionRoute.id == CartAudit.route_id)
        .join(CartLook, CartLook.audit_id == CartAudit.id)
        .where(CartAudit.auditor_id == person_id)
        .group_by(CollectionRoute.code, CartAudit.week, CartAudit.recorded_at, CartAudit.id)
        .order_by(CartAudit.week, CartAudit.id)
        .limit(MAX_ROWS)
    )
    found = [dict(row) for row in rows.mappings()]
    return {"cart_audit": found} if found else {}
