"""What staff do for a volunteer: a pause, a check, two people kept apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import InvalidInput, NotFound, NotPermitted
from core.pagination import PageArgs
from matching.kinds import BanSide
from matching.models import Volunteer
from matching.volunteering import lent_repository
from matching.volunteering.bans import BanPair, ban_pair, lift_ban
from matching.volunteering.checks import vet_volunteer
from matching.volunteering.standing_back import (
    leave_programme,
    pause_volunteer,
    resume_volunteer,
)
from people.kinds import Role, VettingStatus
from people.looking import find_person, search_people
from people.repository import read_rules_at
from people.vetting import RecordVetting
from web.pages.casework.intake import read_search
from web.pages.casework.person_file import CHECK_RESULTS, PAGE, person_values
from web.pages.casework.person_views import find_profile
from web.pages.casework.reading import load_names, view_people
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest, field_id

APART = "casework/apart.html"
MAX_FOUND = 10


@post("/staff/people/{person_id:uuid}/volunteering", name="staff_volunteering", status_code=303)
async def post_volunteering(
    request: AnyRequest, person_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Pause, go on, or leave, as the volunteer says on the phone."""
    async with desk.press(request) as call:
        town = call.staff()
        person = await find_person(call.session, call.actor, town.id, person_id)
        profile = await _profile(call, person_id)
        do, session, actor = call.form.get("do", ""), call.session, call.actor
        try:
            if do == "pause":
                until = _read_until(call)
                await pause_volunteer(session, actor, profile.id, until=until, now=call.now)
            elif do == "resume":
                await resume_volunteer(session, actor, profile.id, now=call.now)
            elif do == "leave":
                await leave_programme(session, actor, profile.id, now=call.now)
            else:
                raise NotFound(f"There is no button {do[:40]!r}.")
        except (InvalidInput, ValueError):
            _ = call.reader.translator.gettext
            errors = {"until": _("Choose a day that is still to come, or none")}
            values = await person_values(call, person)
            raise call.show_again(PAGE, values | {"errors": errors}) from None
        return call.go(f"/staff/people/{person_id}", said=do)


@post("/staff/people/{person_id:uuid}/checks", name="staff_checks", status_code=303)
async def post_checks(
    request: AnyRequest, person_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Write down a check of somebody, never one's own."""
    async with desk.press(request) as call:
        town = call.staff()
        person = await find_person(call.session, call.actor, town.id, person_id)
        rules = await read_rules_at(call.session, town.id, call.now)
        code, result = call.form.get("code", ""), call.form.get("result", "")
        if code not in rules.vetting or result not in CHECK_RESULTS:
            _ = call.reader.translator.gettext
            values = await person_values(call, person)
            errors = {"code": _("Choose the check and what came of it")}
            raise call.show_again(PAGE, values | {"errors": errors})
        command = RecordVetting(
            community_id=town.id, person_id=person_id, code=code, status=VettingStatus(result)
        )
        await vet_volunteer(call.session, call.actor, command, now=call.now)
        return call.go(f"/staff/people/{person_id}", said="checked")


@get("/staff/people/{person_id:uuid}/apart", name="staff_apart")
async def get_apart(
    request: AnyRequest, person_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Whom should they not meet?"""
    async with desk.look(request) as call:
        town = call.staff()
        await find_person(call.session, call.actor, town.id, person_id)
        return call.show(APART, await _apart_values(call, person_id))


@post("/staff/people/{person_id:uuid}/apart", name="staff_apart_press", status_code=200)
async def post_apart(
    request: AnyRequest, person_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Find the other one, then keep the two apart; the other side is not told."""
    async with desk.press(request) as call:
        town = call.staff()
        await find_person(call.session, call.actor, town.id, person_id)
        ban_id, other_id = field_id(call.form, "lift"), field_id(call.form, "other")
        if ban_id is not None:
            await _lift(call, ban_id)
            return call.go(f"/staff/people/{person_id}", said="lifted")
        values = await _apart_values(call, person_id)
        _ = call.reader.translator.gettext
        if other_id is not None:
            await find_person(call.session, call.actor, town.id, other_id)
            command = await _pair(call, person_id, other_id)
            if command is None:
                errors = {"who": _("One of the two must be a volunteer, the other a resident")}
                raise call.show_again(APART, values | {"errors": errors})
            await ban_pair(call.session, call.actor, command, now=call.now)
            return call.go(f"/staff/people/{person_id}", said="apart")
        who = call.form.get("who", "").strip()
        if not who:
            errors = {"who": _("Write a name, a phone number or a mail address")}
            raise call.show_again(APART, values | {"errors": errors})
        wanted = replace(read_search(who, town), role=_other_role(values))
        page = PageArgs(first=MAX_FOUND)
        found = await search_people(call.session, call.actor, town.id, wanted, page, now=call.now)
        return call.show(APART, values | {"found": await view_people(call, found.items)})


def _other_role(values: dict[str, Any]) -> Role:
    return Role.RESIDENT if values["is_volunteer"] else Role.VOLUNTEER


async def _apart_values(call: Call, person_id: UUID) -> dict[str, Any]:
    names = await load_names(call, [person_id])
    return {
        "person_id": person_id,
        "name": names.get(person_id, ""),
        "is_volunteer": await find_profile(call, person_id) is not None,
        "who": call.form.get("who", ""),
        "found": None,
        "errors": {},
    }


async def _pair(call: Call, one_id: UUID, other_id: UUID) -> BanPair | None:
    """The volunteer and the resident of the two."""
    for volunteer_id, resident_id in ((one_id, other_id), (other_id, one_id)):
        profile = await find_profile(call, volunteer_id)
        resident = await find_person(call.session, call.actor, call.town.id, resident_id)
        if profile is not None and any(
            row.role is Role.RESIDENT and row.community_id == call.town.id
            for row in resident.memberships
        ):
            return BanPair(profile.id, resident_id, BanSide.STAFF)
    return None


async def _lift(call: Call, ban_id: UUID) -> None:
    ban = (await lent_repository.load_bans(call.session, call.actor, [ban_id])).get(ban_id)
    if ban is None or ban.community_id != call.town.id:
        raise NotPermitted("There is no such pair for you.")
    await lift_ban(
        call.session,
        call.actor,
        volunteer_id=ban.volunteer_id,
        resident_id=ban.resident_id,
        now=call.now,
    )


async def _profile(call: Call, person_id: UUID) -> Volunteer:
    profile = await find_profile(call, person_id)
    if profile is None:
        raise NotFound("This person is no volunteer here.")
    return profile


def _read_until(call: Call) -> datetime | None:
    """The day on which a pause ends; None until they say so."""
    given = call.form.get("until", "").strip()
    if not given:
        return None
    return datetime.combine(date.fromisoformat(given), time(), ZoneInfo(call.town.time_zone))
