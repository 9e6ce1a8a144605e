"""How packages above take part when a person is erased, or takes along what is kept.

Erasing and exporting stand below the rooms of campaigns and may not know them. So whoever opens
the database gives every session the rooms to ask (`api.opening`), and they do their part in the
same transaction. A session without rooms cannot erase or export: half of it would be worse.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from core.db import Session

_CARRIED = "talkoot.personal_rooms"

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows by the name of their table."""


class Room(Protocol):
    """A module that keeps something about people."""

    @property
    def TABLES(self) -> frozenset[str]:  # noqa: N802 - a constant of the module
        """The tables that `forget_person` and `export_person` take care of."""

    @property
    def forget_person(self) -> Callable[[Session, UUID, datetime], Awaitable[None]]:
        """Remove what tells who a person is; twice is fine."""

    @property
    def export_person(self) -> Callable[[Session, UUID], Awaitable[Rows]]:
        """What is kept about a person, without what others said."""


def carry_rooms(rooms: Sequence[Room]) -> dict[str, Any]:
    """What a database hands to its sessions, so that these rooms take part."""
    return {_CARRIED: tuple(rooms)}


def _rooms_of(session: Session) -> tuple[Room, ...]:
    rooms: tuple[Room, ...] | None = session.info.get(_CARRIED)
    if rooms is None:
        raise LookupError(
            "This database was opened without the rooms that keep something about people: open "
            "it with info=carry_rooms(...), as api.opening does."
        )
    return rooms


async def forget_in_rooms(session: Session, person_id: UUID, *, now: datetime) -> None:
    """Have every room forget a person, while name, home and household are still known."""
    for room in _rooms_of(session):
        await room.forget_person(session, person_id, now)


async def export_from_rooms(session: Session, person_id: UUID) -> dict[str, Any]:
    """What all rooms keep about a person, by table."""
    tables: dict[str, Any] = {}
    for room in _rooms_of(session):
        for name, rows in (await room.export_person(session, person_id)).items():
            tables.setdefault(name, []).extend(rows)
    return tables
