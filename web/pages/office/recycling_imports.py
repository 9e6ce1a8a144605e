"""Lists of routes and measurements of recycling: the same check before anything is kept."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime

from litestar import Response

from campaigns.recycling import repository
from campaigns.recycling.errors import InvalidMeasurement, UnusableMeasurements
from campaigns.recycling.files import FileKind
from campaigns.recycling.importing import Imported, import_file
from campaigns.recycling.routes import count_area_addresses
from campaigns.recycling.words import say_file_fault, say_refused
from core.events import Event
from core.i18n import Translator
from matching.errors import UnusableFile
from matching.imports.csv_table import guard_cell
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.office.importing import NoFile, Sent, pack
from web.pages.rendering import PRIVATE

FILE_NAME = "recycling.csv"
SHOWN_LINES = 200


@dataclass(frozen=True)
class EarlierRow:
    """A list that came in before; None where nothing of the kind is counted."""

    happened_at: datetime
    words: str
    new_count: int
    changed_count: int
    refused_count: int | None


def name_kind(speaker: Translator, kind: FileKind) -> str:
    """What the lines of a file are."""
    _ = speaker.gettext
    return {
        FileKind.ROUTES: _("Collection routes"),
        FileKind.SET_OUTS: _("Carts set out, by week"),
        FileKind.WEIGHTS: _("Weights of trucks, by day"),
        FileKind.SORTS: _("Samples sorted by hand"),
        FileKind.AUDITS: _("Looks into carts"),
    }[kind]


async def check(desk: Desk, request: AnyRequest, sent: Sent) -> Answer:
    """What every line would do. Nothing is kept.

    Raises
    ------
    NoFile
        When it is no list that can be read; so do the other steps.
    """
    done, call = await _try(desk, request, sent)
    refused = done.told.refused
    return call.show(
        "office/imports_recycling.html",
        {
            "kind": name_kind(call.reader.translator, done.kind),
            "told": done.told,
            "lines": done.line_count,
            "good": done.line_count - len({one.line for one in refused}),
            "to_write": done.told.new_count + done.told.changed_count,
            "problems": [
                (one.line, say_refused(one, call.reader.language)) for one in refused[:SHOWN_LINES]
            ],
            "left_out": max(0, len(refused) - SHOWN_LINES),
            "packed": pack(sent.data),
        },
    )


async def take(desk: Desk, request: AnyRequest, sent: Sent) -> Answer:
    """Keep the good lines. The same file once more changes nothing."""
    areas = await count_area_addresses(sent.town)
    async with desk.press(request) as call:
        try:
            await import_file(
                call.session,
                call.actor,
                call.staff(),
                sent.data,
                name=FILE_NAME,
                area_addresses=areas,
                now=call.now,
            )
        except (UnusableFile, UnusableMeasurements, InvalidMeasurement) as error:
            raise NoFile(say_file_fault(error, call.reader.language)) from None
        return call.go("/staff/imports", said="taken")


async def write_refused(desk: Desk, request: AnyRequest, sent: Sent) -> Answer:
    """The refused lines with what is wrong, as a file."""
    done, call = await _try(desk, request, sent)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["line", "problem"])
    for one in done.told.refused:
        writer.writerow([one.line, guard_cell(say_refused(one, call.reader.language))])
    headers = {
        **PRIVATE,
        "Content-Disposition": 'attachment; filename="recycling-refused.csv"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    body = text.getvalue().encode("utf-8-sig")
    return Response(body, media_type="text/csv", headers=headers)


async def list_earlier(call: Call) -> list[EarlierRow]:
    """What came in before, of routes and measurements; the latest first."""
    rows = await repository.list_recorded(call.session, call.actor, call.town.id)
    return [_show_earlier(call.reader.translator, row) for row in rows]


def _show_earlier(speaker: Translator, row: Event) -> EarlierRow:
    is_routes = row.kind == "recycling.routes_set"
    return EarlierRow(
        row.happened_at,
        name_kind(speaker, FileKind.ROUTES)
        if is_routes
        else speaker.gettext("Recycling measurements"),
        int(row.data.get("new_count") or 0),
        int(row.data.get("changed_count") or 0),
        None if is_routes else int(row.data.get("refused_count") or 0),
    )


async def _try(desk: Desk, request: AnyRequest, sent: Sent) -> tuple[Imported, Call]:
    """What a file would do, read where nothing can be written."""
    areas = await count_area_addresses(sent.town)
    async with desk.look(request) as call:
        try:
            done = await import_file(
                call.session,
                call.actor,
                call.staff(),
                sent.data,
                name=FILE_NAME,
                area_addresses=areas,
                now=call.now,
                dry_run=True,
            )
        except (UnusableFile, UnusableMeasurements, InvalidMeasurement) as error:
            raise NoFile(say_file_fault(error, call.reader.language)) from None
        return done, call
