"""Who may describe audiences and look at them. Pure: no database, no clock."""

from __future__ import annotations

from uuid import UUID

from people.auth import Actor
from people.kinds import Role


def can_use_audiences(actor: Actor, community_id: UUID) -> bool:
    """Managers describe whom to reach, and see samples of it; the product sends."""
    return actor.is_system or actor.has_role(community_id, Role.MANAGER)


def can_read_segments(actor: Actor, community_id: UUID) -> bool:
    """Staff see which segments there are, and what they say."""
    return actor.is_staff(community_id)
