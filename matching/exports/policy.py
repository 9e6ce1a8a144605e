"""Who may take which rows out. Pure: no database, no clock."""

from __future__ import annotations

from uuid import UUID

from matching.exports.kinds import SCOPES, What
from people.auth import Actor


def belongs_to(actor: Actor, community_id: UUID) -> bool:
    """Whether the actor has any role there; to all others the community does not exist."""
    return actor.is_system or bool(actor.roles.get(community_id))


def can_export(actor: Actor, community_id: UUID, what: What) -> bool:
    """Staff take out everything of their community; whoever belongs to it, the coverage."""
    if actor.scopes is not None and SCOPES[what] not in actor.scopes:
        return False
    if what is What.COVERAGE:
        return belongs_to(actor, community_id)
    return actor.is_staff(community_id)


def sees_small_cells(actor: Actor, community_id: UUID) -> bool:
    """Others get cells with few people joined with their neighbourhood."""
    return actor.is_staff(community_id)
