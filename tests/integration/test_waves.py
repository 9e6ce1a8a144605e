"""Waves on both databases: whom they ask, whom never, and what a crash leaves."""

from __future__ import annotations

import pytest

from core.clock import FixedClock
from core.db import Database
from matching.kinds import AskStatus, OfferStatus
from tests.ladder_town import LadderTown, volunteers_of


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> LadderTown:
    made = LadderTown(database, clock)
    await made.open()
    return made


async def test_a_wave_asks_and_the_asks_are_sent_with_one_message_each(town: LadderTown) -> None:
    for _ in range(3):
        await town.add_request()
    volunteer_id = await town.add_volunteer()
    result = await town.wave()
    assert result.skipped is None
    (ask,) = await town.asks()
    assert ask.status is AskStatus.PROPOSED
    assert result.round_id is not None
    await town.send(result.round_id)
    (ask,) = await town.asks()
    assert (ask.status, ask.volunteer_id) == (AskStatus.SENT, volunteer_id)
    offers = await town.offers()
    assert len(offers) == 3
    assert {offer.status for offer in offers} == {OfferStatus.SENT}
    assert {offer.ask_id for offer in offers} == {ask.id}
    (message,) = await town.messages()
    assert message.key == f"offer:{ask.id}"
    assert message.storm_id == town.storm.id
    assert volunteers_of([ask]) == {volunteer_id}
