from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, inspect, select, text

from core.clock import FixedClock
from core.db import Database
from matching.models import Assignment, HelpRequest, Offer
from matching.states import LIVE_OFFERS
from messaging.conversation_models import ThreadPost
from tests.factories.town import make_town, seed_town
from tests.personal import dump


@pytest.mark.parametrize("scale", [10, 100])
async def test_two_towns_stand_beside_each_other(
    database: Database, clock: FixedClock, scale: int
) -> None:
    first = await make_town(database, clock, "snowville", scale=scale)
    second = await make_town(database, clock, "frostham", scale=scale)

    assert first.community_id != second.community_id
    assert set(first.request_ids).isdisjoint(second.request_ids)
    async with database.read() as session:
        for town in (first, second):
            counts = Counter(
                await session.scalars(
                    select(HelpRequest.status).where(HelpRequest.community_id == town.community_id)
                )
            )
            assert set(counts.values()) == {scale}
            mine = select(func.count()).where(Offer.volunteer_id == town.volunteer_ids[0])
            assert await session.scalar(mine.where(Offer.status.in_(LIVE_OFFERS))) == scale
            works = select(func.count()).where(Assignment.volunteer_id == town.volunteer_ids[0])
            assert await session.scalar(works) == scale + 1
            posts = select(func.count()).where(ThreadPost.thread_id == town.thread_ids[0])
            assert await session.scalar(posts) == scale
    dumped = (await dump(database)).lower()
    assert "snowville" in dumped
    assert "frostham" in dumped


async def count_rows(database: Database) -> Counter[str]:
    async with database.read() as session:
        connection = await session.connection()
        tables = await connection.run_sync(lambda plain: inspect(plain).get_table_names())
        return Counter(
            {
                name: await session.scalar(text(f'SELECT count(*) FROM "{name}"'))
                for name in tables
                if name != "alembic_version"
            }
        )


async def test_a_kept_town_has_what_a_new_one_has(database: Database, clock: FixedClock) -> None:
    kept = await seed_town(database, clock, "snowville")
    before = await count_rows(database)
    await make_town(database, clock, "frostham")
    assert await count_rows(database) == before + before
    async with database.read() as session:
        again = await session.get(HelpRequest, kept.request_ids[0])
        assert again is not None
        assert again.community_id == kept.community_id
        if database.is_sqlite:
            assert (await session.execute(text("PRAGMA foreign_key_check"))).all() == []
