from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.events import helpers_repository
from campaigns.events.errors import EventNotYours, HelperUnknown, InvalidEvent, NoRoles, RoleFull
from campaigns.events.helping import (
    RoleWanted,
    accept_help,
    confirm_helper,
    offer_help,
    set_roles,
    withdraw_help,
)
from campaigns.events.kinds import HelperStatus
from campaigns.events.matching_roles import (
    RolePlan,
    plan_roles,
    read_role_inputs,
    store_role_plan,
)
from campaigns.events.models import EventHelper, EventOccurrence
from core.clock import FixedClock
from core.db import Database, Session
from matching.engine.funnel import Reason
from matching.models import AvailabilityWindow, Volunteer
from messaging.models import MessageWords
from people.auth import Actor
from people.kinds import Purpose, Role
from people.models import Community, Person
from tests.factories.events import add_event, add_resident, messages, run_jobs
from tests.factories.matching import add_volunteer
from tests.factories.messages import add_reachable, give_consent
from tests.factories.people import actor_as, add_ability, add_community, give_ability

GREETERS = RoleWanted("greeter", "Greeter", 2)
DRIVER = RoleWanted("driver", "Driver", 1, ("snow_blower",))


async def add_candidate(
    session: Session, community: Community, day: EventOccurrence, *, has_time: bool = True
) -> Volunteer:
    """An active volunteer with the evening free, who may be asked about campaigns."""
    hour = timedelta(hours=1)
    windows = [(day.starts_at - hour, day.ends_at + hour)]
    volunteer = await add_volunteer(session, community)
    if has_time:
        session.add_all(
            AvailabilityWindow(volunteer_id=volunteer.id, starts_at=opens, ends_at=closes)
            for opens, closes in windows
        )
    person = await session.get_one(Person, volunteer.person_id)
    await give_consent(session, community, person, purpose=Purpose.CAMPAIGNS)
    return volunteer


async def plan(
    database: Database, actor: Actor, day: EventOccurrence, clock: FixedClock
) -> tuple[RolePlan, list[EventHelper]]:
    async with database.begin() as session:
        inputs = await read_role_inputs(session, actor, day.id, now=clock.now())
    made = plan_roles(inputs)
    async with database.begin() as session:
        return made, await store_role_plan(session, actor, made, now=clock.now())


async def test_roles_are_filled_by_the_optimiser_and_gaps_have_a_reason(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        event, (day,) = await add_event(session, community, now=now)
        manager = actor_as(Role.MANAGER, community.id)
        blower = await add_ability(session, community, "snow_blower")
        with pytest.raises(NoRoles):
            await read_role_inputs(session, manager, day.id, now=now)
        with pytest.raises(InvalidEvent, match="knows no skill"):
            await set_roles(
                session, manager, event.id, [RoleWanted("x", "X", 1, ("juggling",))], now=now
            )
        await set_roles(session, manager, event.id, [GREETERS, DRIVER], now=now)
        near = await add_candidate(session, community, day)
        too_late = await add_candidate(session, community, day, has_time=False)
        silent = await add_volunteer(session, community)
        helper = await add_resident(session, community)
        await offer_help(session, helper, day.id, now=now)

    first, helpers = await plan(database, manager, day, clock)

    assert {person for _, person, _ in first.proposed} == {near.person_id, helper.person_id}
    assert silent.person_id not in {row.person_id for row in helpers}
    assert too_late.person_id not in {row.person_id for row in helpers}
    (gap,) = first.unfilled
    assert (gap.code, gap.count, gap.reason) == ("driver", 1, Reason.SKILL_MISSING)
    assert gap.missing == ("snow_blower",)
    assert "lack snow_blower" in gap.sentence

    async with database.begin() as session:
        owner = await add_candidate(session, community, day)
        await give_ability(session, await session.get_one(Person, owner.person_id), blower)
    second, helpers = await plan(database, manager, day, clock)
    assert second.unfilled == ()
    roles = {row.person_id: row.role_id for row in helpers}
    async with database.read() as session:
        names = {row.id: row.code for row in await helpers_repository.list_roles(session, event.id)}
    assert names[roles[owner.person_id]] == "driver"  # type: ignore[index]  # it was proposed
    assert all(row.status is HelperStatus.PROPOSED for row in helpers)


async def test_who_did_not_offer_is_asked_and_agrees_alone(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        event, (day,) = await add_event(session, community, now=now)
        manager = actor_as(Role.MANAGER, community.id)
        await set_roles(session, manager, event.id, [RoleWanted("greeter", "Greeter")], now=now)
        volunteer = await add_candidate(session, community, day)
        volunteer_actor = actor_as(Role.VOLUNTEER, community.id, volunteer.person_id)
        helper = await add_resident(session, community)
    _, (proposed,) = await plan(database, manager, day, clock)

    async with database.begin() as session:
        with pytest.raises(EventNotYours):
            await confirm_helper(session, volunteer_actor, proposed.id, now=now)
        invited = await confirm_helper(session, manager, proposed.id, now=now)
        assert invited.status is HelperStatus.INVITED
        with pytest.raises(HelperUnknown):
            await accept_help(session, manager, proposed.id, now=now)
        offer = await offer_help(session, helper, day.id, role_id=invited.role_id, now=now)
        with pytest.raises(RoleFull):
            await confirm_helper(session, manager, offer.id, now=now)
        accepted = await accept_help(session, volunteer_actor, proposed.id, now=now)
        assert accepted.status is HelperStatus.CONFIRMED
        gone = await withdraw_help(session, volunteer_actor, proposed.id, now=now)
        assert gone.status is HelperStatus.WITHDRAWN
        taken = await confirm_helper(session, manager, offer.id, now=now)
        assert taken.status is HelperStatus.CONFIRMED
    made, helpers = await plan(database, manager, day, clock)
    assert made.proposed == ()
    assert [row.person_id for row in helpers] == [helper.person_id]


async def test_who_is_let_go_is_told_and_who_goes_alone_is_not(
    database: Database, clock: FixedClock
) -> None:
    now = clock.now()
    async with database.begin() as session:
        community = await add_community(session)
        event, (day,) = await add_event(session, community, now=now)
        manager = actor_as(Role.MANAGER, community.id)
        (role,) = await set_roles(session, manager, event.id, [GREETERS], now=now)
        people = [
            await add_reachable(session, community, languages=(code,))
            for code in ("es", "en", "en")
        ]
        actors = [actor_as(Role.RESIDENT, community.id, person.id) for person in people]
        rows = [await offer_help(session, who, day.id, role_id=role.id, now=now) for who in actors]
        for row in rows[:2]:
            await confirm_helper(session, manager, row.id, now=now)
    await run_jobs(database, clock)
    clock.advance(timedelta(minutes=5))
    async with database.begin() as session:
        for actor, row in ((manager, rows[0]), (actors[1], rows[1]), (manager, rows[2])):
            for _ in range(2):
                await withdraw_help(session, actor, row.id, now=clock.now())
    await run_jobs(database, clock)

    told = [[row.kind for row in await messages(database, person.id)] for person in people]
    assert told == [["event_helper", "event_let_go"], ["event_helper"], ["event_let_go"]]
    async with database.read() as session:
        agreed = await session.get_one(MessageWords, (await messages(database, people[0].id))[1].id)
        offered = await session.get_one(
            MessageWords, (await messages(database, people[2].id))[0].id
        )
    assert agreed.subject == "No hace falta que ayude en Repair evening"
    assert "METHOD:CANCEL" in (agreed.calendar or b"").decode()
    assert "The organizers do without your help this time." in offered.text
    assert offered.calendar is None
