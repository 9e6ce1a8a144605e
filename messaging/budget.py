"""How much one person may hear: a gap between messages and a budget in each storm.

All senders count together. The numbers are the programme's; nothing here knows them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from core.db import Session
from messaging.kinds import ContactLimits
from messaging.repository import ContactState, load_contact_state


def next_allowed(state: ContactState, limits: ContactLimits, moment: datetime) -> datetime | None:
    """When the next message may come, at the earliest ``moment``; None when the budget is spent."""
    if limits.storm_budget is not None and state.sent_count >= limits.storm_budget:
        return None
    if limits.period_budget is not None and state.period_count >= limits.period_budget:
        return None
    if state.last_sent_at is None:
        return moment
    return max(moment, state.last_sent_at + timedelta(seconds=limits.gap_s))


async def list_contactable(
    session: Session,
    person_ids: Collection[UUID],
    storm_id: UUID | None,
    limits: ContactLimits,
    *,
    now: datetime,
) -> list[UUID]:
    """Those of these people who may hear from us right now, in the order given."""
    states = await load_contact_state(session, person_ids, storm_id)
    return [key for key in person_ids if next_allowed(states[key], limits, now) == now]
