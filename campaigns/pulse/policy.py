"""Who may do what with surveys. Pure: no database, no clock."""

from __future__ import annotations

from uuid import UUID

from people.auth import Actor
from people.kinds import Role


def can_manage_surveys(actor: Actor, community_id: UUID) -> bool:
    """Managers ask people, and read what they wrote in own words."""
    return actor.is_system or actor.has_role(community_id, Role.MANAGER)


def can_read_results(actor: Actor, community_id: UUID, *, is_invited: bool) -> bool:
    """Staff, and whoever was asked."""
    return actor.is_staff(community_id) or is_invited
