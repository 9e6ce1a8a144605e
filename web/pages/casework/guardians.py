"""What the guardian of somebody under 18 allows, as staff hear it and write it down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.results.amounts import say_date
from core.errors import NotFound
from core.pagination import PageArgs
from matching.intake.programme import load_kinds
from matching.volunteering.checks import end_guardian_consent
from matching.volunteering.clearance_reading import list_units_with, read_minors_of_unit
from matching.volunteering.listing_repository import load_teams, load_volunteers
from people import directory_repository as directory
from people.errors import InvalidGuardian
from people.guardians import GiveConsent, give_guardian_consent
from people.looking import find_person, search_people
from people.repository import read_rules_at
from people.safeguard_models import GuardianConsent
from web.pages.casework.intake import read_search
from web.pages.casework.reading import load_names, view_people
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import day_is_over, read_day
from web.pages.guards import AnyRequest, field_id

PAGE = "casework/guardian.html"
TEXT_VERSION = "phone-1"
MAX_FOUND = 10
USUAL = timedelta(days=365)
A_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True)
class GuardianView:
    """One guardian's word."""

    id: UUID
    guardian_id: UUID
    name: str
    kinds: str
    """Kinds of help by name; nothing for all of them."""
    alone: bool
    last_day: str
    """With its year: most words hold into the next one."""
    holds: bool


@dataclass(frozen=True)
class UnitMember:
    """Somebody who comes along with a volunteer, or answers for those who do."""

    id: UUID
    name: str
    is_minor: bool
    may: bool
    """Of a minor: whether a guardian's word holds now."""


@get("/staff/people/{person_id:uuid}/guardian", name="staff_guardian")
async def get_guardian(
    request: AnyRequest, person_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Who lets somebody under 18 help?"""
    async with desk.look(request) as call:
        return call.show(PAGE, await _values(call, person_id))


@post("/staff/people/{person_id:uuid}/guardian", name="staff_guardian_press", status_code=200)
async def post_guardian(
    request: AnyRequest, person_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Find the guardian, write down what they said, or that they take it back."""
    async with desk.press(request) as call:
        values, form = await _values(call, person_id), call.form
        ended = field_id(form, "end")
        if ended is not None:
            return await _end(call, person_id, ended)
        guardian_id = field_id(form, "guardian")
        if guardian_id is not None:
            await find_person(call.session, call.actor, call.town.id, guardian_id)
            values |= await _chosen(call, guardian_id)
            if form.get("do") != "save":
                return call.show(PAGE, values)
            errors = await _save(call, person_id, guardian_id)
            if errors:
                raise call.show_again(PAGE, values | {"errors": errors})
            return call.go(f"/staff/people/{person_id}", said="guardian")
        who = form.get("who", "").strip()
        if not who:
            _ = call.reader.translator.gettext
            errors = {"who": _("Write a name, a phone number or a mail address")}
            raise call.show_again(PAGE, values | {"errors": errors})
        page = PageArgs(first=MAX_FOUND)
        found = await search_people(
            call.session, call.actor, call.town.id, read_search(who, call.town), page, now=call.now
        )
        others = [person for person in found.items if person.id != person_id]
        return call.show(PAGE, values | {"found": await view_people(call, others)})


async def read_guardians(call: Call, person_id: UUID) -> list[GuardianView]:
    """Whose word holds for somebody under 18, and whose did; taken back ones are left out."""
    session, actor = call.session, call.actor
    found = await directory.load_guardian_consents_for(session, actor, [person_id])
    rows = [
        row
        for row in found.get(person_id, [])
        if row.community_id == call.town.id and row.withdrawn_at is None
    ]
    names = await load_names(call, [row.guardian_id for row in rows])
    labels = dict(await _list_kinds(call)) if rows else {}
    return [
        GuardianView(
            id=row.id,
            guardian_id=row.guardian_id,
            name=names.get(row.guardian_id, ""),
            kinds=", ".join(labels.get(kind, kind) for kind in row.kinds),
            alone=row.alone,
            last_day=say_date(call.reader.translator, row.valid_until - A_MOMENT),
            holds=row.granted_at <= call.now < row.valid_until,
        )
        for row in rows
    ]


async def read_unit(call: Call, person_id: UUID) -> list[UnitMember]:
    """Those with whom a person helps as one, without the person; nobody for most."""
    session, actor = call.session, call.actor
    keys = await list_units_with(session, actor, person_id, call.town.id)
    teams = await load_teams(session, actor, keys)
    leads = await load_volunteers(session, actor, list(teams))
    people: dict[UUID, bool | None] = {}
    for key, team in teams.items():
        minors = await read_minors_of_unit(session, actor, key, now=call.now)
        for one in (leads[key].person_id, *(member.person_id for member in team.members)):
            people[one] = minors.get(one)
    people.pop(person_id, None)
    names = await load_names(call, list(people))
    return [
        UnitMember(key, names.get(key, ""), is_minor=may is not None, may=bool(may))
        for key, may in people.items()
    ]


async def _values(call: Call, person_id: UUID) -> dict[str, Any]:
    """The page of somebody under 18; of others there is none."""
    town = call.staff()
    await find_person(call.session, call.actor, town.id, person_id)
    if person_id not in await directory.load_minors_of(call.session, call.actor, [person_id]):
        raise NotFound("This person did not say to be under 18.")
    rules = await read_rules_at(call.session, town.id, call.now)
    _ = call.reader.translator.gettext
    return {
        "person_id": person_id,
        "name": (await load_names(call, [person_id])).get(person_id, ""),
        "who": call.form.get("who", ""),
        "near": [one for one in await read_unit(call, person_id) if not one.is_minor],
        "kinds": [("", _("All kinds of help")), *await _list_kinds(call)],
        "kind": call.form.get("kind", ""),
        "alone": call.form.get("alone") == "1",
        "may_go_alone": rules.minors_alone,
        "until": call.form.get("until", "") or (_today(call) + USUAL).isoformat(),
        "chosen": None,
        "found": None,
        "errors": {},
    }


async def _chosen(call: Call, guardian_id: UUID) -> dict[str, Any]:
    names = await load_names(call, [guardian_id])
    return {"chosen": guardian_id, "chosen_name": names.get(guardian_id, "")}


async def _list_kinds(call: Call) -> list[tuple[str, str]]:
    kinds = await load_kinds(call.session, call.town.id, call.now)
    return [
        (kind.code.value, kind.label(call.reader.language)) for kind in kinds.kinds if kind.offered
    ]


def _today(call: Call) -> date:
    return call.now.astimezone(ZoneInfo(call.town.time_zone)).date()


async def _save(call: Call, person_id: UUID, guardian_id: UUID) -> dict[str, str]:
    """Write the word down; what is wrong with the form, by field. Said twice it stands once."""
    _ = call.reader.translator.gettext
    day, kind = read_day(call.form.get("until", "")), call.form.get("kind", "")
    if day is None or day < _today(call):
        return {"until": _("Choose a day that is still to come")}
    if kind and kind not in dict(await _list_kinds(call)):
        return {"kind": _("Choose what they may help with")}
    rules = await read_rules_at(call.session, call.town.id, call.now)
    zone = ZoneInfo(call.town.time_zone)
    command = GiveConsent(
        community_id=call.town.id,
        minor_id=person_id,
        guardian_id=guardian_id,
        valid_until=day_is_over(day, zone),
        text_version=TEXT_VERSION,
        source="phone",
        kinds=(kind,) if kind else (),
        alone=rules.minors_alone and call.form.get("alone") == "1",
    )
    found = await directory.load_guardian_consents_for(call.session, call.actor, [person_id])
    if any(_says(row, command) for row in found.get(person_id, [])):
        return {}
    try:
        await give_guardian_consent(call.session, call.actor, command, now=call.now)
    except InvalidGuardian:
        return {"who": _("Choose an adult, not the person themselves")}
    return {}


def _says(row: GuardianConsent, command: GiveConsent) -> bool:
    said = replace(
        command,
        guardian_id=row.guardian_id,
        valid_until=row.valid_until,
        kinds=tuple(row.kinds),
        alone=row.alone,
    )
    return row.withdrawn_at is None and row.community_id == command.community_id and said == command


async def _end(call: Call, person_id: UUID, consent_id: UUID) -> Answer:
    found = await directory.load_guardian_consents(call.session, call.actor, [consent_id])
    if consent_id not in found or found[consent_id].minor_id != person_id:
        raise NotFound("There is no such word of a guardian.")
    await end_guardian_consent(call.session, call.actor, consent_id, now=call.now)
    return call.go(f"/staff/people/{person_id}", said="guardian_end")
