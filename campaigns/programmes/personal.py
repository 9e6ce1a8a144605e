"""What campaigns do when a person is erased, or takes along what is kept about them.

Nothing of their part in a campaign stays; a campaign that they made goes on without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.programmes import personal_repository as repository
from core.db import Session

TABLES = frozenset({"campaign", "campaign_member", "campaign_team"})


async def forget_person(session: Session, person_id: UUID, now: datetime) -> None:
    """Take a person out of all campaigns."""
    await repository.forget_member(session, person_id)


async def export_person(session: Session, person_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    """Campaigns that the person made, works on or takes part in."""
    return await repository.load_rows_about(session, person_id)
