"""The first staff of a community, named by whoever runs the installation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people.auth import Actor
from people.errors import PersonUnknown
from people.kinds import Channel, Role
from people.memberships import StaffRole, give_role
from people.models import ContactPoint, Membership, Person, PersonName
from people.signing_in import repository
from people.signing_in.ending import follow_role_change


async def add_staff_person(
    session: Session, actor: Actor, *, name: str, address: str, now: datetime
) -> UUID:
    """Put somebody on record who shall work for a community and is not known yet.

    ``address`` is in its normal form.
    """
    _check(actor)
    person = Person(
        created_at=now,
        name=PersonName(full_name=name),
        contact_points=[ContactPoint(channel=Channel.EMAIL, value=address, preferred=True)],
    )
    session.add(person)
    await session.flush()
    return person.id


async def appoint(session: Session, actor: Actor, given: StaffRole, *, now: datetime) -> bool:
    """Make somebody staff, even of a community that they do not belong to yet.

    False when they are already. Their sign-ins end. Records ``role.given``.
    """
    _check(actor)
    live = await repository.load_live_roles(session, given.person_id)
    if (given.community_id, given.role) in live:
        return False
    if any(community_id == given.community_id for community_id, _ in live):
        await give_role(session, actor, given, now=now)
    else:
        await _join(session, given, now)
        await follow_role_change(session, actor, given.person_id, now=now)
    return True


async def _join(session: Session, given: StaffRole, now: datetime) -> None:
    person = await session.get(Person, given.person_id)
    if person is None or person.erased_at is not None:
        raise PersonUnknown(f"There is no person with id {given.person_id}.")
    row = await repository.find_membership(
        session, given.person_id, given.community_id, Role(given.role)
    )
    if row is None:
        row = Membership(
            person_id=given.person_id, community_id=given.community_id, role=given.role
        )
        session.add(row)
    row.since, row.ended_at = now, None
    await session.flush()
    record_event(
        session,
        "role.given",
        subject_type="person",
        subject_id=given.person_id,
        happened_at=now,
        community_id=given.community_id,
        role=given.role.value,
    )


def _check(actor: Actor) -> None:
    if not actor.is_system:
        raise NotPermitted("Only whoever runs this installation names the first staff.")
