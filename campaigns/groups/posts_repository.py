"""The queries on what is said in groups, on reports of it, and on news that wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select, update

from campaigns.groups.kinds import PostKind, ReportOutcome
from campaigns.groups.models import GroupPost, GroupReport
from core.db import Session
from core.pagination import Listing, SortKey
from people.auth import Actor

MAX_SETTLED = 10_000


async def find_post(session: Session, post_id: UUID) -> GroupPost | None:
    """One post, as it is by now."""
    found: GroupPost | None = await session.scalar(
        select(GroupPost).where(GroupPost.id == post_id).execution_options(populate_existing=True)
    )
    return found


async def find_by_client_key(
    session: Session, group_id: UUID, author_id: UUID, client_key: str
) -> GroupPost | None:
    """What the author's program has posted under this key."""
    found: GroupPost | None = await session.scalar(
        select(GroupPost).where(
            GroupPost.group_id == group_id,
            GroupPost.author_id == author_id,
            GroupPost.client_key == client_key,
        )
    )
    return found


async def count_posts_since(
    session: Session,
    since: datetime,
    *,
    author_id: UUID | None = None,
    group_id: UUID | None = None,
    kinds: Collection[PostKind] = tuple(PostKind),
) -> int:
    """How much somebody has written lately, or how much a group has heard."""
    query = (
        select(func.count())
        .select_from(GroupPost)
        .where(GroupPost.posted_at > since, GroupPost.kind.in_(kinds))
    )
    if author_id is not None:
        query = query.where(GroupPost.author_id == author_id)
    if group_id is not None:
        query = query.where(GroupPost.group_id == group_id)
    return int(await session.scalar(query) or 0)


async def find_report(session: Session, post_id: UUID, reporter_id: UUID) -> GroupReport | None:
    """What somebody has reported."""
    found: GroupReport | None = await session.scalar(
        select(GroupReport).where(
            GroupReport.post_id == post_id, GroupReport.reporter_id == reporter_id
        )
    )
    return found


async def settle_reports(
    session: Session,
    post_id: UUID,
    *,
    outcome: ReportOutcome,
    settled_by: UUID | None,
    now: datetime,
) -> None:
    """Close all that is open about a post."""
    await session.execute(
        update(GroupReport)
        .where(GroupReport.post_id == post_id, GroupReport.settled_at.is_(None))
        .values(outcome=outcome, settled_by=settled_by, settled_at=now)
    )


def list_posts(
    group_id: UUID, kind: PostKind, *, with_hidden: bool, parent_id: UUID | None = None
) -> Listing[GroupPost]:
    """What was said: heads the newest first, replies the oldest first.

    A hidden head with replies keeps its place, without its words; a hidden reply too.
    """
    query = select(GroupPost).where(GroupPost.group_id == group_id, GroupPost.kind == kind)
    if parent_id is not None:
        query = query.where(GroupPost.parent_id == parent_id)
    if not with_hidden and kind is not PostKind.REPLY:
        query = query.where(or_(GroupPost.hidden_at.is_(None), GroupPost.reply_count > 0))
    newest_first = kind is not PostKind.REPLY
    key = SortKey("id", GroupPost.id, descending=newest_first)
    return Listing(query, key=key)


def list_reports(group_id: UUID, *, settled: bool) -> Listing[GroupReport]:
    """What members have reported, the newest first."""
    query = select(GroupReport).where(
        GroupReport.group_id == group_id,
        GroupReport.settled_at.is_not(None) if settled else GroupReport.settled_at.is_(None),
    )
    return Listing(query, key=SortKey("id", GroupReport.id, descending=True))


async def load_open_report_counts(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, int]:
    """How many open reports there are about each of these posts."""
    rows = await session.execute(
        select(GroupReport.post_id, func.count())
        .where(GroupReport.post_id.in_(keys), GroupReport.settled_at.is_(None))
        .group_by(GroupReport.post_id)
    )
    counts: dict[UUID, int] = defaultdict(int, {row[0]: int(row[1]) for row in rows})
    return {key: counts[key] for key in keys}


def _untold(group_id: UUID) -> Select[GroupPost]:
    return select(GroupPost).where(
        GroupPost.group_id == group_id,
        GroupPost.kind == PostKind.ANNOUNCEMENT,
        GroupPost.news_id.is_(None),
        GroupPost.hidden_at.is_(None),
        GroupPost.text != "",
    )


async def list_untold(session: Session, group_id: UUID, limit: int) -> list[GroupPost]:
    """Announcements that no mail has told of, the oldest first."""
    query = _untold(group_id).order_by(GroupPost.id).limit(limit)
    return list(await session.scalars(query))


async def list_told(session: Session, news_id: UUID) -> list[GroupPost]:
    """The announcements that one mail tells of and that are not hidden, the oldest first."""
    query = select(GroupPost).where(
        GroupPost.news_id == news_id, GroupPost.hidden_at.is_(None), GroupPost.text != ""
    )
    return list(await session.scalars(query.order_by(GroupPost.id)))
