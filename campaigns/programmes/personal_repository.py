"""What campaigns keep about one person: the statements that remove it, and those that read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, inspect, select, update

from campaigns.programmes.models import Campaign, CampaignMember, CampaignTeam
from core.columns import Base
from core.db import Session

MAX_ROWS = 10_000


async def forget_member(session: Session, person_id: UUID) -> None:
    """Take a person out of all campaigns and teams; whom they invited keep their own place."""
    for statement in (
        update(CampaignMember)
        .where(CampaignMember.invited_by == person_id)
        .values(invited_by=None),
        delete(CampaignMember).where(CampaignMember.person_id == person_id),
        delete(CampaignTeam).where(CampaignTeam.person_id == person_id),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))


async def load_rows_about(session: Session, person_id: UUID) -> dict[str, list[Mapping[str, Any]]]:
    """Rows about a person, by table."""
    conditions: dict[type[Base], ColumnElement[bool]] = {
        Campaign: Campaign.created_by == person_id,
        CampaignMember: CampaignMember.person_id == person_id,
        CampaignTeam: CampaignTeam.person_id == person_id,
    }
    found: dict[str, list[Mapping[str, Any]]] = {}
    for table, condition in conditions.items():
        # Who brought them is about somebody else.
        columns = [column for column in table.__table__.columns if column.name != "invited_by"]
        query: Select[Any] = select(*columns).where(condition).limit(MAX_ROWS)
        result = await session.execute(query.order_by(*inspect(table).primary_key))
        rows: list[Mapping[str, Any]] = [dict(row) for row in result.mappings()]
        if rows:
            found[table.__tablename__] = rows
    return found
