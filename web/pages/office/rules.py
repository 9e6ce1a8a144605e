"""The rules of a programme: what holds now, changing them with a look at what changes, history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from campaigns.results.amounts import say_date
from core.errors import InvalidInput, NotFound
from core.i18n import Translator
from matching.intake.programme import load_deadline_rules, load_kinds
from matching.volunteering.ability_names import say_check
from people import policy
from people.communities import change_rules
from people.models import Community, CommunityRules
from people.repository import list_rules, read_rules_at
from people.rules import Rules, read_rules
from web.pages.desk import Answer, Call, Desk
from web.pages.fields import read_choices
from web.pages.guards import AnyRequest
from web.pages.office.ordinance_views import say_deadlines
from web.pages.office.rule_forms import (
    Change,
    Written,
    list_changes,
    read_group,
    read_start,
    write_group,
)
from web.pages.office.rule_words import GROUPS, name_group, name_rule, say_rules
from web.pages.office.target_rules import list_target_fields
from web.pages.refusals import say_refusal

CHANGE_PAGE = "office/rules_change.html"
SHOWN_CHANGES = 30


class NoSuchRules(NotFound):
    """A group of rules that there is not."""

    code = "no_such_rules"


@get("/staff/rules", name="staff_rules")
async def get_rules(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Every rule as a sentence, since when it holds, and what is planned."""
    async with desk.look(request) as call:
        town = call.staff()
        speaker = call.reader.translator
        rules = await read_rules_at(call.session, town.id, call.now)
        kinds = await name_kinds(call, town)
        rows = await list_rules(call.session, call.actor, town.id)
        since = next((row.valid_from for row in rows if row.valid_from <= call.now), None)
        deadlines = await load_deadline_rules(call.session, town, call.now)
        return call.show(
            "office/rules.html",
            {
                "groups": [
                    (code, name_group(speaker, code), say_rules(speaker, rules, code, kinds))
                    for code in GROUPS
                ],
                "deadlines": say_deadlines(speaker, deadlines),
                "since": None if since is None else say_date(speaker, since),
                "coming": [
                    say_date(speaker, row.valid_from) for row in rows if row.valid_from > call.now
                ],
                "history": _list_history(speaker, rows, kinds, call.now),
                "may_change": policy.can_change_rules(call.actor, town.id),
            },
        )


@get("/staff/rules/{group:str}", name="staff_rules_change")
async def get_change(
    request: AnyRequest, group: FromPath[str], desk: NamedDependency[Desk]
) -> Answer:
    """The fields of one group, as it holds now."""
    async with desk.look(request) as call:
        town = call.manager()
        _check_group(group)
        rules = await read_rules_at(call.session, town.id, call.now)
        kinds = await name_kinds(call, town)
        form = write_group(rules, group, kinds)
        checks = {code: list(rules.required_vetting.get(code, ())) for code in kinds}
        return call.show(
            CHANGE_PAGE,
            _change_values(call, rules, group, kinds, form=form, checks=checks, errors={}),
        )


@post("/staff/rules/{group:str}", name="staff_rules_save", status_code=303)
async def post_change(
    request: AnyRequest, group: FromPath[str], desk: NamedDependency[Desk]
) -> Answer:
    """First show what would change and from when; pressed there, let it hold."""
    async with desk.press(request) as call:
        town = call.manager()
        _check_group(group)
        speaker = call.reader.translator
        kinds = await name_kinds(call, town)
        checks = {code: await read_choices(request, f"check-{code}") for code in kinds}
        written = read_group(speaker, call.form, group, kinds, checks)
        read_start(speaker, call.form, written, call.now, ZoneInfo(town.time_zone))
        starts_at = written.valid_from or call.now
        before = await read_rules_at(call.session, town.id, starts_at)
        changes: list[Change] = []
        if not written.errors:
            changes = _compare(speaker, before, written, group, kinds)
        if written.errors or call.form.get("do") == "edit":
            values = _change_values(
                call, before, group, kinds, form=call.form, checks=checks, errors=written.errors
            )
            if written.errors:
                raise call.show_again(CHANGE_PAGE, values)
            return call.show(CHANGE_PAGE, values)
        if call.form.get("do") == "save" and changes:
            await change_rules(
                call.session,
                call.actor,
                town.id,
                written.changes,
                valid_from=written.valid_from,
                now=call.now,
            )
            return call.go("/staff/rules", said="changed")
        rows = await list_rules(call.session, call.actor, town.id)
        later = [row.valid_from for row in rows if row.valid_from > starts_at]
        return call.show(
            "office/rules_check.html",
            {
                "group": group,
                "title": name_group(speaker, group),
                "changes": changes,
                "starts": None if written.valid_from is None else say_date(speaker, starts_at),
                "later": say_date(speaker, min(later)) if later else None,
                "kept": await _list_fields(request),
            },
        )


async def name_kinds(call: Call, town: Community) -> dict[str, str]:
    """What the kinds of help are called here, by their code."""
    kinds = await load_kinds(call.session, town.id, call.now)
    return {
        kind.code.value: kind.label(call.reader.language) for kind in kinds.kinds if kind.offered
    }


def _check_group(group: str) -> None:
    if group not in GROUPS:
        raise NoSuchRules("There are no such rules.")


def _compare(
    speaker: Translator, before: Rules, written: Written, group: str, kinds: Mapping[str, str]
) -> list[Change]:
    """What would change; what the rules refuse is told at the first field."""
    if group == "times":
        # Kinds that the programme does not give now keep their time.
        written.changes["service_s"] = {**before.service_s, **written.changes["service_s"]}
    if group == "checks":
        kept = {code: row for code, row in before.required_vetting.items() if code not in kinds}
        written.changes["required_vetting"] = kept | written.changes["required_vetting"]
    try:
        after = read_rules({**msgspec.to_builtins(before), **written.changes})
    except InvalidInput as error:
        written.errors[_first_field(group, kinds)] = say_refusal(speaker, error)
        return []
    return list_changes(speaker, before, after, group, kinds)


def _first_field(group: str, kinds: Mapping[str, str]) -> str:
    first = next(iter(kinds), "")
    own = {"times": f"time-{first}", "checks": f"check-{first}", "targets": "good-share_served"}
    return own.get(group, next(iter(GROUPS[group]), "from"))


def _change_values(
    call: Call,
    rules: Rules,
    group: str,
    kinds: Mapping[str, str],
    *,
    form: Mapping[str, str],
    checks: Mapping[str, list[str]],
    errors: dict[str, str],
) -> dict[str, Any]:
    speaker = call.reader.translator
    return {
        "group": group,
        "title": name_group(speaker, group),
        "fields": [
            (name, name_rule(speaker, name), typed) for name, typed in GROUPS[group].items()
        ],
        "targets": list_target_fields(speaker) if group == "targets" else [],
        "kinds": kinds,
        "checks": checks,
        "known_checks": [
            (code, say_check(speaker.language, code, rules), "") for code in sorted(rules.vetting)
        ],
        "form": form,
        "errors": errors,
    }


async def _list_fields(request: AnyRequest) -> list[tuple[str, str]]:
    """What was written, to be carried to the last press."""
    form = await request.form()
    return [
        (str(name), value[:200])
        for name, value in form.multi_items()
        if isinstance(value, str) and name not in ("csrf", "do")
    ]


def _list_history(
    speaker: Translator, rows: list[CommunityRules], kinds: Mapping[str, str], now: datetime
) -> list[tuple[str, bool, list[Change]]]:
    """From when, whether that is still to come, and which sentences changed; the latest first."""
    found = []
    for place, row in enumerate(rows[:SHOWN_CHANGES]):
        earlier = rows[place + 1].rules if place + 1 < len(rows) else {}
        before, after = read_rules(dict(earlier)), read_rules(dict(row.rules))
        changes = [
            change
            for group in GROUPS
            for change in list_changes(speaker, before, after, group, kinds)
        ]
        found.append((say_date(speaker, row.valid_from), row.valid_from > now, changes))
    return found
