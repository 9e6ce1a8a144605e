"""``talkoot import residents|volunteers``: people from a CSV file, every line checked."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich import box
from rich.console import Console
from rich.table import Table

from api.commands.communities import name_pack
from api.opening import open_database
from api.progress import Steps, show_steps
from core.clock import Clock, SystemClock
from core.db import Database
from core.errors import InvalidInput
from core.settings import Settings
from geo.choices import choose_geocoder
from geo.city import CityPack, find_pack_file
from matching.files.json_file import write_whole
from matching.imports.country import phone_region_of
from matching.imports.importing import ImportPeople, import_people
from matching.imports.places import PlaceFinder
from matching.imports.preparing import FileKind, PreparedFile, prepare_file, read_people_file
from matching.imports.report import ImportReport, write_rejects
from matching.imports.rows import FileRules
from people.auth import Actor
from people.communities import CreateCommunity, create_community
from people.errors import CommunityUnknown
from people.models import Community
from people.repository import find_community, get_community, list_abilities, read_rules_at
from people.rules import Rules

SHOWN_LINES = 20
REFUSED_EXIT_CODE = 1


@dataclass(frozen=True)
class ImportRequest:
    """What the command line asks for."""

    kind: FileKind
    file: Path
    community: str
    city: str | None = None
    dry_run: bool = False
    synthetic: bool = False


@dataclass(frozen=True)
class _Target:
    """The community that the file goes into; None while it is not opened yet."""

    community: Community | None
    pack: CityPack
    rules: Rules
    abilities: frozenset[str]


@click.group(name="import")
def import_group() -> None:
    """Import residents or volunteers from CSV. See docs/import-format.md for the columns."""


def _import_command(kind: FileKind) -> click.Command:
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--community", required=True, metavar="SLUG", help="Short name, as in URLs.")
    @click.option(
        "--city", metavar="PACK", help="Opens the community with this city pack if it is new."
    )
    @click.option("--database-url", metavar="URL", help="Default: TALKOOT_DATABASE_URL.")
    @click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
    @click.option(
        "--rejects",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write the refused lines to this CSV file, with the reason.",
    )
    @click.option("--synthetic", is_flag=True, help="Mark the people as made up.")
    @click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
    @click.pass_context
    def command(
        context: click.Context,
        *,
        file: Path,
        community: str,
        city: str | None,
        database_url: str | None,
        dry_run: bool,
        rejects: Path | None,
        synthetic: bool,
        as_json: bool,
    ) -> None:
        if rejects is not None and not rejects.parent.is_dir():
            raise InvalidInput(f"{rejects.parent} is no folder; make it first.")
        request = ImportRequest(kind, file, community, city, dry_run, synthetic)
        settings = Settings.from_environment()
        url = database_url or settings.database_url
        with show_steps(quiet=as_json) as steps:
            report, prepared = asyncio.run(
                run_import(url, request, settings, clock=SystemClock(), steps=steps)
            )
        if rejects is not None:
            write_whole(rejects, write_rejects(prepared.table, report.rejected).encode())
        if as_json:
            click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
        else:
            print_report(report, file.name, rejects)
        if report.rejected:
            context.exit(REFUSED_EXIT_CODE)

    text = (
        f"Import {kind.value} from FILE, a CSV file with a header line.\n\n"
        "Good lines are stored all together at the end, or not at all; importing the same file "
        "again changes nothing. Exit code 1 says that some lines were refused."
    )
    return click.command(name=kind.value, help=text)(command)


import_group.add_command(_import_command(FileKind.RESIDENTS))
import_group.add_command(_import_command(FileKind.VOLUNTEERS))


async def run_import(
    url: str, request: ImportRequest, settings: Settings, *, clock: Clock, steps: Steps
) -> tuple[ImportReport, PreparedFile]:
    """Read, check and store one file; the database is held only for the last moment."""
    table = read_people_file(request.file, request.kind)
    async with open_database(url) as database:
        target = await _find_target(database, request, clock)
        steps.start(f"Checking {request.kind.value}", len(table.rows))
        zone = target.pack.meta.time_zone
        rules = FileRules(
            zone=ZoneInfo(zone),
            phone_region=phone_region_of(zone),
            rules=target.rules,
        )
        places = PlaceFinder.from_pack(
            target.pack,
            anonymity_k=target.rules.anonymity_k,
            provider=choose_geocoder(settings, target.pack),
        )
        prepared = prepare_file(
            table,
            request.kind,
            rules,
            places,
            known_abilities=target.abilities,
            progress=steps.update,
        )
        steps.start(f"Storing {request.kind.value}")
        return await _store(database, request, target, prepared, clock), prepared


async def _find_target(database: Database, request: ImportRequest, clock: Clock) -> _Target:
    async with database.read() as session:
        community = await find_community(session, request.community)
        if community is None and request.city is None:
            try:
                await get_community(session, request.community)
            except CommunityUnknown as error:
                raise CommunityUnknown(
                    f"{error} To open it, name its city pack, such as --city cambridge."
                ) from error
        if community is None:
            pack = CityPack.open(find_pack_file(request.city or ""))
            return _Target(None, pack, Rules(), frozenset())
        return _Target(
            community,
            CityPack.open(find_pack_file(community.city_pack)),
            await read_rules_at(session, community.id, clock.now()),
            frozenset(row.code for row in await list_abilities(session, community.id)),
        )


async def _store(
    database: Database,
    request: ImportRequest,
    target: _Target,
    prepared: PreparedFile,
    clock: Clock,
) -> ImportReport:
    now, actor = clock.now(), Actor.system()
    if target.community is None and request.dry_run:
        # Nothing is there to compare with: every good line would be new.
        return _all_new(prepared)
    open_session = database.read if request.dry_run else database.begin
    async with open_session() as session:
        community = target.community
        if community is None:
            meta = target.pack.meta
            create = CreateCommunity(
                slug=request.community,
                name=meta.name,
                time_zone=meta.time_zone,
                city_pack=name_pack(request.city or ""),
                utm_epsg=meta.utm_epsg,
            )
            community = await create_community(session, actor, create, now=now)
        command = ImportPeople(
            community_id=community.id,
            file=prepared,
            now=now,
            synthetic=request.synthetic,
            dry_run=request.dry_run,
        )
        return await import_people(session, actor, command)


def _all_new(prepared: PreparedFile) -> ImportReport:
    table = prepared.table
    return ImportReport(
        kind=prepared.kind.value,
        total=len(table.rows),
        encoding=table.encoding,
        delimiter=table.delimiter,
        unknown_columns=table.unknown,
        dry_run=True,
        created=len(prepared.lines),
        rejected=list(prepared.rejected),
    )


def print_report(report: ImportReport, name: str, rejects: Path | None) -> None:
    """Counts, then what is wrong and how to mend it; never what a cell says about a person."""
    console = Console(highlight=False)
    would = "Would import" if report.dry_run else "Imported"
    console.print(
        f"{would} {report.kind} from {name} ({report.encoding}, "
        f"{'tab' if report.delimiter == chr(9) else report.delimiter!r} between cells): "
        f"[bold]{report.created:,}[/] new, {report.updated:,} changed, "
        f"{report.unchanged:,} as before, [bold]{len(report.rejected):,}[/] refused."
    )
    if report.in_review:
        console.print(f"{report.in_review:,} of them wait for a person: talkoot request review.")
    if report.unknown_columns:
        console.print(f"Columns without a meaning here: {', '.join(report.unknown_columns)}.")
    if report.new_abilities:
        console.print(f"New skills and tools: {', '.join(report.new_abilities)}.")
    if not report.rejected:
        return
    table = Table(box=box.SIMPLE_HEAD, title="Refused lines", title_justify="left")
    table.add_column("Line", justify="right")
    table.add_column("Column")
    table.add_column("What is wrong")
    table.add_column("How to mend it")
    rejected = sorted(report.rejected, key=lambda line: line.line)
    for line in rejected[:SHOWN_LINES]:
        for problem in line.problems:
            table.add_row(str(line.line), problem.column, problem.message, problem.remedy)
    console.print(table)
    if len(rejected) > SHOWN_LINES:
        console.print(f"{len(rejected) - SHOWN_LINES:,} more lines. By kind of mistake:")
        for column, message, count in report.problem_counts()[:SHOWN_LINES]:
            console.print(f"  {count:>5}  {column} {message}", markup=False)
    if rejects is not None:
        console.print(f"The refused lines, with reasons: {rejects}", soft_wrap=True)
    else:
        console.print("Add --rejects FILE to get the refused lines with their reasons as CSV.")
