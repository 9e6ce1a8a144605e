"""The file of a person, and what staff may do with it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import InvalidInput, NotFound
from matching.personal.erasure import erase_person
from matching.personal.export import export_person
from matching.volunteering.ability_names import say_check as name_check
from messaging.consenting import StateConsent, state_consent
from people.errors import LastManager
from people.kinds import Purpose, Role
from people.looking import find_person, open_contacts, open_file
from people.memberships import StaffRole, end_role, give_role
from people.models import Person
from people.repository import read_rules_at
from web.pages.casework.guardians import read_guardians, read_unit
from web.pages.casework.person_views import PersonFile, list_possible, read_person
from web.pages.casework.reading import view_contact
from web.pages.casework.words import say_check, say_purpose
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.rendering import PRIVATE

PAGE = "casework/person.html"
TEXT_VERSION = "phone-1"
ASKABLE = (Purpose.MATCHING, Purpose.OFFERS, Purpose.CAMPAIGNS, Purpose.PROGRAMMES)
CHECK_RESULTS = ("passed", "requested", "failed", "revoked")


@get("/staff/people/{person_id:uuid}", name="staff_person")
async def get_person(
    request: AnyRequest, person_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """The file; opening it is written down."""
    async with desk.look_and_note(request) as call:
        town = call.staff()
        person = await open_file(call.session, call.actor, town.id, person_id, now=call.now)
        return call.show(PAGE, await person_values(call, person))


@post("/staff/people/{person_id:uuid}/contacts", name="staff_contacts", status_code=200)
async def post_contacts(
    request: AnyRequest, person_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Show phone and mail once, and write down who looked."""
    async with desk.press(request) as call:
        town = call.staff()
        found = await open_contacts(call.session, call.actor, town.id, person_id, now=call.now)
        await call.session.flush()
        person = await find_person(call.session, call.actor, town.id, person_id)
        values = await person_values(call, person)
        say = call.reader.translator.gettext
        shown = tuple(view_contact(row, say, is_open=True) for row in found)
        return call.show(PAGE, values | {"file": replace(values["file"], open_contacts=shown)})


@post("/staff/people/{person_id:uuid}/roles", name="staff_roles", status_code=303)
async def post_roles(
    request: AnyRequest, person_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """A manager lets somebody work for the programme, or no more."""
    async with desk.press(request) as call:
        town = call.staff()
        person = await find_person(call.session, call.actor, town.id, person_id)
        do, code = call.form.get("do", ""), call.form.get("role", "")
        if code not in set(Role) or do not in ("give", "end"):
            raise NotFound("There is no such role.")
        act = give_role if do == "give" else end_role
        try:
            command = StaffRole(town.id, person_id, Role(code))
            await act(call.session, call.actor, command, now=call.now)
        except (LastManager, InvalidInput):
            _ = call.reader.translator.gettext
            words = {"role": _("This is the last manager. Make somebody else a manager first.")}
            raise await _again(call, person, words) from None
        return call.go(f"/staff/people/{person_id}", said=f"role_{do}")


@post("/staff/people/{person_id:uuid}/consent", name="staff_consent", status_code=303)
async def post_consent(
    request: AnyRequest, person_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """What somebody said on the phone: yes or no to messages of a kind."""
    async with desk.press(request) as call:
        town = call.staff()
        person = await find_person(call.session, call.actor, town.id, person_id)
        code, said = call.form.get("purpose", ""), call.form.get("said", "")
        if code not in set(ASKABLE) or said not in ("yes", "no"):
            _ = call.reader.translator.gettext
            words = {"purpose": _("Choose what it is about, and what they said")}
            raise await _again(call, person, words)
        command = StateConsent(
            community_id=town.id,
            person_id=person_id,
            purpose=Purpose(code),
            granted=said == "yes",
            text_version=TEXT_VERSION,
        )
        await state_consent(call.session, call.actor, command, now=call.now)
        return call.go(f"/staff/people/{person_id}", said="consent")


@post("/staff/people/{person_id:uuid}/export", name="staff_export", status_code=200)
async def post_export(
    request: AnyRequest, person_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Everything that is kept, as a file to hand over. It is written down."""
    async with desk.press(request) as call:
        town = call.staff()
        await find_person(call.session, call.actor, town.id, person_id)
        kept = await export_person(call.session, call.actor, person_id, now=call.now)
        answer = Response(
            json.dumps(kept, ensure_ascii=False, indent=1),
            media_type=MediaType.JSON,
            headers={
                **PRIVATE,
                "Content-Disposition": f'attachment; filename="person-{person_id}.json"',
            },
        )
        return call.browser.finish(answer)


@get("/staff/people/{person_id:uuid}/erase", name="staff_erase")
async def get_erase(
    request: AnyRequest, person_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """What happens when somebody is forgotten."""
    async with desk.look_and_note(request) as call:
        town = call.staff()
        person = await open_file(call.session, call.actor, town.id, person_id, now=call.now)
        return call.show("casework/erase.html", await _erase_values(call, person))


@post("/staff/people/{person_id:uuid}/erase", name="staff_erase_press", status_code=303)
async def post_erase(
    request: AnyRequest, person_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Forget somebody for good."""
    async with desk.press(request) as call:
        town = call.staff()
        person = await find_person(call.session, call.actor, town.id, person_id)
        values = await _erase_values(call, person)
        if call.form.get("sure") != "1":
            _ = call.reader.translator.gettext
            errors = {"sure": _("Tick that they have asked for it")}
            raise call.show_again("casework/erase.html", values | {"errors": errors})
        await erase_person(call.session, call.actor, person_id, now=call.now)
        return call.go("/staff/people", said="erased")


async def _erase_values(call: Call, person: Person) -> dict[str, Any]:
    """For those alone who may; for others there is no such page."""
    if "erase" not in list_possible(call, person):
        raise NotFound("There is no such page for you.")
    return {"file": await read_person(call, person), "errors": {}}


async def person_values(call: Call, person: Person) -> dict[str, Any]:
    """What the page of a person shows."""
    say = call.reader.translator.gettext
    rules = await read_rules_at(call.session, call.town.id, call.now)
    file: PersonFile = await read_person(call, person)
    return {
        "file": file,
        "errors": {},
        "guardians": await read_guardians(call, person.id) if file.is_minor else [],
        "unit": await read_unit(call, person.id),
        "purposes": [(one.value, say_purpose(say, one.value)) for one in ASKABLE],
        "check_codes": [
            (code, name_check(call.reader.language, code, rules)) for code in rules.vetting
        ],
        "check_results": [(code, say_check(say, code)[0]) for code in CHECK_RESULTS],
    }


async def _again(call: Call, person: Person, errors: dict[str, str]) -> Exception:
    return call.show_again(PAGE, await person_values(call, person) | {"errors": errors})
