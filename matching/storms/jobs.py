"""Jobs around storms: looking at the weather, advance notices, what is said at the end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.errors import Conflict
from core.jobs import JobRegistry, JobTools, Retry
from core.logging import get_logger
from matching.notifications import notify_weather_silent
from matching.storms import repository
from matching.storms.following import CLOSE_UP, SEND_NOTICES, Observed, apply_weather
from matching.storms.notices import expire_waiting, send_notices, thank_helpers
from matching.storms.weather_service import WeatherService
from people.models import Community

POLL = "weather.poll"
POLL_MINUTES = 10
POLL_LIMIT_S = 300.0
CLOSE_LIMIT_S = 900.0
KEPT = timedelta(days=400)
"""Readings are kept for a year and a bit, for replays of the last winter."""
MAX_PAGES = 1_000

_logger = get_logger(__name__)


async def poll_weather(tools: JobTools, args: dict[str, Any]) -> None:
    """Ask the weather service for every community that has storm rules."""
    async with tools.database.read() as session:
        communities = await repository.list_followed_communities(session)
    if not communities:
        return
    async with WeatherService(
        tools.settings.weather_url, user_agent=tools.settings.user_agent
    ) as own:
        service = tools.services.get("weather", own)
        for community in communities:
            await poll_community(tools, service, community)


async def poll_community(tools: JobTools, service: WeatherService, community: Community) -> None:
    """Ask for one community, and follow the answer; no answer is an answer too."""
    now = tools.clock.now()
    async with tools.database.read() as session:
        rules = await repository.read_storm_rules_at(session, community.id, now)
    if not rules.stations and rules.lon_deg is None:
        return
    fetched = await service.fetch(rules)
    for _ in fetched.failures:
        _logger.warning("weather.part_missing", community_id=community.id)
    await follow(tools, community, fetched.observed)


async def follow(tools: JobTools, community: Community, observed: Observed) -> None:
    """Apply what was observed, and tell staff when nothing came for long."""
    now = tools.clock.now()
    async with tools.database.begin() as session:
        own = await session.get(Community, community.id)
        assert own is not None
        await apply_weather(session, own, observed, now=now)
    async with tools.database.begin() as session:
        await tell_of_silence(session, community.id, now=now)
        await repository.forget_weather(session, community.id, before=now - KEPT)


async def tell_of_silence(session: Any, community_id: UUID, *, now: datetime) -> bool:
    """Tell staff once an outage that a storm is on and no weather comes; whether they were told."""
    rules = await repository.read_storm_rules_at(session, community_id, now)
    storm = await repository.find_current_storm(session, community_id)
    if storm is None or not rules.stations:
        return False
    silence_s = await repository.count_silence_s(session, community_id, now)
    if silence_s is not None and silence_s < rules.silent_after_s:
        storm.weather_missed_at = None
        return False
    if silence_s is None and (now - storm.created_at).total_seconds() < rules.silent_after_s:
        return False
    if storm.weather_missed_at is not None:
        return False
    storm.weather_missed_at = now
    for person_id in await repository.list_staff(session, community_id):
        await notify_weather_silent(session, storm, person_id, now=now)
    return True


async def send_notices_job(tools: JobTools, args: dict[str, Any]) -> None:
    """Tell a page of residents or volunteers that help may be needed."""
    after = args.get("after")
    async with tools.database.begin() as session:
        await send_notices(
            session,
            UUID(args["storm_id"]),
            str(args["audience"]),
            None if after is None else UUID(after),
            now=tools.clock.now(),
        )


async def close_up(tools: JobTools, args: dict[str, Any]) -> None:
    """End what is left of a closed storm, page by page, then thank those who helped."""
    storm_id, now = UUID(args["storm_id"]), tools.clock.now()
    for _ in range(MAX_PAGES):
        async with tools.database.begin() as session:
            if not await expire_waiting(session, storm_id, now=now):
                break
    else:
        raise Conflict("More requests are left than one turn can end; the next turn goes on.")
    after: UUID | None = None
    for _ in range(MAX_PAGES):
        async with tools.database.begin() as session:
            after = await thank_helpers(session, storm_id, after, now=now)
        if after is None:
            return


def register_jobs(registry: JobRegistry) -> None:
    """Add the jobs of this room."""
    registry.add(POLL, poll_weather, retry=Retry(max_attempts=2), limit_s=POLL_LIMIT_S, at_once=1)
    registry.every(POLL, minutes=POLL_MINUTES)
    registry.add(SEND_NOTICES, send_notices_job, retry=Retry())
    registry.add(CLOSE_UP, close_up, retry=Retry(), limit_s=CLOSE_LIMIT_S)
