"""Asks that are taken back: before they are sent, or because their message never came."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.db import Session
from matching import repository
from matching.kinds import AskStatus, OfferStatus
from matching.models import HelpRequest
from matching.offers import asks_repository
from matching.offers.models import Ask
from matching.offers.sending import reopen_if_unasked
from matching.transitions import Cause, move_ask, move_offer

UNANSWERED = (OfferStatus.PROPOSED, OfferStatus.SENT, OfferStatus.EXPIRED)


async def withdraw_ask(session: Session, ask_id: UUID, cause: Cause) -> None:
    """Take an ask back with every offer of it that nobody has answered. It counts as unsent.

    Records ``ask.withdrawn`` and ``offer.withdrawn``.
    """
    offers = await asks_repository.list_ask_offers(session, ask_id, UNANSWERED)
    for offer in sorted(offers, key=lambda row: (row.request_id, row.id)):
        await repository.get_locked(session, HelpRequest, offer.request_id)
        await move_offer(session, offer.id, OfferStatus.WITHDRAWN, cause)
        await reopen_if_unasked(session, offer.request_id, cause)
    await move_ask(session, ask_id, AskStatus.WITHDRAWN, cause, sent_at=None, silent_after_at=None)


async def withdraw_unsent_asks(session: Session, community_id: UUID, *, now: datetime) -> int:
    """Take back the asks whose message was held back or did not arrive: a page, and how many.

    Whoever heard nothing is no less willing for it, and is free to be asked again.
    """
    unsent = await asks_repository.list_unsent_asks(session, community_id)
    if not unsent:
        return 0
    await asks_repository.lock_volunteers(session, {ask.volunteer_id for ask, _ in unsent})
    offers = await asks_repository.list_offers_of_asks(
        session, [ask.id for ask, _ in unsent], UNANSWERED
    )
    for request_id in sorted({offer.request_id for offer in offers}):
        await repository.get_locked(session, HelpRequest, request_id)
    withdrawn = 0
    for ask_id, reason in [(ask.id, reason) for ask, reason in unsent]:
        ask = await repository.get_locked(session, Ask, ask_id)
        if ask is not None and ask.status is AskStatus.SENT:
            await withdraw_ask(session, ask_id, Cause(now=now, reason=reason or "not_delivered"))
            withdrawn += 1
    return withdrawn
