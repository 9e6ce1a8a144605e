"""Jobs of recruitment campaigns: make forecasts, and count who came."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from campaigns.recruiting import repository
from campaigns.recruiting.forecasting import Solver, plan_with_seed
from campaigns.recruiting.forecasts import FORECAST, run_forecast
from campaigns.recruiting.sign_ups import FOLLOWED, attribute_sign_ups
from core.jobs import JobRegistry, JobTools, Retry

COUNT = "campaigns.recruiting_count"
COUNT_MINUTES = 60
JOB_LIMIT_S = 3_600.0
SOLVER = "recruiting_solver"
"""Service that plans instead of the engine: a quick one for tests."""


async def forecast(tools: JobTools, args: dict[str, Any]) -> None:
    """Make one forecast. Done again, it changes nothing."""
    solver: Solver = tools.services.get(SOLVER, plan_with_seed)
    await run_forecast(tools.database, UUID(args["forecast_id"]), clock=tools.clock, solver=solver)


async def count_sign_ups(tools: JobTools, args: dict[str, Any]) -> None:
    """Let sign-ups count for campaigns, one community after the other."""
    now = tools.clock.now()
    async with tools.database.read() as session:
        campaigns = await repository.list_recruiting_campaigns(session, ended_after=now - FOLLOWED)
    for community_id in sorted({campaign.community_id for campaign in campaigns}):
        async with tools.database.begin() as session:
            await attribute_sign_ups(session, community_id, now=now)


def register_jobs(registry: JobRegistry) -> None:
    """Add the job that makes forecasts, and the one that counts sign-ups every hour."""
    registry.add(
        FORECAST, forecast, retry=Retry(max_attempts=3, first_s=30.0), limit_s=JOB_LIMIT_S,
        at_once=1,
    )  # fmt: skip
    registry.add(COUNT, count_sign_ups, retry=Retry(max_attempts=2))
    registry.every(COUNT, minutes=COUNT_MINUTES)
