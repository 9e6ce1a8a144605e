"""Signing up for an event, confirming a kept seat, changing the party, and giving a seat back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.events import policy, repository, seats_repository
from campaigns.events.errors import (
    EventClosed,
    NoRoom,
    NoSeat,
    OfferLapsed,
    PartyTooLarge,
    RegistrationUnknown,
)
from campaigns.events.kinds import (
    HOLDING,
    LIVE,
    EventAudience,
    EventStatus,
    OccurrenceStatus,
    RegistrationStatus,
)
from campaigns.events.models import (
    CHECK_IN_LENGTH,
    CommunityEvent,
    EventOccurrence,
    EventRegistration,
)
from campaigns.events.schedule import schedule_notice
from campaigns.events.seating import confirm, fill_seats, leave_place, record, take_place
from campaigns.mailings.actions import note_sign_up
from core.db import Session
from core.errors import NotPermitted
from core.ids import new_code, new_id
from people.auth import Actor
from people.errors import PersonUnknown

CODE_TRIES = 5


@dataclass(frozen=True)
class SignUp:
    """Somebody who wants to come, with so many people in all."""

    occurrence_id: UUID
    party_size: int = 1
    person_id: UUID | None = None
    """Somebody else, for staff who type for them; None is the actor."""


async def sign_up(
    session: Session, actor: Actor, command: SignUp, *, now: datetime
) -> EventRegistration:
    """Take a seat, or a place at the end of the line.

    Signing up again while the first one holds gives that one, whatever the party is now. Records
    ``registration.seated`` or ``registration.waiting``.
    """
    person_id = command.person_id or actor.person_id
    event, day = await repository.get_event_of(session, actor, command.occurrence_id)
    if person_id is None or not policy.can_sign_up(actor, event.community_id, person_id):
        raise NotPermitted(
            "Only people of the community may sign up, for themselves, or staff for them."
        )
    if not await seats_repository.lock_person(session, person_id):
        raise PersonUnknown(f"There is no person {person_id}.")
    if not await repository.belongs_to(session, person_id, event):
        who = "members of its group" if event.audience is EventAudience.GROUP else "its community"
        raise NotPermitted(f"This event is for {who}; join first, then sign up.")
    occurrence = await seats_repository.lock_occurrence(session, day.id)
    known = await seats_repository.find_registration(session, occurrence.id, person_id)
    if known is not None and known.status in LIVE:
        return known
    _refuse_closed(event, occurrence, now)
    _refuse_large(event, occurrence, command.party_size)
    row = known or EventRegistration(
        id=new_id(),
        occurrence_id=occurrence.id,
        community_id=event.community_id,
        person_id=person_id,
        sequence=-1,
        expired_count=0,
        offer_count=0,
        came_count=0,
        check_in_code=await _new_code(session, occurrence.id),
    )
    row.party_size = command.party_size
    row.signed_up_at = row.changed_at = now
    row.expired_count = 0
    await take_place(session, event, occurrence, row, now=now)
    session.add(row)
    await session.flush()
    record(session, f"registration.{row.status.value}", row, now=now, actor_id=actor.person_id)
    if person_id == actor.person_id:
        await note_sign_up(session, person_id, event.community_id, now=now)
    return row


async def confirm_seat(
    session: Session, actor: Actor, registration_id: UUID, *, now: datetime
) -> EventRegistration:
    """Take the seat that was kept; again gives the same. Records ``registration.seated``."""
    event, occurrence, row = await hold(session, actor, registration_id)
    if row.status is RegistrationStatus.SEATED:
        return row
    _refuse_closed(event, occurrence, now)
    if row.status is not RegistrationStatus.OFFERED or row.offered_until_at is None:
        raise NoSeat("No seat is kept for this sign-up; look at where it stands.")
    if now >= row.offered_until_at:
        raise OfferLapsed(
            "The seat was kept until its time was over and goes to the next in line now."
        )
    await confirm(session, event, occurrence, row, now=now)
    await session.flush()
    record(session, "registration.seated", row, now=now, actor_id=actor.person_id)
    return row


async def cancel_registration(
    session: Session, actor: Actor, registration_id: UUID, *, now: datetime
) -> EventRegistration:
    """Give back a seat or a place in the line; the next in line are asked at once.

    Again changes nothing. Records ``registration.cancelled``.
    """
    event, occurrence, row = await hold(session, actor, registration_id)
    if row.status not in LIVE:
        return row
    if now >= occurrence.ends_at:
        raise EventClosed("The event is over, so that there is nothing to cancel.")
    leave_place(occurrence, row, RegistrationStatus.CANCELLED, now)
    await session.flush()
    record(session, "registration.cancelled", row, now=now, actor_id=actor.person_id)
    await schedule_notice(session, row, "left", now=now)
    await fill_seats(session, event, occurrence, now=now)
    await session.flush()
    return row


async def change_party(
    session: Session, actor: Actor, registration_id: UUID, party_size: int, *, now: datetime
) -> EventRegistration:
    """Come with fewer or more people. Records ``registration.party_changed``.

    Fewer is always possible and keeps the place; more only with a seat, while so many are free
    and nobody waits for them.
    """
    event, occurrence, row = await hold(session, actor, registration_id)
    if row.status not in LIVE:
        raise NoSeat("This sign-up was cancelled; sign up again.")
    _refuse_closed(event, occurrence, now)
    _refuse_large(event, occurrence, party_size)
    more = party_size - row.party_size
    if not more:
        return row
    if more > 0:
        await _refuse_more(session, occurrence, row, more)
    if row.status in HOLDING:
        occurrence.taken_count += more
    row.party_size = party_size
    row.came_count = min(row.came_count, party_size)
    row.changed_at = now
    await session.flush()
    record(session, "registration.party_changed", row, now=now, actor_id=actor.person_id)
    await fill_seats(session, event, occurrence, now=now)
    await session.flush()
    return row


async def hold(
    session: Session, actor: Actor, registration_id: UUID
) -> tuple[CommunityEvent, EventOccurrence, EventRegistration]:
    """A sign-up that the actor may change, with its day locked."""
    found = await seats_repository.read_registration(session, registration_id)
    if found is None:
        raise RegistrationUnknown(f"There is no sign-up {registration_id}, or it is not for you.")
    occurrence = await seats_repository.lock_occurrence(session, found.occurrence_id)
    event = await repository.read_event(session, occurrence.event_id)
    row = await seats_repository.read_registration(session, registration_id)
    if row is None or not policy.can_change_registration(actor, event.community_id, row.person_id):
        raise RegistrationUnknown(f"There is no sign-up {registration_id}, or it is not for you.")
    return event, occurrence, row


def _refuse_closed(event: CommunityEvent, occurrence: EventOccurrence, now: datetime) -> None:
    if event.status is EventStatus.DRAFT:
        raise EventClosed("The event is not published yet.")
    if EventStatus.CANCELLED is event.status or occurrence.status is OccurrenceStatus.CANCELLED:
        raise EventClosed("The event was cancelled on that day.")
    if now >= occurrence.starts_at:
        raise EventClosed("The event has begun; ask at the door.")


def _refuse_large(event: CommunityEvent, occurrence: EventOccurrence, party_size: int) -> None:
    most = min(event.max_party, occurrence.capacity)
    if not 1 <= party_size <= most:
        raise PartyTooLarge(f"One person signs up 1 to {most} people for this event.")


async def _refuse_more(
    session: Session, occurrence: EventOccurrence, row: EventRegistration, more: int
) -> None:
    if row.status is not RegistrationStatus.SEATED:
        raise NoRoom("Only with a seat one can bring more people; sign up again for more.")
    waiting = await seats_repository.find_first_waiting(session, occurrence.id, occurrence.capacity)
    if waiting is not None:
        raise NoRoom("Others wait for seats, so that no more can be added.")
    free = occurrence.capacity - occurrence.taken_count
    if more > free:
        raise NoRoom(f"Only {free} more seats are free.")


async def _new_code(session: Session, occurrence_id: UUID) -> str:
    """A check-in code that nobody else has there."""
    codes = [new_code(CHECK_IN_LENGTH) for _ in range(CODE_TRIES)]
    taken = await seats_repository.list_codes(session, occurrence_id, codes)
    return next(code for code in codes if code not in taken)
