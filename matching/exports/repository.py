"""The queries of exports: ids, cells and code words, a page at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, union

from core.db import Session
from core.events import Event
from matching.exports.coverage import Covered
from matching.exports.kinds import What
from matching.kinds import RequestStatus, VolunteerStatus
from matching.models import Assignment, HelpRequest, Volunteer
from matching.states import OPEN_REQUESTS
from matching.volunteering.taking_part_repository import is_known
from people.auth import Actor
from people.models import Household

PAGE = 500
MAX_CELLS = 20_000
MAX_TAKEN = 20
SERVED = (RequestStatus.DONE, RequestStatus.CONFIRMED)


def _request_rows() -> Select[*tuple[Any, ...]]:
    row = HelpRequest
    query: Select[*tuple[Any, ...]] = select(
        row.id,
        row.reference,
        row.kind,
        row.status,
        Household.cell,
        Household.area,
        row.weight,
        row.service_s,
        row.crew_size,
        row.seats_taken,
        row.scope,
        row.languages,
        row.storm_id,
        row.created_at,
        row.deadline_at,
    )
    return query.join(Household, Household.id == row.household_id)


def _volunteer_rows() -> Select[*tuple[Any, ...]]:
    row = Volunteer
    query: Select[*tuple[Any, ...]] = select(
        row.id,
        row.status,
        row.mode,
        Household.cell,
        Household.area,
        row.max_tasks,
        row.max_work_s,
        row.max_travel_s,
        row.radius_m,
        row.load,
        row.created_at,
    )
    return query.join(Household, Household.id == row.home_id)


def _assignment_rows() -> Select[*tuple[Any, ...]]:
    row = Assignment
    query: Select[*tuple[Any, ...]] = select(
        row.id,
        row.request_id,
        row.volunteer_id,
        row.status,
        row.seat,
        row.seats,
        Household.cell,
        Household.area,
        row.starts_at,
        row.ends_at,
        row.accepted_at,
        row.ended_at,
    )
    return query.join(HelpRequest, HelpRequest.id == row.request_id).join(
        Household, Household.id == HelpRequest.household_id
    )


ROWS: dict[What, tuple[Callable[[], Select[*tuple[Any, ...]]], type[Any]]] = {
    What.REQUESTS: (_request_rows, HelpRequest),
    What.VOLUNTEERS: (_volunteer_rows, Volunteer),
    What.ASSIGNMENTS: (_assignment_rows, Assignment),
}


async def count_rows(session: Session, what: What, community_id: UUID) -> int:
    """How many rows there are."""
    _, row = ROWS[what]
    found = await session.scalar(select(func.count(row.id)).where(row.community_id == community_id))
    return int(found or 0)


async def load_page(
    session: Session, what: What, community_id: UUID, after: UUID | None
) -> list[dict[str, Any]]:
    """The rows after an id, at most `PAGE`."""
    make_query, row = ROWS[what]
    query = make_query().where(row.community_id == community_id).order_by(row.id).limit(PAGE)
    if after is not None:
        query = query.where(row.id > after)
    return [dict(found) for found in (await session.execute(query)).mappings()]


async def load_coverage(session: Session, community_id: UUID) -> list[Covered]:
    """The counts of every cell, by cell."""
    requests: Select[*tuple[Any, ...]] = (
        select(
            Household.cell,
            func.max(Household.area),
            func.count(HelpRequest.id),
            func.count(HelpRequest.id).filter(HelpRequest.status.in_(OPEN_REQUESTS)),
            func.count(HelpRequest.id).filter(HelpRequest.status.in_(SERVED)),
        )
        .join(HelpRequest, HelpRequest.household_id == Household.id)
        .where(HelpRequest.community_id == community_id, Household.cell.is_not(None))
        .group_by(Household.cell)
        .limit(MAX_CELLS)
    )
    volunteers: Select[*tuple[Any, ...]] = (
        select(Household.cell, func.max(Household.area), func.count(Volunteer.id))
        .join(Volunteer, Volunteer.home_id == Household.id)
        .where(
            Volunteer.community_id == community_id,
            Volunteer.status == VolunteerStatus.ACTIVE,
            is_known(),
            Household.cell.is_not(None),
        )
        .group_by(Household.cell)
        .limit(MAX_CELLS)
    )
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    areas: dict[int, str | None] = {}
    for cell, area, asked, open_count, served in await session.execute(requests):
        areas[cell] = area
        counts[cell] |= {"asked_count": asked, "open_count": open_count, "served_count": served}
    for cell, area, count in await session.execute(volunteers):
        areas.setdefault(cell, area)
        counts[cell]["volunteer_count"] = count
    people = await _count_people(session, community_id)
    return [
        Covered(
            cell=cell,
            area=areas[cell],
            person_count=people.get(cell, 0),
            volunteer_count=counts[cell]["volunteer_count"],
            asked_count=counts[cell]["asked_count"],
            open_count=counts[cell]["open_count"],
            served_count=counts[cell]["served_count"],
        )
        for cell in sorted(counts)
    ]


async def _count_people(session: Session, community_id: UUID) -> dict[int, int]:
    """Cell -> how many people asked or help there, each once."""
    everybody = union(
        select(Household.cell, HelpRequest.resident_id.label("person_id"))
        .join(HelpRequest, HelpRequest.household_id == Household.id)
        .where(HelpRequest.community_id == community_id, Household.cell.is_not(None)),
        select(Household.cell, Volunteer.person_id.label("person_id"))
        .join(Volunteer, Volunteer.home_id == Household.id)
        .where(
            Volunteer.community_id == community_id,
            Volunteer.status == VolunteerStatus.ACTIVE,
            is_known(),
            Household.cell.is_not(None),
        ),
    ).subquery()
    query = select(everybody.c.cell, func.count()).group_by(everybody.c.cell).limit(MAX_CELLS)
    return {int(cell): int(count) for cell, count in await session.execute(query)}


async def list_exports(session: Session, actor: Actor, community_id: UUID) -> list[Event]:
    """What was taken out of a community, the latest first; for its staff."""
    if not actor.is_staff(community_id):
        return []
    query = (
        select(Event)
        .where(Event.community_id == community_id, Event.kind == "export.made")
        .order_by(Event.happened_at.desc(), Event.id.desc())
        .limit(MAX_TAKEN)
    )
    return list(await session.scalars(query))
