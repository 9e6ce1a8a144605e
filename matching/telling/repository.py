"""The queries for what messages say: names, areas, ways and contacts, one person at a time."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from core.db import Session
from matching.intake.models import RequestDetails
from matching.models import HelpRequest, Offer, Volunteer
from matching.offers.models import AskedHome, VolunteerReach
from people.errors import PersonUnknown
from people.models import Community, Household, Person, PersonName, Preferences


@dataclass(frozen=True)
class Recipient:
    """Whom a message is for, and in which words."""

    person_id: UUID
    community_id: UUID
    community_name: str
    time_zone: str
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Stop:
    """One home of an offer, as much of it as may be told before a yes."""

    request_id: UUID
    area: str | None
    bucket: str | None
    weight: float


async def get_recipient(session: Session, community_id: UUID, person_id: UUID) -> Recipient:
    """A person as a recipient. Who was erased is one too: their messages are not sent."""
    row = (
        await session.execute(
            select(Community.name, Community.time_zone, Community.locale, Preferences.languages)
            .select_from(Person)
            .join(Community, Community.id == community_id)
            .outerjoin(Preferences, Preferences.person_id == Person.id)
            .where(Person.id == person_id)
        )
    ).first()
    if row is None:
        raise PersonUnknown(f"There is no person with id {person_id}.")
    name, time_zone, locale, languages = row
    return Recipient(person_id, community_id, name, time_zone, tuple(languages or (locale,)))


async def find_first_name(session: Session, person_id: UUID) -> str | None:
    """What a person is called by those whom they help, and no more of the name."""
    row = await session.get(PersonName, person_id)
    if row is None:
        return None
    words = (row.call_name or row.full_name).split()
    return words[0] if words else None


async def load_stop(
    session: Session, request: HelpRequest, volunteer_id: UUID, ask_id: UUID | None
) -> Stop:
    """A home as a volunteer may hear of it before a yes: its area, and the way in a bucket."""
    area = await session.scalar(select(Household.area).where(Household.id == request.household_id))
    bucket: str | None = None
    if ask_id is not None:
        bucket = await session.scalar(
            select(AskedHome.travel_bucket).where(
                AskedHome.ask_id == ask_id, AskedHome.request_id == request.id
            )
        )
    if bucket is None:
        reach = await session.get(VolunteerReach, volunteer_id)
        entry = None if reach is None else reach.homes.get(request.id.hex)
        bucket = str(entry[2]) if entry is not None and len(entry) > 2 else None
    return Stop(request.id, area, bucket, request.weight)


async def is_standing(session: Session, request_id: UUID) -> bool:
    """Whether a request came of a wish for every snowfall."""
    details = await session.get(RequestDetails, request_id)
    return details is not None and details.standing_id is not None


async def get_request(session: Session, request_id: UUID) -> HelpRequest:
    """A request that a row of ours points to."""
    return await session.get_one(HelpRequest, request_id)


async def get_offer(session: Session, offer_id: UUID) -> Offer:
    """The offer that a visit came of."""
    return await session.get_one(Offer, offer_id)


async def get_volunteer(session: Session, volunteer_id: UUID) -> Volunteer:
    """A volunteer whom a row of ours points to."""
    return await session.get_one(Volunteer, volunteer_id)


async def get_community(session: Session, community_id: UUID) -> Community:
    """A community that a row of ours points to."""
    return await session.get_one(Community, community_id)
