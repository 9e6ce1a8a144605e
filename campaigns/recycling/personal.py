"""What recycling does when a person is erased, or takes along what is kept about them.

Counts and walks stay; who wrote them down is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.recycling import personal_repository as repository
from core.db import Session

TABLES = frozenset({"route_draw", "set_out_count", "route_weight", "waste_sort", "cart_audit"})


async def forget_person(session: Session, person_id: UUID, now: datetime) -> None:
    """Take the person's id out of everything that they counted or drew."""
    await repository.forget_person(session, person_id)


async def export_person(
    session: Session, person_id: UUID
) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The walks on which the person looked into carts."""
    return await repository.load_rows_about(session, person_id)
