"""``talkoot storm``: look at a community's storm, direct it by hand, replay recorded weather."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from api.opening import open_database
from api.progress import show_steps
from core.clock import SystemClock
from core.db import Session
from core.errors import InvalidInput
from core.events import list_events
from core.ids import parse_id
from core.migrate import upgrade
from core.settings import Settings
from matching.errors import InvalidStormRules, StormUnknown
from matching.kinds import HoldReason, StormStatus
from matching.models import Storm
from matching.storms import directing
from matching.storms.replaying import Turn, play_feed, read_feed
from matching.storms.repository import find_current_storm, list_storms, read_storm_rules_at
from people.auth import Actor
from people.communities import CreateCommunity, create_community
from people.models import Community
from people.repository import get_community, load_actor

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
WORDS = {
    StormStatus.WATCH: "watch: something may come, nobody is told",
    StormStatus.ARMED: "armed: people were told that help may be needed",
    StormStatus.ACTIVE: "active: neighbors are asked for help",
    StormStatus.HOLD: "on hold: nobody is sent out",
    StormStatus.CLOSED: "closed",
}


@click.group(name="storm")
def storm_group() -> None:
    """Look at storms, open, hold, resume and close them, and replay recorded weather."""


def _for_community(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")(
        command
    )
    return click.option(
        "--community", required=True, metavar="SLUG", help="Short name, as in URLs."
    )(command)


def _by_somebody(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option(
        "--by", metavar="PERSON_ID", help="The manager who decides; default: the operator."
    )(command)
    return click.option(
        "--reason", required=True, metavar="WORD", help="A code word, such as phone_calls."
    )(command)


@storm_group.command()
@_for_community
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def status(community: str, database_url: str | None, as_json: bool) -> None:
    """Show the storm of a community and its history."""

    async def show(session: Session, own: Community) -> dict[str, Any]:
        storms = await list_storms(session, own.id, limit=1)
        if not storms:
            return {"storm": None}
        events = await list_events(session, "storm", storms[0].id)
        history = [
            {"at": row.happened_at.isoformat(), "what": row.kind, "reason": row.reason}
            for row in events
        ]
        return {"storm": _as_json(storms[0]), "history": history, "zone": own.time_zone}

    found = _read(database_url, community, show)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    _print_status(found)


@storm_group.command(name="open")
@_for_community
@_by_somebody
@click.option("--ended", metavar="TIME", help="Local time when the snow ended; default: now.")
@click.option("--depth-cm", type=click.FloatRange(0, 500), help="New snow.")
def open_command(
    community: str,
    database_url: str | None,
    reason: str,
    by: str | None,
    **options: Any,
) -> None:
    """Make a storm active by hand: neighbors are asked for help."""

    async def act(session: Session, own: Community, actor: Actor, now: datetime) -> Storm:
        ended = options["ended"]
        command = directing.OpenStorm(
            own.id,
            reason,
            snow_ended_at=None if ended is None else _local_time(ended, own),
            depth_cm=options["depth_cm"],
        )
        return await directing.open_storm(session, actor, command, now=now)

    _write(database_url, community, by, act)


@storm_group.command()
@_for_community
@_by_somebody
@click.option(
    "--because",
    type=click.Choice([word.value for word in HoldReason]),
    default=HoldReason.ICE.value,
)
def hold(
    community: str, database_url: str | None, reason: str, by: str | None, because: str
) -> None:
    """Send nobody out until somebody resumes."""

    async def act(session: Session, own: Community, actor: Actor, now: datetime) -> Storm:
        storm = await _current(session, own)
        why = HoldReason(because)
        return await directing.hold_storm(session, actor, storm.id, why, reason=reason, now=now)

    _write(database_url, community, by, act)


@storm_group.command()
@_for_community
@_by_somebody
def resume(community: str, database_url: str | None, reason: str, by: str | None) -> None:
    """End a hold."""

    async def act(session: Session, own: Community, actor: Actor, now: datetime) -> Storm:
        storm = await _current(session, own)
        return await directing.resume_storm(session, actor, storm.id, reason=reason, now=now)

    _write(database_url, community, by, act)


@storm_group.command()
@_for_community
@_by_somebody
def close(community: str, database_url: str | None, reason: str, by: str | None) -> None:
    """End a storm for good; the worker tells those who were not served."""

    async def act(session: Session, own: Community, actor: Actor, now: datetime) -> Storm:
        storm = await _current(session, own)
        return await directing.close_storm(session, actor, storm.id, reason=reason, now=now)

    _write(database_url, community, by, act)


@storm_group.command()
@_for_community
@click.option("--set", "file", type=click.Path(path_type=Path), help="JSON file with new rules.")
@click.option("--from", "valid_from", metavar="TIME", help="Local time; default: now.")
def rules(
    community: str, database_url: str | None, file: Path | None, valid_from: str | None
) -> None:
    """Show the storm rules that hold, or let others hold from a moment on."""
    new = None if file is None else _read_rules_file(file)

    async def run() -> dict[str, Any]:
        now = SystemClock().now()
        async with open_database(_url(database_url)) as database, database.begin() as session:
            own = await get_community(session, community)
            if new is not None:
                begins = now if valid_from is None else _local_time(valid_from, own)
                await directing.set_storm_rules(
                    session, Actor.system(), own.id, new, valid_from=begins, now=now
                )
            held = await read_storm_rules_at(session, own.id, now)
            return dict(msgspec.to_builtins(held))

    click.echo(json.dumps(asyncio.run(run()), indent=2))


@storm_group.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rules", "rules_file", type=click.Path(path_type=Path), help="JSON file of rules.")
@click.option("--community", metavar="SLUG", help="Use the rules of this community.")
@click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")
@click.option("--zone", default="America/New_York", show_default=True, help="Clock to print.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def replay(file: Path, as_json: bool, zone: str, **options: Any) -> None:
    """Play recorded weather from FILE (one JSON object a line), and print what storms would do.

    Nothing is stored and nobody is told: it runs on a database of its own.
    """
    given = {} if options["rules_file"] is None else _read_rules_file(options["rules_file"])
    with show_steps(quiet=as_json) as steps:
        steps.start("Playing recorded weather")
        turns = asyncio.run(
            _replay(file, given, zone, options["community"], options["database_url"])
        )
    if as_json:
        click.echo(json.dumps([_turn_json(turn) for turn in turns], indent=2))
        return
    _print_turns(turns, ZoneInfo(zone))


async def _replay(
    file: Path, given: dict[str, Any], zone: str, slug: str | None, database_url: str | None
) -> list[Turn]:
    pack = "none"
    if slug is not None:
        async with open_database(_url(database_url)) as database, database.read() as session:
            own = await get_community(session, slug)
            held = await read_storm_rules_at(session, own.id, SystemClock().now())
            given, zone, pack = (
                dict(msgspec.to_builtins(held)) | given,
                own.time_zone,
                own.city_pack,
            )
    feed = list(read_feed(file))
    with tempfile.TemporaryDirectory(prefix="talkoot-replay-") as folder:
        url = f"sqlite:///{folder}/replay.db"
        await asyncio.to_thread(upgrade, url)
        async with open_database(url) as database:
            async with database.begin() as session:
                command = CreateCommunity("replay", "Replay", zone, pack, 32619)
                community = await create_community(session, Actor.system(), command, now=LONG_AGO)
                await directing.set_storm_rules(
                    session, Actor.system(), community.id, given, valid_from=LONG_AGO, now=LONG_AGO
                )
            return await play_feed(database, community.id, feed)


def _print_turns(turns: list[Turn], zone: ZoneInfo) -> None:
    console = Console(highlight=False)
    if not turns:
        console.print("No storm would have come of this.")
        return
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("When", "State", "Why"):
        table.add_column(name)
    for turn in turns:
        when = turn.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        table.add_row(when, turn.status.value, turn.reason or "")
    console.print(table)
    last = turns[-1]
    if last.depth_cm is not None:
        console.print(f"New snow at the end: {last.depth_cm:.1f} cm.")
    if last.deadline_at is not None:
        console.print(f"Deadline: {last.deadline_at.astimezone(zone):%Y-%m-%d %H:%M}.")


def _turn_json(turn: Turn) -> dict[str, Any]:
    return {
        "at": turn.at.isoformat(),
        "state": turn.status.value,
        "reason": turn.reason,
    }


def _print_status(found: dict[str, Any]) -> None:
    console = Console(highlight=False)
    storm = found["storm"]
    if storm is None:
        console.print("There has been no storm yet.")
        return
    zone = ZoneInfo(found["zone"])
    because = "" if storm["hold_reason"] is None else f" ({storm['hold_reason']})"
    console.print(f"The storm is {WORDS[StormStatus(storm['state'])]}{because}.")
    if storm["depth_cm"] is not None:
        console.print(f"New snow: {storm['depth_cm']:.1f} cm.")
    if storm["deadline_at"] is not None:
        deadline = datetime.fromisoformat(storm["deadline_at"]).astimezone(zone)
        console.print(f"Deadline: {deadline:%Y-%m-%d %H:%M}.")
    for row in found["history"]:
        when = datetime.fromisoformat(row["at"]).astimezone(zone)
        console.print(f"  {when:%Y-%m-%d %H:%M}  {row['what']}  {row['reason'] or ''}")


def _as_json(storm: Storm) -> dict[str, Any]:
    def moment(value: datetime | None) -> str | None:
        return None if value is None else value.isoformat()

    return {
        "id": str(storm.id),
        "state": storm.status.value,
        "hold_reason": None if storm.hold_reason is None else storm.hold_reason.value,
        "held_by_hand": storm.held_by_hand,
        "depth_cm": storm.depth_cm,
        "snow_ended_at": moment(storm.snow_ended_at),
        "deadline_at": moment(storm.deadline_at),
        "opened_at": moment(storm.opened_at),
        "closed_at": moment(storm.closed_at),
    }


async def _current(session: Session, community: Community) -> Storm:
    storm = await find_current_storm(session, community.id)
    if storm is None:
        raise StormUnknown(f"{community.slug} has no storm now; open one first.")
    return storm


def _read(
    database_url: str | None,
    slug: str,
    work: Callable[[Session, Community], Awaitable[dict[str, Any]]],
) -> dict[str, Any]:
    async def run() -> dict[str, Any]:
        async with open_database(_url(database_url)) as database, database.read() as session:
            return await work(session, await get_community(session, slug))

    return asyncio.run(run())


def _write(
    database_url: str | None,
    slug: str,
    by: str | None,
    work: Callable[[Session, Community, Actor, datetime], Awaitable[Storm]],
) -> None:
    async def run() -> StormStatus:
        async with open_database(_url(database_url)) as database, database.begin() as session:
            own = await get_community(session, slug)
            actor = Actor.system()
            if by is not None:
                actor = await load_actor(session, _person_id(by))
            return (await work(session, own, actor, SystemClock().now())).status

    click.echo(f"The storm is {WORDS[asyncio.run(run())]}.")


def _person_id(text: str) -> UUID:
    found = parse_id(text)
    if found is None:
        raise InvalidInput(f"--by must be the id of a person, not {text!r}.")
    return found


def _local_time(text: str, community: Community) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no time: write it like 2027-01-24T16:00.") from None
    zone = ZoneInfo(community.time_zone)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _read_rules_file(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no JSON"
        raise InvalidStormRules(f"{path} cannot be read: {reason}.") from None
    if not isinstance(data, dict):
        raise InvalidStormRules(f"{path} must hold one JSON object with rules by name.")
    return data


def _url(database_url: str | None) -> str:
    return database_url or Settings.from_environment().database_url
