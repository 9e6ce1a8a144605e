"""Talk about one agreed visit, through the platform: nobody sees a number or an address.

What one says goes to the others on the channel that each has chosen. A text message ends with a
short code; "TO K7 I am at the door" comes back here by that code.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from core.ids import new_code
from messaging import conversation_policy as policy
from messaging import conversation_repository as repository
from messaging.conversation_models import Thread, ThreadMember, ThreadPost
from messaging.conversation_words import relay_words
from messaging.errors import InvalidPost, ThreadClosed, ThreadUnknown, TooManyPosts
from messaging.kinds import Draft, ThreadSide
from messaging.masking import Masked, mask_contacts
from messaging.sending import queue_message
from people.auth import Actor
from people.kinds import Purpose
from people.links import LinkTo, create_link

MAX_TEXT = 1_000
MAX_POSTS = 200
"""In one conversation."""
MAX_POSTS_AN_HOUR = 20
"""Of one person."""
AROUND_VISIT = timedelta(hours=2)
"""This long before and after the visit words are passed on at any hour: somebody is at the door."""
KEEP_CLOSED = timedelta(days=30)
FORGOTTEN_AFTER = timedelta(days=3)
"""A conversation that nobody closed ends so long after the visit."""
PAGE_SIZE = 50
KIND = "conversation"
KEPT_UNSEEN = frozenset("\n\u200c\u200d")
"""A new line, and what joins or parts letters of some scripts and pictures."""

PURPOSES: Mapping[ThreadSide, Purpose] = {
    ThreadSide.RESIDENT: Purpose.MATCHING,
    ThreadSide.VOLUNTEER: Purpose.OFFERS,
    ThreadSide.STAFF: Purpose.MATCHING,
}


@dataclass(frozen=True, kw_only=True)
class OpenThread:
    """Who may talk about what, and when the visit is."""

    community_id: UUID
    subject_type: str
    subject_id: UUID
    resident_id: UUID
    volunteer_id: UUID
    """Person ids, both."""
    starts_at: datetime
    ends_at: datetime
    volunteer_code: str | None = None
    """The code that the volunteer knows already from the offer, to be used again."""


async def open_thread(session: Session, command: OpenThread, *, now: datetime) -> Thread:
    """Let the two sides of an agreed visit talk; called by the workflow that agrees it.

    A second call about the same thing gives the same conversation, open again. Records
    ``thread.opened``.
    """
    known = await repository.find_thread_about(session, command.subject_type, command.subject_id)
    if known is not None:
        known.closed_at = None
        return known
    thread = Thread(
        community_id=command.community_id,
        subject_type=command.subject_type,
        subject_id=command.subject_id,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        opened_at=now,
    )
    session.add(thread)
    await session.flush()
    await _join(session, thread, command.resident_id, ThreadSide.RESIDENT, now=now)
    if command.volunteer_id != command.resident_id:
        wanted = command.volunteer_code
        await _join(session, thread, command.volunteer_id, ThreadSide.VOLUNTEER, wanted, now=now)
    _record(session, thread, "thread.opened", None, now)
    return thread


async def close_thread(
    session: Session, subject_type: str, subject_id: UUID, *, now: datetime
) -> Thread | None:
    """End the conversation with the visit; None when there was none. Records ``thread.closed``."""
    thread = await repository.find_thread_about(session, subject_type, subject_id)
    if thread is not None and thread.closed_at is None:
        thread.closed_at = now
        _record(session, thread, "thread.closed", None, now)
    return thread


async def move_visit(
    session: Session,
    subject_type: str,
    subject_id: UUID,
    *,
    starts_at: datetime,
    ends_at: datetime,
) -> None:
    """Note that the visit is at another time."""
    thread = await repository.find_thread_about(session, subject_type, subject_id)
    if thread is not None:
        thread.starts_at, thread.ends_at = starts_at, ends_at


async def post_message(
    session: Session,
    actor: Actor,
    thread_id: UUID,
    text: str,
    *,
    now: datetime,
    source_key: str | None = None,
) -> ThreadPost:
    """Say something to the others of a conversation, who hear it on their own channels.

    Those who take part and staff may. Numbers and addresses are masked, except in what staff say.
    The same ``source_key`` again is the same post. Records ``thread.posted``.
    """
    thread = await repository.find_thread(session, thread_id, for_update=True)
    members = [] if thread is None else await repository.list_members(session, thread_id)
    ids = [member.person_id for member in members]
    if thread is None or actor.person_id is None or not policy.can_post(actor, thread, ids):
        raise ThreadUnknown("There is no such conversation for you.")
    if source_key is not None:
        known = await repository.find_post_by_source(session, thread_id, source_key)
        if known is not None:
            return known
    if thread.closed_at is not None:
        raise ThreadClosed("The visit is over, so this was not passed on. Staff can still help.")
    cleaned = clean_text(text)
    await _check_amount(session, thread, actor.person_id, now)
    speaker = await _find_or_join(session, thread, members, actor.person_id, now)
    is_staff = speaker.side is ThreadSide.STAFF
    masked = Masked(cleaned, 0) if is_staff else mask_contacts(cleaned)
    post = ThreadPost(
        thread_id=thread.id,
        author_id=actor.person_id,
        side=speaker.side,
        text=masked.text,
        masked_count=masked.count,
        source_key=source_key,
        posted_at=now,
    )
    session.add(post)
    thread.post_count += 1
    await session.flush()
    _record(session, thread, "thread.posted", actor, now)
    await _relay(session, thread, post, [m for m in members if m is not speaker], now)
    return post


async def post_by_code(
    session: Session,
    person_id: UUID,
    code: str,
    text: str,
    *,
    now: datetime,
    source_key: str | None = None,
) -> ThreadPost:
    """Say something by text message: "TO K7 I am at the door"."""
    wanted = code.strip().upper()
    thread_id = await repository.find_thread_id_by_code(session, person_id, wanted)
    if thread_id is None:
        raise ThreadUnknown("No conversation of yours has this code.")
    actor = Actor(person_id=person_id)
    return await post_message(session, actor, thread_id, text, now=now, source_key=source_key)


async def list_codes(session: Session, person_id: UUID) -> list[str]:
    """The codes of a person's conversations that go on, newest first: for a kind reply."""
    return await repository.list_open_codes(session, person_id)


async def list_posts(
    session: Session,
    actor: Actor,
    thread_id: UUID,
    *,
    now: datetime,
    before: UUID | None = None,
    limit: int = PAGE_SIZE,
) -> Sequence[ThreadPost]:
    """One page of what was said, newest first."""
    await get_thread(session, actor, thread_id, now=now)
    return await repository.list_posts(
        session, thread_id, before=before, limit=min(limit, PAGE_SIZE)
    )


async def get_thread(session: Session, actor: Actor, thread_id: UUID, *, now: datetime) -> Thread:
    """One conversation, for those who may read it; others hear that there is none."""
    thread = await repository.find_thread(session, thread_id)
    members = [] if thread is None else await repository.list_members(session, thread_id)
    ids = [member.person_id for member in members]
    if thread is None or not policy.can_read_thread(actor, thread, ids, now):
        raise ThreadUnknown("There is no such conversation for you.")
    return thread


async def list_threads(
    session: Session,
    actor: Actor,
    community_id: UUID,
    *,
    before: UUID | None = None,
    limit: int = PAGE_SIZE,
) -> list[Thread]:
    """One page of a community's conversations, newest first; staff only."""
    if not actor.is_staff(community_id):
        raise NotPermitted("Only staff of the community may look through its conversations.")
    return await repository.list_community_threads(
        session, community_id, before=before, limit=min(limit, PAGE_SIZE)
    )


async def forget_person(session: Session, person_id: UUID) -> int:
    """Remove what a person said and take them out, as part of erasing them; how many posts."""
    count = await repository.empty_posts_of(session, person_id)
    await repository.leave_threads(session, person_id)
    return count


async def forget_old_threads(session: Session, *, now: datetime) -> int:
    """Close what nobody closed, and remove what ended long ago; how many were removed."""
    await repository.close_overdue(session, ended_before=now - FORGOTTEN_AFTER, now=now)
    return await repository.delete_threads(session, closed_before=now - KEEP_CLOSED)


def clean_text(text: str) -> str:
    """What somebody wrote, without control characters and empty ends.

    Raises
    ------
    InvalidPost
        When nothing is left, or more than `MAX_TEXT` characters.
    """
    kept = tidy_text(text)
    if not kept:
        raise InvalidPost("There is nothing to pass on: write a few words.")
    if len(kept) > MAX_TEXT:
        raise InvalidPost(f"This has {len(kept)} characters; write at most {MAX_TEXT}.")
    return kept


def tidy_text(text: str) -> str:
    """The same of any length: a line ends in one character, as browsers count what is typed."""
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in plain if _is_seen(char)).strip()


def _is_seen(char: str) -> bool:
    """Not a character that controls a terminal, or turns the direction of what follows."""
    return char in KEPT_UNSEEN or not unicodedata.category(char).startswith("C")


async def _check_amount(session: Session, thread: Thread, author_id: UUID, now: datetime) -> None:
    since = now - timedelta(hours=1)
    lately = await repository.count_posts_since(session, thread.id, author_id, since)
    if thread.post_count >= MAX_POSTS or lately >= MAX_POSTS_AN_HOUR:
        raise TooManyPosts("That is a lot for one visit. Wait an hour, or ask staff to help.")


async def _find_or_join(
    session: Session, thread: Thread, members: list[ThreadMember], person_id: UUID, now: datetime
) -> ThreadMember:
    for member in members:
        if member.person_id == person_id:
            return member
    return await _join(session, thread, person_id, ThreadSide.STAFF, now=now)


async def _join(
    session: Session,
    thread: Thread,
    person_id: UUID,
    side: ThreadSide,
    wanted: str | None = None,
    *,
    now: datetime,
) -> ThreadMember:
    taken = await repository.list_codes(session, person_id)
    code = wanted.upper() if wanted else new_code(2)
    tries = 0
    while code in taken:
        tries += 1
        code = new_code(2 + tries // 20)
    member = ThreadMember(
        thread_id=thread.id, person_id=person_id, side=side, code=code, joined_at=now
    )
    session.add(member)
    await session.flush()
    return member


async def _relay(
    session: Session,
    thread: Thread,
    post: ThreadPost,
    others: Sequence[ThreadMember],
    now: datetime,
) -> None:
    present = await repository.list_present(session, [other.person_id for other in others])
    for other in others:
        if other.person_id not in present:
            continue
        language, time_zone = await repository.find_language(
            session, other.person_id, thread.community_id
        )
        until = thread.ends_at + FORGOTTEN_AFTER + policy.READABLE_AFTER
        link = LinkTo(
            action="thread",
            person_id=other.person_id,
            subject_id=thread.id,
            expires_at=max(until, now + policy.READABLE_AFTER),
        )
        token = await create_link(session, link, now=now)
        words = relay_words(
            language,
            text=post.text,
            speaker=post.side,
            code=other.code,
            token=token,
            starts_at=thread.starts_at,
            time_zone=time_zone,
        )
        around = thread.starts_at - AROUND_VISIT <= now <= thread.ends_at + AROUND_VISIT
        draft = Draft(
            community_id=thread.community_id,
            person_id=other.person_id,
            kind=KIND,
            key=f"post:{post.id}:{other.person_id}",
            purpose=PURPOSES[other.side],
            words=words,
            subject_type="thread",
            subject_id=thread.id,
            hurry=around,
            counts=False,
        )
        await queue_message(session, draft, now=now)


def _record(
    session: Session, thread: Thread, kind: str, actor: Actor | None, now: datetime
) -> None:
    record_event(
        session,
        kind,
        subject_type="thread",
        subject_id=thread.id,
        happened_at=now,
        actor_id=None if actor is None else actor.person_id,
        community_id=thread.community_id,
    )
