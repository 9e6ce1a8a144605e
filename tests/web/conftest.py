"""The pages of an installation with two towns, for tests that do not need another one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.clock import FixedClock
from core.db import Database
from tests.factories.town import seed_town
from tests.gathering_pages import People, sign_in_people
from tests.town_pages import Pages, open_client


@pytest.fixture
async def pages(database_url: str, database: Database, clock: FixedClock) -> AsyncIterator[Pages]:
    here = await seed_town(database, clock, slug="snowville")
    there = await seed_town(database, clock, slug="elsewhere")
    async with open_client(database_url, clock) as client:
        yield Pages(client, database, clock, here, there)


@pytest.fixture
async def people(pages: Pages) -> People:
    """Who looks at campaigns, groups and events."""
    return await sign_in_people(pages)
