"""``talkoot recycling``: routes and measurements from files of the hauler."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path

import click

from api.opening import open_database
from api.progress import show_steps
from campaigns.recycling.errors import UnusableMeasurements
from campaigns.recycling.files import MAX_FILE_BYTES
from campaigns.recycling.importing import Imported, import_file
from campaigns.recycling.routes import count_area_addresses
from core.clock import SystemClock
from core.settings import Settings
from people.auth import Actor
from people.repository import get_community

SHOWN_LINES = 20
REFUSED_EXIT_CODE = 1


@click.group(name="recycling")
def recycling_group() -> None:
    """Take in collection routes, and what was counted on them."""


@recycling_group.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--community", required=True, metavar="SLUG", help="Short name, as in URLs.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: counts, and lines refused.")
@click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")
def import_command(file: Path, community: str, as_json: bool, database_url: str | None) -> None:
    """Store a CSV FILE of routes, set-outs, weights, sorted samples or cart audits.

    Its first line names the columns and so tells what it is; see docs/recycling.md. Good lines
    are stored and others told of, with exit code 1. The same file again changes nothing.
    """
    data = _read(file)

    async def run() -> Imported:
        url = database_url or Settings.from_environment().database_url
        async with open_database(url) as database:
            async with database.read() as session:
                place = await get_community(session, community)
            areas = await count_area_addresses(place)
            async with database.begin() as session:
                return await import_file(
                    session,
                    Actor.system(),
                    place,
                    data,
                    name=file.name,
                    area_addresses=areas,
                    now=SystemClock().now(),
                )

    with show_steps(quiet=as_json) as steps:
        steps.start(f"Storing {file.name}")
        done = asyncio.run(run())
    _tell(done, as_json=as_json)
    if done.told.refused:
        raise SystemExit(REFUSED_EXIT_CODE)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UnusableMeasurements(f"{file.name} cannot be read: {error.strerror}.") from error


def _tell(done: Imported, *, as_json: bool) -> None:
    told = done.told
    if as_json:
        click.echo(json.dumps({"kind": done.kind.value, "lines": done.line_count} | asdict(told)))
        return
    click.echo(
        f"{done.kind.value}: {told.new_count} new, {told.changed_count} changed, "
        f"{told.same_count} known already, {len(told.refused)} refused."
    )
    for one in told.refused[:SHOWN_LINES]:
        click.echo(f"  line {one.line}: {one.message}", err=True)
    if len(told.refused) > SHOWN_LINES:
        click.echo(f"  and {len(told.refused) - SHOWN_LINES} more.", err=True)
