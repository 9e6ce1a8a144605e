"""What recruitment campaigns do when a person is erased, or takes along what is kept about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.recruiting import repository
from campaigns.recruiting.sign_ups import stamp_steps
from core.db import Session

TABLES = frozenset({"recruiting_forecast", "recruited_sign_up"})


async def forget_person(session: Session, person_id: UUID, now: datetime) -> None:
    """Leave the person's sign-up behind as a number, with how far they came by then."""
    for row in await repository.list_sign_ups_of(session, person_id):
        await stamp_steps(session, [row], now=now)
    await session.flush()
    await repository.forget_person(session, person_id)
    await session.flush()


async def export_person(
    session: Session, person_id: UUID
) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """By which campaign the person came."""
    return await repository.load_rows_about(session, person_id)
