"""From a file's lines to lines that can be stored: parsed, placed and free of doubles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.worded import Worded as _
from matching.imports import rows
from matching.imports.abilities import check_abilities
from matching.imports.csv_table import CsvTable, read_csv_table
from matching.imports.errors import CellRefused, Problem
from matching.imports.places import PlaceFinder
from matching.imports.records import Place
from matching.imports.report import RejectedLine
from matching.imports.rows import (
    Contact,
    FileRules,
    LineRefused,
    ResidentRow,
    VolunteerRow,
)

Progress = Callable[[int, int], None]
PROGRESS_STEP = 200


class FileKind(StrEnum):
    """What a file holds."""

    RESIDENTS = "residents"
    VOLUNTEERS = "volunteers"


@dataclass(frozen=True)
class PreparedLine:
    """A good line and where its home is."""

    row: ResidentRow | VolunteerRow
    place: Place

    @property
    def contact(self) -> Contact:
        """Who."""
        return self.row.contact


@dataclass(frozen=True)
class PreparedFile:
    """All good lines of a file, and those that were refused."""

    kind: FileKind
    table: CsvTable
    lines: tuple[PreparedLine, ...]
    rejected: tuple[RejectedLine, ...]


def read_people_file(path: Path, kind: FileKind) -> CsvTable:
    """The table of a residents or volunteers file; raises `UnusableFile`."""
    known = rows.RESIDENT_COLUMNS if kind is FileKind.RESIDENTS else rows.VOLUNTEER_COLUMNS
    return read_csv_table(path, known=known, aliases=rows.ALIASES, required=rows.REQUIRED_COLUMNS)


def prepare_file(
    table: CsvTable,
    kind: FileKind,
    rules: FileRules,
    places: PlaceFinder,
    *,
    known_abilities: frozenset[str] = frozenset(),
    progress: Progress = lambda done, total: None,
) -> PreparedFile:
    """Parse and place every line. Nothing is written anywhere."""
    good: list[PreparedLine] = []
    rejected: list[RejectedLine] = []
    for number, line in enumerate(table.rows):
        if number % PROGRESS_STEP == 0:
            progress(number, len(table.rows))
        try:
            row: ResidentRow | VolunteerRow
            if kind is FileKind.RESIDENTS:
                row = rows.read_resident(line, rules)
                check_abilities("needs", row.needs, known_abilities)
            else:
                row = rows.read_volunteer(line, rules)
                check_abilities("skills", row.skills, known_abilities)
            good.append(PreparedLine(row, places.locate(row.contact)))
        except LineRefused as refused:
            rejected.append(RejectedLine(refused.line, refused.problems))
        except CellRefused as refused:
            rejected.append(RejectedLine(line.line, (refused.problem,)))
    progress(len(table.rows), len(table.rows))
    unique, doubles = _refuse_doubles(good)
    return PreparedFile(kind, table, tuple(unique), (*rejected, *doubles))


def _line_key(row: ResidentRow | VolunteerRow) -> str:
    return row.request_key if isinstance(row, ResidentRow) else row.contact.source_key


def _refuse_doubles(lines: list[PreparedLine]) -> tuple[list[PreparedLine], list[RejectedLine]]:
    """Keep the first line of each key; a person's lines must agree on who and where."""
    first_line: dict[str, int] = {}
    first_contact: dict[str, PreparedLine] = {}
    unique: list[PreparedLine] = []
    doubles: list[RejectedLine] = []
    for prepared in lines:
        key, line = _line_key(prepared.row), prepared.row.line
        known = first_contact.get(prepared.contact.source_key)
        problem = None
        if key in first_line:
            problem = Problem(
                "external_id" if isinstance(prepared.row, VolunteerRow) else "request_id",
                _("is the same as in line %(first_line)s", first_line=first_line[key]),
                _("Delete one of the lines, or give each an id of its own."),
            )
        elif known is not None and known.contact != prepared.contact:
            problem = Problem(
                "external_id",
                _(
                    "stands in line %(line)s with another name, contact or address",
                    line=known.row.line,
                ),
                _("Make the two lines agree, or give each person an id of its own."),
            )
        if problem is not None:
            doubles.append(RejectedLine(line, (problem,)))
            continue
        first_line[key] = line
        first_contact.setdefault(prepared.contact.source_key, prepared)
        unique.append(prepared)
    return unique, doubles
