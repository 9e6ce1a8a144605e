from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted
from core.events import Event, list_events
from core.ids import new_id
from matching.errors import AssignmentUnknown
from matching.kinds import OfferStatus, RequestStatus
from matching.models import HelpRequest, Volunteer
from matching.offers.answering import accept_offer, release_work
from matching.offers.disclosure import read_work_address
from matching.repository import (
    find_request,
    list_requests,
    load_by_source_key,
    requests_visible_to,
    volunteers_visible_to,
)
from people import repository
from people.auth import Actor
from people.communities import CreateCommunity, create_community, set_rules
from people.consents import RecordConsent, record_consent
from people.disclosure import read_address
from people.errors import (
    AddressNotForYou,
    CommunityAlreadyThere,
    CommunityUnknown,
    PersonUnknown,
)
from people.kinds import AbilityKind, Channel, Purpose, Role
from people.models import Membership
from tests.factories.matching import add_offer, add_request, add_volunteer
from tests.factories.people import actor_as, add_community, add_household, add_person

SYSTEM = Actor.system()


async def test_everybody_sees_exactly_the_people_they_may(database: Database) -> None:
    async with database.begin() as session:
        here, elsewhere = await add_community(session), await add_community(session, "elsewhere")
        own = (await add_person(session, here)).id
        neighbour = (await add_person(session, here, role=Role.VOLUNTEER)).id
        far = (await add_person(session, elsewhere)).id
        erased = await add_person(session, here)
        erased.erased_at = erased.created_at
    async with database.read() as session:
        for actor, expected in [
            (Actor.anonymous(), set()),
            (Actor(person_id=own), {own}),
            (Actor(person_id=own, roles={here.id: frozenset({Role.VOLUNTEER})}), {own}),
            (actor_as(Role.COORDINATOR, here.id), {own, neighbour}),
            (actor_as(Role.MANAGER, elsewhere.id), {far}),
            (SYSTEM, {own, neighbour, far}),
        ]:
            seen = {row.id for row in await session.scalars(repository.visible_to(actor))}
            assert seen == expected
        page = await repository.list_people(session, SYSTEM, here.id, limit=1)
        rest = await repository.list_people(session, SYSTEM, here.id, after=page[0].id)
        assert {row.id for row in (*page, *rest)} == {own, neighbour}
        person = await repository.get_person(session, Actor(person_id=own), own)
        assert person.name is not None
        for hidden in (neighbour, new_id()):
            with pytest.raises(PersonUnknown):
                await repository.get_person(session, Actor(person_id=own), hidden)


async def test_requests_and_volunteers_are_seen_by_those_they_concern(database: Database) -> None:
    async with database.begin() as session:
        here, elsewhere = await add_community(session), await add_community(session, "elsewhere")
        asked = await add_request(session, here, status=RequestStatus.OFFERED)
        other = await add_request(session, here)
        volunteer = await add_volunteer(session, here)
        await add_volunteer(session, elsewhere)
        await add_offer(session, asked, volunteer)
        await add_offer(session, other, volunteer, status=OfferStatus.WITHDRAWN, code="K9")
    async with database.read() as session:
        for actor, requests, volunteers in [
            (Actor.anonymous(), set(), set()),
            (Actor(person_id=volunteer.person_id), {asked.id}, {volunteer.id}),
            (Actor(person_id=other.resident_id), {other.id}, set()),
            (actor_as(Role.COORDINATOR, here.id), {asked.id, other.id}, {volunteer.id}),
            (actor_as(Role.RESIDENT, here.id), set(), set()),
        ]:
            seen = {row.id for row in await session.scalars(requests_visible_to(actor))}
            helpers = {row.id for row in await session.scalars(volunteers_visible_to(actor))}
            assert (seen, helpers) == (requests, volunteers)
        listed = await list_requests(session, SYSTEM, here.id, statuses=[RequestStatus.OPEN])
        assert [row.id for row in listed] == [other.id]
        found = await find_request(session, SYSTEM, here.id, other.reference.lower())
        assert found is not None
        assert found.id == other.id
        assert await find_request(session, Actor.anonymous(), here.id, other.id) is None


async def test_actor_has_the_roles_that_have_not_ended(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        here = await add_community(session)
        person = await add_person(session, here, role=Role.COORDINATOR)
        session.add(
            Membership(
                person_id=person.id,
                community_id=here.id,
                role=Role.MANAGER,
                since=clock.now(),
                ended_at=clock.now(),
            )
        )
    async with database.read() as session:
        actor = await repository.load_actor(session, person.id)
        assert actor.roles == {here.id: frozenset({Role.COORDINATOR})}
        with pytest.raises(PersonUnknown):
            await repository.load_actor(session, new_id())


async def test_address_is_for_residents_and_staff_and_each_reading_is_on_record(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        here = await add_community(session)
        home = await add_household(session, here)
        resident = await add_person(session, here, household=home)
        neighbour = await add_person(session, here)
        for actor in (Actor.anonymous(), Actor(person_id=neighbour.id)):
            with pytest.raises(AddressNotForYou):
                await read_address(session, actor, home.id, now=clock.now())
        assert await list_events(session, "household", home.id) == []

        address = await read_address(
            session, Actor(person_id=resident.id), home.id, now=clock.now()
        )
        await read_address(session, actor_as(Role.COORDINATOR, here.id), home.id, now=clock.now())

        assert address.address_text == "17 Imaginary Street"
        events = await list_events(session, "household", home.id)
    assert [event.kind for event in events] == ["address.released"] * 2
    assert events[0].actor_id == resident.id


async def test_volunteer_sees_the_address_while_holding_the_work_and_not_before_or_after(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        here = await add_community(session)
        request = await add_request(session, here, status=RequestStatus.OFFERED)
        volunteer = await add_volunteer(session, here)
        offer = await add_offer(session, request, volunteer)
        actor = Actor(person_id=volunteer.person_id)
        with pytest.raises(AddressNotForYou):
            await read_address(session, actor, request.household_id, now=clock.now())

        work = await accept_offer(session, actor, offer.id, now=clock.now())
        address = await read_work_address(session, actor, work.id, now=clock.now())
        assert address.lat_deg == 42.3736
        for other in (Actor.anonymous(), Actor(person_id=request.resident_id), SYSTEM):
            with pytest.raises(AssignmentUnknown):
                await read_work_address(session, other, work.id, now=clock.now())

        await release_work(session, actor, work.id, now=clock.now(), reason="ill")
        with pytest.raises(AssignmentUnknown):
            await read_work_address(session, actor, work.id, now=clock.now())
        released = await session.scalar(
            select(func.count()).select_from(Event).where(Event.kind == "address.released")
        )
    assert released == 2, "once in the message after the yes, once when it was read"


async def test_last_line_of_the_consent_ledger_holds(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        here = await add_community(session)
        person = await add_person(session, here)
        actor = Actor(person_id=person.id)

        async def say(granted: bool, channel: Channel | None = None) -> None:
            command = RecordConsent(
                person_id=person.id,
                community_id=here.id,
                purpose=Purpose.OFFERS,
                granted=granted,
                text_version="2026-01",
                source="form",
                channel=channel,
            )
            await record_consent(session, actor, command, now=clock.advance(timedelta(seconds=1)))

        async def holds(channel: Channel, purpose: Purpose = Purpose.OFFERS) -> bool:
            found = await repository.find_consent(
                session, person.id, purpose, channel, community_id=here.id
            )
            return found is not None

        assert not await holds(Channel.SMS)
        await say(True)
        assert await holds(Channel.SMS)
        assert not await holds(Channel.SMS, Purpose.CAMPAIGNS)
        await say(False, Channel.SMS)
        assert not await holds(Channel.SMS)
        assert await holds(Channel.EMAIL)
        await say(False)
        assert not await holds(Channel.EMAIL)
        events = [event.kind for event in await list_events(session, "person", person.id)]
        assert events == ["consent.granted", "consent.withdrawn", "consent.withdrawn"]
        with pytest.raises(NotPermitted):
            await record_consent(
                session,
                actor_as(Role.VOLUNTEER, here.id),
                RecordConsent(person.id, here.id, Purpose.OFFERS, True, "2026-01", "form"),
                now=clock.now(),
            )


async def test_rules_hold_from_their_moment_on(database: Database, clock: FixedClock) -> None:
    command = CreateCommunity(
        slug="helsinki",
        name="Helsinki",
        time_zone="Europe/Helsinki",
        city_pack="helsinki.gpkg",
        utm_epsg=32635,
    )
    async with database.begin() as session:
        community = await create_community(session, SYSTEM, command, now=clock.now())
        start = clock.now()
        assert (await repository.read_rules_at(session, community.id, start)).max_tasks == 3
        for days, max_tasks in [(0, 5), (10, 2)]:
            moment = start + timedelta(days=days)
            await set_rules(
                session,
                actor_as(Role.MANAGER, community.id),
                community.id,
                {"max_tasks": max_tasks},
                valid_from=moment,
                now=start,
            )
        found = [
            (await repository.read_rules_at(session, community.id, start + timedelta(days=days)))
            for days in (-1, 0, 9, 10)
        ]
        with pytest.raises(NotPermitted):
            await set_rules(
                session,
                actor_as(Role.COORDINATOR, community.id),
                community.id,
                {},
                valid_from=start,
                now=start,
            )
    assert [rules.max_tasks for rules in found] == [3, 5, 5, 2]


async def test_communities_have_their_own_short_names(
    database: Database, clock: FixedClock
) -> None:
    command = CreateCommunity("a-city", "A city", "UTC", "cambridge", 32619)
    async with database.begin() as session:
        await create_community(session, SYSTEM, command, now=clock.now())
        with pytest.raises(CommunityAlreadyThere):
            await create_community(session, SYSTEM, command, now=clock.now())
        with pytest.raises(NotPermitted):
            await create_community(session, Actor.anonymous(), command, now=clock.now())
        assert (await repository.get_community(session, " A-City ")).name == "A city"
        with pytest.raises(CommunityUnknown, match="there are: a-city"):
            await repository.get_community(session, "b-city")


async def test_abilities_are_added_once(database: Database) -> None:
    wanted = [(AbilityKind.TOOL, "shovel", "Snow shovel"), (AbilityKind.SKILL, "rides", "Driving")]
    async with database.begin() as session:
        here = await add_community(session)
        first = await repository.ensure_abilities(session, here.id, wanted)
        again = await repository.ensure_abilities(session, here.id, wanted)
        listed = await repository.list_abilities(session, here.id)
    assert {code: row.id for code, row in first.items()} == {
        code: row.id for code, row in again.items()
    }
    assert [row.code for row in listed] == ["rides", "shovel"]


async def test_people_are_found_by_what_reaches_them(database: Database) -> None:
    async with database.begin() as session:
        here = await add_community(session)
        shared = [await add_person(session, here, email="home@example.org") for _ in range(2)]
        await add_person(session, here, email="other@example.org")
    async with database.read() as session:
        found = await repository.find_people_by_contact(session, Channel.EMAIL, "home@example.org")
    assert [row.id for row in found] == [person.id for person in shared]


async def test_rows_are_found_by_what_their_source_calls_them(database: Database) -> None:
    async with database.begin() as session:
        here, elsewhere = await add_community(session), await add_community(session, "elsewhere")
        keys = [f"row-{number}" for number in range(3)]
        rows = [await add_request(session, here, source_key=key) for key in keys]
        await add_request(session, elsewhere, source_key="row-0")
        volunteer = await add_volunteer(session, here, source_key="row-0")
        many = [*keys, *(f"none-{number}" for number in range(1_200))]
        requests = await load_by_source_key(session, HelpRequest, here.id, many)
        volunteers = await load_by_source_key(session, Volunteer, here.id, many)
    assert {key: row.id for key, row in requests.items()} == dict(
        zip(keys, [row.id for row in rows], strict=True)
    )
    assert [row.id for row in volunteers.values()] == [volunteer.id]
