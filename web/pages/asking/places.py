"""The questions about the place: the address as one types it, which one is meant, and the pin."""

from __future__ import annotations

import asyncio
from html import escape
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from msgspec.structs import replace

from core.errors import InvalidInput
from geo.finding import find_place, suggest_addresses
from geo.open_cities import open_city
from matching.intake.addresses import MAX_UNIT
from matching.intake.models import NOTES_LENGTH
from people.disclosure import read_address
from people.models import Community
from people.repository import read_rules_at
from web.pages.asking.answers import Answers, Spot
from web.pages.asking.opening import Asking, kind_of, no_detour, open_asking
from web.pages.asking.spots import (
    find_faults,
    is_corner,
    keep_likely,
    move_pin,
    read_pin,
    say_spot,
)
from web.pages.design.ground import find_ground
from web.pages.design.maps import Frame, Mark, Words, base_path, draw_place
from web.pages.desk import Answer, Call, Desk
from web.pages.details import ask_details
from web.pages.guards import AnyRequest, check_same_site, read_form
from web.pages.rendering import PRIVATE

LONGEST = 200
SHORTEST = 3
SPAN_M = 300.0
AROUND_M = 420.0
AGAIN = "/ask/place?again=1"
MOST_SUGGESTED = 5


async def search_spots(town: Community, k: int, typed: str) -> tuple[Spot, ...]:
    """What a typed address may mean, by the city's own data: no other service hears of it."""
    return await asyncio.to_thread(_search, town.city_pack, k, typed)


def _search(city_pack: str, k: int, typed: str) -> tuple[Spot, ...]:
    city = open_city(city_pack)
    spots = []
    for spot in keep_likely(suggest_addresses(city, typed, k=k, limit=5)):
        try:
            place = find_place(city, spot.lon_deg, spot.lat_deg, k=k)
        except InvalidInput:
            continue  # it lies outside the town
        spots.append(replace(spot, area=spot.area or place.area))
    return tuple(spots)


@get("/ask/place", name="ask_place")
async def get_place(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Where do you need help?"""
    async with desk.look_and_note(request) as call:
        asking = await open_asking(call)
        away = no_detour(asking, "place")
        if away is not None:
            return away
        return await _show_place(asking, asking.answers.typed)


async def _show_place(
    asking: Asking, typed: str, errors: dict[str, str] | None = None, *, notes: str | None = None
) -> Answer:
    call, home = asking.call, None
    if asking.home_id is not None:
        home = await read_address(call.session, call.actor, asking.home_id, now=call.now)
    values = {
        "home": home,
        "typed": typed,
        "details": ask_details(kind_of(asking), call.reader.translator),
        "notes": asking.answers.notes if notes is None else notes,
        "is_again": call.request.query_params.get("again") == "1",
    }
    return asking.show("place", values, errors)


@post("/ask/place", name="ask_place_post", status_code=303)
async def post_place(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Take the address, or the home that is on record."""
    form = await read_form(request)
    typed = " ".join(form.get("typed", "").split())[:LONGEST]
    spots: tuple[Spot, ...] = ()
    if form.get("do") != "home" and len(typed) >= SHORTEST:
        async with desk.look(request) as call:
            call.browser.check(form)
            rules = await read_rules_at(call.session, call.town.id, call.now)
            town = call.town
        spots = await search_spots(town, rules.anonymity_k, typed)
    async with desk.press(request) as call:
        asking = await open_asking(call, lock=True)
        away = no_detour(asking, "place")
        if away is not None:
            return away
        translator = call.reader.translator
        if form.get("do") == "home" and asking.home_id is not None:
            notes = form.get("notes", "").strip()[:NOTES_LENGTH]
            faults = ask_details(kind_of(asking), translator).find_faults(notes, translator)
            if faults:
                return await _show_place(asking, "", faults, notes=notes)
            answers = replace(asking.answers, at_home=True, spots=(), notes=notes, who="self")
            return await asking.go_on(answers.after("place"))
        errors = _find_address_faults(call, typed, spots)
        if errors:
            return await _show_place(asking, typed, errors)
        unit = form.get("unit", "").strip()[:MAX_UNIT]
        answers = replace(
            asking.answers, typed=typed, unit=unit, spots=spots, pick=0, pin=None, at_home=False
        )
        return await asking.go_on(answers.after("place", undo=("pin",)))


def _find_address_faults(call: Call, typed: str, spots: tuple[Spot, ...]) -> dict[str, str]:
    _ = call.reader.translator.gettext
    if len(typed) < SHORTEST:
        return {"typed": _("Write the street and the house number, for example 14 Hollis Street")}
    if not spots:
        words = _("We cannot find this address in %(town)s. Look at the street and the number.")
        return {"typed": words % {"town": call.town.name}}
    if not any(spot.is_house or is_corner(spot) for spot in spots):
        if not any(sign.isdigit() for sign in typed):
            return {"typed": _("Write the house number too, for example 14")}
        words = _("We know %(street)s, but not this number there. Look at the number again.")
        return {"typed": words % {"street": spots[0].label}}
    return {}


@get("/ask/place/confirm", name="ask_pin")
async def get_pin(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Is this the right place?"""
    async with desk.look(request) as call:
        asking = await open_asking(call)
        if "pin" not in asking.steps:
            return call.go("/ask/place")
        away = no_detour(asking, "pin")
        if away is not None:
            return away
        return await _show_pin(asking, asking.answers)


async def _show_pin(
    asking: Asking, answers: Answers, errors: dict[str, str] | None = None
) -> Answer:
    call = asking.call
    spot, point = answers.spot, answers.point
    if spot is None or point is None:
        return call.go("/ask/place")
    translator = call.reader.translator
    _ = translator.gettext
    title = _("Map around %(place)s") % {"place": spot.label}
    where = _("The pin stands at %(place)s.") % {"place": spot.label}
    if answers.pin is not None:
        where = _("You moved the pin near %(place)s.") % {"place": spot.label}
    ground = await find_ground(call.town.city_pack)
    frame = Frame(*point, SPAN_M if spot.is_house else AROUND_M)
    drawing = await asyncio.to_thread(
        draw_place, ground, frame, [Mark(*point)], Words(title, where), numbers=True
    )
    values: dict[str, Any] = {
        "spots": [(one.label, say_spot(one, translator)) for one in answers.spots],
        "given": answers,
        "where": where,
        "details": ask_details(kind_of(asking), translator),
        "point": point,
        "drawing": drawing,
        "base": base_path(call.town.slug, ground),
        "has_corner_only": not spot.is_house,
    }
    return asking.show("pin", values, errors)


@post("/ask/place/confirm", name="ask_pin_post", status_code=303)
async def post_pin(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Move the pin, or take the place."""
    async with desk.press(request) as call:
        asking = await open_asking(call, lock=True)
        if "pin" not in asking.steps:
            return call.go("/ask/place")
        away = no_detour(asking, "pin")
        if away is not None:
            return away
        form = call.form
        notes = form.get("notes", "").strip()[:NOTES_LENGTH]
        answers = replace(read_pin(asking.answers, form), notes=notes)
        if form.get("place") == "none":
            kept = tuple(step for step in answers.done if step not in ("place", "pin"))
            await asking.go_on(replace(answers, done=kept))
            return call.go(AGAIN)
        if form.get("move"):
            await asking.go_on(move_pin(answers, form["move"]))
            return call.go("/ask/place/confirm#map")
        translator = call.reader.translator
        details = ask_details(kind_of(asking), translator)
        errors = find_faults(answers, translator) or details.find_faults(notes, translator)
        if not errors and answers.pin is not None:
            answers = await _place_pin(call, answers)
            if answers.pin is None:
                _ = call.reader.translator.gettext
                errors = {"place": _("The pin stands outside the town. Choose the place again.")}
        if errors:
            return await _show_pin(asking, answers, errors)
        return await asking.go_on(answers.after("pin"))


async def _place_pin(call: Call, answers: Answers) -> Answers:
    """The blurred cell and the neighborhood of the pin; outside the town it goes back."""
    rules = await read_rules_at(call.session, call.town.id, call.now)
    assert answers.pin is not None
    city = await asyncio.to_thread(open_city, call.town.city_pack)
    try:
        place = await asyncio.to_thread(find_place, city, *answers.pin, k=rules.anonymity_k)
    except InvalidInput:
        return replace(answers, pin=None)
    return replace(answers, pin_cell=int(place.cell), pin_area=place.area)


@post("/ask/places", name="ask_places", status_code=200)
async def post_places(request: AnyRequest, desk: NamedDependency[Desk]) -> Response[str]:
    """Addresses that fit what is typed so far, as options of a list. Keeps and logs nothing."""
    check_same_site(request, desk.settings)
    desk.limits.check_caller(request, desk.limits.places_per_caller, desk.clock.now())
    typed = " ".join((await read_form(request)).get("q", "").split())[:LONGEST]
    options = ""
    if len(typed) >= SHORTEST:
        async with desk.look(request) as call:
            rules = await read_rules_at(call.session, call.town.id, call.now)
            town = call.town
        city = await asyncio.to_thread(open_city, town.city_pack)
        found = await asyncio.to_thread(
            suggest_addresses, city, typed, k=rules.anonymity_k, limit=MOST_SUGGESTED
        )
        options = "".join(
            f'<option value="{escape(one.candidate.label)}"></option>' for one in found
        )
    return Response(options, media_type="text/html", headers=PRIVATE)
