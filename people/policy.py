"""Who may do what with people's data. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from people.auth import Actor
from people.kinds import Role
from people.models import Membership


def can_list_people(actor: Actor, community_id: UUID) -> bool:
    """Staff look through the people of their own community."""
    return actor.is_staff(community_id)


def can_read_person(actor: Actor, person_id: UUID, community_ids: frozenset[UUID]) -> bool:
    """People see themselves; staff see those who belong to their community."""
    own = actor.person_id is not None and actor.person_id == person_id
    return own or actor.is_system or any(actor.is_staff(key) for key in community_ids)


def shown_roles(actor: Actor, person_id: UUID, roles: Iterable[Membership]) -> list[Membership]:
    """Of somebody's roles those that the actor may know of: one's own, or of one's community."""
    own = actor.person_id is not None and actor.person_id == person_id
    return [row for row in roles if own or actor.is_staff(row.community_id)]


def can_erase_person(actor: Actor, person_id: UUID, community_ids: frozenset[UUID]) -> bool:
    """People have themselves forgotten; managers do it for one who asks on the phone.

    Whoever belongs to several communities is for the one alone who manages all of them.
    """
    own = actor.person_id is not None and actor.person_id == person_id
    manages = all(actor.has_role(key, Role.MANAGER) for key in community_ids)
    return own or actor.is_system or (bool(community_ids) and manages)


def can_export_person(actor: Actor, person_id: UUID, community_ids: frozenset[UUID]) -> bool:
    """The whole of what is kept is for the person, and for the manager who hands it over."""
    return can_erase_person(actor, person_id, community_ids)


def can_change_person(actor: Actor, person_id: UUID, community_ids: frozenset[UUID]) -> bool:
    """People say how they are called and how they like to be spoken to; staff who were told."""
    return can_read_person(actor, person_id, community_ids)


def can_change_contacts(
    actor: Actor, person_id: UUID, community_ids: frozenset[UUID], *, is_staff_person: bool
) -> bool:
    """People change their own contacts, staff those of residents and volunteers.

    Whoever reads what comes to an address can sign in with it. So nobody changes those of staff
    but themselves, nor the staff of one community those of who belongs to another one too, and
    no program changes those of the person it acts for.
    """
    if actor.is_system:
        return True
    if actor.person_id is not None and actor.person_id == person_id:
        return actor.scopes is None
    works_for_all = all(actor.is_staff(key) for key in community_ids)
    return not is_staff_person and bool(community_ids) and works_for_all


def can_give_role(actor: Actor, community_id: UUID) -> bool:
    """Managers decide who works for their programme."""
    return actor.is_system or actor.has_role(community_id, Role.MANAGER)


def can_end_role(actor: Actor, person_id: UUID, community_id: UUID) -> bool:
    """Managers, and whoever wants to stop working for the programme."""
    own = actor.person_id is not None and actor.person_id == person_id
    return own or can_give_role(actor, community_id)


def can_read_address(actor: Actor, community_id: UUID, *, lives_there: bool) -> bool:
    """Staff and those who live there; volunteers only by way of accepted work."""
    return actor.is_staff(community_id) or (actor.person_id is not None and lives_there)


def can_create_community(actor: Actor) -> bool:
    """Whoever runs the installation opens communities."""
    return actor.is_system


def can_change_rules(actor: Actor, community_id: UUID) -> bool:
    """Managers decide the rules of their programme."""
    return actor.is_system or actor.has_role(community_id, Role.MANAGER)


def can_record_consent(actor: Actor, person_id: UUID, community_id: UUID) -> bool:
    """People speak for themselves; staff write down what they were told."""
    own = actor.person_id is not None and actor.person_id == person_id
    return own or actor.is_staff(community_id)


def can_record_vetting(actor: Actor, person_id: UUID, community_id: UUID) -> bool:
    """Staff write down checks, and never about themselves."""
    own = actor.person_id is not None and actor.person_id == person_id
    return actor.is_staff(community_id) and not own


def can_declare_age(actor: Actor, person_id: UUID, community_id: UUID, *, adult: bool) -> bool:
    """Everybody may say to be under 18; that one is an adult after all, another must say."""
    own = actor.person_id is not None and actor.person_id == person_id
    return (own and not adult) or (actor.is_staff(community_id) and not (own and adult))


def can_speak_as_guardian(
    actor: Actor, guardian_id: UUID, minor_id: UUID, community_id: UUID
) -> bool:
    """The guardian, or staff who were told; never the minor."""
    if actor.person_id is not None and actor.person_id == minor_id:
        return False
    own = actor.person_id is not None and actor.person_id == guardian_id
    return own or actor.is_staff(community_id)
