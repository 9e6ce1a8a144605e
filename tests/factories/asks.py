"""A storm with a volunteer who was asked: the rows that a wave leaves behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.db import Session
from matching.kinds import AskOrigin, AskStatus, RequestStatus, StormStatus
from matching.models import HelpRequest, Offer, Storm, Volunteer
from matching.offers.models import Ask, AskedHome, VolunteerReach
from people.kinds import Channel
from people.models import Community, ContactPoint
from tests.factories.matching import EVENING, add_offer, add_request, add_volunteer
from tests.factories.people import LONG_AGO

CODES = ("K7", "M4", "3A", "P9")
BUCKETS = ("5_to_10_min", "10_to_15_min", "under_5_min", "15_to_30_min")


@dataclass(frozen=True)
class Asked:
    """What one volunteer was asked."""

    ask: Ask
    volunteer: Volunteer
    offers: list[Offer]
    requests: list[HelpRequest]
    """The plan first, then what is open beside it."""


async def add_storm(
    session: Session, community: Community, status: StormStatus = StormStatus.ACTIVE
) -> Storm:
    storm = Storm(community_id=community.id, status=status, created_at=LONG_AGO)
    session.add(storm)
    await session.flush()
    return storm


async def add_homes(
    session: Session, community: Community, storm: Storm, count: int, **values: Any
) -> list[HelpRequest]:
    """Homes that wait for help in a storm."""
    return [
        await add_request(
            session,
            community,
            status=RequestStatus.OFFERED,
            storm_id=storm.id,
            scope=["sidewalk"],
            **values,
        )
        for _ in range(count)
    ]


async def ask_volunteer(
    session: Session,
    community: Community,
    storm: Storm,
    requests: Sequence[HelpRequest],
    *,
    planned: int = 1,
    volunteer: Volunteer | None = None,
    **values: Any,
) -> Asked:
    """A volunteer with an ask: the first homes are the plan, the others are open beside it."""
    asked = volunteer or await add_volunteer(session, community, **({"max_tasks": 4} | values))
    ask = Ask(
        community_id=community.id,
        storm_id=storm.id,
        volunteer_id=asked.id,
        key=f"test:{asked.id}",
        origin=next(iter(AskOrigin)),
        status=AskStatus.SENT,
        plan_p=0.5,
        willingness=0.5,
        life_s=5_400,
        proposed_at=EVENING - timedelta(minutes=10),
        sent_at=EVENING - timedelta(minutes=10),
        silent_after_at=EVENING + timedelta(minutes=80),
    )
    session.add(ask)
    await session.flush()
    offers = []
    for number, request in enumerate(requests):
        session.add(
            AskedHome(
                ask_id=ask.id,
                request_id=request.id,
                position=number,
                in_plan=number < planned,
                accept_p=0.5,
                travel_s=400,
                travel_m=500,
                travel_bucket=BUCKETS[number % len(BUCKETS)],
                radius_share=0.3,
            )
        )
        if number < planned:
            offer = await add_offer(
                session,
                request,
                asked,
                code=CODES[number],
                starts_at=EVENING + timedelta(minutes=30 + 40 * number),
            )
            offer.ask_id, offer.position = ask.id, number
            offers.append(offer)
    session.add(
        VolunteerReach(
            volunteer_id=asked.id,
            measured_at=EVENING,
            homes={
                row.id.hex: [400, 500, BUCKETS[number % len(BUCKETS)], 0.5, 1.0 - number * 0.1]
                for number, row in enumerate(requests)
            },
        )
    )
    await session.flush()
    return Asked(ask, asked, offers, list(requests))


async def give_number(session: Session, person_id: Any, number: str) -> None:
    """A mobile phone."""
    session.add(ContactPoint(person_id=person_id, channel=Channel.SMS, value=number))
    await session.flush()
