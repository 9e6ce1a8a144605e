"""Founding, changing and ending groups; coming into them and leaving them."""

from __future__ import annotations

from typing import Annotated

import strawberry

from api.schema import group_inputs as given
from api.schema.access import Who
from api.schema.arguments import InvalidArgument
from api.schema.context import Info
from api.schema.groups import Group, GroupMember
from api.schema.nodes import find_id, find_optional_id
from api.schema.operations import mutation
from campaigns.groups import founding, members
from campaigns.groups.models import GroupMember as MemberRow

SCOPE = "groups:write"


@strawberry.type
class GroupMutation:
    @mutation(
        given.GroupPayload,
        description="Found a group; you are its organizer. At most five that go on, unless "
        "you are staff.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def create_group(
        self,
        info: Info,
        input: Annotated[given.CreateGroupInput, strawberry.argument(description="The group.")],
    ) -> given.GroupPayload:
        command = founding.FoundGroup(
            community_id=find_id(input.community_id, "Community"),
            name=input.name,
            topic=input.topic,
            summary=input.summary,
            area=input.area,
            languages=tuple(input.languages),
            joining=input.joining,
            shows_name=input.shows_name,
        )
        async with info.context.begin() as session:
            row = await founding.found_group(
                session, info.context.actor, command, now=info.context.now
            )
        return given.GroupPayload(group=Group.of(row))

    @mutation(
        given.GroupPayload,
        description="Change what a group is called, is about, or how one joins. For its "
        "organizers and managers.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def change_group(
        self,
        info: Info,
        input: Annotated[given.ChangeGroupInput, strawberry.argument(description="What changes.")],
    ) -> given.GroupPayload:
        command = founding.ChangeGroup(
            group_id=find_id(input.group_id, "Group"),
            name=input.name,
            summary=input.summary,
            topic=input.topic,
            area=input.area,
            whole_community=input.whole_community,
            languages=None if input.languages is None else tuple(input.languages),
            joining=input.joining,
        )
        async with info.context.begin() as session:
            row = await founding.change_group(
                session, info.context.actor, command, now=info.context.now
            )
        return given.GroupPayload(group=Group.of(row))

    @mutation(
        given.GroupPayload,
        description="End a group; its members may still read it. Twice is fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def archive_group(
        self,
        info: Info,
        input: Annotated[given.GroupInput, strawberry.argument(description="The group.")],
    ) -> given.GroupPayload:
        key = find_id(input.group_id, "Group")
        async with info.context.begin() as session:
            row = await founding.archive_group(
                session, info.context.actor, key, now=info.context.now
            )
        return given.GroupPayload(group=Group.of(row))

    @mutation(
        given.GroupMemberPayload,
        description="Give a group an organizer, such as when the last one has gone. For managers.",
        who=Who.MANAGER,
        scope=SCOPE,
    )
    async def take_over_group(
        self,
        info: Info,
        input: Annotated[
            given.TakeOverGroupInput,
            strawberry.argument(description="The group, and who leads it."),
        ],
    ) -> given.GroupMemberPayload:
        key = find_id(input.group_id, "Group")
        person_id = find_optional_id(input.person_id, "Person")
        async with info.context.begin() as session:
            row = await founding.take_over_group(
                session, info.context.actor, key, person_id, now=info.context.now
            )
        return _told(row)

    @mutation(
        given.GroupMemberPayload,
        description="Join a group, ask to, or accept an invitation, as the group has it. "
        "Twice is fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def join_group(
        self,
        info: Info,
        input: Annotated[
            given.JoinGroupInput, strawberry.argument(description="The group, and how.")
        ],
    ) -> given.GroupMemberPayload:
        async with info.context.begin() as session:
            row = await members.join_group(
                session, info.context.actor, _wish(input), now=info.context.now
            )
        return _told(row)

    @mutation(
        given.GroupMemberPayload,
        description="Choose whether fellow members see your first name, and whether news come "
        "by mail.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def change_group_membership(
        self,
        info: Info,
        input: Annotated[
            given.JoinGroupInput, strawberry.argument(description="The group, and what you want.")
        ],
    ) -> given.GroupMemberPayload:
        async with info.context.begin() as session:
            row = await members.change_membership(
                session, info.context.actor, _wish(input), now=info.context.now
            )
        return _told(row)

    @mutation(
        given.GroupMemberPayload,
        description="Leave a group, take back a question, or decline an invitation. The last "
        "organizer cannot, until there is another one or the group is archived.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def leave_group(
        self,
        info: Info,
        input: Annotated[given.LeaveGroupInput, strawberry.argument(description="The group.")],
    ) -> given.GroupMemberPayload:
        key = find_id(input.group_id, "Group")
        async with info.context.begin() as session:
            row = await members.leave_group(
                session,
                info.context.actor,
                key,
                as_household=input.as_household,
                now=info.context.now,
            )
        return _told(row)

    @mutation(
        given.GroupMemberPayload,
        description="Let somebody in who asked to join, or not. For who leads or moderates "
        "the group.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def answer_group_request(
        self,
        info: Info,
        input: Annotated[
            given.AnswerGroupRequestInput, strawberry.argument(description="Who, and the answer.")
        ],
    ) -> given.GroupMemberPayload:
        key = find_id(input.member_id, "GroupMember")
        async with info.context.begin() as session:
            row = await members.answer_request(
                session, info.context.actor, key, approve=input.approve, now=info.context.now
            )
        return _told(row)

    @mutation(
        given.InviteToGroupPayload,
        description="Invite somebody of the community; who asked to join is let in. The "
        "answer never tells whether there is anybody with that address.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def invite_to_group(
        self,
        info: Info,
        input: Annotated[
            given.InviteToGroupInput, strawberry.argument(description="Whom, and where.")
        ],
    ) -> given.InviteToGroupPayload:
        key = find_id(input.group_id, "Group")
        person_id = find_optional_id(input.person_id, "Person")
        if (person_id is None) is (input.email is None):
            raise InvalidArgument("Give either email or personId.")
        actor, now = info.context.actor, info.context.now
        async with info.context.begin() as session:
            if person_id is not None:
                group = await founding.lead(session, actor, key)
                await members.invite_person(session, actor, key, person_id, now=now)
            else:
                group = await members.invite_by_email(
                    session, actor, key, input.email or "", now=now
                )
        return given.InviteToGroupPayload(group=Group.of(group))

    @mutation(
        given.GroupMemberPayload,
        description="Take somebody out of a group, or decline an invitation for them; with "
        "`ban` for good. Moderators remove members, organizers everybody else.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def remove_group_member(
        self,
        info: Info,
        input: Annotated[given.RemoveGroupMemberInput, strawberry.argument(description="Whom.")],
    ) -> given.GroupMemberPayload:
        command = members.RemoveMember(
            member_id=find_id(input.member_id, "GroupMember"), ban=input.ban
        )
        async with info.context.begin() as session:
            row = await members.remove_member(
                session, info.context.actor, command, now=info.context.now
            )
        return _told(row)

    @mutation(
        given.GroupMemberPayload,
        description="Let somebody who was banned join or ask again. Twice is fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def allow_back_into_group(
        self,
        info: Info,
        input: Annotated[given.GroupMemberInput, strawberry.argument(description="Whom.")],
    ) -> given.GroupMemberPayload:
        key = find_id(input.member_id, "GroupMember")
        async with info.context.begin() as session:
            row = await members.allow_back(session, info.context.actor, key, now=info.context.now)
        return _told(row)

    @mutation(
        given.GroupMemberPayload,
        description="Make a member an organizer, a moderator or a plain member. For "
        "organizers and managers.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def set_group_role(
        self,
        info: Info,
        input: Annotated[
            given.SetGroupRoleInput, strawberry.argument(description="Who, and what.")
        ],
    ) -> given.GroupMemberPayload:
        key = find_id(input.member_id, "GroupMember")
        async with info.context.begin() as session:
            row = await members.set_role(
                session, info.context.actor, key, input.role, now=info.context.now
            )
        return _told(row)


def _wish(input: given.JoinGroupInput) -> members.JoinGroup:
    return members.JoinGroup(
        group_id=find_id(input.group_id, "Group"),
        as_household=input.as_household,
        shows_name=input.shows_name,
        wants_news=input.wants_news,
    )


def _told(row: MemberRow) -> given.GroupMemberPayload:
    return given.GroupMemberPayload(member=GroupMember.of(row))
