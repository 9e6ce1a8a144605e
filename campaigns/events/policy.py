"""Who may do what with events. Pure: no database, no clock."""

from __future__ import annotations

from uuid import UUID

from people.auth import Actor
from people.kinds import Role


def can_manage_events(actor: Actor, community_id: UUID, *, organizes: bool) -> bool:
    """Managers, the organizers of the event's group, and who works on its campaign."""
    return actor.is_system or actor.has_role(community_id, Role.MANAGER) or organizes


def can_see_participants(actor: Actor, community_id: UUID, *, organizes: bool) -> bool:
    """Staff and organizers know who comes, and stand at the door; others see numbers of seats."""
    return actor.is_staff(community_id) or organizes


def can_sign_up(actor: Actor, community_id: UUID, person_id: UUID) -> bool:
    """People of the community for themselves; staff for somebody who asks on the phone."""
    own = actor.person_id is not None and actor.person_id == person_id
    return (own and bool(actor.roles.get(community_id))) or actor.is_staff(community_id)


def can_change_registration(actor: Actor, community_id: UUID, person_id: UUID | None) -> bool:
    """Whoever signed up, and staff for them; also after they left the community."""
    own = actor.person_id is not None and actor.person_id == person_id
    return own or actor.is_staff(community_id)


def can_see_place(*, is_public: bool, is_inside: bool, has_seat: bool) -> bool:
    """A place that is not public is for who has a seat or helps, organizers and staff."""
    return is_public or is_inside or has_seat
