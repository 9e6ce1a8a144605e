"""``talkoot campaign-results``: the figures of a campaign as pages and files; publish them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from api.demo.campaigns_report import print_results, write_results
from api.opening import open_database
from campaigns.results.figures import Results
from campaigns.results.publishing import (
    find_by_slug,
    publish_results,
    read_results_of,
    withdraw_results,
)
from core.clock import SystemClock
from core.db import Database
from core.errors import InvalidInput
from core.settings import Settings
from people.auth import Actor
from people.models import Community

ACTOR = Actor.system()


@click.group(name="campaign-results")
def campaign_results_group() -> None:
    """Say what a campaign achieved: print it, write pages and files, let everybody see it."""


def _shared(command: Any) -> Any:
    command = click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")(
        command
    )
    command = click.option(
        "--community", required=True, metavar="SLUG", help="Short name, as in URLs."
    )(command)
    return click.argument("campaign", metavar="CAMPAIGN")(command)


def _write(out: Path, results: Results, place: Community) -> list[Path]:
    try:
        out.mkdir(parents=True, exist_ok=True)
        return write_results(out, results, place)
    except OSError as error:
        raise InvalidInput(f"{out} cannot be written to: {error.strerror}.") from error


def _run(database_url: str | None, work: Callable[[Database], Awaitable[None]]) -> None:
    async def run() -> None:
        url = database_url or Settings.from_environment().database_url
        async with open_database(url) as database:
            await work(database)

    asyncio.run(run())


@campaign_results_group.command(name="write")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder for the pages (HTML), the tables (CSV) and the map (GeoJSON).",
)
@_shared
def write_command(campaign: str, community: str, database_url: str | None, *, out: Path) -> None:
    """Write the page and the files of CAMPAIGN (its short name), with every figure of the staff."""

    async def work(database: Database) -> None:
        async with database.read() as session:
            read = await read_results_of(
                session, ACTOR, community, campaign, now=SystemClock().now()
            )
            place = await session.get_one(Community, read.campaign.community_id)
        written = await asyncio.to_thread(_write, out, read.results, place)
        print_results(Console(highlight=False, soft_wrap=True), read.results)
        click.echo(f"Written: {', '.join(str(path) for path in written)}")

    _run(database_url, work)


@campaign_results_group.command(name="publish")
@_shared
def publish_command(campaign: str, community: str, database_url: str | None) -> None:
    """Let everybody see the figures of CAMPAIGN as they are now, without groups under five."""

    async def work(database: Database) -> None:
        now = SystemClock().now()
        async with database.begin() as session:
            found = await find_by_slug(session, ACTOR, community, campaign)
            await publish_results(session, ACTOR, found.id, now=now)
        click.echo(f"Public at /campaigns/{community}/{campaign}/results")

    _run(database_url, work)


@campaign_results_group.command(name="withdraw")
@_shared
def withdraw_command(campaign: str, community: str, database_url: str | None) -> None:
    """Take the published figures of CAMPAIGN back."""

    async def work(database: Database) -> None:
        async with database.begin() as session:
            found = await find_by_slug(session, ACTOR, community, campaign)
            await withdraw_results(session, ACTOR, found.id, now=SystemClock().now())
        click.echo(f"The results of {campaign} are not public.")

    _run(database_url, work)
