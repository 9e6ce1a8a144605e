"""The queries that show messages and conversations to those who may read them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true

from core.db import Session
from core.pagination import Listing, SortKey
from messaging.conversation_models import Thread, ThreadMember, ThreadPost
from messaging.conversation_policy import READABLE_AFTER
from messaging.kinds import MessageStatus, ThreadSide
from messaging.models import Message, MessageWords
from messaging.repository import undelivered_in
from people.auth import Actor
from people.kinds import Channel, Purpose
from people.models import Consent

MAX_MEMBERS = 10_000
"""Of the conversations of one page."""


@dataclass(frozen=True)
class MessageFilter:
    """Which messages; all conditions that are given must hold."""

    purpose: Purpose | None = None
    status: MessageStatus | None = None
    channel: Channel | None = None
    queued_since: datetime | None = None
    person_id: UUID | None = None
    subject_id: UUID | None = None
    """What they are about, such as a request."""


def list_messages_to(actor: Actor, wanted: MessageFilter) -> Listing[Message]:
    """What was sent to the actor, newest first."""
    mine = false() if actor.person_id is None else Message.person_id == actor.person_id
    query = select(Message).where(mine, *_conditions(wanted))
    return Listing(query, key=_newest(Message.id))


def list_undelivered_of(
    actor: Actor, community_id: UUID, wanted: MessageFilter
) -> Listing[Message]:
    """What staff of a community must look at, newest first; nothing for others."""
    query = undelivered_in(community_id).order_by(None).where(*_conditions(wanted))
    if not actor.is_staff(community_id):
        query = query.where(false())
    return Listing(query, key=_newest(Message.id))


def list_messages_of(actor: Actor, community_id: UUID, wanted: MessageFilter) -> Listing[Message]:
    """What a community sent, newest first, for its staff: that it was sent, not what it says."""
    query = select(Message).where(Message.community_id == community_id, *_conditions(wanted))
    if not actor.is_staff(community_id):
        query = query.where(false())
    return Listing(query, key=_newest(Message.id))


def list_threads_waiting_of(actor: Actor, community_id: UUID) -> Listing[Thread]:
    """Open conversations of a community in which staff did not speak last, newest first."""
    newest = select(func.max(ThreadPost.posted_at)).where(ThreadPost.thread_id == Thread.id)
    unanswered = select(ThreadPost.thread_id).where(
        ThreadPost.thread_id == Thread.id,
        ThreadPost.side != ThreadSide.STAFF,
        ThreadPost.posted_at == newest.correlate(Thread).scalar_subquery(),
    )
    listing = list_threads_of(actor, community_id, is_open=True)
    return Listing(listing.query.where(unanswered.exists()), key=listing.key)


def list_threads_of(actor: Actor, community_id: UUID, *, is_open: bool | None) -> Listing[Thread]:
    """The conversations of a community, newest first; for its staff alone."""
    query = select(Thread).where(Thread.community_id == community_id, *_is_open(is_open))
    if not actor.is_staff(community_id):
        query = query.where(false())
    return Listing(query, key=_newest(Thread.id))


def list_threads_with(actor: Actor, *, is_open: bool | None, now: datetime) -> Listing[Thread]:
    """The conversations in which the actor takes part and may still read, newest first."""
    query = select(Thread).where(_takes_part(actor), _still_readable(now), *_is_open(is_open))
    return Listing(query, key=_newest(Thread.id))


def list_posts_in(thread_id: UUID, *, newest_first: bool) -> Listing[ThreadPost]:
    """What was said; the caller has checked who may read the conversation."""
    query = select(ThreadPost).where(ThreadPost.thread_id == thread_id)
    return Listing(query, key=_newest(ThreadPost.id, newest_first))


async def load_readable(
    session: Session, actor: Actor, keys: list[UUID], *, now: datetime
) -> dict[UUID, Thread]:
    """Conversations by key: those that the actor may read."""
    query = select(Thread).where(Thread.id.in_(keys))
    if not actor.is_system:
        staff = Thread.community_id.in_(actor.staff_communities())
        query = query.where(or_(staff, _takes_part(actor) & _still_readable(now)))
    return {row.id: row for row in await session.scalars(query)}


async def load_members_of(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[ThreadMember]]:
    """Who takes part in these conversations, which the actor may read, in a fixed order."""
    query = (
        select(ThreadMember)
        .where(ThreadMember.thread_id.in_(keys), ThreadMember.thread_id.in_(_mine(actor)))
        .order_by(ThreadMember.joined_at, ThreadMember.person_id)
        .limit(MAX_MEMBERS)
    )
    found: dict[UUID, list[ThreadMember]] = defaultdict(list)
    for row in await session.scalars(query):
        found[row.thread_id].append(row)
    return found


async def load_last_posts(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, ThreadPost]:
    """What was said last in these conversations, which the actor may read."""
    last = (
        select(func.max(ThreadPost.posted_at).label("at"), ThreadPost.thread_id)
        .where(ThreadPost.thread_id.in_(keys), ThreadPost.thread_id.in_(_mine(actor)))
        .group_by(ThreadPost.thread_id)
        .subquery()
    )
    query = (
        select(ThreadPost)
        .join(
            last, (ThreadPost.thread_id == last.c.thread_id) & (ThreadPost.posted_at == last.c.at)
        )
        .order_by(ThreadPost.id)
    )
    return {row.thread_id: row for row in await session.scalars(query)}


async def load_messages(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Message]:
    """Messages by key: one's own, and for staff those of their communities."""
    query = select(Message).where(Message.id.in_(keys), _sees_message(actor))
    return {row.id: row for row in await session.scalars(query)}


async def load_words(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, MessageWords]:
    """What messages to the actor say, while it is kept: nobody else's."""
    mine = select(Message.id).where(Message.id.in_(keys), Message.person_id == actor.person_id)
    query = select(MessageWords).where(MessageWords.message_id.in_(mine))
    return {row.message_id: row for row in await session.scalars(query)}


async def load_consent_lines(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, Consent]:
    """Lines of the ledger by key: one's own, and for staff those of their communities."""
    query = select(Consent).where(Consent.id.in_(keys))
    if not actor.is_system:
        staff = Consent.community_id.in_(actor.staff_communities())
        query = query.where(or_(Consent.person_id == actor.person_id, staff))
    return {row.id: row for row in await session.scalars(query)}


def _newest(column: Any, descending: bool = True) -> SortKey:
    return SortKey("id", column, descending)


def _conditions(wanted: MessageFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.purpose is not None:
        found.append(Message.purpose == wanted.purpose)
    if wanted.status is not None:
        found.append(Message.status == wanted.status)
    if wanted.channel is not None:
        found.append(Message.channel == wanted.channel)
    if wanted.queued_since is not None:
        found.append(Message.queued_at >= wanted.queued_since)
    if wanted.person_id is not None:
        found.append(Message.person_id == wanted.person_id)
    if wanted.subject_id is not None:
        found.append(Message.subject_id == wanted.subject_id)
    return found


def _is_open(wanted: bool | None) -> list[ColumnElement[bool]]:
    if wanted is None:
        return []
    return [Thread.closed_at.is_(None) if wanted else Thread.closed_at.is_not(None)]


def _takes_part(actor: Actor) -> ColumnElement[bool]:
    if actor.person_id is None:
        return false()
    mine = select(ThreadMember.thread_id).where(ThreadMember.person_id == actor.person_id)
    return Thread.id.in_(mine)


def _still_readable(now: datetime) -> ColumnElement[bool]:
    """The same rule as `conversation_policy.can_read_thread`."""
    return or_(Thread.closed_at.is_(None), Thread.closed_at >= now - READABLE_AFTER)


def _mine(actor: Actor) -> Select[Any]:
    """The conversations that are the actor's, as one who takes part or as staff."""
    query = select(Thread.id)
    if actor.is_system:
        return query
    return query.where(or_(_takes_part(actor), Thread.community_id.in_(actor.staff_communities())))


def _sees_message(actor: Actor) -> ColumnElement[bool]:
    if actor.is_system:
        return true()
    return or_(
        Message.person_id == actor.person_id,
        Message.community_id.in_(actor.staff_communities()),
    )
