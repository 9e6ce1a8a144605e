"""Around storms, and to volunteers and staff about their part in the programme."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.db import Session
from matching.models import Storm, Volunteer
from matching.telling import repository
from matching.telling.values import Note, make_link, send_note
from messaging.models import Message
from people.kinds import Purpose


async def notify_storm_resident(
    session: Session, storm: Storm, person_id: UUID, *, now: datetime
) -> Message:
    """Snow is coming: will help be needed? One tap: yes, or not this time."""
    to = await repository.get_recipient(session, storm.community_id, person_id)
    note = Note(
        kind="storm_notice_resident",
        about=storm,
        values={"link": await make_link(session, "storm_resident", person_id, storm.id, now=now)},
        purpose=Purpose.MATCHING,
        occasion=str(person_id),
        storm_id=storm.id,
    )
    return await send_note(session, to, note, now=now)


async def notify_storm_volunteer(
    session: Session, storm: Storm, volunteer: Volunteer, *, now: datetime
) -> Message:
    """Snow is coming: help may be asked for. One tap: not today."""
    person_id = volunteer.person_id
    to = await repository.get_recipient(session, storm.community_id, person_id)
    note = Note(
        kind="storm_notice_volunteer",
        about=storm,
        values={"link": await make_link(session, "storm_volunteer", person_id, storm.id, now=now)},
        purpose=Purpose.OFFERS,
        occasion=str(person_id),
        storm_id=storm.id,
        counts=True,
    )
    return await send_note(session, to, note, now=now)


async def notify_thanks_storm(
    session: Session, storm: Storm, volunteer: Volunteer, home_count: int, *, now: datetime
) -> Message:
    """The storm is over: thanks for so many homes."""
    to = await repository.get_recipient(session, storm.community_id, volunteer.person_id)
    note = Note(
        kind="thanks_storm",
        about=storm,
        values={"home_count": home_count},
        purpose=Purpose.OFFERS,
        occasion=str(volunteer.person_id),
        storm_id=storm.id,
    )
    return await send_note(session, to, note, now=now)


async def notify_welcome(session: Session, volunteer: Volunteer, *, now: datetime) -> Message:
    """What happens after signing up."""
    to = await repository.get_recipient(session, volunteer.community_id, volunteer.person_id)
    return await send_note(
        session, to, Note(kind="welcome_volunteer", about=volunteer, values={}), now=now
    )


async def notify_pause_over(session: Session, volunteer: Volunteer, *, now: datetime) -> Message:
    """The pause that the volunteer asked for is over."""
    to = await repository.get_recipient(session, volunteer.community_id, volunteer.person_id)
    note = Note(
        kind="pause_over",
        about=volunteer,
        values={},
        purpose=Purpose.OFFERS,
        occasion=now.date().isoformat(),
    )
    return await send_note(session, to, note, now=now)


async def notify_vetting_expires(
    session: Session, volunteer: Volunteer, item_label: str, expires_on: date, *, now: datetime
) -> Message:
    """Something that was checked is valid only until a day."""
    to = await repository.get_recipient(session, volunteer.community_id, volunteer.person_id)
    note = Note(
        kind="vetting_expires",
        about=volunteer,
        values={"item": item_label, "expires_on": expires_on},
        purpose=Purpose.OFFERS,
        occasion=f"{item_label[:60]}:{expires_on.isoformat()}",
    )
    return await send_note(session, to, note, now=now)


async def notify_weather_silent(
    session: Session, storm: Storm, person_id: UUID, *, now: datetime
) -> Message:
    """Staff hear that a storm is on and no weather comes in."""
    to = await repository.get_recipient(session, storm.community_id, person_id)
    note = Note(
        kind="weather_silent",
        about=storm,
        values={"state": storm.status.value},
        occasion=f"{person_id}:{now:%Y%m%dT%H}",
        storm_id=storm.id,
    )
    return await send_note(session, to, note, now=now)


async def notify_digest_staff(
    session: Session,
    community_id: UUID,
    person_id: UUID,
    counts: dict[str, int],
    *,
    now: datetime,
) -> Message | None:
    """What waits for staff: ``review``, ``unserved``, ``failed``. Nothing waits: no message."""
    values = {f"{name}_count": counts.get(name, 0) for name in ("review", "unserved", "failed")}
    if not any(values.values()):
        return None
    to = await repository.get_recipient(session, community_id, person_id)
    community = await repository.get_community(session, community_id)
    note = Note(
        kind="digest_staff",
        about=community,
        values=values,
        occasion=f"{person_id}:{now.date().isoformat()}",
    )
    return await send_note(session, to, note, now=now)
