"""Who may do what with collection routes and what is measured on them. Pure."""

from __future__ import annotations

from uuid import UUID

from people.auth import Actor
from people.kinds import Role


def can_keep_routes(actor: Actor, community_id: UUID) -> bool:
    """Staff keep the routes, and write down what the hauler tells."""
    return actor.is_staff(community_id)


def can_read_figures(actor: Actor, community_id: UUID) -> bool:
    """Staff read the figures of single routes; the public sees those of a campaign."""
    return actor.is_staff(community_id)


def can_audit(actor: Actor, community_id: UUID) -> bool:
    """Volunteers of the community look into carts, and staff."""
    return actor.is_staff(community_id) or actor.has_role(community_id, Role.VOLUNTEER)


def can_remove_audit(actor: Actor, community_id: UUID, auditor_id: UUID | None) -> bool:
    """Who walked takes back a walk that was written down wrongly, or staff do."""
    own = actor.person_id is not None and actor.person_id == auditor_id
    return actor.is_staff(community_id) or own
