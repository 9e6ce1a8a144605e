"""What interests do when a person is erased, or takes along what is kept about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from core.db import Session
from people.interests import repository

TABLES = frozenset({"interest", "person_interest", "household_facts"})


async def forget_person(session: Session, person_id: UUID, now: datetime) -> None:
    """Remove what the person cares about, and what was said of the home."""
    await repository.forget_person(session, person_id)


async def export_person(session: Session, person_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    """What the person cares about, and what is kept of the home."""
    topics, facts = await repository.load_rows_about(session, person_id)
    return {
        "person_interest": [
            {
                "community_id": row.community_id,
                "topic": row.topic,
                "stated_at": row.stated_at,
            }
            for row in topics
        ],
        "household_facts": [
            {
                "household_id": row.household_id,
                "has_seniors": row.has_seniors,
                "has_children": row.has_children,
                "declared_at": row.declared_at,
            }
            for row in facts
        ],
    }
