"""More homes, or urgent ones first: what it costs, and who chooses; on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted
from core.events import list_events
from core.ids import new_id
from core.jobs import JobRegistry, find_next_due_at
from matching.errors import StormUnknown
from matching.models import Storm
from matching.offers.review import choose_urgent_mode
from matching.offers.urgent_price import find_urgent_price
from matching.offers.wave_state import read_wave_state
from people.errors import CommunityUnknown, InvalidRules
from people.kinds import Role
from people.repository import read_rules_at
from tests.factories.people import actor_as
from tests.ladder_town import SYSTEM, LadderTown


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> LadderTown:
    made = LadderTown(database, clock)
    await made.open()
    return made


async def test_urgent_mode_holds_for_the_storm_and_a_wave_follows(town: LadderTown) -> None:
    for urgent in (True, True, False):
        async with town.database.begin() as session:
            await choose_urgent_mode(
                session, SYSTEM, town.storm.id, urgent=urgent, now=town.clock.now()
            )
        async with town.database.read() as session:
            rules = await read_rules_at(session, town.community.id, town.clock.now())
            state = await read_wave_state(session, town.community, rules, now=town.clock.now())
        assert state.urgent_mode is urgent
        town.clock.advance(timedelta(minutes=1))
    async with town.database.read() as session:
        events = await list_events(session, "storm", town.storm.id)
        due_at = await find_next_due_at(session, JobRegistry(), now=town.clock.now())
    # Choosing what holds already changes nothing.
    assert [event.kind for event in events] == ["storm.urgent", "storm.usual"]
    assert due_at is not None
    assert due_at <= town.clock.now()


async def test_only_staff_choose_and_only_for_a_storm_that_there_is(town: LadderTown) -> None:
    async with town.database.begin() as session:
        neighbor = actor_as(Role.VOLUNTEER, town.community.id)
        with pytest.raises(NotPermitted):
            await choose_urgent_mode(
                session, neighbor, town.storm.id, urgent=True, now=town.clock.now()
            )
        with pytest.raises(StormUnknown):
            await choose_urgent_mode(session, SYSTEM, new_id(), urgent=True, now=town.clock.now())
    (storm,) = await town.rows(Storm)
    assert storm.urgent_since is None


async def test_the_price_counts_what_can_be_hoped_for(town: LadderTown) -> None:
    for _ in range(2):
        await town.add_request()
    urgent = await town.add_request(weight=4.0)
    await town.add_volunteer(max_tasks=1)
    tools = town.tools().round
    price = await find_urgent_price(town.database, town.community.id, tools=tools)
    assert 0 < price.urgent_urgent <= price.homes_urgent <= price.homes_usual <= 1
    assert price.urgent_usual <= price.urgent_urgent
    # What nobody can reach is not hoped for, and takes nothing from the others.
    await town.move_home(urgent.household_id, -71.1500, 42.3950)
    beyond = await find_urgent_price(town.database, town.community.id, tools=tools)
    assert beyond.urgent_urgent == 0
    assert beyond.homes_usual == pytest.approx(price.homes_usual)


async def test_without_anybody_to_ask_nothing_can_be_hoped_for(town: LadderTown) -> None:
    await town.add_request(weight=4.0)
    price = await find_urgent_price(town.database, town.community.id, tools=town.tools().round)
    assert (price.homes_usual, price.urgent_urgent, price.homes_given_up) == (0, 0, 0)
    with pytest.raises(CommunityUnknown):
        await find_urgent_price(town.database, new_id(), tools=town.tools().round)


@pytest.mark.parametrize(
    ("ladder", "words"),
    [
        ({"gap_seconds": 900.0}, "The rule 'ladder' cannot be used: .*gap_seconds"),
        ({"reply_share": 1.5}, "reply_share must be 0 to 1, not 1.5"),
        ({"round_min_s": 7_200.0}, "round_min_s must not be above round_max_s"),
    ],
)
async def test_numbers_of_the_ladder_that_cannot_be_are_named(
    town: LadderTown, ladder: dict[str, float], words: str
) -> None:
    await town.set_rules(ladder=ladder)
    await town.add_request()
    with pytest.raises(InvalidRules, match=words):
        await town.wave()
    assert await town.asks() == []
