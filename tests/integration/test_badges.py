"""Badges: given by a job that may run twice, taken back in silence with the data they stood on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select

from campaigns.biking.models import Ride
from campaigns.personal import ROOMS
from campaigns.standings import choices, personal
from campaigns.standings.badges import AddBadgeRule, add_badge_rule, end_badge_rule, give_badges
from campaigns.standings.badges_repository import list_holders
from campaigns.standings.boards import publish_boards
from campaigns.standings.errors import BadgeRuleUnknown, CodeTaken, InvalidBadgeRule
from campaigns.standings.kinds import BadgeKind
from campaigns.standings.models import Badge, BadgeRule, BoardLine, Pledge, StandingChoice
from campaigns.standings.pledging import MakePledge, make_pledge
from core.clock import FixedClock
from core.db import Database, Session
from core.errors import NotPermitted
from core.events import Event
from messaging.models import Message
from people.kinds import Role
from people.models import Community
from tests.factories.people import actor_as, add_community, add_person
from tests.factories.standings import STARTS_AT, add_campaign, add_template, every_day, join, ride

MONDAY = date(2026, 1, 5)


async def add_rule(
    session: Session, community: Community, kind: BadgeKind, threshold: int = 1, **others: object
) -> BadgeRule:
    row = BadgeRule(
        community_id=community.id,
        code=f"{kind.value}_{threshold}",
        kind=kind,
        threshold=threshold,
        labels={"en": "A badge"},
        valid_from=STARTS_AT,
        **others,
    )
    session.add(row)
    await session.flush()
    return row


async def test_badges_follow_from_what_was_done_and_twice_is_once(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        campaign = await add_campaign(session, community)
        steady, guest, resting = [await add_person(session, community) for _ in range(3)]
        await join(session, campaign, steady)
        await join(session, campaign, guest, invited_by=steady.id)
        await join(session, campaign, resting)
        await ride(session, campaign, steady, every_day(MONDAY, 3, step=7))
        await ride(session, campaign, guest, [MONDAY + timedelta(days=2)])
        await ride(session, campaign, resting, every_day(MONDAY, 3, step=14))
        first = await add_rule(session, community, BadgeKind.FIRST_TIME)
        weeks = await add_rule(session, community, BadgeKind.WEEKS_IN_A_ROW, 3)
        brought = await add_rule(session, community, BadgeKind.BROUGHT_SOMEBODY)

        given = await give_badges(session, community.id, now=clock.now())
        again = await give_badges(session, community.id, now=clock.now())

        assert await list_holders(session, first.id) == {steady.id, guest.id, resting.id}
        assert await list_holders(session, weeks.id) == {steady.id}
        assert await list_holders(session, brought.id) == {steady.id}
    assert (given, again) == ((5, 0), (0, 0))


async def test_what_is_deleted_takes_its_badges_along_without_a_word(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        campaign = await add_campaign(session, community)
        person = await add_person(session, community)
        await join(session, campaign, person)
        await ride(session, campaign, person, [MONDAY])
        await add_rule(session, community, BadgeKind.FIRST_TIME)
        await give_badges(session, community.id, now=clock.now())
        before = await session.scalar(select(func.count()).select_from(Event))

        await session.execute(delete(Ride))
        taken = await give_badges(session, community.id, now=clock.now())

        after = await session.scalar(select(func.count()).select_from(Event))
        messages = await session.scalar(select(func.count()).select_from(Message))
        badges = await session.scalar(select(func.count()).select_from(Badge))
    assert (taken, badges, messages) == ((0, 1), 0, 0)
    assert before == after


async def test_who_opted_out_has_no_badge_until_they_come_back(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        campaign = await add_campaign(session, community)
        person = await add_person(session, community)
        actor = actor_as(Role.RESIDENT, community.id, person.id)
        await join(session, campaign, person)
        await ride(session, campaign, person, [MONDAY])
        rule = await add_rule(session, community, BadgeKind.FIRST_TIME)
        await give_badges(session, community.id, now=clock.now())

        await choices.opt_out(session, actor, community.id, person.id, now=clock.now())
        at_once = await list_holders(session, rule.id)
        still_out = await give_badges(session, community.id, now=clock.now())
        await choices.opt_in(session, actor, community.id, now=clock.now())
        back = await give_badges(session, community.id, now=clock.now())
    assert at_once == set()
    assert (still_out, back) == ((0, 0), (1, 0))


async def test_a_rule_counts_only_its_time_and_what_was_earned_stays(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        campaign = await add_campaign(session, community)
        early, late = [await add_person(session, community) for _ in range(2)]
        manager = actor_as(Role.MANAGER, community.id)
        for person, day in ((early, MONDAY), (late, MONDAY + timedelta(days=30))):
            await join(session, campaign, person)
            await ride(session, campaign, person, [day])
        rule = await add_rule(session, community, BadgeKind.FIRST_TIME)

        await end_badge_rule(session, manager, rule.id, now=clock.now())
        clock.advance(timedelta(days=40))
        await give_badges(session, community.id, now=clock.now())

        assert await list_holders(session, rule.id) == {early.id}
        with pytest.raises(BadgeRuleUnknown):
            await end_badge_rule(
                session, actor_as(Role.COORDINATOR, community.id), rule.id, now=clock.now()
            )


async def test_rules_are_checked(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        elsewhere = await add_campaign(session, await add_community(session, "arlington"))
        manager = actor_as(Role.MANAGER, community.id)
        good = {
            "community_id": community.id,
            "code": "three_weeks",
            "kind": BadgeKind.WEEKS_IN_A_ROW,
            "threshold": 3,
            "labels": {"en": "Three weeks"},
            "valid_from": STARTS_AT,
        }

        async def add(**changed: object) -> BadgeRule:
            command = AddBadgeRule(**(good | changed))  # type: ignore[arg-type]  # fields by name
            return await add_badge_rule(session, manager, command, now=clock.now())

        for wrong in (
            {"threshold": 0},
            {"valid_until": STARTS_AT},
            {"campaign_id": elsewhere.id},
        ):
            with pytest.raises(InvalidBadgeRule):
                await add(**wrong)
        await add()
        with pytest.raises(CodeTaken):
            await add()
        with pytest.raises(NotPermitted):
            await add(community_id=elsewhere.community_id)


async def test_an_erased_person_leaves_nothing_here_and_takes_everything_along(
    database: Database, clock: FixedClock
) -> None:
    assert personal in ROOMS
    async with database.begin() as session:
        community = await add_community(session)
        campaign = await add_campaign(session, community)
        template = await add_template(session, campaign)
        person = await add_person(session, community)
        actor = actor_as(Role.RESIDENT, community.id, person.id)
        await join(session, campaign, person)
        await ride(session, campaign, person, [MONDAY])
        await add_rule(session, community, BadgeKind.FIRST_TIME)
        await choices.choose_alias(session, actor, community.id, "Quick Fox", now=clock.now())
        await make_pledge(
            session, actor, MakePledge(template_id=template.id, amount=3), now=clock.now()
        )
        await give_badges(session, community.id, now=clock.now())
        await publish_boards(session, campaign.id, now=clock.now())

        taken_along = await personal.export_person(session, person.id)
        for _ in range(2):
            await personal.forget_person(session, person.id, clock.now())

        left = [
            await session.scalar(
                select(func.count()).select_from(table).where(table.person_id == person.id)
            )
            for table in (StandingChoice, Pledge, Badge, BoardLine)
        ]
    assert {name: len(rows) for name, rows in taken_along.items()} == {
        "standing_choice": 1,
        "pledge": 1,
        "badge": 1,
    }
    assert left == [0, 0, 0, 0]
