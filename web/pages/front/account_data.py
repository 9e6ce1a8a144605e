"""Your own page: all that is kept, to take along; and being forgotten."""

from __future__ import annotations

from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency

from matching.personal.erasure import erase_person
from matching.personal.export import export_person
from web.identity import end_cookie
from web.pages.desk import Answer, Desk
from web.pages.guards import AnyRequest
from web.pages.rendering import PRIVATE

FILE: Final = "talkoot-about-me.json"


@get("/account/data", name="account_data")
async def get_data(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What the file holds, before it is made."""
    async with desk.look(request) as call:
        call.person()
        return call.show("front/account_data.html", {})


@post("/account/data", name="account_data_post", status_code=200)
async def post_data(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """All that is kept, as a file. Each time is written down."""
    async with desk.press(request) as call:
        kept = await export_person(call.session, call.actor, call.person(), now=call.now)
        headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{FILE}"'}
        body = msgspec.json.format(msgspec.json.encode(kept), indent=2)
        return Response(body, media_type="application/json", headers=headers)


@get("/account/forget", name="account_forget")
async def get_forget(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What goes, what stays, and the button."""
    async with desk.look(request) as call:
        call.person()
        return call.show("front/account_forget.html", {"errors": {}})


@post("/account/forget", name="account_forget_post", status_code=303)
async def post_forget(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Forget the reader for good, and sign them out."""
    async with desk.press(request) as call:
        person_id = call.person()
        if call.form.get("sure") != "1":
            _ = call.reader.translator.gettext
            errors = {"sure": _("Tick this first, so that it does not happen by mistake")}
            raise call.show_again("front/account_forget.html", {"errors": errors})
        await erase_person(call.session, call.actor, person_id, now=call.now)
        answer = call.go("/forgotten")
        answer.set_cookie(end_cookie(call.settings))
        return answer


@get("/forgotten", name="forgotten")
async def get_forgotten(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Goodbye."""
    async with desk.look(request) as call:
        return call.show("front/forgotten.html", {})
