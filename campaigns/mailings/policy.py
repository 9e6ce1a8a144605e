"""Who may write and send mailings. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from people.auth import Actor
from people.kinds import Role


def can_manage_mailings(
    actor: Actor, community_id: UUID, team_ids: Collection[UUID] = frozenset()
) -> bool:
    """Managers of the community; those who work on a campaign (``team_ids``) for its mailings."""
    works_on_it = actor.person_id is not None and actor.person_id in team_ids
    return actor.is_system or actor.has_role(community_id, Role.MANAGER) or works_on_it


def can_read_mailings(
    actor: Actor, community_id: UUID, team_ids: Collection[UUID] = frozenset()
) -> bool:
    """Staff read what was sent and how it went, and so does the campaign's team."""
    return actor.is_staff(community_id) or can_manage_mailings(actor, community_id, team_ids)


def can_change_settings(actor: Actor, community_id: UUID) -> bool:
    """Managers decide how often people hear from the programme, and what is counted."""
    return actor.is_system or actor.has_role(community_id, Role.MANAGER)
