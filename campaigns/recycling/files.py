"""Reads files of routes and measurements: CSV, one kind of line a file, told by its columns."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from campaigns.recycling.errors import UnusableMeasurements
from campaigns.recycling.kinds import CartState, ContaminantKind, Stream
from campaigns.recycling.measurements import Cart, Measurement, SetOuts, Sorted, Walk, Weighed
from campaigns.recycling.recording import Entry, Refused
from campaigns.recycling.routes import SetRoute
from core.worded import Worded as _
from matching.imports.csv_table import decode, detect_delimiter, name_columns, tidy_cell

MAX_FILE_BYTES = 8_000_000
MAX_LINES = 50_000
MAX_NUMBER = 1e9

Number = TypeVar("Number", int, float)
Word = TypeVar("Word", bound=StrEnum)


class FileKind(StrEnum):
    """What the lines of a file are."""

    ROUTES = "routes"
    SET_OUTS = "set_outs"
    WEIGHTS = "weights"
    SORTS = "sorts"
    AUDITS = "audits"


COLUMNS: dict[FileKind, tuple[str, ...]] = {
    FileKind.ROUTES: ("route", "areas"),
    FileKind.SET_OUTS: ("route", "week", "set_outs"),
    FileKind.WEIGHTS: ("route", "day", "stream", "weight_kg"),
    FileKind.SORTS: (
        "route",
        "week",
        "sample",
        "recyclables_in_recycling_kg",
        "contaminants_in_recycling_kg",
        "recyclables_in_trash_kg",
        "other_in_trash_kg",
    ),
    FileKind.AUDITS: ("route", "week", "audit", "cart", "state"),
}
"""Columns that a file must have."""
MORE_COLUMNS = {FileKind.ROUTES: ("households",), FileKind.AUDITS: ("contaminants",)}
ALIASES = {"code": "route", "neighbourhoods": "areas", "neighborhoods": "areas", "date": "day"}
KNOWN = frozenset(
    {name for names in COLUMNS.values() for name in names}
    | {name for names in MORE_COLUMNS.values() for name in names}
)


class _CellFault(Exception):
    """A cell that cannot be read; the message says which and why."""


@dataclass
class ReadFile:
    """What stands in a file, and the lines that cannot be read."""

    kind: FileKind
    routes: list[tuple[int, SetRoute]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    line_count: int = 0


def read_file(data: bytes, name: str, *, community_id: UUID) -> ReadFile:
    """Read a file whole. Lines that cannot be read are told of, and the others stand.

    Raises
    ------
    TalkootError
        When it is no CSV file, has none of the known sets of columns, or is too long.
    """
    if len(data) > MAX_FILE_BYTES:
        raise UnusableMeasurements(
            _(
                "%(name)s is larger than %(most_mb)s MB. Split it into several files.",
                name=name,
                most_mb=format(MAX_FILE_BYTES / 1e6, ".0f"),
            )
        )
    text = decode(data, name)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=detect_delimiter(text))
    lines = _numbered(rows, name)
    header = next(lines, (0, []))[1]
    if not header:
        raise UnusableMeasurements(
            _("%(name)s holds no lines. Its first line must name the columns.", name=name)
        )
    columns = name_columns(header, name, known=KNOWN, aliases=ALIASES, required=frozenset())
    read = ReadFile(_find_kind(columns, name))
    cells = []
    for line, raw in lines:
        read.line_count += 1
        if read.line_count > MAX_LINES:
            raise UnusableMeasurements(
                _(
                    "%(name)s has more than %(max_lines)s lines. Split it.",
                    name=name,
                    max_lines=format(MAX_LINES, ","),
                )
            )
        if len([cell for cell in raw if cell.strip()]) > len(columns):
            read.refused.append(
                Refused(
                    line,
                    _(
                        "It has %(cell_count)s cells, the header has %(column_count)s.",
                        cell_count=len(raw),
                        column_count=len(columns),
                    ),
                )
            )
            continue
        padded = [tidy_cell(cell) for cell in raw] + [""] * len(columns)
        cells.append((line, dict(zip(columns, padded, strict=False))))
    _fill(read, cells, community_id)
    return read


def _numbered(rows: Iterator[list[str]], name: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that are not empty, with their number."""
    number = 0
    while True:
        number += 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnusableMeasurements(
                _(
                    "%(name)s, line %(number)s: %(error)s. Look for a quotation mark that is not "
                    "closed.",
                    name=name,
                    number=number,
                    error=error,
                )
            ) from error
        if any(cell.strip() for cell in cells):
            yield number, cells


def _find_kind(columns: tuple[str, ...], name: str) -> FileKind:
    fitting = [kind for kind, needed in COLUMNS.items() if set(needed) <= set(columns)]
    if not fitting:
        known = "; ".join(f"{kind.value}: {', '.join(needed)}" for kind, needed in COLUMNS.items())
        raise UnusableMeasurements(
            _(
                "%(name)s has none of the known sets of columns. Name one of these in the first "
                "line: %(known)s.",
                name=name,
                known=known,
            )
        )
    if len(fitting) > 1:
        raise UnusableMeasurements(
            _(
                "%(name)s could be several kinds: %(list)s. Split it.",
                name=name,
                list=", ".join(kind.value for kind in fitting),
            )
        )
    return fitting[0]


def _fill(read: ReadFile, cells: list[tuple[int, dict[str, str]]], community_id: UUID) -> None:
    if read.kind is FileKind.AUDITS:
        _fill_walks(read, cells)
        return
    makers: dict[FileKind, Callable[[dict[str, str]], Measurement]] = {
        FileKind.SET_OUTS: _set_outs,
        FileKind.WEIGHTS: _weighed,
        FileKind.SORTS: _sorted,
    }
    make = makers.get(read.kind)
    for line, row in cells:
        try:
            if make is None:
                read.routes.append((line, _route(row, community_id)))
            else:
                read.entries.append(Entry(_needed(row, "route"), make(row), line))
        except _CellFault as fault:
            read.refused.append(Refused(line, fault.args[0]))


def _route(row: dict[str, str], community_id: UUID) -> SetRoute:
    areas = tuple(part.strip() for part in row["areas"].split("|") if part.strip())
    households = row.get("households", "")
    return SetRoute(
        community_id=community_id,
        code=_needed(row, "route"),
        areas=areas,
        household_count=_count(row, "households") if households else None,
    )


def _set_outs(row: dict[str, str]) -> SetOuts:
    return SetOuts(week=_day(row, "week"), set_out_count=_count(row, "set_outs"))


def _weighed(row: dict[str, str]) -> Weighed:
    return Weighed(
        day=_day(row, "day"),
        stream=_word(row, "stream", Stream),
        weight_kg=_number(row, "weight_kg"),
    )


def _sorted(row: dict[str, str]) -> Sorted:
    weights = {name: _number(row, name) for name in COLUMNS[FileKind.SORTS][3:]}
    return Sorted(week=_day(row, "week"), sample=_needed(row, "sample"), **weights)


def _fill_walks(read: ReadFile, cells: list[tuple[int, dict[str, str]]]) -> None:
    """Lines are carts: those with one route, week and name are one walk.

    A walk with a line that cannot be read is left out whole, so that it can be sent again.
    """
    walks: dict[tuple[str, date, str], list[Cart]] = {}
    began: dict[tuple[str, date, str], int] = {}
    broken: set[tuple[str, str]] = set()
    for line, row in cells:
        try:
            cart = _cart(row)
            key = _needed(row, "route"), _day(row, "week"), _needed(row, "audit")
        except _CellFault as fault:
            read.refused.append(Refused(line, fault.args[0]))
            broken.add((row["route"], row["audit"]))
            continue
        walks.setdefault(key, []).append(cart)
        began.setdefault(key, line)
    for key, carts in walks.items():
        route, week, name = key
        if (route, name) in broken:
            message = _(
                "Another line of walk %(name)s cannot be read; mend it and send all again.",
                name=repr(name),
            )
            read.refused.append(Refused(began[key], message))
            continue
        walk = Walk(week=week, key=name, carts=tuple(carts))
        read.entries.append(Entry(route, walk, began[key]))
    read.refused.sort(key=lambda one: one.line)


def _cart(row: dict[str, str]) -> Cart:
    words = [word for word in row.get("contaminants", "").replace(" ", "").split("|") if word]
    kinds = tuple(_read_word(word, "contaminants", ContaminantKind) for word in words)
    return Cart(_count(row, "cart"), _word(row, "state", CartState), kinds)


def _needed(row: dict[str, str], column: str) -> str:
    if not row[column]:
        raise _CellFault(_("%(column)s is empty. Fill it in.", column=column))
    return row[column]


def _day(row: dict[str, str], column: str) -> date:
    try:
        return date.fromisoformat(_needed(row, column))
    except ValueError:
        raise _CellFault(
            _(
                "%(column)s %(cell)s is no date. Write it like 2026-05-18.",
                column=column,
                cell=repr(row[column][:40]),
            )
        ) from None


def _count(row: dict[str, str], column: str) -> int:
    return _read_number(row, column, int, _("Write a whole number, like 42."))


def _number(row: dict[str, str], column: str) -> float:
    return _read_number(row, column, float, _("Write a number with a point, like 812.5."))


def _read_number(
    row: dict[str, str], column: str, make: Callable[[str], Number], remedy: str
) -> Number:
    text = _needed(row, column)
    try:
        value = make(text)
        if not math.isfinite(value) or abs(value) > MAX_NUMBER:
            raise ValueError
    except ValueError:
        raise _CellFault(
            _(
                "%(column)s %(text)s cannot be used. %(remedy)s",
                column=column,
                text=repr(text[:40]),
                remedy=remedy,
            )
        ) from None
    return value


def _word(row: dict[str, str], column: str, kind: type[Word]) -> Word:
    return _read_word(_needed(row, column), column, kind)


def _read_word(text: str, column: str, kind: type[Word]) -> Word:
    try:
        return kind(text.casefold())
    except ValueError:
        known = ", ".join(kind)
        raise _CellFault(
            _(
                "%(column)s %(text)s is not known. Write one of: %(known)s.",
                column=column,
                text=repr(text[:40]),
                known=known,
            )
        ) from None
