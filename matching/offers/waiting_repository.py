"""Whether what was put before a volunteer still waits for an answer."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from core.db import Session
from matching.models import HelpRequest, Offer
from matching.offers.models import Ask, AskedHome
from matching.states import LIVE_ASKS, LIVE_OFFERS, OPEN_REQUESTS


async def is_ask_open(session: Session, ask_id: UUID) -> bool:
    """Whether nobody has answered an ask, and a home that it shows still needs somebody."""
    query = (
        select(Ask.id)
        .join(AskedHome, AskedHome.ask_id == Ask.id)
        .join(HelpRequest, HelpRequest.id == AskedHome.request_id)
        .where(
            Ask.id == ask_id,
            Ask.status.in_(LIVE_ASKS),
            HelpRequest.status.in_(OPEN_REQUESTS),
            HelpRequest.seats_taken < HelpRequest.crew_size,
        )
        .limit(1)
    )
    return await session.scalar(query) is not None


async def is_offer_open(session: Session, offer_id: UUID) -> bool:
    """Whether an offer by itself can be answered yet."""
    query = select(Offer.id).where(Offer.id == offer_id, Offer.status.in_(LIVE_OFFERS))
    return await session.scalar(query) is not None
