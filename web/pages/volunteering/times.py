"""When a volunteer has time: the week as a grid, hours beside it, days off."""

from __future__ import annotations

from litestar import get, post
from litestar.di import NamedDependency

from core.errors import InvalidInput
from core.ids import parse_id
from matching.availability import Away
from matching.models import Volunteer
from matching.volunteering.form_changes import check_change, read_form_rules
from matching.volunteering.listing_repository import (
    load_away,
    load_weekly_hours,
    load_windows,
)
from matching.volunteering.signing_up import ChangeVolunteer, change_volunteer
from matching.volunteering.standing_back import AddAway, add_away, remove_away
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import read_day
from web.pages.guards import AnyRequest
from web.pages.volunteering.join_views import week_values
from web.pages.volunteering.own import ask_to_sign_up, find_own
from web.pages.volunteering.time_views import say_away, say_once, say_other_hours, today_of
from web.pages.volunteering.week import join_week, keep_rule, read_boxes, split_week

TIME = "/volunteering/time"
LONGEST_DAYS = 366
MOST_SHOWN = 250


@get(TIME, name="volunteer_time")
async def get_time(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """The grid and the days off."""
    async with desk.look(request) as call:
        own = await find_own(call)
        return ask_to_sign_up(call) if own is None else await _show(call, own)


@post(TIME, name="volunteer_time_save", status_code=303)
async def post_time(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Write the week anew, or one line of it."""
    async with desk.press(request) as call:
        own = await find_own(call)
        if own is None:
            return ask_to_sign_up(call)
        do = call.form.get("do")
        if do == "week":
            await _save_week(call, own)
            return call.go(TIME, said="saved")
        if do == "away":
            errors = await _add_away(call, own)
            if errors:
                await _show(call, own, errors)
            return call.go(f"{TIME}#off", said="away")
        away_id = parse_id(call.form.get("away_id", ""))
        if do == "back" and away_id is not None:
            await remove_away(call.session, call.actor, own.id, away_id, now=call.now)
            return call.go(f"{TIME}#off", said="back")
        raise InvalidInput("This button is not known. Open the page again.")


async def _save_week(call: Call, own: Volunteer) -> None:
    hours = await load_weekly_hours(call.session, call.actor, [own.id])
    kept = [
        row for row in split_week(hours.get(own.id, [])).others if f"keep-{row.id}" in call.form
    ]
    weekly = (*join_week(read_boxes(call.form)), *(keep_rule(row) for row in kept))
    once = (await load_windows(call.session, call.actor, [own.id])).get(own.id, [])
    windows = tuple(
        (row.starts_at, row.ends_at, row.from_second_anchor)
        for row in once
        if row.ends_at <= call.now or f"keep-{row.id}" in call.form
    )
    change = ChangeVolunteer(volunteer_id=own.id, weekly=weekly, windows=windows)
    allowed = await read_form_rules(call.session, own.community_id, now=call.now)
    checked = check_change(change, allowed)
    await change_volunteer(call.session, call.actor, checked, now=call.now)


async def _add_away(call: Call, own: Volunteer) -> dict[str, str]:
    _ = call.reader.translator.gettext
    first, last = read_day(call.form.get("first", "")), read_day(call.form.get("last", ""))
    last = last or first
    if first is None or last is None:
        return {"first": _("Choose the first day off")}
    if last < first:
        return {"last": _("The last day is before the first")}
    if last < today_of(call) or (last - first).days > LONGEST_DAYS:
        return {"last": _("Choose days in the next year")}
    command = AddAway(own.id, Away(first, last))
    await add_away(call.session, call.actor, command, now=call.now)
    return {}


async def _show(call: Call, own: Volunteer, errors: dict[str, str] | None = None) -> Answer:
    hours = await load_weekly_hours(call.session, call.actor, [own.id])
    once = (await load_windows(call.session, call.actor, [own.id])).get(own.id, [])
    away = await load_away(call.session, call.actor, [own.id])
    week = split_week(hours.get(own.id, []))
    today = today_of(call)
    values = {
        "week": week_values(week.boxes, call.reader),
        "others": [
            *((row.id, say_other_hours(row, call.reader)) for row in week.others),
            *((row.id, say_once(row, call.reader)) for row in once if row.ends_at > call.now),
        ][:MOST_SHOWN],
        "away": [
            (row.id, say_away(row, call.reader))
            for row in away.get(own.id, [])
            if row.last_day >= today
        ],
        "errors": errors or {},
        "form": call.form,
        "first_day": today.isoformat(),
    }
    if errors:
        raise call.show_again("volunteering/time.html", values)
    return call.show("volunteering/time.html", values)
