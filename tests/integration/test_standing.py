"""Standing requests: opened with a storm, once, with its deadline, and not for those away."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.db import Database, Session
from matching.intake import repository
from matching.intake.commands import TakeRequest
from matching.intake.errors import InvalidRequest, StandingUnknown
from matching.intake.kinds import Cadence, ContactChoice, IntakeChannel, StandingStatus
from matching.intake.models import StandingRequest
from matching.intake.standing import (
    add_break,
    end_standing,
    list_standing_residents,
    move_deadlines,
    open_standing_requests,
)
from matching.intake.taking import take_request
from matching.kinds import RequestKind, RequestStatus, StormStatus
from matching.models import HelpRequest, Storm
from matching.repository import list_requests
from matching.storms.repository import store_answer
from people.auth import Actor
from people.kinds import Purpose, Role
from people.models import Community
from tests.factories.people import actor_as, add_community, add_household, add_person

NOW = datetime(2026, 1, 15, 21, 0, tzinfo=UTC)
TODAY = date(2026, 1, 15)


async def add_storm(session: Session, community: Community, **values: Any) -> Storm:
    defaults: dict[str, Any] = {
        "status": StormStatus.ACTIVE,
        "created_at": NOW - timedelta(hours=6),
        "snow_ended_at": NOW - timedelta(hours=1),
    }
    storm = Storm(community_id=community.id, **(defaults | values))
    session.add(storm)
    await session.flush()
    return storm


async def wish(
    session: Session, community: Community, number: int = 0, **changes: Any
) -> StandingRequest:
    home = await add_household(session, community, lon_deg=-71.11 + number / 100)
    person = await add_person(session, community, household=home)
    values: dict[str, Any] = {
        "community_id": community.id,
        "kind": RequestKind.SNOW,
        "resident_id": person.id,
        "channel": IntakeChannel.STAFF,
        "cadence": Cadence.EVERY_SNOWFALL,
        "consents": (Purpose.MATCHING,),
    }
    command = TakeRequest(**(values | changes))
    taken = await take_request(session, Actor.system(), command, now=NOW - timedelta(days=30))
    assert taken.standing is not None
    return taken.standing


async def open_snow(session: Session, community: Community) -> list[HelpRequest]:
    return await list_requests(session, Actor.system(), community.id)


async def test_opened_once_with_everything_that_was_agreed(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        made = await wish(
            session,
            community,
            scope=("sidewalk", "steps"),
            access_notes="Ring twice.",
            contact_choice=ContactChoice.SMS,
        )
        storm = await add_storm(session, community)
        opened = [await open_standing_requests(session, storm, now=NOW) for _ in range(3)]

    assert opened == [1, 0, 0]
    async with database.read() as session:
        [request] = await open_snow(session, community)
        access = await repository.find_access(session, request.id)
        details = await repository.find_details(session, request.id)
        loaded = await repository.load_request(session, request.id)
    assert request.status is RequestStatus.OPEN
    assert request.storm_id == storm.id
    assert request.scope == ["sidewalk", "steps"]
    # Cambridge: snow that ended at 3 pm must be gone by 3 am.
    assert request.deadline_at == datetime(2026, 1, 16, 8, 0, tzinfo=UTC)
    assert access is not None
    assert (access.access_notes, access.contact_choice) == ("Ring twice.", ContactChoice.SMS)
    assert details is not None
    assert (details.channel, details.standing_id) == (IntakeChannel.STANDING, made.id)
    assert loaded is not None
    assert len(loaded.needs) == 1
    assert [(w.opens_at, w.closes_at) for w in loaded.windows] == [(NOW, request.deadline_at)]


async def test_each_storm_opens_its_own(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        await wish(session, community)
        await wish(session, community, 1, cadence=Cadence.NEXT_SNOWFALL)
        first = await add_storm(session, community)
        assert await open_standing_requests(session, first, now=NOW) == 2
        for request in await open_snow(session, community):
            request.status = RequestStatus.EXPIRED
        first.status = StormStatus.CLOSED
        await session.flush()
        later = NOW + timedelta(days=10)
        second = await add_storm(session, community, created_at=later, snow_ended_at=later)

        assert await open_standing_requests(session, second, now=later) == 1


async def test_who_is_away_not_needing_or_asked_already_is_skipped(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        away, not_needing, asked, ended, over, wanted = [
            await wish(session, community, number) for number in range(6)
        ]
        staff = Actor.system()
        await add_break(
            session,
            staff,
            away.id,
            starts_on=TODAY,
            ends_on=TODAY + timedelta(days=7),
            now=NOW,
        )
        storm = await add_storm(session, community)
        await store_answer(session, storm.id, not_needing.resident_id, needs_help=False, now=NOW)
        await store_answer(session, storm.id, wanted.resident_id, needs_help=True, now=NOW)
        await take_request(
            session,
            staff,
            TakeRequest(
                community_id=community.id, kind=RequestKind.SNOW, resident_id=asked.resident_id
            ),
            now=NOW,
        )
        await end_standing(session, staff, ended.id, now=NOW, reason="resident_moved")
        over.valid_until = TODAY - timedelta(days=1)
        await session.flush()

        assert await open_standing_requests(session, storm, now=NOW) == 1
        standing = await list_standing_residents(session, community.id, TODAY)
        page = await list_standing_residents(session, community.id, TODAY, limit=2)
        rest = await list_standing_residents(session, community.id, TODAY, after=page[-1])

    assert set(standing) == {w.resident_id for w in (not_needing, asked, wanted)}
    assert [*page, *rest] == standing


async def test_next_snowfall_is_asked_for_once(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        made = await wish(session, community, cadence=Cadence.NEXT_SNOWFALL)
        storm = await add_storm(session, community)
        await open_standing_requests(session, storm, now=NOW)

    assert made.status is StandingStatus.ENDED


async def test_deadline_that_has_passed_leaves_some_hours(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        await wish(session, community)
        storm = await add_storm(session, community, deadline_at=NOW - timedelta(hours=1))
        await open_standing_requests(session, storm, now=NOW)
        [request] = await open_snow(session, community)

    assert request.deadline_at == NOW + timedelta(hours=12, minutes=30)


async def test_longer_snow_moves_the_deadlines_nobody_chose(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        await wish(session, community)
        storm = await add_storm(session, community)
        await open_standing_requests(session, storm, now=NOW)
        home = await add_household(session, community, lon_deg=-71.2)
        person = await add_person(session, community, household=home)
        chosen = ((NOW, NOW + timedelta(hours=3)),)
        await take_request(
            session,
            Actor.system(),
            TakeRequest(
                community_id=community.id,
                kind=RequestKind.SNOW,
                resident_id=person.id,
                windows=chosen,
                consents=(Purpose.MATCHING,),
            ),
            now=NOW,
        )
        storm.snow_ended_at = NOW + timedelta(hours=4)
        storm.deadline_at = datetime(2026, 1, 16, 18, 0, tzinfo=UTC)
        await session.flush()
        moved = [await move_deadlines(session, storm, now=NOW) for _ in range(2)]
        deadlines = {
            request.resident_id: request.deadline_at
            for request in await open_snow(session, community)
        }

    assert moved[1] == 0
    assert storm.deadline_at in deadlines.values()
    assert deadlines[person.id] == chosen[0][1]
    assert moved[0] == 1


async def test_only_resident_and_staff_touch_a_wish(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        made = await wish(session, community)
    days = {"starts_on": TODAY, "ends_on": TODAY}
    for actor in (
        Actor.anonymous(),
        actor_as(Role.RESIDENT, community.id),
        actor_as(Role.VOLUNTEER, community.id),
    ):
        with pytest.raises(StandingUnknown):
            async with database.begin() as session:
                await add_break(session, actor, made.id, now=NOW, **days)
    own = actor_as(Role.RESIDENT, community.id, made.resident_id)
    async with database.begin() as session:
        await add_break(session, own, made.id, now=NOW, **days)
    with pytest.raises(InvalidRequest, match="end on or after"):
        async with database.begin() as session:
            await add_break(
                session,
                own,
                made.id,
                starts_on=TODAY,
                ends_on=TODAY - timedelta(days=1),
                now=NOW,
            )


async def test_many_wishes_open_page_by_page(database: Database) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        made = await wish(session, community)
        columns = {
            column.key: getattr(made, column.key)
            for column in StandingRequest.__table__.columns
            if column.key not in ("id", "household_id")
        }
        for _ in range(250):
            home = await add_household(session, community)
            session.add(StandingRequest(**columns, household_id=home.id))
        storm = await add_storm(session, community)

        assert await open_standing_requests(session, storm, now=NOW) == 251
