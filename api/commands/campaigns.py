"""``talkoot campaign``: look at campaigns, and bring rides from a file."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from api.opening import open_database
from api.progress import Steps, show_steps
from campaigns.biking.figures import find_band_shares
from campaigns.biking.importing import NothingStored, RideImport, import_rides, read_rides_file
from campaigns.biking.measuring import load_biking_figures
from campaigns.programmes import repository
from campaigns.programmes.errors import CampaignUnknown
from campaigns.programmes.kinds import CampaignKind
from campaigns.programmes.models import Campaign
from core.clock import SystemClock
from core.db import Session
from core.errors import InvalidInput
from core.events import list_events
from core.pagination import MAX_PAGE, PageArgs, read_page
from core.settings import Settings
from matching.errors import UnusableFile
from matching.files.json_file import write_whole
from people.auth import Actor
from people.repository import get_community

REFUSED_EXIT_CODE = 1
SHOWN_LINES = 20


@click.group(name="campaign")
def campaign_group() -> None:
    """Look at campaigns, and bring rides from a file."""


_community = click.option(
    "--community", required=True, metavar="SLUG", help="Short name, as in URLs."
)
_database = click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")
_json = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


@campaign_group.command(name="list")
@_community
@_database
@_json
def list_command(community: str, database_url: str | None, as_json: bool) -> None:
    """List the campaigns of a community, the latest to begin first; at most 100."""

    async def read(session: Session) -> list[dict[str, Any]]:
        own = await get_community(session, community)
        listing = repository.list_campaigns(Actor.system(), own.id)
        page = await read_page(session, listing, PageArgs(first=MAX_PAGE))
        return [_as_json(row) for row in page.items]

    found = asyncio.run(_read(database_url, read))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("Name", "Kind", "State", "Begins", "Ends", "Goal"):
        table.add_column(name)
    for row in found:
        goal = "" if row["goal_value"] is None else f"{row['goal_value']:g} {row['goal_unit']}"
        table.add_row(
            row["slug"], row["kind"], row["status"], row["starts_at"], row["ends_at"], goal
        )
    Console(highlight=False).print(table)


@campaign_group.command(name="show")
@click.argument("slug")
@_community
@_database
@_json
def show_command(slug: str, community: str, database_url: str | None, as_json: bool) -> None:
    """Show the campaign SLUG: what it is, its history, and for biking its figures."""

    async def read(session: Session) -> dict[str, Any]:
        row = await _get_campaign(session, community, slug)
        shown = _as_json(row)
        shown["history"] = [
            {"at": event.happened_at.isoformat(), "what": event.kind, "reason": event.reason}
            for event in await list_events(session, "campaign", row.id)
        ]
        counts = await repository.load_member_counts(session, Actor.system(), [row.id])
        shown["member_count"] = counts[row.id]
        if row.kind is CampaignKind.BIKING:
            shown["figures"] = await _figures(session, row)
        return shown

    found = asyncio.run(_read(database_url, read))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False)
    console.print(f"[bold]{found['slug']}[/] ({found['kind']}): {found['status']}", soft_wrap=True)
    console.print(found["title"], markup=False)
    console.print(f"From {found['starts_at']} to {found['ends_at']}.")
    console.print(f"People who take part: {found['member_count']:,}.")
    for name, value in found.get("figures", {}).items():
        console.print(f"  {name}: {value}", markup=False)
    for event in found["history"]:
        console.print(f"{event['at']}  {event['what']}  {event['reason'] or ''}", markup=False)


@campaign_group.command(name="import-rides")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--campaign", "slug", required=True, metavar="SLUG", help="Of the campaign.")
@_community
@_database
@click.option("--all-or-nothing", is_flag=True, help="One bad line keeps all of them out.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the refused lines to this CSV file, with the reason.",
)
@_json
@click.pass_context
def import_command(
    context: click.Context,
    *,
    file: Path,
    slug: str,
    community: str,
    database_url: str | None,
    all_or_nothing: bool,
    rejects: Path | None,
    as_json: bool,
) -> None:
    """Tell the rides of FILE, a CSV file with the columns person, date, start, minutes and km.

    The same file again adds nothing. Exit code 1 says that some lines were refused.
    """
    if rejects is not None and not rejects.parent.is_dir():
        raise InvalidInput(f"{rejects.parent} is no folder; make it first.")
    data = _read_file(file)
    with show_steps(quiet=as_json) as steps:
        work = _Import(database_url, community, slug, all_or_nothing)
        report = asyncio.run(_import(work, data, steps))
    if rejects is not None:
        write_whole(rejects, report.rejects_csv.encode())
    if as_json:
        click.echo(json.dumps(_report_json(report), ensure_ascii=False, indent=2))
    else:
        _print_report(report, file.name, rejects)
    if report.rejected:
        context.exit(REFUSED_EXIT_CODE)


@dataclass(frozen=True)
class _Import:
    """What the command line asks for."""

    database_url: str | None
    community: str
    slug: str
    all_or_nothing: bool


async def _import(work: _Import, data: bytes, steps: Steps) -> RideImport:
    table, now = read_rides_file(data), SystemClock().now()
    steps.start("Checking and storing rides", len(table.rows))
    url = work.database_url or Settings.from_environment().database_url
    async with open_database(url) as database:
        try:
            async with database.begin() as session:
                row = await _get_campaign(session, work.community, work.slug)
                return await import_rides(
                    session,
                    Actor.system(),
                    row.id,
                    table,
                    all_or_nothing=work.all_or_nothing,
                    progress=lambda done: steps.update(done, len(table.rows)),
                    now=now,
                )
        except NothingStored as undone:
            return undone.report


async def _read(url: str | None, work: Any) -> Any:
    async with (
        open_database(url or Settings.from_environment().database_url) as database,
        database.read() as session,
    ):
        return await work(session)


async def _get_campaign(session: Session, community: str, slug: str) -> Campaign:
    own = await get_community(session, community)
    found = await repository.find_campaign(session, Actor.system(), own.id, slug)
    if found is None:
        raise CampaignUnknown(
            f"No campaign of {community} is called {slug!r}; see "
            f"`talkoot campaign list --community {community}`."
        )
    return found


async def _figures(session: Session, row: Campaign) -> dict[str, Any]:
    figures = await load_biking_figures(session, row.id)
    shown: dict[str, Any] = {
        "riders": len(figures.rider_ids),
        "new_riders": len(figures.new_rider_ids),
        "rides": sum(one.ride_count for one in figures.totals),
        "ride_days": sum(one.day_count for one in figures.totals),
        "distance_km": round(sum(one.distance_m for one in figures.totals) / 1_000, 1),
    }
    for band in find_band_shares(figures.shares):
        if band.share is not None:
            shown[f"share_{band.band.value}"] = round(band.share.estimate, 3)
    return shown


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnusableFile(f"{path.name} cannot be read: {error.strerror}.") from error


def _as_json(row: Campaign) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "slug": row.slug,
        "kind": row.kind.value,
        "status": row.status.value,
        "title": row.title,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "goal_value": row.goal_value,
        "goal_unit": None if row.goal_unit is None else row.goal_unit.value,
        "baseline_value": row.baseline_value,
        "areas": list(row.areas),
        "comparison_areas": list(row.comparison_areas),
    }


def _report_json(report: RideImport) -> dict[str, Any]:
    return {
        "total": report.total,
        "created": report.created,
        "unchanged": report.unchanged,
        "rejected": len(report.rejected),
        "stored": report.stored,
        "problems": [
            {
                "line": line.line,
                "column": problem.column,
                "message": problem.message,
                "remedy": problem.remedy,
            }
            for line in report.rejected
            for problem in line.problems
        ],
    }


def _print_report(report: RideImport, name: str, rejects: Path | None) -> None:
    console = Console(highlight=False)
    console.print(
        f"{name}: [bold]{report.created:,}[/] rides taken in, {report.unchanged:,} known before, "
        f"[bold]{len(report.rejected):,}[/] lines refused."
    )
    if not report.stored:
        console.print("Nothing was stored, because all lines were wanted or none.")
    for line in report.rejected[:SHOWN_LINES]:
        console.print(f"  line {line.line}: {line.reason()}", markup=False, soft_wrap=True)
    if len(report.rejected) > SHOWN_LINES:
        console.print(f"  ... and {len(report.rejected) - SHOWN_LINES:,} more.")
    if rejects is not None and report.rejected:
        console.print(f"The refused lines, with reasons: {rejects}", soft_wrap=True)
