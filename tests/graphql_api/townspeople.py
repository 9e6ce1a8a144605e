"""The people of a made-up town, as actors."""

from __future__ import annotations

from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as
from tests.factories.town import Town
from tests.graphql_api.asking import global_id


def resident(town: Town, number: int = 0) -> Actor:
    return actor_as(Role.RESIDENT, town.community_id, town.resident_ids[number])


def volunteer(town: Town, number: int = 0) -> Actor:
    return actor_as(Role.VOLUNTEER, town.community_id, town.volunteer_person_ids[number])


def manager(town: Town) -> Actor:
    return actor_as(Role.MANAGER, town.community_id, town.manager_id)


def community_of(town: Town) -> str:
    return global_id("Community", town.community_id)


def with_scopes(actor: Actor, *scopes: str) -> Actor:
    return Actor(person_id=actor.person_id, roles=actor.roles, scopes=frozenset(scopes))
