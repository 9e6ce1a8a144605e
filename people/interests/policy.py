"""Who may do what with interests. Pure: no database, no clock."""

from __future__ import annotations

from uuid import UUID

from people.auth import Actor
from people.kinds import Role


def can_edit_catalogue(actor: Actor, community_id: UUID) -> bool:
    """Managers decide which topics their community offers."""
    return actor.is_system or actor.has_role(community_id, Role.MANAGER)


def can_state_interests(actor: Actor, person_id: UUID, community_id: UUID) -> bool:
    """People say what they care about, or tell staff who write it down."""
    own = actor.person_id is not None and actor.person_id == person_id
    return own or actor.is_staff(community_id)


def can_declare_household(actor: Actor, person_id: UUID) -> bool:
    """Who lives in a home is said by somebody who lives there, and by nobody for them."""
    return actor.is_system or (actor.person_id is not None and actor.person_id == person_id)
