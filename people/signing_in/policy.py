"""Who may make tokens and set passwords. Pure: no database, no clock."""

from __future__ import annotations

from uuid import UUID

from people.auth import Actor


def can_create_token(actor: Actor, person_id: UUID) -> bool:
    """People for themselves, never by way of a token; or whoever runs the installation."""
    own = actor.person_id == person_id and actor.scopes is None
    return own or actor.is_system


def can_set_password(actor: Actor, person_id: UUID) -> bool:
    """Each for themselves, never by way of a token."""
    return actor.person_id == person_id and actor.scopes is None
