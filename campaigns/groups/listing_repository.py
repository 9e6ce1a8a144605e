"""What the API shows of groups, many rows at once: members, authors, and who may read inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, select

from campaigns.groups import repository
from campaigns.groups.kinds import GroupRole, MemberStatus
from campaigns.groups.models import Group, GroupMember, GroupPost, GroupReport
from campaigns.groups.policy import Standing
from campaigns.standings.repository import is_opted_out
from core.db import Session
from people.auth import Actor
from people.models import Person, PersonName


@dataclass(frozen=True)
class Author:
    """Who wrote a post, as far as fellow members may know."""

    first_name: str | None
    role: GroupRole | None
    """None for staff, and for who is no member any more."""
    has_left: bool
    """Erased: nothing is known of them."""


def _readable(actor: Actor) -> Select[Any]:
    """The groups whose inside the actor reads, as ids."""
    groups = repository.visible_to(actor).with_only_columns(Group.id)
    if actor.is_system:
        return groups
    if actor.person_id is None:
        return groups.where(Group.id.is_(None))
    return groups.where(
        or_(
            Group.community_id.in_(actor.staff_communities()),
            repository.groups_of(actor.person_id, (MemberStatus.MEMBER,)),
        )
    )


def _moderated(actor: Actor) -> Select[Any]:
    """The groups whose waiting and removed members and whose reports the actor sees, as ids."""
    if actor.is_system:
        return select(Group.id)
    leading = select(GroupMember.group_id).where(
        GroupMember.person_id == actor.person_id,
        GroupMember.status == MemberStatus.MEMBER,
        GroupMember.role.in_((GroupRole.ORGANIZER, GroupRole.MODERATOR)),
    )
    staff = Group.community_id.in_(actor.staff_communities())
    return select(Group.id).where(or_(staff, Group.id.in_(leading)))


async def load_members(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, GroupMember]:
    """Rows of members by key: one's own, fellow members, and all for who moderates."""
    fellow = and_(
        GroupMember.status == MemberStatus.MEMBER, GroupMember.group_id.in_(_readable(actor))
    )
    seen = or_(fellow, GroupMember.group_id.in_(_moderated(actor)))
    if actor.person_id is not None:
        seen = or_(seen, GroupMember.person_id == actor.person_id)
    rows = await session.scalars(select(GroupMember).where(GroupMember.id.in_(keys), seen))
    return {row.id: row for row in rows}


async def load_posts(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, GroupPost]:
    """Posts by key, in groups whose inside the actor reads."""
    rows = await session.scalars(
        select(GroupPost).where(GroupPost.id.in_(keys), GroupPost.group_id.in_(_readable(actor)))
    )
    return {row.id: row for row in rows}


async def load_reports(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, GroupReport]:
    """Reports by key, for who moderates."""
    rows = await session.scalars(
        select(GroupReport).where(
            GroupReport.id.in_(keys), GroupReport.group_id.in_(_moderated(actor))
        )
    )
    return {row.id: row for row in rows}


async def load_standings(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Standing]:
    """How the actor stands with each of these groups."""
    return dict(await repository.load_standings(session, actor, keys))


async def load_authors(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Author]:
    """Who wrote each of these posts; a name only of members who agreed to be shown.

    Who opted out of every list of the community shows none, whatever they agreed to before.
    """
    rows = await session.execute(
        select(
            GroupPost.id,
            Person.erased_at,
            GroupMember.status,
            GroupMember.role,
            GroupMember.shows_name,
            PersonName.call_name,
            PersonName.full_name,
            is_opted_out(GroupPost.author_id, Group.community_id),  # type: ignore[arg-type]  # columns in a query
        )
        .join(Person, Person.id == GroupPost.author_id)
        .join(Group, Group.id == GroupPost.group_id)
        .outerjoin(
            GroupMember,
            and_(
                GroupMember.group_id == GroupPost.group_id,
                GroupMember.person_id == GroupPost.author_id,
            ),
        )
        .outerjoin(PersonName, PersonName.person_id == GroupPost.author_id)
        .where(GroupPost.id.in_(keys))
    )
    authors = {}
    for key, erased_at, status, role, shows_name, call_name, full_name, is_out in rows:
        belongs = status is MemberStatus.MEMBER and erased_at is None
        words = (call_name or full_name or "").split()
        name = words[0] if belongs and shows_name and not is_out and words else None
        authors[key] = Author(name, role if belongs else None, erased_at is not None)
    return authors


async def load_member_names(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, str]:
    """First names of the members with these rows, of those who agreed to be shown.

    Who opted out of every list of the community is not among them.
    """
    rows = await session.execute(
        select(GroupMember.id, PersonName.call_name, PersonName.full_name)
        .join(PersonName, PersonName.person_id == GroupMember.person_id)
        .join(Group, Group.id == GroupMember.group_id)
        .where(
            GroupMember.id.in_(keys),
            GroupMember.shows_name.is_(True),
            ~is_opted_out(GroupMember.person_id, Group.community_id),  # type: ignore[arg-type]  # columns in a query
            GroupMember.status == MemberStatus.MEMBER,
        )
    )
    names = {row[0]: (row[1] or row[2] or "").split() for row in rows}
    return {key: words[0] for key, words in names.items() if words}
