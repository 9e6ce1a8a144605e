"""Who may have other systems told what happens. Pure: no database, no clock."""

from __future__ import annotations

from uuid import UUID

from people.auth import Actor
from people.kinds import Role


def can_manage_webhooks(actor: Actor, community_id: UUID) -> bool:
    """Managers decide which systems hear of their community."""
    return actor.is_system or actor.has_role(community_id, Role.MANAGER)
