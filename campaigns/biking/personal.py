"""What happens to rides when a person is erased, or takes along what is kept about them.

Rides go with the person, and every figure is counted anew without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.biking import personal_repository as repository
from core.db import Session

TABLES = frozenset({"ride"})


async def forget_person(session: Session, person_id: UUID, now: datetime) -> None:
    """Remove a person's rides."""
    await repository.delete_rides_of(session, person_id)


async def export_person(session: Session, person_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    """A person's rides."""
    rides = await repository.load_rides_of(session, person_id)
    return {"ride": rides} if rides else {}
