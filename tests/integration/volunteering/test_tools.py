"""Tools of the depots: never more lent than there are, whatever the order and however many ask."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted
from matching.errors import VolunteerUnknown
from matching.imports.records import Place
from matching.models import HelpRequest, Volunteer
from matching.volunteering import tools_repository
from matching.volunteering.errors import DepotUnknown, InvalidStock, LoanUnknown, ToolsAllLent
from matching.volunteering.tools import (
    OpenDepot,
    SetStock,
    end_old_promises,
    free_tools,
    hand_out_tool,
    open_depot,
    reserve_tools,
    return_tool,
    set_stock,
)
from people.auth import Actor
from people.kinds import Role
from people.models import Ability, Community
from tests.factories.matching import EVENING, add_request, add_volunteer
from tests.factories.people import actor_as, add_ability, add_community, give_ability

SYSTEM = Actor.system()
NEAR = Place("1 Depot Street", None, -71.1106, 42.3737, "rooftop", "Riverside", None, "d1")
FAR = Place("9 Depot Street", None, -71.1106, 42.4400, "rooftop", "Riverside", None, "d9")


class Shed:
    """A community with one depot, and people who ask it for snow blowers."""

    community: Community
    blower: Ability
    request: HelpRequest

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database, self.clock = database, clock

    async def open(self, owned: int, place: Place = NEAR) -> Shed:
        async with self.database.begin() as session:
            self.community = await add_community(session)
            self.blower = await add_ability(session, self.community, "snow_blower")
            self.request = await add_request(session, self.community, needs=[self.blower])
            depot = OpenDepot(self.community.id, "library", "Library", place)
            await open_depot(session, SYSTEM, depot, now=self.clock.now())
            stock = SetStock(self.community.id, "library", "snow_blower", owned)
            await set_stock(session, SYSTEM, stock, now=self.clock.now())
        return self

    async def add_volunteers(self, count: int) -> list[Volunteer]:
        async with self.database.begin() as session:
            return [await add_volunteer(session, self.community) for _ in range(count)]

    async def reserve(self, volunteer: Volunteer) -> int | None:
        """Tools promised; None when there was none left."""
        try:
            async with self.database.begin() as session:
                loans = await reserve_tools(
                    session,
                    volunteer,
                    self.request,
                    ends_at=EVENING + timedelta(hours=1),
                    now=self.clock.now(),
                )
                return len(loans)
        except ToolsAllLent:
            return None

    async def lent(self) -> int:
        async with self.database.read() as session:
            (row,) = await tools_repository.load_stocks(session, self.community.id)
            loans = await tools_repository.list_loans(session, self.community.id)
        assert row.lent == len(loans)
        return row.lent


async def test_twenty_ask_for_three(database: Database, clock: FixedClock) -> None:
    shed = await Shed(database, clock).open(3)
    volunteers = await shed.add_volunteers(20)
    answers = await asyncio.gather(*(shed.reserve(volunteer) for volunteer in volunteers))
    assert sorted(answers, key=str) == [1, 1, 1] + [None] * 17
    assert await shed.lent() == 3


async def test_one_volunteer_gets_one(database: Database, clock: FixedClock) -> None:
    shed = await Shed(database, clock).open(5)
    (volunteer,) = await shed.add_volunteers(1)
    answers = [await shed.reserve(volunteer) for _ in range(3)]
    assert answers == [1, 0, 0]
    assert await shed.lent() == 1


async def test_owners_need_no_loan_and_far_depots_lend_none(
    database: Database, clock: FixedClock
) -> None:
    shed = await Shed(database, clock).open(5, FAR)
    owner, other = await shed.add_volunteers(2)
    async with database.begin() as session:
        person = await session.get(Volunteer, owner.id)
        assert person is not None
        await session.refresh(person, ["person"])
        await give_ability(session, person.person, shed.blower)
    assert await shed.reserve(owner) == 0
    assert await shed.reserve(other) is None
    assert await shed.lent() == 0


async def test_work_given_back_frees_the_promise_but_not_what_left_the_depot(
    database: Database, clock: FixedClock
) -> None:
    shed = await Shed(database, clock).open(2)
    one, two = await shed.add_volunteers(2)
    await shed.reserve(one)
    await shed.reserve(two)
    async with database.begin() as session:
        await hand_out_tool(
            session, SYSTEM, two.id, depot="library", ability="snow_blower", now=clock.now()
        )
        assert await free_tools(session, one.id, now=clock.now()) == 1
        assert await free_tools(session, two.id, now=clock.now()) == 0
    assert await shed.lent() == 1
    async with database.begin() as session:
        await return_tool(session, SYSTEM, two.id, ability="snow_blower", now=clock.now())
    assert await shed.lent() == 0
    with pytest.raises(LoanUnknown):
        async with database.begin() as session:
            await return_tool(session, SYSTEM, two.id, ability="snow_blower", now=clock.now())
    assert await shed.lent() == 0


async def test_promises_that_nobody_fetched_end(database: Database, clock: FixedClock) -> None:
    shed = await Shed(database, clock).open(2)
    one, two = await shed.add_volunteers(2)
    await shed.reserve(one)
    await shed.reserve(two)
    async with database.begin() as session:
        await hand_out_tool(
            session, SYSTEM, two.id, depot="library", ability="snow_blower", now=clock.now()
        )
    clock.advance(timedelta(days=5))
    async with database.begin() as session:
        assert await end_old_promises(session, shed.community.id, now=clock.now()) == 1
    assert await shed.lent() == 1


async def test_a_depot_cannot_own_fewer_than_are_out(database: Database, clock: FixedClock) -> None:
    shed = await Shed(database, clock).open(2)
    for volunteer in await shed.add_volunteers(2):
        await shed.reserve(volunteer)
    for owned in (1, -1):
        stock = SetStock(shed.community.id, "library", "snow_blower", owned)
        with pytest.raises(InvalidStock):
            async with database.begin() as session:
                await set_stock(session, SYSTEM, stock, now=clock.now())
    assert await shed.lent() == 2


@pytest.mark.parametrize("role", [None, Role.RESIDENT, Role.VOLUNTEER])
async def test_only_staff_keep_tools(
    database: Database, clock: FixedClock, role: Role | None
) -> None:
    shed = await Shed(database, clock).open(2)
    (volunteer,) = await shed.add_volunteers(1)
    actor = Actor.anonymous() if role is None else actor_as(role, shed.community.id)
    now = clock.now()
    stock = SetStock(shed.community.id, "library", "snow_blower", 9)
    with pytest.raises(NotPermitted):
        async with database.begin() as session:
            await set_stock(session, actor, stock, now=now)
    with pytest.raises(VolunteerUnknown):
        async with database.begin() as session:
            await hand_out_tool(
                session, actor, volunteer.id, depot="library", ability="snow_blower", now=now
            )
    assert await shed.lent() == 0


async def test_names_that_nobody_knows(database: Database, clock: FixedClock) -> None:
    shed = await Shed(database, clock).open(2)
    (volunteer,) = await shed.add_volunteers(1)

    async def hand_out(volunteer_id: UUID, depot: str, ability: str) -> None:
        async with database.begin() as session:
            await hand_out_tool(
                session, SYSTEM, volunteer_id, depot=depot, ability=ability, now=clock.now()
            )

    with pytest.raises(DepotUnknown, match="library"):
        await hand_out(volunteer.id, "nowhere", "snow_blower")
    with pytest.raises(InvalidStock):
        await hand_out(volunteer.id, "library", "ladder")
