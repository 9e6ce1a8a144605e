"""The queries of a wave: everything that it reads of a whole community at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, delete, exists, func, insert, or_, select
from sqlalchemy.orm import aliased, joinedload

from core.db import Session
from matching.kinds import (
    AskAnswer,
    AskStatus,
    AssignmentStatus,
    OfferStatus,
    RequestKind,
    RequestStatus,
    VolunteerStatus,
)
from matching.models import Assignment, Ban, HelpRequest, Offer, Storm, Volunteer
from matching.offers.models import Ask, AskedHome, StormVolunteer, VolunteerReach
from matching.states import HELD_ASSIGNMENTS, OPEN_REQUESTS
from messaging.kinds import REACHED
from messaging.models import Message
from messaging.routing import VOUCHED_SOURCES, WRITTEN
from people.kinds import Channel, Purpose
from people.models import Consent, ContactPoint, Household, Person

MAX_ROWS = 200_000
KEYS_PER_QUERY = 500
BEFORE_STORM = timedelta(days=2)
"""Requests that came so long before a storm was opened are about it."""


@dataclass(frozen=True)
class LiveStop:
    """One home of an ask that is out, and neither answered nor silent."""

    ask_id: UUID
    volunteer_id: UUID
    request_id: UUID
    accept_p: float
    sent_at: datetime


async def load_live_stops(session: Session, community_id: UUID) -> list[LiveStop]:
    """The stops of live asks of which nothing has been heard."""
    query = (
        select(Ask.id, Ask.volunteer_id, Offer.request_id, Offer.accept_p, Ask.sent_at)
        .join(Offer, Offer.ask_id == Ask.id)
        .where(
            Ask.community_id == community_id,
            Ask.status == AskStatus.SENT,
            Offer.status == OfferStatus.SENT,
        )
        .order_by(Offer.id)
        .limit(MAX_ROWS)
    )
    rows = (await session.execute(query)).all()
    return [
        LiveStop(ask_id, volunteer_id, request_id, accept_p, sent_at)
        for ask_id, volunteer_id, request_id, accept_p, sent_at in rows
        if sent_at is not None
    ]


async def load_person_ids(session: Session, community_id: UUID) -> list[UUID]:
    """The people behind the volunteers of a community."""
    query = (
        select(Volunteer.person_id)
        .where(Volunteer.community_id == community_id)
        .order_by(Volunteer.person_id)
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


async def load_last_answers(session: Session, community_id: UUID) -> dict[UUID, AskAnswer | None]:
    """What each volunteer answered to the newest ask that was sent to them."""
    query = (
        select(Ask.volunteer_id, Ask.answer)
        .where(Ask.community_id == community_id, Ask.sent_at.is_not(None))
        .order_by(Ask.sent_at, Ask.id)
        .limit(MAX_ROWS)
    )
    rows = (await session.execute(query)).all()
    return {row.volunteer_id: row.answer for row in rows}


async def count_messages_since(
    session: Session, community_id: UUID, since: datetime
) -> dict[UUID, int]:
    """Messages of all senders to each person since a moment."""
    query = (
        select(Message.person_id, func.count())
        .where(
            Message.community_id == community_id,
            Message.counts.is_(True),
            Message.status.in_(REACHED),
            func.coalesce(Message.sent_at, Message.due_at) >= since,
        )
        .group_by(Message.person_id)
        .limit(MAX_ROWS)
    )
    rows = (await session.execute(query)).all()
    return {person: int(count) for person, count in rows}


async def load_reachable(session: Session, community_id: UUID) -> set[UUID]:
    """People who agreed to get offers and have a contact point at which they may get them.

    The same test as `messaging.routing` makes of one message, for all volunteers at once.
    """
    volunteers = select(Volunteer.person_id).where(Volunteer.community_id == community_id)
    lines = (
        select(Consent.person_id, Consent.channel, Consent.granted, Consent.source)
        .where(Consent.person_id.in_(volunteers), Consent.purpose == Purpose.OFFERS)
        .order_by(Consent.recorded_at, Consent.id)
        .limit(MAX_ROWS)
    )
    consents: dict[tuple[UUID, Channel], tuple[bool, str]] = {}
    for person, channel, granted, source in await session.execute(lines):
        for each in WRITTEN if channel is None else (channel,):
            consents[person, each] = (granted, source)
    points = (
        select(ContactPoint.person_id, ContactPoint.channel, ContactPoint.verified_at)
        .where(
            ContactPoint.person_id.in_(volunteers),
            ContactPoint.channel.in_(WRITTEN),
            ContactPoint.bounced_at.is_(None),
        )
        .limit(MAX_ROWS)
    )
    reachable = set()
    for person, channel, verified_at in await session.execute(points):
        granted, source = consents.get((person, channel), (False, ""))
        if granted and (verified_at is not None or source in VOUCHED_SOURCES):
            reachable.add(person)
    return reachable


async def count_by_area(
    session: Session, storm: Storm, kinds: Collection[RequestKind]
) -> list[tuple[str, RequestStatus, int]]:
    """(area, status, count) of the requests of a storm that were let in and not called off.

    Also of those of these kinds that came since it began, without being told of the storm.
    """
    query = (
        select(Household.area, HelpRequest.status, func.count())
        .join(Household, Household.id == HelpRequest.household_id)
        .where(
            HelpRequest.community_id == storm.community_id,
            or_(
                HelpRequest.storm_id == storm.id,
                HelpRequest.storm_id.is_(None)
                & HelpRequest.kind.in_(kinds)
                & (HelpRequest.created_at >= storm.created_at - BEFORE_STORM),
            ),
            HelpRequest.status.not_in(
                (RequestStatus.SUBMITTED, RequestStatus.NEEDS_REVIEW, RequestStatus.CANCELLED)
            ),
            Household.area.is_not(None),
        )
        .group_by(Household.area, HelpRequest.status)
        .limit(MAX_ROWS)
    )
    rows = (await session.execute(query)).all()
    return [(area, status, int(count)) for area, status, count in rows if area is not None]


async def load_struck_pairs(session: Session, community_id: UUID) -> set[tuple[UUID, UUID]]:
    """(volunteer, request) that will not come about, of those that still need somebody.

    Declined or given back, or passed over beside a yes: shown above a home that was taken, when
    nobody else had taken it. They are not put before the same person again, who may still take
    them from the list.
    """
    waiting = HelpRequest.status.in_(OPEN_REQUESTS)
    declined = (
        select(Offer.volunteer_id, Offer.request_id)
        .join(HelpRequest, HelpRequest.id == Offer.request_id)
        .where(Offer.community_id == community_id, Offer.status == OfferStatus.DECLINED, waiting)
        .limit(MAX_ROWS)
    )
    released = (
        select(Assignment.volunteer_id, Assignment.request_id)
        .join(HelpRequest, HelpRequest.id == Assignment.request_id)
        .where(
            Assignment.community_id == community_id,
            Assignment.status == AssignmentStatus.RELEASED,
            waiting,
        )
        .limit(MAX_ROWS)
    )
    taken = aliased(AskedHome)
    passed = (
        select(Ask.volunteer_id, AskedHome.request_id)
        .join(Ask, Ask.id == AskedHome.ask_id)
        .join(HelpRequest, HelpRequest.id == AskedHome.request_id)
        .where(
            Ask.community_id == community_id,
            Ask.answer == AskAnswer.YES,
            AskedHome.answer.is_(None),
            waiting,
            exists().where(
                taken.ask_id == AskedHome.ask_id,
                taken.answer == AskAnswer.YES,
                taken.position > AskedHome.position,
            ),
            ~exists().where(
                Assignment.request_id == AskedHome.request_id,
                Assignment.accepted_at <= Ask.answered_at,
            ),
        )
        .limit(MAX_ROWS)
    )
    pairs: set[tuple[UUID, UUID]] = set()
    for query in (declined, released, passed):
        pairs.update((volunteer, request) for volunteer, request in await session.execute(query))
    return pairs


async def count_work_since(
    session: Session, community_id: UUID, since: datetime
) -> dict[UUID, int]:
    """Homes that each volunteer has accepted since a moment and not given back."""
    query = (
        select(Assignment.volunteer_id, func.count())
        .where(
            Assignment.community_id == community_id,
            Assignment.status != AssignmentStatus.RELEASED,
            Assignment.accepted_at >= since,
        )
        .group_by(Assignment.volunteer_id)
        .limit(MAX_ROWS)
    )
    rows = (await session.execute(query)).all()
    return {volunteer: int(count) for volunteer, count in rows}


async def load_storm_volunteers(session: Session, storm_id: UUID) -> dict[UUID, StormVolunteer]:
    """What is known of every volunteer in a storm."""
    query = select(StormVolunteer).where(StormVolunteer.storm_id == storm_id).limit(MAX_ROWS)
    return {row.volunteer_id: row for row in await session.scalars(query)}


async def replace_reach(
    session: Session, reach: Mapping[UUID, Mapping[str, Any]], now: datetime
) -> None:
    """Keep what a wave measured for each volunteer, instead of what an earlier one did."""
    keys = sorted(reach)
    for start in range(0, len(keys), KEYS_PER_QUERY):
        some = keys[start : start + KEYS_PER_QUERY]
        await session.execute(delete(VolunteerReach).where(VolunteerReach.volunteer_id.in_(some)))
        await session.execute(
            insert(VolunteerReach),
            [{"volunteer_id": key, "measured_at": now, "homes": dict(reach[key])} for key in some],
        )


async def load_listed(session: Session, community_id: UUID) -> set[str]:
    """The requests that stand on somebody's list, as the keys of `VolunteerReach.homes`."""
    query = (
        select(VolunteerReach.homes)
        .join(Volunteer, Volunteer.id == VolunteerReach.volunteer_id)
        .where(Volunteer.community_id == community_id)
        .limit(MAX_ROWS)
    )
    return {key for homes in await session.scalars(query) for key in homes}


async def load_reach_of_home(session: Session, request_id: UUID) -> list[VolunteerReach]:
    """What the last wave measured for everybody who can reach a home."""
    # Text search works alike on both databases, and the key occurs nowhere else.
    holds = cast(VolunteerReach.homes, String).contains(request_id.hex)
    query = select(VolunteerReach).where(holds).order_by(VolunteerReach.volunteer_id)
    return [row for row in await session.scalars(query) if request_id.hex in row.homes]


async def load_askable(
    session: Session, community_id: UUID, keys: Collection[UUID]
) -> list[Volunteer]:
    """Those of these volunteers who are active, with their preferences."""
    rows: list[Volunteer] = []
    ordered = sorted(keys)
    for start in range(0, len(ordered), KEYS_PER_QUERY):
        query = (
            select(Volunteer)
            .where(
                Volunteer.id.in_(ordered[start : start + KEYS_PER_QUERY]),
                Volunteer.community_id == community_id,
                Volunteer.status == VolunteerStatus.ACTIVE,
            )
            .options(joinedload(Volunteer.person).joinedload(Person.preferences))
            .order_by(Volunteer.id)
        )
        rows += await session.scalars(query)
    return rows


async def load_banned_volunteers(session: Session, resident_id: UUID) -> set[UUID]:
    """Volunteers who must not meet a resident."""
    return set(
        await session.scalars(select(Ban.volunteer_id).where(Ban.resident_id == resident_id))
    )


async def count_held(session: Session, keys: Collection[UUID]) -> dict[UUID, int]:
    """Accepted work that is not over, by volunteer."""
    counts: dict[UUID, int] = {}
    ordered = sorted(keys)
    for start in range(0, len(ordered), KEYS_PER_QUERY):
        query = (
            select(Assignment.volunteer_id, func.count())
            .where(
                Assignment.volunteer_id.in_(ordered[start : start + KEYS_PER_QUERY]),
                Assignment.status.in_(HELD_ASSIGNMENTS),
            )
            .group_by(Assignment.volunteer_id)
        )
        for volunteer, count in (await session.execute(query)).all():
            counts[volunteer] = int(count)
    return counts


async def list_asking_communities(session: Session) -> list[UUID]:
    """Communities where somebody waits for help or for an answer."""
    waiting = select(HelpRequest.community_id).where(HelpRequest.status.in_(OPEN_REQUESTS))
    asked = select(Ask.community_id).where(Ask.status == AskStatus.SENT)
    found = {
        *await session.scalars(waiting.distinct().limit(MAX_ROWS)),
        *await session.scalars(asked.distinct().limit(MAX_ROWS)),
    }
    return sorted(found)


async def load_shown(session: Session, ask_ids: Collection[UUID]) -> list[AskedHome]:
    """What these asks put before their volunteers."""
    rows: list[AskedHome] = []
    keys = sorted(ask_ids)
    for start in range(0, len(keys), KEYS_PER_QUERY):
        rows += await session.scalars(
            select(AskedHome)
            .where(AskedHome.ask_id.in_(keys[start : start + KEYS_PER_QUERY]))
            .order_by(AskedHome.ask_id, AskedHome.position)
        )
    return rows
