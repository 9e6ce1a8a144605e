"""A neighbourhood whose people said this and that about themselves, for audiences and surveys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.db import Session
from people.interests.models import HouseholdFacts, PersonInterest
from people.kinds import Purpose, Role
from people.models import Community, Household, Person
from tests.factories.messages import add_contact, give_consent
from tests.factories.people import CELL, LONG_AGO, add_household, add_person


async def add_listener(
    session: Session,
    community: Community,
    *,
    area: str = "Riverside",
    cell: int = CELL,
    topics: Sequence[str] = (),
    purposes: Sequence[Purpose] = (Purpose.CAMPAIGNS,),
    languages: Sequence[str] = ("en",),
    role: Role = Role.RESIDENT,
    with_contact: bool = True,
) -> Person:
    """Somebody with a home, who agreed to hear of campaigns and can be written to."""
    household = await add_household(session, community, area=area)
    household.cell = cell
    person = await add_person(
        session, community, household=household, languages=languages, role=role
    )
    if with_contact:
        await add_contact(session, person)
    for purpose in purposes:
        await give_consent(session, community, person, purpose)
    for topic in topics:
        session.add(
            PersonInterest(
                person_id=person.id, community_id=community.id, topic=topic, stated_at=LONG_AGO
            )
        )
    await session.flush()
    return person


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
