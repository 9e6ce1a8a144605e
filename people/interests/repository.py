"""The queries on interests and on facts of households."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, select

from core.db import Session
from people.auth import Actor
from people.interests.models import HouseholdFacts, Interest, PersonInterest
from people.models import Household, Membership, Person

MAX_TOPICS = 200


async def list_catalogue(
    session: Session, community_id: UUID, *, retired_too: bool = False
) -> list[Interest]:
    """The topics that a community offers, by code."""
    query = select(Interest).where(Interest.community_id == community_id)
    if not retired_too:
        query = query.where(Interest.retired_at.is_(None))
    return list(await session.scalars(query.order_by(Interest.code).limit(MAX_TOPICS)))


async def find_interest(session: Session, community_id: UUID, code: str) -> Interest | None:
    """One topic of a community."""
    found: Interest | None = await session.scalar(
        select(Interest).where(Interest.community_id == community_id, Interest.code == code)
    )
    return found


async def load_interests(session: Session, actor: Actor, keys: list[UUID]) -> dict[UUID, Interest]:
    """Topics by key: which there are is no secret."""
    rows = await session.scalars(select(Interest).where(Interest.id.in_(keys)))
    return {row.id: row for row in rows}


async def list_topics(session: Session, person_id: UUID, community_id: UUID) -> list[str]:
    """The codes of what a person cares about in a community."""
    query = (
        select(PersonInterest.topic)
        .where(PersonInterest.person_id == person_id, PersonInterest.community_id == community_id)
        .order_by(PersonInterest.topic)
        .limit(MAX_TOPICS)
    )
    return list(await session.scalars(query))


async def replace_topics(
    session: Session,
    person_id: UUID,
    community_id: UUID,
    topics: Collection[str],
    now: datetime,
) -> None:
    """Let a person care about these topics and no others there."""
    known = set(await list_topics(session, person_id, community_id))
    gone = known - set(topics)
    if gone:
        await session.execute(
            delete(PersonInterest).where(
                PersonInterest.person_id == person_id,
                PersonInterest.community_id == community_id,
                PersonInterest.topic.in_(gone),
            )
        )
    for topic in sorted(set(topics) - known):
        session.add(
            PersonInterest(
                person_id=person_id, community_id=community_id, topic=topic, stated_at=now
            )
        )
    await session.flush()


async def find_home(session: Session, person_id: UUID, community_id: UUID) -> UUID | None:
    """The household of a person, when it is one of this community."""
    found: UUID | None = await session.scalar(
        select(Household.id)
        .join(Person, Person.household_id == Household.id)
        .where(Person.id == person_id, Household.community_id == community_id)
    )
    return found


async def lock_facts(session: Session, household_id: UUID) -> HouseholdFacts | None:
    """What a household declared, held until the end of the transaction."""
    await session.execute(
        select(Household.id).where(Household.id == household_id).with_for_update(key_share=True)
    )
    found: HouseholdFacts | None = await session.scalar(
        select(HouseholdFacts)
        .where(HouseholdFacts.household_id == household_id)
        .execution_options(populate_existing=True)
    )
    return found


async def find_facts(session: Session, household_id: UUID) -> HouseholdFacts | None:
    """What a household declared."""
    return await session.get(HouseholdFacts, household_id)


async def delete_facts(
    session: Session, person_id: UUID, *, community_id: UUID | None = None
) -> list[UUID]:
    """Remove what a person declared of a household; the households."""
    query = delete(HouseholdFacts).where(HouseholdFacts.declared_by == person_id)
    if community_id is not None:
        homes = select(Household.id).where(Household.community_id == community_id)
        query = query.where(HouseholdFacts.household_id.in_(homes))
    rows = await session.execute(
        query.returning(HouseholdFacts.household_id).execution_options(synchronize_session="fetch")
    )
    return list(rows.scalars())


async def forget_person(session: Session, person_id: UUID) -> None:
    """Remove what a person cares about and declared, and facts of a home that nobody else has."""
    await session.execute(delete(PersonInterest).where(PersonInterest.person_id == person_id))
    await delete_facts(session, person_id)
    home = select(Person.household_id).where(Person.id == person_id).scalar_subquery()
    mates = select(Person.household_id).where(
        Person.id != person_id, Person.erased_at.is_(None), Person.household_id.is_not(None)
    )
    await session.execute(
        delete(HouseholdFacts).where(
            HouseholdFacts.household_id == home, HouseholdFacts.household_id.not_in(mates)
        )
    )


async def load_rows_about(
    session: Session, person_id: UUID
) -> tuple[list[PersonInterest], list[HouseholdFacts]]:
    """What a person cares about, and what is kept of their home."""
    topics = await session.scalars(
        select(PersonInterest).where(PersonInterest.person_id == person_id).limit(MAX_TOPICS)
    )
    home = select(Person.household_id).where(Person.id == person_id)
    facts = await session.scalars(
        select(HouseholdFacts).where(
            or_(HouseholdFacts.household_id.in_(home), HouseholdFacts.declared_by == person_id)
        )
    )
    return list(topics), list(facts)


async def is_member(session: Session, person_id: UUID, community_id: UUID) -> bool:
    """Whether somebody has a role in a community now."""
    found = await session.scalar(
        select(Membership.id)
        .where(
            Membership.person_id == person_id,
            Membership.community_id == community_id,
            Membership.ended_at.is_(None),
        )
        .limit(1)
    )
    return found is not None
