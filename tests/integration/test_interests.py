"""Interests that people state, and facts of a household under a consent that may end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database, Session
from core.errors import NotPermitted
from core.events import Event
from messaging.stopping import start_again, stop_all
from people.auth import Actor
from people.consents import RecordConsent, record_consent
from people.errors import PersonUnknown
from people.interests.catalogue import SaveInterest, save_interest
from people.interests.errors import (
    FactsNeedConsent,
    InterestUnknown,
    InvalidInterest,
    WithoutHousehold,
)
from people.interests.models import HouseholdFacts
from people.interests.personal import export_person, forget_person
from people.interests.repository import list_catalogue, list_topics
from people.interests.stating import (
    DeclareHousehold,
    StateInterests,
    declare_household,
    state_interests,
)
from people.kinds import Channel, Purpose, Role
from people.models import Community, Person
from tests.factories.audiences import add_listener
from tests.factories.messages import give_consent
from tests.factories.people import actor_as, add_community, add_person

SYSTEM = Actor.system()


async def add_topics(session: Session, community: Community, clock: FixedClock) -> None:
    for code in ("cycling", "gardening"):
        await save_interest(
            session, SYSTEM, SaveInterest(community.id, code, code.title()), now=clock.now()
        )


async def declare_as(
    session: Session, person: Person, community: Community, clock: FixedClock
) -> HouseholdFacts | None:
    command = DeclareHousehold(person.id, community.id, has_seniors=True, has_children=None)
    return await declare_household(session, Actor(person_id=person.id), command, now=clock.now())


async def facts_kept(session: Session) -> list[HouseholdFacts]:
    return list(await session.scalars(select(HouseholdFacts)))


async def test_managers_edit_the_catalogue_and_nobody_else(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        other = await add_community(session, "somerville")
        command = SaveInterest(community.id, "cycling", "Cycling", label_es="Bicicleta")
        for actor in (
            actor_as(Role.COORDINATOR, community.id),
            actor_as(Role.MANAGER, other.id),
            Actor.anonymous(),
        ):
            with pytest.raises(NotPermitted):
                await save_interest(session, actor, command, now=clock.now())
        manager = actor_as(Role.MANAGER, community.id)
        first = await save_interest(session, manager, command, now=clock.now())
        again = await save_interest(session, manager, command, now=clock.now())
        assert first.id == again.id
        assert [row.label_es for row in await list_catalogue(session, community.id)] == [
            "Bicicleta"
        ]
        retired = SaveInterest(community.id, "cycling", "Cycling", retired=True)
        await save_interest(session, manager, retired, now=clock.now())
        assert await list_catalogue(session, community.id) == []
        assert len(await list_catalogue(session, community.id, retired_too=True)) == 1


@pytest.mark.parametrize("code", ["", "Cycling", "two words", "9lives", "x" * 65])
async def test_the_code_of_a_topic_is_a_word(database: Database, code: str) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        with pytest.raises(InvalidInterest):
            SaveInterest(community.id, code, "Label")


async def test_stating_interests_replaces_them(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        await add_topics(session, community, clock)
        person = await add_person(session, community)
        me = Actor(person_id=person.id)

        async def state(*topics: str) -> list[str]:
            command = StateInterests(person.id, community.id, topics)
            return await state_interests(session, me, command, now=clock.now())

        assert await state("gardening", "cycling", "cycling") == ["cycling", "gardening"]
        assert await state("gardening") == ["gardening"]
        assert await list_topics(session, person.id, community.id) == ["gardening"]
        with pytest.raises(InterestUnknown):
            await state("astrology")
        retired = SaveInterest(community.id, "gardening", "Gardening", retired=True)
        await save_interest(session, SYSTEM, retired, now=clock.now())
        assert await state("gardening", "cycling") == ["cycling", "gardening"]
        assert await state() == []
        with pytest.raises(InterestUnknown):
            await state("gardening")


async def test_interests_of_others_are_not_for_me_to_state(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        other = await add_community(session, "somerville")
        await add_topics(session, community, clock)
        person = await add_person(session, community)
        command = StateInterests(person.id, community.id, ("cycling",))
        for actor in (
            Actor.anonymous(),
            actor_as(Role.RESIDENT, community.id),
            actor_as(Role.MANAGER, other.id),
        ):
            with pytest.raises(PersonUnknown):
                await state_interests(session, actor, command, now=clock.now())
        staff = actor_as(Role.COORDINATOR, community.id)
        await state_interests(session, staff, command, now=clock.now())
        stranger = StateInterests(person.id, other.id, ())
        with pytest.raises(PersonUnknown):
            await state_interests(session, SYSTEM, stranger, now=clock.now())


async def test_what_was_stated_is_not_in_the_history(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        await add_topics(session, community, clock)
        person = await add_listener(session, community)
        await state_interests(
            session,
            Actor(person_id=person.id),
            StateInterests(person.id, community.id, ("cycling",)),
            now=clock.now(),
        )
        await declare_as(session, person, community, clock)
        kinds = ("interests.stated", "household.declared")
        events = list(await session.scalars(select(Event).where(Event.kind.in_(kinds))))
        assert {event.kind: event.data for event in events} == {
            "interests.stated": {"topic_count": 1},
            "household.declared": {},
        }


async def test_facts_need_a_home_and_a_consent(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        homeless = await add_person(session, community)
        silent = await add_listener(session, community, purposes=(Purpose.PROGRAMMES,))
        with pytest.raises(WithoutHousehold):
            await declare_as(session, homeless, community, clock)
        with pytest.raises(FactsNeedConsent):
            await declare_as(session, silent, community, clock)
        assert await facts_kept(session) == []
        person = await add_listener(session, community)
        for actor in (actor_as(Role.MANAGER, community.id), Actor(person_id=silent.id)):
            command = DeclareHousehold(person.id, community.id, True, None)
            with pytest.raises(NotPermitted):
                await declare_household(session, actor, command, now=clock.now())
        facts = await declare_as(session, person, community, clock)
        assert facts is not None
        assert (facts.has_seniors, facts.has_children) == (True, None)
        nothing = DeclareHousehold(person.id, community.id, None, None)
        me = Actor(person_id=person.id)
        assert await declare_household(session, me, nothing, now=clock.now()) is None
        assert await facts_kept(session) == []


async def test_facts_end_with_the_last_consent(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_listener(session, community, purposes=())
        for channel in (Channel.EMAIL, Channel.SMS):
            await give_consent(session, community, person, Purpose.CAMPAIGNS, channel=channel)
        await declare_as(session, person, community, clock)
        clock.advance(timedelta(minutes=1))
        await stop_all(session, person.id, Channel.SMS, now=clock.now())
        assert len(await facts_kept(session)) == 1
        clock.advance(timedelta(minutes=1))
        await stop_all(session, person.id, Channel.EMAIL, now=clock.now())
        assert await facts_kept(session) == []
        clock.advance(timedelta(minutes=1))
        await start_again(session, person.id, Channel.EMAIL, now=clock.now())
        assert await facts_kept(session) == []


async def test_another_purpose_or_another_home_ends_nothing(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_listener(session, community)
        await declare_as(session, person, community, clock)
        neighbour = await add_listener(session, community)
        await declare_as(session, neighbour, community, clock)
        clock.advance(timedelta(minutes=1))

        async def withdraw(who: Person, purpose: Purpose) -> None:
            command = RecordConsent(who.id, community.id, purpose, False, "2025-11", "form")
            await record_consent(session, Actor(person_id=who.id), command, now=clock.now())

        await withdraw(person, Purpose.PROGRAMMES)
        assert len(await facts_kept(session)) == 2
        await withdraw(person, Purpose.CAMPAIGNS)
        assert [row.declared_by for row in await facts_kept(session)] == [neighbour.id]


async def test_stop_covers_programmes(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_listener(session, community, purposes=(Purpose.PROGRAMMES,))
        stopped = await stop_all(session, person.id, Channel.EMAIL, now=clock.now())
        assert stopped == [Purpose.PROGRAMMES]


async def test_the_erased_leave_nothing_and_the_others_stay(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_listener(session, community, topics=["cycling"])
        other = await add_listener(session, community, topics=["cycling"])
        for each in (person, other):
            await declare_as(session, each, community, clock)
        kept = await export_person(session, person.id)
        assert [row["topic"] for row in kept["person_interest"]] == ["cycling"]
        assert [row["has_seniors"] for row in kept["household_facts"]] == [True]
        await forget_person(session, person.id, clock.now())
        assert await list_topics(session, person.id, community.id) == []
        assert await list_topics(session, other.id, community.id) == ["cycling"]
        assert [row.declared_by for row in await facts_kept(session)] == [other.id]


async def test_facts_of_a_shared_home_stay_for_who_declared_them(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        teller = await add_listener(session, community)
        mate = await add_listener(session, community)
        mate.household_id = teller.household_id
        await session.flush()
        await declare_as(session, teller, community, clock)
        await forget_person(session, mate.id, clock.now())
        assert len(await facts_kept(session)) == 1
        await forget_person(session, teller.id, clock.now())
        assert await facts_kept(session) == []
