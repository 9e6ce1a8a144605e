"""``talkoot token``: programs that act for a member of the staff, within their scopes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import click
from rich import box
from rich.console import Console
from rich.table import Table

from api.commands.people import find_person
from api.opening import open_database
from core.clock import SystemClock
from core.db import Session
from core.errors import InvalidInput
from core.ids import parse_id
from core.pagination import MAX_PAGE, PageArgs, read_page
from core.settings import Settings
from people.auth import Actor
from people.signing_in.models import ApiToken
from people.signing_in.repository import list_tokens_of
from people.signing_in.tokens import MOST_DAYS, USUAL_DAYS, NewToken, create_token, revoke_token

Answer = TypeVar("Answer")
ACTOR = Actor.system()
DATABASE = click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")


@click.group(name="token")
def token_group() -> None:
    """Make, list and revoke API tokens of coordinators and managers."""


@token_group.command(name="create")
@click.argument("person")
@click.option("--name", required=True, help="What it is for, such as 'Snow map'.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    help="AREA:read or AREA:write; may be given several times.",
)
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    default=USUAL_DAYS,
    show_default=True,
    help="How long it holds.",
)
@DATABASE
def create_command(
    person: str, *, name: str, scopes: tuple[str, ...], days: int, database_url: str | None
) -> None:
    """Make a token for PERSON (id, or mail address) and show it, this once."""
    new = NewToken(name=name, scopes=scopes, days=days)

    async def work(session: Session, person_id: UUID, now: datetime) -> tuple[str, ApiToken]:
        made = await create_token(session, ACTOR, person_id, new, now=now)
        return made.secret, made.row

    secret, row = _run(person, database_url, work)
    click.echo(secret)
    click.echo(
        f"Token {row.id} holds until {row.expires_at:%Y-%m-%d} for {', '.join(row.scopes)}. "
        "Keep it now: it is not shown again.",
        err=True,
    )


@token_group.command(name="list")
@click.argument("person")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@DATABASE
def list_command(person: str, *, as_json: bool, database_url: str | None) -> None:
    """List the newest tokens of PERSON (id, or mail address), without what opens anything."""

    async def look(session: Session, person_id: UUID, now: datetime) -> list[dict[str, Any]]:
        page = await read_page(session, list_tokens_of(person_id), PageArgs(MAX_PAGE))
        return [_describe(row, now) for row in page.items]

    found = _run(person, database_url, look)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("Token", "Name", "Scopes", "State", "Expires", "Used"):
        table.add_column(column, no_wrap=column == "Token")
    for row in found:
        used = row["last_used_at"] or "never"
        scopes = ", ".join(row["scopes"])
        table.add_row(
            row["token_id"], row["name"], scopes, row["state"], row["expires_at"][:10], used[:10]
        )
    Console(highlight=False, markup=False).print(table)


@token_group.command(name="revoke")
@click.argument("person")
@click.argument("token")
@DATABASE
def revoke_command(person: str, token: str, *, database_url: str | None) -> None:
    """End the TOKEN (its id) of PERSON (id, or mail address) at once."""
    key = parse_id(token)
    if key is None:
        raise InvalidInput("TOKEN must be the id of a token: see talkoot token list.")

    async def end(session: Session, person_id: UUID, now: datetime) -> None:
        await revoke_token(session, ACTOR, person_id, key, now=now)

    _run(person, database_url, end)
    click.echo(f"Token {key} is revoked.")


def _describe(row: ApiToken, now: datetime) -> dict[str, Any]:
    state = "expired" if row.expires_at <= now else "live"
    return {
        "token_id": str(row.id),
        "name": row.name,
        "scopes": row.scopes,
        "state": state if row.revoked_at is None else "revoked",
        "created_at": row.created_at.isoformat(),
        "expires_at": row.expires_at.isoformat(),
        "last_used_at": None if row.last_used_at is None else row.last_used_at.isoformat(),
    }


def _run(
    person: str,
    database_url: str | None,
    work: Callable[[Session, UUID, datetime], Awaitable[Answer]],
) -> Answer:
    async def run() -> Answer:
        url = database_url or Settings.from_environment().database_url
        async with open_database(url) as database, database.begin() as session:
            person_id = parse_id(person) or await find_person(session, person)
            return await work(session, person_id, SystemClock().now())

    return asyncio.run(run())
