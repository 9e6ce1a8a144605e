"""The history of every case: who did what, when and why. Rows are added, never changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import Base, Keyed
from core.db import Session
from core.errors import UnsafeField
from core.ids import new_id
from core.live import tell
from core.safe_fields import is_safe_field

MAX_HISTORY = 500

_REASON = re.compile(r"[a-z][a-z0-9_.\-]{0,63}")


class Event(Keyed, Base):
    """One thing that happened. Holds ids and code words, never personal data."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "subject_type", "subject_id", "happened_at"),
        Index("ix_event_community_id_happened_at", "community_id", "happened_at"),
        CheckConstraint("kind <> ''", name="kind_given"),
    )

    happened_at: Mapped[datetime]
    community_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    """The person who did it; None when the product did."""
    kind: Mapped[str] = mapped_column(String(64))
    subject_type: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[UUID]
    reason: Mapped[str | None] = mapped_column(String(64))
    """A code word, such as ``resident_cancelled``."""
    data: Mapped[dict[str, Any]]


def record_event(
    session: Session,
    kind: str,
    *,
    subject_type: str,
    subject_id: UUID,
    happened_at: datetime,
    actor_id: UUID | None = None,
    community_id: UUID | None = None,
    reason: str | None = None,
    concerns: Mapping[str, UUID] | None = None,
    **data: object,
) -> Event:
    """Add one event to the caller's transaction; watchers hear of it once that is kept.

    ``concerns`` names others who are told, as facts that hold an id do: ``volunteer_id`` makes
    the change known to who watches that volunteer. It is not stored.

    Raises
    ------
    UnsafeField
        When a fact is not of a kind that `core.safe_fields` lets in.
    """
    if reason is not None and not _REASON.fullmatch(reason):
        raise UnsafeField(f"The reason of event {kind!r} must be a code word, such as 'no_answer'.")
    for key, value in data.items():
        if not is_safe_field(key, value):
            raise UnsafeField(
                f"The fact {key!r} of event {kind!r} may not enter the history: ids, counts, "
                "moments, cells and code words may."
            )
    event = Event(
        id=new_id(),
        happened_at=happened_at,
        community_id=community_id,
        actor_id=actor_id,
        kind=kind,
        subject_type=subject_type,
        subject_id=subject_id,
        reason=reason,
        data={key: _plain(value) for key, value in data.items()},
    )
    session.add(event)
    tell(session, event, [*data.items(), *(concerns or {}).items()])
    return event


async def list_events(session: Session, subject_type: str, subject_id: UUID) -> list[Event]:
    """The history of one thing, oldest first, at most `MAX_HISTORY` rows."""
    query = (
        select(Event)
        .where(Event.subject_type == subject_type, Event.subject_id == subject_id)
        .order_by(Event.happened_at, Event.id)
        .limit(MAX_HISTORY)
    )
    return list(await session.scalars(query))


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
