"""Draft offers that nobody was told of, dropped by staff."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.db import Session
from matching.rounds import listing_repository as listing
from matching.rounds.drafts_repository import withdraw_drafts
from matching.rounds.reading import get_round
from matching.transitions import Cause
from people.auth import Actor


async def discard_drafts(session: Session, actor: Actor, round_id: UUID, *, now: datetime) -> int:
    """Withdraw the drafts of a round that belong to no ask, and say how many.

    Doing it twice is fine. What was sent stays, and so does what waits to be sent as an ask: that
    is struck one by one. Records ``offer.withdrawn`` for each.

    Raises
    ------
    RoundUnknown
        When there is no such round for this actor.
    """
    await get_round(session, actor, round_id)
    drafts = await listing.list_bare_drafts(session, round_id)
    cause = Cause(now=now, actor_id=actor.person_id, reason="discarded_by_staff")
    return await withdraw_drafts(session, drafts, cause)
