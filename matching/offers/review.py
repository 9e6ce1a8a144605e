"""Staff look at offers before they leave, and choose between more homes and urgent ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from matching import policy, repository
from matching.errors import AskUnknown, StormUnknown
from matching.kinds import AskOrigin, AskStatus
from matching.models import Storm
from matching.offers import asks_repository, review_repository
from matching.offers.models import Ask
from matching.offers.schedule import schedule_sending, schedule_wave
from matching.offers.taking_back import withdraw_ask
from matching.transitions import Cause
from people.auth import Actor


@dataclass(frozen=True)
class ProposedStop:
    """One home of a proposal: what staff may know of it anyway."""

    request_id: UUID
    reference: str
    weight: float
    starts_at: datetime
    accept_p: float


@dataclass(frozen=True)
class Proposal:
    """An ask that waits for a manager's eye."""

    ask_id: UUID
    volunteer_id: UUID
    origin: AskOrigin
    plan_p: float
    stops: tuple[ProposedStop, ...]
    shown_count: int


async def list_proposals(session: Session, actor: Actor, community_id: UUID) -> list[Proposal]:
    """The asks of a community that wait to be sent, by volunteer. Staff only."""
    if not policy.can_run_round(actor, community_id):
        raise NotPermitted("Only staff of the community may look at proposals.")
    asks = await asks_repository.list_asks(session, community_id, (AskStatus.PROPOSED,))
    stops = await review_repository.load_proposed_stops(session, [ask.id for ask in asks])
    shown = await review_repository.count_shown(session, [ask.id for ask in asks])
    return [
        Proposal(
            ask_id=ask.id,
            volunteer_id=ask.volunteer_id,
            origin=ask.origin,
            plan_p=ask.plan_p,
            stops=tuple(
                ProposedStop(
                    request_id=request.id,
                    reference=request.reference,
                    weight=request.weight,
                    starts_at=offer.starts_at,
                    accept_p=offer.accept_p,
                )
                for offer, request in stops.get(ask.id, [])
            ),
            shown_count=shown.get(ask.id, 0),
        )
        for ask in sorted(asks, key=lambda row: row.volunteer_id)
    ]


async def send_proposals(
    session: Session, actor: Actor, community_id: UUID, *, now: datetime
) -> int:
    """Let the asks that wait be sent; how many. Saying it twice is fine.

    Records ``proposals.released``.
    """
    if not policy.can_run_round(actor, community_id):
        raise NotPermitted("Only staff of the community may send proposals.")
    asks = await asks_repository.list_asks(session, community_id, (AskStatus.PROPOSED,))
    rounds = sorted({ask.round_id for ask in asks if ask.round_id is not None})
    for round_id in rounds:
        await schedule_sending(session, round_id, now=now)
        record_event(
            session,
            "proposals.released",
            subject_type="round",
            subject_id=round_id,
            happened_at=now,
            actor_id=actor.person_id,
            community_id=community_id,
            ask_count=sum(ask.round_id == round_id for ask in asks),
        )
    return len(asks)


async def strike_proposal(
    session: Session, actor: Actor, ask_id: UUID, *, now: datetime, reason: str = "struck_by_staff"
) -> None:
    """Take one proposal out. Records ``ask.withdrawn`` and ``offer.withdrawn``."""
    seen = await asks_repository.find_ask(session, ask_id)
    if seen is None or not policy.can_run_round(actor, seen.community_id):
        raise AskUnknown(f"There is no proposal {ask_id}.")
    await repository.lock_volunteer(session, seen.volunteer_id)
    ask = await repository.get_locked(session, Ask, ask_id)
    if ask is None or ask.status is not AskStatus.PROPOSED:
        return
    await withdraw_ask(session, ask_id, Cause(now=now, actor_id=actor.person_id, reason=reason))


async def choose_urgent_mode(
    session: Session, actor: Actor, storm_id: UUID, *, urgent: bool, now: datetime
) -> Storm:
    """Put urgent homes above the number of homes in one storm, or no longer. Managers choose.

    The price is fewer homes: `matching.offers.price.price_of_urgent_mode` tells how many. Records
    ``storm.urgent`` or ``storm.usual``; the next wave follows at once.
    """
    storm = await repository.get_locked(session, Storm, storm_id)
    if storm is None:
        raise StormUnknown(f"There is no storm {storm_id}.")
    if not policy.can_direct_storm(actor, storm.community_id):
        raise NotPermitted("Only staff of the community may choose what comes first in a storm.")
    if urgent == (storm.urgent_since is not None):
        return storm
    storm.urgent_since = now if urgent else None
    record_event(
        session,
        "storm.urgent" if urgent else "storm.usual",
        subject_type="storm",
        subject_id=storm_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=storm.community_id,
    )
    await schedule_wave(session, storm.community_id, storm_id=storm_id, now=now)
    await session.flush()
    return storm
