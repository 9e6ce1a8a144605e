"""Talking in groups, and looking after what is said."""

from __future__ import annotations

from typing import Annotated

import strawberry

from api.schema import group_inputs as given
from api.schema.access import Who
from api.schema.arguments import plain_text_or_none
from api.schema.context import Info
from api.schema.group_posts import GroupPost
from api.schema.nodes import find_id, find_optional_id
from api.schema.operations import mutation
from campaigns.groups import posts
from campaigns.groups.models import GroupPost as PostRow

SCOPE = "groups:write"


@strawberry.type
class GroupPostMutation:
    @mutation(
        given.GroupPostPayload,
        description="Say something in a group: a discussion, a reply, or for organizers an "
        "announcement, which also goes out by mail with others of the day. Give "
        "`clientKey` so that a repetition is no second post.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def post_in_group(
        self,
        info: Info,
        input: Annotated[given.PostInGroupInput, strawberry.argument(description="The words.")],
    ) -> given.GroupPostPayload:
        command = posts.PostInGroup(
            group_id=find_id(input.group_id, "Group"),
            text=input.text,
            kind=input.kind,
            parent_id=find_optional_id(input.parent_id, "GroupPost"),
            client_key=plain_text_or_none("clientKey", input.client_key, longest=64),
        )
        async with info.context.begin() as session:
            row = await posts.post_in_group(
                session, info.context.actor, command, now=info.context.now
            )
        return _told(row)

    @mutation(
        given.ReportGroupPostPayload,
        description="Tell the moderators that a post should not stand there. Twice is once.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def report_group_post(
        self,
        info: Info,
        input: Annotated[
            given.JudgeGroupPostInput, strawberry.argument(description="What, and why.")
        ],
    ) -> given.ReportGroupPostPayload:
        key, actor = find_id(input.post_id, "GroupPost"), info.context.actor
        async with info.context.begin() as session:
            report = await posts.report_post(
                session, actor, key, input.reason, now=info.context.now
            )
            row, _, _ = await posts.get_readable_post(session, actor, key)
        return given.ReportGroupPostPayload(reason=report.reason, post=GroupPost.of(row))

    @mutation(
        given.GroupPostPayload,
        description="Take a post out of sight; who moderates and staff still read it. For who "
        "leads or moderates the group. Twice is fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def hide_group_post(
        self,
        info: Info,
        input: Annotated[
            given.JudgeGroupPostInput, strawberry.argument(description="What, and why.")
        ],
    ) -> given.GroupPostPayload:
        key = find_id(input.post_id, "GroupPost")
        async with info.context.begin() as session:
            row = await posts.hide_post(
                session, info.context.actor, key, input.reason, now=info.context.now
            )
        return _told(row)

    @mutation(
        given.GroupPostPayload,
        description="Keep a post that was reported, or bring a hidden one back. For who leads "
        "or moderates the group. Twice is fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def keep_group_post(
        self,
        info: Info,
        input: Annotated[given.GroupPostInput, strawberry.argument(description="The post.")],
    ) -> given.GroupPostPayload:
        key = find_id(input.post_id, "GroupPost")
        async with info.context.begin() as session:
            row = await posts.show_post(session, info.context.actor, key, now=info.context.now)
        return _told(row)

    @mutation(
        given.GroupPostPayload,
        description="End the replies to a post, or let them go on. For who leads or moderates "
        "the group. Twice is fine.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def close_group_discussion(
        self,
        info: Info,
        input: Annotated[
            given.CloseGroupDiscussionInput, strawberry.argument(description="The post.")
        ],
    ) -> given.GroupPostPayload:
        key = find_id(input.post_id, "GroupPost")
        async with info.context.begin() as session:
            row = await posts.close_discussion(
                session, info.context.actor, key, closed=input.closed, now=info.context.now
            )
        return _told(row)


def _told(row: PostRow) -> given.GroupPostPayload:
    return given.GroupPostPayload(post=GroupPost.of(row))
