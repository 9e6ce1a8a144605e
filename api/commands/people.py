"""``talkoot person``: for somebody who asks what is kept, or to be forgotten."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import click

from api.opening import open_database
from core.clock import SystemClock
from core.db import Session
from core.errors import InvalidInput
from core.ids import parse_id
from core.settings import Settings
from matching.personal.erasure import Erased, erase_person
from matching.personal.export import export_person
from people.auth import Actor
from people.kinds import Channel
from people.repository import find_people_by_contact

Answer = TypeVar("Answer")
ACTOR = Actor.system()
DATABASE = click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")


@click.group(name="person")
def person_group() -> None:
    """Show all that is kept about a person; forget a person."""


@person_group.command(name="export")
@click.argument("person")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: stdout.")
@DATABASE
def export_command(person: str, out: Path | None, database_url: str | None) -> None:
    """Print all that is kept about PERSON (id, mail address or phone) as JSON.

    The file is for that person alone.
    """

    async def work(session: Session, person_id: UUID, now: datetime) -> str:
        kept = await export_person(session, ACTOR, person_id, now=now)
        return json.dumps(kept, indent=2, ensure_ascii=False)

    written = _run(person, database_url, work)
    if out is None:
        click.echo(written)
        return
    try:
        out.touch(mode=0o600)
        out.write_text(f"{written}\n", encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{out} cannot be written: {error.strerror}.") from error
    click.echo(f"Written to {out}.")


@person_group.command(name="erase")
@click.argument("person")
@click.option("--yes", is_flag=True, help="Do not ask.")
@DATABASE
def erase_command(person: str, yes: bool, database_url: str | None) -> None:
    """Forget PERSON (id, mail address or phone): this cannot be undone.

    Open requests are called off, accepted work goes to others. Name, contacts, address, notes and
    messages go; rows with ids stay.
    """
    if not yes:
        click.confirm("Everything that tells who this is will be gone. Go on?", abort=True)

    async def work(session: Session, person_id: UUID, now: datetime) -> tuple[UUID, Erased]:
        return person_id, await erase_person(session, ACTOR, person_id, now=now)

    person_id, done = _run(person, database_url, work)
    click.echo(
        f"Person {person_id} is forgotten: {done.contact_count} contacts, {done.address_count} "
        f"addresses and the words of {done.words_count} messages are gone, "
        f"{done.cancelled_count} requests called off, {done.team_count} team members forgotten too."
    )


def _run(
    person: str,
    database_url: str | None,
    work: Callable[[Session, UUID, datetime], Awaitable[Answer]],
) -> Answer:
    async def run() -> Answer:
        url = database_url or Settings.from_environment().database_url
        async with open_database(url) as database, database.begin() as session:
            person_id = parse_id(person) or await _find(session, person)
            return await work(session, person_id, SystemClock().now())

    return asyncio.run(run())


async def _find(session: Session, contact: str) -> UUID:
    """Whose contact this is; not said back, since it may stand in a terminal's history only."""
    wanted = contact.strip()
    channels = (Channel.EMAIL,) if "@" in wanted else (Channel.SMS, Channel.PHONE)
    value = wanted.lower() if "@" in wanted else wanted.replace(" ", "").replace("-", "")
    found = {
        row.id
        for channel in channels
        for row in await find_people_by_contact(session, channel, value)
    }
    if len(found) == 1:
        return found.pop()
    if found:
        ids = ", ".join(str(key) for key in sorted(found))
        raise InvalidInput(f"Several people have this contact; give the id of one: {ids}.")
    raise InvalidInput(
        "PERSON must be an id, or a mail address or number in full (+16175550123) of somebody who "
        "is on record."
    )
