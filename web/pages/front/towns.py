"""Several towns in one installation: which one is the reader's?"""

from __future__ import annotations

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency

from people.repository import list_communities
from web.pages.choices import PLACE_COOKIE
from web.pages.desk import CHOICE_LIFE, Answer, Call, Desk
from web.pages.guards import AnyRequest

PAGE: Final = "front/towns.html"


@get("/towns", name="towns")
async def get_towns(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Show the towns that the reader may choose."""
    async with desk.look(request) as call:
        chosen = "" if call.place is None else call.place.slug
        towns = await _list_towns(call)
        return call.show(PAGE, {"towns": towns, "chosen": chosen, "errors": {}})


@post("/towns", name="choose_town", status_code=303)
async def post_town(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Keep the choice in this browser."""
    async with desk.press(request) as call:
        towns = await _list_towns(call)
        chosen = call.form.get("town", "")
        if chosen not in {slug for slug, *_more in towns}:
            _ = call.reader.translator.gettext
            errors = {"town": _("Choose a town")}
            raise call.show_again(PAGE, {"towns": towns, "chosen": "", "errors": errors})
        call.browser.keep(PLACE_COOKIE, chosen, CHOICE_LIFE)
        return call.go("/")


async def _list_towns(call: Call) -> list[tuple[str, str, str]]:
    """The slug and name of all of them; of staff those that they work for."""
    working = call.actor.staff_communities()
    towns = await list_communities(call.session)
    return [(town.slug, town.name, "") for town in towns if not working or town.id in working]
