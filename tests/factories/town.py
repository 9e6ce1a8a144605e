"""Two towns in one database, each with some rows of everything."""

from __future__ import annotations

from api.demo import town
from api.demo.town import Town, TownPlan
from core.clock import Clock, FixedClock
from core.db import Database
from tests.factories.kept_town import TownKey, put_town

__all__ = ["Town", "make_town", "seed_town"]


async def seed_town(
    database: Database, clock: Clock, slug: str = "snowville", *, scale: int = 10
) -> Town:
    """A made-up town as it is in the middle of a storm, at the clock's moment.

    Names, addresses, mail addresses and messages of its people hold the town's short name. A town
    that was asked for before, at the same moment, is the same one, with the same ids.
    """
    if not isinstance(clock, FixedClock):
        return await make_town(database, clock, slug, scale=scale)
    key = TownKey(database.is_sqlite, slug, scale, clock.now())

    async def seed(anew: Database) -> Town:
        return await make_town(anew, clock, slug, scale=scale)

    return await put_town(database, key, seed)


async def make_town(
    database: Database, clock: Clock, slug: str = "snowville", *, scale: int = 10
) -> Town:
    """The same, made by the product, as a town that nobody has seen before."""
    async with database.begin() as session:
        return await town.seed_town(session, TownPlan(slug=slug, scale=scale), now=clock.now())
