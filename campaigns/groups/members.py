"""People and households come into groups and leave them; organizers let in, invite and remove."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from campaigns.groups import notifications, policy, repository
from campaigns.groups.errors import (
    GroupMemberUnknown,
    InvalidGroup,
    JoiningRefused,
    LastOrganizer,
    NotInGroup,
    TooManyGroups,
)
from campaigns.groups.founding import enter, lead, record
from campaigns.groups.kinds import GroupRole, MemberStatus
from campaigns.groups.models import Group, GroupMember
from campaigns.groups.policy import Standing
from campaigns.groups.states import Move, find_way_in, move_on
from campaigns.mailings.actions import note_sign_up
from core.db import Session
from core.errors import NotPermitted
from people.auth import Actor
from people.kinds import Channel
from people.repository import find_people_by_contact

MAX_ROWS = 5_000
"""People and households of one group."""
EVENTS = {
    Move.JOIN: "group.joined",
    Move.ASK: "group.asked",
    Move.INVITE: "group.invited",
    Move.ACCEPT: "group.joined",
    Move.APPROVE: "group.approved",
    Move.DECLINE: "group.declined",
    Move.LEAVE: "group.left",
    Move.REMOVE: "group.removed",
}


@dataclass(frozen=True, kw_only=True)
class JoinGroup:
    """Somebody wants in, alone or with the whole household."""

    group_id: UUID
    as_household: bool = False
    shows_name: bool | None = None
    wants_news: bool | None = None


@dataclass(frozen=True, kw_only=True)
class RemoveMember:
    """Who is to go, and whether for good."""

    member_id: UUID
    ban: bool = False


async def join_group(
    session: Session, actor: Actor, command: JoinGroup, *, now: datetime
) -> GroupMember:
    """Join, ask to join, or accept an invitation, as the group has it. Twice is fine.

    Records ``group.joined`` or ``group.asked``.

    Raises
    ------
    JoiningRefused
        When the group takes members by invitation alone, or does not take this one.
    """
    group, standing = await enter(session, actor, command.group_id)
    person_id, home_id = await _find_self(session, actor, group)
    if standing.is_banned:
        raise JoiningRefused("The moderators of this group do not take this member back.")
    if command.as_household and home_id is None:
        raise InvalidGroup("No household of yours is known: join by yourself.")
    member = standing.household if command.as_household else standing.own
    move = find_way_in(group.joining, None if member is None else member.status)
    if member is None:
        member = await _add(session, group, person_id, home_id if command.as_household else None)
    if command.shows_name is not None and not command.as_household:
        member.shows_name = command.shows_name
    if command.wants_news is not None:
        member.wants_news = command.wants_news
    if move is not None:
        await _apply(session, actor, group, member, move, now=now)
        await note_sign_up(session, person_id, group.community_id, now=now)
    await session.flush()
    return member


async def leave_group(
    session: Session, actor: Actor, group_id: UUID, *, as_household: bool = False, now: datetime
) -> GroupMember:
    """Leave, take back a question, or decline an invitation. Records ``group.left``.

    Raises
    ------
    LastOrganizer
        When nobody would lead the group any more: name another organizer first, or archive it.
    """
    group = await repository.get_group(session, actor, group_id, for_update=True)
    standing = await repository.find_standing(session, actor, group_id)
    member = standing.household if as_household else standing.own
    if member is None or member.status in (MemberStatus.LEFT, MemberStatus.REMOVED):
        raise GroupMemberUnknown("You do not belong to this group in that way.")
    await _check_successor(session, group, member)
    await _apply(session, actor, group, member, Move.LEAVE, now=now)
    return member


async def answer_request(
    session: Session, actor: Actor, member_id: UUID, *, approve: bool, now: datetime
) -> GroupMember:
    """Let somebody in who asked, or not. Records ``group.approved`` or ``group.declined``."""
    member = await _find_row(session, member_id)
    group, standing = await _enter_for(session, actor, member)
    if not policy.can_moderate(actor, group, standing):
        raise NotInGroup("Only who leads or moderates the group may do this.")
    member = await _find_row(session, member_id)
    if approve and member.status is MemberStatus.MEMBER:
        return member
    move = Move.APPROVE if approve else Move.DECLINE
    await _apply(session, actor, group, member, move, now=now)
    if approve:
        await notifications.notify_approved(session, group, member, now=now)
    return member


async def invite_person(
    session: Session, actor: Actor, group_id: UUID, person_id: UUID, *, now: datetime
) -> GroupMember | None:
    """Invite somebody of the community; who asked is let in. Records ``group.invited``.

    None when there is no such adult there, or they belong to the group or were invited before.
    """
    group = await lead(session, actor, group_id)
    if await repository.find_adult(session, person_id, group.community_id) is None:
        return None
    member = await repository.find_member(session, group_id, person_id=person_id)
    if member is None:
        member = await _add(session, group, person_id, None)
    elif member.status in (MemberStatus.MEMBER, MemberStatus.INVITED) or member.banned_at:
        return None
    await _apply(session, actor, group, member, Move.INVITE, now=now)
    if member.status is MemberStatus.INVITED:
        await notifications.notify_invited(session, group, member, now=now)
    else:
        await notifications.notify_approved(session, group, member, now=now)
    return member


async def invite_by_email(
    session: Session, actor: Actor, group_id: UUID, email: str, *, now: datetime
) -> Group:
    """Invite whoever of the community has this address. Never tells whether anybody has."""
    group = await lead(session, actor, group_id)
    value = email.strip().lower()
    if "@" not in value or len(value) > 320:
        raise InvalidGroup("The address must be one of e-mail, such as ada@example.org.")
    for person in await find_people_by_contact(session, Channel.EMAIL, value):
        await invite_person(session, actor, group_id, person.id, now=now)
    return group


async def remove_member(
    session: Session, actor: Actor, command: RemoveMember, *, now: datetime
) -> GroupMember:
    """Take somebody out of the group, for good with ``ban``. Records ``group.removed``."""
    member = await _find_row(session, command.member_id)
    group, standing = await _enter_for(session, actor, member)
    if not policy.can_remove_member(actor, group, standing, member):
        raise NotInGroup("Moderators remove members; organizers remove everybody else.")
    member = await _find_row(session, command.member_id)
    await _check_successor(session, group, member)
    if member.status not in (MemberStatus.REMOVED, MemberStatus.LEFT):
        await _apply(session, actor, group, member, Move.REMOVE, now=now)
    if command.ban and member.banned_at is None:
        member.status, member.banned_at = MemberStatus.REMOVED, now
        await session.flush()
        record(session, group, "group.banned", actor, now, member_id=member.id)
    return member


async def allow_back(
    session: Session, actor: Actor, member_id: UUID, *, now: datetime
) -> GroupMember:
    """Let a banned member ask or join again. Twice is fine. Records ``group.ban_lifted``."""
    member = await _find_row(session, member_id)
    group, standing = await _enter_for(session, actor, member)
    if not policy.can_moderate(actor, group, standing):
        raise NotInGroup("Only who leads or moderates the group may do this.")
    if member.banned_at is not None:
        member.banned_at = None
        await session.flush()
        record(session, group, "group.ban_lifted", actor, now, member_id=member.id)
    return member


async def set_role(
    session: Session, actor: Actor, member_id: UUID, role: GroupRole, *, now: datetime
) -> GroupMember:
    """Make a member an organizer, a moderator or a plain member. Records ``group.role_changed``."""
    member = await _find_row(session, member_id)
    group, standing = await _enter_for(session, actor, member)
    if not policy.can_lead(actor, group, standing):
        raise NotInGroup("Only an organizer, or a manager of the community, may do this.")
    member = await _find_row(session, member_id)
    if member.status is not MemberStatus.MEMBER:
        raise GroupMemberUnknown("Only a member can have a role in the group.")
    if member.person_id is None:
        raise InvalidGroup("A household is a member: give the role to a person of it.")
    if role is member.role:
        return member
    if role is not GroupRole.ORGANIZER:
        await _check_successor(session, group, member)
    member.role = role
    await session.flush()
    record(session, group, "group.role_changed", actor, now, member_id=member.id, role=role.value)
    return member


async def change_membership(
    session: Session, actor: Actor, command: JoinGroup, *, now: datetime
) -> GroupMember:
    """Choose whether fellow members see the first name, and whether news come by mail."""
    await repository.get_group(session, actor, command.group_id)
    standing = await repository.find_standing(session, actor, command.group_id)
    member = standing.household if command.as_household else standing.own
    if member is None or member.status is not MemberStatus.MEMBER:
        raise GroupMemberUnknown("You do not belong to this group in that way.")
    if command.shows_name is not None:
        if command.as_household and command.shows_name:
            raise InvalidGroup("A household shows no names: join by yourself to show yours.")
        member.shows_name = command.shows_name
    if command.wants_news is not None:
        member.wants_news = command.wants_news
    await session.flush()
    return member


async def _find_self(session: Session, actor: Actor, group: Group) -> tuple[UUID, UUID | None]:
    found = (
        None
        if actor.person_id is None
        else await repository.find_adult(session, actor.person_id, group.community_id)
    )
    if found is None:
        raise NotPermitted("Adults of the community join its groups; minors come along with one.")
    return found


async def _find_row(session: Session, member_id: UUID) -> GroupMember:
    member = await repository.find_member_by_id(session, member_id)
    if member is None:
        raise GroupMemberUnknown("There is no such member, or it is not for you.")
    return member


async def _enter_for(session: Session, actor: Actor, member: GroupMember) -> tuple[Group, Standing]:
    """The member's group, for who may read inside; for others there is no such member."""
    group, standing = await enter(session, actor, member.group_id)
    if not policy.can_read_inside(actor, group, standing):
        raise GroupMemberUnknown("There is no such member, or it is not for you.")
    return group, standing


async def _add(
    session: Session, group: Group, person_id: UUID, household_id: UUID | None
) -> GroupMember:
    """A row for somebody who is new to the group; how they stand, the next move says."""
    if await repository.count_rows(session, group.id) >= MAX_ROWS:
        raise TooManyGroups(f"This group has {MAX_ROWS} members: found another one beside it.")
    member = GroupMember(
        group_id=group.id,
        person_id=None if household_id is not None else person_id,
        household_id=household_id,
        role=GroupRole.MEMBER,
        status=MemberStatus.LEFT,
        shows_name=False,
        wants_news=True,
    )
    session.add(member)
    await session.flush()
    return member


async def _apply(
    session: Session,
    actor: Actor,
    group: Group,
    member: GroupMember,
    move: Move,
    *,
    now: datetime,
) -> None:
    before = member.status
    member.status = move_on(before, move, is_banned=member.banned_at is not None)
    if member.status is MemberStatus.MEMBER:
        member.joined_at, member.ended_at = now, None
    elif member.status in (MemberStatus.ASKED, MemberStatus.INVITED):
        member.asked_at, member.ended_at = now, None
    else:
        member.ended_at = now
    if before is not MemberStatus.MEMBER or member.status is not MemberStatus.MEMBER:
        member.role = GroupRole.MEMBER
    await session.flush()
    record(session, group, EVENTS[move], actor, now, member_id=member.id)


async def _check_successor(session: Session, group: Group, member: GroupMember) -> None:
    """Refuse to take the last organizer of a group that goes on."""
    leads = member.role is GroupRole.ORGANIZER and member.status is MemberStatus.MEMBER
    if not leads or group.archived_at is not None:
        return
    if await repository.count_organizers(session, group.id, besides=member.id) == 0:
        raise LastOrganizer(
            "Nobody else leads this group: make another member an organizer first, or archive it."
        )
