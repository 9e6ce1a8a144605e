"""The queries on mailings and their lists. `visible_to` is the only way to a list of mailings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, or_, select, update

from campaigns.audiences.models import Segment, SegmentVersion
from campaigns.mailings.errors import MailingUnknown
from campaigns.mailings.kinds import MailingStatus, RecipientStatus, Variant
from campaigns.mailings.models import Mailing, MailingRecipient, MailingSettings
from campaigns.mailings.states import STARTED
from campaigns.programmes.models import CampaignTeam
from core.db import Session
from core.pagination import Listing, SortKey
from messaging.kinds import MessageStatus
from messaging.models import Message
from people.auth import Actor
from people.models import Household, Person, PersonName, Preferences

CHUNK = 500
MAX_DUE = 50
MAX_PLACES = 10_000


def visible_to(actor: Actor) -> Select[Mailing]:
    """The mailings that the actor may know of: staff those of their community, a team its own."""
    query = select(Mailing)
    if actor.is_system:
        return query
    team = select(CampaignTeam.campaign_id).where(CampaignTeam.person_id == actor.person_id)
    return query.where(
        or_(Mailing.community_id.in_(actor.staff_communities()), Mailing.campaign_id.in_(team))
    )


async def get_mailing(session: Session, actor: Actor, mailing_id: UUID) -> Mailing:
    """One mailing as it stands; unknown and hidden answer alike."""
    found: Mailing | None = await session.scalar(
        visible_to(actor).where(Mailing.id == mailing_id).execution_options(populate_existing=True)
    )
    if found is None:
        raise MailingUnknown(f"There is no mailing {mailing_id}, or it is not for you.")
    return found


async def find_mailing(session: Session, mailing_id: UUID) -> Mailing | None:
    """One mailing as it stands, for the product itself."""
    return await session.get(Mailing, mailing_id, populate_existing=True)


async def load_mailings(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Mailing]:
    """Mailings by key, as far as the actor may know of them."""
    rows = await session.scalars(visible_to(actor).where(Mailing.id.in_(keys)))
    return {row.id: row for row in rows}


def list_mailings(
    actor: Actor,
    community_id: UUID,
    *,
    statuses: Collection[MailingStatus] = (),
    campaign_id: UUID | None = None,
) -> Listing[Mailing]:
    """The mailings of a community that the actor may know of, the newest first."""
    query = visible_to(actor).where(Mailing.community_id == community_id)
    if statuses:
        query = query.where(Mailing.status.in_(statuses))
    if campaign_id is not None:
        query = query.where(Mailing.campaign_id == campaign_id)
    return Listing(
        query,
        key=SortKey("id", Mailing.id, descending=True),
    )


async def lock_mailing(session: Session, mailing_id: UUID) -> Mailing | None:
    """The mailing as it is now, held until the transaction ends."""
    found: Mailing | None = await session.scalar(
        select(Mailing)
        .where(Mailing.id == mailing_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def lock_segment_version(
    session: Session, version_id: UUID, community_id: UUID
) -> SegmentVersion | None:
    """A version of a segment of the community, held: so two who send to it wait for each other."""
    found: SegmentVersion | None = await session.scalar(
        select(SegmentVersion)
        .join(Segment, Segment.id == SegmentVersion.segment_id)
        .where(SegmentVersion.id == version_id, Segment.community_id == community_id)
        .with_for_update(of=SegmentVersion)
    )
    return found


async def find_segment_version(
    session: Session, version_id: UUID, community_id: UUID
) -> SegmentVersion | None:
    """A version of a segment of the community."""
    found: SegmentVersion | None = await session.scalar(
        select(SegmentVersion)
        .join(Segment, Segment.id == SegmentVersion.segment_id)
        .where(SegmentVersion.id == version_id, Segment.community_id == community_id)
    )
    return found


async def find_same(session: Session, mailing: Mailing, since: datetime) -> Mailing | None:
    """Another mailing of the same words to the same people that was approved since a moment."""
    found: Mailing | None = await session.scalar(
        select(Mailing)
        .where(
            Mailing.segment_version_id == mailing.segment_version_id,
            Mailing.content_digest == mailing.content_digest,
            Mailing.approved_at >= since,
            Mailing.status.in_(STARTED),
            Mailing.id != mailing.id,
        )
        .order_by(Mailing.approved_at.desc())
        .limit(1)
    )
    return found


async def add_recipients(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write the list of a mailing."""
    for start in range(0, len(rows), CHUNK):
        await session.execute(insert(MailingRecipient), rows[start : start + CHUNK])


async def list_turn(
    session: Session, mailing: Mailing, until: int, limit: int
) -> list[MailingRecipient]:
    """The next places on the list whose turn it is, up to a position."""
    query = (
        select(MailingRecipient)
        .where(
            MailingRecipient.mailing_id == mailing.id,
            MailingRecipient.position >= mailing.next_position,
            MailingRecipient.position < until,
        )
        .order_by(MailingRecipient.position)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def find_recipient(session: Session, recipient_id: UUID) -> MailingRecipient | None:
    """One place on a list."""
    return await session.get(MailingRecipient, recipient_id, populate_existing=True)


async def find_recipient_by_message(session: Session, message_id: UUID) -> MailingRecipient | None:
    """Whose place on a list a message fills."""
    found: MailingRecipient | None = await session.scalar(
        select(MailingRecipient).where(MailingRecipient.message_id == message_id)
    )
    return found


async def find_last_recipient(
    session: Session, person_id: UUID, community_id: UUID, since: datetime
) -> MailingRecipient | None:
    """The last mailing that a person got from a community since a moment."""
    found: MailingRecipient | None = await session.scalar(
        select(MailingRecipient)
        .join(Mailing, Mailing.id == MailingRecipient.mailing_id)
        .where(
            MailingRecipient.person_id == person_id,
            MailingRecipient.status == RecipientStatus.QUEUED,
            MailingRecipient.queued_at >= since,
            Mailing.community_id == community_id,
        )
        .order_by(MailingRecipient.queued_at.desc(), MailingRecipient.id.desc())
        .limit(1)
    )
    return found


async def count_unsettled(
    session: Session, mailing_id: UUID, *, due_by: datetime | None = None
) -> int:
    """Messages of a mailing that wait or are on their way; of those that are due by a moment."""
    query = select(func.count()).where(
        Message.subject_type == "mailing",
        Message.subject_id == mailing_id,
        Message.status.in_((MessageStatus.QUEUED, MessageStatus.SENDING)),
    )
    if due_by is not None:
        query = query.where(Message.due_at <= due_by)
    return int(await session.scalar(query) or 0)


async def find_next_due(session: Session, mailing_id: UUID) -> datetime | None:
    """When the next message of a mailing that waits is due."""
    found: datetime | None = await session.scalar(
        select(Message.due_at)
        .where(
            Message.subject_type == "mailing",
            Message.subject_id == mailing_id,
            Message.status == MessageStatus.QUEUED,
        )
        .order_by(Message.due_at)
        .limit(1)
    )
    return found


async def load_languages(session: Session, person_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """What each of these people speaks, the most comfortable first."""
    found: dict[UUID, list[str]] = {}
    for start in range(0, len(person_ids), CHUNK):
        rows = await session.execute(
            select(Preferences.person_id, Preferences.languages).where(
                Preferences.person_id.in_(person_ids[start : start + CHUNK])
            )
        )
        found.update({person_id: list(languages) for person_id, languages in rows})
    return found


async def load_names(
    session: Session, person_ids: Sequence[UUID]
) -> dict[UUID, tuple[str | None, str | None]]:
    """What each of these people is called, and the neighbourhood where they live."""
    rows = await session.execute(
        select(Person.id, PersonName.call_name, PersonName.full_name, Household.area)
        .outerjoin(PersonName, PersonName.person_id == Person.id)
        .outerjoin(Household, Household.id == Person.household_id)
        .where(Person.id.in_(person_ids))
    )
    return {
        person_id: (call_name or (full_name or "").split(" ")[0] or None, area)
        for person_id, call_name, full_name, area in rows
    }


async def choose_for_rest(session: Session, mailing_id: UUID, variant: Variant) -> None:
    """Let everybody whose turn has not come get one variant."""
    await session.execute(
        update(MailingRecipient)
        .where(
            MailingRecipient.mailing_id == mailing_id,
            MailingRecipient.variant.is_(None),
        )
        .values(variant=variant)
        .execution_options(synchronize_session=False)
    )


async def find_settings(session: Session, community_id: UUID) -> MailingSettings | None:
    """What a community decided about its mailings."""
    return await session.get(MailingSettings, community_id)


async def load_settings(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, MailingSettings]:
    """What communities decided, as far as the actor works there; absent ones have the usual."""
    rows = await session.scalars(
        select(MailingSettings).where(MailingSettings.community_id.in_(keys))
    )
    return {row.community_id: row for row in rows}


async def list_running(session: Session, quiet_since: datetime) -> list[UUID]:
    """Mailings that should go on by themselves and of which nothing was heard since a moment."""
    going = (MailingStatus.SCHEDULED, MailingStatus.SENDING, MailingStatus.WAITING)
    query = (
        select(Mailing.id)
        .where(Mailing.status.in_(going), Mailing.updated_at < quiet_since)
        .order_by(Mailing.id)
        .limit(MAX_DUE)
    )
    return list(await session.scalars(query))


async def count_tests(session: Session, person_id: UUID, since: datetime) -> int:
    """Test mails that a person sent to themselves since a moment."""
    query = select(func.count()).where(
        Message.person_id == person_id,
        Message.kind == "mailing_test",
        Message.queued_at >= since,
    )
    return int(await session.scalar(query) or 0)


async def forget_recipient(session: Session, person_id: UUID) -> None:
    """Take a person off every list."""
    await session.execute(delete(MailingRecipient).where(MailingRecipient.person_id == person_id))


async def list_places_of(session: Session, person_id: UUID) -> list[MailingRecipient]:
    """Every list that a person stands on, the oldest first."""
    query = (
        select(MailingRecipient)
        .where(MailingRecipient.person_id == person_id)
        .order_by(MailingRecipient.id)
        .limit(MAX_PLACES)
    )
    return list(await session.scalars(query))


async def list_written_by(session: Session, person_id: UUID) -> list[Mailing]:
    """Mailings that a person wrote or approved."""
    query = (
        select(Mailing)
        .where(or_(Mailing.created_by == person_id, Mailing.approved_by == person_id))
        .order_by(Mailing.id)
        .limit(MAX_PLACES)
    )
    return list(await session.scalars(query))
