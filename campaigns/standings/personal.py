"""What happens to pledges, boards and badges when a person is erased, or takes along what is kept.

Everything goes with the person. Boards that were published hold numbers of five people and more,
which move with the next board.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.standings import personal_repository as repository
from core.db import Session

TABLES = frozenset({"standing_choice", "pledge", "badge", "board_line"})


async def forget_person(session: Session, person_id: UUID, now: datetime) -> None:
    """Remove everything of a person here."""
    await repository.forget(session, person_id)


async def export_person(session: Session, person_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    """A person's choice, pledges and badges."""
    return await repository.load_rows(session, person_id)
