"""Pages for everybody are made once for many; what is somebody's own is made each time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from litestar import Litestar, Response
from litestar.testing import AsyncTestClient
from sqlalchemy import update

from api.app import create_app
from campaigns.programmes.models import Campaign
from core.clock import FixedClock
from core.db import Database
from core.events import record_event
from core.settings import Settings
from people.models import Household
from tests.factories.town import Town, seed_town
from tests.town_pages import SITE, Pages, open_client
from web.pages.keeping import MOST_KEPT, Kept

KEEP_S = 5


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    here: Town = await seed_town(database, clock, slug="snowville")
    settings = Settings.from_environment(
        {
            "TALKOOT_DATABASE_URL": database_url,
            "TALKOOT_PUBLIC_URL": SITE,
            "TALKOOT_MAIL": "none",
            "TALKOOT_SMS": "none",
            "TALKOOT_PAGES_KEEP_S": str(KEEP_S),
        }
    )
    client: AsyncTestClient[Litestar]
    async with AsyncTestClient(create_app(settings, clock=clock), base_url=SITE) as client:
        yield Pages(client, database, clock, here, here)


async def rename(pages: Pages, title: str) -> None:
    async with pages.database.begin() as session:
        row = await session.get_one(Campaign, pages.here.campaigns.campaign_ids[0])
        row.title = title


async def test_strangers_see_a_page_as_it_was_made_some_seconds_ago(
    pages: Pages, clock: FixedClock
) -> None:
    first = await pages.get("/campaigns")
    await rename(pages, "Another Name")

    again = await pages.get("/campaigns")
    other = await pages.get("/campaigns?lang=es")
    own = await pages.get("/campaigns", await pages.as_person(pages.here.resident_ids[0]))

    assert again.text == first.text
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert "Another Name" not in first.text
    assert "Another Name" in other.text
    assert "Another Name" in own.text
    assert own.headers["cache-control"] == "no-store"
    clock.advance(timedelta(seconds=KEEP_S + 1))
    assert "Another Name" in (await pages.get("/campaigns")).text


async def test_what_is_somebodys_own_is_never_kept_for_others(pages: Pages) -> None:
    own = await pages.get("/", await pages.as_person(pages.here.manager_id))
    pages.client.cookies.clear()

    stranger = await pages.get("/")

    assert "/staff/storm" in own.text
    assert "/staff/storm" not in stranger.text


async def rename_areas(pages: Pages, name: str) -> None:
    """What leaves no event, as when the city pack is made anew."""
    async with pages.database.begin() as session:
        await session.execute(update(Household).values(area=name))


async def test_staff_see_a_storm_as_it_was_drawn_some_seconds_ago(
    pages: Pages, clock: FixedClock
) -> None:
    manager = await pages.as_person(pages.here.manager_id)
    first = await pages.get("/staff/storm", manager)
    await rename_areas(pages, "New Quarter")

    again = await pages.get("/staff/storm", await pages.as_person(pages.here.coordinator_id))
    other = await pages.get("/staff/storm?layer=worth", manager)

    assert "New Quarter" not in first.text
    assert "New Quarter" not in again.text
    assert "New Quarter" in other.text
    clock.advance(timedelta(seconds=KEEP_S + 1))
    assert "New Quarter" in (await pages.get("/staff/storm", manager)).text


@pytest.mark.parametrize(
    "age", [timedelta(0), timedelta(seconds=1)], ids=["newest", "begun before another"]
)
async def test_what_happens_in_a_storm_is_seen_at_once(
    pages: Pages, clock: FixedClock, age: timedelta
) -> None:
    manager = await pages.as_person(pages.here.manager_id)
    await pages.get("/staff/storm", manager)
    async with pages.database.begin() as session:
        await session.execute(update(Household).values(area="New Quarter"))
        record_event(
            session,
            "request.open",
            subject_type="request",
            subject_id=pages.here.request_ids[0],
            happened_at=clock.now() - age,
            community_id=pages.here.community_id,
        )

    assert "New Quarter" in (await pages.get("/staff/storm", manager)).text


async def test_a_kept_board_is_for_staff_alone(pages: Pages) -> None:
    path = f"/staff/storms/{pages.here.storm_ids[0]}"
    await pages.get(path, await pages.as_person(pages.here.manager_id))

    stranger = await pages.get(path, await pages.as_person(pages.here.resident_ids[0]))

    assert stranger.status_code == 403


async def test_where_nothing_is_kept_a_board_is_drawn_anew(
    database_url: str, database: Database, clock: FixedClock
) -> None:
    here = await seed_town(database, clock, slug="snowville")
    async with open_client(database_url, clock) as client:
        pages = Pages(client, database, clock, here, here)
        manager = await pages.as_person(here.manager_id)
        await pages.get("/staff/storm", manager)
        await rename_areas(pages, "New Quarter")

        assert "New Quarter" in (await pages.get("/staff/storm", manager)).text


async def test_one_makes_it_while_the_others_wait(clock: FixedClock) -> None:
    kept, made = Kept(), 0

    async def look() -> None:
        nonlocal made
        async with kept.one_at_a_time(("board",)):
            if kept.find(("board",), clock.now()) is None:
                await asyncio.sleep(0)
                made += 1
                kept.keep(("board",), "drawn", clock.now() + timedelta(seconds=KEEP_S))

    await asyncio.gather(*(look() for _ in range(16)))

    assert made == 1


async def test_who_fails_to_make_it_leaves_it_to_the_next(clock: FixedClock) -> None:
    kept = Kept()

    async def fail() -> None:
        async with kept.one_at_a_time(("board",)):
            await asyncio.sleep(0)
            raise TimeoutError

    async def make() -> None:
        async with kept.one_at_a_time(("board",)):
            kept.keep(("board",), "drawn", clock.now() + timedelta(seconds=KEEP_S))

    await asyncio.gather(fail(), make(), return_exceptions=True)

    assert kept.find(("board",), clock.now()) == "drawn"


def test_no_more_pages_are_kept_than_fit(clock: FixedClock) -> None:
    kept, answer = Kept(), Response("")
    for number in range(MOST_KEPT + 10):
        kept.keep((str(number),), answer, clock.now() + timedelta(seconds=1))

    assert len(kept.things) == MOST_KEPT
    assert kept.find(("0",), clock.now()) is None
    assert kept.find((str(MOST_KEPT),), clock.now()) is answer
