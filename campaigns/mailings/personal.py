"""What mailings do when a person is erased, or takes along what is kept about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.mailings import repository
from core.db import Session

TABLES = frozenset({"mailing", "mailing_recipient", "mailing_settings"})


async def forget_person(session: Session, person_id: UUID, now: datetime) -> None:
    """Take the person off every list: nothing more goes to them, and what they did is forgotten."""
    await repository.forget_recipient(session, person_id)


async def export_person(session: Session, person_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    """Which mailings the person was to get and what they did then; mailings that they wrote."""
    places = await repository.list_places_of(session, person_id)
    written = await repository.list_written_by(session, person_id)
    return {
        "mailing_recipient": [
            {
                "mailing_id": row.mailing_id,
                "variant": row.variant,
                "language": row.language,
                "status": row.status,
                "reason": row.reason,
                "queued_at": row.queued_at,
                "opened_at": row.opened_at,
                "action": row.action,
                "acted_at": row.acted_at,
            }
            for row in places
        ],
        "mailing": [
            {"id": row.id, "title": row.title, "texts": row.texts, "created_at": row.created_at}
            for row in written
        ],
    }
