"""A home has come to need somebody: a wave puts it onto the lists soon, an urgent one at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from core.db import Session
from matching.intake.programme import load_storm_kinds
from matching.kinds import StormStatus
from matching.models import HelpRequest
from matching.offers import asks_repository
from matching.offers.schedule import schedule_wave
from matching.rounds.repository import find_last_finished_round
from matching.states import OPEN_REQUESTS
from people.repository import read_rules_at

WAVE_GAP = timedelta(minutes=5)
"""Homes that come one after another share a wave: the next begins so long after the last."""


async def ask_about_homes(
    session: Session, community_id: UUID, homes: Collection[HelpRequest], *, now: datetime
) -> bool:
    """Bring the next wave forward for homes that have just become open, if their time has come.

    False when no wave is needed: nothing of it may be offered now, or one is due no later.
    """
    storm = await asks_repository.find_running_storm(session, community_id)
    storm_on = storm is not None and storm.status is StormStatus.ACTIVE
    storm_kinds = await load_storm_kinds(session, community_id, now)
    ready = [
        home
        for home in homes
        if home.status in OPEN_REQUESTS and (storm_on or home.kind not in storm_kinds)
    ]
    if not ready:
        return False
    rules = await read_rules_at(session, community_id, now)
    due_at = now
    if not any(home.weight >= rules.urgent_weight for home in ready):
        last = await find_last_finished_round(session, community_id)
        due_at = now if last is None else max(now, last.started_at + WAVE_GAP)
    return await schedule_wave(
        session,
        community_id,
        storm_id=None if storm is None else storm.id,
        due_at=due_at if due_at > now else None,
        now=now,
    )
