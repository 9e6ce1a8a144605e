"""Pages for everybody are made once for many; what is somebody's own is made each time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from litestar import Litestar, Response
from litestar.testing import AsyncTestClient

from api.app import create_app
from campaigns.programmes.models import Campaign
from core.clock import FixedClock
from core.db import Database
from core.settings import Settings
from tests.factories.town import Town, seed_town
from tests.town_pages import SITE, Pages
from web.pages.keeping import MOST_KEPT, KeptPages

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


def test_no_more_pages_are_kept_than_fit(clock: FixedClock) -> None:
    kept, answer = KeptPages(), Response("")
    for number in range(MOST_KEPT + 10):
        kept.keep((str(number),), answer, clock.now() + timedelta(seconds=1))

    assert len(kept.pages) == MOST_KEPT
    assert kept.find(("0",), clock.now()) is None
    assert kept.find((str(MOST_KEPT),), clock.now()) is answer
