"""The queries of the review: what staff see of the asks that wait."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from core.db import Session
from matching.kinds import OfferStatus
from matching.models import HelpRequest, Offer
from matching.offers.models import AskedHome

KEYS_PER_QUERY = 500


async def load_proposed_stops(
    session: Session, ask_ids: Collection[UUID]
) -> dict[UUID, list[tuple[Offer, HelpRequest]]]:
    """The drafts of these asks with their requests, in the order of the plan."""
    found: dict[UUID, list[tuple[Offer, HelpRequest]]] = {}
    keys = sorted(ask_ids)
    for start in range(0, len(keys), KEYS_PER_QUERY):
        query = (
            select(Offer, HelpRequest)
            .join(HelpRequest, HelpRequest.id == Offer.request_id)
            .where(
                Offer.ask_id.in_(keys[start : start + KEYS_PER_QUERY]),
                Offer.status == OfferStatus.PROPOSED,
            )
            .order_by(Offer.ask_id, Offer.position)
        )
        for offer, request in await session.execute(query):
            if offer.ask_id is not None:
                found.setdefault(offer.ask_id, []).append((offer, request))
    return found


async def count_shown(session: Session, ask_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many homes each of these asks puts before its volunteer."""
    counts: dict[UUID, int] = {}
    keys = sorted(ask_ids)
    for start in range(0, len(keys), KEYS_PER_QUERY):
        query = (
            select(AskedHome.ask_id, func.count())
            .where(AskedHome.ask_id.in_(keys[start : start + KEYS_PER_QUERY]))
            .group_by(AskedHome.ask_id)
        )
        for ask_id, count in (await session.execute(query)).all():
            counts[ask_id] = int(count)
    return counts
