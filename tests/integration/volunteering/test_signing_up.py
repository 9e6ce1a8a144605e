"""Signing up: one person for one contact, nothing told to strangers, consents on record."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted
from core.events import list_events
from matching.errors import VolunteerUnknown
from matching.imports.rows import Contact
from matching.kinds import TravelMode, VolunteerStatus
from matching.models import Volunteer
from matching.volunteering import repository
from matching.volunteering.errors import InvalidSignUp
from matching.volunteering.forms import CheckedSignUp
from matching.volunteering.signing_up import (
    ChangeVolunteer,
    SignedUp,
    change_volunteer,
    sign_up,
)
from matching.volunteering.standing_back import leave_programme
from matching.volunteering.teams import NewMember
from messaging.confirming import confirm_contact
from messaging.kinds import MessageStatus
from messaging.models import Message
from people.auth import Actor
from people.guardians import is_minor
from people.kinds import Channel, Purpose, Role
from people.link_models import Link
from people.models import Community, ContactPoint, Person
from people.safeguards_repository import get_minor, load_vetting
from people.vetting import RecordVetting, find_valid_codes, record_vetting
from tests.factories.people import add_community, add_household, add_person
from tests.ledger import find_consent
from tests.volunteering import KnownPlaces, add_actor, check_form

STRANGER = Actor.anonymous()


async def take_in(
    database: Database, clock: FixedClock, checked: CheckedSignUp, actor: Actor
) -> SignedUp:
    async with database.begin() as session:
        return await sign_up(session, actor, checked, now=clock.now())


async def open_community(database: Database) -> Community:
    async with database.begin() as session:
        return await add_community(session)


async def open_staff(database: Database, community: Community, role: Role = Role.MANAGER) -> Actor:
    async with database.begin() as session:
        return await add_actor(session, community, role)


async def load(database: Database, volunteer_id: UUID | None) -> Volunteer:
    async with database.read() as session:
        assert volunteer_id is not None
        found = await repository.find_profile(session, Actor.system(), volunteer_id)
        assert found is not None
        return found


async def count(database: Database, model: type) -> int:
    async with database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(model)) or 0)


async def test_staff_write_down_a_whole_profile(database: Database, clock: FixedClock) -> None:
    community = await open_community(database)
    checked = check_form(
        community.id,
        phone="(617) 555-0142",
        languages="en|Spanish",
        abilities="shovel|snow blower",
        mode="bike",
        max_travel_min=15,
        max_travel_m=2_000,
        max_tasks=2,
        max_tasks_per_day=4,
        windows="2026-01-15 16:00-19:00",
        work_address="42 Imaginary Street",
        work_hours="Mon 12:00-13:00",
    )

    done = await take_in(
        database, clock, checked, await open_staff(database, community, Role.COORDINATOR)
    )

    assert done.joined is False
    row = await load(database, done.volunteer_id)
    assert (row.mode, row.max_travel_s, row.radius_m) == (TravelMode.BIKE, 900, 2_000)
    assert (row.max_tasks, row.max_tasks_per_day) == (2, 4)
    assert sorted(a.ability.code for a in row.person.abilities) == ["shovel", "snow_blower"]
    assert row.person.preferences is not None
    assert row.person.preferences.languages == ["en", "es"]
    assert {(c.channel, c.value) for c in row.person.contact_points} == {
        (Channel.EMAIL, "ana@example.org"),
        (Channel.SMS, "+16175550142"),
    }
    assert [hours.from_second_anchor for hours in row.weekly_hours] == [True, False]
    assert row.second_anchor is not None
    assert row.second_anchor.kind.value == "work"
    async with database.read() as session:
        consent = await find_consent(session, row.person_id, Purpose.OFFERS)
    assert consent is not None
    assert consent.source == "form"


async def test_a_doubtful_address_is_refused_with_everything_else(database: Database) -> None:
    community = await open_community(database)
    with pytest.raises(InvalidSignUp) as caught:
        check_form(
            community.id, name="", email="no-address", address="1 Elm", hours="Sun", consents=()
        )
    assert {problem.field for problem in caught.value.problems} == {
        "name",
        "email",
        "hours",
        "consents",
        "address",
    }
    assert "Elm" not in str(caught.value)


async def test_the_same_contact_is_the_same_person(database: Database, clock: FixedClock) -> None:
    community = await open_community(database)
    staff = await open_staff(database, community)
    first = await take_in(database, clock, check_form(community.id), staff)
    again = check_form(
        community.id,
        email=" Ana@Example.org ",
        name="Anna Synthetic",
        mode="car",
        hours="Sun 9:00-10:00",
    )

    second = await take_in(database, clock, again, staff)

    assert (second.volunteer_id, second.joined) == (first.volunteer_id, True)
    row = await load(database, first.volunteer_id)
    assert row.mode is TravelMode.CAR
    assert [hours.weekday for hours in row.weekly_hours] == [6]
    assert await count(database, Volunteer) == 1


async def test_a_family_shares_a_phone_but_not_a_profile(
    database: Database, clock: FixedClock
) -> None:
    community = await open_community(database)
    staff = await open_staff(database, community)
    phone = {"email": "", "phone": "617 555 0142"}
    one = await take_in(database, clock, check_form(community.id, **phone), staff)
    other = await take_in(
        database, clock, check_form(community.id, name="Bo Synthetic", **phone), staff
    )
    same = await take_in(
        database, clock, check_form(community.id, name="synthetic, ANA", **phone), staff
    )
    assert one.volunteer_id != other.volunteer_id
    assert same.volunteer_id == one.volunteer_id


async def test_a_stranger_learns_nothing_and_changes_nothing(
    database: Database, clock: FixedClock
) -> None:
    community = await open_community(database)
    fresh = await take_in(database, clock, check_form(community.id), STRANGER)
    async with database.read() as session:
        volunteer = await session.scalar(select(Volunteer))
    assert volunteer is not None
    attack = check_form(
        community.id, phone="617 555 0199", mode="car", languages="fr", abilities="shovel"
    )

    known = await take_in(database, clock, attack, STRANGER)

    assert fresh == known == SignedUp()
    row = await load(database, volunteer.id)
    assert row.mode is TravelMode.WALK
    assert [point.value for point in row.person.contact_points] == ["ana@example.org"]
    assert row.person.abilities == []
    async with database.read() as session:
        events = await list_events(session, "volunteer", volunteer.id)
    assert [event.kind for event in events] == [
        "volunteer.signed_up",
        "volunteer.signed_up_again",
    ]


async def test_a_resident_becomes_a_volunteer_as_the_same_person(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        home = await add_household(session, community)
        resident = await add_person(
            session, community, household=home, email="ana@example.org", languages=("es",)
        )
    checked = check_form(community.id, phone="617 555 0142", languages="en")

    await take_in(database, clock, checked, STRANGER)

    async with database.read() as session:
        volunteer = await session.scalar(select(Volunteer))
        points = list(await session.scalars(select(ContactPoint)))
        person = await session.get(Person, resident.id)
    assert volunteer is not None
    assert volunteer.person_id == resident.id
    assert volunteer.home_id != home.id
    assert person is not None
    assert person.household_id == home.id
    assert [point.value for point in points] == ["ana@example.org"]
    row = await load(database, volunteer.id)
    assert row.person.preferences is not None
    assert row.person.preferences.languages == ["es"]


async def test_two_forms_at_once_make_one_person(database: Database, clock: FixedClock) -> None:
    community = await open_community(database)
    checked = check_form(community.id)
    await asyncio.gather(*(take_in(database, clock, checked, STRANGER) for _ in range(5)))
    assert await count(database, Person) == 1
    assert await count(database, Volunteer) == 1
    async with database.read() as session:
        kinds = list(await session.scalars(select(Message.kind).order_by(Message.kind)))
    assert kinds == ["confirm_contact", "welcome_volunteer"]


async def test_a_form_asks_whose_the_contacts_are(database: Database, clock: FixedClock) -> None:
    community = await open_community(database)
    checked = check_form(community.id, phone="617 555 0142")
    await take_in(database, clock, checked, STRANGER)

    async with database.begin() as session:
        asked = await session.execute(
            select(Message.channel, Message.status).where(Message.kind == "confirm_contact")
        )
        assert sorted(tuple(row) for row in asked) == [
            (Channel.EMAIL, MessageStatus.QUEUED),
            (Channel.SMS, MessageStatus.QUEUED),
        ]
        point = await session.scalar(
            select(ContactPoint).where(ContactPoint.channel == Channel.EMAIL)
        )
        assert point is not None
        assert await confirm_contact(session, point.id, now=clock.now())

    # Once a day and three times a month, only what was typed, and nothing once it is confirmed.
    for _ in range(50):
        for form in (checked, check_form(community.id)):
            assert await take_in(database, clock, form, STRANGER) == SignedUp()
        clock.advance(timedelta(hours=13))
    async with database.read() as session:
        asked = await session.execute(
            select(Message.channel, func.count())
            .where(Message.kind == "confirm_contact")
            .group_by(Message.channel)
        )
        assert {row[0]: row[1] for row in asked} == {Channel.EMAIL: 1, Channel.SMS: 3}
        # One link for each question, none for each form.
        links = select(func.count()).select_from(Link).where(Link.action == "confirm_contact")
        assert await session.scalar(links) == 4


async def test_what_staff_were_told_is_asked_nobody(database: Database, clock: FixedClock) -> None:
    community = await open_community(database)
    staff = await open_staff(database, community)
    await take_in(database, clock, check_form(community.id, source="phone"), staff)
    async with database.read() as session:
        assert list(await session.scalars(select(Message.kind))) == ["welcome_volunteer"]


async def test_a_family_with_a_child_signs_up(database: Database, clock: FixedClock) -> None:
    community = await open_community(database)
    checked = check_form(
        community.id,
        team_name="The Synthetics",
        team_size=3,
        members=(NewMember("Bo Synthetic"), NewMember("Cy Synthetic", birth_year=2012)),
    )
    done = await take_in(database, clock, checked, await open_staff(database, community))
    row = await load(database, done.volunteer_id)
    assert row.team is not None
    assert row.team.size == 3
    async with database.read() as session:
        minors = [await get_minor(session, member.person_id) for member in row.team.members]
    assert [is_minor(minor, clock.now().date()) for minor in minors] == [False, True]


async def test_who_left_may_come_back(database: Database, clock: FixedClock) -> None:
    community = await open_community(database)
    staff = await open_staff(database, community)
    done = await take_in(database, clock, check_form(community.id), staff)
    assert done.volunteer_id is not None
    async with database.begin() as session:
        left = await leave_programme(session, staff, done.volunteer_id, now=clock.now())
        assert left.status is VolunteerStatus.LEFT
    clock.advance(timedelta(days=300))
    back = await take_in(database, clock, check_form(community.id), staff)
    assert back.volunteer_id == done.volunteer_id
    assert (await load(database, done.volunteer_id)).status is VolunteerStatus.ACTIVE


async def test_a_move_ends_the_checks_of_the_old_address(
    database: Database, clock: FixedClock
) -> None:
    community = await open_community(database)
    staff = await open_staff(database, community)
    done = await take_in(database, clock, check_form(community.id), staff)
    row = await load(database, done.volunteer_id)
    async with database.begin() as session:
        for code in ("background_check", "training"):
            await record_vetting(
                session, staff, RecordVetting(community.id, row.person_id, code), now=clock.now()
            )
    clock.advance(timedelta(days=1))
    there = Contact("", "", None, None, "99 Imaginary Street", "", None, None, (), ())
    place = KnownPlaces().locate(there)
    async with database.begin() as session:
        await change_volunteer(
            session, staff, ChangeVolunteer(row.id, home=place, max_tasks=1), now=clock.now()
        )
    async with database.read() as session:
        lines = await load_vetting(session, community.id, [row.person_id])
    assert find_valid_codes(lines[row.person_id], clock.now()) == {"training"}
    moved = await load(database, row.id)
    assert moved.max_tasks == 1
    assert moved.home_id != row.home_id


@pytest.mark.parametrize("role", [None, Role.RESIDENT, Role.VOLUNTEER, Role.COORDINATOR])
async def test_only_the_volunteer_and_staff_change_a_profile(
    database: Database, clock: FixedClock, role: Role | None
) -> None:
    community = await open_community(database)
    staff = await open_staff(database, community)
    done = await take_in(database, clock, check_form(community.id), staff)
    assert done.volunteer_id is not None
    actor = STRANGER if role is None else await open_staff(database, community, role)
    command = ChangeVolunteer(done.volunteer_id, max_tasks=9)
    if role is Role.COORDINATOR:
        async with database.begin() as session:
            await change_volunteer(session, actor, command, now=clock.now())
    else:
        with pytest.raises((VolunteerUnknown, NotPermitted)):
            async with database.begin() as session:
                await change_volunteer(session, actor, command, now=clock.now())
    row = await load(database, done.volunteer_id)
    assert row.max_tasks == (9 if role is Role.COORDINATOR else 3)
