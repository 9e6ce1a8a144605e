"""Promises: made once, settled by the person alone, reminded of once, on the wall by consent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from api.worker import build_registry
from campaigns.programmes.kinds import CampaignKind, CampaignStatus, GoalUnit
from campaigns.programmes.models import Campaign
from campaigns.standings import choices
from campaigns.standings.boards import publish_boards
from campaigns.standings.errors import (
    AlreadyPledged,
    CodeTaken,
    InvalidPledge,
    PledgesClosed,
    PledgeSettled,
    PledgeTemplateUnknown,
    PledgeUnknown,
)
from campaigns.standings.jobs import REMIND, remind
from campaigns.standings.kinds import PledgeStatus
from campaigns.standings.models import Pledge, PledgeTemplate
from campaigns.standings.pledging import (
    AddTemplate,
    MakePledge,
    add_template,
    close_template,
    make_pledge,
    settle_pledge,
    show_name,
    withdraw_pledge,
)
from campaigns.standings.progress import measure_progress
from campaigns.standings.showing import ShownWall, show_wall
from core.clock import FixedClock
from core.db import Database, Session
from core.errors import NotPermitted
from core.jobs import JobTools
from core.settings import Settings
from messaging.kinds import MessageStatus
from messaging.models import Message, MessageWords
from people.auth import Actor
from people.kinds import Channel, Purpose, Role
from people.models import Community, Consent, ContactPoint, Person
from people.safeguard_models import Minor
from tests.factories.people import actor_as, add_community, add_person
from tests.factories.standings import add_campaign, join
from tests.factories.standings import add_template as seed_template


async def begin(
    session: Session, **campaign: object
) -> tuple[Community, Campaign, PledgeTemplate, Person, Actor]:
    community = await add_community(session)
    row = await add_campaign(session, community, **campaign)  # type: ignore[arg-type]  # columns by name
    template = await seed_template(session, row)
    person = await add_person(session, community)
    return community, row, template, person, actor_as(Role.RESIDENT, community.id, person.id)


def promise(template: PledgeTemplate, amount: float = 10, **others: object) -> MakePledge:
    return MakePledge(template_id=template.id, amount=amount, **others)  # type: ignore[arg-type]  # fields by name


async def test_a_promise_is_made_once_and_settled_in_part_or_whole(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        _, _, template, _, actor = await begin(session)
        first = await make_pledge(session, actor, promise(template), now=clock.now())
        again = await make_pledge(session, actor, promise(template), now=clock.now())
        with pytest.raises(AlreadyPledged):
            await make_pledge(session, actor, promise(template, 12), now=clock.now())

        partly = await settle_pledge(session, actor, first.id, 4, now=clock.now())
        assert (partly.status, partly.kept_amount) == (PledgeStatus.PARTLY, 4)
        kept = await settle_pledge(session, actor, first.id, 11, now=clock.now())
        assert (kept.status, kept.settled_at) == (PledgeStatus.KEPT, clock.now())
        nothing = await settle_pledge(session, actor, first.id, 0, now=clock.now())
        assert (nothing.status, nothing.settled_at) == (PledgeStatus.MADE, None)

        await withdraw_pledge(session, actor, first.id, now=clock.now())
        twice = await withdraw_pledge(session, actor, first.id, now=clock.now())
        with pytest.raises(PledgeSettled):
            await settle_pledge(session, actor, first.id, 1, now=clock.now())
        anew = await make_pledge(session, actor, promise(template, 12), now=clock.now())
    assert again.id == first.id
    assert twice.status is PledgeStatus.WITHDRAWN
    assert anew.id != first.id


async def test_nobody_settles_the_pledge_of_another_not_even_staff(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community, _, template, _, actor = await begin(session)
        pledge = await make_pledge(session, actor, promise(template), now=clock.now())
        for role in (Role.MANAGER, Role.RESIDENT):
            with pytest.raises(PledgeUnknown):
                await settle_pledge(
                    session, actor_as(role, community.id), pledge.id, 10, now=clock.now()
                )
        stranger = await add_person(session, await add_community(session, "arlington"))
        other = actor_as(Role.RESIDENT, stranger.memberships[0].community_id, stranger.id)
        with pytest.raises(NotPermitted):
            await make_pledge(session, other, promise(template), now=clock.now())


@pytest.mark.parametrize("amount", [0, -1, 51, float("nan"), float("inf")])
async def test_an_amount_that_nobody_can_promise_is_refused(
    database: Database, clock: FixedClock, amount: float
) -> None:
    async with database.begin() as session:
        _, _, template, _, actor = await begin(session)
        with pytest.raises(InvalidPledge, match="amount"):
            await make_pledge(session, actor, promise(template, amount), now=clock.now())


async def test_reminders_lie_ahead_and_within_the_campaign(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        _, campaign, template, _, actor = await begin(session)
        for moment in (clock.now(), campaign.ends_at + timedelta(days=1)):
            with pytest.raises(InvalidPledge, match="reminder"):
                await make_pledge(
                    session, actor, promise(template, remind_at=moment), now=clock.now()
                )


async def test_pledges_end_with_the_campaign_and_with_their_template(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community, campaign, template, _, actor = await begin(session)
        manager = actor_as(Role.MANAGER, community.id)
        with pytest.raises(NotPermitted):
            await close_template(session, actor, template.id, now=clock.now())
        await close_template(session, manager, template.id, now=clock.now())
        with pytest.raises(PledgesClosed, match="not offered"):
            await make_pledge(session, actor, promise(template), now=clock.now())
        campaign.status = CampaignStatus.FINISHED
        await session.flush()
        with pytest.raises(PledgesClosed, match="finished"):
            await make_pledge(session, actor, promise(template), now=clock.now())
        campaign.status = CampaignStatus.DRAFT
        await session.flush()
        with pytest.raises(PledgeTemplateUnknown):
            await make_pledge(session, actor, promise(template), now=clock.now())


async def test_templates_are_checked(database: Database, clock: FixedClock) -> None:
    async with database.begin() as session:
        community, campaign, template, _, actor = await begin(session)
        manager = actor_as(Role.MANAGER, community.id)
        good = {
            "campaign_id": campaign.id,
            "code": "carry_bags",
            "labels": {"en": "Carry  my own bags", "es": "Llevar mis bolsas"},
            "unit": "bags",
            "suggested_amount": 5,
            "max_amount": 50,
        }

        async def add(by: Actor, **changed: object) -> PledgeTemplate:
            command = AddTemplate(**(good | changed))  # type: ignore[arg-type]  # fields by name
            return await add_template(session, by, command, now=clock.now())

        for wrong in (
            {"code": "Carry bags"},
            {"labels": {"es": "Sin inglés"}},
            {"labels": {"en": "Bags", "xx": "?"}},
            {"unit": ""},
            {"suggested_amount": 60},
            {"max_amount": float("inf")},
        ):
            with pytest.raises(InvalidPledge):
                await add(manager, **wrong)
        with pytest.raises(CodeTaken):
            await add(manager, code=template.code)
        with pytest.raises(NotPermitted):
            await add(actor)
        row = await add(manager)
    assert row.labels["en"] == "Carry my own bags"


async def promise_as(
    session: Session,
    clock: FixedClock,
    community: Community,
    template: PledgeTemplate,
    *,
    count: int,
    shows_name: bool,
) -> list[Person]:
    people = [await add_person(session, community) for _ in range(count)]
    for person in people:
        actor = actor_as(Role.RESIDENT, community.id, person.id)
        command = promise(template, shows_name=shows_name)
        await make_pledge(session, actor, command, now=clock.now())
    return people


async def test_the_wall_shows_first_names_with_consent_and_counts_the_others_in_steps(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community, campaign, template, _, _ = await begin(session)
        named = await promise_as(session, clock, community, template, count=3, shows_name=True)
        quiet = await promise_as(session, clock, community, template, count=6, shows_name=False)

        async def wall_of_day() -> ShownWall:
            await publish_boards(session, campaign.id, now=clock.now())
            return await show_wall(session, campaign)

        first = await wall_of_day()
        minor = named[0]
        session.add(Minor(person_id=minor.id, recorded_at=clock.now()))
        await session.flush()
        without_minor = await show_wall(session, campaign)
        for person in (named[1], quiet[0]):
            await choices.opt_out(
                session,
                actor_as(Role.RESIDENT, community.id, person.id),
                community.id,
                person.id,
                now=clock.now(),
            )
        hers = await session.scalar(select(Pledge).where(Pledge.person_id == named[2].id))
        assert hers is not None
        clock.advance(timedelta(days=1))
        after = await wall_of_day()
        await show_name(
            session,
            actor_as(Role.RESIDENT, community.id, named[2].id),
            hers.id,
            shows_name=False,
            now=clock.now(),
        )
        empty = await show_wall(session, campaign)
    assert first == ShownWall(("Synthetic",) * 3, 6)
    assert len(without_minor.first_names) == 2
    assert after == ShownWall(("Synthetic",), 6)
    assert empty.first_names == ()


async def test_a_reminder_comes_once_whoever_settled_hears_nothing(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community, _, template, person, actor = await begin(session)
        session.add_all(
            [
                ContactPoint(
                    person_id=person.id,
                    channel=Channel.EMAIL,
                    value="someone@town.example",
                    verified_at=clock.now(),
                ),
                Consent(
                    person_id=person.id,
                    community_id=community.id,
                    purpose=Purpose.CAMPAIGNS,
                    channel=None,
                    text_version="1",
                    granted=True,
                    recorded_at=clock.now(),
                    source="form",
                ),
            ]
        )
        remind_at = clock.now() + timedelta(days=2)
        command = promise(template, remind_at=remind_at)
        pledge = await make_pledge(session, actor, command, now=clock.now())
        other = await add_person(session, community)
        as_other = actor_as(Role.RESIDENT, community.id, other.id)
        settled = await make_pledge(session, as_other, command, now=clock.now())
        await settle_pledge(session, as_other, settled.id, 10, now=clock.now())
    tools = JobTools(database, clock, Settings(), {})

    await remind(tools, {})
    clock.advance(timedelta(days=2))
    for _ in range(2):
        await remind(tools, {})

    async with database.read() as session:
        (message,) = (await session.scalars(select(Message))).all()
        words = await session.get_one(MessageWords, message.id)
        left = await session.scalar(
            select(func.count()).select_from(Pledge).where(Pledge.remind_at.is_not(None))
        )
    assert (message.subject_id, message.status) == (pledge.id, MessageStatus.QUEUED)
    assert "Bike to work" in words.text
    assert left == 0
    assert build_registry().find_kind(REMIND) is not None


async def test_kept_promises_are_the_actions_of_a_campaign_that_counts_nothing_else(
    database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        _, campaign, template, person, actor = await begin(
            session, kind=CampaignKind.OTHER, goal_value=10, goal_unit=GoalUnit.ACTIONS
        )
        await join(session, campaign, person)
        pledge = await make_pledge(session, actor, promise(template), now=clock.now())
        before = await measure_progress(session, campaign, now=clock.now())
        await settle_pledge(session, actor, pledge.id, 5, now=clock.now())
        after = await measure_progress(session, campaign, now=clock.now())
    assert (before.value, after.value) == (0, 1)
