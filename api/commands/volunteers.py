"""``talkoot volunteer``: what staff do at a terminal for somebody who phones."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import click
from rich import box
from rich.console import Console
from rich.table import Table

from api.commands.volunteer_rows import profile_lines, volunteer_json
from api.opening import open_database
from api.progress import show_steps
from core.clock import SystemClock
from core.db import Session
from core.errors import InvalidInput
from core.ids import parse_id
from core.settings import Settings
from geo.choices import choose_geocoder
from geo.city import CityPack, find_pack_file
from matching.errors import VolunteerUnknown
from matching.imports.country import phone_region_of
from matching.imports.places import PlaceFinder
from matching.kinds import BanSide
from matching.models import Volunteer
from matching.volunteering import repository
from matching.volunteering.bans import BanPair, ban_pair, lift_ban
from matching.volunteering.checks import vet_volunteer
from matching.volunteering.forms import FormRules, SignUp, check_sign_up
from matching.volunteering.signing_up import sign_up
from matching.volunteering.standing_back import (
    leave_programme,
    pause_volunteer,
    resume_volunteer,
)
from people.auth import Actor
from people.kinds import VettingStatus
from people.models import Community
from people.repository import get_community, list_abilities, read_rules_at
from people.safeguards_repository import load_vetting
from people.vetting import RecordVetting, find_valid_codes

Answer = TypeVar("Answer")
ACTOR = Actor.system()


@click.group(name="volunteer")
def volunteer_group() -> None:
    """Take volunteers in, look them up, let them pause, record checks, keep people apart."""


def _shared(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON: ids and code words."),
        click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL."),
        click.option("--community", required=True, metavar="SLUG", help="Short name, as in URLs."),
    ):
        command = option(command)
    return command


def run_in_community(
    slug: str,
    database_url: str | None,
    work: Callable[[Session, Community, datetime], Awaitable[Answer]],
) -> Answer:
    """Do something in one write transaction."""

    async def run() -> Answer:
        url = database_url or Settings.from_environment().database_url
        async with open_database(url) as database, database.begin() as session:
            community = await get_community(session, slug)
            return await work(session, community, SystemClock().now())

    return asyncio.run(run())


@volunteer_group.command(name="sign-up")
@click.option("--name", required=True, help="As the person says it.")
@click.option("--address", default="", help="Street and house number of the home.")
@click.option("--unit", default="")
@click.option("--lon", "lon_deg", type=float, help="Point of the home, with --lat.")
@click.option("--lat", "lat_deg", type=float)
@click.option("--email", default="")
@click.option("--phone", default="")
@click.option("--languages", default="", help="Such as en|es.")
@click.option("--abilities", default="", help='Skills and tools, such as "shovel|snow blower".')
@click.option("--mode", default="", help="walk, bike or car.")
@click.option("--max-travel-min", type=int, help="How far, one way.")
@click.option("--max-travel-m", type=int, help="How far, metres one way.")
@click.option("--max-tasks", type=int, help="Visits in one round.")
@click.option("--max-tasks-per-day", type=int)
@click.option("--max-work-min", type=int)
@click.option("--hours", default="", help='Such as "Sat 9:00-12:00|Mon 17:00-20:00".')
@click.option("--windows", default="", help='Such as "2027-01-24 16:00-19:00".')
@click.option("--work-address", default="", help="Another place to start from.")
@click.option("--work-hours", default="", help="Hours that count from there.")
@click.option("--under-18", is_flag=True)
@click.option("--birth-year", type=int)
@click.option("--team-name", default="")
@click.option("--team-size", type=int)
@click.option(
    "--consent", "consents", multiple=True, help="matching, offers, campaigns or research."
)
@click.option("--synthetic", is_flag=True, help="Mark the person as made up.")
@_shared
def sign_up_command(community: str, database_url: str | None, as_json: bool, **form: Any) -> None:
    """Take somebody in as a volunteer, as told on the phone.

    The same mail address or phone again changes the profile that is there.
    """
    settings = Settings.from_environment()
    now = SystemClock().now()

    async def run() -> tuple[UUID | None, bool | None]:
        async with open_database(database_url or settings.database_url) as database:
            async with database.read() as session:
                place = await get_community(session, community)
                rules = await read_rules_at(session, place.id, now)
                known = frozenset(row.code for row in await list_abilities(session, place.id))
            pack = CityPack.open(find_pack_file(place.city_pack))
            zone = ZoneInfo(place.time_zone)
            allowed = FormRules(
                zone=zone,
                today=now.astimezone(zone).date(),
                phone_region=phone_region_of(place.time_zone),
                rules=rules,
                known_abilities=known,
            )
            places = PlaceFinder.from_pack(
                pack, anonymity_k=rules.anonymity_k, provider=choose_geocoder(settings, pack)
            )
            told = SignUp(community_id=place.id, source="phone", **form)
            checked = check_sign_up(told, allowed, places)
            async with database.begin() as session:
                done = await sign_up(session, ACTOR, checked, now=now)
                return done.volunteer_id, done.joined

    with show_steps(quiet=as_json) as steps:
        steps.start("Finding the address")
        volunteer_id, joined = asyncio.run(run())
    if as_json:
        click.echo(json.dumps({"volunteer_id": str(volunteer_id), "joined": joined}))
    else:
        words = "Changed: the contact was known" if joined else "Signed up"
        click.echo(f"{words}. Volunteer {volunteer_id}")


@volunteer_group.command(name="list")
@click.option("--after", metavar="ID", help="Go on behind this volunteer.")
@click.option("--limit", type=click.IntRange(1, repository.PAGE_SIZE), default=50)
@_shared
def list_command(
    community: str, database_url: str | None, as_json: bool, after: str | None, limit: int
) -> None:
    """List volunteers: what they offer, no names and no addresses."""
    key = None if after is None else read_id(after)

    async def look(session: Session, place: Community, now: datetime) -> list[dict[str, Any]]:
        rows = await repository.list_volunteers(session, ACTOR, place.id, after=key, limit=limit)
        return [volunteer_json(row, now) for row in rows]

    found = run_in_community(community, database_url, look)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("Volunteer", "Status", "Goes", "A day", "Team", "Area"):
        table.add_column(column, no_wrap=column == "Volunteer")
    for row in found:
        goes = f"{row['mode']}, {row['max_travel_s'] // 60} min"
        cells = (row["volunteer_id"], row["status"], goes, row["max_tasks_per_day"])
        table.add_row(*map(str, cells), str(row["team_size"]), row["area"] or "")
    Console(highlight=False).print(table)


@volunteer_group.command(name="show")
@click.argument("volunteer")
@_shared
def show_command(volunteer: str, community: str, database_url: str | None, as_json: bool) -> None:
    """Show one volunteer: hours, days away, team, checks."""
    key = read_id(volunteer)

    async def look(session: Session, place: Community, now: datetime) -> tuple[Any, list[str]]:
        row = await repository.find_profile(session, ACTOR, key)
        if row is None or row.community_id != place.id:
            raise VolunteerUnknown(f"There is no volunteer {key} in {place.slug}.")
        lines = await load_vetting(session, place.id, [row.person_id])
        valid = sorted(find_valid_codes(lines.get(row.person_id, []), now))
        data = volunteer_json(row, now) | {"checks": valid}
        return data, profile_lines(row, valid, ZoneInfo(place.time_zone), now)

    data, lines = run_in_community(community, database_url, look)
    click.echo(json.dumps(data, indent=2) if as_json else "\n".join(lines))


@volunteer_group.command(name="pause")
@click.argument("volunteer")
@click.option("--days", type=click.IntRange(1, 730), help="How long; without it until --resume.")
@click.option("--resume", is_flag=True, help="End a pause.")
@click.option("--leave", is_flag=True, help="Take part no more.")
@_shared
def pause_command(
    volunteer: str,
    community: str,
    database_url: str | None,
    as_json: bool,
    **choice: Any,
) -> None:
    """Let a volunteer pause, come back, or leave."""
    if sum(bool(value) for value in choice.values()) > 1:
        raise InvalidInput("Choose one of --days, --resume and --leave.")
    key = read_id(volunteer)

    async def change(session: Session, place: Community, now: datetime) -> Volunteer:
        if choice["leave"]:
            return await leave_programme(session, ACTOR, key, now=now)
        if choice["resume"]:
            return await resume_volunteer(session, ACTOR, key, now=now)
        days = choice["days"]
        until = None if days is None else now + timedelta(days=days)
        return await pause_volunteer(session, ACTOR, key, until=until, now=now)

    row = run_in_community(community, database_url, change)
    until = None if row.paused_until is None else row.paused_until.isoformat()
    data = {"volunteer_id": str(row.id), "status": row.status.value, "paused_until": until}
    if as_json:
        click.echo(json.dumps(data))
    else:
        click.echo(f"Paused until {until}." if until else f"{str(data['status']).capitalize()}.")


@volunteer_group.command(name="vet")
@click.argument("volunteer")
@click.argument("check")
@click.option(
    "--status",
    type=click.Choice([status.value for status in VettingStatus]),
    default=VettingStatus.PASSED.value,
    show_default=True,
)
@click.option("--until", metavar="DAY", help="Last day; by default what the rules say.")
@_shared
def vet_command(
    volunteer: str,
    check: str,
    community: str,
    database_url: str | None,
    as_json: bool,
    **said: Any,
) -> None:
    """Record that a CHECK, such as background_check, was passed or no longer holds."""
    key, last_day = read_id(volunteer), read_day(said["until"])

    async def record(session: Session, place: Community, now: datetime) -> dict[str, Any]:
        row = await repository.find_profile(session, ACTOR, key)
        if row is None or row.community_id != place.id:
            raise VolunteerUnknown(f"There is no volunteer {key} in {place.slug}.")
        until = None
        if last_day is not None:
            midnight = datetime.combine(
                last_day + timedelta(days=1), time(), ZoneInfo(place.time_zone)
            )
            until = midnight.astimezone(UTC)
        command = RecordVetting(
            place.id, row.person_id, check, VettingStatus(said["status"]), valid_until=until
        )
        item = await vet_volunteer(session, ACTOR, command, now=now)
        ends = None if item.valid_until is None else item.valid_until.isoformat()
        return {"check": item.code, "status": item.status.value, "valid_until": ends}

    data = run_in_community(community, database_url, record)
    if as_json:
        click.echo(json.dumps(data))
    else:
        ends = f", valid until {data['valid_until']}" if data["valid_until"] else ""
        click.echo(f"{data['check']}: {data['status']}{ends}")


@volunteer_group.command(name="ban")
@click.argument("volunteer")
@click.argument("resident")
@click.option("--asked-by", type=click.Choice([side.value for side in BanSide]), default="staff")
@click.option("--reason", metavar="WORD", help="A code word for staff, such as felt_unsafe.")
@click.option("--lift", is_flag=True, help="Let them meet again.")
@_shared
def ban_command(
    volunteer: str,
    resident: str,
    community: str,
    database_url: str | None,
    as_json: bool,
    **said: Any,
) -> None:
    """Keep a VOLUNTEER and a RESIDENT (a person's id) apart, from now on."""
    one, other = read_id(volunteer), read_id(resident)

    async def keep_apart(session: Session, place: Community, now: datetime) -> None:
        if said["lift"]:
            await lift_ban(session, ACTOR, volunteer_id=one, resident_id=other, now=now)
            return
        command = BanPair(one, other, BanSide(said["asked_by"]), said["reason"])
        await ban_pair(session, ACTOR, command, now=now)

    run_in_community(community, database_url, keep_apart)
    words = "They may meet again." if said["lift"] else "They are kept apart from now on."
    click.echo(json.dumps({"banned": not said["lift"]}) if as_json else words)


def read_id(text: str) -> UUID:
    """The id that was typed."""
    key = parse_id(text)
    if key is None:
        raise InvalidInput(f"{text[:40]!r} is no id; talkoot volunteer list shows them.")
    return key


def read_day(text: str | None) -> date | None:
    """The day that was typed."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text[:20]!r} is no day; write it like 2027-04-15.") from None
