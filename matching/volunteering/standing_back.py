"""Volunteers who take no part for a while, for some days, or no more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.events import record_event
from core.jobs import NewJob, enqueue
from matching import repository as matching_repository
from matching.availability import Away
from matching.kinds import OfferStatus, VolunteerStatus
from matching.models import HelpRequest, Offer, Volunteer
from matching.offers.answering import release_work
from matching.offers.schedule import schedule_replan, schedule_reseat
from matching.offers.sending import expire_offer, reopen_if_unasked
from matching.states import TAKEABLE_OFFERS
from matching.transitions import Cause, move_offer
from matching.volunteering import repository, tools, work_repository
from matching.volunteering.errors import HasLeft, InvalidPause
from matching.volunteering.models import AwayPeriod
from matching.volunteering.teams import lock_own_volunteer
from people.auth import Actor
from people.kinds import Role

PAUSE_OVER = "volunteering.pause_over"


async def pause_volunteer(
    session: Session, actor: Actor, volunteer_id: UUID, *, until: datetime | None, now: datetime
) -> Volunteer:
    """Ask a volunteer nothing until a moment, or until they say so. Records ``volunteer.paused``.

    Accepted work stays. What they are being asked goes to others; a yes to it still counts while
    the home is open.
    """
    volunteer = await _lock_who_takes_part(session, actor, volunteer_id)
    if until is not None and until <= now:
        raise InvalidPause("The pause is over before it begins; choose a later day.")
    volunteer.paused_until = until
    volunteer.status = VolunteerStatus.ACTIVE if until is not None else VolunteerStatus.PAUSED
    volunteer.updated_at = now
    await session.flush()
    await _put_offers_aside(session, volunteer, Cause(now=now, reason="paused"))
    _record(session, actor, "volunteer.paused", volunteer, now, until_at=until)
    if until is not None:
        key = f"pause_over:{volunteer.id}:{until.isoformat()}"
        args = {"volunteer_id": str(volunteer.id)}
        await enqueue(session, NewJob(name=PAUSE_OVER, args=args, key=key, due_at=until, now=now))
    return volunteer


async def resume_volunteer(
    session: Session, actor: Actor, volunteer_id: UUID, *, now: datetime
) -> Volunteer:
    """End a pause. Records ``volunteer.resumed``."""
    volunteer = await _lock_who_takes_part(session, actor, volunteer_id)
    volunteer.paused_until, volunteer.status = None, VolunteerStatus.ACTIVE
    volunteer.updated_at = now
    await session.flush()
    _record(session, actor, "volunteer.resumed", volunteer, now)
    return volunteer


async def leave_programme(
    session: Session, actor: Actor, volunteer_id: UUID, *, now: datetime
) -> Volunteer:
    """Let a volunteer go: offers are taken back, accepted work is open to others again.

    Records ``volunteer.left``. Doing it twice is fine.
    """
    volunteer = await lock_own_volunteer(session, actor, volunteer_id)
    if volunteer.status is VolunteerStatus.LEFT:
        return volunteer
    volunteer.status, volunteer.paused_until = VolunteerStatus.LEFT, None
    volunteer.updated_at = now
    role = await repository.find_membership(
        session, volunteer.person_id, volunteer.community_id, Role.VOLUNTEER
    )
    if role is not None:
        role.ended_at = now
    await session.flush()
    await take_back_offers(session, volunteer, Cause(now=now, reason="left"))
    for _, work in await work_repository.list_held_work(session, volunteer.id):
        await release_work(session, Actor.system(), work, now=now, reason="left")
    await tools.free_tools(session, volunteer.id, now=now)
    _record(session, actor, "volunteer.left", volunteer, now)
    return volunteer


@dataclass(frozen=True)
class AddAway:
    """Days without time: "not this Tuesday", "on holiday until the 12th"."""

    volunteer_id: UUID
    away: Away


async def add_away(
    session: Session, actor: Actor, command: AddAway, *, now: datetime
) -> AwayPeriod:
    """Note days without time; the same ones twice are one. Records ``volunteer.away``."""
    volunteer = await _lock_who_takes_part(session, actor, command.volunteer_id)
    away = command.away
    for row in await repository.list_away(session, volunteer.id):
        same = (row.first_day, row.last_day, row.start_min, row.end_min)
        if same == (away.first_day, away.last_day, away.start_min, away.end_min):
            return row
    row = AwayPeriod(
        volunteer_id=volunteer.id,
        first_day=away.first_day,
        last_day=away.last_day,
        start_min=away.start_min,
        end_min=away.end_min,
    )
    session.add(row)
    volunteer.updated_at = now
    await session.flush()
    await schedule_replan(session, volunteer.id, now=now)
    _record(session, actor, "volunteer.away", volunteer, now)
    return row


async def remove_away(
    session: Session, actor: Actor, volunteer_id: UUID, away_id: UUID, *, now: datetime
) -> None:
    """Take back days without time. Records ``volunteer.back``."""
    volunteer = await _lock_who_takes_part(session, actor, volunteer_id)
    for row in await repository.list_away(session, volunteer.id):
        if row.id == away_id:
            await session.delete(row)
            await session.flush()
            _record(session, actor, "volunteer.back", volunteer, now)


async def take_back_offers(
    session: Session,
    volunteer: Volunteer,
    cause: Cause,
    *,
    resident_id: UUID | None = None,
    kinds: Collection[str] | None = None,
) -> int:
    """Withdraw every offer that the volunteer could still take, and have others asked."""
    offers = await work_repository.list_answerable_offers(
        session, volunteer.id, resident_id=resident_id, kinds=kinds
    )
    taken_back = 0
    for request_id, offer_id in offers:
        await matching_repository.get_locked(session, HelpRequest, request_id)
        offer = await matching_repository.get_locked(session, Offer, offer_id)
        if offer is None or offer.status not in (OfferStatus.PROPOSED, *TAKEABLE_OFFERS):
            continue
        await move_offer(session, offer_id, OfferStatus.WITHDRAWN, cause)
        await reopen_if_unasked(session, request_id, cause)
        await schedule_reseat(session, request_id, now=cause.now)
        taken_back += 1
    return taken_back


async def _put_offers_aside(session: Session, volunteer: Volunteer, cause: Cause) -> None:
    """Drafts go; what was sent counts no more in plans, but may still be taken."""
    for request_id, offer_id in await work_repository.list_answerable_offers(
        session, volunteer.id, silent=False
    ):
        await matching_repository.get_locked(session, HelpRequest, request_id)
        offer = await matching_repository.get_locked(session, Offer, offer_id)
        if offer is None:
            continue
        if offer.status is OfferStatus.PROPOSED:
            await move_offer(session, offer_id, OfferStatus.WITHDRAWN, cause)
        elif await expire_offer(session, request_id, offer_id, now=cause.now):
            await schedule_reseat(session, request_id, now=cause.now)


async def _lock_who_takes_part(session: Session, actor: Actor, volunteer_id: UUID) -> Volunteer:
    volunteer = await lock_own_volunteer(session, actor, volunteer_id)
    if volunteer.status is VolunteerStatus.LEFT:
        raise HasLeft(
            f"Volunteer {volunteer_id} has left the programme; sign up again to take part."
        )
    return volunteer


def _record(
    session: Session,
    actor: Actor,
    kind: str,
    volunteer: Volunteer,
    now: datetime,
    *,
    until_at: datetime | None = None,
) -> None:
    record_event(
        session,
        kind,
        subject_type="volunteer",
        subject_id=volunteer.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=volunteer.community_id,
        until_at=until_at,
    )
