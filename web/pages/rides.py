"""Uploading a ride as a GPX file that is too large for the API, up to 10 MB."""

from __future__ import annotations

import asyncio
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from campaigns.biking.gpx import MAX_BYTES, PIECE, GpxReader, Track
from campaigns.biking.kinds import RidePurpose
from campaigns.biking.recording import add_track, open_season
from core.clock import Clock
from core.db import Database
from core.errors import InvalidInput, TalkootError
from core.settings import Settings
from people.signing_in.errors import NotSignedIn
from web.identity import Identity, check_csrf, identify
from web.pages.guards import AnyRequest, read_form
from web.pages.limiting import PressLimits
from web.pages.rendering import PRIVATE, answer_page
from web.pages.signing_in import answer_problem
from web.pages.visitors import SEE_OTHER, read_visit

PAGE = "rides/upload.html"
ENVELOPE_BYTES = 64 * 1024
"""What a form may add around the file."""
SAID = frozenset({"new", "known"})


@get("/campaigns/{campaign_id:uuid}/rides", name="rides")
async def get_rides(
    request: AnyRequest,
    campaign_id: FromPath[UUID],
    *,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Response[str]:
    """The form for one file."""
    try:
        identity = await _identify_person(request, database, clock, settings)
        async with database.read() as session:
            season = await open_season(session, identity.actor, campaign_id)
        said = request.query_params.get("said", "")
        values = {
            "csrf": identity.csrf,
            "campaign_id": campaign_id,
            "title": season.campaign.title,
            "said": said if said in SAID else "",
        }
        return answer_page(PAGE, read_visit(request, settings).reader, values)
    except TalkootError as error:
        return answer_problem(error, request, settings)


@post(
    "/campaigns/{campaign_id:uuid}/rides",
    name="rides_post",
    status_code=SEE_OTHER,
    request_max_body_size=MAX_BYTES + ENVELOPE_BYTES,
)
async def post_ride(
    request: AnyRequest,
    campaign_id: FromPath[UUID],
    *,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    limits: NamedDependency[PressLimits],
) -> Response[str] | Redirect:
    """Measure the file's track and tell the ride; nothing of the file is kept."""
    try:
        identity = await _identify_person(request, database, clock, settings)
        limits.check(request, str(identity.session_id), clock.now())
        form = await read_form(request)
        check_csrf(request, identity, settings, form)
        purpose = RidePurpose.LEISURE if form.get("purpose") == "leisure" else RidePurpose.TRANSPORT
        track = await _read_file(request, settings)
        async with database.begin() as session:
            done = await add_track(
                session, identity.actor, campaign_id, track, purpose=purpose, now=clock.now()
            )
    except TalkootError as error:
        return answer_problem(error, request, settings)
    said = "new" if done.is_new else "known"
    path = f"/campaigns/{campaign_id}/rides?said={said}"
    return Redirect(path, status_code=SEE_OTHER, headers=PRIVATE)


async def _read_file(request: AnyRequest, settings: Settings) -> Track:
    """The track, read in pieces and no further than where the file turns bad."""
    given = (await request.form()).get("file")
    if not isinstance(given, UploadFile):
        translator = read_visit(request, settings).reader.translator
        raise InvalidInput(translator.gettext("Choose a file first."))
    reader = GpxReader()
    while piece := await given.read(PIECE):
        await asyncio.to_thread(reader.feed, piece)
    return await asyncio.to_thread(reader.close)


async def _identify_person(
    request: AnyRequest, database: Database, clock: Clock, settings: Settings
) -> Identity:
    """Somebody who signed in with this browser; programs use the API."""
    identity = await identify(request, database, clock, settings)
    if identity.session_id is None:
        raise NotSignedIn("Sign in first.")
    return identity
