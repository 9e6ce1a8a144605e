"""Pages of events: one's seat, being asked to help, and the public calendar of a community."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter

from campaigns.events import helping, signing_up
from campaigns.events.feeds import read_public_feed
from campaigns.events.reading import read_help_page, read_seat_page
from core.clock import Clock
from core.db import Database
from core.errors import InvalidInput
from matching.feeds.calendar_file import is_known, make_etag
from people.errors import CommunityUnknown
from web.pages.guards import AnyRequest
from web.pages.limiting import PressLimits
from web.pages.links import Next, Visit
from web.pages.rendering import answer_page

ENDING = ".ics"
MEDIA_TYPE = "text/calendar"
NOT_MODIFIED = 304
BUTTON_UNKNOWN = "This button is not known. Open the link in our message again."

FileName = Annotated[str, PathParameter(max_length=80)]


@get("/events/{file_name:str}", name="events_calendar")
async def get_events_calendar(
    request: AnyRequest,
    *,
    file_name: FileName,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    limits: NamedDependency[PressLimits],
) -> Response[bytes]:
    """The public events of a community, for calendar programs: ``/events/cambridge.ics``."""
    if not file_name.endswith(ENDING):
        raise CommunityUnknown("There is no such calendar.")
    limits.check(request, f"events:{file_name}", clock.now())
    async with database.read() as session:
        content = await read_public_feed(session, file_name.removesuffix(ENDING), now=clock.now())
    etag = make_etag(content)
    headers = {"Cache-Control": "public, no-cache", "ETag": etag}
    if is_known(etag, request.headers.get("if-none-match")):
        return Response(b"", status_code=NOT_MODIFIED, headers=headers, media_type=MEDIA_TYPE)
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


async def show_seat(visit: Visit) -> Response[str]:
    """Where one's sign-up stands. Looking confirms nothing: there is a button."""
    page = await read_seat_page(visit.session, visit.actor, visit.link.subject_id, now=visit.now)
    reader = replace(visit.reader, time_zone=page.time_zone)
    return answer_page("events/seat.html", reader, {"page": page})


async def answer_seat(visit: Visit, form: dict[str, str]) -> Next:
    """Take the kept seat, or give a seat back."""
    key = visit.link.subject_id
    if form.get("do") == "confirm":
        await signing_up.confirm_seat(visit.session, visit.actor, key, now=visit.now)
    elif form.get("do") == "cancel":
        await signing_up.cancel_registration(visit.session, visit.actor, key, now=visit.now)
    else:
        raise InvalidInput(BUTTON_UNKNOWN)
    return Next(visit.token)


async def show_help(visit: Visit) -> Response[str]:
    """What one is asked to do, or has agreed to."""
    page = await read_help_page(visit.session, visit.actor, visit.link.subject_id, now=visit.now)
    reader = replace(visit.reader, time_zone=page.time_zone)
    return answer_page("events/help.html", reader, {"page": page})


async def answer_help(visit: Visit, form: dict[str, str]) -> Next:
    """Yes or no."""
    key = visit.link.subject_id
    if form.get("do") == "yes":
        await helping.accept_help(visit.session, visit.actor, key, now=visit.now)
    elif form.get("do") == "no":
        await helping.withdraw_help(visit.session, visit.actor, key, now=visit.now)
    else:
        raise InvalidInput(BUTTON_UNKNOWN)
    return Next(visit.token)
