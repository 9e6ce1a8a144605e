"""Saying: send it. Then pausing, going on, calling off, choosing what the rest gets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from campaigns.audiences.definitions import read_definition
from campaigns.audiences.finding import Audience, check_sendable, find_audience
from campaigns.mailings import repository
from campaigns.mailings.composing import get_managed
from campaigns.mailings.drawing import count_fallbacks
from campaigns.mailings.errors import (
    AlreadySent,
    InvalidMailing,
    LanguageMissing,
    MailingStands,
    ResultNotDue,
    SampleTooLarge,
)
from campaigns.mailings.kinds import MailingStatus, Variant
from campaigns.mailings.models import Mailing
from campaigns.mailings.states import STARTED
from campaigns.mailings.texts import read_texts
from campaigns.mailings.transitions import SUBJECT, move_mailing
from core.db import Session
from core.i18n import LANGUAGES
from core.jobs import NewJob, enqueue
from matching.transitions import Cause
from messaging.repository import bring_forward_held
from messaging.sending import DELIVER, take_back_messages
from people.auth import Actor

CONTINUE = "campaigns.continue_mailing"
A_DAY = timedelta(hours=24)
LATEST = timedelta(days=366)
MAX_FORWARD = 1_000


@dataclass(frozen=True, kw_only=True)
class ApproveMailing:
    """Send a draft, now or at a moment."""

    mailing_id: UUID
    starts_at: datetime | None = None
    send_again: bool = False
    """Although the same words went to the same people within a day."""
    everybody: bool = False
    """It is meant for more than 80 of 100 members."""


async def approve_mailing(
    session: Session, actor: Actor, command: ApproveMailing, *, now: datetime
) -> Mailing:
    """Let a draft go out. Records ``mailing.scheduled``.

    Two who approve at the same moment wait for each other at the version of the segment: one
    sends, the other hears `AlreadySent`.

    Raises
    ------
    AlreadySent
        When it goes already, or the same words go to the same people within 24 hours.
    LanguageMissing
        When people would get a language that is not theirs, and nobody said that this is fine.
    SampleTooLarge
        When the audience is smaller than the sample.
    """
    mailing = await get_managed(session, actor, command.mailing_id)
    if mailing.status in STARTED:
        raise AlreadySent("This mailing is on its way already: look at its progress.")
    version = await repository.lock_segment_version(
        session, mailing.segment_version_id, mailing.community_id
    )
    if version is None:
        raise InvalidMailing("The segment of this mailing is gone: choose another one.")
    starts_at = command.starts_at or now
    if not now - A_DAY <= starts_at <= now + LATEST:
        raise InvalidMailing("Choose a start from now to one year ahead.")
    same = await repository.find_same(session, mailing, now - A_DAY)
    if same is not None and not command.send_again:
        raise AlreadySent(
            "The same words went to the same people within 24 hours, or are about to. Look at "
            "that mailing; if they shall come twice, say so with sendAgain."
        )
    audience = await find_people(session, mailing, now)
    check_sendable(audience, everybody_confirmed=command.everybody)
    await _check_people(session, mailing, audience)
    mailing.starts_at = max(starts_at, now)
    mailing.approved_at = now
    mailing.approved_by = actor.person_id
    cause = Cause(now=now, actor_id=actor.person_id)
    people_count = len(audience.person_ids)
    move_mailing(session, mailing, MailingStatus.SCHEDULED, cause, people_count=people_count)
    await continue_at(session, mailing, mailing.starts_at, now=now)
    return mailing


async def find_people(session: Session, mailing: Mailing, now: datetime) -> Audience:
    """Who belongs to the audience of a mailing now; what it sent itself is no contact."""
    version = await repository.find_segment_version(
        session, mailing.segment_version_id, mailing.community_id
    )
    if version is None:
        raise InvalidMailing("The segment of this mailing is gone: choose another one.")
    return await find_audience(
        session,
        Actor.system(),
        mailing.community_id,
        read_definition(version.definition),
        mailing.purpose,
        now=now,
        besides=mailing.id,
    )


async def pause_mailing(
    session: Session, actor: Actor, mailing_id: UUID, *, now: datetime
) -> Mailing:
    """Send nothing more until somebody says so; what waits in the outbox stays there.

    Once more is fine. Records ``mailing.paused``.
    """
    mailing = await get_managed(session, actor, mailing_id)
    if mailing.status is MailingStatus.PAUSED:
        return mailing
    cause = Cause(now=now, actor_id=actor.person_id)
    return move_mailing(session, mailing, MailingStatus.PAUSED, cause)


async def resume_mailing(
    session: Session, actor: Actor, mailing_id: UUID, *, now: datetime
) -> Mailing:
    """Go on where it stopped. Once more is fine. Records ``mailing.sending``."""
    mailing = await get_managed(session, actor, mailing_id)
    if mailing.status is MailingStatus.SENDING:
        return mailing
    if mailing.status is not MailingStatus.PAUSED:
        raise MailingStands("Only a mailing that was paused can go on.")
    cause = Cause(now=now, actor_id=actor.person_id, reason="resumed")
    move_mailing(session, mailing, MailingStatus.SENDING, cause)
    for message_id in await bring_forward_held(session, mailing.id, now=now, limit=MAX_FORWARD):
        job = NewJob(
            name=DELIVER,
            args={"message_id": str(message_id)},
            key=f"resumed:{message_id}",
            now=now,
        )
        await enqueue(session, job)
    await continue_at(session, mailing, now, now=now)
    return mailing


async def cancel_mailing(
    session: Session, actor: Actor, mailing_id: UUID, *, now: datetime
) -> Mailing:
    """Send nothing more, for good. What is on its way cannot be called back.

    Once more is fine. Records ``mailing.cancelled``.
    """
    mailing = await get_managed(session, actor, mailing_id)
    if mailing.status is MailingStatus.CANCELLED:
        return mailing
    cause = Cause(now=now, actor_id=actor.person_id)
    move_mailing(session, mailing, MailingStatus.CANCELLED, cause)
    # One page at once; the gate keeps back the rest when its turn comes.
    await take_back_messages(session, subject_id=mailing.id)
    return mailing


async def choose_variant(
    session: Session, actor: Actor, mailing_id: UUID, variant: Variant, *, now: datetime
) -> Mailing:
    """Decide what the rest gets after a comparison that showed no difference.

    Raises
    ------
    ResultNotDue
        While the comparison goes on: nobody decides by half a result.
    """
    mailing = await get_managed(session, actor, mailing_id)
    if mailing.status is not MailingStatus.CHOOSING:
        if mailing.sample_size is not None and mailing.result is None:
            raise ResultNotDue("The comparison goes on: its result is read when its time is over.")
        raise MailingStands("There is nothing to choose: this mailing waits for no decision.")
    await go_on_with(session, mailing, variant, Cause(now=now, actor_id=actor.person_id))
    return mailing


async def go_on_with(session: Session, mailing: Mailing, variant: Variant, cause: Cause) -> None:
    """Let the rest of the list get one variant."""
    mailing.chosen_variant = variant
    await repository.choose_for_rest(session, mailing.id, variant)
    move_mailing(session, mailing, MailingStatus.SENDING, cause, what=f"variant_{variant.value}")
    await continue_at(session, mailing, cause.now, now=cause.now)


async def continue_at(
    session: Session, mailing: Mailing, due_at: datetime, *, now: datetime
) -> None:
    """Have the worker take a mailing up at a moment; one job for each mailing waits at a time."""
    await enqueue(
        session,
        NewJob(
            name=CONTINUE,
            args={"mailing_id": str(mailing.id)},
            key=f"{SUBJECT}:{mailing.id}",
            due_at=due_at,
            now=now,
        ),
    )


async def _check_people(session: Session, mailing: Mailing, audience: Audience) -> None:
    people = audience.person_ids
    if mailing.sample_size is not None and 2 * mailing.sample_size > len(people):
        raise SampleTooLarge(
            f"The comparison needs {2 * mailing.sample_size} people and would reach fewer: make "
            "the sample smaller, or send one variant to all."
        )
    if mailing.accepts_fallback:
        return
    written = set(read_texts(mailing.texts)[Variant.A])
    languages = await repository.load_languages(session, people)
    missing = count_fallbacks(languages, written, LANGUAGES)
    if missing:
        said = ", ".join(f"{code} ({say_count(count)})" for code, count in sorted(missing.items()))
        raise LanguageMissing(
            f"People of the audience prefer a language that is not written: {said}. Write it, or "
            "say with acceptsFallback that they get the other one."
        )


def say_count(count: int) -> str:
    """A count of people as staff may see it: small ones are not told exactly."""
    return f"{count} people" if count >= 5 else "fewer than 5 people"
