"""Where a volunteer starts from: the home, and a second place such as work."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import get, post
from litestar.di import NamedDependency

from core.errors import InvalidInput
from matching.imports.records import Place
from matching.intake.addresses import MAX_UNIT
from matching.models import Volunteer
from matching.volunteering.signing_up import ChangeVolunteer, change_volunteer
from people.directory_repository import find_home_of
from people.disclosure import read_address
from people.models import Community
from people.repository import load_communities, read_rules_at
from web.pages.design.ground import find_ground
from web.pages.design.maps import Frame, Mark, Words, draw_place
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest, read_form
from web.pages.volunteering import join_views
from web.pages.volunteering.join_answers import LONGEST, Joining
from web.pages.volunteering.joining import Found, look_for
from web.pages.volunteering.own import ask_to_sign_up, find_own

PLACE = "/volunteering/place"
PAGE = "volunteering/place.html"
SPAN_M = 300.0
HOME, SECOND = "home", "second"


@get(PLACE, name="volunteer_place")
async def get_place(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Where you start from now."""
    async with desk.look_and_note(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        values = _values(own)
        if await find_home_of(call.session, call.person()) == own.home_id:
            home = await read_address(call.session, call.actor, own.home_id, now=call.now)
            values["home"] = home
        return call.show(PAGE, values)


@post(PLACE, name="volunteer_place_press", status_code=200)
async def post_place(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Look an address up and show it; then start from there, or not from the second place."""
    desk.limits.check_caller(request, desk.limits.places_per_caller, desk.clock.now())
    form = await read_form(request)
    do, found = form.get("do", ""), Found()
    if do in ("look", "save"):
        async with desk.look(request) as call:
            call.browser.check(form)
            own = await find_own(call)
            if own is None:
                return ask_to_sign_up(call)
            k = (await read_rules_at(call.session, own.community_id, call.now)).anonymity_k
            town = await _town_of(call, own)
        typed = " ".join(form.get("typed", "").split())[:LONGEST]
        unit = " ".join(form.get("unit", "").split())[:MAX_UNIT]
        found = await look_for(town, k, Joining(typed=typed), form.get("pick", ""), unit=unit)
    async with desk.press(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        if do == "drop":
            command = ChangeVolunteer(own.id, drops_second_place=True)
            await change_volunteer(call.session, call.actor, command, now=call.now)
            return call.go(PLACE, said="dropped")
        if do not in ("look", "save"):
            raise InvalidInput("This button is not known. Open the page again.")
        # The home is shown by its area alone here: what this page would note of it may be undone.
        values = _values(own, form, found)
        if found.place is None:
            errors = join_views.where_errors(found.fault, call.reader)
            raise call.show_again(PAGE, values | {"errors": errors})
        if do == "look":
            drawing = await _draw(call, await _town_of(call, own), found.place)
            return call.show(PAGE, values | {"drawing": drawing})
        which = SECOND if form.get("which") == SECOND else HOME
        command = (
            ChangeVolunteer(own.id, second_place=found.place)
            if which == SECOND
            else ChangeVolunteer(own.id, home=found.place)
        )
        await change_volunteer(call.session, call.actor, command, now=call.now)
        return call.go(PLACE, said=which)


async def _town_of(call: Call, own: Volunteer) -> Community:
    """Where the volunteer helps; it need not be the town that the browser is in."""
    return (await load_communities(call.session, call.actor, [own.community_id]))[own.community_id]


def _values(
    own: Volunteer, form: dict[str, str] | None = None, found: Found | None = None
) -> dict[str, Any]:
    given, found = form or {}, found or Found()
    return {
        "home": None,
        "area": own.home.area,
        "has_second": own.second_anchor is not None,
        "second_area": None if own.second_anchor is None else own.second_anchor.area,
        "given": given,
        "which": SECOND if given.get("which") == SECOND else HOME,
        "candidates": [
            (str(number), label, "") for number, (label, _, _) in enumerate(found.candidates)
        ],
        "found": found.place,
        "errors": {},
    }


async def _draw(call: Call, town: Community, place: Place) -> Any:
    """The place on a small map."""
    _ = call.reader.translator.gettext
    point = (place.lon_deg, place.lat_deg)
    title = _("Map around %(place)s") % {"place": place.address_text}
    where = _("The pin stands at %(place)s.") % {"place": place.address_text}
    ground = await find_ground(town.city_pack)
    frame = Frame(*point, SPAN_M)
    return await asyncio.to_thread(
        draw_place, ground, frame, [Mark(*point)], Words(title, where), numbers=True
    )
