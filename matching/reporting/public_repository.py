"""What the public page of numbers is made from: homes by month and area, and what was given.

The counts are exact here; `web` shows them only where they tell of nobody in particular.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, select

from core.db import Session
from matching.kinds import AssignmentStatus, RequestStatus
from matching.models import Assignment, HelpRequest, Volunteer
from matching.storms.listing_repository import REACHED
from people.models import Household

MAX_AREAS = 500


@dataclass(frozen=True)
class Asked:
    """Homes that asked for help, and those of them to which somebody came or comes."""

    homes: int
    reached: int


@dataclass(frozen=True)
class Given:
    """What volunteers have done since a day."""

    homes: int
    visits: int
    work_s: int
    helpers: int


async def count_by_span(
    session: Session, community_id: UUID, edges: Sequence[datetime]
) -> list[Asked]:
    """Homes that asked from each edge until the next one."""
    spans = list(itertools.pairwise(edges))
    number = case(
        *(
            (and_(HelpRequest.created_at >= start, HelpRequest.created_at < end), index)
            for index, (start, end) in enumerate(spans)
        ),
        else_=-1,
    )
    query = _asked(number, community_id, edges[0]).group_by(number)
    found = {row[0]: Asked(int(row[1]), int(row[2])) for row in await session.execute(query)}
    return [found.get(index, Asked(0, 0)) for index in range(len(spans))]


async def count_by_area(
    session: Session, community_id: UUID, since: datetime
) -> dict[str | None, Asked]:
    """Homes that asked since a moment, by neighborhood."""
    query = _asked(Household.area, community_id, since).group_by(Household.area).limit(MAX_AREAS)
    return {row[0]: Asked(int(row[1]), int(row[2])) for row in await session.execute(query)}


async def count_given(session: Session, community_id: UUID, since: datetime) -> Given:
    """Work that was done since a moment."""
    query = (
        select(
            func.count(func.distinct(HelpRequest.household_id)),
            func.count(Assignment.id),
            func.coalesce(func.sum(HelpRequest.service_s), 0),
            func.count(func.distinct(Volunteer.person_id)),
        )
        .select_from(Assignment)
        .join(HelpRequest, HelpRequest.id == Assignment.request_id)
        .join(Volunteer, Volunteer.id == Assignment.volunteer_id)
        .where(
            Assignment.community_id == community_id,
            Assignment.status == AssignmentStatus.DONE,
            Assignment.starts_at >= since,
        )
    )
    homes, visits, work_s, helpers = (await session.execute(query)).one()
    return Given(int(homes), int(visits), int(work_s), int(helpers))


def _asked(key: Any, community_id: UUID, since: datetime) -> Select[Any]:
    home = HelpRequest.household_id
    return (
        select(
            key,
            func.count(func.distinct(home)),
            func.count(func.distinct(case((HelpRequest.status.in_(REACHED), home)))),
        )
        .join(Household, Household.id == home)
        .where(
            HelpRequest.community_id == community_id,
            HelpRequest.created_at >= since,
            HelpRequest.status != RequestStatus.CANCELLED,
        )
    )
