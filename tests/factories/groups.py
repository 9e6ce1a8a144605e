"""Plain functions that found groups and bring people into them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from campaigns.groups.founding import FoundGroup, found_group
from campaigns.groups.kinds import Joining
from campaigns.groups.members import JoinGroup, join_group
from campaigns.groups.models import Group, GroupMember
from core.db import Session
from people.auth import Actor
from people.kinds import Role
from people.models import Community, Household, Person
from tests.factories.people import actor_as, add_person


def acting(community: Community, person: Person, role: Role = Role.RESIDENT) -> Actor:
    """A person with a role in a community."""
    return actor_as(role, community.id, person.id)


async def add_neighbour(
    session: Session, community: Community, name: str, household: Household | None = None
) -> Person:
    """Somebody with a name that tells them from others."""
    person = await add_person(session, community, household=household)
    assert person.name is not None
    person.name.full_name = f"{name} Exampleton"
    await session.flush()
    return person


async def add_group(
    session: Session,
    community: Community,
    organizer: Person,
    now: datetime,
    *,
    joining: Joining = Joining.OPEN,
    **more: Any,
) -> Group:
    command = FoundGroup(
        community_id=community.id,
        **({"name": "Night sky", "topic": "night_sky", "joining": joining} | more),
    )
    return await found_group(session, acting(community, organizer), command, now=now)


async def join(
    session: Session,
    community: Community,
    group: Group,
    person: Person,
    now: datetime,
    **more: Any,
) -> GroupMember:
    command = JoinGroup(group_id=group.id, **more)
    return await join_group(session, acting(community, person), command, now=now)
