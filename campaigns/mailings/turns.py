"""A mailing goes out: the list is drawn once, then people get their turn, a few at a time.

Each transaction takes `TURN` people: it queues their messages and moves the cursor
(``next_position``) together, so a process that dies anywhere leaves both or neither. Who belongs to
the audience is looked up anew for every batch, and once more for each message when it is queued and
when it is sent: whoever leaves during the run gets nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from campaigns.audiences.errors import AudienceEmpty, AudienceIsEverybody
from campaigns.audiences.finding import Audience, check_sendable
from campaigns.mailings import repository
from campaigns.mailings.approving import continue_at, find_people
from campaigns.mailings.comparison import decide
from campaigns.mailings.drawing import choose_text_language, draw_places
from campaigns.mailings.kinds import MailingStatus, RecipientStatus, Variant
from campaigns.mailings.models import Mailing, MailingRecipient, MailingSettings
from campaigns.mailings.texts import Text, read_texts
from campaigns.mailings.transitions import SUBJECT, move_mailing, note_progress
from campaigns.mailings.wording import Addressed, make_words
from core.clock import Clock
from core.db import Database, Session
from core.ids import new_id
from matching.storms.repository import find_active_storm
from matching.transitions import Cause
from messaging.kinds import ContactLimits, Draft, MessageStatus
from messaging.sending import queue_message
from people.links import LinkTo, create_link
from people.models import Community
from people.repository import read_rules_at

TURN = 25
"""People in one transaction: so long nobody else writes on SQLite."""
MOST_IN_BATCH = 200
BATCHES_PER_MIN = 4
STORM_REST = timedelta(minutes=15)
MOST_IN_OUTBOX = 400
"""No more are queued while so many are due and have not left: the outbox is no place to wait in,
and on SQLite those who queue and those who send share one writer."""
OUTBOX_REST = timedelta(seconds=5)
SETTLE_LOOK = timedelta(seconds=20)
LONGEST_LOOK = timedelta(hours=1)
LINK_LIFE = timedelta(days=180)
A_WEEK_S = 7 * 86_400
FOLLOW = "follow_mailing"
"""What the links of mailings are for."""
KIND = "mailing"
LEFT_SEGMENT = "left_segment"


@dataclass(frozen=True)
class _Run:
    """What stays the same for one batch."""

    community: Community
    texts: Mapping[Variant, Mapping[str, Text]]
    settings: MailingSettings | None
    help_phone: str | None
    audience: Audience
    reached: frozenset[UUID]

    @property
    def limits(self) -> ContactLimits:
        row = self.settings
        return ContactLimits(
            gap_s=3_600 if row is None else row.gap_s,
            period_s=A_WEEK_S,
            period_budget=3 if row is None else row.week_budget,
        )


async def continue_mailing(database: Database, clock: Clock, mailing_id: UUID) -> None:
    """Do what is next for a mailing, and say when to look again. May be called at any time."""
    async with database.begin() as session:
        mailing = await repository.lock_mailing(session, mailing_id)
        if mailing is None or await _must_rest(session, mailing, clock.now()):
            return
        if mailing.status is MailingStatus.SCHEDULED:
            await _begin(session, mailing, clock.now())
        elif mailing.status is MailingStatus.WAITING:
            await decide(session, mailing, now=clock.now())
        if mailing.status is not MailingStatus.SENDING:
            return
    await _send_batch(database, clock, mailing_id)


async def _must_rest(session: Session, mailing: Mailing, now: datetime) -> bool:
    """Whether it is not time yet, or a storm needs people's attention."""
    due_at = {
        MailingStatus.SCHEDULED: mailing.starts_at,
        MailingStatus.WAITING: mailing.result_due_at,
    }.get(mailing.status)
    if due_at is not None and due_at > now:
        await continue_at(session, mailing, due_at, now=now)
        return True
    if mailing.status not in (MailingStatus.SCHEDULED, MailingStatus.SENDING):
        return False
    if mailing.despite_storm or await find_active_storm(session, mailing.community_id) is None:
        mailing.held_reason = None
        return False
    if mailing.held_reason != "storm":
        mailing.held_reason = "storm"
        note_progress(session, mailing, Cause(now=now, reason="storm"))
    await continue_at(session, mailing, now + STORM_REST, now=now)
    return True


async def _begin(session: Session, mailing: Mailing, now: datetime) -> None:
    """Draw up the list; a mailing that has too few people by now becomes a draft again."""
    audience = await find_people(session, mailing, now)
    problem = None
    try:
        check_sendable(audience, everybody_confirmed=True)
    except (AudienceEmpty, AudienceIsEverybody) as error:
        problem = error.code
    if 2 * (mailing.sample_size or 0) > len(audience.person_ids):
        problem = "sample_too_large"
    if problem is not None:
        mailing.approved_at = mailing.approved_by = mailing.starts_at = None
        cause = Cause(now=now, reason=problem)
        move_mailing(session, mailing, MailingStatus.DRAFT, cause)
        mailing.held_reason = problem
        return
    written = set(read_texts(mailing.texts)[Variant.A])
    spoken = await repository.load_languages(session, audience.person_ids)
    places = draw_places(audience.person_ids, mailing.seed, mailing.sample_size)
    await repository.add_recipients(
        session,
        [
            {
                "id": new_id(),
                "mailing_id": mailing.id,
                "person_id": place.person_id,
                "position": place.position,
                "variant": place.variant,
                "in_sample": place.in_sample,
                "language": choose_text_language(spoken.get(place.person_id, ()), written)[0],
                "status": RecipientStatus.WAITING,
            }
            for place in places
        ],
    )
    mailing.recipient_count = len(places)
    mailing.began_at = now
    move_mailing(session, mailing, MailingStatus.SENDING, Cause(now=now), people_count=len(places))


async def _send_batch(database: Database, clock: Clock, mailing_id: UUID) -> None:
    """Queue as many as the rate allows until the next batch."""
    began_at = clock.now()
    async with database.begin() as session:
        row = await repository.find_mailing(session, mailing_id)
        due_count = await repository.count_unsettled(session, mailing_id, due_by=began_at)
        if row is not None and due_count >= MOST_IN_OUTBOX:
            await continue_at(session, row, began_at + OUTBOX_REST, now=began_at)
            return
    async with database.read() as session:
        mailing = await session.get(Mailing, mailing_id)
        if mailing is None:
            return
        run = await _prepare(session, mailing, began_at)
        size = max(1, min(MOST_IN_BATCH, mailing.rate_per_min // BATCHES_PER_MIN))
        next_at = began_at + timedelta(minutes=size / mailing.rate_per_min)
    left = size
    while left > 0:
        async with database.begin() as session:
            locked = await repository.lock_mailing(session, mailing_id)
            if locked is None or locked.status is not MailingStatus.SENDING:
                return
            taken = await _take_turn(session, locked, run, min(TURN, left), clock.now())
            left = left - taken if taken else 0
            if left <= 0:
                if not taken and await _end_phase(session, locked, clock.now()):
                    return
                due_at = await _next_look(session, locked, next_at, clock.now())
                await continue_at(session, locked, due_at, now=clock.now())


async def _prepare(session: Session, mailing: Mailing, now: datetime) -> _Run:
    community = await session.get_one(Community, mailing.community_id)
    audience = await find_people(session, mailing, now)
    rules = await read_rules_at(session, mailing.community_id, now)
    return _Run(
        community=community,
        texts=read_texts(mailing.texts),
        settings=await repository.find_settings(session, mailing.community_id),
        help_phone=rules.help_phone,
        audience=audience,
        reached=frozenset(audience.person_ids),
    )


async def _take_turn(
    session: Session, mailing: Mailing, run: _Run, most: int, now: datetime
) -> int:
    """Queue the messages of the next few people, and move the cursor behind them."""
    rows = await repository.list_turn(session, mailing, end_of_phase(mailing), most)
    if not rows:
        return 0
    names = await repository.load_names(session, [row.person_id for row in rows])
    for row in rows:
        if row.person_id in run.reached:
            named = names.get(row.person_id, (None, None))
            await _queue(session, mailing, run, row, named=named, now=now)
        else:
            why = run.audience.excluded.get(row.person_id)
            row.status = RecipientStatus.LEFT
            row.reason = LEFT_SEGMENT if why is None else why.value
    mailing.next_position = rows[-1].position + 1
    note_progress(session, mailing, Cause(now=now))
    await session.flush()
    return len(rows)


async def _queue(
    session: Session,
    mailing: Mailing,
    run: _Run,
    row: MailingRecipient,
    *,
    named: tuple[str | None, str | None],
    now: datetime,
) -> None:
    to = LinkTo(
        action=FOLLOW,
        person_id=row.person_id,
        subject_id=row.id,
        expires_at=now + LINK_LIFE,
    )
    addressed = Addressed(
        language=row.language,
        community=run.community.name,
        first_name=named[0],
        area=named[1],
        help_phone=run.help_phone,
        token=await create_link(session, to, now=now),
        counts_opens=run.settings is not None and run.settings.counts_opens,
    )
    text = run.texts[row.variant or mailing.chosen_variant or Variant.A][row.language]
    draft = Draft(
        community_id=mailing.community_id,
        person_id=row.person_id,
        kind=KIND,
        key=f"{KIND}:{mailing.id}:{row.person_id}",
        purpose=mailing.purpose,
        words=make_words(text, addressed),
        subject_type=SUBJECT,
        subject_id=mailing.id,
        limits=run.limits,
        once=True,
    )
    message = await queue_message(session, draft, now=now)
    row.message_id = message.id
    row.queued_at = now
    skipped = message.status is MessageStatus.SUPPRESSED
    row.status = RecipientStatus.SKIPPED if skipped else RecipientStatus.QUEUED
    row.reason = message.reason if skipped else None


def end_of_phase(mailing: Mailing) -> int:
    """The place on the list where the mailing stops for now: the end of the sample, or the last."""
    if mailing.sample_size is not None and mailing.result is None:
        return 2 * mailing.sample_size
    return mailing.recipient_count or 0


async def _end_phase(session: Session, mailing: Mailing, now: datetime) -> bool:
    """After the last turn: whether all is out, so that the mailing stands still or has ended."""
    if await repository.count_unsettled(session, mailing.id):
        return False
    if mailing.sample_size is not None and mailing.result is None:
        mailing.sample_out_at = now
        mailing.result_due_at = now + timedelta(seconds=mailing.wait_s)
        move_mailing(session, mailing, MailingStatus.WAITING, Cause(now=now))
        await continue_at(session, mailing, mailing.result_due_at, now=now)
    else:
        move_mailing(session, mailing, MailingStatus.SENT, Cause(now=now))
    return True


async def _next_look(
    session: Session, mailing: Mailing, next_at: datetime, now: datetime
) -> datetime:
    """When to go on: at the pace that was asked for, or when what waits may be out."""
    if mailing.next_position < end_of_phase(mailing):
        return next_at
    first_at = await repository.find_next_due(session, mailing.id)
    look_at = max(now, first_at or now) + SETTLE_LOOK
    return min(look_at, now + LONGEST_LOOK)
