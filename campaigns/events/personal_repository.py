"""The queries for forgetting a person at events, and for telling what is kept about one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, inspect, select, update

from campaigns.events.models import (
    CommunityEvent,
    EventDesk,
    EventHelper,
    EventPlace,
    EventRegistration,
)
from core.columns import Base
from core.db import Session

MAX_ROWS = 10_000
HIDDEN = "[removed]"
NOT_TOLD = frozenset({"checked_in_by"})


async def list_occurrence_ids(session: Session, person_id: UUID) -> list[UUID]:
    """The days that somebody signed up for, in the order in which they are locked."""
    query = (
        select(EventRegistration.occurrence_id)
        .where(EventRegistration.person_id == person_id)
        .order_by(EventRegistration.occurrence_id)
    )
    return list(await session.scalars(query))


async def remove_traces(session: Session, person_id: UUID) -> None:
    """Take somebody out of desks, lists of helpers, and the columns that say who did something."""
    for statement in (
        delete(EventDesk).where(EventDesk.person_id == person_id),
        delete(EventHelper).where(EventHelper.person_id == person_id),
        update(EventRegistration)
        .where(EventRegistration.checked_in_by == person_id)
        .values(checked_in_by=None),
    ):
        await session.execute(statement.execution_options(synchronize_session=False))


async def hide_marks(session: Session, person_id: UUID, marks: Sequence[str]) -> None:
    """Replace a person's name and addresses in the events that they planned themselves."""
    if not marks:
        return
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(mark)}(?!\w)" for mark in marks), re.I)
    own = select(CommunityEvent).where(CommunityEvent.created_by == person_id).limit(MAX_ROWS)
    for event in await session.scalars(own):
        event.title = pattern.sub(HIDDEN, event.title)
        event.description = pattern.sub(HIDDEN, event.description)
        place = await session.get_one(EventPlace, event.place_id)
        place.name = pattern.sub(HIDDEN, place.name)
        place.address_text = pattern.sub(HIDDEN, place.address_text)
    await session.flush()


async def load_rows_about(session: Session, person_id: UUID) -> dict[str, list[Mapping[str, Any]]]:
    """Rows about a person, by table."""
    conditions: dict[type[Base], ColumnElement[bool]] = {
        CommunityEvent: CommunityEvent.created_by == person_id,
        EventDesk: EventDesk.person_id == person_id,
        EventHelper: EventHelper.person_id == person_id,
        EventRegistration: EventRegistration.person_id == person_id,
    }
    found: dict[str, list[Mapping[str, Any]]] = {}
    for table, condition in conditions.items():
        columns = [column for column in table.__table__.columns if column.name not in NOT_TOLD]
        query: Select[Any] = select(*columns).where(condition).limit(MAX_ROWS)
        query = query.order_by(*inspect(table).primary_key)
        rows: list[Mapping[str, Any]] = [
            dict(row) for row in (await session.execute(query)).mappings()
        ]
        if rows:
            found[table.__tablename__] = rows
    return found
