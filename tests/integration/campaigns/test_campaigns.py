"""Campaigns: planning, the way through their states, teams and taking part, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from api.worker import build_registry
from campaigns.programmes import repository
from campaigns.programmes.errors import (
    CampaignAreaUnknown,
    CampaignChanged,
    CampaignClosed,
    CampaignUnknown,
    InvalidCampaign,
    InvalidCampaignDates,
    InvalidGoal,
    InviteCodeUnknown,
    LastOwner,
    SlugTaken,
)
from campaigns.programmes.joining import JoinCampaign, join_campaign, leave_campaign
from campaigns.programmes.kinds import CampaignKind, CampaignStatus, GoalUnit, TeamRole
from campaigns.programmes.models import Campaign
from campaigns.programmes.planning import (
    ChangeCampaign,
    PlanCampaign,
    SetGroups,
    change_campaign,
    plan_campaign,
    set_groups,
)
from campaigns.programmes.running import change_status
from campaigns.programmes.teamwork import SetTeamRole, set_team_role
from core.clock import FixedClock
from core.db import Database
from core.errors import NotPermitted, TalkootError
from core.events import list_events
from core.ids import new_id
from core.jobs import JobTools, run_due_jobs
from core.settings import Settings
from matching.errors import IllegalTransition
from people.auth import Actor
from people.kinds import Role
from people.models import Community, Person
from people.repository import load_actor
from tests.factories.campaigns import JUNE, MAY, add_campaign, add_member
from tests.factories.people import actor_as, add_community, add_person

APRIL = MAY - timedelta(days=30)
BIKE_MONTH: dict[str, Any] = {
    "slug": "bike-month",
    "kind": CampaignKind.BIKING,
    "title": "Bike Month",
    "starts_at": MAY,
    "ends_at": JUNE,
    "goal_value": 500,
    "goal_unit": GoalUnit.RIDE_DAYS,
    "areas": ["Riverside"],
    "comparison_areas": ["Baldwin"],
}


async def seed(database: Database) -> tuple[Community, Person, Actor]:
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_person(session, community, role=Role.MANAGER)
        return community, person, await load_actor(session, person.id)


def planned(community: Community, **changes: Any) -> PlanCampaign:
    return PlanCampaign(community_id=community.id, **(BIKE_MONTH | changes))


async def test_a_campaign_runs_from_draft_to_archive_and_its_history_says_so(
    database: Database,
) -> None:
    community, person, manager = await seed(database)
    async with database.begin() as session:
        row = await plan_campaign(session, manager, planned(community), now=APRIL)
        assert row.status is CampaignStatus.DRAFT
        for status, now in (
            (CampaignStatus.SCHEDULED, APRIL),
            (CampaignStatus.RUNNING, MAY),
            (CampaignStatus.FINISHED, JUNE),
            (CampaignStatus.ARCHIVED, JUNE),
        ):
            row = await change_status(session, manager, row.id, status, now=now)
            again = await change_status(session, manager, row.id, status, now=now)
            assert (row.status, again.status) == (status, status)
        events = await list_events(session, "campaign", row.id)
        assert [event.kind for event in events] == [
            "campaign.planned",
            "campaign.scheduled",
            "campaign.running",
            "campaign.finished",
            "campaign.archived",
        ]
        assert {event.actor_id for event in events} == {person.id}
        with pytest.raises(IllegalTransition, match="this is the end"):
            await change_status(session, manager, row.id, CampaignStatus.DRAFT, now=JUNE)


BAD_PLANS: list[tuple[dict[str, Any], type[TalkootError], str]] = [
    ({"ends_at": MAY}, InvalidCampaignDates, "end after it begins"),
    ({"ends_at": MAY + timedelta(days=401)}, InvalidCampaignDates, "at most 400 days"),
    ({"goal_unit": GoalUnit.WEIGHT_KG}, InvalidGoal, "cannot measure weight_kg"),
    ({"goal_value": float("nan")}, InvalidGoal, "more than 0"),
    ({"goal_value": 0}, InvalidGoal, "more than 0"),
    ({"goal_value": None}, InvalidGoal, "together with its unit"),
    ({"goal_value": 25, "goal_unit": GoalUnit.PARTICIPATION_SHARE}, InvalidGoal, "0.25"),
    ({"baseline_value": -1}, InvalidGoal, "baseline"),
    ({"areas": ["Atlantis"]}, CampaignAreaUnknown, "knows no neighbourhood 'Atlantis'"),
    ({"areas": []}, InvalidCampaign, "whole community"),
    ({"areas": ["Baldwin"]}, InvalidCampaign, "compared with at once"),
    ({"languages": ["Klingon language"]}, InvalidCampaign, "no code of a language"),
    ({"slug": "Bike Month!"}, InvalidCampaign, "short name"),
    ({"title": " "}, InvalidCampaign, "title"),
    ({"title": "a\u202eb"}, InvalidCampaign, "cannot be seen"),
    ({"cost_cents": -5}, InvalidCampaign, "cost"),
]


async def test_a_plan_that_cannot_be_is_refused_with_its_place(database: Database) -> None:
    community, _, manager = await seed(database)
    for changes, error, words in BAD_PLANS:
        with pytest.raises(error, match=words):
            async with database.begin() as session:
                await plan_campaign(session, manager, planned(community, **changes), now=APRIL)


async def test_a_name_is_taken_once_and_only_managers_plan(database: Database) -> None:
    community, _, manager = await seed(database)
    async with database.begin() as session:
        await plan_campaign(session, manager, planned(community), now=APRIL)
    with pytest.raises(SlugTaken):
        async with database.begin() as session:
            await plan_campaign(session, manager, planned(community), now=APRIL)
    other = actor_as(Role.COORDINATOR, community.id)
    with pytest.raises(NotPermitted):
        async with database.begin() as session:
            await plan_campaign(session, other, planned(community, slug="other"), now=APRIL)


async def test_what_is_over_or_has_no_goal_is_not_scheduled(database: Database) -> None:
    community, _, manager = await seed(database)
    async with database.begin() as session:
        row = await plan_campaign(
            session, manager, planned(community, goal_value=None, goal_unit=None), now=APRIL
        )
        with pytest.raises(InvalidCampaign, match="goal"):
            await change_status(session, manager, row.id, CampaignStatus.SCHEDULED, now=APRIL)
        late = await plan_campaign(session, manager, planned(community, slug="late"), now=APRIL)
        with pytest.raises(InvalidCampaignDates, match="over already"):
            await change_status(session, manager, late.id, CampaignStatus.SCHEDULED, now=JUNE)


async def test_what_a_campaign_is_measured_by_stands_once_it_runs(database: Database) -> None:
    community, _, manager = await seed(database)
    async with database.begin() as session:
        row = await plan_campaign(session, manager, planned(community), now=APRIL)
        changes = {"goal_value": 300.0, "title": "Bicycle Month"}
        row = await change_campaign(
            session, manager, ChangeCampaign(campaign_id=row.id, changes=changes), now=APRIL
        )
        assert (row.goal_value, row.title) == (300.0, "Bicycle Month")
        await change_status(session, manager, row.id, CampaignStatus.SCHEDULED, now=APRIL)
        await change_status(session, manager, row.id, CampaignStatus.RUNNING, now=MAY)
    for changes, error in (
        ({"goal_value": 3.0}, CampaignClosed),
        ({"starts_at": APRIL}, CampaignClosed),
        ({"ends_at": MAY + timedelta(days=1)}, InvalidCampaignDates),
        ({"nonsense": 1}, InvalidCampaign),
    ):
        command = ChangeCampaign(campaign_id=row.id, changes=changes)
        with pytest.raises(error):
            async with database.begin() as session:
                await change_campaign(session, manager, command, now=MAY + timedelta(days=2))
    async with database.begin() as session:
        stale = ChangeCampaign(campaign_id=row.id, changes={"cost_cents": 5}, version=1)
        with pytest.raises(CampaignChanged):
            await change_campaign(session, manager, stale, now=MAY)
        kept = await repository.get_campaign(session, manager, row.id)
        assert kept.goal_value == 300.0


@pytest.fixture
def run_worker(database: Database) -> Callable[[FixedClock], Any]:
    """Does what is due, as a worker does."""

    async def run(clock: FixedClock) -> None:
        tools = JobTools(database, clock, Settings(database_url="sqlite:///unused.db"))
        await run_due_jobs(database, build_registry(), tools)

    return run


async def status_of(database: Database, row: Campaign) -> CampaignStatus:
    async with database.read() as session:
        return (await repository.get_campaign(session, Actor.system(), row.id)).status


async def test_the_calendar_starts_and_ends_a_campaign_once(
    database: Database, run_worker: Callable[[FixedClock], Any]
) -> None:
    community, _, manager = await seed(database)
    async with database.begin() as session:
        row = await plan_campaign(session, manager, planned(community), now=APRIL)
        await change_status(session, manager, row.id, CampaignStatus.SCHEDULED, now=APRIL)
    clock = FixedClock(MAY - timedelta(seconds=1))
    await run_worker(clock)
    assert await status_of(database, row) is CampaignStatus.SCHEDULED
    for _ in range(2):
        clock.advance(timedelta(seconds=1))
        await run_worker(clock)
        assert await status_of(database, row) is CampaignStatus.RUNNING
    for _ in range(2):
        clock = FixedClock(JUNE)
        await run_worker(clock)
        assert await status_of(database, row) is CampaignStatus.FINISHED
    async with database.read() as session:
        events = await list_events(session, "campaign", row.id)
    # The same worker publishes boards.
    moves = [(event.kind, event.reason) for event in events if event.kind.startswith("campaign.")]
    assert moves[-2:] == [
        ("campaign.running", "by_calendar"),
        ("campaign.finished", "by_calendar"),
    ]


async def test_after_a_long_pause_both_steps_are_made_up_for(
    database: Database, run_worker: Callable[[FixedClock], Any]
) -> None:
    community, _, _ = await seed(database)
    async with database.begin() as session:
        # Scheduled by an earlier version, whose job was lost with its machine.
        row = await add_campaign(session, community, status=CampaignStatus.SCHEDULED)
    await run_worker(FixedClock(JUNE + timedelta(days=9)))
    assert await status_of(database, row) is CampaignStatus.FINISHED
    async with database.read() as session:
        kinds = [event.kind for event in await list_events(session, "campaign", row.id)]
    moves = [kind for kind in kinds if kind.startswith("campaign.")]
    assert moves == ["campaign.running", "campaign.finished"]


async def test_begun_early_it_begins_now_and_finished_early_it_ends_now(
    database: Database,
) -> None:
    community, _, manager = await seed(database)
    early, over = APRIL + timedelta(days=3), MAY + timedelta(days=3)
    async with database.begin() as session:
        row = await plan_campaign(session, manager, planned(community), now=APRIL)
        await change_status(session, manager, row.id, CampaignStatus.SCHEDULED, now=APRIL)
        row = await change_status(session, manager, row.id, CampaignStatus.RUNNING, now=early)
        row = await change_status(session, manager, row.id, CampaignStatus.FINISHED, now=over)
    async with database.read() as session:
        kept = await repository.get_campaign(session, manager, row.id)
    assert (kept.starts_at, kept.ends_at) == (early, over)


async def test_who_sees_which_campaign(database: Database) -> None:
    community, _, manager = await seed(database)
    async with database.begin() as session:
        rows = {
            status: await add_campaign(session, community, status=status, slug=status.value)
            for status in CampaignStatus
        }
        resident = await add_person(session, community)
        viewer = await add_person(session, community)
        elsewhere = await add_community(session, "elsewhere")
        command = SetTeamRole(
            campaign_id=rows[CampaignStatus.DRAFT].id, person_id=viewer.id, role=TeamRole.VIEWER
        )
        await set_team_role(session, manager, command, now=MAY)
        everything = set(CampaignStatus)
        public = {CampaignStatus.RUNNING, CampaignStatus.FINISHED}
        for actor, expected in (
            (manager, everything),
            (actor_as(Role.COORDINATOR, community.id), everything),
            (Actor.anonymous(), public),
            (actor_as(Role.MANAGER, elsewhere.id), public),
            (await load_actor(session, resident.id), public | {CampaignStatus.SCHEDULED}),
            (
                await load_actor(session, viewer.id),
                public | {CampaignStatus.SCHEDULED, CampaignStatus.DRAFT},
            ),
        ):
            seen = await repository.load_campaigns(
                session, actor, [row.id for row in rows.values()]
            )
            assert {row.status for row in seen.values()} == expected


async def test_a_team_changes_what_its_roles_allow_and_keeps_an_owner(database: Database) -> None:
    community, person, manager = await seed(database)
    async with database.begin() as session:
        row = await plan_campaign(session, manager, planned(community), now=APRIL)
        editor = await add_person(session, community)
        viewer = await add_person(session, community)
        for one, role in ((editor, TeamRole.EDITOR), (viewer, TeamRole.VIEWER)):
            command = SetTeamRole(campaign_id=row.id, person_id=one.id, role=role)
            await set_team_role(session, manager, command, now=APRIL)
        change = ChangeCampaign(campaign_id=row.id, changes={"summary": "Ride!"})
        edited = await change_campaign(
            session, await load_actor(session, editor.id), change, now=APRIL
        )
        assert edited.summary == "Ride!"
        with pytest.raises(NotPermitted):
            await change_campaign(session, await load_actor(session, viewer.id), change, now=APRIL)
        command = SetTeamRole(campaign_id=row.id, person_id=viewer.id, role=TeamRole.OWNER)
        with pytest.raises(NotPermitted):
            await set_team_role(session, await load_actor(session, editor.id), command, now=APRIL)
        command = SetTeamRole(campaign_id=row.id, person_id=person.id, role=None)
        with pytest.raises(LastOwner):
            await set_team_role(session, manager, command, now=APRIL)
        stranger = SetTeamRole(campaign_id=row.id, person_id=new_id(), role=TeamRole.VIEWER)
        with pytest.raises(InvalidCampaign, match="people of the community"):
            await set_team_role(session, manager, stranger, now=APRIL)
        leaving = SetTeamRole(campaign_id=row.id, person_id=viewer.id, role=None)
        await set_team_role(session, await load_actor(session, viewer.id), leaving, now=APRIL)
        team = await repository.list_team(session, row.id)
        assert {one.person_id for one in team} == {person.id, editor.id}


async def test_people_join_and_leave_by_themselves_and_a_code_counts_once(
    database: Database,
) -> None:
    community, _, manager = await seed(database)
    async with database.begin() as session:
        row = await add_campaign(session, community)
        first = await add_person(session, community)
        second = await add_person(session, community)
        inviter = await join_campaign(
            session,
            await load_actor(session, first.id),
            JoinCampaign(campaign_id=row.id, took_part_before=True),
            now=MAY,
        )
        actor = await load_actor(session, second.id)
        command = JoinCampaign(campaign_id=row.id, invite_code="NOSUCHCODE")
        with pytest.raises(InviteCodeUnknown):
            await join_campaign(session, actor, command, now=MAY)
        command = JoinCampaign(
            campaign_id=row.id, took_part_before=False, invite_code=inviter.invite_code.lower()
        )
        joined = await join_campaign(session, actor, command, now=MAY)
        assert (joined.invited_by, joined.took_part_before) == (first.id, False)
        again = JoinCampaign(campaign_id=row.id, took_part_before=True)
        same = await join_campaign(session, actor, again, now=JUNE - timedelta(days=1))
        assert (same.joined_at, same.took_part_before) == (MAY, False)
        own = JoinCampaign(campaign_id=row.id, invite_code=inviter.invite_code)
        with pytest.raises(InviteCodeUnknown):
            await join_campaign(session, await load_actor(session, first.id), own, now=MAY)
        for _ in range(2):
            left = await leave_campaign(session, actor, row.id, now=MAY)
            assert left.left_at == MAY
        assert await repository.load_member_counts(session, manager, [row.id]) == {row.id: 1}
        back = await join_campaign(session, actor, again, now=MAY)
        assert back.left_at is None
        kinds = [event.kind for event in await list_events(session, "campaign", row.id)]
        assert kinds.count("campaign.joined") == 3
        assert kinds.count("campaign.left") == 1


async def test_nobody_joins_what_is_over_or_of_another_town(database: Database) -> None:
    community, _, _ = await seed(database)
    async with database.begin() as session:
        over = await add_campaign(session, community, status=CampaignStatus.FINISHED)
        person = await add_person(session, community)
        elsewhere = await add_community(session, "elsewhere")
        running = await add_campaign(session, elsewhere, slug="theirs")
        draft = await add_campaign(session, community, slug="draft", status=CampaignStatus.DRAFT)
        actor = await load_actor(session, person.id)
        for row, error in (
            (over, CampaignClosed),
            (running, NotPermitted),
            (draft, CampaignUnknown),
        ):
            with pytest.raises(error):
                await join_campaign(session, actor, JoinCampaign(campaign_id=row.id), now=MAY)


async def test_groups_of_another_town_are_refused(database: Database) -> None:
    community, _, manager = await seed(database)
    async with database.begin() as session:
        row = await add_campaign(session, community)
        command = SetGroups(campaign_id=row.id, group_ids=[new_id()])
        with pytest.raises(InvalidCampaign, match="groups of its own community"):
            await set_groups(session, manager, command, now=MAY)
        twice = new_id()
        command = SetGroups(campaign_id=row.id, group_ids=[twice], comparison_group_ids=[twice])
        with pytest.raises(InvalidCampaign, match="compared with at once"):
            await set_groups(session, manager, command, now=MAY)


async def test_members_are_counted_by_campaign(database: Database) -> None:
    community, _, manager = await seed(database)
    async with database.begin() as session:
        row = await add_campaign(session, community)
        other = await add_campaign(session, community, slug="other")
        for _ in range(3):
            await add_member(session, row, await add_person(session, community))
        counts = await repository.load_member_counts(session, manager, [row.id, other.id])
    assert counts == {row.id: 3, other.id: 0}
