"""Members talk: announcements, discussions and replies, reports of them, and moderation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from campaigns.groups import news, policy, repository
from campaigns.groups import posts_repository as posts
from campaigns.groups.errors import (
    DiscussionClosed,
    GroupPostUnknown,
    InvalidGroupPost,
    NotInGroup,
    TooManyGroupPosts,
)
from campaigns.groups.founding import enter, record
from campaigns.groups.kinds import HideReason, PostKind, ReportOutcome
from campaigns.groups.models import Group, GroupPost, GroupReport
from campaigns.groups.policy import Standing
from campaigns.groups.words import MAX_POST, MAX_REPLY, clean_post
from core.db import Session
from people.auth import Actor

MAX_POSTS_AN_HOUR = 20
"""Of one person, in all groups."""
MAX_ANNOUNCEMENTS_A_DAY = 5
"""Of one group: they go out as one mail."""
MAX_REPLIES = 500
"""To one post."""


@dataclass(frozen=True, kw_only=True)
class PostInGroup:
    """Something to say."""

    group_id: UUID
    text: str
    kind: PostKind = PostKind.DISCUSSION
    parent_id: UUID | None = None
    """What a reply answers: the head, never another reply."""
    client_key: str | None = None
    """The same key again is the same post."""


async def post_in_group(
    session: Session, actor: Actor, command: PostInGroup, *, now: datetime
) -> GroupPost:
    """Say something in a group. Records ``group.posted``.

    An announcement goes out by mail too, with others of the day as one.

    Raises
    ------
    InvalidGroupPost
        When it is empty, too long or no plain text.
    TooManyGroupPosts
        When the person or the group has said enough for now.
    """
    group, standing = await enter(session, actor, command.group_id)
    author_id = actor.person_id
    if author_id is None or not policy.can_read_inside(actor, group, standing):
        raise NotInGroup("Only members talk in a group: join it first.")
    _check_may_post(actor, group, standing, command.kind)
    if command.client_key is not None:
        known = await posts.find_by_client_key(session, group.id, author_id, command.client_key)
        if known is not None:
            return known
    longest = MAX_REPLY if command.kind is PostKind.REPLY else MAX_POST
    text = clean_post(command.text, longest=longest)
    head = await _find_head(session, group, command)
    await _check_amount(session, group, author_id, command.kind, now)
    post = GroupPost(
        group_id=group.id,
        parent_id=None if head is None else head.id,
        kind=command.kind,
        author_id=author_id,
        text=text,
        posted_at=now,
        client_key=command.client_key,
        reply_count=0,
    )
    session.add(post)
    if head is not None:
        head.reply_count += 1
    await session.flush()
    record(session, group, "group.posted", actor, now, post_id=post.id, what=post.kind.value)
    if post.kind is PostKind.ANNOUNCEMENT:
        await news.plan_news(session, group, now=now)
    return post


async def report_post(
    session: Session, actor: Actor, post_id: UUID, reason: HideReason, *, now: datetime
) -> GroupReport:
    """Tell the moderators that a post should not stand there. Twice is once.

    Records ``group.post_reported``.
    """
    post, group, standing = await _enter_post(session, actor, post_id)
    if actor.person_id is None or not standing.is_member:
        raise NotInGroup("Only members report posts.")
    known = await posts.find_report(session, post_id, actor.person_id)
    if known is not None:
        return known
    report = GroupReport(
        group_id=group.id,
        post_id=post.id,
        reporter_id=actor.person_id,
        reason=reason,
        reported_at=now,
    )
    try:
        async with session.begin_nested():
            session.add(report)
            await session.flush()
    except IntegrityError:
        first = await posts.find_report(session, post_id, actor.person_id)
        if first is None:
            raise
        return first
    record(session, group, "group.post_reported", actor, now, post_id=post.id, reason=reason.value)
    return report


async def hide_post(
    session: Session, actor: Actor, post_id: UUID, reason: HideReason, *, now: datetime
) -> GroupPost:
    """Take a post out of sight; moderators and staff still read it. Twice is fine.

    Its reports are settled, and a mail that has not gone out leaves it out. Records
    ``group.post_hidden`` with the reason.
    """
    post, group, standing = await _enter_post(session, actor, post_id)
    if not policy.can_moderate(actor, group, standing):
        raise NotInGroup("Only who leads or moderates the group may do this.")
    if post.hidden_at is None:
        post.hidden_at, post.hidden_by, post.hidden_reason = now, actor.person_id, reason
        await _settle(session, actor, post, ReportOutcome.HIDDEN, now)
        record(
            session, group, "group.post_hidden", actor, now, post_id=post.id, reason=reason.value
        )
    return post


async def show_post(session: Session, actor: Actor, post_id: UUID, *, now: datetime) -> GroupPost:
    """Keep a reported post, or bring a hidden one back. Twice is fine.

    Records ``group.post_kept``.
    """
    post, group, standing = await _enter_post(session, actor, post_id)
    if not policy.can_moderate(actor, group, standing):
        raise NotInGroup("Only who leads or moderates the group may do this.")
    post.hidden_at, post.hidden_by, post.hidden_reason = None, None, None
    await _settle(session, actor, post, ReportOutcome.KEPT, now)
    record(session, group, "group.post_kept", actor, now, post_id=post.id)
    return post


async def close_discussion(
    session: Session, actor: Actor, post_id: UUID, *, closed: bool, now: datetime
) -> GroupPost:
    """End the replies to a post, or let them go on.

    Records ``group.discussion_closed`` or ``group.discussion_opened``.
    """
    post, group, standing = await _enter_post(session, actor, post_id)
    if not policy.can_moderate(actor, group, standing):
        raise NotInGroup("Only who leads or moderates the group may do this.")
    if post.kind is PostKind.REPLY:
        raise InvalidGroupPost("A reply has no replies: close what it answers.")
    if closed is not (post.closed_at is not None):
        post.closed_at = now if closed else None
        await session.flush()
        kind = "group.discussion_closed" if closed else "group.discussion_opened"
        record(session, group, kind, actor, now, post_id=post.id)
    return post


async def get_readable_post(
    session: Session, actor: Actor, post_id: UUID
) -> tuple[GroupPost, Group, Standing]:
    """A post for who may read in its group; for others there is none."""
    found = await posts.find_post(session, post_id)
    if found is not None:
        groups = await repository.load_groups(session, actor, [found.group_id])
        group = groups.get(found.group_id)
        if group is not None:
            standing = await repository.find_standing(session, actor, group.id)
            if policy.can_read_inside(actor, group, standing):
                return found, group, standing
    raise GroupPostUnknown("There is no such post, or it is not for you.")


async def _enter_post(
    session: Session, actor: Actor, post_id: UUID
) -> tuple[GroupPost, Group, Standing]:
    """Like `get_readable_post`, with the group held and known to go on."""
    post, _, _ = await get_readable_post(session, actor, post_id)
    group, standing = await enter(session, actor, post.group_id)
    again = await posts.find_post(session, post_id)
    return (post if again is None else again), group, standing


def _check_may_post(actor: Actor, group: Group, standing: Standing, kind: PostKind) -> None:
    if kind is PostKind.ANNOUNCEMENT:
        if not policy.can_announce(actor, group, standing):
            raise NotInGroup("Announcements are for the organizers; begin a discussion instead.")
    elif not policy.can_post(actor, group, standing):
        raise NotInGroup("Only members talk in a group: join it first.")


async def _find_head(session: Session, group: Group, command: PostInGroup) -> GroupPost | None:
    if command.kind is not PostKind.REPLY:
        return None
    head = None if command.parent_id is None else await posts.find_post(session, command.parent_id)
    if head is None or head.group_id != group.id or head.hidden_at is not None:
        raise GroupPostUnknown("There is no such post to answer in this group.")
    if head.kind is PostKind.REPLY:
        raise InvalidGroupPost("A reply has no replies: answer what it answers.")
    if head.closed_at is not None:
        raise DiscussionClosed("The moderators have closed this: begin a discussion of your own.")
    if head.reply_count >= MAX_REPLIES:
        raise DiscussionClosed(f"This has {MAX_REPLIES} replies: begin a discussion of your own.")
    return head


async def _check_amount(
    session: Session, group: Group, author_id: UUID, kind: PostKind, now: datetime
) -> None:
    hour = now - timedelta(hours=1)
    if await posts.count_posts_since(session, hour, author_id=author_id) >= MAX_POSTS_AN_HOUR:
        raise TooManyGroupPosts(
            f"You have posted {MAX_POSTS_AN_HOUR} times in an hour: wait a while."
        )
    if kind is not PostKind.ANNOUNCEMENT:
        return
    day = now - timedelta(days=1)
    announced = await posts.count_posts_since(session, day, group_id=group.id, kinds=(kind,))
    if announced >= MAX_ANNOUNCEMENTS_A_DAY:
        raise TooManyGroupPosts(
            f"This group has made {announced} announcements in a day: wait until tomorrow."
        )


async def _settle(
    session: Session, actor: Actor, post: GroupPost, outcome: ReportOutcome, now: datetime
) -> None:
    await session.flush()
    await posts.settle_reports(
        session, post.id, outcome=outcome, settled_by=actor.person_id, now=now
    )
