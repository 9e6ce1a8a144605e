"""``talkoot geocode``: find one address, or those of a CSV file, in a city pack."""

from __future__ import annotations

import csv
import io
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.progress import show_steps
from core.errors import InvalidInput
from geo.candidate import ACCEPT_SCORE, Candidate
from geo.city import CityPack, find_pack_file
from geo.errors import AddressAmbiguous, AddressUnknown
from geo.geocoder import Geocoder, accept_best, find_rival
from matching.imports.csv_table import CsvTable, guard_cell, read_csv_table

NOT_SURE_EXIT_CODE = 2
MEGABYTE = 1_000_000
STATUSES = ("found", "place", "ambiguous", "unknown")
ADDED_COLUMNS = (
    "status",
    "precision",
    "score",
    "lon",
    "lat",
    "matched_address",
    "address_id",
    "area",
    "candidates",
)
_COLUMN = "address"
_PIPED_WIDTH = 160


@dataclass(frozen=True)
class Answer:
    """What the geocoder says to one text.

    ``status`` is ``found`` (one house, surely), ``place`` (surely one street, crossing, area or
    landmark, but no house), ``ambiguous`` (ask the person) or ``unknown``.
    """

    status: str
    candidates: tuple[Candidate, ...]


@click.command()
@click.argument("address", required=False)
@click.option("--city", "city_name", required=True, metavar="PACK", help="File or shipped name.")
@click.option("--file", "file", type=click.Path(path_type=Path), metavar="CSV")
@click.option(
    "--column", default=_COLUMN, show_default=True, help="With --file: the column to look up."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="With --file: where the result goes; standard output by default.",
)
@click.option("--limit", type=click.IntRange(1, 20), default=3, show_default=True)
@click.option("--max-megabytes", type=click.IntRange(min=1), default=32, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def geocode(address: str | None, city_name: str, file: Path | None, **options: Any) -> None:
    """Find an ADDRESS, or with --file the addresses of a CSV file, in a city pack.

    Exit code 0: a house, street or place is found, or a file was worked through. 2: the address
    is not known for sure (its candidates are printed), or the input cannot be used.
    """
    if (address is None) == (file is None):
        raise InvalidInput('give either an address, such as "14 Aberdeen Ave", or --file CSV')
    table = None
    if file is not None:
        table = _read_table(file, options["column"], options["max_megabytes"] * MEGABYTE)
    elif options["output"] is not None:
        raise InvalidInput("--output belongs to --file")
    geocoder = Geocoder.from_pack(CityPack.open(find_pack_file(city_name)))
    if table is not None:
        _geocode_table(geocoder, table, options)
        return
    _geocode_text(geocoder, address or "", options["limit"], as_json=options["as_json"])


def ask(geocoder: Geocoder, text: str, limit: int) -> Answer:
    """Look one text up; only a house that `Geocoder.resolve` would take is ``found``."""
    candidates = geocoder.geocode(text, limit=max(limit, 5))
    try:
        accept_best(candidates, city=geocoder.gazetteer.pack.meta.name)
    except AddressUnknown:
        return Answer("unknown", ())
    except AddressAmbiguous:
        sure = candidates[0].score >= ACCEPT_SCORE and find_rival(candidates) is None
        return Answer("place" if sure else "ambiguous", candidates[:limit])
    return Answer("found", candidates[:limit])


def _geocode_text(geocoder: Geocoder, text: str, limit: int, *, as_json: bool) -> None:
    answer = ask(geocoder, text, limit)
    if as_json:
        click.echo(json.dumps(_as_json(answer), ensure_ascii=False, indent=1))
    elif answer.candidates:
        _print_candidates(answer)
    if answer.status in ("found", "place"):
        return
    city = geocoder.gazetteer.pack.meta.name
    if answer.status == "unknown":
        click.echo(f"Error: no such address in {city}; check street and house number.", err=True)
    else:
        click.echo(
            f"Error: not sure which address in {city} is meant; pick a candidate, or give street, "
            "house number and postcode.",
            err=True,
        )
    click.get_current_context().exit(NOT_SURE_EXIT_CODE)


def _as_json(answer: Answer) -> dict[str, Any]:
    return {
        "status": answer.status,
        "candidates": [asdict(candidate) for candidate in answer.candidates],
    }


def _print_candidates(answer: Answer) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Address", no_wrap=True)
    table.add_column("Area")
    table.add_column("Precision", no_wrap=True)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("Lon, lat", no_wrap=True)
    for candidate in answer.candidates:
        table.add_row(
            escape(", ".join(filter(None, (candidate.label, candidate.postcode)))),
            escape(candidate.area or ""),
            candidate.precision.value,
            f"{candidate.score:.2f}",
            f"{candidate.lon:.5f}, {candidate.lat:.5f}",
        )
    console = Console()
    if not console.is_terminal:
        console.width = _PIPED_WIDTH
    console.print(table)


def _read_table(file: Path, column: str, max_bytes: int) -> CsvTable:
    """Read the file; any column name will do, written in any case."""
    key = "_".join(column.strip().casefold().replace("-", " ").replace("_", " ").split())
    return read_csv_table(
        file,
        known=frozenset([key]),
        aliases={},
        required=frozenset([key]),
        max_bytes=max_bytes,
    )


def _geocode_table(geocoder: Geocoder, table: CsvTable, options: dict[str, Any]) -> None:
    column = next(name for name in table.columns if name)
    answers = []
    started = time.monotonic()
    with show_steps(quiet=options["as_json"]) as steps:
        steps.start("Finding addresses", len(table.rows))
        for row in table.rows:
            answers.append(ask(geocoder, row.cells[column], options["limit"]))
            steps.advance()
    elapsed_s = time.monotonic() - started
    text = (
        _table_json(table, answers, _summary(answers, elapsed_s))
        if options["as_json"]
        else _table_csv(table, answers)
    )
    if options["output"] is not None:
        _write_whole(options["output"], text)
    else:
        click.echo(text, nl=False)
    _print_summary(_summary(answers, elapsed_s))


def _write_whole(path: Path, text: str) -> None:
    """Write a file in one move, so that nobody reads half of it."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InvalidInput(f"{path}: cannot be written ({error.strerror})") from error


def _table_csv(table: CsvTable, answers: list[Answer]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*map(guard_cell, table.header), *ADDED_COLUMNS])
    for row, answer in zip(table.rows, answers, strict=True):
        padding = [""] * (len(table.header) - len(row.raw))
        writer.writerow([*map(guard_cell, row.raw), *padding, *_added_cells(answer)])
    return stream.getvalue()


def _added_cells(answer: Answer) -> Iterator[str]:
    """The best candidate stands in columns of its own only when it is sure."""
    yield answer.status
    best = answer.candidates[0] if answer.candidates else None
    sure = best if answer.status == "found" else None
    yield best.precision.value if best else ""
    yield f"{best.score:.3f}" if best else ""
    yield f"{sure.lon:.7f}" if sure else ""
    yield f"{sure.lat:.7f}" if sure else ""
    yield guard_cell(sure.label) if sure else ""
    yield guard_cell(sure.address_id or "") if sure else ""
    yield guard_cell(sure.area or "") if sure else ""
    others = answer.candidates[1:] if sure else answer.candidates
    yield guard_cell(" | ".join(f"{other.label} ({other.score:.2f})" for other in others))


def _table_json(table: CsvTable, answers: list[Answer], summary: dict[str, Any]) -> str:
    rows = [
        {"line": row.line, **_as_json(answer)}
        for row, answer in zip(table.rows, answers, strict=True)
    ]
    document = {"summary": summary, "rows": rows}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _summary(answers: list[Answer], elapsed_s: float) -> dict[str, Any]:
    statuses = Counter(answer.status for answer in answers)
    precisions = Counter(
        answer.candidates[0].precision.value for answer in answers if answer.status == "found"
    )
    count = len(answers)
    return {
        "addresses": count,
        **{name: statuses[name] for name in STATUSES},
        "found_share": round(statuses["found"] / count, 4) if count else None,
        "precision": dict(sorted(precisions.items())),
        "ms_per_address": round(elapsed_s * 1000 / count, 3) if count else None,
    }


def _print_summary(summary: dict[str, Any]) -> None:
    count = summary["addresses"]
    if not count:
        click.echo("The file has a header but no addresses.", err=True)
        return
    parts = [f"{summary[name]:,} {name} ({summary[name] / count:.1%})" for name in STATUSES]
    click.echo(
        f"{count:,} addresses: {', '.join(parts)}; {summary['ms_per_address']} ms each", err=True
    )
