"""Groups begin, change, end, and get a new organizer when they have none."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.groups import policy, repository
from campaigns.groups.errors import (
    GroupArchived,
    InvalidGroup,
    NotInGroup,
    TooManyGroups,
)
from campaigns.groups.kinds import GroupRole, GroupStatus, Joining, MemberStatus
from campaigns.groups.models import SUMMARY_LENGTH, Group, GroupMember
from campaigns.groups.places import find_area_cell
from campaigns.groups.policy import Standing
from campaigns.groups.words import MAX_NAME, clean_line, make_slug
from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from people.auth import Actor

MAX_FOUNDED = 5
"""Groups that go on, of one person; staff may found more."""
MAX_LANGUAGES = 10

_TOPIC = re.compile(r"[a-z][a-z0-9_\-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, kw_only=True)
class FoundGroup:
    """A group to begin."""

    community_id: UUID
    name: str
    topic: str
    summary: str = ""
    area: str | None = None
    """A neighbourhood of the city; None is the whole community."""
    languages: tuple[str, ...] = ("en",)
    joining: Joining = Joining.OPEN
    shows_name: bool = False
    """Whether members may know the founder's first name."""


@dataclass(frozen=True, kw_only=True)
class ChangeGroup:
    """What changes; None leaves it as it is."""

    group_id: UUID
    name: str | None = None
    summary: str | None = None
    topic: str | None = None
    area: str | None = None
    whole_community: bool = False
    """Takes the area away."""
    languages: tuple[str, ...] | None = None
    joining: Joining | None = None


async def found_group(
    session: Session, actor: Actor, command: FoundGroup, *, now: datetime
) -> Group:
    """Begin a group, with its founder as the organizer. Records ``group.founded``.

    Raises
    ------
    InvalidGroup
        Naming the field.
    """
    person_id = actor.person_id
    if person_id is None or not policy.can_found_group(actor, command.community_id):
        raise NotPermitted("Only people of the community may found groups there.")
    if await repository.find_adult(session, person_id, command.community_id) is None:
        raise NotPermitted("Groups are founded by adults: ask one to found it with you.")
    founded = await repository.count_founded(session, person_id)
    if founded >= MAX_FOUNDED and not actor.is_staff(command.community_id):
        raise TooManyGroups(
            f"You have founded {founded} groups that go on; archive one of them first."
        )
    name = clean_line("name", command.name, longest=MAX_NAME)
    group = Group(
        community_id=command.community_id,
        slug=await _free_slug(session, command.community_id, make_slug(name)),
        name=name,
        summary=clean_line("summary", command.summary, longest=SUMMARY_LENGTH, empty=True),
        topic=_read_topic(command.topic),
        area=None,
        cell=None,
        languages=_read_languages(command.languages),
        joining=command.joining,
        status=GroupStatus.ACTIVE,
        created_by=person_id,
        created_at=now,
    )
    if command.area is not None:
        await _place(session, group, command.area)
    session.add(group)
    await session.flush()
    session.add(
        GroupMember(
            group_id=group.id,
            person_id=person_id,
            role=GroupRole.ORGANIZER,
            status=MemberStatus.MEMBER,
            shows_name=command.shows_name,
            joined_at=now,
        )
    )
    await session.flush()
    record(session, group, "group.founded", actor, now)
    return group


async def change_group(
    session: Session, actor: Actor, command: ChangeGroup, *, now: datetime
) -> Group:
    """Change what a group is called, is about, and how one joins. Records ``group.changed``."""
    group = await lead(session, actor, command.group_id)
    if command.name is not None:
        group.name = clean_line("name", command.name, longest=MAX_NAME)
    if command.summary is not None:
        group.summary = clean_line("summary", command.summary, longest=SUMMARY_LENGTH, empty=True)
    if command.topic is not None:
        group.topic = _read_topic(command.topic)
    if command.languages is not None:
        group.languages = _read_languages(command.languages)
    if command.joining is not None:
        group.joining = command.joining
    if command.whole_community:
        group.area, group.cell = None, None
    elif command.area is not None:
        await _place(session, group, command.area)
    await session.flush()
    record(session, group, "group.changed", actor, now)
    return group


async def archive_group(session: Session, actor: Actor, group_id: UUID, *, now: datetime) -> Group:
    """End a group: its members may still read it. Twice is fine. Records ``group.archived``."""
    group = await repository.get_group(session, actor, group_id, for_update=True)
    if not policy.can_lead(actor, group, await repository.find_standing(session, actor, group_id)):
        raise NotInGroup("Only an organizer, or a manager of the community, may do this.")
    if group.status is GroupStatus.ACTIVE:
        group.status, group.archived_at = GroupStatus.ARCHIVED, now
        await session.flush()
        record(session, group, "group.archived", actor, now)
    return group


async def take_over_group(
    session: Session, actor: Actor, group_id: UUID, person_id: UUID | None, *, now: datetime
) -> GroupMember:
    """Give a group an organizer, as a manager does when the last one has gone.

    Without ``person_id`` the manager. Twice is fine. Records ``group.taken_over``.
    """
    group = await repository.get_group(session, actor, group_id, for_update=True)
    if not policy.can_take_over(actor, group):
        raise NotPermitted("Only a manager of the community may give a group an organizer.")
    check_active(group)
    chosen = person_id or actor.person_id
    if chosen is None or await repository.find_adult(session, chosen, group.community_id) is None:
        raise InvalidGroup("The organizer must be an adult of the community.")
    member = await repository.find_member(session, group_id, person_id=chosen)
    if member is None:
        member = GroupMember(
            group_id=group_id, person_id=chosen, status=MemberStatus.MEMBER, joined_at=now
        )
        session.add(member)
    if member.status is not MemberStatus.MEMBER:
        member.joined_at = now
    member.role, member.status = GroupRole.ORGANIZER, MemberStatus.MEMBER
    member.banned_at, member.ended_at = None, None
    await session.flush()
    record(session, group, "group.taken_over", actor, now, member_id=member.id)
    return member


async def lead(session: Session, actor: Actor, group_id: UUID) -> Group:
    """A group that goes on, held for a change by somebody who leads it."""
    group, standing = await enter(session, actor, group_id)
    if not policy.can_lead(actor, group, standing):
        raise NotInGroup("Only an organizer, or a manager of the community, may do this.")
    return group


async def enter(session: Session, actor: Actor, group_id: UUID) -> tuple[Group, Standing]:
    """A group that goes on, held until the transaction ends, and how the actor stands with it."""
    group = await repository.get_group(session, actor, group_id, for_update=True)
    check_active(group)
    return group, await repository.find_standing(session, actor, group_id)


def check_active(group: Group) -> None:
    """Refuse changes in a group that has ended."""
    if group.status is not GroupStatus.ACTIVE:
        raise GroupArchived("This group is archived: it can be read, and nothing else.")


def record(
    session: Session,
    group: Group,
    kind: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
    **facts: UUID | str,
) -> None:
    """Write down what happened in a group."""
    record_event(
        session,
        kind,
        subject_type="group",
        subject_id=group.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=group.community_id,
        reason=reason,
        concerns=None,
        **facts,
    )


async def _place(session: Session, group: Group, area: str) -> None:
    community = await repository.get_community(session, group.community_id)
    if community is None:
        raise InvalidGroup("There is no such community.")
    name = clean_line("area", area, longest=200)
    group.cell = await asyncio.to_thread(find_area_cell, community.city_pack, name)
    group.area = name


async def _free_slug(session: Session, community_id: UUID, wanted: str) -> str:
    taken = await repository.list_slugs(session, community_id, wanted)
    number, slug = 1, wanted
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def _read_topic(topic: str) -> str:
    if not _TOPIC.fullmatch(topic):
        raise InvalidGroup("The topic must be a code word of small letters, such as 'cycling'.")
    return topic


def _read_languages(languages: tuple[str, ...]) -> list[str]:
    once = list(dict.fromkeys(languages))
    if not 1 <= len(once) <= MAX_LANGUAGES or not all(_LANGUAGE.fullmatch(one) for one in once):
        raise InvalidGroup(
            f"The languages must be 1 to {MAX_LANGUAGES} codes, such as 'en' and 'es'."
        )
    return once
