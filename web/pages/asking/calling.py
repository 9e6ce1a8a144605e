"""Call me back: a name and a number, without an account, for a person of the team alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency

from matching.intake.call_backs import AskForCall, ask_for_call, find_call_faults
from matching.intake.models import ABOUT_LENGTH
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest, field_id
from web.pages.own_contacts import read_own_contacts

CALL_ME = "/call-me"
PAGE = "asking/call_me.html"


@get(CALL_ME, name="call_me")
async def get_call_me(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Which number, and who answers there?"""
    async with desk.look(request) as call:
        about = field_id(dict(request.query_params), "request")
        given = {}
        if call.said != "noted":
            own = await read_own_contacts(call)
            given = {"name": own.name, "phone": own.phone}
        return call.show(PAGE, _values(given, about))


@post(CALL_ME, name="call_me_post", status_code=303)
async def post_call_me(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Write it down once; who waits at this number already waits on, with the new words."""
    async with desk.press(request) as call:
        form = call.form
        about = field_id(form, "request")
        command = AskForCall(
            name=form.get("name", ""),
            phone=form.get("phone", ""),
            about=form.get("about", ""),
            language=call.reader.language,
            request_id=about,
        )
        bad = find_call_faults(call.town, command)
        if bad:
            raise call.show_again(PAGE, _values(form, about) | {"errors": _say(call, bad)})
        desk.limits.check_call_back(request, call.actor.person_id, call.now)
        await ask_for_call(call.session, call.actor, call.town, command, now=call.now)
        return call.go(CALL_ME, said="noted")


def _values(given: dict[str, str], about: UUID | None) -> dict[str, Any]:
    return {"given": given, "request_id": about or "", "errors": {}, "longest": ABOUT_LENGTH}


def _say(call: Call, bad: tuple[str, ...]) -> dict[str, str]:
    _ = call.reader.translator.gettext
    words = {
        "name": _("Write your name"),
        "phone": _("Write the phone number with its area code"),
        "about": _("Write at most %(count)s characters") % {"count": ABOUT_LENGTH},
    }
    return {name: words[name] for name in bad}
