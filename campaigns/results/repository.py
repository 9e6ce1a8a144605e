"""The queries behind results: counts of people and homes, and what was published."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, distinct, func, select

from campaigns.biking.models import Ride
from campaigns.mailings.models import Mailing, MailingRecipient
from campaigns.programmes.kinds import CampaignKind
from campaigns.programmes.models import Campaign, CampaignMember
from campaigns.recycling.models import CartAudit, RouteWeight, SetOutCount, WasteSort
from campaigns.results.models import ResultPublication
from campaigns.standings.repository import is_opted_out
from core.db import Session
from messaging.kinds import MessageStatus
from messaging.models import Message
from people.models import Community, Household, Person

MAX_CELLS = 20_000
MAX_IDS = 500
MAX_FIGURES = 100_000
WEEK = timedelta(days=7)
LATE_AFTER = timedelta(days=21)
"""After the Monday of a figure's week: two weeks after its end."""
HANDED_OVER = (MessageStatus.SENT, MessageStatus.DELIVERED)


async def count_told(session: Session, campaign_id: UUID) -> int:
    """People to whom a message of the campaign's mailings was sent and did not come back."""
    query = (
        select(func.count(distinct(MailingRecipient.person_id)))
        .join(Mailing, Mailing.id == MailingRecipient.mailing_id)
        .join(Message, Message.id == MailingRecipient.message_id)
        .where(
            Mailing.campaign_id == campaign_id,
            Message.status.in_(HANDED_OVER),
        )
    )
    return int(await session.scalar(query) or 0)


async def load_told_counts(session: Session, campaign_ids: Collection[UUID]) -> dict[UUID, int]:
    """The same for several campaigns at once."""
    query = (
        select(Mailing.campaign_id, func.count(distinct(MailingRecipient.person_id)))
        .join(MailingRecipient, MailingRecipient.mailing_id == Mailing.id)
        .join(Message, Message.id == MailingRecipient.message_id)
        .where(Mailing.campaign_id.in_(campaign_ids), Message.status.in_(HANDED_OVER))
        .group_by(Mailing.campaign_id)
    )
    return {key: int(count) for key, count in await session.execute(query) if key is not None}


async def load_publications(
    session: Session, campaign_ids: Collection[UUID]
) -> dict[UUID, ResultPublication]:
    """What the public sees of each campaign now."""
    query = (
        select(ResultPublication)
        .where(
            ResultPublication.campaign_id.in_(campaign_ids),
            ResultPublication.withdrawn_at.is_(None),
        )
        .order_by(ResultPublication.published_at, ResultPublication.id)
        .limit(MAX_IDS)
    )
    return {row.campaign_id: row for row in await session.scalars(query)}


async def count_joined(session: Session, campaign_id: UUID) -> int:
    """People who take part now; who left or was erased is not counted."""
    query = select(func.count(CampaignMember.person_id)).where(*_joined(campaign_id))
    return int(await session.scalar(query) or 0)


async def count_active(session: Session, campaign: Campaign) -> int | None:
    """People who joined and did something; None where a campaign counts nothing of people."""
    if campaign.kind is not CampaignKind.BIKING:
        return None
    query = select(func.count(distinct(Ride.person_id))).where(*_rode(campaign))
    return int(await session.scalar(query) or 0)


@dataclass(frozen=True)
class Homes:
    """Homes with somebody who took part."""

    by_area: Mapping[str | None, int]
    by_cell: Mapping[int, int]
    homeless_count: int
    """People who took part and have no home on record."""


async def count_homes(session: Session, campaign: Campaign, *, for_public: bool = False) -> Homes:
    """Where those live who rode, or who joined a campaign that counts nothing of people.

    Counts of areas that everybody sees leave out who does not want to be seen.
    """
    people = _who_took_part(campaign).subquery()
    if for_public:
        out = is_opted_out(people.c.person_id, campaign.community_id)
        people = select(people.c.person_id).where(~out).subquery()
    homes = (
        select(Household.id, Household.area, Household.cell)
        .join(Person, Person.household_id == Household.id)
        .join(people, people.c.person_id == Person.id)
        .distinct()
        .subquery()
    )
    areas = select(homes.c.area, func.count()).group_by(homes.c.area)
    cells = (
        select(homes.c.cell, func.count())
        .where(homes.c.cell.is_not(None))
        .group_by(homes.c.cell)
        .order_by(homes.c.cell)
        .limit(MAX_CELLS)
    )
    alone = (
        select(func.count())
        .select_from(people)
        .join(Person, Person.id == people.c.person_id)
        .where(Person.household_id.is_(None))
    )
    return Homes(
        {area: int(count) for area, count in await session.execute(areas)},
        {int(cell): int(count) for cell, count in await session.execute(cells)},
        int(await session.scalar(alone) or 0),
    )


async def count_synthetic(session: Session, campaign: Campaign) -> int:
    """Made-up people among those who take part."""
    query = (
        select(func.count(CampaignMember.person_id))
        .join(Person, Person.id == CampaignMember.person_id)
        .where(*_joined(campaign.id), Person.is_synthetic.is_(True))
    )
    return int(await session.scalar(query) or 0)


async def count_late(session: Session, route_ids: Collection[UUID], first: date, last: date) -> int:
    """Figures of some routes and weeks that were written down more than two weeks after theirs."""
    total = 0
    for row, day in (
        (SetOutCount, SetOutCount.week),
        (RouteWeight, RouteWeight.day),
        (WasteSort, WasteSort.week),
        (CartAudit, CartAudit.week),
    ):
        found = await session.execute(
            select(day, row.recorded_at)
            .where(row.route_id.in_(route_ids), day.between(first, last + WEEK))
            .limit(MAX_FIGURES)
        )
        total += sum(moment.date() - on > LATE_AFTER for on, moment in found)
    return total


async def find_publication(session: Session, campaign_id: UUID) -> ResultPublication | None:
    """What the public sees of a campaign now."""
    query = (
        select(ResultPublication)
        .where(
            ResultPublication.campaign_id == campaign_id, ResultPublication.withdrawn_at.is_(None)
        )
        .order_by(ResultPublication.published_at.desc(), ResultPublication.id.desc())
        .limit(1)
    )
    found: ResultPublication | None = await session.scalar(query)
    return found


async def list_published(session: Session, campaign_ids: Sequence[UUID]) -> set[UUID]:
    """Those of some campaigns whose results the public sees now."""
    query = select(ResultPublication.campaign_id).where(
        ResultPublication.campaign_id.in_(campaign_ids), ResultPublication.withdrawn_at.is_(None)
    )
    return set(await session.scalars(query))


async def list_open_publications(
    session: Session, campaign_id: UUID
) -> Sequence[ResultPublication]:
    """What was published of a campaign and not withdrawn."""
    query = (
        select(ResultPublication)
        .where(
            ResultPublication.campaign_id == campaign_id, ResultPublication.withdrawn_at.is_(None)
        )
        .limit(MAX_IDS)
    )
    return (await session.scalars(query)).all()


async def load_community(session: Session, campaign: Campaign) -> Community:
    """The community of a campaign."""
    return await session.get_one(Community, campaign.community_id)


def _who_took_part(campaign: Campaign) -> Select[UUID]:
    if campaign.kind is CampaignKind.BIKING:
        return select(Ride.person_id.label("person_id")).where(*_rode(campaign)).distinct()
    return select(CampaignMember.person_id.label("person_id")).where(*_joined(campaign.id))


def _joined(campaign_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (CampaignMember.campaign_id == campaign_id, CampaignMember.left_at.is_(None))


def _rode(campaign: Campaign) -> tuple[ColumnElement[bool], ...]:
    """Rides of the campaign's own time: those from before it began are its baseline."""
    return (
        Ride.campaign_id == campaign.id,
        Ride.started_at >= campaign.starts_at,
        Ride.started_at < campaign.ends_at,
    )
