"""Who may take which rows out. Pure: no database, no clock."""

from __future__ import annotations

from uuid import UUID

from matching.exports.kinds import SCOPES, What
from people.auth import Actor


def belongs_to(actor: Actor, community_id: UUID) -> bool:
    """Whether the actor has any role there; to all others the community does not exist."""
    return actor.is_system or bool(actor.roles.get(community_id))


def can_export(actor: Actor, community_id: UUID, what: What) -> bool:
    """Staff take out everything of their community.

    Others read the coverage from the API, where few people never stand alone: the same numbers
    grouped in two ways could be subtracted from one another.
    """
    if actor.scopes is not None and SCOPES[what] not in actor.scopes:
        return False
    return actor.is_staff(community_id)
