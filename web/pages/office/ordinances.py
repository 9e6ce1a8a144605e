"""Choosing the city rule by which deadlines are worked out, and what the programme promises."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import get, post
from litestar.di import NamedDependency

from campaigns.results.amounts import say_date
from matching.errors import RulesSetThen
from matching.intake.kinds import IntakeTopic
from matching.intake.ordinance_packs import list_packs
from matching.intake.programme import (
    DeadlineRules,
    load_deadline_rules,
    set_intake_rules,
)
from people import policy
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import read_number
from web.pages.guards import AnyRequest
from web.pages.office.ordinance_views import list_ordinances, say_deadlines
from web.pages.office.rule_forms import Change, Written, read_start

PAGE = "office/ordinance.html"
MOST_HOURS = 240


@get("/staff/rules/city", name="staff_city_rule")
async def get_city_rule(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What each city says, with its source, and which one holds here."""
    async with desk.look(request) as call:
        call.staff()
        now = await load_deadline_rules(call.session, call.town, call.now)
        form = {
            "ordinance": now.ordinance or "",
            "promise_hours": "" if now.promise_hours is None else f"{now.promise_hours:g}",
        }
        return call.show(PAGE, _values(call, now, form, {}))


@post("/staff/rules/city", name="staff_city_rule_save", status_code=303)
async def post_city_rule(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """First show what would change; pressed there, let it hold."""
    async with desk.press(request) as call:
        town = call.manager()
        before = await load_deadline_rules(call.session, town, call.now)
        written, after = _read(call, before)
        if written.errors:
            raise call.show_again(PAGE, _values(call, before, call.form, written.errors))
        if call.form.get("do") == "edit":
            return call.show(PAGE, _values(call, before, call.form, {}))
        if call.form.get("do") == "save" and after != before:
            starts_at = written.valid_from or call.now
            await _save(call, after, starts_at, before)
            return call.go("/staff/rules", said="changed")
        speaker = call.reader.translator
        was, will = say_deadlines(speaker, before), say_deadlines(speaker, after)
        changes = [] if after == before else [Change(" ".join(was), " ".join(will))]
        return call.show(
            "office/rules_check.html",
            {
                "group": "city",
                "title": speaker.gettext("Until when sidewalks must be clear"),
                "changes": changes,
                "starts": None
                if written.valid_from is None
                else say_date(speaker, written.valid_from),
                "later": None,
                "kept": [(name, text) for name, text in call.form.items() if name in _KEPT],
            },
        )


_KEPT = frozenset({"ordinance", "promise_hours", "from", "day"})


def _read(call: Call, before: DeadlineRules) -> tuple[Written, DeadlineRules]:
    speaker, written = call.reader.translator, Written()
    code, text = call.form.get("ordinance", ""), call.form.get("promise_hours", "").strip()
    if code and code not in list_packs():
        written.errors["ordinance"] = speaker.gettext("Choose one of the cities")
    hours = read_number(text) if text else None
    if text and (hours is None or not 0 < hours <= MOST_HOURS):
        written.errors["promise_hours"] = speaker.gettext("Write hours from 1 to 240")
    read_start(speaker, call.form, written, call.now, ZoneInfo(call.town.time_zone))
    if written.errors:
        return written, before
    return written, msgspec.structs.replace(before, ordinance=code or None, promise_hours=hours)


async def _save(
    call: Call, after: DeadlineRules, starts_at: datetime, before: DeadlineRules
) -> None:
    try:
        await set_intake_rules(
            call.session,
            call.actor,
            call.town.id,
            IntakeTopic.DEADLINES,
            msgspec.to_builtins(after),
            valid_from=starts_at,
            now=call.now,
        )
    except RulesSetThen:
        words = call.reader.translator.gettext("Something is planned for that day already")
        raise call.show_again(PAGE, _values(call, before, call.form, {"day": words})) from None


def _values(call: Call, now: DeadlineRules, form: Any, errors: dict[str, str]) -> dict[str, Any]:
    speaker = call.reader.translator
    today = call.now.astimezone(ZoneInfo(call.town.time_zone)).date()
    return {
        "ordinances": list_ordinances(speaker, today),
        "cities": [("", speaker.gettext("None of them"), "")]
        + [(one.code, one.city, "") for one in list_ordinances(speaker, today)],
        "now_sentences": say_deadlines(speaker, now),
        "form": form,
        "errors": errors,
        "may_change": policy.can_change_rules(call.actor, call.town.id),
    }
