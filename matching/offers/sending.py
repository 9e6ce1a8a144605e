"""Offers on their way to volunteers: sent, gone silent, taken back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.db import Session
from matching import repository
from matching.errors import OfferUnknown, RequestClosed
from matching.kinds import OfferStatus, RequestStatus
from matching.models import HelpRequest, Offer
from matching.states import OPEN_REQUESTS
from matching.transitions import Cause, move_offer, move_request


async def send_offer(session: Session, offer_id: UUID, shown: list[str], *, now: datetime) -> Offer:
    """Mark an offer as sent, with the requests that the message listed. Records ``offer.sent``.

    The request becomes *offered* with its first sent offer.
    """
    offer = await session.get(Offer, offer_id)
    if offer is None:
        raise OfferUnknown(f"There is no offer {offer_id}.")
    request = await repository.get_locked(session, HelpRequest, offer.request_id)
    cause = Cause(now=now)
    if request is None or request.status not in OPEN_REQUESTS:
        raise RequestClosed(f"The request of offer {offer_id} no longer waits for help.")
    sent = await move_offer(
        session, offer_id, OfferStatus.SENT, cause, sent_at=now, shown=list(shown)
    )
    if request.status is RequestStatus.OPEN:
        await move_request(session, request.id, RequestStatus.OFFERED, cause)
    return sent


async def expire_offers(
    session: Session, community_id: UUID, *, sent_before: datetime, now: datetime
) -> int:
    """End the weight of offers that stayed silent: at most one page of them, and say how many.

    The right to say yes stays. Records ``offer.expired``.
    """
    silent = await repository.list_silent_offers(session, community_id, sent_before=sent_before)
    keys = [(offer.request_id, offer.id) for offer in silent]
    expired = 0
    for request_id, offer_id in sorted(keys):
        expired += await expire_offer(session, request_id, offer_id, now=now)
    return expired


async def expire_offer(
    session: Session, request_id: UUID, offer_id: UUID, *, now: datetime
) -> bool:
    """End the weight of one offer that stayed silent, unless it was answered. ``offer.expired``"""
    await repository.get_locked(session, HelpRequest, request_id)
    offer = await repository.get_locked(session, Offer, offer_id)
    if offer is None or offer.status is not OfferStatus.SENT:
        return False
    cause = Cause(now=now, reason="no_answer")
    await move_offer(session, offer_id, OfferStatus.EXPIRED, cause)
    await reopen_if_unasked(session, request_id, cause)
    return True


async def withdraw_offers(session: Session, request_id: UUID, cause: Cause) -> int:
    """Take back every unanswered offer of a request that the caller has locked."""
    offers = await repository.list_unanswered_offers(session, request_id)
    for offer in offers:
        await move_offer(session, offer.id, OfferStatus.WITHDRAWN, cause)
    return len(offers)


async def reopen_if_unasked(session: Session, request_id: UUID, cause: Cause) -> None:
    """Make a request *open* again when nobody is being asked about it any more."""
    request = await repository.get_locked(session, HelpRequest, request_id)
    if request is None or request.status is not RequestStatus.OFFERED:
        return
    if not await repository.has_sent_offers(session, request_id):
        await move_request(session, request_id, RequestStatus.OPEN, cause)
