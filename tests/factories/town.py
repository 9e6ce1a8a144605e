"""Two towns in one database, each with some rows of everything."""

from __future__ import annotations

from api.demo import town
from api.demo.town import Town, TownPlan
from core.clock import Clock
from core.db import Database

__all__ = ["Town", "seed_town"]


async def seed_town(
    database: Database, clock: Clock, slug: str = "snowville", *, scale: int = 10
) -> Town:
    """A made-up town as it is in the middle of a storm, at the clock's moment.

    Names, addresses, mail addresses and messages of its people hold the town's short name.
    """
    async with database.begin() as session:
        return await town.seed_town(session, TownPlan(slug=slug, scale=scale), now=clock.now())
