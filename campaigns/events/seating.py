"""Who has a seat: given in the order of sign-ups, kept for the next in line, never more than all.

Everything here is called by the holder of the occurrence's row. ``taken_count`` is the sum of the
parties that have a seat or for which one is kept; the database refuses more than the capacity.

The line is strict: nobody is overtaken, so that a large party at its head waits until it fits. Who
signs up while somebody waits goes to the end, even when single seats are free. Only a party that is
larger than all seats together is passed over.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from campaigns.events import repository, seats_repository
from campaigns.events.kinds import HOLDING, OccurrenceStatus, RegistrationStatus
from campaigns.events.models import CommunityEvent, EventOccurrence, EventRegistration
from campaigns.events.schedule import schedule_expiry, schedule_notice
from core.db import Session
from core.events import record_event

SHORTEST_CONFIRM = timedelta(minutes=15)
MOST_EXPIRED = 2
"""Whoever lets so many kept seats lapse is off the list; before that they go to its end."""


def confirm_until(confirm_s: int, *, now: datetime, starts_at: datetime) -> datetime:
    """Until when a seat that became free is kept for the next in line.

    The event's own time (24 hours unless it says otherwise); near the start half of what is left
    until then, at least 15 minutes, and never longer than the start.
    """
    left = starts_at - now
    wanted = min(timedelta(seconds=confirm_s), left / 2)
    return min(now + max(wanted, SHORTEST_CONFIRM), starts_at)


def give_number(occurrence: EventOccurrence) -> int:
    """The next number in the order of sign-ups."""
    occurrence.last_number += 1
    return occurrence.last_number


async def take_place(
    session: Session,
    event: CommunityEvent,
    occurrence: EventOccurrence,
    row: EventRegistration,
    *,
    now: datetime,
) -> None:
    """Seat a new sign-up, or put it at the end of the line."""
    row.number = give_number(occurrence)
    first = await seats_repository.find_first_waiting(session, occurrence.id, occurrence.capacity)
    if first is None and occurrence.taken_count + row.party_size <= occurrence.capacity:
        occurrence.taken_count += row.party_size
        await _seat(session, event, occurrence, row, now=now)
    else:
        row.status = RegistrationStatus.WAITING
        row.sequence += 1
        await schedule_notice(session, row, "waiting", now=now)


async def confirm(
    session: Session,
    event: CommunityEvent,
    occurrence: EventOccurrence,
    row: EventRegistration,
    *,
    now: datetime,
) -> None:
    """A kept seat becomes theirs; it was counted already."""
    row.offered_until_at = None
    await _seat(session, event, occurrence, row, now=now)


async def _seat(
    session: Session,
    event: CommunityEvent,
    occurrence: EventOccurrence,
    row: EventRegistration,
    *,
    now: datetime,
) -> None:
    row.status = RegistrationStatus.SEATED
    row.changed_at = now
    row.sequence += 1
    place = await repository.get_place(session, occurrence.place_id or event.place_id)
    if not place.is_public:
        record(session, "registration.place_released", row, now=now)
    await schedule_notice(session, row, "seated", now=now)


def leave_place(
    occurrence: EventOccurrence, row: EventRegistration, status: RegistrationStatus, now: datetime
) -> None:
    """Give up a seat, a kept one, or a place in the line."""
    if row.status in HOLDING:
        occurrence.taken_count -= row.party_size
    row.status = status
    row.offered_until_at = None
    row.changed_at = now
    row.sequence += 1


async def fill_seats(
    session: Session, event: CommunityEvent, occurrence: EventOccurrence, *, now: datetime
) -> list[EventRegistration]:
    """Keep free seats for those next in line, in order; each must confirm in time.

    Nothing is kept once the event has begun or was cancelled.
    """
    kept: list[EventRegistration] = []
    if occurrence.status is not OccurrenceStatus.SCHEDULED or now >= occurrence.starts_at:
        return kept
    await session.flush()
    while True:
        row = await seats_repository.find_first_waiting(session, occurrence.id, occurrence.capacity)
        if row is None or occurrence.taken_count + row.party_size > occurrence.capacity:
            return kept
        occurrence.taken_count += row.party_size
        row.status = RegistrationStatus.OFFERED
        row.offered_until_at = confirm_until(
            event.confirm_s, now=now, starts_at=occurrence.starts_at
        )
        row.offer_count += 1
        row.sequence += 1
        row.changed_at = now
        await session.flush()
        record(session, "registration.offered", row, now=now)
        await schedule_expiry(session, row, now=now)
        await schedule_notice(session, row, "offered", now=now)
        kept.append(row)


async def expire_offer(session: Session, registration_id: UUID, *, now: datetime) -> bool:
    """Pass a kept seat on that was not confirmed in time; False when there is nothing to do.

    The first time the person goes to the end of the line, the second time off it. Doing it twice
    changes nothing. Records ``registration.lapsed``.
    """
    found = await seats_repository.read_registration(session, registration_id)
    if found is None:
        return False
    occurrence = await seats_repository.lock_occurrence(session, found.occurrence_id)
    row = await seats_repository.read_registration(session, registration_id)
    if (
        row is None
        or row.status is not RegistrationStatus.OFFERED
        or row.offered_until_at is None
        or row.offered_until_at > now
    ):
        return False
    event = await repository.read_event(session, occurrence.event_id)
    row.expired_count += 1
    again = row.expired_count < MOST_EXPIRED
    leave_place(
        occurrence,
        row,
        RegistrationStatus.WAITING if again else RegistrationStatus.EXPIRED,
        now,
    )
    if again:
        row.number = give_number(occurrence)
    record(session, "registration.lapsed", row, now=now)
    await schedule_notice(session, row, "lapsed", now=now)
    await fill_seats(session, event, occurrence, now=now)
    return True


def record(
    session: Session,
    kind: str,
    row: EventRegistration,
    *,
    now: datetime,
    actor_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Write down what became of a sign-up."""
    record_event(
        session,
        kind,
        subject_type="event_registration",
        subject_id=row.id,
        happened_at=now,
        actor_id=actor_id,
        community_id=row.community_id,
        reason=reason,
        occurrence_id=row.occurrence_id,
        status=row.status.value,
        party_count=row.party_size,
    )
