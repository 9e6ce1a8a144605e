"""What a person reads about their own seat, or about the help that they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.events import helpers_repository, repository, seats_repository
from campaigns.events.calendar_file import write_place
from campaigns.events.errors import HelperUnknown, RegistrationUnknown
from campaigns.events.kinds import HelperStatus, OccurrenceStatus, RegistrationStatus
from core.db import Session
from people.auth import Actor


@dataclass(frozen=True, kw_only=True)
class EventPage:
    """A day of an event as one person may know it."""

    title: str
    description: str
    time_zone: str
    starts_at: datetime
    place: str
    is_off: bool
    is_over: bool


@dataclass(frozen=True, kw_only=True)
class SeatPage(EventPage):
    """Where a sign-up stands."""

    status: RegistrationStatus
    party_size: int
    code: str | None
    until_at: datetime | None
    ahead_count: int


@dataclass(frozen=True, kw_only=True)
class HelpPage(EventPage):
    """What somebody is asked to do."""

    status: HelperStatus
    role: str


async def read_seat_page(
    session: Session, actor: Actor, registration_id: UUID, *, now: datetime
) -> SeatPage:
    """One's own sign-up.

    Raises
    ------
    RegistrationUnknown
        When there is none such, or it is somebody else's.
    """
    row = await seats_repository.read_registration(session, registration_id)
    if row is None or actor.person_id is None or row.person_id != actor.person_id:
        raise RegistrationUnknown("There is no such sign-up any more.")
    page = await _read_day(
        session, row.occurrence_id, exact=row.status is RegistrationStatus.SEATED, now=now
    )
    waits = row.status is RegistrationStatus.WAITING
    return SeatPage(
        **vars(page),
        status=row.status,
        party_size=row.party_size,
        code=row.check_in_code,
        until_at=row.offered_until_at,
        ahead_count=await seats_repository.count_ahead(session, row) if waits else 0,
    )


async def read_help_page(
    session: Session, actor: Actor, helper_id: UUID, *, now: datetime
) -> HelpPage:
    """One's own offer of help, or what one is asked.

    Raises
    ------
    HelperUnknown
        When there is none such, or it is somebody else's.
    """
    row = await helpers_repository.find_helper(session, helper_id)
    if row is None or actor.person_id is None or row.person_id != actor.person_id:
        raise HelperUnknown("There is no such offer of help any more.")
    page = await _read_day(
        session, row.occurrence_id, exact=row.status is HelperStatus.CONFIRMED, now=now
    )
    role = await helpers_repository.find_role(session, row.role_id)
    return HelpPage(**vars(page), status=row.status, role="" if role is None else role.label)


async def _read_day(
    session: Session, occurrence_id: UUID, *, exact: bool, now: datetime
) -> EventPage:
    day = await repository.get_occurrence(session, occurrence_id)
    event = await repository.read_event(session, day.event_id)
    place = await repository.get_place(session, day.place_id or event.place_id)
    return EventPage(
        title=event.title,
        description=event.description,
        time_zone=event.time_zone,
        starts_at=day.starts_at,
        place=write_place(place, exact=exact or place.is_public),
        is_off=day.status is OccurrenceStatus.CANCELLED,
        is_over=now >= day.starts_at,
    )
