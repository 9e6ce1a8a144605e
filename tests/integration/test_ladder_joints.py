"""Where the ladder meets intake, storms and messages, on both databases."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from core.clock import FixedClock
from core.db import Database
from matching.intake.help_kinds import default_kinds
from matching.intake.kinds import IntakeTopic
from matching.intake.programme import set_intake_rules
from matching.kinds import AskStatus, RequestKind, StormStatus
from matching.models import HelpRequest
from matching.offers.live import open_now
from tests.factories.people import LONG_AGO
from tests.ladder_town import SYSTEM, LadderTown


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> LadderTown:
    made = LadderTown(database, clock)
    await made.open()
    return made


async def set_kinds_of_storms(town: LadderTown, *kinds: RequestKind) -> None:
    """The usual kinds of help, but these alone are for storms."""
    data: dict[str, Any] = msgspec.to_builtins(default_kinds())
    for kind in data["kinds"]:
        kind["needs_storm"] = kind["code"] in kinds
    async with town.database.begin() as session:
        await set_intake_rules(
            session,
            SYSTEM,
            town.community.id,
            IntakeTopic.KINDS,
            data,
            valid_from=LONG_AGO,
            now=town.clock.now(),
        )


async def add_recycling(town: LadderTown) -> HelpRequest:
    request = await town.add_request(storm_id=None)
    async with town.database.begin() as session:
        row = await session.get(HelpRequest, request.id)
        assert row is not None
        row.kind = RequestKind.RECYCLING
    return request


async def test_the_programme_says_which_help_waits_for_a_storm(town: LadderTown) -> None:
    await set_kinds_of_storms(town, RequestKind.RECYCLING)
    snow = await town.add_request()
    await add_recycling(town)
    volunteer_id = await town.add_volunteer()
    await town.move_storm(StormStatus.CLOSED)
    assert (await town.wave_and_send()).ask_count == 1
    assert {offer.request_id for offer in await town.offers()} == {snow.id}
    async with town.database.read() as session:
        shown = await open_now(session, volunteer_id, town.clock.now())
    assert {home.request_id for home in shown} == {snow.id}


async def test_a_list_leaves_out_what_waits_for_a_storm(town: LadderTown) -> None:
    await add_recycling(town)
    volunteer_id = await town.add_volunteer()
    await town.wave_and_send()
    await set_kinds_of_storms(town, RequestKind.SNOW, RequestKind.RECYCLING)
    await town.move_storm(StormStatus.CLOSED)
    async with town.database.read() as session:
        assert await open_now(session, volunteer_id, town.clock.now()) == []


async def test_an_ask_about_to_leave_is_held_back_when_its_help_waits_for_a_storm(
    town: LadderTown,
) -> None:
    await add_recycling(town)
    await town.add_volunteer()
    result = await town.wave()
    await set_kinds_of_storms(town, RequestKind.RECYCLING)
    await town.move_storm(StormStatus.CLOSED)
    assert result.round_id is not None
    assert await town.send(result.round_id) == (0, 1)
    assert [ask.status for ask in await town.asks()] == [AskStatus.WITHDRAWN]
