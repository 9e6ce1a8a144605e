"""``talkoot deadline CITY``: until when the law of a city wants sidewalks cleared, and why."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from core.clock import SystemClock
from core.errors import InvalidInput
from matching.intake.deadlines import Due, due_at
from matching.intake.ordinance_packs import OrdinancePack, list_packs, load_pack

EXAMPLE = "2027-01-24T18:30"


@click.command(name="deadline")
@click.argument("city")
@click.option("--ended", metavar="TIME", help=f"When the snow stopped, local, such as {EXAMPLE}.")
@click.option("--ice", is_flag=True, help="Ice formed then, instead of snow ending.")
@click.option("--lon", type=click.FloatRange(-180, 180), help="Of the home, for the sun.")
@click.option("--lat", type=click.FloatRange(-90, 90))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def deadline(
    *,
    city: str,
    ended: str | None,
    ice: bool,
    lon: float | None,
    lat: float | None,
    as_json: bool,
) -> None:
    """Say when the sidewalks of CITY must be clear, by which clause, and what is unsure.

    Without --ended: the rules of today.
    """
    pack = load_pack(city)
    if (lon is None) != (lat is None):
        raise InvalidInput("Give both --lon and --lat, or neither.")
    if ended is None:
        _print_rules(pack)
        return
    zone = ZoneInfo(pack.time_zone)
    due = due_at(pack, _read_local(ended, zone), lon, lat, hazard="ice" if ice else "snow")
    if as_json:
        click.echo(json.dumps(_due_json(due, zone), ensure_ascii=False))
        return
    console = Console(highlight=False)
    console.print(f"Due {due.at.astimezone(zone):%A %d %B %Y, %H:%M %Z} (clause {due.clause!r}).")
    console.print(due.sentence)
    console.print(f"Source: {due.source}", soft_wrap=True)
    for words in due.unsure:
        console.print(f"Unsure: {words}", soft_wrap=True)


def _read_local(text: str, zone: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"--ended is no time: write it like {EXAMPLE}.") from None
    if moment.tzinfo is not None:
        return moment
    local = moment.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        raise InvalidInput(f"--ended names a time that the clocks skip: {text}.")
    return local


def _print_rules(pack: OrdinancePack) -> None:
    version = pack.version_on(SystemClock().now().astimezone(ZoneInfo(pack.time_zone)).date())
    console = Console(highlight=False)
    console.print(f"[bold]{pack.city}[/], as of {version.as_of}:")
    for clause in version.clauses:
        console.print(f"- {clause.sentence['en']}")
    console.print(f"Source: {version.source}", soft_wrap=True)
    for words in version.unsure:
        console.print(f"Unsure: {words}", soft_wrap=True)
    console.print(f"Other cities: {', '.join(name for name in list_packs() if name != pack.code)}.")


def _due_json(due: Due, zone: ZoneInfo) -> dict[str, object]:
    return {
        "due_at": due.at.isoformat(),
        "local": due.at.astimezone(zone).isoformat(),
        "clause": due.clause,
        "sentences": dict(due.sentences),
        "source": due.source,
        "unsure": list(due.unsure),
    }
