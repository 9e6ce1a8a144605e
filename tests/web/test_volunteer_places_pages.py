"""Where volunteers start from, and who comes along with them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import Database
from core.events import Event
from matching.models import Volunteer
from matching.volunteering.models import Team, TeamMember
from people.auth import Actor
from people.guardians import GiveConsent, give_guardian_consent
from people.kinds import Role
from people.models import HouseholdAddress, Membership, Person, PersonName
from people.safeguard_models import Minor
from tests.factories.people import add_community
from tests.factories.town import seed_town
from tests.town_pages import SITE, Pages, count, open_client, read_errors

OURS = {"origin": SITE, "sec-fetch-site": "same-origin"}
NEW_HOME = "22 Aberdeen Ave"
PLACE, TEAM = "/volunteering/place", "/volunteering/team"


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    here = await seed_town(database, clock, slug="snowville")
    async with open_client(database_url, clock) as client:
        yield Pages(client, database, clock, here, here)


async def press(pages: Pages, headers: dict[str, str], path: str, **form: str) -> Any:
    page = await pages.get("/account/name", headers)
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert token is not None
    return await pages.client.post(
        path, data={"csrf": token[1], **form}, headers=OURS | headers, follow_redirects=False
    )


async def read_profile(pages: Pages) -> tuple[Volunteer, list[str]]:
    """The volunteer, and every address that is kept."""
    async with pages.database.read() as session:
        volunteer = await session.get_one(Volunteer, pages.here.volunteer_ids[0])
        kept = list(await session.scalars(select(HouseholdAddress.address_text)))
        return volunteer, kept


async def test_who_may_open_them(pages: Pages) -> None:
    for path in (PLACE, TEAM):
        stranger = await pages.client.get(path, follow_redirects=False)
        assert stranger.headers["location"].startswith("/sign-in?next=")
        resident = await pages.as_person(pages.here.resident_ids[0])
        led = await pages.client.get(path, headers=resident, follow_redirects=False)
        assert (led.status_code, led.headers["location"]) == (303, "/volunteer")
        assert (await press(pages, resident, path, do="save")).headers["location"] == "/volunteer"
        own = await pages.as_person(pages.here.volunteer_person_ids[0])
        assert (await pages.get(path, own)).status_code == 200
        forged = await pages.client.post(path, data={"do": "save"}, headers=own)
        assert forged.status_code == 403


async def test_a_volunteer_moves_and_has_a_second_place(pages: Pages) -> None:
    own = await pages.as_person(pages.here.volunteer_person_ids[0])
    before, _ = await read_profile(pages)
    for typed, words in (("", "Write the street"), ("Zzyzx Road 999", "cannot find this address")):
        wrong = await press(pages, own, PLACE, do="look", which="home", typed=typed)
        assert wrong.status_code == 422
        assert words in unescape(wrong.text)
    looked = await press(pages, own, PLACE, do="look", which="home", typed=NEW_HOME)
    text = unescape(looked.text)
    assert looked.status_code == 200
    for words in (
        "Is this the right place?",
        NEW_HOME,
        "<svg",
        "The address before is not kept, unless",
    ):
        assert words in text, words
    assert (await read_profile(pages))[0].home_id == before.home_id

    for _ in range(2):
        saved = await press(pages, own, PLACE, do="save", which="home", typed=NEW_HOME)
        assert (saved.status_code, saved.headers["location"]) == (303, f"{PLACE}?said=home")
    after, kept = await read_profile(pages)
    assert after.home_id != before.home_id
    assert kept.count(NEW_HOME) == 1
    async with pages.database.read() as session:
        person = await session.get_one(Person, after.person_id)
        assert person.household_id in (after.home_id, None)
        lives = select(Person.id).where(Person.household_id == before.home_id)
        shared = await session.scalar(lives.limit(1))
        # Nobody keeps an address that nobody lives at.
        left = await session.get(HouseholdAddress, before.home_id)
        assert (left is None) or shared is not None

    for _ in range(2):
        await press(pages, own, PLACE, do="save", which="second", typed="26 Aberdeen Ave")
    after, kept = await read_profile(pages)
    assert after.second_anchor_id is not None
    assert kept.count("26 Aberdeen Ave") == 1
    assert "Forget my second place" in (await pages.get(PLACE, own)).text
    for _ in range(2):
        assert (await press(pages, own, PLACE, do="drop")).status_code == 303
    after, kept = await read_profile(pages)
    assert after.second_anchor_id is None
    assert "26 Aberdeen Ave" not in kept
    assert "Forget my second place" not in (await pages.get(PLACE, own)).text
    async with pages.database.read() as session:
        changes = select(Event).where(
            Event.subject_id == after.id, Event.kind == "volunteer.changed"
        )
        assert len(list(await session.scalars(changes))) >= 3


async def test_an_apartment_is_part_of_the_home(pages: Pages) -> None:
    own = await pages.as_person(pages.here.volunteer_person_ids[0])
    form = {"which": "home", "typed": NEW_HOME, "unit": "4B"}
    looked = unescape((await press(pages, own, PLACE, do="look", **form)).text)
    assert f"{NEW_HOME}, 4B" in looked
    assert 'name="unit" value="4B"' in looked
    await press(pages, own, PLACE, do="save", **form)
    moved, _ = await read_profile(pages)
    async with pages.database.begin() as session:
        address = await session.get_one(HouseholdAddress, moved.home_id)
        assert (address.address_text, address.unit) == (NEW_HOME, "4B")
        person = await session.get_one(Person, moved.person_id)
        person.household_id = moved.home_id
    assert f"{NEW_HOME}, 4B" in unescape((await pages.get(PLACE, own)).text)

    # The same house once more is no move, with the apartment or without; another apartment is.
    for unit, stays in (("4B", True), ("", True), ("5", False)):
        await press(pages, own, PLACE, do="save", **form | {"unit": unit})
        assert ((await read_profile(pages))[0].home_id == moved.home_id) is stays, unit


async def test_an_address_is_shown_by_the_page_alone_that_notes_it(pages: Pages) -> None:
    own = await pages.as_person(pages.here.volunteer_person_ids[0])
    before, _ = await read_profile(pages)
    async with pages.database.begin() as session:
        person = await session.get_one(Person, before.person_id)
        person.household_id = before.home_id
        home = (await session.get_one(HouseholdAddress, before.home_id)).address_text
    noted = (Event.kind == "address.released", Event.subject_id == before.home_id)

    assert home in unescape((await pages.get(PLACE, own)).text)
    assert await count(pages, Event, *noted) == 1
    wrong = await press(pages, own, PLACE, do="look", which="home", typed="Zzyzx Road 999")
    assert wrong.status_code == 422
    assert home not in unescape(wrong.text)
    assert await count(pages, Event, *noted) == 1


async def test_an_address_is_looked_up_where_one_helps(pages: Pages) -> None:
    own = await pages.as_person(pages.here.volunteer_person_ids[0])
    async with pages.database.begin() as session:
        elsewhere = await add_community(session, slug="elsewhere")
        elsewhere.city_pack = "far/away.gpkg"
        asks_there = Membership(
            community_id=elsewhere.id,
            person_id=pages.here.volunteer_person_ids[0],
            role=Role.RESIDENT,
            since=pages.clock.now(),
        )
        session.add(asks_there)
    looked = await press(pages, own, PLACE, do="look", which="home", typed=NEW_HOME)
    assert looked.status_code == 200
    assert "Is this the right place?" in looked.text


async def test_a_family_comes_as_a_team_and_alone_again(pages: Pages) -> None:
    own = await pages.as_person(pages.here.volunteer_person_ids[0])
    await press(pages, own, TEAM, do="alone")
    wrong = await press(pages, own, TEAM, do="save", name=" ", size="99")
    assert wrong.status_code == 422
    assert "Write what you call yourselves" in wrong.text
    assert "at most 50" in wrong.text
    for _ in range(2):
        await press(pages, own, TEAM, do="save", name="The Samples", size="3")
    assert "3 people come as The Samples" in (await pages.get(TEAM, own)).text
    assert (await press(pages, own, TEAM, do="add", member="")).status_code == 422
    await press(pages, own, TEAM, do="add", member="Kim Sample", under_18="1")
    again = await press(pages, own, TEAM, do="add", member="kim  sample", under_18="1")
    assert again.status_code == 422
    assert [line[:27] for line in read_errors(again.text)] == ["They are on the list alread"]
    assert re.search(r'name="under_18" value="1" checked', again.text)
    await press(pages, own, TEAM, do="add", member="Lou Sample")
    small = await press(pages, own, TEAM, do="save", name="The Samples", size="2")
    assert small.status_code == 422
    assert "at least 3" in small.text
    async with pages.database.read() as session:
        rows = (
            await session.execute(
                select(PersonName.full_name, TeamMember.person_id)
                .join(TeamMember, TeamMember.person_id == PersonName.person_id)
                .where(TeamMember.team_id == pages.here.volunteer_ids[0])
            )
        ).all()
        assert sorted(name for name, _ in rows) == ["Kim Sample", "Lou Sample"]
        kim = next(key for name, key in rows if name == "Kim Sample")
        assert await session.get(Minor, kim) is not None
    other = await pages.as_person(pages.here.volunteer_person_ids[1])
    assert "Kim Sample" not in (await pages.get(TEAM, other)).text
    for _ in range(2):
        assert (await press(pages, own, TEAM, do="remove", key=str(kim))).status_code == 303
    assert "Kim Sample" not in (await pages.get(TEAM, own)).text
    await press(pages, own, TEAM, do="alone")
    async with pages.database.read() as session:
        assert await session.get(Team, pages.here.volunteer_ids[0]) is None


async def test_somebody_under_18_waits_for_the_yes_of_a_guardian(pages: Pages) -> None:
    own, stops = await pages.as_person(pages.here.volunteer_person_ids[0]), "No offers come until"
    await press(pages, own, TEAM, do="alone")
    await press(pages, own, TEAM, do="save", name="The Samples", size="3")
    await press(pages, own, TEAM, do="add", member="Lou Sample")
    for path in (TEAM, "/volunteering/you"):
        assert stops not in (await pages.get(path, own)).text
    await press(pages, own, TEAM, do="add", member="Kim Sample", under_18="1")
    for path in (TEAM, "/volunteering/you"):
        assert stops in (await pages.get(path, own)).text
    assert "a parent's yes is missing" in unescape((await pages.get(TEAM, own)).text)

    async with pages.database.begin() as session:
        kim = await session.scalar(
            select(PersonName.person_id).where(PersonName.full_name == "Kim Sample")
        )
        assert kim is not None
        consent = GiveConsent(
            pages.here.community_id,
            kim,
            pages.here.volunteer_person_ids[0],
            pages.clock.now() + timedelta(days=9),
            "1",
            "phone",
        )
        await give_guardian_consent(session, Actor.system(), consent, now=pages.clock.now())
    for path in (TEAM, "/volunteering/you"):
        assert stops not in (await pages.get(path, own)).text
    assert "a parent's yes is missing" not in unescape((await pages.get(TEAM, own)).text)
