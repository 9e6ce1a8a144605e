"""``talkoot person``: what is kept of somebody, forgetting them, the roles of the staff."""

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
from people.auth import STAFF, Actor
from people.kinds import Channel, Role
from people.memberships import StaffRole, end_role
from people.repository import find_people_by_contact, get_community
from people.signing_in.addresses import read_address
from people.signing_in.roles import add_staff_person, appoint

Answer = TypeVar("Answer")
ACTOR = Actor.system()
STAFF_ROLES = click.Choice(sorted(role.value for role in STAFF))
DATABASE = click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")


@click.group(name="person")
def person_group() -> None:
    """Show all that is kept about a person; forget a person; name the staff."""


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


@person_group.command(name="grant-role")
@click.argument("person")
@click.option("--community", required=True, metavar="SLUG", help="Short name, as in URLs.")
@click.option("--role", required=True, type=STAFF_ROLES, help="What they shall be.")
@click.option("--name", help="Full name of somebody who is not on record yet.")
@DATABASE
def grant_role_command(
    person: str, *, community: str, role: str, name: str | None, database_url: str | None
) -> None:
    """Make PERSON (id, or mail address) a coordinator or manager.

    With --name somebody with a new mail address is put on record. They sign in by e-mail, anew.
    """

    async def work(session: Session, now: datetime) -> tuple[UUID, bool]:
        place = await get_community(session, community)
        person_id = await _find_or_add(session, person, name, now)
        given = StaffRole(place.id, person_id, Role(role))
        return person_id, await appoint(session, ACTOR, given, now=now)

    person_id, is_new = _begin(database_url, work)
    click.echo(f"Person {person_id} is {'now' if is_new else 'already'} {role} of {community}.")


@person_group.command(name="revoke-role")
@click.argument("person")
@click.option("--community", required=True, metavar="SLUG", help="Short name, as in URLs.")
@click.option("--role", required=True, type=STAFF_ROLES, help="What they shall be no more.")
@DATABASE
def revoke_role_command(
    person: str, *, community: str, role: str, database_url: str | None
) -> None:
    """End the role of PERSON (id, or mail address) among the staff, and their sign-ins."""

    async def work(session: Session, now: datetime) -> UUID:
        place = await get_community(session, community)
        person_id = parse_id(person) or await find_person(session, person)
        await end_role(session, ACTOR, StaffRole(place.id, person_id, Role(role)), now=now)
        return person_id

    person_id = _begin(database_url, work)
    click.echo(f"Person {person_id} is no more {role} of {community}.")


async def _find_or_add(session: Session, person: str, name: str | None, now: datetime) -> UUID:
    known = parse_id(person)
    if known is not None:
        return known
    if name is not None:
        address = read_address(person)
        if not await find_people_by_contact(session, Channel.EMAIL, address):
            return await add_staff_person(session, ACTOR, name=name, address=address, now=now)
    return await find_person(session, person)


def _run(
    person: str,
    database_url: str | None,
    work: Callable[[Session, UUID, datetime], Awaitable[Answer]],
) -> Answer:
    async def with_person(session: Session, now: datetime) -> Answer:
        person_id = parse_id(person) or await find_person(session, person)
        return await work(session, person_id, now)

    return _begin(database_url, with_person)


def _begin(
    database_url: str | None, work: Callable[[Session, datetime], Awaitable[Answer]]
) -> Answer:
    async def run() -> Answer:
        url = database_url or Settings.from_environment().database_url
        async with open_database(url) as database, database.begin() as session:
            return await work(session, SystemClock().now())

    return asyncio.run(run())


async def find_person(session: Session, contact: str) -> UUID:
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
