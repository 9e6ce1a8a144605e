"""What pledges, boards and badges keep about one person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from campaigns.standings.badges_repository import drop_badges_of
from campaigns.standings.models import Badge, Pledge, StandingChoice
from campaigns.standings.repository import drop_from_boards
from core.columns import Base
from core.db import Session

MAX_ROWS = 10_000
TABLES: tuple[type[Base], ...] = (StandingChoice, Pledge, Badge)


async def forget(session: Session, person_id: UUID) -> None:
    """Remove what a person chose, promised and earned, and their lines of boards."""
    await drop_from_boards(session, person_id, None)
    await drop_badges_of(session, person_id, None)
    for table in (StandingChoice, Pledge):
        await session.execute(
            delete(table)
            .where(table.person_id == person_id)
            .execution_options(synchronize_session=False)
        )


async def load_rows(session: Session, person_id: UUID) -> dict[str, list[Mapping[str, Any]]]:
    """What is kept about a person, by table."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for table in TABLES:
        columns = table.__table__.columns
        query = select(*columns).where(columns["person_id"] == person_id).limit(MAX_ROWS)
        rows: list[Mapping[str, Any]] = [
            dict(row) for row in (await session.execute(query)).mappings()
        ]
        if rows:
            found[table.__tablename__] = rows
    return found
