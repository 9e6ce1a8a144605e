"""Who may make tokens and give roles. Pure: no database, no clock."""

from __future__ import annotations

from uuid import UUID

from people.auth import Actor
from people.kinds import Role


def can_create_token(actor: Actor, person_id: UUID) -> bool:
    """People for themselves, never by way of a token; or whoever runs the installation."""
    own = actor.person_id == person_id and actor.scopes is None
    return own or actor.is_system


def can_change_staff(actor: Actor, community_id: UUID) -> bool:
    """Managers choose the staff of their community, signed in as a person."""
    return actor.is_system or (actor.scopes is None and actor.has_role(community_id, Role.MANAGER))


def can_set_password(actor: Actor, person_id: UUID) -> bool:
    """Each for themselves, never by way of a token."""
    return actor.person_id == person_id and actor.scopes is None
