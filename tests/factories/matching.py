"""Plain functions that put requests, volunteers and offers into a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from core.db import Session
from core.ids import new_code
from matching.kinds import OfferStatus, RequestKind, RequestStatus
from matching.models import (
    REFERENCE_LENGTH,
    AvailabilityWindow,
    HelpRequest,
    Offer,
    RequestNeed,
    RequestWindow,
    Volunteer,
)
from people.kinds import Role
from people.models import Ability, Community
from tests.factories.people import LONG_AGO, add_household, add_person

EVENING = datetime(2026, 1, 15, 21, 0, tzinfo=UTC)
_drawn: set[str] = set()


def _new_reference() -> str:
    while (reference := new_code(REFERENCE_LENGTH)) in _drawn:
        pass
    _drawn.add(reference)
    return reference


async def add_request(
    session: Session,
    community: Community,
    *,
    status: RequestStatus = RequestStatus.OPEN,
    crew_size: int = 1,
    needs: Sequence[Ability] = (),
    **values: Any,
) -> HelpRequest:
    """A request to shovel snow this evening, with its resident and home."""
    if "reference" not in values:
        values["reference"] = _new_reference()
    household = await add_household(session, community)
    resident = await add_person(session, community, household=household)
    request = HelpRequest(
        community_id=community.id,
        kind=RequestKind.SNOW,
        resident_id=resident.id,
        household_id=household.id,
        status=status,
        service_s=1_800,
        crew_size=crew_size,
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
        windows=[RequestWindow(opens_at=EVENING, closes_at=EVENING + timedelta(hours=4))],
        needs=[RequestNeed(ability_id=ability.id) for ability in needs],
        **values,
    )
    session.add(request)
    await session.flush()
    return request


async def add_volunteer(session: Session, community: Community, **values: Any) -> Volunteer:
    """A volunteer who walks and has time this evening, with person and home."""
    household = await add_household(session, community, lon_deg=-71.1110, lat_deg=42.3740)
    person = await add_person(session, community, role=Role.VOLUNTEER, household=household)
    defaults: dict[str, Any] = {"max_tasks": 3, "max_work_s": 10_800, "max_travel_s": 1_200}
    volunteer = Volunteer(
        community_id=community.id,
        person_id=person.id,
        home_id=household.id,
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
        windows=[AvailabilityWindow(starts_at=EVENING, ends_at=EVENING + timedelta(hours=4))],
        **(defaults | values),
    )
    session.add(volunteer)
    await session.flush()
    return volunteer


async def add_offer(
    session: Session,
    request: HelpRequest,
    volunteer: Volunteer,
    *,
    status: OfferStatus = OfferStatus.SENT,
    starts_at: datetime = EVENING + timedelta(minutes=30),
    code: str = "K7",
) -> Offer:
    """An offer of half an hour's work."""
    offer = Offer(
        community_id=request.community_id,
        request_id=request.id,
        volunteer_id=volunteer.id,
        status=status,
        code=code,
        position=0,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        accept_p=0.5,
        proposed_at=EVENING - timedelta(hours=1),
        sent_at=None if status is OfferStatus.PROPOSED else EVENING - timedelta(minutes=10),
    )
    session.add(offer)
    await session.flush()
    return offer
