"""Asks leave: each in a transaction of its own, after a last look at whether it still may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from core.clock import Clock
from core.db import Database, Session
from core.errors import TalkootError
from core.logging import get_logger
from matching import repository
from matching.errors import AskUnknown
from matching.intake.programme import load_storm_kinds
from matching.kinds import AskAnswer, AskStatus, OfferStatus, StormStatus
from matching.ladder.timing import silence_ends_s
from matching.models import HelpRequest, Storm, Volunteer
from matching.offers import asks_repository
from matching.offers.asks import load_ladder_rules
from matching.offers.live import takes_part
from matching.offers.models import Ask
from matching.offers.sending import send_offer
from matching.offers.taking_back import withdraw_ask
from matching.offers.wave_state import SHIFT, quiet_spans
from matching.states import OPEN_REQUESTS
from matching.transitions import Cause, move_ask, move_offer
from messaging.kinds import MessageStatus
from messaging.models import Message
from messaging.repository import load_contact_state
from messaging.timing import is_quiet, quiet_hours

_logger = get_logger(__name__)


class Notifier(Protocol):
    """Queues the message of an ask; `matching.notifications.notify_offer` in production."""

    async def __call__(self, session: Session, ask: Ask, *, now: datetime) -> Message:
        """Queue it in the caller's transaction."""
        ...


async def send_round_asks(
    database: Database, round_id: UUID, *, clock: Clock, notify: Notifier
) -> tuple[int, int]:
    """Send the asks of a round that wait: how many were sent, how many were taken back.

    Run again after a death in the middle, it goes on where it stood.
    """
    async with database.read() as session:
        waiting = await asks_repository.list_round_asks(session, round_id)
    sent = 0
    for ask in waiting:
        async with database.begin() as session:
            after = await send_ask(session, ask.id, now=clock.now(), notify=notify)
        sent += after is AskStatus.SENT
    _logger.info("asks.sent", round_id=round_id, sent_count=sent, ask_count=len(waiting))
    return sent, len(waiting) - sent


async def send_ask(session: Session, ask_id: UUID, *, now: datetime, notify: Notifier) -> AskStatus:
    """Send one ask, or take it back when it may no longer go. Sending it twice is fine.

    Records ``ask.sent`` with ``offer.sent`` for each stop, or ``ask.withdrawn`` with the reason.
    """
    seen = await asks_repository.find_ask(session, ask_id)
    if seen is None:
        raise AskUnknown(f"There is no ask {ask_id}.")
    volunteer = await asks_repository.lock_volunteer_with_person(session, seen.volunteer_id)
    ask = await repository.get_locked(session, Ask, ask_id)
    assert ask is not None
    if ask.status is not AskStatus.PROPOSED:
        return ask.status
    reason = await _why_not(session, ask, volunteer, now)
    if reason is None:
        reason = await _send(session, ask, now, notify)
    if reason is not None:
        await withdraw_ask(session, ask_id, Cause(now=now, reason=reason))
        return AskStatus.WITHDRAWN
    return AskStatus.SENT


async def _why_not(session: Session, ask: Ask, volunteer: Volunteer, now: datetime) -> str | None:
    """Why an ask may not go now, as a code word; None when it may."""
    if not takes_part(volunteer, now):
        return "away"
    storm = None if ask.storm_id is None else await session.get(Storm, ask.storm_id)
    offers = await asks_repository.list_ask_offers(session, ask.id, (OfferStatus.PROPOSED,))
    kinds = await asks_repository.load_kinds(session, [offer.request_id for offer in offers])
    storm_kinds = await load_storm_kinds(session, ask.community_id, now)
    if kinds & storm_kinds and (storm is None or storm.status is not StormStatus.ACTIVE):
        return "storm_not_active"
    if ask.storm_id is not None:
        row = await asks_repository.find_storm_volunteer(session, ask.storm_id, volunteer.id)
        if row is not None and row.not_today_at is not None:
            return "not_today"
    community = await asks_repository.find_community(session, ask.community_id)
    assert community is not None
    zone = ZoneInfo(community.time_zone)
    if is_quiet(now, zone, *quiet_hours(volunteer.person.preferences)):
        return "quiet_hours"
    return await _over_budget(session, ask, volunteer, now)


async def _over_budget(
    session: Session, ask: Ask, volunteer: Volunteer, now: datetime
) -> str | None:
    """All senders count: between planning and sending somebody else may have written."""
    rules = await load_ladder_rules(session, ask.community_id, now)
    states = await load_contact_state(session, [volunteer.person_id], ask.storm_id)
    state = states[volunteer.person_id]
    accepted = await asks_repository.count_own_work(session, volunteer.id, now - SHIFT)
    if state.sent_count >= rules.messages_per_storm + rules.messages_per_yes * accepted:
        return "budget_spent"
    last = await asks_repository.find_last_ask(session, volunteer.id)
    said_yes = last is not None and last.answer is AskAnswer.YES
    gap = timedelta(seconds=rules.gap_s)
    if state.last_sent_at is not None and now - state.last_sent_at < gap and not said_yes:
        return "too_soon"
    return None


async def _send(session: Session, ask: Ask, now: datetime, notify: Notifier) -> str | None:
    """Send what is still open; why nothing went, as a code word."""
    shown = [str(row.request_id) for row in await asks_repository.list_shown(session, ask.id)]
    offers = await asks_repository.list_ask_offers(session, ask.id, (OfferStatus.PROPOSED,))
    left = 0
    for offer in sorted(offers, key=lambda row: (row.request_id, row.id)):
        request = await repository.get_locked(session, HelpRequest, offer.request_id)
        full = request is None or request.seats_taken >= request.crew_size
        if request is None or full or request.status not in OPEN_REQUESTS:
            cause = Cause(now=now, reason="taken")
            await move_offer(session, offer.id, OfferStatus.WITHDRAWN, cause)
            continue
        left += 1
    if not left:
        return "nothing_open"
    try:
        async with session.begin_nested():
            for offer in offers:
                if offer.status is OfferStatus.PROPOSED:
                    await send_offer(session, offer.id, shown, now=now)
            message = await notify(session, ask, now=now)
            if message.status is MessageStatus.SUPPRESSED:
                raise _NotSent(message.reason or "suppressed")
            sent_at = max(now, message.due_at)
            await move_ask(
                session,
                ask.id,
                AskStatus.SENT,
                Cause(now=now),
                sent_at=sent_at,
                silent_after_at=await _silent_after(session, ask, sent_at),
            )
    except _NotSent as refusal:
        return refusal.reason
    return None


class _NotSent(TalkootError):
    """The message cannot reach the volunteer; nothing of the ask stays."""

    code = "not_sent"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The message was not sent: {reason}.")


async def _silent_after(session: Session, ask: Ask, sent_at: datetime) -> datetime:
    """When silence ends the ask's weight; quiet hours do not count."""
    community = await asks_repository.find_community(session, ask.community_id)
    assert community is not None
    rules = await load_ladder_rules(session, ask.community_id, sent_at)
    zone = ZoneInfo(community.time_zone)
    quiet = quiet_spans(zone, sent_at, sent_at + timedelta(days=2))
    usable_s = ask.life_s * rules.lives_per_window
    silent_s = silence_ends_s(sent_at.timestamp(), usable_s, quiet, rules)
    return datetime.fromtimestamp(silent_s, UTC)
