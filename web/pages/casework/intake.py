"""A call for help, written down while the caller is on the phone: one screen, one form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.di import NamedDependency

from core.errors import InvalidInput
from core.ids import new_id
from core.pagination import PageArgs
from geo.finding import HOUSES
from matching.imports import fields
from matching.imports.country import phone_region_of
from matching.imports.errors import CellRefused
from matching.intake.commands import Outcome
from matching.intake.errors import RequestNotYours
from matching.intake.nearby_repository import Near, list_live_near
from matching.intake.programme import load_kinds
from matching.intake.taking import take_request
from people.directory_repository import PeopleFilter
from people.disclosure import read_address
from people.kinds import Purpose
from people.looking import find_person, search_people
from people.models import Community, Person
from people.repository import find_consent, read_rules_at
from web.pages.casework.intake_form import Known, check_form, chosen_person
from web.pages.casework.reading import PersonView, view_people
from web.pages.casework.request_views import RequestRow, view_requests
from web.pages.casework.words import LANGUAGE_NAMES, say_caller, say_contact_choice
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest, read_form
from web.pages.locating import Located, locate, read_written_address, say_what_is_missing
from web.pages.refusals import say_refusal

MAX_FOUND = 8
FEWEST_DIGITS = 7
PAGE = "casework/intake.html"


@dataclass
class Found:
    """Everything that the screen shows beside what was typed."""

    people: list[PersonView] = field(default_factory=list)
    has_searched: bool = False
    person: PersonView | None = None
    home: str = ""
    household_id: UUID | None = None
    has_agreed: bool = False
    near: list[RequestRow] = field(default_factory=list)


@get("/staff/intake", name="intake")
async def get_intake(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """An empty screen for the next call, or one for somebody whose file is open."""
    async with desk.look_and_note(request) as call:
        call.staff()
        form = {"key": str(new_id()), "contact": "platform", "when": "", "language": "en"}
        form["person"] = request.query_params.get("person", "")[:40]
        found = await _look_up(call, form, Located())
        return call.show(PAGE, await _values(call, form, found, Located()))


@post("/staff/intake", name="intake_press", status_code=200)
async def post_intake(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Look up who calls and where, or write the call down."""
    located = await _locate(request, desk)
    async with desk.press(request) as call:
        town, form = call.staff(), dict(call.form)
        found = await _look_up(call, form, located)
        if form.get("do") != "save":
            return call.show(PAGE, await _values(call, form, found, located))
        rules = await read_rules_at(call.session, town.id, call.now)
        known = Known(
            community_id=town.id,
            kinds=await load_kinds(call.session, town.id, call.now),
            zone=ZoneInfo(town.time_zone),
            now=call.now,
            urgent_weight=rules.urgent_weight,
            place=located.place,
            has_home=found.household_id is not None,
            has_agreed=found.has_agreed,
        )
        checked = check_form(form, known, call.reader.translator.gettext)
        errors = checked.errors
        if errors.get("address") and not chosen_person(form):
            errors["address"] = say_what_is_missing(call, located)
        if checked.command is None:
            values = await _values(call, form, found, located)
            raise call.show_again(PAGE, values | {"errors": errors})
        try:
            taken = await take_request(call.session, call.actor, checked.command, now=call.now)
        except (InvalidInput, RequestNotYours) as error:
            values = await _values(call, form, found, located)
            raise call.show_again(
                PAGE, values | {"errors": {"kind": say_refusal(call.reader.translator, error)}}
            ) from None
        said = "joined" if taken.outcome is Outcome.JOINED else "taken"
        if taken.request is not None:
            return call.go(f"/staff/intake/taken/{taken.request.id}", said=said)
        assert taken.standing is not None
        return call.go(f"/staff/intake/kept/{taken.standing.id}", said=said)


async def _locate(request: AnyRequest, desk: Desk) -> Located:
    """The home that was typed or picked."""
    form = await read_form(request)
    async with desk.look(request) as call:
        town = call.staff()
        call.browser.check(form)
        rules = await read_rules_at(call.session, town.id, call.now)
    written = read_written_address(form)
    if written is None:
        return Located()
    located = await locate(town, rules.anonymity_k, written, desk.settings)
    if located.place is not None and located.place.precision in HOUSES:
        return located
    # A street alone is no home.
    houses = tuple(one for one in located.candidates if one.precision in HOUSES)
    return Located(candidates=houses, is_unknown=not houses)


async def _look_up(call: Call, form: dict[str, str], located: Located) -> Found:
    """Who may be calling, the chosen one, and what is asked for already at that home."""
    found, town = Found(), call.town
    sought = form.get("who", "").strip()
    if sought:
        wanted = read_search(sought, town)
        page = PageArgs(first=MAX_FOUND)
        people = await search_people(call.session, call.actor, town.id, wanted, page, now=call.now)
        found.people, found.has_searched = await view_people(call, people.items), True
        if len(found.people) == 1 and not form.get("person"):
            form["person"] = str(found.people[0].id)
        if not found.people and not form.get("person"):
            form["person"] = "new"
            form.setdefault("name", "")
            if wanted.contact is None and not form["name"]:
                form["name"] = sought
            elif wanted.contact is not None and not form.get("phone"):
                form["phone"] = sought
    person_id = chosen_person(form)
    if person_id is not None:
        await _open_person(
            call, found, await find_person(call.session, call.actor, town.id, person_id)
        )
    place = located.place
    near = Near(
        resident_id=person_id,
        household_id=found.household_id,
        lon_deg=None if place is None else place.lon_deg,
        lat_deg=None if place is None else place.lat_deg,
    )
    rows = await list_live_near(call.session, call.actor, town.id, near)
    found.near = await view_requests(call, rows)
    return found


async def _open_person(call: Call, found: Found, person: Person) -> None:
    """The chosen person with the home on record; seeing the address is written down."""
    (found.person,) = await view_people(call, [person])
    town_id = call.town.id
    consent = await find_consent(call.session, person.id, Purpose.MATCHING, community_id=town_id)
    found.has_agreed = consent is not None
    if person.household_id is None:
        return
    found.household_id = person.household_id
    home = await read_address(call.session, call.actor, person.household_id, now=call.now)
    found.home = f"{home.address_text}, {home.unit}" if home.unit else home.address_text


def read_search(sought: str, town: Community) -> PeopleFilter:
    """A phone number or a mail address when it is one, else a part of a name."""
    try:
        if "@" in sought:
            return PeopleFilter(contact=fields.parse_email("email", sought))
        if sum(sign.isdigit() for sign in sought) >= FEWEST_DIGITS:
            region = phone_region_of(town.time_zone)
            return PeopleFilter(contact=fields.parse_phone("phone", sought, region=region))
    except CellRefused:
        return PeopleFilter(contact=sought[:100])
    return PeopleFilter(name=sought[:100])


async def _values(
    call: Call, form: Mapping[str, str], found: Found, located: Located
) -> dict[str, Any]:
    say, language = call.reader.translator.gettext, call.reader.language
    kinds = await load_kinds(call.session, call.town.id, call.now)
    return {
        "form": form,
        "errors": {},
        "found": found,
        "located": located,
        "candidates": located.spots,
        "kinds": [
            (
                kind.code.value,
                kind.label(language),
                kind.needs_storm,
                [
                    (part.code, kind.scope_label(part.code, language), part.usual)
                    for part in kind.scope
                ],
            )
            for kind in kinds.kinds
            if kind.offered
        ],
        "callers": list(say_caller(say).items()),
        "contacts": list(say_contact_choice(say).items()),
        "languages": list(LANGUAGE_NAMES.items()),
    }
