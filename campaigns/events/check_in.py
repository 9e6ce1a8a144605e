"""At the door: check in by code or from the list, and settle who came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from campaigns.events import policy, repository, seats_repository
from campaigns.events.errors import (
    DeskClosed,
    EventNotYours,
    InvalidEvent,
    NoSeat,
    RegistrationUnknown,
    TooManyCodes,
    WrongCode,
)
from campaigns.events.kinds import Attendance, OccurrenceStatus, RegistrationStatus
from campaigns.events.models import (
    CHECK_IN_LENGTH,
    CommunityEvent,
    EventDesk,
    EventOccurrence,
    EventRegistration,
)
from campaigns.events.planning import record as record_of_event
from campaigns.events.seating import confirm, record
from core.db import Session
from core.errors import NotPermitted
from people.auth import Actor

OPENS_BEFORE = timedelta(hours=2)
CLOSES_AFTER = timedelta(hours=24)
MAX_WRONG = 10
WRONG_PERIOD = timedelta(minutes=10)


@dataclass(frozen=True)
class CheckedIn:
    """What came of a code."""

    registration: EventRegistration | None
    """None for a wrong code."""
    was_already: bool = False
    tries_left: int = MAX_WRONG

    def found(self) -> EventRegistration:
        """The sign-up. Ask once the try is kept, so that wrong codes count.

        Raises
        ------
        WrongCode
            When nobody there has the code.
        """
        if self.registration is None:
            raise WrongCode(
                "Nobody at this event has this code. Compare it letter by letter, or look the "
                f"person up in the list. {self.tries_left} tries are left for now."
            )
        return self.registration


def read_code(text: str) -> str:
    """A code as people type it, in its one form."""
    return "".join(letter for letter in text.upper() if letter.isalnum())[: CHECK_IN_LENGTH + 1]


async def check_in_by_code(
    session: Session,
    actor: Actor,
    occurrence_id: UUID,
    code: str,
    *,
    now: datetime,
    came_count: int | None = None,
) -> CheckedIn:
    """Check somebody in by the code on their mail; twice has one effect.

    A wrong code is an answer and no error, so that it counts; see `CheckedIn.found`. After
    `MAX_WRONG` of them in ten minutes the same person can try no more for a while.

    Raises
    ------
    TooManyCodes
        Saying until when to wait.
    """
    event, occurrence = await _stand_at_door(session, actor, occurrence_id, now)
    desk = await _open_desk(session, actor, occurrence, now)
    row = await seats_repository.find_by_code(session, occurrence.id, read_code(code))
    if row is None:
        left = MAX_WRONG
        if desk is not None:
            desk.wrong_count += 1
            left = MAX_WRONG - desk.wrong_count
        await session.flush()
        return CheckedIn(None, tries_left=left)
    was_already = row.checked_in_at is not None
    await _check_in(session, actor, event, occurrence, row, came_count=came_count, now=now)
    return CheckedIn(row, was_already=was_already)


async def check_in_registration(
    session: Session,
    actor: Actor,
    registration_id: UUID,
    *,
    now: datetime,
    came_count: int | None = None,
) -> EventRegistration:
    """Check somebody in from the list; twice has one effect. Records ``registration.came``."""
    found = await seats_repository.read_registration(session, registration_id)
    if found is None:
        raise RegistrationUnknown(f"There is no sign-up {registration_id}, or it is not for you.")
    event, occurrence = await _stand_at_door(session, actor, found.occurrence_id, now)
    row = await seats_repository.read_registration(session, registration_id)
    if row is None:
        raise RegistrationUnknown(f"There is no sign-up {registration_id}, or it is not for you.")
    await _check_in(session, actor, event, occurrence, row, came_count=came_count, now=now)
    return row


async def close_attendance(
    session: Session, occurrence_id: UUID, *, now: datetime, actor: Actor | None = None
) -> EventOccurrence:
    """Settle who came: whoever has a seat and was not checked in is a no-show.

    Where nobody was checked in at all, nobody stood at the door, and nothing is said about anyone.
    Again changes nothing. Records ``community_event.attendance_closed``.
    """
    who = actor or Actor.system()
    if actor is not None:
        await _refuse_outsiders(session, actor, occurrence_id)
    occurrence = await seats_repository.lock_occurrence(session, occurrence_id)
    if occurrence.closed_at is not None:
        return occurrence
    if now < occurrence.ends_at:
        raise DeskClosed("Attendance is settled once the event is over.")
    occurrence.closed_at = now
    if occurrence.came_count:
        for row in await seats_repository.list_seated(session, occurrence.id):
            if row.attendance is None:
                row.attendance = Attendance.NO_SHOW
                occurrence.no_show_count += row.party_size
    await session.flush()
    event = await repository.read_event(session, occurrence.event_id)
    record_of_event(
        session,
        "community_event.attendance_closed",
        event,
        who,
        now,
        came_count=occurrence.came_count,
        no_show_count=occurrence.no_show_count,
    )
    return occurrence


async def _check_in(
    session: Session,
    actor: Actor,
    event: CommunityEvent,
    occurrence: EventOccurrence,
    row: EventRegistration,
    *,
    came_count: int | None,
    now: datetime,
) -> None:
    if row.status is RegistrationStatus.OFFERED:
        # Whoever stands at the door while a seat is kept for them takes it.
        await confirm(session, event, occurrence, row, now=now)
    if row.status is not RegistrationStatus.SEATED:
        raise NoSeat(
            "This sign-up has no seat: it waits or was cancelled. Free a seat first, or let "
            "them in as a guest."
        )
    came = row.party_size if came_count is None else came_count
    if not 1 <= came <= row.party_size:
        raise InvalidEvent(f"Of this party 1 to {row.party_size} people can have come.")
    if row.checked_in_at is not None and (came_count is None or came == row.came_count):
        return
    if row.attendance is Attendance.NO_SHOW:
        occurrence.no_show_count -= row.party_size
    occurrence.came_count += came - row.came_count
    row.came_count = came
    row.attendance = Attendance.CAME
    row.checked_in_at = row.checked_in_at or now
    row.checked_in_by = row.checked_in_by or actor.person_id
    await session.flush()
    record(session, "registration.came", row, now=now, actor_id=actor.person_id)


async def _stand_at_door(
    session: Session, actor: Actor, occurrence_id: UUID, now: datetime
) -> tuple[CommunityEvent, EventOccurrence]:
    event = await _refuse_outsiders(session, actor, occurrence_id)
    occurrence = await seats_repository.lock_occurrence(session, occurrence_id)
    if occurrence.status is OccurrenceStatus.CANCELLED:
        raise DeskClosed("The event was cancelled on that day.")
    if not occurrence.starts_at - OPENS_BEFORE <= now <= occurrence.ends_at + CLOSES_AFTER:
        raise DeskClosed(
            "People are checked in from two hours before the event until a day after it."
        )
    return event, occurrence


async def _refuse_outsiders(session: Session, actor: Actor, occurrence_id: UUID) -> CommunityEvent:
    event, _ = await repository.get_event_of(session, actor, occurrence_id)
    organizes = await repository.organizes(session, actor, event)
    if not policy.can_see_participants(actor, event.community_id, organizes=organizes):
        raise EventNotYours("Only staff and organizers of the event check people in.")
    return event


async def _open_desk(
    session: Session, actor: Actor, occurrence: EventOccurrence, now: datetime
) -> EventDesk | None:
    """How many codes the actor tried there lately; the product itself guesses nothing."""
    if actor.person_id is None:
        if not actor.is_system:
            raise NotPermitted("Sign in to check people in.")
        return None
    desk = await seats_repository.find_desk(session, occurrence.id, actor.person_id)
    if desk is None:
        desk = EventDesk(
            occurrence_id=occurrence.id, person_id=actor.person_id, since_at=now, wrong_count=0
        )
        session.add(desk)
    if now - desk.since_at >= WRONG_PERIOD:
        desk.since_at, desk.wrong_count = now, 0
    if desk.wrong_count >= MAX_WRONG:
        until = desk.since_at + WRONG_PERIOD
        minutes = max(1, -(-int((until - now).total_seconds()) // 60))
        raise TooManyCodes(
            f"Too many wrong codes were typed here; try again in {minutes} minutes, or look the "
            "person up in the list."
        )
    return desk
