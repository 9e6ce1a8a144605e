"""A request that is changed, called off, or given to a volunteer who is on the phone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.errors import Conflict, InvalidInput
from core.pagination import PageArgs, read_page
from matching.intake import listing_repository as listing
from matching.intake.changing import BEFORE_A_YES, ChangeRequest, change_request
from matching.intake.commands import Windows
from matching.intake.kinds import ContactChoice
from matching.intake.programme import load_kinds
from matching.models import HelpRequest
from matching.offers.casework import cancel_request
from matching.offers.replying import take_home
from matching.volunteering.listing_repository import (
    VolunteerFilter,
    VolunteerSort,
    list_volunteers_of,
)
from people.kinds import Role
from people.looking import search_people
from web.pages.casework.intake import read_search
from web.pages.casework.reading import view_people
from web.pages.casework.request_file import find_request
from web.pages.casework.words import say_contact_choice, say_why_not_taken
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest, field_id
from web.pages.refusals import say_refusal

CHANGE, GIVE = "casework/change.html", "casework/give.html"
MINUTE = "%Y-%m-%dT%H:%M"
MAX_FOUND = 10


@get("/staff/requests/{request_id:uuid}/change", name="staff_change")
async def get_change(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """What may still be changed."""
    async with desk.look(request) as call:
        row = await find_request(call, request_id)
        return call.show(CHANGE, await _change_values(call, row))


@post("/staff/requests/{request_id:uuid}/change", name="staff_change_press", status_code=303)
async def post_change(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Change it."""
    async with desk.press(request) as call:
        row = await find_request(call, request_id)
        values = await _change_values(call, row)
        errors: dict[str, str] = {}
        windows = _read_window(call, errors) if values["may_move"] else None
        if windows == values["kept"]:
            windows = None
        scope = _read_scope(call, row, values) if values["may_move"] else None
        if errors:
            raise call.show_again(CHANGE, values | {"errors": errors, "form": call.form})
        command = ChangeRequest(
            request_id=row.id,
            windows=windows,
            scope=scope,
            access_notes=call.form.get("notes", ""),
            contact_choice=_read_contact(call.form),
        )
        try:
            await change_request(call.session, call.actor, command, now=call.now)
        except (Conflict, InvalidInput) as error:
            raise call.show_again(
                CHANGE,
                values
                | {
                    "errors": {"notes": say_refusal(call.reader.translator, error)},
                    "form": call.form,
                },
            ) from None
        return call.go(f"/staff/requests/{request_id}", said="changed")


@get("/staff/requests/{request_id:uuid}/cancel", name="staff_cancel")
async def get_cancel(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Whether to call it off, and who hears of it."""
    async with desk.look(request) as call:
        row = await find_request(call, request_id)
        return call.show("casework/cancel.html", {"row": row})


@post("/staff/requests/{request_id:uuid}/cancel", name="staff_cancel_press", status_code=303)
async def post_cancel(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Call it off, as the home wishes."""
    async with desk.press(request) as call:
        row = await find_request(call, request_id)
        await cancel_request(
            call.session, call.actor, row.id, now=call.now, reason="resident_cancelled"
        )
        return call.go(f"/staff/requests/{request_id}", said="cancel")


@get("/staff/requests/{request_id:uuid}/give", name="staff_give")
async def get_give(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Which volunteer is on the phone?"""
    async with desk.look(request) as call:
        row = await find_request(call, request_id)
        return call.show(GIVE, {"row": row, "found": None, "who": "", "errors": {}})


@post("/staff/requests/{request_id:uuid}/give", name="staff_give_press", status_code=200)
async def post_give(
    request: AnyRequest, request_id: FromPath[UUID], desk: NamedDependency[Desk]
) -> Answer:
    """Find the volunteer, then write down their yes."""
    async with desk.press(request) as call:
        row = await find_request(call, request_id)
        volunteer_id = field_id(call.form, "volunteer")
        _ = call.reader.translator.gettext
        if volunteer_id is not None:
            try:
                reply = await take_home(
                    call.session, call.actor, volunteer_id, row.id, now=call.now
                )
            except Conflict:
                words = _("They cannot take this home now: their day is full, or it is not open.")
                raise call.show_again(GIVE, await _give_values(call, row, words)) from None
            if reply.work is None:
                words = say_why_not_taken(_, reply.outcome)
                raise call.show_again(GIVE, await _give_values(call, row, words))
            return call.go(f"/staff/requests/{request_id}", said="took")
        if not call.form.get("who", "").strip():
            values = {"row": row, "found": None, "who": ""}
            errors = {"who": _("Write a name, a phone number or a mail address")}
            raise call.show_again(GIVE, values | {"errors": errors})
        return call.show(GIVE, await _give_values(call, row))


async def _give_values(call: Call, row: HelpRequest, error: str = "") -> dict[str, Any]:
    """The volunteers who may be on the phone."""
    who = call.form.get("who", "").strip()
    wanted = replace(read_search(who, call.town), role=Role.VOLUNTEER)
    page = PageArgs(first=MAX_FOUND)
    found = await search_people(call.session, call.actor, call.town.id, wanted, page, now=call.now)
    people = await view_people(call, found.items)
    profiles: dict[UUID, UUID] = {}
    if people:
        only = VolunteerFilter(person_ids=[person.id for person in people])
        rows = list_volunteers_of(
            call.actor, call.town.id, only, VolunteerSort.JOINED, descending=True
        )
        profiles = {
            one.person_id: one.id for one in (await read_page(call.session, rows, page)).items
        }
    return {
        "row": row,
        "who": who,
        "found": [(profiles[one.id], one) for one in people if one.id in profiles],
        "errors": {"who": error} if error else {},
    }


async def _change_values(call: Call, row: HelpRequest) -> dict[str, Any]:
    zone = ZoneInfo(call.town.time_zone)
    windows = (await listing.load_windows(call.session, call.actor, [row.id])).get(row.id, [])
    access = (await listing.load_access(call.session, call.actor, [row.id])).get(row.id)
    kinds = await load_kinds(call.session, call.town.id, call.now)
    kind = kinds.by_code().get(row.kind)
    language = call.reader.language
    kept = tuple(
        (
            window.opens_at.astimezone(zone).replace(second=0, microsecond=0),
            window.closes_at.astimezone(zone).replace(second=0, microsecond=0),
        )
        for window in windows[:1]
    )
    form = {"notes": (None if access is None else access.access_notes) or ""}
    form["contact"] = "platform" if access is None else access.contact_choice.value
    if kept:
        form |= {"from": kept[0][0].strftime(MINUTE), "until": kept[0][1].strftime(MINUTE)}
    return {
        "row": row,
        "form": form,
        "errors": {},
        "kept": kept,
        "may_move": row.status in BEFORE_A_YES,
        "scope_parts": []
        if kind is None
        else [(one.code, kind.scope_label(one.code, language)) for one in kind.scope],
        "contacts": list(say_contact_choice(call.reader.translator.gettext).items()),
    }


def _read_window(call: Call, errors: dict[str, str]) -> Windows | None:
    _ = call.reader.translator.gettext
    zone = ZoneInfo(call.town.time_zone)
    try:
        begin, end = (
            datetime.strptime(call.form.get(name, ""), MINUTE).replace(tzinfo=zone)
            for name in ("from", "until")
        )
    except ValueError:
        errors["from"] = _("Write from when and until when")
        return None
    if end <= begin:
        errors["from"] = _("The end must be later than the beginning")
    elif end <= call.now:
        errors["until"] = _("This time is over. Choose a later one")
    return ((begin, end),)


def _read_scope(call: Call, row: HelpRequest, values: dict[str, Any]) -> tuple[str, ...] | None:
    ticked = tuple(
        code for code, _ in values["scope_parts"] if call.form.get(f"scope.{code}") == "1"
    )
    return None if not ticked or set(ticked) == set(row.scope) else ticked


def _read_contact(form: dict[str, str]) -> ContactChoice | None:
    try:
        return ContactChoice(form.get("contact", ""))
    except ValueError:
        return None
