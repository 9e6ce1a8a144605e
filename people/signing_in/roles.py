"""Who works for a community: managers and coordinators are named, and cease to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from core.logging import get_logger
from people.auth import STAFF, Actor
from people.errors import PersonUnknown
from people.kinds import Channel, Role
from people.models import ContactPoint, Membership, Person, PersonName
from people.signing_in import policy, repository
from people.signing_in.errors import RoleConflict
from people.signing_in.sessions import end_all_sign_ins

CHANGED = "role_changed"

_logger = get_logger(__name__)


@dataclass(frozen=True)
class StaffRole:
    """A role that works with other people's data, of one person in one community."""

    person_id: UUID
    community_id: UUID
    role: Role

    def __post_init__(self) -> None:
        if self.role not in STAFF:
            raise RoleConflict(
                f"{self.role.value.capitalize()} is no role of the staff: people become residents "
                "by asking for help, and volunteers by signing up."
            )


async def add_staff_person(
    session: Session, actor: Actor, *, name: str, address: str, now: datetime
) -> UUID:
    """Put somebody on record who shall work for a community and is not known yet."""
    if not actor.is_system:
        raise NotPermitted("Only whoever runs this installation adds staff by name.")
    person = Person(
        created_at=now,
        name=PersonName(full_name=name),
        contact_points=[ContactPoint(channel=Channel.EMAIL, value=address, preferred=True)],
    )
    session.add(person)
    await session.flush()
    return person.id


async def grant_role(session: Session, actor: Actor, given: StaffRole, *, now: datetime) -> bool:
    """Make somebody a coordinator or manager; False when they are already.

    Their sign-ins end, so that the next one begins with what they may do now. Records
    ``role.granted``.
    """
    _check(actor, given)
    person = await session.get(Person, given.person_id)
    if person is None or person.erased_at is not None:
        raise PersonUnknown(f"There is no person with id {given.person_id}.")
    row = await repository.find_membership(session, given.person_id, given.community_id, given.role)
    if row is not None and row.ended_at is None:
        return False
    if row is None:
        session.add(
            Membership(
                person_id=given.person_id,
                community_id=given.community_id,
                role=given.role,
                since=now,
            )
        )
    else:
        row.since, row.ended_at = now, None
    await session.flush()
    await _settle(session, actor, given, "role.granted", now)
    return True


async def revoke_role(session: Session, actor: Actor, taken: StaffRole, *, now: datetime) -> bool:
    """Take a role back; False when the person has it not. Records ``role.revoked``.

    Their sign-ins end; with the last role of the staff go their API tokens.
    """
    _check(actor, taken)
    if actor.person_id == taken.person_id and taken.role is Role.MANAGER:
        raise RoleConflict("Another manager takes this role from you, so that one is left.")
    row = await repository.find_membership(session, taken.person_id, taken.community_id, taken.role)
    if row is None or row.ended_at is not None:
        return False
    row.ended_at = now
    await session.flush()
    await _settle(session, actor, taken, "role.revoked", now)
    left = await repository.load_live_roles(session, taken.person_id)
    if not any(role in STAFF for _, role in left):
        await repository.revoke_tokens(session, taken.person_id, now)
    return True


def _check(actor: Actor, change: StaffRole) -> None:
    if not policy.can_change_staff(actor, change.community_id):
        raise NotPermitted("Only managers of this community choose its staff.")


async def _settle(
    session: Session, actor: Actor, change: StaffRole, kind: str, now: datetime
) -> None:
    record_event(
        session,
        kind,
        subject_type="person",
        subject_id=change.person_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=change.community_id,
        role=change.role.value,
    )
    await end_all_sign_ins(session, actor, change.person_id, CHANGED, now=now)
    _logger.info(
        kind,
        person_id=change.person_id,
        community_id=change.community_id,
        role=change.role.value,
    )
