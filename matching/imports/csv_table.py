"""Reads a CSV file that somebody exported from somewhere: any usual encoding and delimiter."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.worded import Worded as _
from matching.errors import UnusableFile

MAX_FILE_BYTES = 32_000_000
MAX_ROWS = 200_000
MAX_CELL_CHARACTERS = 4_000
REASON_COLUMN = "reason"
"""First column of a file of refused lines; it means nothing when the mended file comes back."""

_FOREIGN_FORMATS = (
    (b"\x89PNG", _("a PNG picture")),
    (b"\xff\xd8\xff", _("a JPEG picture")),
    (b"GIF8", _("a GIF picture")),
    (b"%PDF", _("a PDF document")),
    (b"PK\x03\x04", _("an Excel workbook or a ZIP archive: save the sheet as CSV (UTF-8)")),
    (b"\xd0\xcf\x11\xe0", _("an old Excel workbook: save the sheet as CSV (UTF-8)")),
    (b"\x1f\x8b", _("a gzip archive: unpack it first")),
    (b"SQLite format 3", _("a database")),
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_FORBIDDEN = {"Cc", "Cf", "Cs", "Co"}
_HARMLESS = {"\u200c", "\u200d"}  # joiners that some scripts need


@dataclass(frozen=True)
class CsvRow:
    """One line of the file.

    Parameters
    ----------
    line
        Line number where it starts, 1 is the header.
    cells
        Column name to text; every known column of the header is there.
    raw
        The cells as they stand in the file, for the file of rejected lines.
    problem
        Set when the line cannot be read at all.
    """

    line: int
    cells: dict[str, str]
    raw: tuple[str, ...]
    problem: str | None = None


@dataclass(frozen=True)
class CsvTable:
    """A whole file: its header and its lines.

    Parameters
    ----------
    header
        The header as written.
    columns
        Name of each known column in file order; "" for an unknown one.
    unknown
        Header cells that mean nothing here.
    encoding, delimiter
        What was detected.
    """

    header: tuple[str, ...]
    columns: tuple[str, ...]
    unknown: tuple[str, ...]
    rows: tuple[CsvRow, ...]
    encoding: str
    delimiter: str


def read_csv_table(
    path: Path,
    *,
    known: frozenset[str],
    aliases: dict[str, str],
    required: frozenset[str],
    max_bytes: int = MAX_FILE_BYTES,
) -> CsvTable:
    """Read a CSV file whole; what cannot be a CSV file raises `UnusableFile` in one sentence."""
    data = _read_bytes(path, max_bytes)
    return parse_csv_table(data, path.name, known=known, aliases=aliases, required=required)


def parse_csv_table(
    data: bytes,
    name: str,
    *,
    known: frozenset[str],
    aliases: dict[str, str],
    required: frozenset[str],
) -> CsvTable:
    """The table that the bytes of a CSV file hold; see `read_csv_table`."""
    text, encoding = decode(data, name)
    delimiter = detect_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines = _numbered(reader, name)
    header = next((cells for _, cells in lines if any(cell.strip() for cell in cells)), None)
    if header is None:
        raise UnusableFile(
            _("%(name)s holds no lines. Its first line must name the columns.", name=name)
        )
    columns = name_columns(header, name, known=known, aliases=aliases, required=required)
    rows = tuple(_read_rows(lines, columns, name))
    return CsvTable(
        header=tuple(header),
        columns=columns,
        unknown=tuple(cell.strip() for cell, name in zip(header, columns, strict=True) if not name),
        rows=rows,
        encoding=encoding,
        delimiter=delimiter,
    )


def _read_bytes(path: Path, max_bytes: int) -> bytes:
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise UnusableFile(_("%(name)s is a folder. Name a CSV file.", name=path.name))
        if size == 0:
            raise UnusableFile(_("%(name)s is empty (0 bytes). Export it again.", name=path.name))
        if size > max_bytes:
            raise UnusableFile(
                _(
                    "%(name)s has %(size_mb)s MB; the limit is %(most_mb)s MB. Split it into "
                    "several files.",
                    name=path.name,
                    size_mb=format(size / 1e6, ".0f"),
                    most_mb=format(max_bytes / 1e6, ".0f"),
                )
            )
        return path.read_bytes()
    except OSError as error:
        raise UnusableFile(
            _("%(name)s cannot be read: %(strerror)s.", name=path.name, strerror=error.strerror)
        ) from error


def decode(data: bytes, name: str) -> tuple[str, str]:
    """The text of a file and the name of its encoding: UTF-8, UTF-16 with BOM, else Western."""
    for magic, what in _FOREIGN_FORMATS:
        if data.startswith(magic):
            raise UnusableFile(_("%(name)s is %(what)s, not a CSV file.", name=name, what=what))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError as error:
            raise UnusableFile(
                _("%(name)s is cut off (UTF-16). Export it again.", name=name)
            ) from error
    if b"\x00" in data:
        raise UnusableFile(
            _("%(name)s holds binary data, not text. Save it as CSV (UTF-8).", name=name)
        )
    try:
        text = data.decode("utf-8-sig")
        return text, "UTF-8 with BOM" if data.startswith(b"\xef\xbb\xbf") else "UTF-8"
    except UnicodeDecodeError:
        pass
    controls = sum(byte < 32 and byte not in b"\t\r\n\x0b\x0c" for byte in data[:65536])
    if controls > len(data[:65536]) // 200:
        raise UnusableFile(
            _("%(name)s holds binary data, not text. Save it as CSV (UTF-8).", name=name)
        )
    try:
        return data.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "Latin-1"


def detect_delimiter(text: str) -> str:
    """The delimiter that the header line uses most, outside quotes: comma, semicolon or tab."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    unquoted = "".join(header.split('"')[::2])
    return max(",;\t", key=unquoted.count)


def _numbered(reader: Iterator[list[str]], name: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the line on which each starts."""
    line = 0
    while True:
        start = line + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnusableFile(
                _(
                    "%(name)s, line %(start)s: %(error)s. Look for a quotation mark that is not "
                    "closed.",
                    name=name,
                    start=start,
                    error=error,
                )
            ) from error
        line = reader.line_num  # type: ignore[attr-defined]  # csv readers have it, Iterator not
        yield start, cells


def name_columns(
    header: list[str],
    name: str,
    *,
    known: frozenset[str],
    aliases: dict[str, str],
    required: frozenset[str],
) -> tuple[str, ...]:
    """The known name of each header cell, "" where there is none; refuse what is missing."""
    columns: list[str] = []
    for cell in header:
        key = "_".join(cell.strip().casefold().replace("-", " ").replace("_", " ").split())
        column = aliases.get(key, key)
        columns.append(column if column in known else "")
        if column in known and columns.count(column) > 1:
            raise UnusableFile(
                _(
                    "%(name)s has the column %(column)s twice. Rename or delete one.",
                    name=name,
                    column=repr(column),
                )
            )
    if not any(columns):
        raise UnusableFile(
            _(
                "%(name)s has no known column. Its first line must name them, for example: "
                "%(list)s.",
                name=name,
                list=", ".join(sorted(required or known)),
            )
        )
    missing = sorted(required - set(columns))
    if missing:
        raise UnusableFile(
            _(
                "%(name)s lacks the columns %(missing)s. Add the name to the first line.",
                name=name,
                missing=", ".join(missing),
            )
            if len(missing) > 1
            else _(
                "%(name)s lacks the column %(missing)s. Add the name to the first line.",
                name=name,
                missing=missing[0],
            )
        )
    return tuple(columns)


def _read_rows(
    lines: Iterator[tuple[int, list[str]]], columns: tuple[str, ...], name: str
) -> Iterator[CsvRow]:
    count = 0
    for line, raw in lines:
        if not any(cell.strip() for cell in raw):
            continue
        count += 1
        if count > MAX_ROWS:
            raise UnusableFile(
                _(
                    "%(name)s has more than %(max_rows)s lines. Split it.",
                    name=name,
                    max_rows=format(MAX_ROWS, ","),
                )
            )
        yield CsvRow(line, *_name_cells(raw, columns))


def _name_cells(
    raw: list[str], columns: tuple[str, ...]
) -> tuple[dict[str, str], tuple[str, ...], str | None]:
    cells = dict.fromkeys(filter(None, columns), "")
    extra = [cell for cell in raw[len(columns) :] if cell.strip()]
    if extra:
        wanted = len(columns)
        return cells, tuple(raw), f"has {len(raw)} cells, the header has {wanted}"
    for column, cell in zip(columns, raw, strict=False):
        if len(cell) > MAX_CELL_CHARACTERS or cell.count("\n") > 20:
            return cells, tuple(raw), "holds a cell that runs over many lines"
        if column:
            cells[column] = tidy_cell(cell)
    return cells, tuple(raw), None


def tidy_cell(cell: str) -> str:
    """A cell with one kind of space, composed letters, and without the guard of `guard_cell`."""
    text = unicodedata.normalize("NFC", " ".join(cell.split()))
    if text.startswith("'") and text[1:].startswith(_FORMULA_STARTS):
        return text[1:].strip()
    return text


def has_control_characters(text: str) -> bool:
    """Whether a text holds characters that nobody can see: control codes, direction overrides."""
    return any(
        unicodedata.category(character) in _FORBIDDEN and character not in _HARMLESS
        for character in text
    )


def guard_cell(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: a leading apostrophe where needed."""
    if not cell.startswith(_FORMULA_STARTS):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
