"""The queries on what rides add up to. Only those count who take part now: nobody who left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, select

from campaigns.biking.kinds import RidePurpose
from campaigns.biking.models import Ride
from campaigns.programmes.kinds import CampaignKind
from campaigns.programmes.models import Campaign, CampaignMember
from core.db import Session
from people.models import Household, Person

MAX_CELLS = 5_000


@dataclass(frozen=True)
class RideTotal:
    """What one person rode in a campaign."""

    person_id: UUID
    ride_count: int
    day_count: int
    distance_m: int
    transport_count: int
    transport_m: int


@dataclass(frozen=True)
class MemberFacts:
    """How somebody takes part."""

    person_id: UUID
    invited_by: UUID | None
    took_part_before: bool | None
    area: str | None
    """The neighbourhood of the home, as far as it is known."""


def _takes_part(campaign_id: UUID) -> Select[UUID]:
    return (
        select(CampaignMember.person_id)
        .join(Person, Person.id == CampaignMember.person_id)
        .where(
            CampaignMember.campaign_id == campaign_id,
            CampaignMember.left_at.is_(None),
            Person.erased_at.is_(None),
        )
    )


def _counted(campaign_id: UUID, since: date | None, until: date | None) -> ColumnElement[bool]:
    conditions = [Ride.campaign_id == campaign_id, Ride.person_id.in_(_takes_part(campaign_id))]
    if since is not None:
        conditions.append(Ride.local_day >= since)
    if until is not None:
        conditions.append(Ride.local_day <= until)
    return and_(*conditions)


async def load_ride_totals(
    session: Session, campaign_id: UUID, *, since: date | None = None, until: date | None = None
) -> list[RideTotal]:
    """What everybody who takes part and rode adds up to, by person.

    Counted from the rides each time: what was added late, changed or deleted is always in it.
    """
    transport = Ride.purpose == RidePurpose.TRANSPORT
    rows = await session.execute(
        select(
            Ride.person_id,
            func.count(),
            func.count(distinct(Ride.local_day)),
            func.sum(Ride.distance_m),
            func.sum(case((transport, 1), else_=0)),
            func.sum(case((transport, Ride.distance_m), else_=0)),
        )
        .where(_counted(campaign_id, since, until))
        .group_by(Ride.person_id)
        .order_by(Ride.person_id)
    )
    return [RideTotal(row[0], *(int(value) for value in row[1:])) for row in rows]


async def load_day_distances(
    session: Session, campaign_id: UUID, *, since: date | None = None, until: date | None = None
) -> dict[UUID, dict[date, int]]:
    """Metres by person and day: points stop at so many kilometres a day."""
    rows = await session.execute(
        select(Ride.person_id, Ride.local_day, func.sum(Ride.distance_m))
        .where(_counted(campaign_id, since, until))
        .group_by(Ride.person_id, Ride.local_day)
        .order_by(Ride.person_id, Ride.local_day)
    )
    days: dict[UUID, dict[date, int]] = {}
    for person_id, day, distance_m in rows:
        days.setdefault(person_id, {})[day] = int(distance_m)
    return days


async def load_members(session: Session, campaign_id: UUID) -> list[MemberFacts]:
    """Everybody who takes part now, by person."""
    rows = await session.execute(
        select(
            CampaignMember.person_id,
            CampaignMember.invited_by,
            CampaignMember.took_part_before,
            Household.area,
        )
        .join(Person, Person.id == CampaignMember.person_id)
        .join(Household, Household.id == Person.household_id, isouter=True)
        .where(
            CampaignMember.campaign_id == campaign_id,
            CampaignMember.left_at.is_(None),
            Person.erased_at.is_(None),
        )
        .order_by(CampaignMember.person_id)
    )
    return [MemberFacts(*row) for row in rows]


async def list_earlier_riders(
    session: Session, campaign: Campaign, since: date | None, until: date
) -> frozenset[UUID]:
    """Those of the campaign who have told rides of the community from before it."""
    query = (
        select(Ride.person_id)
        .distinct()
        .where(
            Ride.community_id == campaign.community_id,
            Ride.campaign_id != campaign.id,
            Ride.local_day <= until,
            Ride.person_id.in_(_takes_part(campaign.id)),
        )
    )
    if since is not None:
        query = query.where(Ride.local_day >= since)
    return frozenset(await session.scalars(query))


async def list_earlier_members(session: Session, campaign: Campaign) -> frozenset[UUID]:
    """Those of the campaign who took part in an earlier season."""
    query = (
        select(CampaignMember.person_id)
        .distinct()
        .join(Campaign, Campaign.id == CampaignMember.campaign_id)
        .where(
            Campaign.community_id == campaign.community_id,
            Campaign.kind == CampaignKind.BIKING,
            Campaign.id != campaign.id,
            Campaign.starts_at < campaign.starts_at,
            CampaignMember.person_id.in_(_takes_part(campaign.id)),
        )
    )
    return frozenset(await session.scalars(query))


async def find_last_day(session: Session, campaign_id: UUID) -> date | None:
    """The latest day of which a ride was told."""
    found: date | None = await session.scalar(
        select(func.max(Ride.local_day)).where(Ride.campaign_id == campaign_id)
    )
    return found


async def load_panel(session: Session, campaign: Campaign) -> dict[UUID, str | None]:
    """Who has taken part in this or an earlier biking campaign of the community, with their area.

    The same people are looked at before and during, those who are compared with among them.
    """
    rows = await session.execute(
        select(CampaignMember.person_id, Household.area)
        .distinct()
        .join(Campaign, Campaign.id == CampaignMember.campaign_id)
        .join(Person, Person.id == CampaignMember.person_id)
        .join(Household, Household.id == Person.household_id, isouter=True)
        .where(
            Campaign.community_id == campaign.community_id,
            Campaign.kind == CampaignKind.BIKING,
            Campaign.starts_at <= campaign.starts_at,
            CampaignMember.left_at.is_(None),
            Person.erased_at.is_(None),
        )
    )
    return {row[0]: row[1] for row in rows}


async def load_ride_days(
    session: Session, community_id: UUID, since: date, until: date
) -> dict[UUID, int]:
    """On how many days of a period each person rode; a day told in two campaigns is one."""
    rows = await session.execute(
        select(Ride.person_id, func.count(distinct(Ride.local_day)))
        .where(Ride.community_id == community_id, Ride.local_day.between(since, until))
        .group_by(Ride.person_id)
    )
    return {row[0]: row[1] for row in rows}


async def load_cell_riders(session: Session, campaign_id: UUID) -> dict[int, int]:
    """How many people began or ended a ride in each coarse cell. Not for the public as it is."""
    counted = _counted(campaign_id, None, None)
    starts = select(Ride.start_cell.label("cell"), Ride.person_id).where(counted)
    ends = select(Ride.end_cell.label("cell"), Ride.person_id).where(counted)
    both = starts.union(ends).subquery()
    rows = await session.execute(
        select(both.c.cell, func.count())
        .where(both.c.cell.is_not(None))
        .group_by(both.c.cell)
        .order_by(both.c.cell)
        .limit(MAX_CELLS)
    )
    return {int(cell): int(count) for cell, count in rows}
