"""A neighbourhood whose people said this and that about themselves, for audiences and surveys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.db import Session
from core.ids import new_id
from people.interests.models import HouseholdFacts, PersonInterest
from people.kinds import Channel, Precision, Purpose, Role
from people.models import (
    Community,
    Consent,
    ContactPoint,
    Household,
    HouseholdAddress,
    Membership,
    Person,
    PersonName,
    Preferences,
)
from tests.factories.messages import give_consent
from tests.factories.people import CELL, LONG_AGO


async def add_listener(session: Session, community: Community, **facts: Any) -> Person:
    """Somebody with a home, who agreed to hear of campaigns and can be written to."""
    return (await add_listeners(session, community, 1, **facts))[0]


async def add_listeners(
    session: Session,
    community: Community,
    count: int,
    *,
    area: str = "Riverside",
    cell: int = CELL,
    topics: Sequence[str] = (),
    purposes: Sequence[Purpose] = (Purpose.CAMPAIGNS,),
    languages: Sequence[str] = ("en",),
    role: Role = Role.RESIDENT,
    with_contact: bool = True,
) -> list[Person]:
    """As many of them, each with a home of their own; written in few statements."""
    homes, people, rest = [], [], []
    for _ in range(count):
        home = Household(
            id=new_id(),
            community_id=community.id,
            cell=cell,
            area=area,
            precision=Precision.ROOFTOP,
            created_at=LONG_AGO,
            address=HouseholdAddress(
                address_text="17 Imaginary Street", lon_deg=-71.1106, lat_deg=42.3736
            ),
        )
        person = Person(
            id=new_id(),
            household_id=home.id,
            is_synthetic=True,
            created_at=LONG_AGO,
            name=PersonName(full_name=f"Synthetic Person {home.id.hex[-6:]}"),
            preferences=Preferences(languages=list(languages)),
            memberships=[Membership(community_id=community.id, role=role, since=LONG_AGO)],
        )
        if with_contact:
            value = f"synthetic-{person.id.hex[-12:]}@mail.example"
            person.contact_points = [
                ContactPoint(channel=Channel.EMAIL, value=value, verified_at=LONG_AGO)
            ]
        homes.append(home)
        people.append(person)
        rest += [_consent(community, person, purpose) for purpose in purposes]
        rest += [
            PersonInterest(
                person_id=person.id, community_id=community.id, topic=topic, stated_at=LONG_AGO
            )
            for topic in topics
        ]
    for rows in (homes, people, rest):
        session.add_all(rows)
        await session.flush()
    return people


def _consent(community: Community, person: Person, purpose: Purpose) -> Consent:
    return Consent(
        person_id=person.id,
        community_id=community.id,
        purpose=purpose,
        text_version="2025-11",
        granted=True,
        recorded_by=person.id,
        recorded_at=LONG_AGO,
        source="form",
    )


async def declare(
    session: Session, community: Community, person: Person, **facts: Any
) -> HouseholdFacts:
    """What a person said of the household, under a consent of its own."""
    consent = await give_consent(session, community, person, Purpose.CAMPAIGNS)
    household = await session.get_one(Household, person.household_id)
    row = HouseholdFacts(
        household_id=household.id,
        has_seniors=facts.get("has_seniors"),
        has_children=facts.get("has_children"),
        declared_at=LONG_AGO,
        declared_by=person.id,
        consent_id=consent.id,
    )
    session.add(row)
    await session.flush()
    return row
