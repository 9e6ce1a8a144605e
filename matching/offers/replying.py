"""What a volunteer says to a message as a whole: yes to one, all or any, not today.

A late yes counts until the home is taken; a yes to a taken home gets the best open one in the same
reply. That one is put forward, not taken: it has its own code and button, because whoever says yes
to a home five minutes away has not said yes to one twenty minutes away. "YES ANY" takes it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from core.db import Session
from core.events import record_event
from matching import policy, repository
from matching.errors import (
    AskUnknown,
    HomeNotOpen,
    OfferAlreadyTaken,
    OfferClosed,
    OfferNotYours,
    RequestClosed,
    StormUnknown,
    VolunteerBusyThen,
    VolunteerUnknown,
)
from matching.kinds import AskAnswer, OfferStatus
from matching.models import Assignment, HelpRequest, Offer, Storm, Volunteer
from matching.offers import asks, asks_repository, live_repository, visit_repository
from matching.offers.answering import accept_offer, decline_offer
from matching.offers.fitting_time import find_start, last_moment, told_travel_s
from matching.offers.live import OpenHome, offer_open_home, open_now
from matching.offers.models import Ask
from matching.offers.sending import reopen_if_unasked
from matching.states import TAKEABLE_OFFERS
from matching.transitions import Cause, move_offer
from matching.volunteering.errors import NotCleared, ToolsAllLent
from people.auth import Actor

MAX_PLAN = 5


class Outcome(StrEnum):
    """What came of a yes."""

    AGREED = "agreed"
    TAKEN = "taken"
    """Others hold every place."""
    CLOSED = "closed"
    """Nobody is needed there any more."""
    DECLINED = "declined"
    """The volunteer said no before, and others were asked."""
    BUSY = "busy"
    """The volunteer is somewhere else at that time, and there is no other time."""
    NO_TOOL = "no_tool"
    """The work needs a tool on loan, and the last one went to somebody else."""
    NOT_CLEARED = "not_cleared"
    """This kind of help needs a check that the volunteer has not, or no longer."""


@dataclass(frozen=True)
class Reply:
    """What came of a yes, and what is put forward instead."""

    outcome: Outcome
    offer: Offer
    """What the yes was for."""
    work: Assignment | None = None
    substitute: Offer | None = None
    """The best home that is open now, when this one is not: a further yes takes it."""


async def accept_or_substitute(
    session: Session, actor: Actor, offer_id: UUID, *, now: datetime, any_home: bool = False
) -> Reply:
    """Let a volunteer say yes; when the home is gone, put the best open one forward at once.

    With ``any_home`` that one is taken in the same step. Saying it twice is fine.
    """
    await _lock_volunteer_of(session, actor, offer_id)
    reply = await _try_accept(session, actor, offer_id, now=now)
    if reply.work is not None:
        return reply
    return await _put_forward(session, actor, reply, now=now, take=any_home)


async def accept_plan(
    session: Session, actor: Actor, ask_id: UUID, *, now: datetime
) -> list[Reply]:
    """Let a volunteer take all stops of a plan: each home for itself, those that are still open.

    At most one substitute is put forward, with the first home that is gone.
    """
    ask = await _get_own_ask(session, actor, ask_id)
    offers = (await asks_repository.list_ask_offers(session, ask.id))[:MAX_PLAN]
    wanted = [offer for offer in offers if offer.round_id is not None or offer.ask_id == ask.id]
    answerable = [
        offer
        for offer in wanted
        if offer.status in (*TAKEABLE_OFFERS, OfferStatus.ACCEPTED, OfferStatus.WITHDRAWN)
    ]
    # Two plans may share homes in another order: everybody locks them in the same one.
    for request_id in sorted({offer.request_id for offer in answerable}):
        await repository.get_locked(session, HelpRequest, request_id)
    replies = [await _try_accept(session, actor, offer.id, now=now) for offer in answerable]
    for number, reply in enumerate(replies):
        if reply.work is None:
            replies[number] = await _put_forward(session, actor, reply, now=now, take=False)
            break
    return replies


async def take_home(
    session: Session, actor: Actor, volunteer_id: UUID, request_id: UUID, *, now: datetime
) -> Reply:
    """Let a volunteer take a home from the list of what is open now.

    Raises
    ------
    HomeNotOpen
        When it is not open for this volunteer and never was put to them.
    """
    await _lock_own(session, actor, volunteer_id)
    try:
        offer = await offer_open_home(session, volunteer_id, request_id, now=now)
    except HomeNotOpen:
        known = await visit_repository.find_newest_offer(session, volunteer_id, request_id)
        if known is None:
            raise
        offer = known
    return await accept_or_substitute(session, actor, offer.id, now=now)


async def take_best(
    session: Session, actor: Actor, volunteer_id: UUID, *, now: datetime
) -> Reply | None:
    """Let a volunteer take whatever is best for them now; None when nothing is open."""
    await _lock_own(session, actor, volunteer_id)
    homes = await open_now(session, volunteer_id, now)
    for home in homes[:MAX_PLAN]:
        reply = await take_home(session, actor, volunteer_id, home.request_id, now=now)
        if reply.work is not None:
            return reply
    return None


async def decline_plan(
    session: Session, actor: Actor, ask_id: UUID, *, now: datetime, reason: str | None = None
) -> int:
    """Let a volunteer say no to every stop of a plan that is unanswered; how many."""
    ask = await _get_own_ask(session, actor, ask_id)
    offers = await asks_repository.list_ask_offers(session, ask.id, TAKEABLE_OFFERS)
    for request_id in sorted({offer.request_id for offer in offers}):
        await repository.get_locked(session, HelpRequest, request_id)
    for offer in offers:
        await decline_offer(session, actor, offer.id, now=now, reason=reason)
    return len(offers)


async def say_why_not(
    session: Session, actor: Actor, ask_id: UUID, *, now: datetime, reason: str
) -> None:
    """Note why a volunteer has said no to a plan, told afterwards. Records ``offer.no_explained``.

    Nothing changes by it, and nobody has to say. Saying it twice is fine.
    """
    ask = await _get_own_ask(session, actor, ask_id)
    for offer in await asks_repository.list_ask_offers(session, ask.id, (OfferStatus.DECLINED,)):
        record_event(
            session,
            "offer.no_explained",
            subject_type="offer",
            subject_id=offer.id,
            happened_at=now,
            actor_id=actor.person_id,
            community_id=offer.community_id,
            reason=reason,
        )


async def say_not_today(
    session: Session,
    actor: Actor,
    volunteer_id: UUID,
    *,
    now: datetime,
    storm_id: UUID | None = None,
) -> None:
    """End the messages of a storm, usually the one that is on. What was agreed to stays.

    Offers lose their weight in plans, and a later yes still counts: people change their mind.
    """
    volunteer = await _lock_own(session, actor, volunteer_id)
    if storm_id is not None:
        named = await session.get(Storm, storm_id)
        if named is None or named.community_id != volunteer.community_id:
            raise StormUnknown(f"There is no storm {storm_id}.")
    offers = await asks_repository.list_offers_of(session, volunteer_id, (OfferStatus.SENT,))
    cause = Cause(now=now, actor_id=actor.person_id, reason="not_today")
    for offer in sorted(offers, key=lambda row: row.request_id):
        await repository.get_locked(session, HelpRequest, offer.request_id)
        await move_offer(session, offer.id, OfferStatus.EXPIRED, cause)
        await reopen_if_unasked(session, offer.request_id, cause)
    ask = await asks_repository.find_live_ask(session, volunteer_id)
    if ask is not None and ask.sent_at is not None:
        await asks.record_answer(session, ask.id, AskAnswer.NOT_TODAY, now=now)
    if storm_id is None:
        storm = await asks_repository.find_running_storm(session, volunteer.community_id)
        storm_id = None if storm is None else storm.id
    if storm_id is not None:
        await asks.stop_for_storm(session, storm_id, volunteer_id, now=now)


async def _try_accept(session: Session, actor: Actor, offer_id: UUID, *, now: datetime) -> Reply:
    offer = await _freshen(session, await session.get_one(Offer, offer_id), now=now)
    if not await _catch_up(session, offer, now=now):
        return Reply(Outcome.CLOSED, offer)
    outcome, work = await _attempt(session, actor, offer, now=now)
    if outcome is Outcome.BUSY and await _fit_in(session, offer, now=now):
        outcome, work = await _attempt(session, actor, offer, now=now)
    return Reply(outcome, offer, work=work)


async def _attempt(
    session: Session, actor: Actor, offer: Offer, *, now: datetime
) -> tuple[Outcome, Assignment | None]:
    """Accept, or leave everything as it was and say why not."""
    try:
        async with session.begin_nested():
            return Outcome.AGREED, await accept_offer(session, actor, offer.id, now=now)
    except VolunteerBusyThen:
        outcome = Outcome.BUSY
    except OfferAlreadyTaken:
        outcome = Outcome.TAKEN
    except RequestClosed:
        outcome = Outcome.CLOSED
    except ToolsAllLent:
        outcome = Outcome.NO_TOOL
    except NotCleared:
        outcome = Outcome.NOT_CLEARED
    except OfferClosed:
        outcome = await _why_closed(session, offer)
    await session.refresh(offer)
    return outcome, None


async def _why_closed(session: Session, offer: Offer) -> Outcome:
    if offer.status is OfferStatus.DECLINED:
        return Outcome.DECLINED
    request = await session.get_one(HelpRequest, offer.request_id, populate_existing=True)
    taken = request.seats_taken >= request.crew_size
    return Outcome.TAKEN if taken else Outcome.CLOSED


async def _freshen(session: Session, offer: Offer, *, now: datetime) -> Offer:
    """For an offer that was taken back, a new one of the same home, if that is open again."""
    if offer.status is not OfferStatus.WITHDRAWN:
        return offer
    try:
        return await offer_open_home(session, offer.volunteer_id, offer.request_id, now=now)
    except HomeNotOpen:
        return offer


async def _catch_up(session: Session, offer: Offer, *, now: datetime) -> bool:
    """Move a stop whose planned time has gone by to the next one; whether there is one.

    Without that, whoever says yes an hour late would be taken for somebody who did not come.
    """
    if offer.status not in TAKEABLE_OFFERS or offer.starts_at >= now:
        return True
    if await _fit_in(session, offer, now=now):
        return True
    waiting = await live_repository.load_waiting_homes(session, {offer.request_id})
    if not waiting:
        return True  # the attempt tells why
    # Outside the hours that they gave, too: whoever says yes now has time now.
    volunteer = await session.get_one(Volunteer, offer.volunteer_id)
    reach = await asks_repository.find_reach(session, volunteer.id)
    way = None if reach is None else reach.homes.get(offer.request_id.hex)
    travel_s = told_travel_s(None if way is None else way[2], volunteer.max_travel_s)
    ends = last_moment(waiting[0]) + timedelta(seconds=travel_s)
    start = find_start(waiting[0], [(now, ends)], travel_s=travel_s, now=now)
    if start is None:
        return False
    offer.starts_at, offer.ends_at = start, start + (offer.ends_at - offer.starts_at)
    await session.flush()
    return True


async def _fit_in(session: Session, offer: Offer, *, now: datetime) -> bool:
    """Move an offer to a time that is free beside what the volunteer has agreed to meanwhile."""
    home = await _find_open(session, offer.volunteer_id, offer.request_id, now)
    if home is None:
        return False
    offer.starts_at, offer.ends_at = home.starts_at, home.ends_at
    await session.flush()
    return True


async def _find_open(
    session: Session, volunteer_id: UUID, request_id: UUID, now: datetime
) -> OpenHome | None:
    homes: Sequence[OpenHome] = await open_now(session, volunteer_id, now)
    return next((home for home in homes if home.request_id == request_id), None)


async def _put_forward(
    session: Session, actor: Actor, reply: Reply, *, now: datetime, take: bool
) -> Reply:
    """Add the best home that is open now, or take it."""
    volunteer_id = reply.offer.volunteer_id
    for home in (await open_now(session, volunteer_id, now))[:MAX_PLAN]:
        if home.request_id == reply.offer.request_id:
            continue
        try:
            substitute = await offer_open_home(session, volunteer_id, home.request_id, now=now)
        except (HomeNotOpen, RequestClosed):
            continue
        if not take:
            return Reply(reply.outcome, reply.offer, substitute=substitute)
        taken = await _try_accept(session, actor, substitute.id, now=now)
        if taken.work is not None:
            return taken
    return reply


async def _lock_volunteer_of(session: Session, actor: Actor, offer_id: UUID) -> Volunteer:
    offer = await session.get(Offer, offer_id)
    if offer is None:
        raise OfferNotYours(f"Offer {offer_id} is for another volunteer.")
    try:
        return await _lock_own(session, actor, offer.volunteer_id)
    except VolunteerUnknown:
        raise OfferNotYours(f"Offer {offer_id} is for another volunteer.") from None


async def _get_own_ask(session: Session, actor: Actor, ask_id: UUID) -> Ask:
    ask = await asks_repository.find_ask(session, ask_id)
    if ask is None:
        raise AskUnknown(f"There is no ask {ask_id}.")
    try:
        await _lock_own(session, actor, ask.volunteer_id)
    except VolunteerUnknown:
        raise AskUnknown(f"There is no ask {ask_id}.") from None
    return ask


async def _lock_own(session: Session, actor: Actor, volunteer_id: UUID) -> Volunteer:
    volunteer = await repository.lock_volunteer(session, volunteer_id)
    if volunteer is None or not policy.can_answer_offer(
        actor, volunteer.person_id, volunteer.community_id
    ):
        raise VolunteerUnknown(f"There is no volunteer {volunteer_id}.")
    return volunteer
