"""Whatever people do in whatever order: how they stand with a group follows its rules."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from campaigns.groups import founding, members, repository
from campaigns.groups.kinds import GroupRole, GroupStatus, Joining, MemberStatus
from campaigns.groups.models import Group, GroupMember
from campaigns.groups.states import MOVES
from core.clock import FixedClock
from core.db import Database, Session
from core.errors import TalkootError
from core.events import Event
from people.auth import Actor
from people.kinds import Role
from people.models import Person
from tests.conftest import EVENING_OF_SNOW
from tests.factories.groups import acting, add_group, add_neighbour
from tests.factories.people import actor_as, add_community, add_household

N_PEOPLE = 5
"""The first founds the group; the last two share a home."""
ACTIONS = (
    "join",
    "join_home",
    "leave",
    "leave_home",
    "approve",
    "decline",
    "invite",
    "remove",
    "ban",
    "allow_back",
    "organizer",
    "moderator",
    "member",
    "open",
    "by_request",
    "by_invitation",
    "take_over",
)
NUMBER = st.integers(0, N_PEOPLE - 1)
STEPS = st.lists(st.tuples(st.sampled_from(ACTIONS), NUMBER, NUMBER), min_size=1, max_size=40)
NEXT = {before: {*moves.values(), before} for before, moves in MOVES.items()}
"""What may follow upon what, in one step."""


@dataclass
class World:
    """People, a group, and how they stood after the last step."""

    clock: FixedClock
    community_id: UUID
    people: list[Person]
    actors: list[Actor]
    group_id: UUID
    stood: dict[UUID, MemberStatus] = field(default_factory=dict)


async def make_world(database: Database) -> World:
    clock = FixedClock(EVENING_OF_SNOW)
    async with database.begin() as session:
        community = await add_community(session)
        home = await add_household(session, community)
        people = [
            await add_neighbour(session, community, f"P{number}", home if number > 2 else None)
            for number in range(N_PEOPLE)
        ]
        group = await add_group(session, community, people[0], clock.now())
    actors = [acting(community, person) for person in people]
    return World(clock, community.id, people, actors, group.id)


async def take_step(session: Session, world: World, action: str, who: int, whom: int) -> None:
    actor, key, now = world.actors[who], world.group_id, world.clock.now()
    target = await repository.find_member(session, key, person_id=world.people[whom].id)
    row_id = world.group_id if target is None else target.id

    def join(*, as_household: bool) -> Awaitable[object]:
        command = members.JoinGroup(group_id=key, as_household=as_household)
        return members.join_group(session, actor, command, now=now)

    def leave(*, as_household: bool) -> Awaitable[object]:
        return members.leave_group(session, actor, key, as_household=as_household, now=now)

    def remove(*, ban: bool) -> Awaitable[object]:
        command = members.RemoveMember(member_id=row_id, ban=ban)
        return members.remove_member(session, actor, command, now=now)

    def change(joining: Joining) -> Awaitable[object]:
        command = founding.ChangeGroup(group_id=key, joining=joining)
        return founding.change_group(session, actor, command, now=now)

    does: dict[str, Callable[[], Awaitable[object]]] = {
        "join": lambda: join(as_household=False),
        "join_home": lambda: join(as_household=True),
        "leave": lambda: leave(as_household=False),
        "leave_home": lambda: leave(as_household=True),
        "approve": lambda: members.answer_request(session, actor, row_id, approve=True, now=now),
        "decline": lambda: members.answer_request(session, actor, row_id, approve=False, now=now),
        "invite": lambda: members.invite_person(
            session, actor, key, world.people[whom].id, now=now
        ),
        "remove": lambda: remove(ban=False),
        "ban": lambda: remove(ban=True),
        "allow_back": lambda: members.allow_back(session, actor, row_id, now=now),
        **{
            role.value: lambda role=role: members.set_role(  # type: ignore[misc]  # a default binds it
                session, actor, row_id, role, now=now
            )
            for role in GroupRole
        },
        **{
            joining.value: lambda joining=joining: change(joining)  # type: ignore[misc]  # a default binds it
            for joining in Joining
        },
        "take_over": lambda: founding.take_over_group(
            session,
            actor_as(Role.MANAGER, world.community_id),
            key,
            world.people[whom].id,
            now=now,
        ),
    }
    await does[action]()


async def check_world(session: Session, world: World, action: str) -> None:
    group = await session.get_one(Group, world.group_id)
    rows = list(await session.scalars(select(GroupMember)))
    leading = [
        row for row in rows if row.role is GroupRole.ORGANIZER and row.status is MemberStatus.MEMBER
    ]
    assert group.status is GroupStatus.ACTIVE
    assert leading
    for row in rows:
        assert row.banned_at is None or row.status is MemberStatus.REMOVED
        assert row.role is GroupRole.MEMBER or row.status is MemberStatus.MEMBER
        assert row.household_id is None or row.role is GroupRole.MEMBER
        assert (row.joined_at is not None) or row.status is not MemberStatus.MEMBER
        if action != "take_over":
            allowed = NEXT[world.stood.get(row.id)]
            # A banned member who had left counts as removed.
            assert row.status in allowed | ({MemberStatus.REMOVED} if row.banned_at else set())
        world.stood[row.id] = row.status
    belonging = {
        person.id
        for person in world.people
        for row in rows
        if row.status is MemberStatus.MEMBER
        and (row.person_id == person.id or row.household_id == (person.household_id or 0))
    } - {row.person_id for row in rows if row.banned_at is not None}
    listed = await repository.list_member_person_ids(session, world.group_id)
    assert len(listed) == len(set(listed))
    assert set(listed) == belonging
    for person, actor in zip(world.people, world.actors, strict=True):
        standing = await repository.find_standing(session, actor, world.group_id)
        assert standing.is_member is (person.id in belonging)
        seen = await repository.load_groups(session, actor, [world.group_id])
        assert not standing.is_member or seen
        assert not standing.is_banned or not seen


async def play(path: Path, steps: list[tuple[str, int, int]]) -> None:
    async with Database(f"sqlite:///{path}") as database:
        world = await make_world(database)
        async with database.read() as session:
            await check_world(session, world, "take_over")
        for action, who, whom in steps:
            async with database.read() as session:
                before = len(list(await session.scalars(select(Event.id))))
            try:
                async with database.begin() as session:
                    await take_step(session, world, action, who, whom)
            except TalkootError:
                async with database.read() as session:
                    assert len(list(await session.scalars(select(Event.id)))) == before
            async with database.read() as session:
                await check_world(session, world, action)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_standing_follows_the_rules_after_every_step(
    sqlite_template: Path, steps: list[tuple[str, int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = shutil.copyfile(sqlite_template, Path(folder) / "talkoot.db")
        asyncio.run(play(path, steps))
