"""The jobs of mailings: going on with one, and finding those whose job was lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from campaigns.mailings import repository
from campaigns.mailings.approving import CONTINUE, continue_at
from campaigns.mailings.turns import continue_mailing
from core.jobs import JobRegistry, JobTools, Retry

SWEEP = "campaigns.sweep_mailings"
CONTINUE_LIMIT_S = 180.0
QUIET = timedelta(minutes=10)


async def go_on(tools: JobTools, args: dict[str, Any]) -> None:
    """Do what is next for one mailing."""
    await continue_mailing(tools.database, tools.clock, UUID(args["mailing_id"]))


async def sweep(tools: JobTools, args: dict[str, Any]) -> None:
    """Take up mailings that should go on although no job says so."""
    now = tools.clock.now()
    async with tools.database.begin() as session:
        for mailing_id in await repository.list_running(session, now - QUIET):
            mailing = await repository.find_mailing(session, mailing_id)
            if mailing is not None:
                due_at = max(now, mailing.starts_at or now, mailing.result_due_at or now)
                await continue_at(session, mailing, due_at, now=now)


def register_jobs(registry: JobRegistry) -> None:
    """Let the worker do the jobs of this room."""
    registry.add(
        CONTINUE,
        go_on,
        retry=Retry(max_attempts=12, first_s=5.0, most_s=600.0),
        limit_s=CONTINUE_LIMIT_S,
        at_once=2,
    )
    registry.add(SWEEP, sweep, at_once=1)
    registry.every(SWEEP, minutes=15)
