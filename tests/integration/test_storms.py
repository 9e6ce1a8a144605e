from __future__ import annotations

import pytest

from core.clock import FixedClock
from core.db import Database
from core.errors import Conflict
from core.events import list_events
from core.ids import new_id
from matching.errors import IllegalTransition, StormUnknown
from matching.kinds import HoldReason, StormStatus
from matching.models import Storm
from matching.transitions import Cause, move_storm
from tests.factories.people import add_community


async def test_storm_from_watch_to_closed_is_on_record(
    database: Database, clock: FixedClock
) -> None:
    actor_id = new_id()
    cause = Cause(now=clock.now(), actor_id=actor_id, reason="forecast")
    async with database.begin() as session:
        community = await add_community(session)
        storm = Storm(community_id=community.id, created_at=clock.now())
        session.add(storm)
        await session.flush()
        for status in (StormStatus.ARMED, StormStatus.ACTIVE):
            await move_storm(session, storm.id, status, cause)
        held = await move_storm(
            session, storm.id, StormStatus.HOLD, cause, hold_reason=HoldReason.DARK
        )
        assert held.hold_reason is HoldReason.DARK
        again = await move_storm(session, storm.id, StormStatus.ACTIVE, cause)
        assert again.hold_reason is None
        closed = await move_storm(session, storm.id, StormStatus.CLOSED, cause)
        assert closed.closed_at == clock.now()
        events = await list_events(session, "storm", storm.id)

    assert [event.kind for event in events] == [
        "storm.armed",
        "storm.active",
        "storm.hold",
        "storm.active",
        "storm.closed",
    ]
    assert events[2].data == {"from": "active", "to": "hold"}
    assert {(event.actor_id, event.reason) for event in events} == {(actor_id, "forecast")}


async def test_step_that_may_not_follow_changes_nothing(
    database: Database, clock: FixedClock
) -> None:
    cause = Cause(now=clock.now())
    async with database.begin() as session:
        community = await add_community(session)
        storm = Storm(community_id=community.id, created_at=clock.now())
        session.add(storm)
        await session.flush()
        with pytest.raises(IllegalTransition):
            await move_storm(session, storm.id, StormStatus.ACTIVE, cause)
        await move_storm(session, storm.id, StormStatus.ARMED, cause)
        await move_storm(session, storm.id, StormStatus.ACTIVE, cause)
        with pytest.raises(Conflict, match="needs a reason"):
            await move_storm(session, storm.id, StormStatus.HOLD, cause)
        with pytest.raises(StormUnknown):
            await move_storm(session, new_id(), StormStatus.CLOSED, cause)
        assert storm.status is StormStatus.ACTIVE
        assert len(await list_events(session, "storm", storm.id)) == 2
