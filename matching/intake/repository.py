"""The queries of intake: rules, people and homes, details, and what may be the same request."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import selectinload

from core.db import Session
from core.events import Event
from matching.intake.duplicates import NEAR_M, Sketch, normal_contact
from matching.intake.kinds import IntakeTopic
from matching.intake.models import (
    Declaration,
    IntakeRules,
    RequestAccess,
    RequestCaller,
    RequestDetails,
    TextDialogue,
)
from matching.kinds import OfferStatus, RequestKind, RequestStatus
from matching.models import HelpRequest, Offer
from people.models import (
    Community,
    ContactPoint,
    Household,
    HouseholdAddress,
    Membership,
    Person,
    PersonName,
)

PAGE_SIZE = 100
MAX_ALIKE = 50
MAX_SKETCHES = 50_000
KEYS_PER_QUERY = 500
METRES_PER_DEG = 111_320.0
LIVE = (
    RequestStatus.SUBMITTED,
    RequestStatus.NEEDS_REVIEW,
    RequestStatus.OPEN,
    RequestStatus.OFFERED,
    RequestStatus.ACCEPTED,
    RequestStatus.IN_PROGRESS,
)
"""Requests that may still be served: a new one may repeat them."""


@dataclass(frozen=True)
class Home:
    """A household and where it is, for the checks; never shown."""

    household: Household
    lon_deg: float
    lat_deg: float
    unit: str

    @property
    def xy_m(self) -> tuple[float, float]:
        """Metres on a plane that is right near this latitude."""
        return to_plane(self.lon_deg, self.lat_deg)


def to_plane(lon_deg: float, lat_deg: float) -> tuple[float, float]:
    """Metres east and north, good for telling whether two places are near each other."""
    scale = math.cos(math.radians(round(lat_deg, 1)))
    return lon_deg * METRES_PER_DEG * scale, lat_deg * METRES_PER_DEG


# --- rules ----------------------------------------------------------------------------------------


async def read_intake_rules(
    session: Session, community_id: UUID, topic: IntakeTopic, moment: datetime
) -> dict[str, Any] | None:
    """The rules of a topic that hold at a moment, or None when none were ever set."""
    found: dict[str, Any] | None = await session.scalar(
        select(IntakeRules.data)
        .where(
            IntakeRules.community_id == community_id,
            IntakeRules.topic == topic,
            IntakeRules.valid_from <= moment,
        )
        .order_by(IntakeRules.valid_from.desc())
        .limit(1)
    )
    return found


async def has_intake_rules_from(
    session: Session, community_id: UUID, topic: IntakeTopic, valid_from: datetime
) -> bool:
    """Whether rules of a topic were set that begin to hold at that very moment."""
    query = select(IntakeRules.id).where(
        IntakeRules.community_id == community_id,
        IntakeRules.topic == topic,
        IntakeRules.valid_from == valid_from,
    )
    return await session.scalar(query) is not None


async def find_community(session: Session, community_id: UUID) -> Community | None:
    """The community with this key."""
    return await session.get(Community, community_id)


async def lock_community(session: Session, community_id: UUID) -> Community | None:
    """The community, held so that two equal requests taken at once see each other."""
    query = (
        select(Community)
        .where(Community.id == community_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found: Community | None = await session.scalar(query)
    return found


# --- people and homes -----------------------------------------------------------------------------


async def find_resident(session: Session, person_id: UUID) -> Person | None:
    """A person with name, contact points and preferences."""
    query = (
        select(Person)
        .where(Person.id == person_id, Person.erased_at.is_(None))
        .options(
            selectinload(Person.name),
            selectinload(Person.contact_points),
            selectinload(Person.preferences),
        )
        .execution_options(populate_existing=True)
    )
    found: Person | None = await session.scalar(query)
    return found


async def list_people_with_contacts(
    session: Session, community_id: UUID, values: Collection[str]
) -> list[Person]:
    """People of the community who are reached at one of these: at most ten."""
    if not values:
        return []
    query = (
        select(Person)
        .join(ContactPoint, ContactPoint.person_id == Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            ContactPoint.value.in_(values),
            Membership.community_id == community_id,
            Person.erased_at.is_(None),
        )
        .options(selectinload(Person.name))
        .distinct()
        .limit(10)
    )
    return sorted(await session.scalars(query), key=lambda person: person.id)


async def is_member(session: Session, person_id: UUID, community_id: UUID) -> bool:
    """Whether somebody belongs to the community in any role."""
    query = select(Membership.id).where(
        Membership.person_id == person_id,
        Membership.community_id == community_id,
        Membership.ended_at.is_(None),
    )
    return await session.scalar(query.limit(1)) is not None


async def find_home(session: Session, household_id: UUID) -> Home | None:
    """A household and its position."""
    row = (
        await session.execute(
            select(Household, HouseholdAddress)
            .join(HouseholdAddress, HouseholdAddress.household_id == Household.id)
            .where(Household.id == household_id)
        )
    ).first()
    if row is None:
        return None
    household, address = row
    return Home(household, address.lon_deg, address.lat_deg, address.unit or "")


async def find_declaration(
    session: Session, person_id: UUID, community_id: UUID
) -> Declaration | None:
    """What a resident declared to this programme."""
    return await session.get(Declaration, (person_id, community_id))


# --- requests -------------------------------------------------------------------------------------


async def find_by_source_key(
    session: Session, community_id: UUID, source_key: str
) -> HelpRequest | None:
    """The request that an earlier delivery of the same thing made."""
    found: HelpRequest | None = await session.scalar(
        select(HelpRequest).where(
            HelpRequest.community_id == community_id, HelpRequest.source_key == source_key
        )
    )
    return found


async def load_request(session: Session, request_id: UUID) -> HelpRequest | None:
    """A request with its windows and needs."""
    query = (
        select(HelpRequest)
        .where(HelpRequest.id == request_id)
        .options(selectinload(HelpRequest.windows), selectinload(HelpRequest.needs))
        .execution_options(populate_existing=True)
    )
    found: HelpRequest | None = await session.scalar(query)
    return found


async def find_details(session: Session, request_id: UUID) -> RequestDetails | None:
    """How a request came in; None for one that no check has seen."""
    return await session.get(RequestDetails, request_id)


async def find_access(session: Session, request_id: UUID) -> RequestAccess | None:
    """Access notes and contact choice: for staff, the resident, and whoever has accepted."""
    return await session.get(RequestAccess, request_id)


async def find_caller(session: Session, request_id: UUID) -> RequestCaller | None:
    """Who called for the resident: for staff."""
    return await session.get(RequestCaller, request_id)


async def list_alike(
    session: Session, community_id: UUID, new: Sketch, *, without: UUID | None = None
) -> list[Sketch]:
    """Live requests of that kind from the same person, home or contact, or from near it."""
    lat_deg = new.y_m / METRES_PER_DEG
    scale = math.cos(math.radians(round(lat_deg, 1)))
    lon_deg = new.x_m / (METRES_PER_DEG * scale)
    reach = NEAR_M / METRES_PER_DEG
    near = and_(
        HouseholdAddress.lat_deg.between(lat_deg - reach, lat_deg + reach),
        HouseholdAddress.lon_deg.between(lon_deg - reach / scale, lon_deg + reach / scale),
    )
    reached = select(ContactPoint.person_id).where(ContactPoint.value.in_(new.contacts))
    query = (
        select(HelpRequest, HouseholdAddress, PersonName.full_name)
        .join(HouseholdAddress, HouseholdAddress.household_id == HelpRequest.household_id)
        .outerjoin(PersonName, PersonName.person_id == HelpRequest.resident_id)
        .where(
            HelpRequest.community_id == community_id,
            HelpRequest.kind == new.kind,
            HelpRequest.status.in_(LIVE),
            or_(
                HelpRequest.resident_id == new.resident_id,
                HelpRequest.household_id == new.household_id,
                HelpRequest.resident_id.in_(reached),
                near,
            ),
        )
        .options(selectinload(HelpRequest.windows))
        .order_by(HelpRequest.created_at.desc(), HelpRequest.id.desc())
        .limit(MAX_ALIKE)
    )
    rows = [row for row in await session.execute(query) if row[0].id != without]
    contacts = await _load_contacts(session, [row[0].resident_id for row in rows])
    return [_sketch(request, address, name, contacts) for request, address, name in rows]


async def list_live_sketches(
    session: Session, community_id: UUID, kinds: Collection[RequestKind]
) -> list[Sketch]:
    """Every live request of these kinds, for comparing many new ones: at most `MAX_SKETCHES`."""
    query = (
        select(HelpRequest, HouseholdAddress, PersonName.full_name)
        .join(HouseholdAddress, HouseholdAddress.household_id == HelpRequest.household_id)
        .outerjoin(PersonName, PersonName.person_id == HelpRequest.resident_id)
        .where(
            HelpRequest.community_id == community_id,
            HelpRequest.kind.in_(kinds),
            HelpRequest.status.in_(LIVE),
        )
        .options(selectinload(HelpRequest.windows))
        .order_by(HelpRequest.created_at.desc(), HelpRequest.id.desc())
        .limit(MAX_SKETCHES)
    )
    rows = (await session.execute(query)).all()
    contacts: dict[UUID, frozenset[str]] = {}
    people = sorted({row[0].resident_id for row in rows})
    for start in range(0, len(people), KEYS_PER_QUERY):
        contacts |= await _load_contacts(session, people[start : start + KEYS_PER_QUERY])
    return [_sketch(request, address, name, contacts) for request, address, name in rows]


async def _load_contacts(
    session: Session, person_ids: Collection[UUID]
) -> dict[UUID, frozenset[str]]:
    found: dict[UUID, set[str]] = {}
    if person_ids:
        query = select(ContactPoint.person_id, ContactPoint.value).where(
            ContactPoint.person_id.in_(set(person_ids))
        )
        for person_id, value in await session.execute(query):
            found.setdefault(person_id, set()).add(normal_contact(value))
    return {key: frozenset(values) for key, values in found.items()}


def _sketch(
    request: HelpRequest,
    address: HouseholdAddress,
    name: str | None,
    contacts: Mapping[UUID, frozenset[str]],
) -> Sketch:
    x_m, y_m = to_plane(address.lon_deg, address.lat_deg)
    return Sketch(
        request_id=request.id,
        kind=request.kind,
        windows=tuple((window.opens_at, window.closes_at) for window in request.windows),
        resident_id=request.resident_id,
        household_id=request.household_id,
        name=name or "",
        contacts=contacts.get(request.resident_id, frozenset()),
        x_m=x_m,
        y_m=y_m,
        unit=address.unit or "",
    )


async def list_waiting_for_review(
    session: Session, community_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[tuple[HelpRequest, RequestDetails | None]]:
    """Requests that wait for a person's eye, the oldest first."""
    query = (
        select(HelpRequest, RequestDetails)
        .outerjoin(RequestDetails, RequestDetails.request_id == HelpRequest.id)
        .where(
            HelpRequest.community_id == community_id,
            HelpRequest.status == RequestStatus.NEEDS_REVIEW,
        )
        .order_by(HelpRequest.created_at, HelpRequest.id)
        .limit(min(limit, PAGE_SIZE))
    )
    if after is not None:
        query = query.where(comes_after(HelpRequest, after))
    return [(row[0], row[1]) for row in await session.execute(query)]


def comes_after(model: type[Any], after: tuple[datetime, UUID]) -> Any:
    """The rows of a list by age that follow one of them."""
    created_at, key = after
    return or_(model.created_at > created_at, and_(model.created_at == created_at, model.id > key))


async def count_offers(session: Session, request_id: UUID) -> dict[OfferStatus, int]:
    """How many volunteers were asked about a request, by how they answered."""
    query = (
        select(Offer.status, func.count(func.distinct(Offer.volunteer_id)))
        .where(Offer.request_id == request_id)
        .group_by(Offer.status)
    )
    return {status: int(count) for status, count in await session.execute(query)}


async def list_request_events(session: Session, request_id: UUID, limit: int) -> list[Event]:
    """What happened to a request, oldest first."""
    query = (
        select(Event)
        .where(Event.subject_type == "request", Event.subject_id == request_id)
        .order_by(Event.happened_at, Event.id)
        .limit(limit)
    )
    return list(await session.scalars(query))


# --- text dialogues -------------------------------------------------------------------------------


async def find_dialogue(session: Session, person_id: UUID) -> TextDialogue | None:
    """The request that a resident is putting together by text, held until the end."""
    query = select(TextDialogue).where(TextDialogue.person_id == person_id).with_for_update()
    found: TextDialogue | None = await session.scalar(query)
    return found
