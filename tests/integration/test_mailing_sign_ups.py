"""Who signs up or joins after a mailing counts there; what staff type for somebody does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.events.signing_up import SignUp, sign_up
from campaigns.mailings.kinds import Action
from campaigns.mailings.models import Mailing
from core.clock import FixedClock
from core.db import Database
from people.auth import Actor
from people.kinds import Role
from people.models import Person
from tests.factories.events import add_event
from tests.factories.groups import add_group, join
from tests.factories.people import actor_as
from tests.mailing_house import House


@pytest.fixture
async def house(database: Database, clock: FixedClock) -> House:
    made = House(database, clock)
    await made.open()
    return made


async def send(house: House) -> Mailing:
    mailing = await house.draft()
    await house.approve(mailing)
    await house.run_for(2)
    return mailing


def resident(house: House, number: int) -> Actor:
    return actor_as(Role.RESIDENT, house.community.id, house.people[number])


async def test_a_sign_up_for_an_event_counts_when_the_person_does_it(house: House) -> None:
    mailing, now = await send(house), house.clock.now()
    async with house.database.begin() as session:
        _, (day,) = await add_event(session, house.community, now=now, capacity=9)
        await sign_up(session, resident(house, 0), SignUp(day.id), now=now)
        await sign_up(session, resident(house, 0), SignUp(day.id), now=now)
        for_another = SignUp(day.id, person_id=house.people[1])
        await sign_up(session, house.manager, for_another, now=now)
    assert (await house.figures(mailing)).actions == {Action.SIGN_UP: 1}


async def test_a_sign_up_weeks_later_has_nothing_to_do_with_it(house: House) -> None:
    mailing = await send(house)
    house.clock.advance(timedelta(days=15))
    now = house.clock.now()
    async with house.database.begin() as session:
        _, (day,) = await add_event(
            session, house.community, now=now, starts_local=f"{now.year + 1}-02-10T18:00"
        )
        await sign_up(session, resident(house, 0), SignUp(day.id), now=now)
    assert (await house.figures(mailing)).actions == {}


async def test_joining_a_group_counts_once(house: House) -> None:
    mailing, now = await send(house), house.clock.now()
    async with house.database.begin() as session:
        leader, neighbour = [await session.get_one(Person, key) for key in house.people[:2]]
        group = await add_group(session, house.community, leader, now)
        await join(session, house.community, group, neighbour, now)
        await join(session, house.community, group, neighbour, now)
    assert (await house.figures(mailing)).actions == {Action.SIGN_UP: 1}
