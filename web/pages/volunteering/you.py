"""What a volunteer offers: how far, how much, languages, tools; and leaving for good."""

from __future__ import annotations

from litestar import get, post
from litestar.di import NamedDependency

from core.errors import InvalidInput
from matching.kinds import TravelMode
from matching.models import Volunteer
from matching.volunteering.clearance_reading import read_clearances
from matching.volunteering.errors import InvalidSignUp
from matching.volunteering.form_changes import check_change, read_form_rules
from matching.volunteering.listing_repository import load_abilities, load_languages
from matching.volunteering.signing_up import ChangeVolunteer, change_volunteer
from matching.volunteering.standing_back import leave_programme
from people.repository import list_abilities
from web.pages.desk import Answer, Call, Desk
from web.pages.guards import AnyRequest
from web.pages.volunteering import join_views, words
from web.pages.volunteering.join_answers import MINUTES, read_picked
from web.pages.volunteering.own import ask_to_sign_up, find_own
from web.pages.volunteering.you_views import lacks_guardian, view_clearance

YOU = "/volunteering/you"
LEAVE = "/volunteering/leave"
TASKS = (1, 2, 3, 4, 5, 6, 8, 10)


@get(YOU, name="volunteer_you")
async def get_you(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Everything that one has told us, to be changed."""
    async with desk.look(request) as call:
        own = await find_own(call)
        return ask_to_sign_up(call) if own is None else await _show(call, own)


@post(YOU, name="volunteer_you_save", status_code=303)
async def post_you(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Change it."""
    async with desk.press(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        allowed = await read_form_rules(call.session, own.community_id, now=call.now)
        try:
            command = check_change(_read(call, own), allowed)
        except InvalidSignUp as error:
            await _show(call, own, join_views.explain(error, call.reader))
        else:
            await change_volunteer(call.session, call.actor, command, now=call.now)
        return call.go(YOU, said="saved")


@get(LEAVE, name="volunteer_leave")
async def get_leave(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What happens when somebody takes part no more."""
    async with desk.look(request) as call:
        own = await find_own(call)
        return ask_to_sign_up(call) if own is None else call.show("volunteering/leave.html", {})


@post(LEAVE, name="volunteer_leave_send", status_code=303)
async def post_leave(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Take part no more."""
    async with desk.press(request) as call:
        own = await find_own(call)
        if own is not None:
            await leave_programme(call.session, call.actor, own.id, now=call.now)
        return call.go("/", said="left")


def _read(call: Call, own: Volunteer) -> ChangeVolunteer:
    form = call.form
    mode, minutes, tasks = form.get("mode", ""), form.get("minutes", ""), form.get("tasks", "")
    if mode not in {one.value for one in TravelMode}:
        raise InvalidInput("This way to travel is not known. Open the page again.")
    is_new_reach = minutes.isdecimal() and int(minutes) * 60 != own.max_travel_s
    return ChangeVolunteer(
        volunteer_id=own.id,
        mode=TravelMode(mode),
        max_travel_s=int(minutes[:4]) * 60 if is_new_reach else None,
        max_tasks=int(tasks[:3]) if tasks.isdecimal() else None,
        languages=read_picked(form, "speak-"),
        abilities=read_picked(form, "can-"),
    )


async def _show(call: Call, own: Volunteer, errors: dict[str, str] | None = None) -> Answer:
    session, actor, reader, keys = call.session, call.actor, call.reader, [own.id]
    able = (await load_abilities(session, actor, keys)).get(own.id, [])
    spoken = (await load_languages(session, actor, keys)).get(own.id, [])
    cleared = (await read_clearances(session, actor, keys, now=call.now)).get(own.id, [])
    known = await list_abilities(session, own.community_id)
    minutes = own.max_travel_s // 60
    choices = sorted({*MINUTES, minutes})
    values = {
        "own": own,
        "minutes": minutes,
        "area": own.home.area,
        "modes": [(code, text, "") for code, text in words.say_modes(reader).items()],
        "reaches": [(str(one), reader.translator.say_minutes(one)) for one in choices],
        "tasks": [(str(one), str(one)) for one in sorted({*TASKS, own.max_tasks})],
        "tools": join_views.list_tools(known, reader, [row.code for row in able]),
        "speech": join_views.list_speech(reader, spoken),
        "cleared": await view_clearance(call, own, cleared),
        "waits_for_guardian": lacks_guardian(cleared),
        "errors": errors or {},
    }
    if errors:
        raise call.show_again("volunteering/you.html", values)
    return call.show("volunteering/you.html", values)
