"""Files for spreadsheets, maps and other systems: ``/exports/{community}/{what}.csv``."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, PathParameter
from litestar.response import Stream

from core.clock import Clock
from core.db import Database
from core.settings import Settings
from matching.exports.errors import ExportUnknown
from matching.exports.exporting import open_export, write_export
from matching.exports.kinds import Form, What
from people.signing_in.errors import NotSignedIn
from web.identity import identify
from web.pages.guards import AnyRequest
from web.pages.limiting import PressLimits
from web.pages.rendering import PRIVATE

MEDIA_TYPES = {Form.CSV: "text/csv", Form.GEOJSON: "application/geo+json"}

Slug = Annotated[str, PathParameter(max_length=64)]
FileName = Annotated[str, PathParameter(max_length=64)]


@get("/exports/{community:str}/{file_name:str}", name="export")
async def get_export(
    request: AnyRequest,
    *,
    community: Slug,
    file_name: FileName,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    limits: NamedDependency[PressLimits],
    bom: FromQuery[bool] = False,
) -> Stream:
    """Rows of a community, for its staff or for a token; each time is written down."""
    identity = await identify(request, database, clock, settings)
    actor = identity.actor
    if actor.person_id is None:
        raise NotSignedIn("Sign in first, or send an API token.")
    limits.check(request, f"export:{actor.person_id}", clock.now())
    what, form = read_file_name(file_name)
    async with database.begin() as session:
        export = await open_export(session, actor, community, what, form, now=clock.now())
    headers: dict[str, Any] = {
        **PRIVATE,
        "Content-Disposition": f'attachment; filename="{export.slug}-{what.value}.{form.value}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Stream(
        write_export(database, export, mark=bom), media_type=MEDIA_TYPES[form], headers=headers
    )


def read_file_name(name: str) -> tuple[What, Form]:
    """What a file of this name holds.

    Raises
    ------
    ExportUnknown
        When there is none such.
    """
    stem, _, ending = name.partition(".")
    try:
        return What(stem), Form(ending)
    except ValueError:
        raise ExportUnknown("There is no such export.") from None
