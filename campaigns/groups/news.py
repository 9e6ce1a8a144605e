"""Announcements go out by mail: one for each group and day, however many there are.

The mail of a day waits a while after the first announcement, so that the next ones go with it.
What is announced after it has begun goes out with the one of the next day.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.groups import notifications, repository
from campaigns.groups import posts_repository as posts
from campaigns.groups.kinds import GroupStatus
from campaigns.groups.models import Group, GroupNews
from core.db import Session
from core.jobs import JobRegistry, JobTools, NewJob, enqueue

SEND_NEWS = "groups.send_news"
WAIT = timedelta(minutes=30)
"""From an announcement to the mail, so that a correction can go with it."""
NEXT_MORNING = time(9, 0)
BATCH = 50
"""Members in one transaction."""
MAX_POSTS = 20
"""Announcements in one mail."""
MAX_BATCHES = 400


async def plan_news(session: Session, group: Group, *, now: datetime) -> None:
    """Have the announcements of a group sent: today, or tomorrow if today's mail has begun."""
    zone = await _zone_of(session, group)
    today = now.astimezone(zone).date()
    due_at = now + WAIT
    if await repository.find_news(session, group.id, due_at.astimezone(zone).date()) is not None:
        morning = datetime.combine(today + timedelta(days=1), NEXT_MORNING, zone)
        due_at = max(due_at, morning.astimezone(UTC))
    await enqueue(
        session,
        NewJob(
            name=SEND_NEWS,
            args={"group_id": str(group.id)},
            key=f"group_news:{group.id}",
            due_at=due_at,
            now=now,
        ),
    )


async def send_news(tools: JobTools, args: dict[str, Any]) -> None:
    """Send the mail of a day to the members who want it, a few in each transaction.

    Whoever does it again, such as after a crash, goes on where it stopped; nobody has two.
    """
    group_id = UUID(args["group_id"])
    for _ in range(MAX_BATCHES):
        async with tools.database.begin() as session:
            if not await send_some_news(session, group_id, now=tools.clock.now()):
                return


async def send_some_news(session: Session, group_id: UUID, *, now: datetime) -> bool:
    """Do one part of the mail of the day; False when nothing is left to do."""
    group = await repository.lock_group(session, group_id)
    if group is None or group.status is not GroupStatus.ACTIVE:
        return False
    news = await _find_or_begin(session, group, now)
    if news is None:
        return False
    told = await posts.list_told(session, news.id)
    readers = await repository.list_next_readers(session, group.id, news.last_person_id, BATCH)
    for person_id in readers if told else ():
        words = [post.text for post in told]
        if await notifications.notify_news(session, group, news, person_id, words, now=now):
            news.told_count += 1
    if told and len(readers) == BATCH:
        news.last_person_id = readers[-1]
        await session.flush()
        return True
    news.last_person_id, news.finished_at = None, now
    await session.flush()
    if await posts.list_untold(session, group.id, 1):
        await plan_news(session, group, now=now)
    return False


async def _find_or_begin(session: Session, group: Group, now: datetime) -> GroupNews | None:
    """The mail that is going out, or that of today; None when there is nothing to tell."""
    open_news = await repository.find_open_news(session, group.id)
    if open_news is not None:
        return open_news
    waiting = await posts.list_untold(session, group.id, MAX_POSTS)
    if not waiting:
        return None
    day = now.astimezone(await _zone_of(session, group)).date()
    if await repository.find_news(session, group.id, day) is not None:
        await plan_news(session, group, now=now)
        return None
    news = GroupNews(group_id=group.id, day=day, started_at=now, told_count=0)
    session.add(news)
    await session.flush()
    for post in waiting:
        post.news_id = news.id
    await session.flush()
    return news


async def _zone_of(session: Session, group: Group) -> ZoneInfo:
    community = await repository.get_community(session, group.community_id)
    return ZoneInfo("UTC" if community is None else community.time_zone)


def register_jobs(registry: JobRegistry) -> None:
    """Make these jobs known to the worker."""
    registry.add(SEND_NEWS, send_news, limit_s=600.0)
