from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from icalendar import Calendar

from api.demo.town_events import FULL, KEPT
from campaigns.events.kinds import HelperStatus, RegistrationStatus
from campaigns.events.models import EventHelper, EventRegistration
from core.clock import FixedClock
from core.db import Database
from people.links import LinkTo, create_link
from tests.factories.town import seed_town
from tests.town_pages import SITE, Pages, open_client

SAME_SITE = {"origin": SITE}


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    here = await seed_town(database, clock, slug="snowville")
    async with open_client(database_url, clock) as client:
        yield Pages(client, database, clock, here, here)


async def link(pages: Pages, action: str, person_id: UUID, subject_id: UUID) -> str:
    now = pages.clock.now()
    to = LinkTo(
        action=action,
        person_id=person_id,
        subject_id=subject_id,
        expires_at=now + timedelta(days=1),
    )
    async with pages.database.begin() as session:
        return f"/l/{await create_link(session, to, now=now)}"


async def press(pages: Pages, path: str, do: str) -> int:
    answer = await pages.client.post(
        path, data={"do": do}, headers=SAME_SITE, follow_redirects=False
    )
    return int(answer.status_code)


async def test_a_kept_seat_is_confirmed_by_a_button_and_not_by_looking(pages: Pages) -> None:
    person_id = pages.here.resident_ids[0]
    key = pages.here.events.registration_ids[KEPT, person_id]
    path = await link(pages, "event_seat", person_id, key)

    page = await pages.get(path)

    assert "A seat is free for you" in page.text
    async with pages.database.read() as session:
        row = await session.get_one(EventRegistration, key)
        assert row.status is RegistrationStatus.OFFERED
    assert await press(pages, path, "confirm") == 303
    assert "You have a seat at" in (await pages.get(path)).text
    assert await press(pages, path, "cancel") == 303
    assert "Su inscripción" in (await pages.get(f"{path}?lang=es")).text
    async with pages.database.read() as session:
        row = await session.get_one(EventRegistration, key)
        assert row.status is RegistrationStatus.CANCELLED


async def test_who_is_asked_to_help_says_yes_and_learns_the_address_then(pages: Pages) -> None:
    person_id = pages.here.resident_ids[0]
    key = pages.here.events.helper_ids[FULL, person_id]
    path = await link(pages, "event_help", person_id, key)

    before = (await pages.get(path)).text
    assert await press(pages, path, "yes") == 303
    after = (await pages.get(path)).text

    assert "Imaginary Street" not in before
    assert "1 Imaginary Street" in after
    async with pages.database.read() as session:
        assert (await session.get_one(EventHelper, key)).status is HelperStatus.CONFIRMED


async def test_the_link_of_somebody_else_opens_nothing(pages: Pages) -> None:
    key = pages.here.events.registration_ids[KEPT, pages.here.resident_ids[0]]
    path = await link(pages, "event_seat", pages.here.resident_ids[1], key)
    assert (await pages.get(path)).status_code == 404
    assert await press(pages, path, "cancel") == 404


async def test_the_public_calendar_of_a_community(pages: Pages) -> None:
    answer = await pages.get("/events/snowville.ics")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert len(events) == 15
    again = await pages.get("/events/snowville.ics", {"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert (await pages.get("/events/nowhere.ics")).status_code == 404
    assert (await pages.get("/events/snowville")).status_code == 404
