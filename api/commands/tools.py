"""``talkoot tools``: depots, what they own, what is out."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from api.commands.volunteers import ACTOR, read_id, run_in_community
from api.opening import open_database
from api.progress import show_steps
from core.clock import SystemClock
from core.db import Session
from core.settings import Settings
from geo.choices import choose_geocoder
from geo.city import CityPack, find_pack_file
from matching.imports.errors import CellRefused
from matching.imports.places import PlaceFinder
from matching.imports.rows import Contact
from matching.volunteering import tools_repository
from matching.volunteering.errors import InvalidStock
from matching.volunteering.tools import (
    OpenDepot,
    SetStock,
    hand_out_tool,
    open_depot,
    read_tool,
    return_tool,
    set_stock,
)
from people.models import Community
from people.repository import get_community, read_rules_at


@click.group(name="tools")
def tools_group() -> None:
    """Open depots, say what they own, hand tools out and take them back."""


def _shared(command: Any) -> Any:
    command = click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")(
        command
    )
    return click.option(
        "--community", required=True, metavar="SLUG", help="Short name, as in URLs."
    )(command)


@tools_group.command(name="open")
@click.argument("depot")
@click.option("--name", required=True, help="What people call the place.")
@click.option("--address", required=True, help="Street and house number; it is public.")
@click.option("--hours", default="", help='Such as "Sat 9:00-12:00|Mon 8:00-18:00".')
@_shared
def open_command(
    depot: str, name: str, address: str, hours: str, *, community: str, database_url: str | None
) -> None:
    """Open a DEPOT (its short name), a place that lends tools."""
    settings, now = Settings.from_environment(), SystemClock().now()
    contact = Contact("", "", None, None, address, "", None, None, (), ())

    async def run() -> None:
        async with open_database(database_url or settings.database_url) as database:
            async with database.read() as session:
                place = await get_community(session, community)
                rules = await read_rules_at(session, place.id, now)
            pack = CityPack.open(find_pack_file(place.city_pack))
            places = PlaceFinder.from_pack(
                pack, anonymity_k=rules.anonymity_k, provider=choose_geocoder(settings, pack)
            )
            try:
                found = places.locate(contact)
            except CellRefused as refused:
                raise InvalidStock(f"The {refused.problem.sentence()}") from None
            opening = tuple(part.strip() for part in hours.split("|") if part.strip())
            async with database.begin() as session:
                command = OpenDepot(place.id, depot, name, found, opening)
                await open_depot(session, ACTOR, command, now=now)

    with show_steps(quiet=False) as steps:
        steps.start("Finding the address")
        asyncio.run(run())
    click.echo(f"Depot {depot} is open.")


@tools_group.command(name="set")
@click.argument("depot")
@click.argument("tool")
@click.argument("owned", type=int)
@_shared
def set_command(
    depot: str, tool: str, owned: int, *, community: str, database_url: str | None
) -> None:
    """Say how many of a TOOL a DEPOT owns."""
    code = read_tool(tool)

    async def change(session: Session, place: Community, now: datetime) -> int:
        stock = SetStock(place.id, depot, code, owned)
        return (await set_stock(session, ACTOR, stock, now=now)).lent

    lent = run_in_community(community, database_url, change)
    click.echo(f"Depot {depot} owns {owned} of {code}; {lent} are out.")


@tools_group.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: ids, counts and code words.")
@_shared
def list_command(*, community: str, database_url: str | None, as_json: bool) -> None:
    """List depots and what is out, the longest due first."""

    async def look(session: Session, place: Community, now: datetime) -> dict[str, Any]:
        depots = await tools_repository.list_depots(session, place.id)
        loans = await tools_repository.list_loans(session, place.id)
        return {
            "stock": [
                {"depot": row.code, "tool": s.ability.code, "owned": s.owned, "lent": s.lent}
                for row in depots
                for s in sorted(row.stocks, key=lambda stock: stock.ability.code)
            ],
            "loans": [
                {
                    "volunteer_id": str(loan.volunteer_id),
                    "tool": tool,
                    "depot": depot,
                    "state": "promised" if loan.handed_at is None else "handed_out",
                    "due_at": loan.due_at.isoformat(),
                    "overdue": loan.due_at < now,
                }
                for loan, tool, depot in loans
            ],
        }

    found = run_in_community(community, database_url, look)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    console = Console(highlight=False)
    for title, rows in found.items():
        if rows:
            table = Table(box=box.SIMPLE_HEAD, title=title.capitalize(), title_justify="left")
            for column in rows[0]:
                table.add_column(
                    column.replace("_", " ").capitalize(), no_wrap=column == "volunteer_id"
                )
            for row in rows:
                table.add_row(*(str(value) for value in row.values()))
            console.print(table)
    if not found["stock"]:
        console.print("No depot has tools yet: talkoot tools open, then talkoot tools set.")


@tools_group.command(name="hand-out")
@click.argument("volunteer")
@click.argument("depot")
@click.argument("tool")
@_shared
def hand_out_command(
    volunteer: str, depot: str, tool: str, *, community: str, database_url: str | None
) -> None:
    """Note that a VOLUNTEER takes a TOOL from a DEPOT."""
    key, code = read_id(volunteer), read_tool(tool)

    async def hand_out(session: Session, place: Community, now: datetime) -> str:
        loan = await hand_out_tool(session, ACTOR, key, depot=depot, ability=code, now=now)
        return loan.due_at.isoformat()

    click.echo(f"Due back at {run_in_community(community, database_url, hand_out)}.")


@tools_group.command(name="return")
@click.argument("volunteer")
@click.argument("tool")
@_shared
def return_command(volunteer: str, tool: str, *, community: str, database_url: str | None) -> None:
    """Note that a VOLUNTEER brought a TOOL back."""
    key, code = read_id(volunteer), read_tool(tool)

    async def take_back(session: Session, place: Community, now: datetime) -> None:
        await return_tool(session, ACTOR, key, ability=code, now=now)

    run_in_community(community, database_url, take_back)
    click.echo("It is back.")
