"""What a worker of this installation does, and with what: every job of the house, put together."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from threading import Thread
from typing import Any, TextIO

import campaigns.audiences.jobs
import campaigns.events.jobs
import campaigns.groups.news
import campaigns.mailings.jobs
import campaigns.programmes.jobs
import campaigns.pulse.jobs
import campaigns.recruiting.jobs
import campaigns.standings.jobs
import matching.jobs
import messaging.conversation_jobs
import messaging.jobs
import messaging.push.jobs
import messaging.sign_in_mail
import messaging.webhooks.jobs
import people.jobs
import people.signing_in.jobs
from api.opening import open_database
from campaigns.mailings.gate import ask_mailing
from campaigns.mailings.transitions import SUBJECT
from core.clock import Clock, SystemClock
from core.jobs import JobRegistry, JobTools, Limits, Ran, run_due_jobs, run_jobs_until
from core.live import Hub
from core.logging import get_logger
from core.mail import open_mailer
from core.settings import Settings
from core.sms import open_text_sender
from matching.offers.waiting_repository import is_ask_open, is_offer_open
from web.notices import write_notice

LOGGER = get_logger(__name__)

JOBS: tuple[Callable[[JobRegistry], None], ...] = (
    people.jobs.register_jobs,
    people.signing_in.jobs.register_jobs,
    messaging.jobs.register_jobs,
    messaging.push.jobs.register_jobs,
    messaging.sign_in_mail.register_jobs,
    messaging.conversation_jobs.register_jobs,
    messaging.webhooks.jobs.register_jobs,
    matching.jobs.register_jobs,
    campaigns.audiences.jobs.register_jobs,
    campaigns.pulse.jobs.register_jobs,
    campaigns.events.jobs.register_jobs,
    campaigns.groups.news.register_jobs,
    campaigns.mailings.jobs.register_jobs,
    campaigns.programmes.jobs.register_jobs,
    campaigns.recruiting.jobs.register_jobs,
    campaigns.standings.jobs.register_jobs,
)
"""Each domain registers its own."""
STOP_LIMIT_S = 30.0


def build_registry() -> JobRegistry:
    """Every kind of job of the product, and when it comes back."""
    registry = JobRegistry()
    for register_jobs in JOBS:
        register_jobs(registry)
    return registry


@asynccontextmanager
async def open_services(
    settings: Settings, clock: Clock, stream: TextIO
) -> AsyncIterator[dict[str, Any]]:
    """What handlers use of the world outside: ``mailer`` and ``text_sender``, by the settings."""
    mailer = open_mailer(settings, clock, stream)
    text_sender = open_text_sender(settings, stream)
    try:
        yield {
            "mailer": mailer,
            "text_sender": text_sender,
            messaging.jobs.GATES: {SUBJECT: ask_mailing},
            messaging.push.jobs.NOTICES: write_notice,
            messaging.push.jobs.STILL_HOLDS: {
                "offer": is_ask_open,
                "substitute_offered": is_offer_open,
            },
        }
    finally:
        await text_sender.close()
        await mailer.close()


async def work(
    settings: Settings,
    stop: asyncio.Event,
    *,
    once: bool = False,
    clock: Clock | None = None,
    extra_services: Mapping[str, Any] | None = None,
    live: Hub | None = None,
) -> Ran:
    """Do jobs until ``stop`` is set, or ``once``: those that are due now.

    Another clock and more services are for demonstrations and tests. ``live`` is the hub of a
    server in the same process.
    """
    chosen, registry = clock or SystemClock(), build_registry()
    async with (
        open_database(settings, live=live) as database,
        open_services(settings, chosen, sys.stdout) as services,
    ):
        tools = JobTools(database, chosen, settings, services | dict(extra_services or {}))
        if once:
            return await run_due_jobs(database, registry, tools, stop=stop)
        limits = Limits(lease_s=settings.job_lease_s)
        return await run_jobs_until(stop, registry, tools, limits=limits)


@contextmanager
def working_beside(settings: Settings, live: Hub | None = None) -> Iterator[None]:
    """A worker in a thread of this process, with an event loop of its own.

    So a long plan does not hold up pages, and one command is enough to run on SQLite.
    """
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(work(settings, stop, live=live))
        except Exception as error:
            LOGGER.error("worker.broke_down", error=error)
        finally:
            loop.close()

    thread = Thread(target=run, name="talkoot-worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)
        thread.join(STOP_LIMIT_S)
