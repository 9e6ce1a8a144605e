"""Who may do what with volunteers, teams, bans and tools. Pure: no database, no clock."""

from __future__ import annotations

from uuid import UUID

from matching.kinds import BanSide
from people.auth import Actor


def can_change_volunteer(actor: Actor, person_id: UUID, community_id: UUID) -> bool:
    """Volunteers change what they offer; staff do it for one who phones."""
    own = actor.person_id is not None and actor.person_id == person_id
    return own or actor.is_staff(community_id)


def can_sign_up_others(actor: Actor, community_id: UUID) -> bool:
    """Whether what the form says about a known person may be taken at once."""
    return actor.is_staff(community_id)


def can_ban(
    actor: Actor, side: BanSide, *, volunteer_id: UUID, resident_id: UUID, community_id: UUID
) -> bool:
    """Either of the two for themselves, by their own wish; staff for anybody.

    ``volunteer_id`` and ``resident_id`` are those of the persons.
    """
    if actor.is_staff(community_id):
        return True
    if actor.person_id is None:
        return False
    sides = {BanSide.VOLUNTEER: volunteer_id, BanSide.RESIDENT: resident_id}
    return sides.get(side) == actor.person_id


def can_see_bans(actor: Actor, community_id: UUID) -> bool:
    """Who must not meet is for staff; the two themselves are never told about each other."""
    return actor.is_staff(community_id)


def can_keep_tools(actor: Actor, community_id: UUID) -> bool:
    """Staff run the depots: what is there, what goes out and what comes back."""
    return actor.is_staff(community_id)


def can_list_volunteers(actor: Actor, community_id: UUID) -> bool:
    """Staff look through the volunteers of their community."""
    return actor.is_staff(community_id)
