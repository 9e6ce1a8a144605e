"""Not this person: a volunteer and a resident who do not meet, by the wish of either side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import InvalidInput, NotPermitted
from core.events import record_event
from matching import repository as matching_repository
from matching.errors import VolunteerUnknown
from matching.kinds import BanSide
from matching.models import Ban, Volunteer
from matching.offers.answering import release_work
from matching.transitions import Cause
from matching.volunteering import policy, repository, tools, work_repository
from matching.volunteering.errors import BanUnknown
from matching.volunteering.standing_back import take_back_offers
from people.auth import Actor
from people.errors import PersonUnknown

_REASON = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class BanPair:
    """Who must not meet.

    Parameters
    ----------
    asked_by
        Whose wish it is.
    reason
        A code word such as ``felt_unsafe``; for staff only.
    """

    volunteer_id: UUID
    resident_id: UUID
    asked_by: BanSide
    reason: str | None = None


async def ban_pair(session: Session, actor: Actor, command: BanPair, *, now: datetime) -> Ban:
    """Keep two people apart, from this moment. Records ``pair.banned``.

    Offers between them are taken back and accepted work is given to others. The other side is
    not told. Doing it twice is fine; the first wish stays on record.
    """
    volunteer = await _lock_pair(session, actor, command)
    if command.reason is not None and not _REASON.fullmatch(command.reason):
        raise InvalidInput("The reason must be a code word, such as felt_unsafe.")
    ban = await work_repository.find_ban(session, command.volunteer_id, command.resident_id)
    if ban is not None:
        return ban
    ban = Ban(
        community_id=volunteer.community_id,
        volunteer_id=volunteer.id,
        resident_id=command.resident_id,
        created_at=now,
        created_by=actor.person_id,
        asked_by=command.asked_by,
        reason=command.reason,
    )
    session.add(ban)
    await session.flush()
    # The history of the case is read by both sides: it says no more than that an offer ended.
    cause = Cause(now=now, reason="withdrawn")
    await take_back_offers(session, volunteer, cause, resident_id=command.resident_id)
    works = await work_repository.list_held_work(
        session, volunteer.id, resident_id=command.resident_id
    )
    for _, work in works:
        await release_work(session, Actor.system(), work, now=now, reason="withdrawn")
    if works:
        await tools.free_tools(session, volunteer.id, now=now)
    _record(session, actor, "pair.banned", ban, now)
    return ban


async def lift_ban(
    session: Session, actor: Actor, *, volunteer_id: UUID, resident_id: UUID, now: datetime
) -> None:
    """Let two people meet again: staff, or the one whose wish it was. Records ``pair.allowed``."""
    volunteer = await matching_repository.lock_volunteer(session, volunteer_id)
    ban = await work_repository.find_ban(session, volunteer_id, resident_id)
    if (
        ban is None
        or volunteer is None
        or not policy.can_ban(
            actor,
            ban.asked_by,
            volunteer_id=volunteer.person_id,
            resident_id=resident_id,
            community_id=ban.community_id,
        )
    ):
        raise BanUnknown("These two are not kept apart.")
    _record(session, actor, "pair.allowed", ban, now)
    await session.delete(ban)
    await session.flush()


async def list_bans(
    session: Session, actor: Actor, community_id: UUID, *, after: UUID | None = None
) -> list[Ban]:
    """One page of the bans of a community, for staff."""
    if not policy.can_see_bans(actor, community_id):
        raise NotPermitted("Only staff of the community see who must not meet.")
    return await work_repository.list_bans(session, community_id, after=after)


async def _lock_pair(session: Session, actor: Actor, command: BanPair) -> Volunteer:
    volunteer = await matching_repository.lock_volunteer(session, command.volunteer_id)
    if volunteer is None or not policy.can_ban(
        actor,
        command.asked_by,
        volunteer_id=volunteer.person_id,
        resident_id=command.resident_id,
        community_id=volunteer.community_id,
    ):
        raise VolunteerUnknown(f"There is no volunteer {command.volunteer_id}.")
    if not await repository.is_resident_of(session, command.resident_id, volunteer.community_id):
        raise PersonUnknown(f"There is no resident {command.resident_id}.")
    return volunteer


def _record(session: Session, actor: Actor, kind: str, ban: Ban, now: datetime) -> None:
    record_event(
        session,
        kind,
        subject_type="ban",
        subject_id=ban.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=ban.community_id,
        reason=ban.reason,
        volunteer_id=ban.volunteer_id,
        resident_id=ban.resident_id,
    )
