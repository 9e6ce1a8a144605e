"""Calendars for other programs: ``/calendar/{secret}.ics``."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter

from core.clock import Clock
from core.db import Database
from core.settings import Settings
from matching.feeds.calendar_file import is_known, make_etag
from matching.feeds.errors import FeedUnknown
from matching.feeds.feeds import read_feed
from web.pages.guards import AnyRequest
from web.pages.limiting import PressLimits
from web.pages.rendering import PRIVATE

ENDING = ".ics"
MEDIA_TYPE = "text/calendar"
NOT_MODIFIED = 304

FileName = Annotated[str, PathParameter(max_length=64)]


@get("/calendar/{file_name:str}", name="calendar")
async def get_calendar(
    request: AnyRequest,
    *,
    file_name: FileName,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    limits: NamedDependency[PressLimits],
) -> Response[bytes]:
    """The calendar behind a secret link; an ended one answers as if it had never been."""
    if not file_name.endswith(ENDING):
        raise FeedUnknown("There is no such calendar.")
    token = file_name.removesuffix(ENDING)
    limits.check(request, f"calendar:{token}", clock.now())
    async with database.read() as session:
        content = await read_feed(session, token, settings.public_url, now=clock.now())
    etag = make_etag(content)
    headers = {**PRIVATE, "Cache-Control": "private, no-cache", "ETag": etag}
    if is_known(etag, request.headers.get("if-none-match")):
        return Response(b"", status_code=NOT_MODIFIED, headers=headers, media_type=MEDIA_TYPE)
    headers["Content-Disposition"] = 'attachment; filename="talkoot.ics"'
    return Response(content, media_type=MEDIA_TYPE, headers=headers)
