"""What is given to change groups, and what comes back."""

from __future__ import annotations

import strawberry
from strawberry import relay

from api.schema.group_posts import GroupPost
from api.schema.groups import Group, GroupMember
from campaigns.groups.kinds import GroupRole, HideReason, Joining, PostKind


@strawberry.input(description="A group to begin.")
class CreateGroupInput:
    community_id: relay.GlobalID = strawberry.field(description="The community that it is of.")
    name: str = strawberry.field(description="Its name: one line, at most 120 characters.")
    topic: str = strawberry.field(description="A code word of the community's interests.")
    summary: str = strawberry.field(
        default="", description="What it is about, at most 1,000 characters."
    )
    area: str | None = strawberry.field(
        default=None, description="A neighbourhood of the city; the whole community without."
    )
    languages: list[str] = strawberry.field(
        default_factory=lambda: ["en"], description="Codes of what is spoken, such as `es`."
    )
    joining: Joining = strawberry.field(
        default=Joining.OPEN, description="How one becomes a member."
    )
    shows_name: bool = strawberry.field(
        default=False, description="Whether members see your first name."
    )


@strawberry.input(description="What shall be otherwise; what is left out stays.")
class ChangeGroupInput:
    group_id: relay.GlobalID = strawberry.field(description="Which group.")
    name: str | None = strawberry.field(default=None, description="The new name.")
    summary: str | None = strawberry.field(default=None, description="The new words about it.")
    topic: str | None = strawberry.field(default=None, description="The new topic.")
    area: str | None = strawberry.field(default=None, description="The new neighbourhood.")
    whole_community: bool = strawberry.field(
        default=False, description="For the whole community from now on."
    )
    languages: list[str] | None = strawberry.field(
        default=None, description="All the languages from now on."
    )
    joining: Joining | None = strawberry.field(
        default=None, description="How one becomes a member from now on."
    )


@strawberry.input(description="A group to act on.")
class GroupInput:
    group_id: relay.GlobalID = strawberry.field(description="Which group.")


@strawberry.input(description="A group to join, ask or accept, and how you want to be in it.")
class JoinGroupInput:
    group_id: relay.GlobalID = strawberry.field(description="Which group.")
    as_household: bool = strawberry.field(
        default=False,
        description="Whether your whole household joins: all adults who live there see the group.",
    )
    shows_name: bool | None = strawberry.field(
        default=None, description="Whether fellow members see your first name; no at first."
    )
    wants_news: bool | None = strawberry.field(
        default=None, description="Whether announcements come by mail; yes at first."
    )


@strawberry.input(description="A group to leave.")
class LeaveGroupInput:
    group_id: relay.GlobalID = strawberry.field(description="Which group.")
    as_household: bool = strawberry.field(
        default=False, description="Whether your whole household leaves."
    )


@strawberry.input(description="Somebody who asked to join, and the answer.")
class AnswerGroupRequestInput:
    member_id: relay.GlobalID = strawberry.field(description="The one who asked.")
    approve: bool = strawberry.field(description="Whether they are let in.")


@strawberry.input(description="Somebody to invite: by id, or by an address of e-mail.")
class InviteToGroupInput:
    group_id: relay.GlobalID = strawberry.field(description="Which group.")
    email: str | None = strawberry.field(
        default=None, description="An address of somebody of the community."
    )
    person_id: relay.GlobalID | None = strawberry.field(
        default=None, description="A person of the community; instead of the address."
    )


@strawberry.input(description="A member to take out of a group.")
class RemoveGroupMemberInput:
    member_id: relay.GlobalID = strawberry.field(description="Which member.")
    ban: bool = strawberry.field(
        default=False, description="Whether they can no longer come back by themselves."
    )


@strawberry.input(description="A member of a group to act on.")
class GroupMemberInput:
    member_id: relay.GlobalID = strawberry.field(description="Which member.")


@strawberry.input(description="A member, and what they do from now on.")
class SetGroupRoleInput:
    member_id: relay.GlobalID = strawberry.field(description="Which member.")
    role: GroupRole = strawberry.field(description="What they do from now on.")


@strawberry.input(description="A group that gets an organizer.")
class TakeOverGroupInput:
    group_id: relay.GlobalID = strawberry.field(description="Which group.")
    person_id: relay.GlobalID | None = strawberry.field(
        default=None, description="Who leads it from now on; you without."
    )


@strawberry.input(description="Something to say in a group.")
class PostInGroupInput:
    group_id: relay.GlobalID = strawberry.field(description="Which group.")
    text: str = strawberry.field(
        description="Plain text, at most 4,000 characters (a reply 2,000), with at most 2 links."
    )
    kind: PostKind = strawberry.field(
        default=PostKind.DISCUSSION, description="What it is for; organizers announce."
    )
    parent_id: relay.GlobalID | None = strawberry.field(
        default=None, description="What a reply answers; only for replies."
    )
    client_key: str | None = strawberry.field(
        default=None,
        description="A word of yours, at most 64 characters; the same again is the same post.",
    )


@strawberry.input(description="A post, and why it should not stand there.")
class JudgeGroupPostInput:
    post_id: relay.GlobalID = strawberry.field(description="Which post.")
    reason: HideReason = strawberry.field(description="Why.")


@strawberry.input(description="A post to act on.")
class GroupPostInput:
    post_id: relay.GlobalID = strawberry.field(description="Which post.")


@strawberry.input(description="A post whose replies end, or go on.")
class CloseGroupDiscussionInput:
    post_id: relay.GlobalID = strawberry.field(description="Which announcement or discussion.")
    closed: bool = strawberry.field(default=True, description="False lets replies go on.")


@strawberry.type(description="A group was changed.")
class GroupPayload:
    group: Group = strawberry.field(description="The group as it is now.")


@strawberry.type(description="How somebody stands with a group has changed.")
class GroupMemberPayload:
    member: GroupMember = strawberry.field(description="The member as it is now.")


@strawberry.type(description="Something was said, hidden, shown, opened or closed.")
class GroupPostPayload:
    post: GroupPost = strawberry.field(description="The post as it is now.")


@strawberry.type(description="The moderators will look at a post.")
class ReportGroupPostPayload:
    reason: HideReason = strawberry.field(description="The reason that was noted.")
    post: GroupPost = strawberry.field(description="The post.")


@strawberry.type(description="If somebody of the community is meant, they are invited.")
class InviteToGroupPayload:
    group: Group = strawberry.field(description="The group.")
