"""Writing a mailing: drafts, what the language check says, test mails to oneself."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from campaigns.mailings import policy, repository
from campaigns.mailings.errors import InvalidMailing, MailingStands, MailingUnknown, TooManyTests
from campaigns.mailings.kinds import MAILING_PURPOSES, MailingStatus, Variant
from campaigns.mailings.models import Mailing
from campaigns.mailings.readability import Readability, judge
from campaigns.mailings.texts import (
    Text,
    Texts,
    check_texts,
    digest_texts,
    read_texts,
    show_plain,
    write_texts,
)
from campaigns.mailings.transitions import SUBJECT
from campaigns.mailings.wording import Addressed, make_words
from campaigns.programmes.repository import get_campaign, list_working_ids
from core.db import Session
from core.errors import NotPermitted
from core.events import record_event
from core.ids import new_id
from messaging.kinds import Draft
from messaging.models import Message
from messaging.sending import queue_message
from people.auth import Actor
from people.errors import CommunityUnknown
from people.kinds import Purpose
from people.models import NAME_LENGTH, Community

TEST_KIND = "mailing_test"
MAX_TESTS = 10
AN_HOUR = timedelta(hours=1)
RATES = (1, 6_000)
SAMPLES = (50, 100_000)
"""People of each variant. With fewer than 50 hardly any difference could be shown."""
WAITS_S = (3_600, 14 * 86_400)


@dataclass(frozen=True, kw_only=True)
class WriteMailing:
    """What a mailing says, to whom, and how it goes out."""

    community_id: UUID
    segment_version_id: UUID
    purpose: Purpose
    title: str
    texts: Mapping[Variant, Mapping[str, Text]]
    campaign_id: UUID | None = None
    rate_per_min: int = 120
    despite_storm: bool = False
    accepts_fallback: bool = False
    sample_size: int | None = None
    """People of each variant; needs a variant B."""
    wait_s: int = 86_400
    mailing_id: UUID | None = None
    """The id that a new one gets: the same form once more writes the same draft anew."""


async def create_mailing(
    session: Session, actor: Actor, command: WriteMailing, *, now: datetime
) -> Mailing:
    """Keep a new draft; one with the same id is written anew. Records ``mailing.drafted``."""
    await _check(session, actor, command)
    mailing = Mailing(
        id=command.mailing_id or new_id(),
        community_id=command.community_id,
        created_by=actor.person_id,
        created_at=now,
        seed=secrets.randbelow(2**62),
        status=MailingStatus.DRAFT,
        next_position=0,
    )
    _write(mailing, command, now)
    try:
        async with session.begin_nested():
            session.add(mailing)
            await session.flush()
    except IntegrityError:
        if command.mailing_id is None:
            raise
        return await change_mailing(session, actor, command.mailing_id, command, now=now)
    _record(session, actor, mailing, "mailing.drafted", now)
    return mailing


async def change_mailing(
    session: Session,
    actor: Actor,
    mailing_id: UUID,
    command: WriteMailing,
    *,
    now: datetime,
) -> Mailing:
    """Write a draft anew. Records ``mailing.changed``."""
    mailing = await get_managed(session, actor, mailing_id)
    if mailing.status is not MailingStatus.DRAFT:
        raise MailingStands("Only drafts can be changed: what goes out is what was approved.")
    if mailing.community_id != command.community_id:
        raise InvalidMailing("A mailing stays with its community.")
    await _check(session, actor, command)
    _write(mailing, command, now)
    await session.flush()
    _record(session, actor, mailing, "mailing.changed", now)
    return mailing


def check_language(texts: Texts) -> dict[tuple[Variant, str], Readability]:
    """How hard each text is to read, subject and body together.

    Raises
    ------
    InvalidMailing
        When a text does not keep to the format.
    """
    check_texts(texts)
    return {
        (variant, language): judge(f"{text.subject}\n{show_plain(text)}", language)
        for variant, row in texts.items()
        for language, text in row.items()
    }


async def send_test(
    session: Session, actor: Actor, mailing_id: UUID, *, now: datetime
) -> list[Message]:
    """Send every variant and language to oneself; ten in an hour. It counts nowhere."""
    if actor.person_id is None:
        raise NotPermitted("A test goes to whoever asks for it: sign in as a person.")
    mailing = await get_managed(session, actor, mailing_id)
    texts = read_texts(mailing.texts)
    sent = await repository.count_tests(session, actor.person_id, now - AN_HOUR)
    if sent + sum(len(row) for row in texts.values()) > MAX_TESTS:
        raise TooManyTests(f"You sent yourself {sent} test mails in an hour: wait a little.")
    names = await repository.load_names(session, [actor.person_id])
    first_name, area = names.get(actor.person_id, (None, None))
    community = await _get_community(session, mailing.community_id)
    messages = []
    for variant, row in texts.items():
        for language, text in row.items():
            to = Addressed(language, community.name, first_name, area)
            mark = variant.value.upper() if Variant.B in texts else language
            draft = Draft(
                community_id=mailing.community_id,
                person_id=actor.person_id,
                kind=TEST_KIND,
                key=f"{TEST_KIND}:{mailing.id}:{variant.value}:{language}:{new_id()}",
                purpose=None,
                words=make_words(_marked(text, mark), to),
                hurry=True,
                counts=False,
            )
            messages.append(await queue_message(session, draft, now=now))
    return messages


async def get_managed(session: Session, actor: Actor, mailing_id: UUID) -> Mailing:
    """A mailing that the actor may act on, held until the transaction ends."""
    await repository.get_mailing(session, actor, mailing_id)
    mailing = await repository.lock_mailing(session, mailing_id)
    if mailing is None:
        raise MailingUnknown(f"There is no mailing {mailing_id}, or it is not for you.")
    team = await _team_of(session, mailing.campaign_id)
    if not policy.can_manage_mailings(actor, mailing.community_id, team):
        raise NotPermitted("Only managers of the community, or the campaign's team, send mailings.")
    return mailing


async def _check(session: Session, actor: Actor, command: WriteMailing) -> None:
    team: frozenset[UUID] = frozenset()
    if command.campaign_id is not None:
        campaign = await get_campaign(session, actor, command.campaign_id)
        if campaign.community_id != command.community_id:
            raise InvalidMailing("The campaign belongs to another community.")
        team = await _team_of(session, campaign.id)
    if not policy.can_manage_mailings(actor, command.community_id, team):
        raise NotPermitted("Only managers of the community, or the campaign's team, send mailings.")
    version = await repository.find_segment_version(
        session, command.segment_version_id, command.community_id
    )
    if version is None:
        raise InvalidMailing("There is no such version of a segment in this community.")
    if command.purpose not in MAILING_PURPOSES:
        raise InvalidMailing("Mailings are for the purposes campaigns and programmes.")
    if not 1 <= len(command.title.strip()) <= NAME_LENGTH:
        raise InvalidMailing(f"The title must have 1 to {NAME_LENGTH} characters.")
    if not RATES[0] <= command.rate_per_min <= RATES[1]:
        raise InvalidMailing(f"Send {RATES[0]} to {RATES[1]:,} messages a minute.")
    check_texts(command.texts)
    _check_comparison(command)


def _check_comparison(command: WriteMailing) -> None:
    if (Variant.B in command.texts) is not (command.sample_size is not None):
        raise InvalidMailing("A comparison needs a variant B and the size of its sample.")
    if command.sample_size is None:
        return
    if not SAMPLES[0] <= command.sample_size <= SAMPLES[1]:
        raise InvalidMailing(
            f"The sample needs {SAMPLES[0]} to {SAMPLES[1]:,} people of each variant."
        )
    if not WAITS_S[0] <= command.wait_s <= WAITS_S[1]:
        raise InvalidMailing("Wait one hour to 14 days before the result is read.")


def _write(mailing: Mailing, command: WriteMailing, now: datetime) -> None:
    mailing.campaign_id = command.campaign_id
    mailing.segment_version_id = command.segment_version_id
    mailing.purpose = command.purpose
    mailing.title = command.title.strip()
    mailing.texts = write_texts(command.texts)
    mailing.content_digest = digest_texts(command.purpose.value, command.texts)
    mailing.rate_per_min = command.rate_per_min
    mailing.despite_storm = command.despite_storm
    mailing.accepts_fallback = command.accepts_fallback
    mailing.sample_size = command.sample_size
    mailing.wait_s = 0 if command.sample_size is None else command.wait_s
    mailing.updated_at = now


def _record(session: Session, actor: Actor, mailing: Mailing, kind: str, now: datetime) -> None:
    record_event(
        session,
        kind,
        subject_type=SUBJECT,
        subject_id=mailing.id,
        happened_at=now,
        actor_id=actor.person_id,
        community_id=mailing.community_id,
        purpose=mailing.purpose.value,
        content_digest=mailing.content_digest,
    )


def _marked(text: Text, mark: str) -> Text:
    return Text(f"[Test {mark}] {text.subject}", text.body, text.short)


async def _team_of(session: Session, campaign_id: UUID | None) -> frozenset[UUID]:
    if campaign_id is None:
        return frozenset()
    return await list_working_ids(session, campaign_id)


async def _get_community(session: Session, community_id: UUID) -> Community:
    community = await session.get(Community, community_id)
    if community is None:
        raise CommunityUnknown(f"There is no community {community_id}.")
    return community
