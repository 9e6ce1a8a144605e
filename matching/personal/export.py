"""All that is kept about a person, for the person to read or to take along."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.db import Session
from core.events import Event, record_event
from matching.personal import belongings_repository, export_repository
from people.auth import Actor
from people.errors import PersonUnknown
from people.forgetting import export_from_rooms
from people.policy import can_export_person

_TOKEN = re.compile(r"/l/[A-Za-z0-9_-]{8,}")
ABOUT = (
    "Everything that Talkoot keeps about you, by table. What other people said or wished, and who "
    "of the staff wrote something down, is theirs and stays out."
)


async def export_person(
    session: Session, actor: Actor, person_id: UUID, *, now: datetime
) -> dict[str, Any]:
    """Everything about a person, ready for JSON. Records ``person.exported``.

    For the person, and for the manager of all their communities who hands it over.

    Raises
    ------
    PersonUnknown
        When there is no such person, or not for this actor.
    """
    person = await belongings_repository.find_person(session, person_id)
    communities = await belongings_repository.load_community_ids(session, person_id)
    if person is None or not can_export_person(actor, person_id, communities):
        raise PersonUnknown(f"There is no person with id {person_id}.")
    belongings = await belongings_repository.load_belongings(session, person)
    tables: dict[str, list[dict[str, Any]]] = {}
    for name, kept in (await export_from_rooms(session, person_id)).items():
        tables[name] = [_plain_row(row) for row in kept]
    for table, condition in export_repository.tables_of(person, belongings).items():
        rows = await export_repository.load_rows(session, table, condition)
        if table is Event:
            rows = [_of_event(dict(row), person_id) for row in rows]
        if rows:
            tables.setdefault(table.__tablename__, []).extend(_plain_row(row) for row in rows)
    record_event(
        session,
        "person.exported",
        subject_type="person",
        subject_id=person_id,
        happened_at=now,
        actor_id=actor.person_id,
    )
    await session.flush()
    return {
        "about": ABOUT,
        "person_id": str(person_id),
        "exported_at": now.isoformat(),
        "tables": tables,
    }


def _of_event(row: dict[str, Any], person_id: UUID) -> dict[str, Any]:
    """Why somebody else did something is theirs: "not this person" is told to staff alone."""
    if row["actor_id"] != person_id:
        row["reason"], row["data"] = None, {}
    return row


def _plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str):
        return _TOKEN.sub("/l/***", value)
    return value
