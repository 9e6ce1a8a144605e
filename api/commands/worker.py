"""``talkoot worker``: do what is due - send messages, ask volunteers, watch the weather."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace

import click

from api.worker import build_registry, work
from core.db import describe_database_url
from core.jobs import Ran
from core.logging import configure_logging
from core.migrate import check_is_current
from core.settings import LOG_LEVELS, Settings


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
@click.option(
    "--database-url",
    metavar="URL",
    help="sqlite:///FILE or postgresql://USER@HOST/NAME; TALKOOT_DATABASE_URL by default.",
)
@click.option(
    "--log-level",
    type=click.Choice(LOG_LEVELS),
    default="info",
    show_default=True,
    help="How much to tell on standard error, as lines of JSON without personal data.",
)
def worker(once: bool, database_url: str | None, log_level: str) -> None:
    """Do the jobs of this installation until SIGTERM or Ctrl-C.

    Several workers may run at a time. What is begun is finished or handed back within 30 seconds.
    """
    settings = Settings.from_environment()
    if database_url is not None:
        settings = replace(settings, database_url=database_url)
    check_is_current(settings.database_url)
    configure_logging(log_level)
    click.echo(
        f"Working on {describe_database_url(settings.database_url)}: "
        f"{len(build_registry().kinds)} kinds of jobs." + ("" if once else " Stop with Ctrl-C."),
        err=True,
    )
    ran = asyncio.run(_work(settings, once=once))
    click.echo(
        f"{ran.done_count} done, {ran.retried_count} to be tried again, {ran.failed_count} given "
        f"up, {ran.handed_back_count} handed back.",
        err=True,
    )


async def _work(settings: Settings, *, once: bool) -> Ran:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    return await work(settings, stop, once=once)
