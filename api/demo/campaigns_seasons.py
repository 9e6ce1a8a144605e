"""Two seasons of a campaign, through the product itself: routes drawn, files read, effect measured.

The synthetic households and riders only make the files (`campaigns_recycling`, `campaigns_biking`);
everything else is what a manager would do, at the moment at which they would do it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from api.demo.campaigns_recycling import (
    WEEK,
    Campaigning,
    Counting,
    RecyclingTown,
    list_weeks,
    write_routes,
)
from campaigns.programmes.joining import JoinCampaign, join_campaign
from campaigns.programmes.kinds import CampaignKind, CampaignStatus, GoalUnit
from campaigns.programmes.models import Campaign
from campaigns.programmes.planning import PlanCampaign, plan_campaign
from campaigns.programmes.running import change_status, follow_calendar
from campaigns.recycling import repository as recycling_repository
from campaigns.recycling.draws import DrawRoutes, draw_routes
from campaigns.recycling.files import read_file
from campaigns.recycling.kinds import Arm, Measure
from campaigns.recycling.recording import record_measurements
from campaigns.recycling.routes import count_area_addresses, set_route
from core.db import Database
from core.errors import InvalidInput
from people.auth import Actor
from people.kinds import Role
from people.models import Community

LATE_MORNING = time(11, 0)
AT_ONCE = 50


@dataclass(frozen=True, kw_only=True)
class RecyclingSeason:
    """A recycling campaign: when, what is measured, and what it truly does."""

    slug: str
    title: str
    summary: str
    first_day: date
    """Of the campaign: a Monday."""
    baseline_week_count: int = 13
    week_count: int = 13
    measure: Measure = Measure.CAPTURE_RATE
    goal_value: float = 0.6
    goal_unit: GoalUnit = GoalUnit.CAPTURE_SHARE
    cost_cents: int | None = None
    seed: int = 1
    campaigning: Campaigning = field(default_factory=Campaigning)
    counting: Counting = field(default_factory=Counting)
    block_weeks: int = 2
    """The hauler sends a file for so many weeks at once."""


@dataclass(frozen=True)
class Stage:
    """Where a campaign is played, and by whom."""

    database: Database
    actor: Actor
    community: Community

    def moment(self, day: date) -> datetime:
        """Late in the morning of a day there."""
        return datetime.combine(day, LATE_MORNING, ZoneInfo(self.community.time_zone))

    def midnight(self, day: date) -> datetime:
        """The beginning of a day there."""
        return datetime.combine(day, time(), ZoneInfo(self.community.time_zone))


async def play_recycling(
    stage: Stage, season: RecyclingSeason, town: RecyclingTown, joining: Sequence[UUID] = ()
) -> UUID:
    """Routes, the season before, the draw, the season of the campaign; the campaign is finished.

    ``joining`` take part when it has begun.
    """
    first, weeks = season.first_day, season.baseline_week_count
    nobody = np.zeros(len(town.routes), bool)
    await set_routes(stage, town, now=stage.moment(first - WEEK * (weeks + 1)))
    before = list_weeks(first - WEEK * weeks, weeks)
    await _pass_weeks(stage, season, town, before, treated=nobody, campaigning=Campaigning())
    campaign_id = await _begin(stage, season)
    await join(stage, campaign_id, joining, now=stage.moment(first))
    arms = await find_arms(stage, campaign_id)
    treated = np.array([arms[route.code] is Arm.TREATED for route in town.routes])
    during = list_weeks(first, season.week_count)
    await _pass_weeks(stage, season, town, during, treated=treated, campaigning=season.campaigning)
    await follow(stage, campaign_id, stage.moment(first + WEEK * season.week_count))
    return campaign_id


async def set_routes(stage: Stage, town: RecyclingTown, *, now: datetime) -> None:
    """The hauler's list of routes."""
    addresses = await count_area_addresses(stage.community)
    read = read_file(
        write_routes(town.routes).encode(), "routes.csv", community_id=stage.community.id
    )
    async with stage.database.begin() as session:
        for _, command in read.routes:
            await set_route(session, stage.actor, command, area_addresses=addresses, now=now)


async def send_files(stage: Stage, files: Mapping[str, str], *, now: datetime) -> None:
    """Read the hauler's files, as they would be uploaded.

    Raises
    ------
    InvalidInput
        When a line was refused: synthetic files hold none that should be.
    """
    for kind, text in files.items():
        read = read_file(text.encode(), f"{kind}.csv", community_id=stage.community.id)
        async with stage.database.begin() as session:
            told = await record_measurements(
                session, stage.actor, stage.community, read.entries, now=now
            )
        if read.refused or told.refused:
            refused = (*read.refused, *told.refused)[0]
            raise InvalidInput(f"Line {refused.line} of {kind}.csv was refused: {refused.message}")


async def find_arms(stage: Stage, campaign_id: UUID) -> dict[str, Arm]:
    """The side of each route, by its code."""
    async with stage.database.read() as session:
        drawn = await recycling_repository.list_drawn_routes(session, campaign_id)
    return {route.code: side.arm for side, route in drawn}


async def follow(stage: Stage, campaign_id: UUID, now: datetime) -> None:
    """Let the calendar begin or end a campaign."""
    async with stage.database.begin() as session:
        await follow_calendar(session, campaign_id, now=now)


async def plan_and_schedule(stage: Stage, command: PlanCampaign, *, now: datetime) -> Campaign:
    """A campaign that will begin by the calendar."""
    async with stage.database.begin() as session:
        row = await plan_campaign(session, stage.actor, command, now=now)
    async with stage.database.begin() as session:
        return await change_status(session, stage.actor, row.id, CampaignStatus.SCHEDULED, now=now)


async def join(
    stage: Stage, campaign_id: UUID, person_ids: Sequence[UUID], *, now: datetime
) -> None:
    """People of the town take part, each by their own word."""
    roles = {stage.community.id: frozenset({Role.RESIDENT})}
    for start in range(0, len(person_ids), AT_ONCE):
        async with stage.database.begin() as session:
            for person_id in person_ids[start : start + AT_ONCE]:
                actor = Actor(person_id=person_id, roles=roles)
                await join_campaign(session, actor, JoinCampaign(campaign_id=campaign_id), now=now)


async def _begin(stage: Stage, season: RecyclingSeason) -> UUID:
    """Plan it when the season before is over, draw the routes, and let it begin."""
    first = season.first_day
    now = stage.moment(first) - timedelta(hours=12)
    command = PlanCampaign(
        community_id=stage.community.id,
        slug=season.slug,
        kind=CampaignKind.RECYCLING,
        title=season.title,
        summary=season.summary,
        starts_at=stage.midnight(first),
        ends_at=stage.midnight(first + WEEK * season.week_count),
        goal_value=season.goal_value,
        goal_unit=season.goal_unit,
        cost_cents=season.cost_cents,
        languages=("en", "es"),
    )
    row = await plan_and_schedule(stage, command, now=now)
    async with stage.database.begin() as session:
        await draw_routes(
            session,
            stage.actor,
            DrawRoutes(
                campaign_id=row.id,
                measure=season.measure,
                seed=season.seed,
                baseline_week_count=season.baseline_week_count,
            ),
            now=now,
        )
    await follow(stage, row.id, stage.moment(first))
    return row.id


async def _pass_weeks(
    stage: Stage,
    season: RecyclingSeason,
    town: RecyclingTown,
    weeks: list[date],
    *,
    treated: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    campaigning: Campaigning,
) -> None:
    for start in range(0, len(weeks), season.block_weeks):
        block = weeks[start : start + season.block_weeks]
        files = town.play(block, treated, campaigning, season.counting)
        await send_files(stage, files, now=stage.midnight(block[-1] + WEEK) - timedelta(hours=13))
