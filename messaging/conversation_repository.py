"""The queries on conversations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update

from core.db import Session
from messaging.conversation_models import Thread, ThreadMember, ThreadPost
from people.models import Community, Person, Preferences

MAX_MEMBERS = 20
MAX_FORGOTTEN = 500


async def find_thread(
    session: Session, thread_id: UUID, *, for_update: bool = False
) -> Thread | None:
    """One conversation; ``for_update`` holds it until the transaction ends."""
    query = select(Thread).where(Thread.id == thread_id)
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: Thread | None = await session.scalar(query)
    return found


async def find_thread_about(
    session: Session, subject_type: str, subject_id: UUID, *, for_update: bool = True
) -> Thread | None:
    """The conversation about one thing; ``for_update`` holds it until the transaction ends."""
    query = select(Thread).where(
        Thread.subject_type == subject_type, Thread.subject_id == subject_id
    )
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: Thread | None = await session.scalar(query)
    return found


async def find_thread_id_by_code(session: Session, person_id: UUID, code: str) -> UUID | None:
    """The conversation that a person reaches by this code."""
    found: UUID | None = await session.scalar(
        select(ThreadMember.thread_id).where(
            ThreadMember.person_id == person_id, ThreadMember.code == code
        )
    )
    return found


async def list_members(session: Session, thread_id: UUID) -> list[ThreadMember]:
    """Who takes part, in a fixed order."""
    rows = await session.scalars(
        select(ThreadMember)
        .where(ThreadMember.thread_id == thread_id)
        .order_by(ThreadMember.joined_at, ThreadMember.person_id)
        .limit(MAX_MEMBERS)
    )
    return list(rows)


async def list_codes(session: Session, person_id: UUID) -> set[str]:
    """The codes by which a person answers now."""
    rows = await session.scalars(
        select(ThreadMember.code).where(ThreadMember.person_id == person_id)
    )
    return set(rows)


async def list_open_codes(session: Session, person_id: UUID) -> list[str]:
    """The codes of a person's conversations that still go on, newest first."""
    rows = await session.scalars(
        select(ThreadMember.code)
        .join(Thread, Thread.id == ThreadMember.thread_id)
        .where(ThreadMember.person_id == person_id, Thread.closed_at.is_(None))
        .order_by(Thread.id.desc())
        .limit(MAX_MEMBERS)
    )
    return list(rows)


async def find_post_by_source(
    session: Session, thread_id: UUID, source_key: str
) -> ThreadPost | None:
    """What a text message brought when it came the first time."""
    found: ThreadPost | None = await session.scalar(
        select(ThreadPost).where(
            ThreadPost.thread_id == thread_id, ThreadPost.source_key == source_key
        )
    )
    return found


async def count_posts_since(
    session: Session, thread_id: UUID, author_id: UUID, since: datetime
) -> int:
    """How much somebody has said lately."""
    count = await session.scalar(
        select(func.count(ThreadPost.id)).where(
            ThreadPost.thread_id == thread_id,
            ThreadPost.author_id == author_id,
            ThreadPost.posted_at >= since,
        )
    )
    return count or 0


async def list_posts(
    session: Session, thread_id: UUID, *, before: UUID | None, limit: int
) -> Sequence[ThreadPost]:
    """One page of what was said, newest first."""
    query = select(ThreadPost).where(ThreadPost.thread_id == thread_id)
    if before is not None:
        query = query.where(ThreadPost.id < before)
    return list(await session.scalars(query.order_by(ThreadPost.id.desc()).limit(limit)))


async def list_community_threads(
    session: Session, community_id: UUID, *, before: UUID | None, limit: int
) -> list[Thread]:
    """One page of a community's conversations, newest first."""
    query = select(Thread).where(Thread.community_id == community_id)
    if before is not None:
        query = query.where(Thread.id < before)
    return list(await session.scalars(query.order_by(Thread.id.desc()).limit(limit)))


async def find_language(session: Session, person_id: UUID, community_id: UUID) -> tuple[str, str]:
    """The language a person likes best, and the community's time zone."""
    languages = await session.scalar(
        select(Preferences.languages).where(Preferences.person_id == person_id)
    )
    community = (
        await session.execute(
            select(Community.locale, Community.time_zone).where(Community.id == community_id)
        )
    ).one()
    return (languages[0] if languages else community.locale), community.time_zone


async def list_present(session: Session, person_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these people who were not erased."""
    rows = await session.scalars(
        select(Person.id).where(Person.id.in_(person_ids), Person.erased_at.is_(None))
    )
    return set(rows)


async def empty_posts_of(session: Session, person_id: UUID) -> int:
    """Remove what a person said, everywhere; how many posts."""
    rows = await session.execute(
        update(ThreadPost)
        .where(ThreadPost.author_id == person_id, ThreadPost.text != "")
        .values(text="", source_key=None)
        .returning(ThreadPost.id)
        .execution_options(synchronize_session=False)
    )
    return len(rows.all())


async def leave_threads(session: Session, person_id: UUID) -> None:
    """Take a person out of all conversations."""
    await session.execute(delete(ThreadMember).where(ThreadMember.person_id == person_id))


async def delete_threads(session: Session, *, closed_before: datetime) -> int:
    """Remove conversations that ended long ago, one page of them; how many."""
    old = select(Thread.id).where(Thread.closed_at < closed_before).limit(MAX_FORGOTTEN)
    ids = list(await session.scalars(old))
    for table in (ThreadPost, ThreadMember):
        await session.execute(delete(table).where(table.thread_id.in_(ids)))
    await session.execute(delete(Thread).where(Thread.id.in_(ids)))
    return len(ids)


async def close_overdue(session: Session, *, ended_before: datetime, now: datetime) -> int:
    """Close conversations about visits that ended long ago without a word; how many."""
    overdue = (
        select(Thread.id)
        .where(Thread.closed_at.is_(None), Thread.ends_at < ended_before)
        .limit(MAX_FORGOTTEN)
    )
    rows = await session.execute(
        update(Thread)
        .where(Thread.id.in_(overdue))
        .values(closed_at=now)
        .returning(Thread.id)
        .execution_options(synchronize_session=False)
    )
    return len(rows.all())
