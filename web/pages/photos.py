"""Pictures of work: taken in on the visit's page, shown to the resident and whoever took them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, PathParameter
from litestar.response import Redirect

from core.clock import Clock
from core.db import Database
from core.errors import InvalidInput, TalkootError
from core.settings import Settings
from matching.offers.photos import MAX_BYTES, add_photo, read_photo
from people.auth import Actor
from people.errors import LinkUnknown
from people.links import resolve_link
from web.pages.context import read_reader
from web.pages.errors import answer_error
from web.pages.guards import AnyRequest, check_same_site
from web.pages.limiting import PressLimits
from web.pages.links import SEE_OTHER, read_stranger
from web.pages.rendering import PRIVATE

ENVELOPE_BYTES = 64 * 1024
"""What a form may add around the file."""
MAY_SHOW = frozenset({"visit", "request"})

Token = Annotated[str, PathParameter(max_length=64)]


@post(
    "/l/{token:str}/photos",
    name="photo_post",
    status_code=SEE_OTHER,
    request_max_body_size=MAX_BYTES + ENVELOPE_BYTES,
)
async def post_photo(
    request: AnyRequest,
    *,
    token: Token,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    limits: NamedDependency[PressLimits],
) -> Response[str] | Redirect:
    """Add a picture to one's own visit."""
    reader = read_stranger(request, None)
    try:
        limits.check(request, token, clock.now())
        check_same_site(request, settings)
        form = await request.form()
        given = form.get("photo")
        if not isinstance(given, UploadFile):
            raise InvalidInput(reader.translator.gettext("Choose a picture first."))
        data = await given.read()
        async with database.begin() as session:
            link = await resolve_link(session, token, now=clock.now())
            reader = await read_reader(session, request, link, settings, None, now=clock.now())
            if link.action != "visit":
                raise LinkUnknown("This link takes no pictures.")
            actor = Actor(person_id=link.person_id)
            await add_photo(session, actor, link.subject_id, data, now=clock.now())
    except TalkootError as error:
        return answer_error(error, reader)
    return Redirect(f"/l/{token}?said=photo", status_code=SEE_OTHER, headers=PRIVATE)


@get("/l/{token:str}/photos/{photo_id:uuid}", name="photo")
async def get_photo(
    request: AnyRequest,
    token: Token,
    photo_id: FromPath[UUID],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Response[bytes] | Response[str]:
    """A picture, for those whom the link lets see it."""
    try:
        async with database.read() as session:
            link = await resolve_link(session, token, now=clock.now())
            if link.action not in MAY_SHOW:
                raise LinkUnknown("This link shows no pictures.")
            photo = await read_photo(session, Actor(person_id=link.person_id), photo_id)
    except TalkootError as error:
        return answer_error(error, read_stranger(request, None))
    headers = {
        **PRIVATE,
        "Content-Disposition": 'inline; filename="picture.jpg"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(photo.content, media_type=photo.media_type, headers=headers)
