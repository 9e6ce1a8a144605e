"""How many people ask for help, and how many give it, in each blurred cell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from core.db import Session
from matching.models import Assignment, HelpRequest, Volunteer
from matching.states import HELD_ASSIGNMENTS, OPEN_REQUESTS
from matching.volunteering.taking_part_repository import takes_part
from people.models import Household

MAX_CELLS = 20_000


@dataclass(frozen=True)
class Asking:
    """People of one cell who ask for help; each counts once, however many requests they have."""

    resident_count: int
    waiting_count: int
    """Those with a request that nobody has agreed to do."""


async def count_asking(session: Session, community_id: UUID) -> dict[int | None, Asking]:
    """By cell: residents with a request that is open or agreed. Of several cells the first."""
    open_ = case((HelpRequest.status.in_(OPEN_REQUESTS), 1), else_=0)
    agreed = select(Assignment.id).where(
        Assignment.request_id == HelpRequest.id, Assignment.status.in_(HELD_ASSIGNMENTS)
    )
    people = (
        select(func.min(Household.cell).label("cell"), func.max(open_).label("waits"))
        .select_from(HelpRequest)
        .join(Household, Household.id == HelpRequest.household_id)
        .where(
            HelpRequest.community_id == community_id,
            or_(HelpRequest.status.in_(OPEN_REQUESTS), agreed.exists()),
        )
        .group_by(HelpRequest.resident_id)
        .subquery()
    )
    rows = await session.execute(
        _by_cell(people.c.cell, func.count(), func.sum(people.c.waits)).select_from(people)
    )
    return {cell: Asking(int(count), int(waiting)) for cell, count, waiting in rows}


async def count_giving(
    session: Session, community_id: UUID, *, at: datetime
) -> dict[int | None, int]:
    """By the cell of their home: volunteers who take part at that moment."""
    query = (
        _by_cell(Household.cell, func.count(func.distinct(Volunteer.person_id)))
        .select_from(Volunteer)
        .join(Household, Household.id == Volunteer.home_id)
        .where(Volunteer.community_id == community_id, takes_part(at))
    )
    return {cell: int(count) for cell, count in await session.execute(query)}


def _by_cell(cell: Any, *counts: ColumnElement[Any]) -> Select[Any]:
    return select(cell, *counts).group_by(cell).order_by(cell).limit(MAX_CELLS)
