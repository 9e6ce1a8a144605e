"""A visit that one has agreed to: the way, the door, on my way, done, a picture, cannot come."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import InvalidInput
from matching.offers.photos import MAX_BYTES, add_photo, read_photo
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.photos import ENVELOPE_BYTES
from web.pages.rendering import PRIVATE
from web.pages.volunteering.visit_views import Looking, answer, read_visit_view, visit_values

VISIT = "/volunteering/visits/{work_id:uuid}"


@get(VISIT, name="volunteer_visit")
async def get_visit(
    request: AnyRequest, work_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """The page of a visit; that its address was shown is written down."""
    async with desk.look_and_note(request) as call:
        view = await read_visit_view(_looking(call, work_id))
        values = visit_values(view, call.reader) | {"back_path": "/volunteering"}
        shown = call.show("visits/visit.html", values)
        if view.page.is_held:
            # The service worker keeps it for the way there without a connection.
            shown.headers["X-Talkoot-Keep"] = "visit"
        return shown


@post(VISIT, name="volunteer_visit_button", status_code=303)
async def post_visit(
    request: AnyRequest, work_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """One button of it."""
    async with desk.press(request) as call:
        said = await answer(_looking(call, work_id), call.form)
        return call.go(_path(work_id), said=said)


@post(
    VISIT + "/photos",
    name="volunteer_photo_post",
    status_code=303,
    request_max_body_size=MAX_BYTES + ENVELOPE_BYTES,
)
async def post_photo(
    request: AnyRequest, work_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Add a picture of the work."""
    async with desk.press(request) as call:
        call.person()
        given = (await request.form()).get("photo")
        if not isinstance(given, UploadFile):
            raise InvalidInput(call.reader.translator.gettext("Choose a picture first."))
        data = await given.read()
        await add_photo(call.session, call.actor, work_id, data, now=call.now)
        return call.go(_path(work_id), said="photo")


@get(VISIT + "/photos/{photo_id:uuid}", name="volunteer_photo")
async def get_photo(
    request: AnyRequest,
    work_id: FromPath[UUID],
    photo_id: FromPath[UUID],
    desk: NamedDependency[Desk],
) -> Response[bytes]:
    """One of one's own pictures."""
    async with desk.look(request) as call:
        call.person()
        photo = await read_photo(call.session, call.actor, photo_id)
        headers = {
            **PRIVATE,
            "Content-Disposition": 'inline; filename="picture.jpg"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return Response(photo.content, media_type=photo.media_type, headers=headers)


def _looking(call: Call, work_id: UUID) -> Looking:
    return Looking(
        call.session,
        call.actor,
        call.person(),
        work_id,
        call.reader,
        call.now,
        whole_day=True,
    )


def _path(work_id: UUID) -> str:
    return f"/volunteering/visits/{work_id}"
