"""``talkoot community``: open a city's programme, and list those that there are."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from api.opening import open_database
from core.clock import SystemClock
from core.settings import Settings
from geo.city import CityPack, find_pack_file
from people.auth import Actor
from people.communities import CreateCommunity, create_community
from people.models import Community
from people.repository import list_communities


@click.group(name="community")
def community_group() -> None:
    """Open a city's programme, and list those that there are."""


@community_group.command(name="open")
@click.argument("slug")
@click.option(
    "--city", required=True, metavar="PACK", help="Its city pack: cambridge, or a GeoPackage file."
)
@click.option("--name", help="Its name for people; that of the city pack by default.")
@click.option(
    "--language",
    type=click.Choice(["en", "es"]),
    default="en",
    show_default=True,
    help="The language of its pages unless one chooses.",
)
@click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")
def open_command(
    slug: str, city: str, name: str | None, language: str, database_url: str | None
) -> None:
    """Open the community SLUG: small letters, digits and hyphens, as in addresses of pages."""
    meta = CityPack.open(find_pack_file(city)).meta
    command = CreateCommunity(
        slug=slug,
        name=name or meta.name,
        time_zone=meta.time_zone,
        city_pack=name_pack(city),
        utm_epsg=meta.utm_epsg,
        locale=language,
    )
    community = asyncio.run(_open(command, database_url))
    click.echo(
        f"{community.name} is open as {community.slug!r}, with the clock of {community.time_zone}."
    )
    click.echo(
        "Next: talkoot import volunteers FILE --community "
        f"{community.slug}; talkoot person grant-role --help"
    )


@community_group.command(name="list")
@click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")
def list_command(database_url: str | None) -> None:
    """List the communities of this installation."""
    rows = asyncio.run(_list(database_url))
    if not rows:
        click.echo("No community yet. Open one: talkoot community open NAME --city PACK")
        return
    table = Table(box=box.SIMPLE)
    for title in ("Short name", "Name", "Time zone", "City pack", "Language"):
        table.add_column(title)
    for row in rows:
        table.add_row(row.slug, row.name, row.time_zone, row.city_pack, row.locale)
    Console().print(table)


def name_pack(city: str) -> str:
    """What a community keeps: a shipped pack by name, a file by its full path."""
    return str(Path(city).resolve()) if Path(city).is_file() else city


async def _open(command: CreateCommunity, database_url: str | None) -> Community:
    async with (
        open_database(database_url or Settings.from_environment()) as database,
        database.begin() as session,
    ):
        return await create_community(session, Actor.system(), command, now=SystemClock().now())


async def _list(database_url: str | None) -> list[Community]:
    async with (
        open_database(database_url or Settings.from_environment()) as database,
        database.read() as session,
    ):
        return await list_communities(session)
