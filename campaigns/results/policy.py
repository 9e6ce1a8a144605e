"""Who sees results, and who lets them out. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from people.auth import Actor
from people.kinds import Role

SCOPE = "campaigns:read"


def can_read_results(actor: Actor, community_id: UUID, team: Collection[UUID]) -> bool:
    """Staff and the campaign's team see every figure; others what was published."""
    if actor.scopes is not None and SCOPE not in actor.scopes:
        return False
    return actor.is_staff(community_id) or (actor.person_id is not None and actor.person_id in team)


def can_publish_results(actor: Actor, community_id: UUID, team: Collection[UUID]) -> bool:
    """Managers and the campaign's team say when figures become public."""
    return (
        actor.is_system
        or actor.has_role(community_id, Role.MANAGER)
        or (actor.person_id is not None and actor.person_id in team)
    )
