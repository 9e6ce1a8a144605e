"""The queries on messages, and on what decides whether and where one may go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    delete,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import joinedload

from core.db import Session
from messaging.kinds import (
    PROACTIVE,
    REACHED,
    STAFF_SHOULD_CALL,
    UNDELIVERED,
    MessageStatus,
    Suppressed,
)
from messaging.models import Message, MessageWords
from people.kinds import Channel, Purpose
from people.models import Community, Consent, ContactPoint, Person, Preferences

PAGE_SIZE = 100
MAX_TAKEN_BACK = 1_000
MAX_IN_DIGEST = 20
MAX_SWEPT = 500


@dataclass(frozen=True)
class ContactState:
    """What a person has heard from us, of all senders together."""

    sent_count: int = 0
    """Messages of this storm that came or will come."""
    last_sent_at: datetime | None = None
    """Of any storm or none."""
    period_count: int = 0
    """Messages of the period that was asked for, of any sender."""


@dataclass(frozen=True)
class Reach:
    """How a person can be reached: read in one go, when a message is queued or sent."""

    person: Person
    community_name: str
    time_zone: str
    preferences: Preferences | None
    contact_points: Sequence[ContactPoint]

    @property
    def is_erased(self) -> bool:
        """Whether the person asked to be forgotten."""
        return self.person.erased_at is not None


async def load_contact_state(
    session: Session,
    person_ids: Collection[UUID],
    storm_id: UUID | None,
    *,
    since: datetime | None = None,
) -> dict[UUID, ContactState]:
    """For each of these people what they heard, messages that wait included.

    Mailings hold nobody else up while they wait, and nothing of a storm at all. For a mailing,
    which asks with ``since``, everything counts.
    """
    if not person_ids:
        return {}
    in_storm = Message.storm_id.is_(None) if storm_id is None else Message.storm_id == storm_id
    moment = func.coalesce(Message.sent_at, Message.due_at)
    ours = or_(Message.purpose.is_(None), Message.purpose.not_in(PROACTIVE))
    in_period = true() if since is None else moment > since
    if since is not None:
        weighs: ColumnElement[bool] = true()
    elif storm_id is None:
        weighs = or_(ours, Message.sent_at.is_not(None))
    else:
        weighs = ours
    rows = await session.execute(
        select(
            Message.person_id,
            func.count().filter(and_(in_storm, ours)),
            func.max(case((weighs, moment))),
            func.count().filter(in_period),
        )
        .where(
            Message.person_id.in_(person_ids),
            Message.counts.is_(True),
            Message.status.in_(REACHED),
        )
        .group_by(Message.person_id)
    )
    found = {
        person_id: ContactState(count, last, lately) for person_id, count, last, lately in rows
    }
    return {key: found.get(key, ContactState()) for key in person_ids}


async def lock_person(session: Session, person_id: UUID) -> None:
    """Let one sender at a time weigh what this person may still hear."""
    await session.execute(
        select(Person.id).where(Person.id == person_id).with_for_update(key_share=True)
    )


async def find_message_by_key(session: Session, key: str) -> Message | None:
    """The message that was queued with this key."""
    found: Message | None = await session.scalar(select(Message).where(Message.key == key))
    return found


async def find_message(session: Session, message_id: UUID) -> Message | None:
    """One message, as it stands now."""
    query = select(Message).where(Message.id == message_id)
    found: Message | None = await session.scalar(query.execution_options(populate_existing=True))
    return found


async def find_message_by_mail_id(session: Session, mail_id: str) -> Message | None:
    """The message that was mailed with this Message-ID."""
    found: Message | None = await session.scalar(select(Message).where(Message.mail_id == mail_id))
    return found


async def lock_message_by_provider_id(session: Session, provider_id: str) -> Message | None:
    """The message that the carrier calls so, held until the end of the transaction."""
    found: Message | None = await session.scalar(
        select(Message)
        .where(Message.provider_id == provider_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def lock_message(session: Session, message_id: UUID) -> Message | None:
    """One message, held until the end of the transaction."""
    found: Message | None = await session.scalar(
        select(Message)
        .where(Message.id == message_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def find_words(session: Session, message_id: UUID) -> MessageWords | None:
    """What a message says, while it is kept."""
    return await session.get(MessageWords, message_id)


async def find_reach(session: Session, community_id: UUID, person_id: UUID) -> Reach | None:
    """How to reach a person; None when there is no such person or community."""
    rows = await session.execute(
        select(Person, Community.name, Community.time_zone)
        .join(Community, Community.id == community_id)
        .where(Person.id == person_id)
        .options(joinedload(Person.contact_points), joinedload(Person.preferences))
        .execution_options(populate_existing=True)
    )
    row = rows.unique().first()
    if row is None:
        return None
    person, community_name, time_zone = row
    return Reach(person, community_name, time_zone, person.preferences, person.contact_points)


async def find_consent_line(session: Session, consent_id: UUID) -> Consent | None:
    """One line of the ledger."""
    return await session.get(Consent, consent_id)


async def find_contact_point(session: Session, contact_point_id: UUID) -> ContactPoint | None:
    """One contact point, as it stands now."""
    query = select(ContactPoint).where(ContactPoint.id == contact_point_id)
    found: ContactPoint | None = await session.scalar(
        query.execution_options(populate_existing=True)
    )
    return found


async def count_to_contact(
    session: Session, contact_point_id: UUID, kind: str, *, since: datetime
) -> int:
    """How many messages of a kind were queued for one address since a moment."""
    found = await session.scalar(
        select(func.count())
        .select_from(Message)
        .where(
            Message.contact_point_id == contact_point_id,
            Message.kind == kind,
            Message.queued_at >= since,
        )
    )
    return int(found or 0)


def _is_free(now: datetime, dead_since: datetime) -> ColumnElement[bool]:
    waits = and_(Message.status == MessageStatus.QUEUED, Message.due_at <= now)
    orphaned = and_(Message.status == MessageStatus.SENDING, Message.claimed_at <= dead_since)
    return or_(waits, orphaned)


async def list_free_message_ids(
    session: Session, *, now: datetime, dead_since: datetime
) -> list[UUID]:
    """Messages that nobody sends although they are due, oldest first."""
    query = (
        select(Message.id)
        .where(_is_free(now, dead_since))
        .order_by(Message.due_at, Message.id)
        .limit(MAX_SWEPT)
    )
    return list(await session.scalars(query))


async def lock_digest_mates(session: Session, message: Message) -> list[Message]:
    """Other messages that wait for the same person on the same channel and may be joined."""
    query = (
        select(Message)
        .where(
            Message.person_id == message.person_id,
            Message.community_id == message.community_id,
            Message.channel == message.channel,
            Message.contact_point_id == message.contact_point_id,
            Message.status == MessageStatus.QUEUED,
            Message.digestible.is_(True),
            Message.storm_id.is_not_distinct_from(message.storm_id),
            Message.attempts == 0,
            Message.id != message.id,
        )
        .order_by(Message.queued_at, Message.id)
        .limit(MAX_IN_DIGEST - 1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return list(await session.scalars(query))


async def take_back(
    session: Session, reason: Suppressed, *conditions: ColumnElement[bool]
) -> list[UUID]:
    """Suppress messages that wait, by conditions; those on their way cannot be called back."""
    picked = (
        select(Message.id)
        .where(Message.status == MessageStatus.QUEUED, *conditions)
        .limit(MAX_TAKEN_BACK)
    )
    rows = await session.execute(
        update(Message)
        .where(Message.id.in_(picked), Message.status == MessageStatus.QUEUED)
        .values(status=MessageStatus.SUPPRESSED, reason=reason.value)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return list(rows.scalars())


async def take_back_about(
    session: Session,
    reason: Suppressed,
    *,
    person_id: UUID | None = None,
    subject_id: UUID | None = None,
    storm_id: UUID | None = None,
    channel: Channel | None = None,
    purposes: Collection[Purpose] = (),
    kinds: Collection[str] = (),
    community_id: UUID | None = None,
) -> list[UUID]:
    """Suppress messages that wait for this person, about this subject or storm.

    At least one of person, subject and storm must be given.
    """
    conditions: list[ColumnElement[bool]] = []
    if person_id is not None:
        conditions.append(Message.person_id == person_id)
    if subject_id is not None:
        conditions.append(Message.subject_id == subject_id)
    if storm_id is not None:
        conditions.append(Message.storm_id == storm_id)
    if not conditions:
        raise ValueError("Say whose messages, or about what, are to be taken back.")
    if community_id is not None:
        conditions.append(Message.community_id == community_id)
    if channel is not None:
        conditions.append(Message.channel == channel)
    if purposes:
        conditions.append(Message.purpose.in_(purposes))
    if kinds:
        conditions.append(Message.kind.in_(kinds))
    return await take_back(session, reason, *conditions)


async def bring_forward_held(
    session: Session, subject_id: UUID, *, now: datetime, limit: int
) -> list[UUID]:
    """Let messages about something go that their gate had held; a page of them, to be sent."""
    picked = (
        select(Message.id)
        .where(
            Message.subject_id == subject_id,
            Message.status == MessageStatus.QUEUED,
            Message.reason == "held",
            Message.due_at > now,
        )
        .limit(limit)
    )
    rows = await session.execute(
        update(Message)
        .where(Message.id.in_(picked))
        .values(due_at=now)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return list(rows.scalars())


def undelivered_in(community_id: UUID) -> Select[Message]:
    """What staff must look at: what failed or bounced, and who could not be written to."""
    failed = Message.status.in_(UNDELIVERED)
    unreachable = and_(
        Message.status == MessageStatus.SUPPRESSED, Message.reason.in_(STAFF_SHOULD_CALL)
    )
    return (
        select(Message)
        .where(Message.community_id == community_id, or_(failed, unreachable))
        .order_by(Message.id.desc())
    )


async def list_undelivered(
    session: Session, community_id: UUID, *, before: UUID | None, limit: int
) -> list[Message]:
    """One page of `undelivered_in`, newest first."""
    query = undelivered_in(community_id)
    if before is not None:
        query = query.where(Message.id < before)
    return list(await session.scalars(query.limit(min(limit, PAGE_SIZE))))


async def forget_words(session: Session, *, settled_before: datetime) -> int:
    """Remove the words of messages that came to an end before a moment; how many."""
    settled = select(Message.id).where(
        Message.status.not_in((MessageStatus.QUEUED, MessageStatus.SENDING)),
        func.coalesce(Message.state_at, Message.sent_at, Message.due_at) < settled_before,
    )
    removed = await session.execute(
        delete(MessageWords)
        .where(MessageWords.message_id.in_(settled))
        .returning(MessageWords.message_id)
        .execution_options(synchronize_session=False)
    )
    return len(removed.all())


async def forget_person(session: Session, person_id: UUID) -> int:
    """Remove the words of everything that was written to a person, and send nothing more."""
    await take_back_about(session, Suppressed.PERSON_ERASED, person_id=person_id)
    theirs = select(Message.id).where(Message.person_id == person_id)
    removed = await session.execute(
        delete(MessageWords)
        .where(MessageWords.message_id.in_(theirs))
        .returning(MessageWords.message_id)
        .execution_options(synchronize_session=False)
    )
    return len(removed.all())
