"""Groups as the staff of a town look over them: who leads, what waits, which nobody leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, not_, select

from campaigns.groups.kinds import GroupRole, GroupStatus, MemberStatus
from campaigns.groups.models import Group, GroupMember, GroupReport
from campaigns.groups.repository import visible_to
from core.db import Session
from core.pagination import Listing, SortKey
from people.auth import Actor


class GroupView(StrEnum):
    """Which groups are looked over."""

    ACTIVE = "active"
    WAITING = "waiting"
    """Where somebody asks to join, or a report is not decided."""
    LEADERLESS = "leaderless"
    ENDED = "ended"


@dataclass(frozen=True)
class GroupFigures:
    """What stands beside a group in a list."""

    member_count: int = 0
    """Rows of people and households."""
    organizer_count: int = 0
    asked_count: int = 0
    report_count: int = 0


def list_staff_groups(actor: Actor, community_id: UUID, wanted: GroupView) -> Listing[Group]:
    """The groups of a community for its staff, by name."""
    status = GroupStatus.ARCHIVED if wanted is GroupView.ENDED else GroupStatus.ACTIVE
    query = visible_to(actor).where(
        Group.community_id == community_id,
        Group.community_id.in_(actor.staff_communities()),
        Group.status == status,
    )
    if wanted is GroupView.LEADERLESS:
        led = select(GroupMember.group_id).where(_organizes())
        query = query.where(Group.id.not_in(led))
    elif wanted is GroupView.WAITING:
        asked = select(GroupMember.group_id).where(GroupMember.status == MemberStatus.ASKED)
        reported = select(GroupReport.group_id).where(GroupReport.settled_at.is_(None))
        query = query.where(Group.id.in_(asked.union(reported)))
    return Listing(query, key=SortKey("id", Group.id), sort=(SortKey("name", Group.name),))


async def load_figures(
    session: Session, actor: Actor, keys: Sequence[UUID]
) -> Mapping[UUID, GroupFigures]:
    """The figures of groups of the actor's own communities, many at once."""
    own = select(Group.id).where(
        Group.id.in_(keys), Group.community_id.in_(actor.staff_communities())
    )
    is_member = GroupMember.status == MemberStatus.MEMBER
    people = await session.execute(
        select(
            GroupMember.group_id,
            func.count().filter(is_member),
            func.count().filter(_organizes()),
            func.count().filter(GroupMember.status == MemberStatus.ASKED),
        )
        .where(GroupMember.group_id.in_(own))
        .group_by(GroupMember.group_id)
    )
    reports = await session.execute(
        select(GroupReport.group_id, func.count(func.distinct(GroupReport.post_id)))
        .where(GroupReport.group_id.in_(own), GroupReport.settled_at.is_(None))
        .group_by(GroupReport.group_id)
    )
    reported = {row[0]: int(row[1]) for row in reports}
    counts = {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in people}
    return {
        key: GroupFigures(*counts.get(key, (0, 0, 0)), report_count=reported.get(key, 0))
        for key in keys
    }


def list_candidates(actor: Actor, group_id: UUID) -> Listing[GroupMember]:
    """Who belongs to a group in person and could lead it, the first ones first; for its staff."""
    query = (
        select(GroupMember)
        .join(Group, Group.id == GroupMember.group_id)
        .where(
            GroupMember.group_id == group_id,
            Group.community_id.in_(actor.staff_communities()),
            GroupMember.status == MemberStatus.MEMBER,
            GroupMember.person_id.is_not(None),
            not_(_organizes()),
        )
    )
    return Listing(query, key=SortKey("id", GroupMember.id))


def _organizes() -> ColumnElement[bool]:
    return and_(GroupMember.role == GroupRole.ORGANIZER, GroupMember.status == MemberStatus.MEMBER)
