"""Looking people up. What is typed stays out of addresses, and who was found is written down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import get, post
from litestar.di import NamedDependency

from core.pagination import PageArgs, count_all
from people import directory_repository as directory
from people.directory_repository import PeopleFilter
from people.kinds import Role
from people.looking import search_people
from web.pages.casework.intake import read_search
from web.pages.casework.reading import PAGE as PAGE_SIZE
from web.pages.casework.reading import view_people
from web.pages.casework.words import LANGUAGE_NAMES, say_role
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest

PAGE = "casework/people.html"


@get("/staff/people", name="staff_people")
async def get_people(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """An empty search."""
    async with desk.look(request) as call:
        call.staff()
        return call.show(PAGE, _values(call))


@post("/staff/people", name="staff_people_press", status_code=200)
async def post_people(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Those who fit, the newest first."""
    async with desk.press(request) as call:
        town, form = call.staff(), call.form
        wanted = read_people_filter(call)
        if wanted is None:
            _ = call.reader.translator.gettext
            errors = {"who": _("Write a name, a phone number or a mail address, or choose a role")}
            raise call.show_again(PAGE, _values(call) | {"errors": errors})
        page = PageArgs(first=PAGE_SIZE, after=form.get("after") or None)
        found = await search_people(call.session, call.actor, town.id, wanted, page, now=call.now)
        listing = directory.list_people_of(call.actor, town.id, wanted)
        values = {
            "found": await view_people(call, found.items),
            "total": await count_all(call.session, listing),
            "after": found.cursors[-1] if found.has_next else "",
        }
        return call.show(PAGE, _values(call) | values)


def read_people_filter(call: Call) -> PeopleFilter | None:
    """What was asked for; None when it was nothing."""
    form = call.form
    who, role, language = form.get("who", "").strip(), form.get("role", ""), form.get("language")
    wanted = read_search(who, call.town) if who else PeopleFilter()
    if role in set(Role):
        wanted = replace(wanted, role=Role(role))
    if language in LANGUAGE_NAMES:
        wanted = replace(wanted, language=language)
    return None if wanted == PeopleFilter() else wanted


def _values(call: Call) -> dict[str, Any]:
    say = call.reader.translator.gettext
    return {
        "form": call.form,
        "errors": {},
        "found": None,
        "total": 0,
        "after": "",
        "roles": [(role.value, say_role(say, role.value)) for role in Role],
        "languages": list(LANGUAGE_NAMES.items()),
    }
