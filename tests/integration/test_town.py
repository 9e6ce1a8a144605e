from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.db import Database
from matching.models import Assignment, HelpRequest, Offer
from matching.states import LIVE_OFFERS
from messaging.conversation_models import ThreadPost
from tests.factories.town import seed_town
from tests.personal import dump


@pytest.mark.parametrize("scale", [10, 100])
async def test_two_towns_stand_beside_each_other(
    database: Database, clock: FixedClock, scale: int
) -> None:
    first = await seed_town(database, clock, "snowville", scale=scale)
    second = await seed_town(database, clock, "frostham", scale=scale)

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
