"""Hands for an event: roles, who offers to help, who is asked, and what is agreed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.events import helpers_repository, repository, seats_repository
from campaigns.events.errors import (
    EventClosed,
    EventNotYours,
    HelperUnknown,
    InvalidEvent,
    RoleFull,
)
from campaigns.events.kinds import EventStatus, HelperStatus, OccurrenceStatus
from campaigns.events.managing import manages
from campaigns.events.models import CommunityEvent, EventHelper, EventOccurrence, EventRole
from campaigns.events.organizing import hold_event
from campaigns.events.planning import record
from campaigns.events.schedule import schedule_helper_notice, schedule_let_go_notice
from core.db import Session
from core.events import record_event
from core.ids import new_id
from people.auth import Actor
from people.models import NAME_LENGTH

MAX_WANTED = 100
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class RoleWanted:
    """Work that an event needs so many hands for."""

    code: str
    label: str
    wanted_count: int = 1
    abilities: tuple[str, ...] = ()
    """Codes of skills and tools that each of them must have."""


async def set_roles(
    session: Session, actor: Actor, event_id: UUID, roles: Sequence[RoleWanted], *, now: datetime
) -> list[EventRole]:
    """Say which hands an event needs, all of them at once.

    A role that somebody was put into stays and may change its number. Records
    ``community_event.roles_set``.
    """
    event = await hold_event(session, actor, event_id)
    await _check_roles(session, event, roles)
    known = {row.code: row for row in await helpers_repository.list_roles(session, event.id)}
    for wanted in roles:
        row = known.pop(wanted.code, None)
        if row is None:
            row = EventRole(event_id=event.id, code=wanted.code)
            session.add(row)
        row.label = wanted.label.strip()
        row.wanted_count = wanted.wanted_count
        row.abilities = list(wanted.abilities)
    for row in known.values():
        if await helpers_repository.has_helpers(session, row.id):
            raise InvalidEvent(f"Somebody was put into the role {row.code!r}; it cannot go.")
        await session.delete(row)
    await session.flush()
    record(session, "community_event.roles_set", event, actor, now, count=len(roles))
    return await helpers_repository.list_roles(session, event.id)


async def _check_roles(
    session: Session, event: CommunityEvent, roles: Sequence[RoleWanted]
) -> None:
    if len(roles) > helpers_repository.MAX_ROLES:
        raise InvalidEvent(f"An event has at most {helpers_repository.MAX_ROLES} roles.")
    if len({role.code for role in roles}) != len(roles):
        raise InvalidEvent("Each role has a code of its own.")
    for role in roles:
        if not _CODE.fullmatch(role.code):
            raise InvalidEvent(f"{role.code[:40]!r} is no code of a role; write it like driver.")
        if not 1 <= len(role.label.strip()) <= NAME_LENGTH:
            raise InvalidEvent(f"The name of a role has 1 to {NAME_LENGTH} characters.")
        if not 1 <= role.wanted_count <= MAX_WANTED:
            raise InvalidEvent(f"A role needs 1 to {MAX_WANTED} people.")
    codes = sorted({code for role in roles for code in role.abilities})
    known = await helpers_repository.list_known_codes(session, event.community_id, codes)
    for code in codes:
        if code not in known:
            raise InvalidEvent(f"The community knows no skill or tool {code[:40]!r}.")


async def offer_help(
    session: Session,
    actor: Actor,
    occurrence_id: UUID,
    *,
    role_id: UUID | None = None,
    now: datetime,
) -> EventHelper:
    """Offer to help on a day, in a role or where one is needed; again changes the role.

    Records ``event_helper.volunteered``.
    """
    event, occurrence = await _open_day(session, actor, occurrence_id, now)
    person_id = actor.person_id
    if person_id is None or not await repository.belongs_to(session, person_id, event):
        raise EventNotYours("Only people whom the event is for may offer to help at it.")
    await _check_role(session, event, role_id)
    row = await helpers_repository.find_helper_of(session, occurrence.id, person_id)
    if row is not None and row.status in (HelperStatus.CONFIRMED, HelperStatus.PROPOSED):
        return row
    if row is None:
        row = EventHelper(
            id=new_id(),
            occurrence_id=occurrence.id,
            community_id=event.community_id,
            person_id=person_id,
            created_at=now,
        )
        session.add(row)
    row.status = HelperStatus.VOLUNTEERED
    row.role_id = role_id
    row.is_own_offer = True
    row.changed_at = now
    await session.flush()
    _record(session, row, actor, now)
    return row


async def withdraw_help(
    session: Session, actor: Actor, helper_id: UUID, *, now: datetime
) -> EventHelper:
    """Take an offer back, decline, or (organizers) let somebody go; again changes nothing.

    Who is let go is told, unless they were only proposed and so never knew of it. Records
    ``event_helper.withdrawn``.
    """
    event, row = await _hold_helper(session, actor, helper_id)
    own = actor.person_id is not None and actor.person_id == row.person_id
    if not own and not await manages(session, actor, event):
        raise HelperUnknown(f"There is no offer of help {helper_id}, or it is not for you.")
    before = row.status
    if before is not HelperStatus.WITHDRAWN:
        row.status = HelperStatus.WITHDRAWN
        row.role_id = None
        row.changed_at = now
        await session.flush()
        _record(session, row, actor, now)
        if not own and before is not HelperStatus.PROPOSED:
            await schedule_let_go_notice(session, row, before, now=now)
    return row


async def confirm_helper(
    session: Session,
    actor: Actor,
    helper_id: UUID,
    *,
    role_id: UUID | None = None,
    now: datetime,
) -> EventHelper:
    """Take somebody for a role; again changes nothing.

    Who offered it is agreed at once. Who did not is asked first, and agreed with their own yes.
    Records ``event_helper.confirmed`` or ``event_helper.invited``.

    Raises
    ------
    RoleFull
        When the role has all the people it needs.
    """
    event, row = await _hold_helper(session, actor, helper_id)
    if not await manages(session, actor, event):
        raise EventNotYours("Only managers and organizers of the event may do this.")
    if row.status in helpers_repository.TAKING:
        return row
    if row.status is HelperStatus.WITHDRAWN:
        raise EventClosed("This person does not help on that day any more.")
    role = await _check_role(session, event, role_id or row.role_id)
    if role is None:
        raise InvalidEvent("Say for which role this person is taken.")
    counts = await helpers_repository.count_in_roles(session, row.occurrence_id)
    taken = sum(counts.get((role.id, status), 0) for status in helpers_repository.TAKING)
    if taken >= role.wanted_count:
        raise RoleFull(f"The role {role.code!r} has all {role.wanted_count} people it needs.")
    row.role_id = role.id
    row.status = HelperStatus.CONFIRMED if row.is_own_offer else HelperStatus.INVITED
    row.changed_at = now
    await session.flush()
    _record(session, row, actor, now)
    await schedule_helper_notice(session, row.id, now=now)
    return row


async def accept_help(
    session: Session, actor: Actor, helper_id: UUID, *, now: datetime
) -> EventHelper:
    """Say yes to being asked; again changes nothing. Records ``event_helper.confirmed``."""
    _, row = await _hold_helper(session, actor, helper_id)
    if actor.person_id is None or actor.person_id != row.person_id:
        raise HelperUnknown(f"There is no offer of help {helper_id}, or it is not for you.")
    if row.status is HelperStatus.CONFIRMED:
        return row
    if row.status is not HelperStatus.INVITED:
        raise EventClosed("Nobody waits for this answer any more.")
    row.status = HelperStatus.CONFIRMED
    row.is_own_offer = True
    row.changed_at = now
    await session.flush()
    _record(session, row, actor, now)
    await schedule_helper_notice(session, row.id, now=now)
    return row


async def _open_day(
    session: Session, actor: Actor, occurrence_id: UUID, now: datetime
) -> tuple[CommunityEvent, EventOccurrence]:
    event, day = await repository.get_event_of(session, actor, occurrence_id)
    occurrence = await seats_repository.lock_occurrence(session, day.id)
    if event.status is not EventStatus.PUBLISHED or (
        occurrence.status is OccurrenceStatus.CANCELLED or now >= occurrence.starts_at
    ):
        raise EventClosed("The event takes no more helpers on that day.")
    return event, occurrence


async def _hold_helper(
    session: Session, actor: Actor, helper_id: UUID
) -> tuple[CommunityEvent, EventHelper]:
    found = await helpers_repository.find_helper(session, helper_id)
    if found is None:
        raise HelperUnknown(f"There is no offer of help {helper_id}, or it is not for you.")
    occurrence = await seats_repository.lock_occurrence(session, found.occurrence_id)
    event = await repository.read_event(session, occurrence.event_id)
    row = await helpers_repository.find_helper(session, helper_id)
    if row is None:
        raise HelperUnknown(f"There is no offer of help {helper_id}, or it is not for you.")
    return event, row


async def _check_role(
    session: Session, event: CommunityEvent, role_id: UUID | None
) -> EventRole | None:
    role = await helpers_repository.find_role(session, role_id)
    if role_id is not None and (role is None or role.event_id != event.id):
        raise InvalidEvent(f"The event has no role {role_id}.")
    return role


def _record(session: Session, row: EventHelper, actor: Actor, now: datetime) -> None:
    record_event(
        session,
        f"event_helper.{row.status.value}",
        subject_type="event_helper",
        subject_id=row.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=row.community_id,
        occurrence_id=row.occurrence_id,
        status=row.status.value,
    )
