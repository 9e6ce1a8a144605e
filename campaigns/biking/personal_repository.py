"""What rides tell about one person: the statements that remove it, and those that read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from campaigns.biking.models import Ride
from core.db import Session

MAX_ROWS = 100_000


async def delete_rides_of(session: Session, person_id: UUID) -> None:
    """Remove every ride of a person."""
    await session.execute(
        delete(Ride).where(Ride.person_id == person_id).execution_options(synchronize_session=False)
    )


async def load_rides_of(session: Session, person_id: UUID) -> list[Mapping[str, Any]]:
    """Every ride of a person, the first one first."""
    query = (
        select(*Ride.__table__.columns)
        .where(Ride.person_id == person_id)
        .order_by(Ride.started_at, Ride.id)
        .limit(MAX_ROWS)
    )
    return [dict(row) for row in (await session.execute(query)).mappings()]
