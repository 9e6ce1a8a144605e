"""What is said in groups: announcements, discussions, replies, and reports of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.context import Info
from api.schema.enums import describe_enum
from api.schema.groups import SCOPE, Group, GroupId, open_inside
from api.schema.nodes import find_id, found_by, must
from api.schema.operations import field, query
from api.schema.paging import FIRST, After, Connection, First, connect
from campaigns.groups import listing_repository as listing
from campaigns.groups import policy, posts, posts_repository, repository
from campaigns.groups.errors import NotInGroup
from campaigns.groups.kinds import GroupRole, HideReason, PostKind, ReportOutcome
from campaigns.groups.models import GroupPost as PostRow
from campaigns.groups.models import GroupReport as ReportRow
from campaigns.groups.policy import Standing

describe_enum(
    PostKind,
    "What a post is for.",
    {
        "ANNOUNCEMENT": "News of the organizers; it goes out by mail too.",
        "DISCUSSION": "Something that a member begins to talk about.",
        "REPLY": "An answer to one of these.",
    },
    name="GroupPostKind",
)
describe_enum(
    HideReason,
    "Why a post should not stand there.",
    {
        "SPAM": "It sells or advertises something.",
        "UNKIND": "It hurts somebody.",
        "PRIVATE_FACTS": "It tells about somebody what is nobody's business.",
        "UNSAFE": "It could do harm.",
        "OFF_TOPIC": "It does not belong in this group.",
    },
    name="GroupPostReason",
)
describe_enum(
    ReportOutcome,
    "What came of a report.",
    {"HIDDEN": "The post was hidden.", "KEPT": "The post stays."},
    name="GroupReportOutcome",
)


@strawberry.type(description="Who wrote a post, as far as members may know.")
class GroupAuthor:
    first_name: str | None = strawberry.field(
        description="The first name of a member who agreed to be shown; null for all others."
    )
    role: GroupRole | None = strawberry.field(
        description="What they do in the group; null for staff and former members."
    )
    is_me: bool = strawberry.field(description="Whether it is you.")
    has_left: bool = strawberry.field(
        description="Whether nothing is known of them any more: somebody who left."
    )


@strawberry.type(description="Something that was said in a group, as plain text.")
class GroupPost(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[PostRow]
    kind: PostKind = strawberry.field(description="What it is for.")
    posted_at: datetime = strawberry.field(description="When.")
    reply_count: int = strawberry.field(description="How many have answered; hidden ones too.")
    closed_at: datetime | None = strawberry.field(
        description="Since when nobody can reply; null while one can."
    )
    hidden_at: datetime | None = strawberry.field(
        description="Since when it is out of sight; null when it is not."
    )
    hidden_reason: HideReason | None = strawberry.field(
        description="Why it is out of sight; null when it is not."
    )

    @classmethod
    def of(cls, row: PostRow) -> GroupPost:
        return cls(
            id=row.id,
            row=row,
            kind=row.kind,
            posted_at=row.posted_at,
            reply_count=row.reply_count,
            closed_at=row.closed_at,
            hidden_at=row.hidden_at,
            hidden_reason=row.hidden_reason,
        )

    resolve_nodes = found_by(listing.load_posts, scope=SCOPE)

    @field(
        description="What was said. Null when it is hidden, unless you moderate or are staff; "
        "empty when its author was erased."
    )
    async def text(self, info: Info) -> str | None:
        if self.row.hidden_at is None:
            return self.row.text
        return self.row.text if await self._moderates(info) else None

    @field(description="Who said it.")
    async def author(self, info: Info) -> GroupAuthor:
        found = must(await info.context.load(listing.load_authors, self.row.id))
        me = info.context.actor.person_id
        return GroupAuthor(
            first_name=found.first_name,
            role=found.role,
            is_me=me is not None and me == self.row.author_id,
            has_left=found.has_left,
        )

    @field(description="Open reports about it; null unless you moderate or are staff.")
    async def open_report_count(self, info: Info) -> int | None:
        if not await self._moderates(info):
            return None
        return await info.context.load(posts_repository.load_open_report_counts, self.row.id)

    @field(description="The group where it stands; null when it is not for you.")
    async def group(self, info: Info) -> Group | None:
        row = await info.context.load(repository.load_groups, self.row.group_id)
        return None if row is None else Group.of(row)

    async def _moderates(self, info: Info) -> bool:
        group = await info.context.load(repository.load_groups, self.row.group_id)
        standing = await info.context.load(listing.load_standings, self.row.group_id)
        actor = info.context.actor
        return group is not None and policy.can_read_reports(actor, group, standing or Standing())


@strawberry.type(description="Somebody thinks that a post should not stand there.")
class GroupReport(relay.Node):
    id: relay.NodeID[UUID]
    row: strawberry.Private[ReportRow]
    reason: HideReason = strawberry.field(description="Why.")
    reported_at: datetime = strawberry.field(description="When.")
    settled_at: datetime | None = strawberry.field(
        description="When somebody decided; null while it waits."
    )
    outcome: ReportOutcome | None = strawberry.field(
        description="What came of it; null while it waits."
    )

    @classmethod
    def of(cls, row: ReportRow) -> GroupReport:
        return cls(
            id=row.id,
            row=row,
            reason=row.reason,
            reported_at=row.reported_at,
            settled_at=row.settled_at,
            outcome=row.outcome,
        )

    resolve_nodes = found_by(listing.load_reports, scope=SCOPE)

    @field(description="The post that is meant; null when it is not for you.")
    async def post(self, info: Info) -> GroupPost | None:
        row = await info.context.load(listing.load_posts, self.row.post_id)
        return None if row is None else GroupPost.of(row)


PostId = Annotated[relay.GlobalID, strawberry.argument(description="The post.")]


@strawberry.type
class GroupPostQuery:
    @query(
        description="The announcements or the discussions of a group, the newest first, for its "
        "members and for staff. A hidden one stands there without its words if it has replies.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def group_posts(
        self,
        info: Info,
        group_id: GroupId,
        kind: Annotated[
            PostKind,
            strawberry.argument(description="Announcements or discussions; replies all at once."),
        ] = PostKind.DISCUSSION,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[GroupPost]:
        group, standing = await open_inside(info, group_id)
        sees_all = policy.can_read_reports(info.context.actor, group, standing)
        rows = posts_repository.list_posts(group.id, kind, with_hidden=sees_all)
        return await connect(info, rows, GroupPost.of, first=first, after=after)

    @query(
        description="The replies to a post, the oldest first, for members and for staff.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def group_replies(
        self, info: Info, post_id: PostId, first: First = FIRST, after: After = None
    ) -> Connection[GroupPost]:
        key = find_id(post_id, "GroupPost")
        async with info.context.read() as session:
            head, group, _ = await posts.get_readable_post(session, info.context.actor, key)
        rows = posts_repository.list_posts(
            group.id, PostKind.REPLY, with_hidden=True, parent_id=head.id
        )
        return await connect(info, rows, GroupPost.of, first=first, after=after)

    @query(
        description="What members have reported, the newest first, for those who moderate and "
        "for staff. Who reported it is told to nobody.",
        who=Who.SIGNED_IN,
        scope=SCOPE,
    )
    async def group_reports(
        self,
        info: Info,
        group_id: GroupId,
        settled: Annotated[
            bool, strawberry.argument(description="Those that were decided instead of the open.")
        ] = False,
        first: First = FIRST,
        after: After = None,
    ) -> Connection[GroupReport]:
        group, standing = await open_inside(info, group_id)
        if not policy.can_read_reports(info.context.actor, group, standing):
            raise NotInGroup("Only who leads or moderates the group may see this.")
        rows = posts_repository.list_reports(group.id, settled=settled)
        return await connect(info, rows, GroupReport.of, first=first, after=after)
