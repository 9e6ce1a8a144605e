"""Who works for a programme: managers give the staff's roles and end them.

Residents get their role by asking for help, volunteers by signing up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people import memberships_repository as repository
from people import policy
from people.auth import STAFF, Actor
from people.errors import InvalidRole, LastManager, PersonUnknown, RoleUnknown
from people.kinds import Role
from people.models import Membership
from people.signing_in.ending import follow_role_change


@dataclass(frozen=True)
class StaffRole:
    """A role of somebody among the staff of a community."""

    community_id: UUID
    person_id: UUID
    role: Role

    def __post_init__(self) -> None:
        if self.role not in STAFF:
            raise InvalidRole(
                f"Nobody is given the role {self.role.value!r} or loses it here: residents get "
                "theirs by asking for help, volunteers by signing up and by leaving."
            )


async def give_role(
    session: Session, actor: Actor, command: StaffRole, *, now: datetime
) -> Membership:
    """Let somebody who belongs to the community work for it. Records ``role.given``.

    Whoever has no role there at all is unknown there: another community's people cannot be pulled
    in by their id. The person signs in anew. Doing it twice is fine.
    """
    if not policy.can_give_role(actor, command.community_id):
        raise NotPermitted("Only a manager of this community decides who works for it.")
    await repository.lock_community(session, command.community_id)
    roles = await repository.list_roles(session, command.person_id, command.community_id)
    if not any(row.ended_at is None for row in roles):
        raise PersonUnknown(f"There is no person with id {command.person_id}.")
    row = next((row for row in roles if row.role is command.role), None)
    if row is not None and row.ended_at is None:
        return row
    if row is None:
        row = Membership(
            person_id=command.person_id, community_id=command.community_id, role=command.role
        )
        session.add(row)
    row.since, row.ended_at = now, None
    await session.flush()
    _record(session, actor, "role.given", row, now)
    await follow_role_change(session, actor, command.person_id, now=now)
    return row


async def end_role(
    session: Session, actor: Actor, command: StaffRole, *, now: datetime
) -> Membership:
    """Let somebody's role among the staff end at once. Records ``role.ended``.

    The last manager stays: somebody must be able to name the next. Doing it twice is fine.
    """
    if not policy.can_end_role(actor, command.person_id, command.community_id):
        raise NotPermitted("Only a manager of this community decides who works for it.")
    await repository.lock_community(session, command.community_id)
    roles = await repository.list_roles(session, command.person_id, command.community_id)
    row = next((row for row in roles if row.role is command.role), None)
    if row is None:
        raise RoleUnknown("The person has no such role in this community.")
    if row.ended_at is not None:
        return row
    if command.role is Role.MANAGER and not await repository.has_other_manager(
        session, command.community_id, command.person_id
    ):
        raise LastManager("This is the last manager; make somebody else a manager first.")
    row.ended_at = now
    await session.flush()
    _record(session, actor, "role.ended", row, now)
    await follow_role_change(session, actor, command.person_id, now=now)
    return row


def _record(session: Session, actor: Actor, kind: str, row: Membership, now: datetime) -> None:
    record_event(
        session,
        kind,
        subject_type="person",
        subject_id=row.person_id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=row.community_id,
        role=row.role.value,
    )
