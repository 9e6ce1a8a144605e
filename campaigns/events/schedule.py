"""The jobs of events by name, and how they are put into the queue."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from campaigns.events.kinds import HelperStatus
from campaigns.events.models import CommunityEvent, EventHelper, EventRegistration
from core.db import Session
from core.jobs import NewJob, enqueue

EXPIRE = "events.expire_offer"
SWEEP = "events.sweep"
TELL_PERSON = "events.tell_person"
TELL_CHANGE = "events.tell_change"
TELL_HELPER = "events.tell_helper"


async def schedule_expiry(session: Session, row: EventRegistration, *, now: datetime) -> None:
    """Look at a kept seat again when its time is over."""
    await enqueue(
        session,
        NewJob(
            name=EXPIRE,
            args={"registration_id": str(row.id)},
            key=f"event.expire:{row.id}:{row.offer_count}",
            due_at=row.offered_until_at,
            now=now,
        ),
    )


async def schedule_notice(
    session: Session, row: EventRegistration, what: str, *, now: datetime
) -> None:
    """Tell somebody what became of their sign-up, once this is kept.

    A job does it, so that nobody waits for a lock of the person while holding the event's.
    """
    await enqueue(
        session,
        NewJob(
            name=TELL_PERSON,
            args={"registration_id": str(row.id), "what": what, "sequence": row.sequence},
            key=f"event.tell:{row.id}:{what}:{row.sequence}",
            now=now,
        ),
    )


async def schedule_change(
    session: Session, event: CommunityEvent, what: str, *, now: datetime
) -> None:
    """Tell everybody who signed up for a touched day, each once."""
    await enqueue(
        session,
        NewJob(
            name=TELL_CHANGE,
            args={"event_id": str(event.id), "what": what, "sequence": event.sequence},
            key=f"event.change:{event.id}:{event.sequence}",
            now=now,
        ),
    )


async def schedule_helper_notice(session: Session, helper_id: UUID, *, now: datetime) -> None:
    """Tell somebody that they were asked to help, or that it is agreed."""
    await enqueue(
        session,
        NewJob(
            name=TELL_HELPER,
            args={"helper_id": str(helper_id)},
            key=f"event.helper:{helper_id}:{now.isoformat()}",
            now=now,
        ),
    )


async def schedule_let_go_notice(
    session: Session, row: EventHelper, was: HelperStatus, *, now: datetime
) -> None:
    """Tell somebody whom the organizers let go, by what they had offered or agreed."""
    await enqueue(
        session,
        NewJob(
            name=TELL_HELPER,
            args={"helper_id": str(row.id), "was": was.value},
            key=f"event.helper:{row.id}:{now.isoformat()}:let_go",
            now=now,
        ),
    )
