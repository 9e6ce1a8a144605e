"""The queries on visits: what was agreed, for whom, and the pictures of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from core.db import Session
from core.events import Event
from matching.kinds import AssignmentStatus, OfferStatus, RequestStatus
from matching.models import Assignment, HelpRequest, Offer, RequestNeed, Storm, Volunteer
from matching.offers.visit_models import VisitPhoto
from people.models import ContactPoint, Household, PersonName

MAX_ROWS = 50
MAX_KEYS = 500


async def find_newest_offer(session: Session, volunteer_id: UUID, request_id: UUID) -> Offer | None:
    """The last offer of a home to a volunteer, whatever came of it."""
    found: Offer | None = await session.scalar(
        select(Offer)
        .where(Offer.volunteer_id == volunteer_id, Offer.request_id == request_id)
        .order_by(Offer.proposed_at.desc(), Offer.id.desc())
        .limit(1)
    )
    return found


async def list_volunteers_of(session: Session, person_ids: Sequence[UUID]) -> list[Volunteer]:
    """What these people offer, in whichever community."""
    query = (
        select(Volunteer)
        .where(Volunteer.person_id.in_(person_ids))
        .order_by(Volunteer.id)
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


async def list_offers(
    session: Session, volunteer_ids: Sequence[UUID], statuses: Sequence[OfferStatus]
) -> list[Offer]:
    """Offers of these volunteers in these states, the newest first."""
    query = (
        select(Offer)
        .where(Offer.volunteer_id.in_(volunteer_ids), Offer.status.in_(statuses))
        .order_by(Offer.proposed_at.desc(), Offer.position)
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


async def list_offers_with_code(
    session: Session, volunteer_ids: Sequence[UUID], code: str
) -> list[Offer]:
    """Every offer that these volunteers know by this code, the newest first."""
    query = (
        select(Offer)
        .where(Offer.volunteer_id.in_(volunteer_ids), Offer.code == code)
        .order_by(Offer.proposed_at.desc(), Offer.id.desc())
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


async def list_work(
    session: Session, volunteer_ids: Sequence[UUID], statuses: Sequence[AssignmentStatus]
) -> list[Assignment]:
    """Work of these volunteers in these states, with its offer, by its start."""
    query = (
        select(Assignment)
        .where(Assignment.volunteer_id.in_(volunteer_ids), Assignment.status.in_(statuses))
        .options(joinedload(Assignment.offer))
        .order_by(Assignment.starts_at, Assignment.id)
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


async def find_work(session: Session, assignment_id: UUID) -> Assignment | None:
    """Accepted work with its request, offer and the windows; None when there is none."""
    query = (
        select(Assignment)
        .where(Assignment.id == assignment_id)
        .options(
            joinedload(Assignment.offer),
            joinedload(Assignment.request).selectinload(HelpRequest.windows),
        )
    )
    found: Assignment | None = await session.scalar(query)
    return found


async def find_volunteer(session: Session, volunteer_id: UUID) -> Volunteer | None:
    """A volunteer by id."""
    return await session.get(Volunteer, volunteer_id)


async def list_requests_of(
    session: Session, person_ids: Sequence[UUID], statuses: Sequence[RequestStatus]
) -> list[HelpRequest]:
    """Requests of these residents in these states, the newest first."""
    query = (
        select(HelpRequest)
        .where(HelpRequest.resident_id.in_(person_ids), HelpRequest.status.in_(statuses))
        .order_by(HelpRequest.created_at.desc(), HelpRequest.id.desc())
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


async def find_request_with_windows(session: Session, request_id: UUID) -> HelpRequest | None:
    """A request with the times at which it may be done and the shown place."""
    query = (
        select(HelpRequest)
        .where(HelpRequest.id == request_id)
        .options(joinedload(HelpRequest.windows), joinedload(HelpRequest.household))
    )
    found: HelpRequest | None = (await session.scalars(query)).unique().one_or_none()
    return found


async def list_work_on(session: Session, request_id: UUID) -> list[Assignment]:
    """All work on a request that was not given back, by seat."""
    query = (
        select(Assignment)
        .where(Assignment.request_id == request_id, Assignment.status != AssignmentStatus.RELEASED)
        .options(joinedload(Assignment.offer))
        .order_by(Assignment.seat)
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


async def list_unstarted_work(
    session: Session, community_id: UUID, *, ended_after: datetime, ended_before: datetime
) -> list[Assignment]:
    """Accepted work that nobody has begun although its time is over, the oldest first."""
    query = (
        select(Assignment)
        .where(
            Assignment.community_id == community_id,
            Assignment.status == AssignmentStatus.ACCEPTED,
            Assignment.ends_at > ended_after,
            Assignment.ends_at < ended_before,
        )
        .options(joinedload(Assignment.offer))
        .order_by(Assignment.ends_at, Assignment.id)
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


async def find_call_name(session: Session, person_id: UUID) -> str | None:
    """What a person is called: the chosen name, or the first word of the full one."""
    row = (
        await session.execute(
            select(PersonName.call_name, PersonName.full_name).where(
                PersonName.person_id == person_id
            )
        )
    ).first()
    if row is None:
        return None
    return row[0] or row[1].split()[0]


async def find_contact_of(
    session: Session, person_id: UUID, channels: Sequence[str]
) -> ContactPoint | None:
    """The contact of a person on one of these channels, the preferred one first."""
    query = (
        select(ContactPoint)
        .where(ContactPoint.person_id == person_id, ContactPoint.channel.in_(channels))
        .order_by(ContactPoint.preferred.desc(), ContactPoint.id)
        .limit(1)
    )
    found: ContactPoint | None = await session.scalar(query)
    return found


async def list_address_releases(
    session: Session, household_id: UUID, *, since: datetime
) -> list[Event]:
    """Who was shown this address, the newest first."""
    query = (
        select(Event)
        .where(
            Event.subject_type == "household",
            Event.subject_id == household_id,
            Event.kind == "address.released",
            Event.happened_at >= since,
        )
        .order_by(Event.happened_at.desc(), Event.id.desc())
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


async def count_asked(session: Session, request_id: UUID) -> dict[OfferStatus, int]:
    """How many neighbours were asked about a home, by what came of it."""
    query = (
        select(Offer.status, func.count(func.distinct(Offer.volunteer_id)))
        .where(Offer.request_id == request_id, Offer.sent_at.is_not(None))
        .group_by(Offer.status)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def list_photos(session: Session, assignment_ids: Sequence[UUID]) -> list[UUID]:
    """The pictures of this work, by id."""
    query = (
        select(VisitPhoto.id)
        .where(VisitPhoto.assignment_id.in_(assignment_ids))
        .order_by(VisitPhoto.id)
        .limit(MAX_ROWS)
    )
    return list(await session.scalars(query))


async def find_photo(session: Session, photo_id: UUID) -> VisitPhoto | None:
    """A picture with its content."""
    return await session.get(VisitPhoto, photo_id)


async def find_photo_by_digest(
    session: Session, assignment_id: UUID, digest: str
) -> VisitPhoto | None:
    """The picture that came of the same file, or None."""
    found: VisitPhoto | None = await session.scalar(
        select(VisitPhoto).where(
            VisitPhoto.assignment_id == assignment_id, VisitPhoto.content_digest == digest
        )
    )
    return found


async def list_work_of_offer(session: Session, offer_id: UUID) -> list[Assignment]:
    """The work that came of an offer, with the offer: one row or none."""
    query = (
        select(Assignment)
        .where(Assignment.offer_id == offer_id)
        .options(joinedload(Assignment.offer))
    )
    return list(await session.scalars(query))


async def load_requests(session: Session, keys: Collection[UUID]) -> list[HelpRequest]:
    """These requests, at most one page of them, with what they need."""
    query = (
        select(HelpRequest)
        .where(HelpRequest.id.in_(sorted(keys)[:MAX_KEYS]))
        .options(selectinload(HelpRequest.needs).joinedload(RequestNeed.ability))
    )
    return list(await session.scalars(query))


async def load_areas(session: Session, keys: Collection[UUID]) -> dict[UUID, str | None]:
    """The neighbourhoods of these requests."""
    query = (
        select(HelpRequest.id, Household.area)
        .join(Household, Household.id == HelpRequest.household_id)
        .where(HelpRequest.id.in_(sorted(keys)[:MAX_KEYS]))
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def find_offer_of_person(session: Session, offer_id: UUID, person_id: UUID) -> Offer | None:
    """An offer, if it is for this person."""
    found: Offer | None = await session.scalar(
        select(Offer)
        .join(Volunteer, Volunteer.id == Offer.volunteer_id)
        .where(Offer.id == offer_id, Volunteer.person_id == person_id)
    )
    return found


async def find_volunteer_in_storm(
    session: Session, storm_id: UUID, person_id: UUID
) -> Volunteer | None:
    """What a person offers in the community of a storm."""
    found: Volunteer | None = await session.scalar(
        select(Volunteer)
        .join(Storm, Storm.community_id == Volunteer.community_id)
        .where(Storm.id == storm_id, Volunteer.person_id == person_id)
    )
    return found
