"""What one more volunteer would add, kept with a round; a round is never lost for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.clock import FixedClock
from core.db import Database
from geo.city import CityPack, shipped_pack
from geo.privacy import PrivacyCells
from matching.kinds import RoundStatus
from matching.rounds.planning import PlannedRound, PlanRound, RoundTools, RoundWatcher, plan_round
from matching.rounds.reading import (
    compare_with_before,
    find_last_told_prices,
    find_told_prices,
)
from matching.rounds.recruiting import RecruitGuide
from matching.rounds.travel import PackTravel, TravelFinder
from people.auth import Actor
from people.models import Household, HouseholdAddress
from tests.factories.matching import add_request, add_volunteer
from tests.factories.people import add_community

SYSTEM = Actor.system()
PLAN = PlanRound("cambridge", seed=1)


@pytest.fixture
async def town(database: Database) -> None:
    """Three homes near each other, and somebody who takes one visit."""
    cells = PrivacyCells.from_pack(CityPack.open(shipped_pack("cambridge")))
    async with database.begin() as session:
        community = await add_community(session)
        for number in range(3):
            request = await add_request(session, community)
            address = await session.get(HouseholdAddress, request.household_id)
            home = await session.get(Household, request.household_id)
            assert address is not None
            assert home is not None
            address.lon_deg += 0.0005 * number
            home.cell = cells.cell_of(address.lon_deg, address.lat_deg)
        await add_volunteer(session, community, max_tasks=1)


async def plan(
    database: Database,
    clock: FixedClock,
    *,
    tries: int = 2,
    travel_for_recruits: Callable[[CityPack], TravelFinder] = PackTravel,
) -> PlannedRound:
    tools, watcher = RoundTools(clock=clock), RoundWatcher()
    guide = RecruitGuide(replace(tools, find_travel=travel_for_recruits), watcher, tries=tries)
    return await plan_round(database, SYSTEM, PLAN, tools=tools, watcher=watcher, guide=guide)


@pytest.mark.usefixtures("town")
async def test_round_keeps_what_newcomers_would_add(database: Database, clock: FixedClock) -> None:
    planned = await plan(database, clock)
    assert planned.stored is not None
    row, community = planned.stored.round, planned.made.inputs.community
    assert row.served_count == 1
    async with database.read() as session:
        told = await find_told_prices(session, SYSTEM, row.id)
        last = await find_last_told_prices(session, community)
    assert told is not None
    assert last is not None
    assert last.prices == told.prices
    best = told.prices[0]
    assert best.row["tried"]["served_more"] == 1
    assert best.sentence.startswith("One more volunteer in ")
    assert best.sentence.endswith("would serve 1 more home.")
    assert sum(area["resident_count"] for area in told.areas.values()) == 3
    assert sum(area["served_count"] for area in told.areas.values()) == 1


@pytest.mark.usefixtures("town")
async def test_prices_without_tries_say_so(database: Database, clock: FixedClock) -> None:
    planned = await plan(database, clock, tries=0)
    assert planned.stored is not None
    async with database.read() as session:
        told = await find_told_prices(session, SYSTEM, planned.stored.round.id)
    assert told is not None
    assert all(price.sentence.endswith("this was not tried.") for price in told.prices)
    assert told.prices


@pytest.mark.usefixtures("town")
async def test_round_is_stored_when_newcomers_cannot_be_priced(
    database: Database, clock: FixedClock
) -> None:
    def no_streets(_: CityPack) -> TravelFinder:
        raise OSError("the streets are gone")

    planned = await plan(database, clock, travel_for_recruits=no_streets)
    assert planned.stored is not None
    row = planned.stored.round
    assert row.status is RoundStatus.FINISHED
    async with database.read() as session:
        assert await find_told_prices(session, SYSTEM, row.id) is None


@pytest.mark.usefixtures("town")
async def test_same_plan_again_changes_nothing(database: Database, clock: FixedClock) -> None:
    first = await plan(database, clock, tries=0)
    second = await plan(database, clock, tries=0)
    assert first.stored is not None
    assert second.stored is not None
    async with database.read() as session:
        assert await compare_with_before(session, SYSTEM, first.stored.round.id) is None
        found = await compare_with_before(session, SYSTEM, second.stored.round.id)
    assert found is not None
    assert found.before.id == first.stored.round.id
    assert found.changes.nothing
    assert found.changes.kept == 1
