"""The queries behind lists of storms and of the weather: what one may see, page by page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select

from core.db import Session
from core.errors import NotPermitted
from core.events import MAX_HISTORY, Event
from core.pagination import Listing, SortKey
from matching import policy
from matching.kinds import OfferStatus, RequestKind, RequestStatus, StormStatus
from matching.models import HelpRequest, Offer, Storm
from matching.storms.models import StormResident, WeatherReading
from people.auth import Actor

# Attributes of mapped classes, as plain columns.
_STORM: Any = Storm
_READING: Any = WeatherReading
REACHED = (
    RequestStatus.ACCEPTED,
    RequestStatus.IN_PROGRESS,
    RequestStatus.DONE,
    RequestStatus.CONFIRMED,
)
"""Homes to which somebody comes, or came."""
WITHOUT_ANYBODY = (
    RequestStatus.SUBMITTED,
    RequestStatus.NEEDS_REVIEW,
    RequestStatus.OPEN,
    RequestStatus.OFFERED,
    RequestStatus.NOT_DONE,
)


@dataclass(frozen=True)
class StormHomes:
    """How many homes asked for help in a storm, and how many of them have somebody."""

    asked: int
    reached: int
    nobody: int


def list_community_storms(
    community_id: UUID, statuses: tuple[StormStatus, ...] = ()
) -> Listing[Storm]:
    """The storms of a community, the newest first: that it snows is no secret."""
    query = select(Storm).where(Storm.community_id == community_id)
    if statuses:
        query = query.where(Storm.status.in_(statuses))
    return Listing(
        query,
        key=SortKey("id", _STORM.id, descending=True),
        sort=(SortKey("created_at", _STORM.created_at, descending=True),),
    )


def list_weather_readings(actor: Actor, community_id: UUID) -> Listing[WeatherReading]:
    """What stations measured, the newest first, for staff."""
    if not policy.can_direct_storm(actor, community_id):
        raise NotPermitted("Only staff of the community see its weather readings.")
    return Listing(
        select(WeatherReading).where(WeatherReading.community_id == community_id),
        key=SortKey("id", _READING.id, descending=True),
        sort=(SortKey("observed_at", _READING.observed_at, descending=True),),
    )


async def load_storms(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Storm]:
    """Storms by key."""
    rows = await session.scalars(select(Storm).where(Storm.id.in_(keys)))
    return {row.id: row for row in rows}


async def load_request_counts(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, dict[RequestStatus, int]]:
    """How many requests of each storm stand where."""
    query = (
        select(HelpRequest.storm_id, HelpRequest.status, func.count())
        .where(HelpRequest.storm_id.in_(keys))
        .group_by(HelpRequest.storm_id, HelpRequest.status)
    )
    found: dict[UUID, dict[RequestStatus, int]] = {}
    for storm_id, status, count in await session.execute(query):
        found.setdefault(cast(UUID, storm_id), {})[status] = int(count)
    return found


async def count_homes(session: Session, storm: Storm, kinds: Collection[RequestKind]) -> StormHomes:
    """Homes that asked in a storm: those of its requests, and those that asked on paper since.

    Requests of lists that were read in belong to no storm; ``kinds`` are those that snow needs.
    """
    home = HelpRequest.household_id
    on_paper = and_(
        HelpRequest.storm_id.is_(None),
        HelpRequest.kind.in_(sorted(kinds)),
        or_(
            HelpRequest.created_at >= storm.created_at,
            HelpRequest.status.in_((*REACHED[:2], *WITHOUT_ANYBODY)),
        ),
    )

    def homes_in(statuses: Collection[RequestStatus]) -> Any:
        return func.count(func.distinct(case((HelpRequest.status.in_(statuses), home))))

    query = select(
        homes_in((*REACHED, *WITHOUT_ANYBODY, RequestStatus.EXPIRED)),
        homes_in(REACHED),
        homes_in(WITHOUT_ANYBODY),
    ).where(
        HelpRequest.community_id == storm.community_id,
        or_(HelpRequest.storm_id == storm.id, on_paper),
    )
    asked, reached, nobody = (await session.execute(query)).one()
    return StormHomes(asked, reached, nobody)


async def load_offer_counts(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, dict[OfferStatus, int]]:
    """How many offers in each storm stand where."""
    query = (
        select(HelpRequest.storm_id, Offer.status, func.count())
        .join(Offer, Offer.request_id == HelpRequest.id)
        .where(HelpRequest.storm_id.in_(keys))
        .group_by(HelpRequest.storm_id, Offer.status)
    )
    found: dict[UUID, dict[OfferStatus, int]] = {}
    for storm_id, status, count in await session.execute(query):
        found.setdefault(cast(UUID, storm_id), {})[status] = int(count)
    return found


async def load_own_answers(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, bool]:
    """What the actor answered to the notice of each storm: whether help is needed."""
    query = select(StormResident.storm_id, StormResident.needs_help).where(
        StormResident.storm_id.in_(keys), StormResident.person_id == actor.person_id
    )
    return {row.storm_id: row.needs_help for row in await session.execute(query)}


async def load_storm_events(
    session: Session, actor: Actor, keys: list[UUID]
) -> dict[UUID, list[Event]]:
    """The states that each storm went through, and why, oldest first."""
    query = (
        select(Event)
        .where(
            Event.subject_type == "storm",
            Event.subject_id.in_(keys),
            Event.kind != "storm.resident_answered",
        )
        .order_by(Event.happened_at.desc(), Event.id.desc())
        .limit(MAX_HISTORY * max(1, len(keys)))
    )
    found: dict[UUID, list[Event]] = {}
    for row in reversed(list(await session.scalars(query))):
        found.setdefault(row.subject_id, []).append(row)
    return found
