"""A volunteer learns where a home is, and whom to reach, when the work is accepted; not before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.events import record_event
from matching import policy
from matching.errors import AssignmentUnknown, RequestUnknown
from matching.intake.kinds import ContactChoice
from matching.intake.repository import find_access
from matching.models import Assignment, HelpRequest
from matching.offers import visit_repository
from matching.states import HELD_ASSIGNMENTS
from people.auth import Actor
from people.disclosure import ExactAddress, release_address
from people.kinds import Channel
from people.models import ContactPoint

CHANNELS: dict[ContactChoice, tuple[Channel, ...]] = {
    ContactChoice.PLATFORM: (),
    ContactChoice.PHONE: (Channel.PHONE, Channel.SMS),
    ContactChoice.SMS: (Channel.SMS,),
    ContactChoice.EMAIL: (Channel.EMAIL,),
}


@dataclass(frozen=True)
class VisitDetails:
    """What whoever has accepted may know. For that person; never for logs, URLs or exports."""

    address: ExactAddress
    resident_name: str | None
    access_notes: str | None
    contact: ContactPoint | None
    """The one that the resident chose to show; None when messages go through the platform."""


@dataclass(frozen=True)
class AddressOpened:
    """One time that an address was shown, for the resident."""

    name: str | None
    at: datetime


async def read_work_address(
    session: Session, actor: Actor, assignment_id: UUID, *, now: datetime
) -> ExactAddress:
    """Show the volunteer who holds the work where it is. Records ``address.released``."""
    _, request = await _get_held_work(session, actor, assignment_id)
    return await release_address(
        session, actor, request.household_id, now=now, reason="work_accepted"
    )


async def read_visit_details(
    session: Session, actor: Actor, assignment_id: UUID, *, now: datetime
) -> VisitDetails:
    """Show the volunteer who holds the work address, notes, first name and chosen contact.

    Records ``address.released``, and ``contact.released`` when there is a contact to show.
    """
    work, request = await _get_held_work(session, actor, assignment_id)
    address = await release_address(
        session, actor, request.household_id, now=now, reason="work_accepted"
    )
    access = await find_access(session, request.id)
    channels = () if access is None else CHANNELS[access.contact_choice]
    contact = None
    if channels:
        contact = await visit_repository.find_contact_of(session, request.resident_id, channels)
    if contact is not None:
        record_event(
            session,
            "contact.released",
            subject_type="person",
            subject_id=request.resident_id,
            happened_at=now,
            actor_id=actor.person_id,
            community_id=request.community_id,
            reason="work_accepted",
            channel=contact.channel.value,
            assignment_id=work.id,
        )
    return VisitDetails(
        address=address,
        resident_name=await visit_repository.find_call_name(session, request.resident_id),
        access_notes=None if access is None else access.access_notes,
        contact=contact,
    )


async def list_who_saw_address(
    session: Session, actor: Actor, request_id: UUID
) -> list[AddressOpened]:
    """Tell a resident who opened the address for this request and when last, the newest first."""
    request = await session.get(HelpRequest, request_id)
    if request is None or not policy.can_speak_for_resident(
        actor, request.resident_id, request.community_id
    ):
        raise RequestUnknown(f"There is no request {request_id}.")
    events = await visit_repository.list_address_releases(
        session, request.household_id, since=request.created_at
    )
    latest = {event.actor_id: event.happened_at for event in reversed(events)}
    return [
        AddressOpened(
            name=None
            if actor_id is None
            else await visit_repository.find_call_name(session, actor_id),
            at=at,
        )
        for actor_id, at in sorted(latest.items(), key=lambda row: row[1], reverse=True)
        if actor_id != request.resident_id
    ]


async def _get_held_work(
    session: Session, actor: Actor, assignment_id: UUID
) -> tuple[Assignment, HelpRequest]:
    work = await visit_repository.find_work(session, assignment_id)
    volunteer = (
        None if work is None else await visit_repository.find_volunteer(session, work.volunteer_id)
    )
    holds = (
        work is not None
        and volunteer is not None
        and work.status in HELD_ASSIGNMENTS
        and actor.person_id is not None
        and actor.person_id == volunteer.person_id
    )
    if work is None or not holds:
        raise AssignmentUnknown(f"There is no accepted work {assignment_id}.")
    return work, work.request
