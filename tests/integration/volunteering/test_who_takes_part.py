"""Whoever never answered from an address that a form named is neither planned nor counted."""

from __future__ import annotations

from uuid import UUID

from core.clock import FixedClock
from core.db import Database
from matching.exports.repository import load_coverage
from matching.maps.coverage_repository import count_giving
from matching.rounds.repository import load_available_volunteers
from matching.storms.repository import list_ready_volunteers
from people.kinds import Channel, Purpose
from people.models import Household, Person
from tests.factories.matching import add_volunteer
from tests.factories.messages import add_contact, give_consent
from tests.factories.people import add_community

HOME_CELL = 617_733_151_000_000_000


async def test_plans_and_counts_wait_until_somebody_answered_or_vouches(
    database: Database, clock: FixedClock
) -> None:
    """Each volunteer: the sources of their consents, and their contacts with whether one answered.

    By the name that says why they take part or not.
    """
    people: dict[str, tuple[tuple[str, ...], tuple[tuple[Channel, bool], ...]]] = {
        "a stranger typed it": (("form",), ((Channel.EMAIL, False), (Channel.SMS, False))),
        "one of two answered": (("form",), ((Channel.EMAIL, False), (Channel.SMS, True))),
        "told us on the phone": (("form", "phone"), ((Channel.SMS, False),)),
        "in a file of the town": (("import",), ((Channel.EMAIL, False),)),
        "agreed to nothing yet": ((), ((Channel.EMAIL, False),)),
        "is only ever rung": (("form",), ((Channel.PHONE, False),)),
        "without any contact": (("form",), ()),
    }
    names: dict[UUID, str] = {}
    async with database.begin() as session:
        community = await add_community(session)
        for name, (sources, contacts) in people.items():
            row = await add_volunteer(session, community)
            person = await session.get_one(Person, row.person_id)
            names[row.id] = name
            (await session.get_one(Household, row.home_id)).cell = HOME_CELL
            for source in sources:
                await give_consent(session, community, person, Purpose.MATCHING, source=source)
            for channel, answered in contacts:
                await add_contact(session, person, channel, verified=answered)

    async with database.read() as session:
        now = clock.now()
        planned = await load_available_volunteers(session, community.id, at=now)
        ready = await list_ready_volunteers(session, community.id, after=None, now=now)
        counted = await count_giving(session, community.id, at=now)
        (covered,) = await load_coverage(session, community.id)

    takes_part = set(people) - {"a stranger typed it"}
    assert {names[row.id] for row in planned} == takes_part
    assert {names[row.id] for row in ready} == takes_part
    assert counted == {HOME_CELL: len(takes_part)}
    assert (covered.volunteer_count, covered.person_count) == (len(takes_part), len(takes_part))
