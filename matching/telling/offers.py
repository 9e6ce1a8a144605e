"""To volunteers before a yes: codes, areas and buckets of minutes, and nothing more exact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.db import Session
from matching.models import Offer, Volunteer
from matching.offers import asks_repository
from matching.offers.models import Ask
from matching.states import LIVE_OFFERS
from matching.telling import repository
from matching.telling.repository import Recipient
from matching.telling.values import Note, make_link, send_note, stop_values
from messaging.models import Message
from people.kinds import Purpose

MAX_STOPS = 3


async def notify_offer(session: Session, ask: Ask, *, now: datetime) -> Message:
    """A plan of up to three stops; the page shows what is open when it is opened."""
    offers = await asks_repository.list_ask_offers(session, ask.id, LIVE_OFFERS)
    shown = await asks_repository.list_shown(session, ask.id)
    volunteer = await repository.get_volunteer(session, ask.volunteer_id)
    to = await repository.get_recipient(session, ask.community_id, volunteer.person_id)
    values = await _offer_values(session, offers[:MAX_STOPS], volunteer, to, now=now)
    planned = {offer.request_id for offer in offers[:MAX_STOPS]}
    values |= {
        "starts_at": offers[0].starts_at if offers else None,
        "more_count": len({row.request_id for row in shown} - planned),
        "link": await make_link(session, "answer_offer", to.person_id, ask.id, now=now),
    }
    note = Note(
        kind="offer",
        about=ask,
        values=values,
        purpose=Purpose.OFFERS,
        storm_id=ask.storm_id,
        counts=True,
        expires_at=max((offer.ends_at for offer in offers), default=None),
    )
    return await send_note(session, to, note, now=now)


async def notify_substitute(session: Session, offer: Offer, *, now: datetime) -> Message:
    """The home that was said yes to is taken; this offer is of the best one still open."""
    volunteer = await repository.get_volunteer(session, offer.volunteer_id)
    to = await repository.get_recipient(session, offer.community_id, volunteer.person_id)
    values = await _offer_values(session, [offer], volunteer, to, now=now)
    if offer.ask_id is not None:
        values["link"] = await make_link(
            session, "answer_offer", to.person_id, offer.ask_id, now=now
        )
    note = Note(kind="substitute_offered", about=offer, values=values, expires_at=offer.ends_at)
    return await send_note(session, to, note, now=now)


async def notify_taken(session: Session, offer: Offer, *, now: datetime) -> Message:
    """The home that was said yes to is taken, and nothing else is open near."""
    volunteer = await repository.get_volunteer(session, offer.volunteer_id)
    to = await repository.get_recipient(session, offer.community_id, volunteer.person_id)
    return await send_note(session, to, Note(kind="taken_already", about=offer, values={}), now=now)


async def _offer_values(
    session: Session,
    offers: Sequence[Offer],
    volunteer: Volunteer,
    to: Recipient,
    *,
    now: datetime,
) -> dict[str, Any]:
    stops = []
    for offer in offers:
        request = await repository.get_request(session, offer.request_id)
        stops.append(await stop_values(session, offer, request, to, now=now))
    return {"stops": stops, "mode": volunteer.mode.value}
