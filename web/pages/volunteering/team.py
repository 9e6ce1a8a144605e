"""A family or a group that helps as one: what it is called, how many come, who they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency

from core.errors import InvalidInput
from matching.models import Volunteer
from matching.volunteering.clearance_reading import read_minors_of_unit
from matching.volunteering.errors import InvalidTeam
from matching.volunteering.listing_repository import TeamRow, load_teams
from matching.volunteering.teams import MAX_SIZE, FormTeam, NewMember, dissolve_team, form_team
from people.errors import InvalidProfile
from people.profile import clean_name
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest, field_id
from web.pages.volunteering.own import ask_to_sign_up, find_own

TEAM = "/volunteering/team"
PAGE = "volunteering/team.html"


@get(TEAM, name="volunteer_team")
async def get_team(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Who comes along."""
    async with desk.look(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        return call.show(PAGE, await _values(call, own, await _read(call, own)))


@post(TEAM, name="volunteer_team_press", status_code=303)
async def post_team(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Come as a team, name somebody who comes along, or come alone again."""
    async with desk.press(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        team, do = await _read(call, own), call.form.get("do", "")
        if do == "alone":
            await dissolve_team(call.session, call.actor, own.id, now=call.now)
            return call.go(TEAM, said="alone")
        errors, command = _read_command(call, own, team, do)
        if not errors:
            try:
                await form_team(call.session, call.actor, command, now=call.now)
            except InvalidTeam:
                _ = call.reader.translator.gettext
                words = _("Count everybody, you too: at least %(least)s, at most %(most)s")
                named = {"least": 1 + len(command.members), "most": MAX_SIZE}
                errors = {"size": words % named}
        if errors:
            values = await _values(call, own, team)
            raise call.show_again(PAGE, values | {"errors": errors})
        return call.go(TEAM, said=do)


def _read_command(
    call: Call, own: Volunteer, team: TeamRow | None, do: str
) -> tuple[dict[str, str], FormTeam]:
    """The team as it is to be, and what is wrong with the form."""
    _ = call.reader.translator.gettext
    form = call.form
    named = [one for one in (() if team is None else team.members) if one.name]
    known = tuple(NewMember(one.name) for one in named)
    before = FormTeam(
        own.id, "" if team is None else team.name, 2 if team is None else team.size, known
    )
    if do == "save":
        name, size = _clean(form.get("name", "")), form.get("size", "").strip()
        errors = {}
        if not name:
            errors["name"] = _("Write what you call yourselves")
        if not size.isdecimal() or not 2 <= int(size[:4]) <= MAX_SIZE:
            errors["size"] = _("Count everybody, you too: at least %(least)s, at most %(most)s") % {
                "least": 2,
                "most": MAX_SIZE,
            }
        number = int(size[:4]) if size.isdecimal() else before.size
        return errors, replace(before, name=name, size=number)
    if team is None or do not in ("add", "remove"):
        raise InvalidInput("This button is not known. Open the page again.")
    if do == "remove":
        key = field_id(form, "key")
        left = tuple(one for one, row in zip(known, named, strict=True) if row.person_id != key)
        return {}, replace(before, members=left)
    new = _clean(form.get("member", ""))
    if not new:
        return {"member": _("Write the name of who comes along")}, before
    if any(_same(new, one.name) for one in known):
        words = _("They are on the list already. Two of one name? Write how you tell them apart")
        return {"member": words}, before
    members = (*known, NewMember(new, under_18=form.get("under_18") == "1"))
    return {}, replace(before, members=members, size=max(before.size, 1 + len(members)))


def _same(one: str, other: str) -> bool:
    return one.casefold() == " ".join(other.casefold().split())


def _clean(text: str) -> str:
    try:
        return clean_name(text)
    except InvalidProfile:
        return ""


async def _read(call: Call, own: Volunteer) -> TeamRow | None:
    found: dict[UUID, TeamRow] = await load_teams(call.session, call.actor, [own.id])
    return found.get(own.id)


async def _values(call: Call, own: Volunteer, team: TeamRow | None) -> dict[str, Any]:
    form = call.form
    young = await read_minors_of_unit(call.session, call.actor, own.id, now=call.now)
    return {
        "team": team,
        "young": young,
        "waits": not all(young.values()),
        "name": form.get("name", "" if team is None else team.name),
        "size": form.get("size", "" if team is None else str(team.size)),
        "member": form.get("member", ""),
        "under_18": form.get("under_18") == "1",
        "errors": {},
        "most": MAX_SIZE,
    }
