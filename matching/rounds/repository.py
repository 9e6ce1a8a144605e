"""The queries of matching rounds: what a round reads, and the rows that it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from core.db import Session
from matching.kinds import DocumentKind, RoundStatus
from matching.models import Assignment, Ban, HelpRequest, Offer, RequestNeed, SeasonPair, Volunteer
from matching.rounds.models import Round, RoundDocument, UnservedReason
from matching.states import HELD_ASSIGNMENTS, LIVE_OFFERS, OPEN_REQUESTS
from matching.volunteering.taking_part_repository import takes_part
from people.models import Household, Person, PersonAbility

MAX_ROUND_ROWS = 200_000
"""More than one round can hold; a round reads no more."""
PAGE_SIZE = 100
KEYS_PER_QUERY = 500


def _request_parts() -> tuple[Any, ...]:
    return (
        joinedload(HelpRequest.household).joinedload(Household.address),
        selectinload(HelpRequest.windows),
        selectinload(HelpRequest.needs).joinedload(RequestNeed.ability),
    )


def _volunteer_parts() -> tuple[Any, ...]:
    person = joinedload(Volunteer.person)
    return (
        joinedload(Volunteer.home).joinedload(Household.address),
        joinedload(Volunteer.second_anchor).joinedload(Household.address),
        selectinload(Volunteer.windows),
        selectinload(Volunteer.weekly_hours),
        selectinload(Volunteer.away),
        joinedload(Volunteer.team),
        person.joinedload(Person.preferences),
        person.selectinload(Person.abilities).joinedload(PersonAbility.ability),
    )


async def load_open_requests(session: Session, community_id: UUID) -> list[HelpRequest]:
    """Requests that need somebody, with home, windows and needs, in the order of arrival."""
    query = (
        select(HelpRequest)
        .where(HelpRequest.community_id == community_id, HelpRequest.status.in_(OPEN_REQUESTS))
        .options(*_request_parts())
        .order_by(HelpRequest.created_at, HelpRequest.id)
        .limit(MAX_ROUND_ROWS)
    )
    return list(await session.scalars(query))


async def load_available_volunteers(
    session: Session, community_id: UUID, *, at: datetime
) -> list[Volunteer]:
    """Volunteers who take part at that moment, with home, hours, languages and abilities."""
    query = (
        select(Volunteer)
        .where(Volunteer.community_id == community_id, takes_part(at))
        .options(*_volunteer_parts())
        .order_by(Volunteer.created_at, Volunteer.id)
        .limit(MAX_ROUND_ROWS)
    )
    return list(await session.scalars(query))


async def load_held_assignments(session: Session, community_id: UUID) -> list[Assignment]:
    """Accepted work that is not over, with its request: a round must keep it."""
    query = (
        select(Assignment)
        .where(Assignment.community_id == community_id, Assignment.status.in_(HELD_ASSIGNMENTS))
        .options(joinedload(Assignment.request).options(*_request_parts()))
        .order_by(Assignment.id)
        .limit(MAX_ROUND_ROWS)
    )
    return list(await session.scalars(query))


async def load_live_offers(session: Session, community_id: UUID) -> list[Offer]:
    """Offers that wait to be sent or answered."""
    query = (
        select(Offer)
        .where(Offer.community_id == community_id, Offer.status.in_(LIVE_OFFERS))
        .order_by(Offer.id)
        .limit(MAX_ROUND_ROWS)
    )
    return list(await session.scalars(query))


async def load_bans(session: Session, community_id: UUID) -> list[tuple[UUID, UUID]]:
    """Pairs (volunteer, resident) that must not meet."""
    query = (
        select(Ban.volunteer_id, Ban.resident_id)
        .where(Ban.community_id == community_id)
        .order_by(Ban.id)
        .limit(MAX_ROUND_ROWS)
    )
    return [(volunteer, resident) for volunteer, resident in await session.execute(query)]


async def load_season_pairs(
    session: Session, community_id: UUID, on_day: date
) -> list[tuple[UUID, UUID, float]]:
    """(volunteer, resident, bonus in metres) of the pairs that hold on a day."""
    query = (
        select(SeasonPair.volunteer_id, SeasonPair.resident_id, SeasonPair.bonus_m)
        .where(
            SeasonPair.community_id == community_id,
            SeasonPair.valid_from <= on_day,
            SeasonPair.valid_until >= on_day,
        )
        .order_by(SeasonPair.id)
        .limit(MAX_ROUND_ROWS)
    )
    return [
        (volunteer, resident, bonus) for volunteer, resident, bonus in await session.execute(query)
    ]


async def find_running_round(session: Session, community_id: UUID) -> Round | None:
    """The round of a community that runs now, or None."""
    found: Round | None = await session.scalar(
        select(Round).where(Round.community_id == community_id, Round.status == RoundStatus.RUNNING)
    )
    return found


async def list_rounds(
    session: Session, community_id: UUID, *, limit: int = PAGE_SIZE
) -> list[Round]:
    """The rounds of a community, the newest first."""
    query = (
        select(Round)
        .where(Round.community_id == community_id)
        .order_by(Round.started_at.desc(), Round.id.desc())
        .limit(min(limit, PAGE_SIZE))
    )
    return list(await session.scalars(query))


async def find_last_finished_round(session: Session, community_id: UUID) -> Round | None:
    """The newest round that ended well, or None."""
    found: Round | None = await session.scalar(
        select(Round)
        .where(Round.community_id == community_id, Round.status == RoundStatus.FINISHED)
        .order_by(Round.started_at.desc(), Round.id.desc())
        .limit(1)
    )
    return found


async def find_document(
    session: Session, round_id: UUID, kind: DocumentKind
) -> dict[str, object] | None:
    """What a round keeps in full, or None."""
    found: dict[str, object] | None = await session.scalar(
        select(RoundDocument.body).where(
            RoundDocument.round_id == round_id, RoundDocument.kind == kind
        )
    )
    return found


async def find_unserved_reason(
    session: Session, round_id: UUID, request_id: UUID
) -> UnservedReason | None:
    """Why that round left this request without help, or None when it did not."""
    return await session.get(UnservedReason, (round_id, request_id))


async def list_round_offers(session: Session, round_id: UUID) -> list[Offer]:
    """The offers of a round, by volunteer and place in the plan."""
    query = (
        select(Offer)
        .where(Offer.round_id == round_id)
        .order_by(Offer.volunteer_id, Offer.position)
        .limit(MAX_ROUND_ROWS)
    )
    return list(await session.scalars(query))


async def list_round_offers_for(session: Session, round_id: UUID, request_id: UUID) -> list[Offer]:
    """The offers of a round for one request, the earliest visit first."""
    query = (
        select(Offer)
        .where(Offer.round_id == round_id, Offer.request_id == request_id)
        .order_by(Offer.starts_at, Offer.id)
        .limit(PAGE_SIZE)
    )
    return list(await session.scalars(query))


async def lock_requests(session: Session, keys: Sequence[UUID]) -> dict[UUID, HelpRequest]:
    """Requests as they are now, held until the transaction ends, in the order of their ids."""
    rows: dict[UUID, HelpRequest] = {}
    ordered = sorted(set(keys))
    for start in range(0, len(ordered), KEYS_PER_QUERY):
        query = (
            select(HelpRequest)
            .where(HelpRequest.id.in_(ordered[start : start + KEYS_PER_QUERY]))
            .order_by(HelpRequest.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        rows.update({row.id: row for row in await session.scalars(query)})
    return rows


async def extend_lease(session: Session, round_id: UUID, lease_until: datetime) -> bool:
    """Keep a running round alive; False when it no longer runs."""
    result = await session.execute(
        update(Round)
        .where(Round.id == round_id, Round.status == RoundStatus.RUNNING)
        .values(lease_until=lease_until)
        .returning(Round.id)
    )
    return result.first() is not None
