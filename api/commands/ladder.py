"""``talkoot wave`` and ``talkoot ladder``: ask people, look on, review, learn from answers."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import click
from rich import box
from rich.console import Console
from rich.table import Table

from api.commands.rounds import travel_of
from api.opening import open_database
from core.clock import SystemClock
from core.db import Database
from core.errors import InvalidInput
from core.ids import parse_id
from core.settings import Settings
from matching.kinds import AskStatus
from matching.offers import asks_repository
from matching.offers.refit import refit_answer_model
from matching.offers.review import (
    choose_urgent_mode,
    list_proposals,
    send_proposals,
    strike_proposal,
)
from matching.offers.urgent_price import find_urgent_price
from matching.offers.waves import RunWave, WaveResult, WaveTools, run_wave
from matching.rounds.planning import RoundTools
from people.auth import Actor
from people.repository import get_community

Found = TypeVar("Found")

SKIPPED = {
    "nothing_open": "Nothing waits that may be offered now: no open request, or no active storm.",
    "quiet_hours": "These are quiet hours; nobody is asked.",
    "proposals_wait": "Proposals wait for review: see talkoot ladder proposals.",
    "nobody_free": "Everybody was asked already, or has no place left.",
}

community_option = click.option(
    "--community", required=True, metavar="SLUG", help="Short name, as in URLs."
)
url_option = click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")


def _run(
    database_url: str | None,
    community: str,
    work: Callable[[Database, UUID, Settings], Awaitable[Found]],
) -> Found:
    """Do something in a database, for the community of this short name."""
    settings = Settings.from_environment()

    async def run() -> Found:
        async with open_database(database_url or settings.database_url) as database:
            async with database.read() as session:
                community_id = (await get_community(session, community)).id
            return await work(database, community_id, settings)

    return asyncio.run(run())


@click.command()
@community_option
@url_option
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def wave(community: str, database_url: str | None, seed: int, as_json: bool) -> None:
    """Plan whom to ask now. A worker sends the asks, unless they wait for review."""

    async def work(database: Database, community_id: UUID, settings: Settings) -> WaveResult:
        tools = RoundTools(clock=SystemClock(), find_travel=travel_of(settings))
        command = RunWave(community_id, seed=seed, workers=settings.workers, by_hand=True)
        return await run_wave(database, Actor.system(), command, tools=WaveTools(tools))

    result = _run(database_url, community, work)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "skipped": result.skipped,
                    "expired": result.expired_count,
                    "asks": result.ask_count,
                    "round": None if result.round_id is None else str(result.round_id),
                    "next_at": None if result.next_at is None else result.next_at.isoformat(),
                }
            )
        )
        return
    if result.expired_count:
        click.echo(f"{result.expired_count} asks stayed silent; a late yes still counts.")
    if result.skipped is not None:
        click.echo(SKIPPED[result.skipped])
    else:
        click.echo(f"{result.ask_count} people to ask, by round {result.round_id}.")
    if result.next_at is not None:
        click.echo(f"Next wave: {result.next_at:%Y-%m-%d %H:%M} UTC.")


@click.group()
def ladder() -> None:
    """Look at who was asked, review what waits, learn from the answers."""


@ladder.command()
@community_option
@url_option
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def status(community: str, database_url: str | None, as_json: bool) -> None:
    """Count the asks by how they stand."""

    async def work(database: Database, community_id: UUID, _: Settings) -> dict[str, Any]:
        async with database.read() as session:
            asks = await asks_repository.list_asks(session, community_id, tuple(AskStatus))
            storm = await asks_repository.find_running_storm(session, community_id)
        delays = sorted(ask.answer_delay_s for ask in asks if ask.answer_delay_s is not None)
        return {
            "storm": None if storm is None else storm.status.value,
            "urgent_mode": storm is not None and storm.urgent_since is not None,
            "asks": dict(Counter(ask.status.value for ask in asks)),
            "answers": dict(Counter(ask.answer.value for ask in asks if ask.answer is not None)),
            "median_answer_min": round(delays[len(delays) // 2] / 60, 1) if delays else None,
        }

    found = _run(database_url, community, work)
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(f"Storm: {found['storm'] or 'none'}{', urgent mode' * found['urgent_mode']}.")
    for title in ("asks", "answers"):
        counts = ", ".join(f"{count} {word}" for word, count in sorted(found[title].items()))
        click.echo(f"{title.capitalize()}: {counts or 'none'}.")
    if found["median_answer_min"] is not None:
        click.echo(f"Half of the answers came within {found['median_answer_min']} minutes.")


@ladder.command()
@community_option
@url_option
def proposals(community: str, database_url: str | None) -> None:
    """List the asks that wait to be sent."""

    async def work(database: Database, community_id: UUID, _: Settings) -> list[Any]:
        async with database.read() as session:
            return await list_proposals(session, Actor.system(), community_id)

    found = _run(database_url, community, work)
    if not found:
        click.echo("Nothing waits for review.")
        return
    table = Table(box=box.SIMPLE_HEAD)
    for title in ("Ask", "Why", "Homes", "Chance", "Shown"):
        table.add_column(title, overflow="fold")
    for one in found:
        homes = " ".join(stop.reference for stop in one.stops)
        table.add_row(
            str(one.ask_id), one.origin.value, homes, f"{one.plan_p:.0%}", str(one.shown_count)
        )
    Console(highlight=False).print(table)


@ladder.command(name="send")
@community_option
@url_option
def send_command(community: str, database_url: str | None) -> None:
    """Let the asks that wait be sent by the worker."""

    async def work(database: Database, community_id: UUID, _: Settings) -> int:
        async with database.begin() as session:
            return await send_proposals(
                session, Actor.system(), community_id, now=SystemClock().now()
            )

    count = _run(database_url, community, work)
    click.echo(f"{count} {'ask' if count == 1 else 'asks'} will be sent.")


@ladder.command()
@click.argument("ask")
@community_option
@url_option
def strike(ask: str, community: str, database_url: str | None) -> None:
    """Take one ASK out before it is sent."""
    ask_id = parse_id(ask)
    if ask_id is None:
        raise InvalidInput(f"{ask!r} is no id of an ask: see talkoot ladder proposals.")

    async def work(database: Database, _: UUID, __: Settings) -> None:
        async with database.begin() as session:
            await strike_proposal(session, Actor.system(), ask_id, now=SystemClock().now())

    _run(database_url, community, work)
    click.echo(f"Ask {ask_id} will not be sent.")


@ladder.command()
@community_option
@url_option
@click.option("--on/--off", "wanted", default=None, help="Choose; without it only the price shows.")
def urgent(community: str, database_url: str | None, wanted: bool | None) -> None:
    """Show what putting urgent homes first would cost, and choose it for this storm."""

    async def work(database: Database, community_id: UUID, settings: Settings) -> Any:
        tools = RoundTools(clock=SystemClock(), find_travel=travel_of(settings))
        price = await find_urgent_price(database, community_id, tools=tools)
        if wanted is not None:
            async with database.begin() as session:
                storm = await asks_repository.find_running_storm(session, community_id)
                if storm is None:
                    raise InvalidInput("No storm is on; urgent mode belongs to a storm.")
                await choose_urgent_mode(
                    session, Actor.system(), storm.id, urgent=wanted, now=tools.clock.now()
                )
        return price

    price = _run(database_url, community, work)
    click.echo(
        f"Expected the usual way: {price.homes_usual:.1f} homes, {price.urgent_usual:.1f} of them "
        f"urgent. Urgent first: {price.homes_urgent:.1f} homes, {price.urgent_urgent:.1f} urgent."
    )
    if wanted is not None:
        click.echo("Urgent homes come first from now on." if wanted else "The usual way again.")


@ladder.command()
@community_option
@url_option
def refit(community: str, database_url: str | None) -> None:
    """Fit the answer model to what volunteers really did, and use it from now on."""

    async def work(database: Database, community_id: UUID, _: Settings) -> Any:
        async with database.begin() as session:
            return await refit_answer_model(
                session, Actor.system(), community_id, now=SystemClock().now()
            )

    fitted = _run(database_url, community, work)
    click.echo(f"{fitted.n_asks} asks, {fitted.n_answers} answers, {fitted.n_shown} homes seen.")
    table = Table(box=box.SIMPLE_HEAD)
    for title in ("Number", "Fitted", "95 % interval", "From"):
        table.add_column(title, justify="left" if title == "Number" else "right")
    for one in fitted.estimates:
        table.add_row(
            one.name, f"{one.value:.4g}", f"{one.low:.4g} to {one.high:.4g}", f"{one.n:,}"
        )
    Console(highlight=False).print(table)
