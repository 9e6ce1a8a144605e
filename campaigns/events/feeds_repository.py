"""The queries of calendars of events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from campaigns.events.kinds import EventAudience, EventStatus
from campaigns.events.models import CommunityEvent, EventOccurrence, EventPlace
from core.db import Session

MAX_EVENTS = 200


async def list_public_events(
    session: Session, community_id: UUID, since: datetime
) -> list[CommunityEvent]:
    """Public events of a community with a day that ended since then, or will end."""
    lately = select(EventOccurrence.event_id).where(
        EventOccurrence.community_id == community_id, EventOccurrence.ends_at >= since
    )
    query = (
        select(CommunityEvent)
        .where(
            CommunityEvent.community_id == community_id,
            CommunityEvent.audience == EventAudience.PUBLIC,
            CommunityEvent.status != EventStatus.DRAFT,
            CommunityEvent.id.in_(lately),
        )
        .order_by(CommunityEvent.id.desc())
        .limit(MAX_EVENTS)
    )
    return list(await session.scalars(query))


async def load_days(
    session: Session, event_ids: Sequence[UUID]
) -> dict[UUID, list[EventOccurrence]]:
    """All days of events, by event and in order."""
    query = (
        select(EventOccurrence)
        .where(EventOccurrence.event_id.in_(event_ids))
        .order_by(EventOccurrence.recurs_at)
    )
    found: dict[UUID, list[EventOccurrence]] = defaultdict(list)
    for row in await session.scalars(query):
        found[row.event_id].append(row)
    return found


async def load_places(
    session: Session,
    events: Sequence[CommunityEvent],
    days: Mapping[UUID, Sequence[EventOccurrence]],
) -> dict[UUID, EventPlace]:
    """The places of events and of their days."""
    keys = {event.place_id for event in events}
    keys |= {row.place_id for rows in days.values() for row in rows if row.place_id is not None}
    rows = await session.scalars(select(EventPlace).where(EventPlace.id.in_(keys)))
    return {row.id: row for row in rows}
