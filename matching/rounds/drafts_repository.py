"""Drafts of offers in bulk: a round replaces thousands of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert, update

from core.db import Session
from core.events import Event
from core.ids import new_id
from matching.kinds import OfferStatus
from matching.models import Offer
from matching.states import OFFER, check_transition
from matching.transitions import Cause

BATCH = 900


async def withdraw_drafts(session: Session, offer_ids: Sequence[UUID], cause: Cause) -> int:
    """Withdraw the offers that are still drafts; those that were sent meanwhile stay.

    The same step as `matching.transitions.move_offer`, for many rows in few statements. Records
    ``offer.withdrawn`` for each.
    """
    check_transition(OFFER, OfferStatus.PROPOSED, OfferStatus.WITHDRAWN)
    ordered, withdrawn = sorted(offer_ids), 0
    for start in range(0, len(ordered), BATCH):
        result = await session.execute(
            update(Offer)
            .where(
                Offer.id.in_(ordered[start : start + BATCH]), Offer.status == OfferStatus.PROPOSED
            )
            .values(status=OfferStatus.WITHDRAWN, version=Offer.version + 1)
            .execution_options(synchronize_session=False)
            .returning(Offer.id, Offer.community_id)
        )
        rows = result.all()
        withdrawn += len(rows)
        if rows:
            events = [_event(offer_id, community_id, cause) for offer_id, community_id in rows]
            await session.execute(insert(Event), events)
    return withdrawn


def _event(offer_id: UUID, community_id: UUID, cause: Cause) -> dict[str, object]:
    return {
        "id": new_id(),
        "happened_at": cause.now,
        "community_id": community_id,
        "actor_id": cause.actor_id,
        "kind": f"offer.{OfferStatus.WITHDRAWN.value}",
        "subject_type": "offer",
        "subject_id": offer_id,
        "reason": cause.reason,
        "data": {"from": OfferStatus.PROPOSED.value, "to": OfferStatus.WITHDRAWN.value},
    }
