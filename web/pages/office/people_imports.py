"""Lists of volunteers or requests: what every line would do, then the good ones at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from litestar import Response

from matching.errors import UnusableFile
from matching.imports import rows
from matching.imports.csv_table import CsvTable, parse_csv_table
from matching.imports.importing import ImportPeople, import_people
from matching.imports.preparing import FileKind, PreparedFile, prepare_file
from matching.imports.report import ImportReport, write_rejects
from matching.imports.words import say_file_fault, say_problem
from matching.intake.addresses import open_finder
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.office.importing import MAX_LINES, ListKind, NoFile, Sent, TooLarge, pack
from web.pages.rendering import PRIVATE

SHOWN_PROBLEMS: Final = 200
KINDS: Final = {
    ListKind.VOLUNTEERS: FileKind.VOLUNTEERS,
    ListKind.RESIDENTS: FileKind.RESIDENTS,
}
NAMES: Mapping[ListKind, str] = {
    ListKind.VOLUNTEERS: "volunteers",
    ListKind.RESIDENTS: "requests",
}
"""What messages call a file; the name on somebody's computer may tell of people."""


@dataclass(frozen=True)
class ProblemRow:
    """What is wrong with one cell of one line."""

    line: int
    column: str
    words: str
    remedy: str


async def check(desk: Desk, request: AnyRequest, sent: Sent) -> Answer:
    """What every line would do. Nothing is written.

    Raises
    ------
    NoFile, TooLarge
        When it is no list that can be read, with what to do; so do the other steps.
    """
    prepared = await _prepare(desk, request, sent)
    async with desk.look(request) as call:
        report = await _try(call, prepared)
        return call.show("office/imports_check.html", _report_values(call, report, sent))


async def take(desk: Desk, request: AnyRequest, sent: Sent) -> Answer:
    """Take the good lines over, all or none."""
    prepared = await _prepare(desk, request, sent)
    async with desk.press(request) as call:
        command = ImportPeople(call.staff().id, prepared, call.now)
        await import_people(call.session, call.actor, command)
        return call.go("/staff/imports", said="taken")


async def write_refused(desk: Desk, request: AnyRequest, sent: Sent) -> Answer:
    """The refused lines with their reasons, as a file."""
    prepared = await _prepare(desk, request, sent)
    async with desk.look(request) as call:
        report = await _try(call, prepared)
    headers = {
        **PRIVATE,
        "Content-Disposition": f'attachment; filename="{NAMES[sent.kind]}-refused.csv"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    text = write_rejects(prepared.table, report.rejected).encode("utf-8-sig")
    return Response(text, media_type="text/csv", headers=headers)


async def _try(call: Call, prepared: PreparedFile) -> ImportReport:
    command = ImportPeople(call.staff().id, prepared, call.now, dry_run=True)
    return await import_people(call.session, call.actor, command)


async def _prepare(desk: Desk, request: AnyRequest, sent: Sent) -> PreparedFile:
    """Every line checked in a thread, while no transaction is open: addresses take their time."""
    async with desk.look(request) as call:
        shown = call
    try:
        return await asyncio.to_thread(_read, shown, sent)
    except UnusableFile as error:
        raise NoFile(say_file_fault(error, shown.reader.language)) from None


def _read(call: Call, sent: Sent) -> PreparedFile:
    ground, table = sent.ground, _read_table(sent)
    finder = open_finder(ground.city_pack, ground.anonymity_k, call.settings)
    kind = KINDS[sent.kind]
    return prepare_file(table, kind, ground.rules, finder, known_abilities=ground.abilities)


def _read_table(sent: Sent) -> CsvTable:
    is_residents = sent.kind is ListKind.RESIDENTS
    table = parse_csv_table(
        sent.data,
        f"{NAMES[sent.kind]}.csv",
        known=rows.RESIDENT_COLUMNS if is_residents else rows.VOLUNTEER_COLUMNS,
        aliases=rows.ALIASES,
        required=rows.REQUIRED_COLUMNS,
    )
    if len(table.rows) > MAX_LINES:
        raise TooLarge(f"The file has more than {MAX_LINES:,} lines: split it.")
    return table


def _report_values(call: Call, report: ImportReport, sent: Sent) -> dict[str, Any]:
    language = call.reader.language
    problems = [
        ProblemRow(rejected.line, problem.column, *say_problem(problem, language))
        for rejected in sorted(report.rejected, key=lambda one: one.line)
        for problem in rejected.problems
    ]
    return {
        "report": report,
        "problems": problems[:SHOWN_PROBLEMS],
        "left_out": max(0, len(problems) - SHOWN_PROBLEMS),
        "counts": _count_alike(problems) if len(problems) > SHOWN_PROBLEMS else [],
        "kind": sent.kind.value,
        "packed": pack(sent.data),
        "to_write": report.created + report.updated,
        "tools": [code.replace("_", " ") for code in report.new_abilities],
    }


def _count_alike(problems: list[ProblemRow]) -> list[tuple[str, str, int]]:
    """Column, what is wrong there, and in how many lines; the most frequent first."""
    counts = Counter((row.column, row.words.partition(":")[0]) for row in problems)
    return [(column, words, number) for (column, words), number in counts.most_common(20)]
