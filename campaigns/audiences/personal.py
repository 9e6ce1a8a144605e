"""What audiences do when a person is erased, or takes along what is kept about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.audiences import look_repository as repository
from core.db import Session

TABLES = frozenset({"segment", "segment_version", "preview_look", "preview_salt"})


async def forget_person(session: Session, person_id: UUID, now: datetime) -> None:
    """Forget who looked at previews. Segments name nobody, and stay."""
    await repository.forget_looker(session, person_id)


async def export_person(session: Session, person_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    """When the person looked at previews."""
    moments = await repository.list_looks_of(session, person_id)
    return {"preview_look": [{"looked_at": moment} for moment in moments]}
