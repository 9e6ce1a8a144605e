"""What migrations make of rows that are there."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from core.clock import FixedClock
from core.db import Database, parse_database_url
from core.migrate import downgrade, open_migration_engine, upgrade
from matching.intake.call_backs import AskForCall, ask_for_call
from matching.offers.casework import confirm_done
from matching.offers.thanking import take_back_thanks, thank_helpers
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as
from tests.personal import add_town

BEFORE = "202611221325"


def read(url: str, query: str) -> list[tuple[object, ...]]:
    engine = open_migration_engine(parse_database_url(url))
    try:
        with engine.begin() as connection:
            return [tuple(row) for row in connection.execute(text(query))]
    finally:
        engine.dispose()


async def test_calls_by_name_and_thanks_taken_away(
    database: Database, database_url: str, clock: FixedClock
) -> None:
    """Without names a number waits once: who asked later is kept as called, not lost."""
    async with database.begin() as session:
        town = await add_town(session, clock)
        for name in ("Jo Sample", "Kim Sample"):
            command = AskForCall(name=name, phone="617-555-0143", about=f"About {name}")
            await ask_for_call(session, Actor.anonymous(), town.community, command, now=clock.now())
        resident = Actor(person_id=town.person_id("resident"))
        first = town.asked.requests[0].id
        await confirm_done(session, resident, first, now=clock.now())
        await thank_helpers(session, resident, first, "Thanks", now=clock.now())
        staff = actor_as(Role.COORDINATOR, town.community.id)
        await take_back_thanks(session, staff, first, now=clock.now())
    calls = "SELECT name, about, CASE WHEN closed_at IS NULL THEN 1 ELSE 0 END FROM call_back"
    await database.close()

    await asyncio.to_thread(downgrade, database_url, BEFORE)
    try:
        rows = sorted(read(database_url, calls), key=str)
        thanks = read(database_url, "SELECT words FROM visit_thanks")
    finally:
        await asyncio.to_thread(upgrade, database_url)
    assert rows == [("Jo Sample", "About Jo Sample", 1), ("Kim Sample", "About Kim Sample", 0)]
    assert thanks == []
    again = "SELECT count(*) FROM call_back WHERE asked_at = created_at"
    assert read(database_url, again) == [(2,)]
