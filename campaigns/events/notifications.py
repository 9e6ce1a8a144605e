"""What events tell people. Each is queued once: its key says what it is about.

These are answers to a sign-up, so that they need no consent: who signed up must hear that the event
moved. They hold no word about anybody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from campaigns.events import helpers_repository, repository, seats_repository
from campaigns.events.calendar_file import Day, make_cancellation, make_invitation, write_place
from campaigns.events.kinds import CancelReason, HelperStatus, RegistrationStatus
from campaigns.events.models import (
    CommunityEvent,
    EventOccurrence,
    EventPlace,
    EventRegistration,
)
from campaigns.events.words import name_reasons
from core.db import Session
from core.i18n import choose_language
from matching.telling.repository import Recipient, get_recipient
from matching.telling.values import make_link, shorten, tidy_words
from messaging.kinds import Draft
from messaging.models import Message
from messaging.sending import queue_message
from messaging.templates import render

EMAILS = Path(__file__).parents[1] / "emails"
SHORT_TITLE = 40
STILL_TRUE = {
    "seated": (RegistrationStatus.SEATED,),
    "waiting": (RegistrationStatus.WAITING,),
    "offered": (RegistrationStatus.OFFERED,),
    "lapsed": (RegistrationStatus.WAITING, RegistrationStatus.EXPIRED),
    "left": (RegistrationStatus.CANCELLED,),
}
"""What a sign-up must still be for its news to be true when they go out."""
LINK, HELP_LINK = "event_seat", "event_help"


@dataclass(frozen=True)
class About:
    """What one message is about."""

    kind: str
    key: str
    event: CommunityEvent
    days: Sequence[tuple[EventRegistration | None, EventOccurrence]]
    values: dict[str, Any]
    subject_type: str
    subject_id: UUID
    link: str
    method: str | None = None
    expires_at: datetime | None = None
    reason: CancelReason | None = None


async def notify_registration(
    session: Session, registration_id: UUID, what: str, sequence: int, *, now: datetime
) -> Message | None:
    """Tell somebody where their sign-up stands; nothing when it has moved on since."""
    row = await seats_repository.read_registration(session, registration_id)
    if row is None or row.person_id is None or row.status not in STILL_TRUE[what]:
        return None
    day = await repository.get_occurrence(session, row.occurrence_id)
    event = await repository.read_event(session, day.event_id)
    values = {
        "party_count": row.party_size,
        "code": row.check_in_code,
        "until_at": row.offered_until_at,
        "is_off_list": row.status is RegistrationStatus.EXPIRED,
    }
    about = About(
        kind=f"event_{what}",
        key=f"event:{row.id}:{what}:{sequence}",
        event=event,
        days=[(row, day)],
        values=values,
        subject_type="event_registration",
        subject_id=row.id,
        link=LINK,
        method={"seated": "REQUEST", "left": "CANCEL"}.get(what),
        expires_at=row.offered_until_at if what == "offered" else None,
    )
    return await _tell(session, row.person_id, about, now=now)


async def notify_change(
    session: Session, event_id: UUID, change: int, what: str, person_id: UUID, *, now: datetime
) -> Message | None:
    """Tell one person of one change, whatever the number of their days that it touches."""
    touched = await seats_repository.list_touched(session, event_id, change, person_id)
    if not touched:
        return None
    event = await repository.read_event(session, event_id)
    first, _ = touched[0]
    seated = any(row.status is RegistrationStatus.SEATED for row, _ in touched)
    method = {"changed": "REQUEST", "cancelled": "CANCEL"}[what]
    about = About(
        kind=f"event_{what}",
        key=f"event:{event.id}:{change}:{person_id}",
        event=event,
        days=touched,
        values={"more_count": len(touched) - 1},
        subject_type="community_event",
        subject_id=event.id,
        link=LINK,
        method=method if seated else None,
        reason=touched[0][1].cancel_reason,
    )
    return await _tell(session, person_id, about, now=now, link_id=first.id)


async def notify_helper(session: Session, helper_id: UUID, *, now: datetime) -> Message | None:
    """Tell somebody that their help is wanted, or that it is agreed."""
    row = await helpers_repository.find_helper(session, helper_id)
    if row is None or row.status not in (HelperStatus.INVITED, HelperStatus.CONFIRMED):
        return None
    role = await helpers_repository.find_role(session, row.role_id)
    day = await repository.get_occurrence(session, row.occurrence_id)
    event = await repository.read_event(session, day.event_id)
    about = About(
        kind="event_helper",
        key=f"event_help:{row.id}:{row.status.value}:{row.changed_at.isoformat()}",
        event=event,
        days=[(None, day)],
        values={
            "role": "" if role is None else role.label,
            "is_agreed": row.status is HelperStatus.CONFIRMED,
        },
        subject_type="event_helper",
        subject_id=row.id,
        link=HELP_LINK,
        method="REQUEST" if row.status is HelperStatus.CONFIRMED else None,
    )
    return await _tell(session, row.person_id, about, now=now)


async def notify_let_go(
    session: Session, helper_id: UUID, was: HelperStatus, *, now: datetime
) -> Message | None:
    """Tell somebody that the organizers do without their help; nothing when they help again."""
    row = await helpers_repository.find_helper(session, helper_id)
    if row is None or row.status is not HelperStatus.WITHDRAWN:
        return None
    day = await repository.get_occurrence(session, row.occurrence_id)
    event = await repository.read_event(session, day.event_id)
    about = About(
        kind="event_let_go",
        key=f"event_help:{row.id}:{row.status.value}:{row.changed_at.isoformat()}",
        event=event,
        days=[(None, day)],
        values={"was_asked": was is HelperStatus.INVITED},
        subject_type="event_helper",
        subject_id=row.id,
        link=HELP_LINK,
        method="CANCEL" if was is HelperStatus.CONFIRMED else None,
    )
    return await _tell(session, row.person_id, about, now=now)


async def _tell(
    session: Session,
    person_id: UUID,
    about: About,
    *,
    now: datetime,
    link_id: UUID | None = None,
) -> Message:
    event, (row, day) = about.event, about.days[0]
    to = await get_recipient(session, event.community_id, person_id)
    place = await repository.get_place(session, day.place_id or event.place_id)
    exact = place.is_public or _knows_place(row, about)
    link = await make_link(
        session, about.link, person_id, link_id or about.subject_id, now=now, until=day.ends_at
    )
    language = choose_language(to.languages)
    values = {
        "community": to.community_name,
        "title": event.title,
        "short_title": shorten(event.title, SHORT_TITLE),
        "starts_at": day.starts_at,
        "place": write_place(place, exact=exact),
        "link": link,
        "reason": "" if about.reason is None else name_reasons(language)[about.reason],
        **about.values,
    }
    words = render(EMAILS / about.kind, language, values, time_zone=event.time_zone)
    return await queue_message(
        session,
        Draft(
            community_id=event.community_id,
            person_id=person_id,
            kind=about.kind,
            key=about.key,
            purpose=None,
            words=tidy_words(words),
            subject_type=about.subject_type,
            subject_id=about.subject_id,
            calendar=await _write_calendar(session, to, about, now=now),
            hurry=True,
            counts=False,
            expires_at=about.expires_at,
        ),
        now=now,
    )


async def _write_calendar(
    session: Session, to: Recipient, about: About, *, now: datetime
) -> bytes | None:
    if about.method is None:
        return None
    attendee = await repository.find_email(session, to.person_id)
    days = []
    for row, day in about.days:
        if about.kind == "event_changed" and (
            row is None or row.status is not RegistrationStatus.SEATED
        ):
            continue
        place: EventPlace = await repository.get_place(
            session, day.place_id or about.event.place_id
        )
        where = write_place(place, exact=place.is_public or _knows_place(row, about))
        days.append(Day(day, where, 0 if row is None else row.sequence))
    make = make_invitation if about.method == "REQUEST" else make_cancellation
    return make(about.event, days, attendee=attendee, now=now)


def _knows_place(row: EventRegistration | None, about: About) -> bool:
    """Whether the person may know where exactly it is: with a seat, or as an agreed helper."""
    if row is not None:
        return row.status is RegistrationStatus.SEATED
    return about.values.get("is_agreed") is True
