"""Who may look at messages. Pure: no database, no clock."""

from __future__ import annotations

from uuid import UUID

from people.auth import Actor


def can_read_messages(actor: Actor, community_id: UUID) -> bool:
    """Staff look through the messages of their own community."""
    return actor.is_staff(community_id)


def can_ask_why(actor: Actor, person_id: UUID, community_id: UUID) -> bool:
    """People ask about what they got; staff about what their community sent."""
    own = actor.person_id is not None and actor.person_id == person_id
    return own or actor.is_staff(community_id)
