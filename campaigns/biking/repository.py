"""The queries on rides. `visible_to` is the only way to a list of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, false, func, or_, select

from campaigns.biking.errors import RideUnknown
from campaigns.biking.models import Ride
from campaigns.programmes.models import CampaignTeam
from campaigns.programmes.repository import WORKING
from core.db import Session
from core.pagination import Listing, SortKey
from people.auth import Actor
from people.kinds import Channel, Role
from people.models import Community, ContactPoint, Membership

MOST_SPAN = timedelta(days=1)
MAX_OVERLAPS = 500


def visible_to(actor: Actor) -> Select[Ride]:
    """The rides that the actor may see: their own, and those of campaigns that they manage."""
    query = select(Ride)
    if actor.is_system:
        return query
    if actor.person_id is None:
        return query.where(false())
    managed = tuple(sorted(key for key in actor.roles if actor.has_role(key, Role.MANAGER)))
    team = select(CampaignTeam.campaign_id).where(
        CampaignTeam.person_id == actor.person_id, CampaignTeam.role.in_(WORKING)
    )
    return query.where(
        or_(
            Ride.person_id == actor.person_id,
            Ride.community_id.in_(managed),
            Ride.campaign_id.in_(team),
        )
    )


async def get_ride(session: Session, actor: Actor, ride_id: UUID) -> Ride:
    """One ride; unknown and hidden answer alike."""
    found: Ride | None = await session.scalar(visible_to(actor).where(Ride.id == ride_id))
    if found is None:
        raise RideUnknown(f"There is no ride {ride_id}, or it is not for you.")
    return found


async def load_rides(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Ride]:
    """Rides by key, as far as the actor may see them."""
    rows = await session.scalars(visible_to(actor).where(Ride.id.in_(keys)))
    return {row.id: row for row in rows}


def list_rides(actor: Actor, campaign_id: UUID, *, own: bool = True) -> Listing[Ride]:
    """The rides of a campaign that the actor may see, the latest first: their own, or all."""
    query = visible_to(actor).where(Ride.campaign_id == campaign_id)
    if own:
        query = query.where(Ride.person_id == actor.person_id)
    return Listing(
        query,
        key=SortKey("id", Ride.id),
        sort=(SortKey("started_at", Ride.started_at, descending=True),),
    )


async def lock_ride(session: Session, ride_id: UUID) -> Ride | None:
    """A ride as it is now, held until the transaction ends."""
    row: Ride | None = await session.scalar(
        select(Ride)
        .where(Ride.id == ride_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return row


async def find_same_ride(
    session: Session, campaign_id: UUID, person_id: UUID, content_key: str
) -> Ride | None:
    """The ride that was told before, if it was."""
    found: Ride | None = await session.scalar(
        select(Ride).where(
            Ride.campaign_id == campaign_id,
            Ride.person_id == person_id,
            Ride.content_key == content_key,
        )
    )
    return found


async def list_rides_near(
    session: Session, campaign_id: UUID, person_id: UUID, begins_at: datetime, ends_at: datetime
) -> list[Ride]:
    """Rides of a person that may have been at the same time."""
    query = (
        select(Ride)
        .where(
            Ride.campaign_id == campaign_id,
            Ride.person_id == person_id,
            Ride.started_at > begins_at - MOST_SPAN,
            Ride.started_at < ends_at,
        )
        .order_by(Ride.started_at)
        .limit(MAX_OVERLAPS)
    )
    return list(await session.scalars(query))


async def count_rides_on(
    session: Session, campaign_id: UUID, person_id: UUID, day: date, except_id: UUID | None
) -> int:
    """How many rides a person told for one day, without one that is being changed."""
    query = select(func.count()).where(
        Ride.campaign_id == campaign_id, Ride.person_id == person_id, Ride.local_day == day
    )
    if except_id is not None:
        query = query.where(Ride.id != except_id)
    return int(await session.scalar(query) or 0)


async def read_time_zone(session: Session, community_id: UUID) -> str:
    """The time zone of a community."""
    zone: str | None = await session.scalar(
        select(Community.time_zone).where(Community.id == community_id)
    )
    return zone or "UTC"


async def find_people(session: Session, community_id: UUID, texts: list[str]) -> dict[str, UUID]:
    """People of a community by the mail address or the key that a list gives for them.

    A text that fits several people fits none.
    """
    belongs = select(Membership.person_id).where(
        Membership.community_id == community_id, Membership.ended_at.is_(None)
    )
    by_mail = select(ContactPoint.value, ContactPoint.person_id).where(
        ContactPoint.channel == Channel.EMAIL,
        ContactPoint.value.in_(texts),
        ContactPoint.person_id.in_(belongs),
    )
    by_key = select(Membership.source_key, Membership.person_id).where(
        Membership.community_id == community_id,
        Membership.ended_at.is_(None),
        Membership.source_key.in_(texts),
    )
    found: dict[str, set[UUID]] = {}
    for query in (by_mail, by_key):
        for text, person_id in await session.execute(query):
            found.setdefault(str(text), set()).add(person_id)
    return {text: next(iter(ids)) for text, ids in found.items() if len(ids) == 1}
