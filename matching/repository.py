"""The queries on requests, volunteers, offers and accepted work."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, false, or_, select, update

from core.columns import Versioned
from core.db import Session
from matching.kinds import AssignmentStatus, OfferStatus, RequestStatus
from matching.models import Assignment, HelpRequest, Offer, Storm, Volunteer
from matching.offers.models import Ask
from matching.rounds.models import Round
from matching.states import HELD_ASSIGNMENTS, OPEN_REQUESTS, TAKEABLE_OFFERS
from people.auth import Actor
from people.models import Household

PAGE_SIZE = 100
KEYS_PER_QUERY = 500
CODE_REST = timedelta(days=14)
"""How long a code that was told stands for no other home."""

StatefulRow = HelpRequest | Offer | Ask | Assignment | Storm | Round
Stateful = TypeVar("Stateful", HelpRequest, Offer, Ask, Assignment, Storm, Round)
Sourced = TypeVar("Sourced", HelpRequest, Volunteer, Household)


def requests_visible_to(actor: Actor) -> Select[HelpRequest]:
    """Staff see their community's requests, residents their own, volunteers those put to them."""
    query = select(HelpRequest)
    if actor.is_system:
        return query
    if actor.person_id is None:
        return query.where(false())
    mine = select(Volunteer.id).where(Volunteer.person_id == actor.person_id)
    offered = select(Offer.request_id).where(
        Offer.volunteer_id.in_(mine), Offer.status.in_((*TAKEABLE_OFFERS, OfferStatus.ACCEPTED))
    )
    return query.where(
        or_(
            HelpRequest.community_id.in_(actor.staff_communities()),
            HelpRequest.resident_id == actor.person_id,
            HelpRequest.id.in_(offered),
        )
    )


def volunteers_visible_to(actor: Actor) -> Select[Volunteer]:
    """Staff see their community's volunteers, volunteers themselves."""
    query = select(Volunteer)
    if actor.is_system:
        return query
    if actor.person_id is None:
        return query.where(false())
    return query.where(
        or_(
            Volunteer.community_id.in_(actor.staff_communities()),
            Volunteer.person_id == actor.person_id,
        )
    )


async def list_requests(
    session: Session,
    actor: Actor,
    community_id: UUID,
    *,
    statuses: Sequence[RequestStatus] = tuple(RequestStatus),
    after: UUID | None = None,
    limit: int = PAGE_SIZE,
) -> list[HelpRequest]:
    """One page of the requests that the actor may see, by id."""
    query = (
        requests_visible_to(actor)
        .where(HelpRequest.community_id == community_id, HelpRequest.status.in_(statuses))
        .order_by(HelpRequest.id)
        .limit(min(limit, PAGE_SIZE))
    )
    if after is not None:
        query = query.where(HelpRequest.id > after)
    return list(await session.scalars(query))


async def find_request(
    session: Session, actor: Actor, community_id: UUID | None, name: str | UUID
) -> HelpRequest | None:
    """A request by id or by its short reference, if the actor may see it."""
    query = requests_visible_to(actor)
    if isinstance(name, UUID):
        query = query.where(HelpRequest.id == name)
    else:
        query = query.where(HelpRequest.reference == name.strip().upper())
    if community_id is not None:
        query = query.where(HelpRequest.community_id == community_id)
    found: Sequence[HelpRequest] = (await session.scalars(query.limit(2))).all()
    return found[0] if len(found) == 1 else None


# --- rows by key, locked, and changed -------------------------------------------------------------


async def get_locked(session: Session, model: type[Stateful], key: UUID) -> Stateful | None:
    """One row as it is now, held until the transaction ends.

    Whoever needs several locks them in this order: volunteer, request, offer, assignment. The lock
    lets others add rows that point here.
    """
    query = (
        select(model)
        .where(model.id == key)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row: Stateful | None = await session.scalar(query)
    return row


async def lock_volunteer(session: Session, volunteer_id: UUID) -> Volunteer | None:
    """The volunteer, so that two yeses of one person wait for each other."""
    query = (
        select(Volunteer)
        .where(Volunteer.id == volunteer_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    row: Volunteer | None = await session.scalar(query)
    return row


async def change_status(
    session: Session, row: StatefulRow, *, before: StrEnum, values: dict[str, Any]
) -> bool:
    """Set columns of a row that is still in state ``before``; False when it is not."""
    model: type[Any] = type(row)
    if isinstance(row, Versioned):
        values = values | {"version": model.version + 1}
    result = await session.execute(
        update(model)
        .where(model.id == row.id, model.status == before)
        .values(values)
        .execution_options(synchronize_session="fetch")
        .returning(model.id)
    )
    return result.first() is not None


async def take_seat(
    session: Session, request_id: UUID, now: datetime, *, seats: int = 1
) -> int | None:
    """Take places in the crew of a request that still needs somebody: how many are taken, or None.

    This one statement decides who was first.
    """
    result = await session.execute(
        update(HelpRequest)
        .where(
            HelpRequest.id == request_id,
            HelpRequest.status.in_(OPEN_REQUESTS),
            HelpRequest.seats_taken + seats <= HelpRequest.crew_size,
        )
        .values(
            seats_taken=HelpRequest.seats_taken + seats,
            version=HelpRequest.version + 1,
            updated_at=now,
        )
        .execution_options(synchronize_session="fetch")
        .returning(HelpRequest.seats_taken)
    )
    row = result.first()
    return None if row is None else int(row[0])


async def free_seat(session: Session, request_id: UUID, now: datetime, *, seats: int = 1) -> None:
    """Give back places in the crew of a request."""
    await session.execute(
        update(HelpRequest)
        .where(HelpRequest.id == request_id, HelpRequest.seats_taken >= seats)
        .values(
            seats_taken=HelpRequest.seats_taken - seats,
            version=HelpRequest.version + 1,
            updated_at=now,
        )
        .execution_options(synchronize_session="fetch")
    )


async def find_free_seat(session: Session, request_id: UUID, crew_size: int) -> int:
    """The first place in the crew that nobody holds; the caller has locked the request."""
    query = select(Assignment.seat).where(
        Assignment.request_id == request_id, Assignment.status != AssignmentStatus.RELEASED
    )
    held = set(await session.scalars(query))
    return next(seat for seat in range(crew_size + 1) if seat not in held)


async def find_assignment_of_offer(session: Session, offer_id: UUID) -> Assignment | None:
    """The work that came of an offer, or None."""
    found: Assignment | None = await session.scalar(
        select(Assignment).where(Assignment.offer_id == offer_id)
    )
    return found


async def is_busy(
    session: Session, volunteer_id: UUID, starts_at: datetime, ends_at: datetime
) -> bool:
    """Whether the volunteer has accepted work that overlaps; the caller has locked them."""
    query = (
        select(Assignment.id)
        .where(
            Assignment.volunteer_id == volunteer_id,
            Assignment.status.in_(HELD_ASSIGNMENTS),
            Assignment.starts_at < ends_at,
            Assignment.ends_at > starts_at,
        )
        .limit(1)
    )
    return await session.scalar(query) is not None


async def list_held_work(session: Session, request_id: UUID) -> list[Assignment]:
    """Work on a request that is accepted and not over."""
    query = (
        select(Assignment)
        .where(Assignment.request_id == request_id, Assignment.status.in_(HELD_ASSIGNMENTS))
        .order_by(Assignment.seat)
        .limit(PAGE_SIZE)
    )
    return list(await session.scalars(query))


async def list_work_done(session: Session, request_id: UUID) -> list[Assignment]:
    """Work on a request that was reported as done."""
    query = (
        select(Assignment)
        .where(Assignment.request_id == request_id, Assignment.status == AssignmentStatus.DONE)
        .order_by(Assignment.seat)
        .limit(PAGE_SIZE)
    )
    return list(await session.scalars(query))


async def list_unanswered_offers(session: Session, request_id: UUID) -> list[Offer]:
    """Offers of a request that are neither accepted, declined nor withdrawn."""
    query = (
        select(Offer)
        .where(
            Offer.request_id == request_id,
            Offer.status.in_((OfferStatus.PROPOSED, *TAKEABLE_OFFERS)),
        )
        .order_by(Offer.id)
    )
    return list(await session.scalars(query))


async def has_sent_offers(session: Session, request_id: UUID) -> bool:
    """Whether somebody is being asked about a request now."""
    query = (
        select(Offer.id)
        .where(Offer.request_id == request_id, Offer.status == OfferStatus.SENT)
        .limit(1)
    )
    return await session.scalar(query) is not None


async def list_silent_offers(
    session: Session, community_id: UUID, *, sent_before: datetime, limit: int = PAGE_SIZE
) -> list[Offer]:
    """Offers sent before a moment that nobody has answered."""
    query = (
        select(Offer)
        .where(
            Offer.community_id == community_id,
            Offer.status == OfferStatus.SENT,
            Offer.sent_at < sent_before,
        )
        .order_by(Offer.id)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def find_offer_by_code(session: Session, volunteer_id: UUID, code: str) -> Offer | None:
    """The offer that a volunteer means by a code such as ``K7``."""
    query = (
        select(Offer)
        .where(Offer.volunteer_id == volunteer_id, Offer.code == code.strip().upper())
        .order_by(Offer.proposed_at.desc(), Offer.id.desc())
        .limit(1)
    )
    found: Offer | None = await session.scalar(query)
    return found


async def load_codes_in_use(
    session: Session, volunteer_ids: Collection[UUID], *, now: datetime
) -> dict[UUID, set[str]]:
    """Codes by which each volunteer may still mean a certain home.

    Those of offers that can be answered or were agreed to, and all of the last days: a text that is
    sent twice, or comes late, must not stand for another home.
    """
    codes: dict[UUID, set[str]] = {key: set() for key in volunteer_ids}
    keys = sorted(codes)
    for start in range(0, len(keys), KEYS_PER_QUERY):
        query = select(Offer.volunteer_id, Offer.code).where(
            Offer.volunteer_id.in_(keys[start : start + KEYS_PER_QUERY]),
            or_(
                Offer.status.in_((OfferStatus.PROPOSED, *TAKEABLE_OFFERS)),
                Offer.proposed_at > now - CODE_REST,
            ),
        )
        for volunteer_id, code in await session.execute(query):
            codes[volunteer_id].add(code)
    return codes


async def load_references(
    session: Session, community_id: UUID, references: Collection[str]
) -> set[str]:
    """Those of the references that requests of the community have."""
    found: set[str] = set()
    wanted = sorted(references)
    for start in range(0, len(wanted), KEYS_PER_QUERY):
        query = select(HelpRequest.reference).where(
            HelpRequest.community_id == community_id,
            HelpRequest.reference.in_(wanted[start : start + KEYS_PER_QUERY]),
        )
        found.update(await session.scalars(query))
    return found


async def load_by_source_key(
    session: Session, model: type[Sourced], community_id: UUID, source_keys: Collection[str]
) -> dict[str, Sourced]:
    """Rows that came from a file or another system, by what that calls them."""
    found: dict[str, Sourced] = {}
    keys = sorted(set(source_keys))
    for start in range(0, len(keys), KEYS_PER_QUERY):
        query = select(model).where(
            model.community_id == community_id,
            model.source_key.in_(keys[start : start + KEYS_PER_QUERY]),
        )
        for row in await session.scalars(query):
            found[str(row.source_key)] = row
    return found
