"""The queries on groups and their members. `visible_to` is the only way to a list of groups."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select, union

from campaigns.groups.errors import GroupUnknown
from campaigns.groups.kinds import GroupRole, GroupStatus, Joining, MemberStatus
from campaigns.groups.models import Group, GroupMember, GroupNews
from campaigns.groups.policy import Standing
from core.db import Session
from core.pagination import Listing, SortKey
from people.auth import Actor
from people.models import Community, Membership, Person
from people.safeguard_models import Minor

MAX_LISTED = 10_000
MAX_ADULTS = 20
"""Of one household."""
LIVE = (MemberStatus.ASKED, MemberStatus.INVITED, MemberStatus.MEMBER)


@dataclass(frozen=True)
class GroupFilter:
    """Which groups; what is empty sets no limit."""

    topic: str | None = None
    area: str | None = None
    status: GroupStatus | None = None
    language: str | None = None
    """Only where this language is spoken."""


def adults() -> Select[Any]:
    """Who is not known to be under 18 and was not erased, as ids."""
    return select(Person.id).where(
        Person.erased_at.is_(None), Person.id.not_in(select(Minor.person_id))
    )


def _home_of(person_id: UUID) -> Select[Any]:
    """The household of an adult."""
    return select(Person.household_id).where(
        Person.id == person_id, Person.household_id.is_not(None), Person.id.in_(adults())
    )


def groups_of(person_id: UUID, statuses: Collection[MemberStatus]) -> ColumnElement[bool]:
    """Groups with which a person or their household stands like that, and which did not ban."""
    banned = select(GroupMember.group_id).where(
        GroupMember.person_id == person_id, GroupMember.banned_at.is_not(None)
    )
    mine = select(GroupMember.group_id).where(
        GroupMember.status.in_(statuses),
        or_(
            GroupMember.person_id == person_id,
            GroupMember.household_id.in_(_home_of(person_id)),
        ),
    )
    return and_(Group.id.in_(mine), Group.id.not_in(banned))


def visible_to(actor: Actor) -> Select[Group]:
    """The groups that the actor may know of.

    Everybody sees the open ones, people of the community also those by request; members, the
    invited and staff see theirs, whatever they are. Whoever was banned sees none of it.
    """
    query = select(Group)
    if actor.is_system:
        return query
    active = Group.status == GroupStatus.ACTIVE
    choices: list[ColumnElement[bool]] = [and_(active, Group.joining == Joining.OPEN)]
    if actor.person_id is None:
        return query.where(choices[0])
    belongs = Group.community_id.in_(tuple(sorted(actor.roles)))
    choices.append(and_(active, belongs, Group.joining == Joining.BY_REQUEST))
    banned = select(GroupMember.group_id).where(
        GroupMember.person_id == actor.person_id, GroupMember.banned_at.is_not(None)
    )
    return query.where(
        or_(
            Group.community_id.in_(actor.staff_communities()),
            groups_of(actor.person_id, LIVE),
            and_(or_(*choices), Group.id.not_in(banned)),
        )
    )


def list_groups(actor: Actor, community_id: UUID, wanted: GroupFilter) -> Listing[Group]:
    """The groups of a community that the actor may know of, by name."""
    query = visible_to(actor).where(Group.community_id == community_id)
    for column, value in (
        (Group.topic, wanted.topic),
        (Group.area, wanted.area),
        (Group.status, wanted.status),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.language is not None:
        spoken = cast(Group.languages, String).contains(f'"{wanted.language}"', autoescape=True)
        query = query.where(spoken)
    return _by_name(query)


def list_my_groups(actor: Actor) -> Listing[Group]:
    """The groups with which the actor stands somehow: member, asked or invited."""
    query = visible_to(actor)
    if actor.person_id is None:
        return _by_name(query.where(Group.id.is_(None)))
    return _by_name(query.where(groups_of(actor.person_id, LIVE)))


def _by_name(query: Select[Group]) -> Listing[Group]:
    return Listing(
        query,
        key=SortKey("id", Group.id),
        sort=(SortKey("name", Group.name),),
    )


async def get_group(
    session: Session, actor: Actor, group_id: UUID, *, for_update: bool = False
) -> Group:
    """One group; unknown and hidden answer alike."""
    query = visible_to(actor).where(Group.id == group_id)
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: Group | None = await session.scalar(query)
    if found is None:
        raise GroupUnknown(f"There is no group {group_id}, or it is not for you.")
    return found


async def find_group(session: Session, actor: Actor, community_id: UUID, slug: str) -> Group | None:
    """The group of a community with this short name, if the actor may know of it."""
    found: Group | None = await session.scalar(
        visible_to(actor).where(
            Group.community_id == community_id, Group.slug == slug.strip().lower()
        )
    )
    return found


async def load_groups(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Group]:
    """Groups by key."""
    rows = await session.scalars(visible_to(actor).where(Group.id.in_(keys)))
    return {row.id: row for row in rows}


async def load_standings(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> Mapping[UUID, Standing]:
    """How the actor stands with each of these groups."""
    if actor.person_id is None:
        return {key: Standing() for key in keys}
    rows = await session.scalars(
        select(GroupMember).where(
            GroupMember.group_id.in_(keys),
            or_(
                GroupMember.person_id == actor.person_id,
                GroupMember.household_id.in_(_home_of(actor.person_id)),
            ),
        )
    )
    own: dict[UUID, GroupMember] = {}
    home: dict[UUID, GroupMember] = {}
    for row in rows:
        (own if row.person_id is not None else home)[row.group_id] = row
    return {key: Standing(own.get(key), home.get(key)) for key in keys}


async def find_standing(session: Session, actor: Actor, group_id: UUID) -> Standing:
    """How the actor stands with one group."""
    return (await load_standings(session, actor, [group_id]))[group_id]


async def find_member(
    session: Session,
    group_id: UUID,
    *,
    person_id: UUID | None = None,
    household_id: UUID | None = None,
) -> GroupMember | None:
    """The row of a person or a household in a group."""
    query = select(GroupMember).where(GroupMember.group_id == group_id)
    query = (
        query.where(GroupMember.person_id == person_id)
        if person_id is not None
        else query.where(GroupMember.household_id == household_id)
    )
    found: GroupMember | None = await session.scalar(
        query.execution_options(populate_existing=True)
    )
    return found


async def find_member_by_id(session: Session, member_id: UUID) -> GroupMember | None:
    """One row of a group's members."""
    found: GroupMember | None = await session.scalar(
        select(GroupMember)
        .where(GroupMember.id == member_id)
        .execution_options(populate_existing=True)
    )
    return found


async def count_organizers(session: Session, group_id: UUID, *, besides: UUID) -> int:
    """How many lead a group besides the one with this row."""
    found = await session.scalar(
        select(func.count())
        .select_from(GroupMember)
        .where(
            GroupMember.group_id == group_id,
            GroupMember.id != besides,
            GroupMember.role == GroupRole.ORGANIZER,
            GroupMember.status == MemberStatus.MEMBER,
        )
    )
    return int(found or 0)


async def count_rows(session: Session, group_id: UUID) -> int:
    """How many people and households stand somehow with a group."""
    found = await session.scalar(
        select(func.count())
        .select_from(GroupMember)
        .where(GroupMember.group_id == group_id, GroupMember.status.in_(LIVE))
    )
    return int(found or 0)


async def count_founded(session: Session, person_id: UUID) -> int:
    """How many groups that go on a person has founded."""
    found = await session.scalar(
        select(func.count())
        .select_from(Group)
        .where(Group.created_by == person_id, Group.status == GroupStatus.ACTIVE)
    )
    return int(found or 0)


async def list_slugs(session: Session, community_id: UUID, start: str) -> set[str]:
    """Short names of groups that begin like that."""
    query = select(Group.slug).where(
        Group.community_id == community_id, Group.slug.startswith(start, autoescape=True)
    )
    return set(await session.scalars(query))


async def get_community(session: Session, community_id: UUID) -> Community | None:
    """The community, without asking who may."""
    return await session.get(Community, community_id)


async def find_adult(
    session: Session, person_id: UUID, community_id: UUID
) -> tuple[UUID, UUID | None] | None:
    """An adult of the community and where they live; None for anybody else."""
    belongs = select(Membership.person_id).where(
        Membership.community_id == community_id, Membership.ended_at.is_(None)
    )
    row = (
        await session.execute(
            select(Person.id, Person.household_id).where(
                Person.id == person_id, Person.id.in_(adults()), Person.id.in_(belongs)
            )
        )
    ).first()
    return None if row is None else (row[0], row[1])


def _member_people(condition: ColumnElement[bool]) -> Select[Any]:
    """Pairs of group and person: members, and adults of households; each once, nobody banned."""
    alone = (
        select(GroupMember.group_id, GroupMember.person_id.label("person_id"))
        .join(Person, Person.id == GroupMember.person_id)
        .where(condition, GroupMember.status == MemberStatus.MEMBER, Person.erased_at.is_(None))
    )
    at_home = (
        select(GroupMember.group_id, Person.id.label("person_id"))
        .join(Person, Person.household_id == GroupMember.household_id)
        .where(condition, GroupMember.status == MemberStatus.MEMBER, Person.id.in_(adults()))
    )
    both = union(alone, at_home).subquery()
    banned = (
        select(GroupMember.id)
        .where(
            GroupMember.group_id == both.c.group_id,
            GroupMember.person_id == both.c.person_id,
            GroupMember.banned_at.is_not(None),
        )
        .exists()
    )
    return select(both.c.group_id, both.c.person_id).where(~banned)


async def list_member_person_ids(session: Session, group_id: UUID) -> list[UUID]:
    """Everybody who belongs to a group, alone or by a household, each once."""
    pairs = _member_people(GroupMember.group_id == group_id).subquery()
    query = select(pairs.c.person_id).order_by(pairs.c.person_id).limit(MAX_LISTED)
    return list(await session.scalars(query))


async def load_member_counts(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, int]:
    """How many people belong to each of these groups, each person once."""
    pairs = _member_people(GroupMember.group_id.in_(keys)).subquery()
    query = select(pairs.c.group_id, func.count()).group_by(pairs.c.group_id)
    counts = {row[0]: int(row[1]) for row in await session.execute(query)}
    return {key: counts.get(key, 0) for key in keys}


def list_members(group_id: UUID, statuses: Collection[MemberStatus]) -> Listing[GroupMember]:
    """How people and households stand with a group, in the order in which they came."""
    query = select(GroupMember).where(
        GroupMember.group_id == group_id, GroupMember.status.in_(statuses)
    )
    return Listing(query, key=SortKey("id", GroupMember.id))


async def list_next_readers(
    session: Session, group_id: UUID, after: UUID | None, limit: int
) -> list[UUID]:
    """The next members who want the news of a group, by person.

    What somebody chose for themselves goes before what the household chose.
    """
    pairs = _member_people(GroupMember.group_id == group_id).subquery()
    own = select(GroupMember.id).where(
        GroupMember.group_id == group_id, GroupMember.person_id == pairs.c.person_id
    )
    silent = own.where(GroupMember.wants_news.is_(False)).exists()
    wanting = own.where(
        GroupMember.wants_news.is_(True), GroupMember.status == MemberStatus.MEMBER
    ).exists()
    at_home = (
        select(GroupMember.id)
        .join(Person, Person.household_id == GroupMember.household_id)
        .where(
            GroupMember.group_id == group_id,
            Person.id == pairs.c.person_id,
            GroupMember.wants_news.is_(True),
            GroupMember.status == MemberStatus.MEMBER,
        )
        .exists()
    )
    query = select(pairs.c.person_id).where(~silent, or_(wanting, at_home))
    if after is not None:
        query = query.where(pairs.c.person_id > after)
    return list(await session.scalars(query.order_by(pairs.c.person_id).limit(limit)))


async def find_news(session: Session, group_id: UUID, day: date) -> GroupNews | None:
    """The mail of a group on one day."""
    found: GroupNews | None = await session.scalar(
        select(GroupNews)
        .where(GroupNews.group_id == group_id, GroupNews.day == day)
        .execution_options(populate_existing=True)
    )
    return found


async def find_open_news(session: Session, group_id: UUID) -> GroupNews | None:
    """The mail that is going out now."""
    found: GroupNews | None = await session.scalar(
        select(GroupNews)
        .where(GroupNews.group_id == group_id, GroupNews.finished_at.is_(None))
        .order_by(GroupNews.day)
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return found


async def lock_group(session: Session, group_id: UUID) -> Group | None:
    """A group, held until the transaction ends, without asking who may."""
    found: Group | None = await session.scalar(
        select(Group)
        .where(Group.id == group_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def list_people_of(session: Session, member: GroupMember) -> list[UUID]:
    """The person of a row, or the adults of its household."""
    query = adults()
    query = (
        query.where(Person.id == member.person_id)
        if member.person_id is not None
        else query.where(Person.household_id == member.household_id)
    )
    return list(await session.scalars(query.order_by(Person.id).limit(MAX_ADULTS)))
