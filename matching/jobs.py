"""The jobs of matching: waves, their sending, silence, and asking the next person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import matching.intake.call_backs
import matching.intake.drafts
import matching.offers.no_shows
import matching.personal.jobs
import matching.reminders
import matching.rounds.jobs
import matching.storms.jobs
import matching.volunteering.jobs
from core.clock import Clock
from core.jobs import JobRegistry, JobTools, Retry
from core.logging import get_logger
from core.settings import Settings
from matching.engine.stop import Stop
from matching.errors import RoundAlreadyRunning
from matching.notifications import notify_offer
from matching.offers import wave_repository
from matching.offers.asks import SILENT_PAGE, expire_asks
from matching.offers.delivery import send_round_asks
from matching.offers.reseat import replan_person, reseat_home
from matching.offers.schedule import EXPIRE, LOOK, REPLAN, RESEAT, SEND, WAVE, schedule_wave
from matching.offers.taking_back import withdraw_unsent_asks
from matching.offers.waves import RunWave, WaveTools, run_wave
from matching.rounds.jobs import SOLVER, round_tools
from people.auth import Actor

__all__ = ["SOLVER", "register_jobs", "wave_tools"]

WAVE_LIMIT_S = 900.0
SEND_LIMIT_S = 300.0
SEARCH_S = 120.0
"""A wave takes the best plan that the optimiser has found by then."""
EXPIRE_MINUTES = 10
MAX_PAGES = 200
LATEST_WAVE = timedelta(hours=1)
"""Where somebody waits for help the next wave is never further away."""

_logger = get_logger(__name__)


def wave_tools(settings: Settings, clock: Clock, services: Mapping[str, Any]) -> WaveTools:
    """What waves of this installation work with."""
    return WaveTools(round_tools(settings, clock, services))


async def wave(tools: JobTools, args: dict[str, Any]) -> None:
    """Ask the people of one community; ``run`` tells this job from others of its kind."""
    community_id = UUID(args["community_id"])
    planned_at = args.get("planned_at")
    command = RunWave(
        community_id,
        workers=tools.settings.workers,
        job_key=f"wave:{args.get('run', '')}",
        planned_at=None if planned_at is None else datetime.fromisoformat(planned_at),
        is_look=LOOK in args,
    )
    own = wave_tools(tools.settings, tools.clock, tools.services)
    try:
        await run_wave(
            tools.database, Actor.system(), command, tools=own, stop=Stop(time_limit_s=SEARCH_S)
        )
    except RoundAlreadyRunning as running:
        # Whoever plans now asks the same people; the next wave is theirs to plan.
        _logger.info("wave.left_to_other", community_id=community_id, round_id=running.round_id)


async def send(tools: JobTools, args: dict[str, Any]) -> None:
    """Send the asks of a round that still wait."""
    await send_round_asks(
        tools.database, UUID(args["round_id"]), clock=tools.clock, notify=notify_offer
    )


async def reseat(tools: JobTools, args: dict[str, Any]) -> None:
    """Ask the next person about a home."""
    async with tools.database.begin() as session:
        await reseat_home(
            session, UUID(args["request_id"]), now=tools.clock.now(), notify=notify_offer
        )


async def replan(tools: JobTools, args: dict[str, Any]) -> None:
    """Fit a volunteer's open offers around what they have agreed to."""
    async with tools.database.begin() as session:
        await replan_person(session, UUID(args["volunteer_id"]), now=tools.clock.now())


async def expire(tools: JobTools, args: dict[str, Any]) -> None:
    """End the weight of silent asks everywhere, and see to it that waves go on."""
    now = tools.clock.now()
    async with tools.database.read() as session:
        communities = await wave_repository.list_asking_communities(session)
    for community_id in communities:
        async with tools.database.begin() as session:
            await withdraw_unsent_asks(session, community_id, now=now)
        for _ in range(MAX_PAGES):
            async with tools.database.begin() as session:
                if await expire_asks(session, community_id, now=now) < SILENT_PAGE:
                    break
        async with tools.database.begin() as session:
            await schedule_wave(
                session, community_id, due_at=now + LATEST_WAVE, now=now, is_look=True
            )


ROOMS: tuple[Callable[[JobRegistry], None], ...] = (
    matching.rounds.jobs.register_jobs,
    matching.storms.jobs.register_jobs,
    matching.reminders.register_jobs,
    matching.offers.no_shows.register_jobs,
    matching.volunteering.jobs.register_jobs,
    matching.personal.jobs.register_jobs,
    matching.intake.drafts.register_jobs,
    matching.intake.call_backs.register_jobs,
)
"""Rooms of matching with jobs of their own."""


def register_jobs(registry: JobRegistry) -> None:
    """Add the jobs of matching and of its rooms."""
    registry.add(WAVE, wave, retry=Retry(), limit_s=WAVE_LIMIT_S, at_once=1)
    registry.add(SEND, send, retry=Retry(), limit_s=SEND_LIMIT_S, at_once=1)
    registry.add(RESEAT, reseat, retry=Retry())
    registry.add(REPLAN, replan, retry=Retry())
    registry.add(EXPIRE, expire, retry=Retry(max_attempts=2), limit_s=SEND_LIMIT_S, at_once=1)
    registry.every(EXPIRE, minutes=EXPIRE_MINUTES)
    for register_room in ROOMS:
        register_room(registry)
