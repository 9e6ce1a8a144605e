"""The questions about the work: what, which parts, when."""

from __future__ import annotations

from litestar import get, post
from litestar.di import NamedDependency
from msgspec.structs import replace

from web.pages.asking.answers import Answers
from web.pages.asking.opening import Asking, kind_of, no_detour, open_asking, read_season
from web.pages.asking.whens import PARTS, Season, list_choices, list_days, list_parts
from web.pages.desk import Answer, Desk
from web.pages.guards import AnyRequest

ICONS = {
    "snow": "shovel",
    "yard": "leaf",
    "groceries": "basket",
    "ride": "bus",
    "tech": "screen",
    "recycling": "bin",
    "other": "people",
}
MOST_PARTS = 20


@get("/ask", name="ask_what")
async def get_what(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """What do you need help with?"""
    async with desk.look(request) as call:
        asking = await open_asking(call)
        wanted = request.query_params.get("kind", "")
        return _show_what(asking, asking.answers.kind or wanted)


def _show_what(asking: Asking, chosen: str, errors: dict[str, str] | None = None) -> Answer:
    language = asking.call.reader.language
    kinds = [
        (kind.code.value, kind.label(language), ICONS.get(kind.code.value, "people"), kind)
        for kind in asking.kinds.kinds
        if kind.offered
    ]
    values = {"kinds": kinds, "chosen": chosen, "has_draft": bool(asking.answers.done)}
    return asking.show("what", values, errors)


@post("/ask", name="ask_what_post", status_code=303)
async def post_what(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Take the answer."""
    async with desk.press(request) as call:
        asking = await open_asking(call, lock=True)
        if asking.draft is None:
            desk.limits.check_caller(request, desk.limits.drafts_per_caller, call.now)
        chosen = call.form.get("kind", "")
        offered = {kind.code.value: kind for kind in asking.kinds.kinds if kind.offered}
        if chosen not in offered:
            _ = call.reader.translator.gettext
            return _show_what(asking, "", {"kind": _("Choose what you need help with")})
        answers = asking.answers
        if answers.kind != chosen:
            scope = offered[chosen].usual_scope()
            # What one kind asked for answers nothing of another; the way to the door may stay.
            is_asked = any(
                kind is not None and kind.details for kind in (asking.kind, offered[chosen])
            )
            notes = "" if is_asked else answers.notes
            answers = replace(answers, kind=chosen, scope=scope, when="", facts=(), notes=notes)
            door = "place" if answers.at_home else "pin"
            return await asking.go_on(answers.after("what", undo=("parts", "when", "who", door)))
        return await asking.go_on(answers.after("what"))


@get("/ask/parts", name="ask_parts")
async def get_parts(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Which parts of the work?"""
    async with desk.look(request) as call:
        asking = await open_asking(call)
        if "parts" not in asking.steps:
            return call.go("/ask")
        return no_detour(asking, "parts") or _show_parts(asking, asking.answers.scope)


def _show_parts(
    asking: Asking, chosen: tuple[str, ...], errors: dict[str, str] | None = None
) -> Answer:
    kind, language = kind_of(asking), asking.call.reader.language
    parts = [(part.code, kind.scope_label(part.code, language)) for part in kind.scope]
    values = {"options": parts, "chosen": chosen, "label": kind.label(language), "kind": kind}
    return asking.show("parts", values, errors)


@post("/ask/parts", name="ask_parts_post", status_code=303)
async def post_parts(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Take the answer."""
    async with desk.press(request) as call:
        asking = await open_asking(call, lock=True)
        if "parts" not in asking.steps:
            return call.go("/ask")
        kind = kind_of(asking)
        known = [part.code for part in kind.scope][:MOST_PARTS]
        chosen = tuple(code for code in known if call.form.get(f"part-{code}") == "1")
        if not chosen:
            _ = call.reader.translator.gettext
            return _show_parts(asking, (), {"parts": _("Choose at least one part of the work")})
        return await asking.go_on(replace(asking.answers, scope=chosen).after("parts"))


@get("/ask/when", name="ask_when")
async def get_when(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """When do you need it?"""
    async with desk.look(request) as call:
        asking = await open_asking(call)
        away = no_detour(asking, "when")
        if away is not None:
            return away
        return _show_when(asking, await read_season(call, kind_of(asking)), asking.answers)


def _show_when(
    asking: Asking, season: Season, answers: Answers, errors: dict[str, str] | None = None
) -> Answer:
    call = asking.call
    translator = call.reader.translator
    values = {
        "season": season,
        "choices": list_choices(season, translator, call.now),
        "days": list_days(translator, call.now),
        "day_parts": list_parts(translator),
        "given": answers,
    }
    return asking.show("when", values, errors)


@post("/ask/when", name="ask_when_post", status_code=303)
async def post_when(request: AnyRequest, desk: NamedDependency[Desk]) -> Answer:
    """Take the answer."""
    async with desk.press(request) as call:
        asking = await open_asking(call, lock=True)
        away = no_detour(asking, "when")
        if away is not None:
            return away
        season = await read_season(call, kind_of(asking))
        form, translator = call.form, call.reader.translator
        part = form.get("part", "any")
        given = replace(
            asking.answers,
            when=form.get("when", ""),
            day=form.get("day", "") if form.get("when") == "day" else "",
            part=part if part in PARTS else "any",
        )
        _ = translator.gettext
        errors = {}
        if given.when not in [one.code for one in list_choices(season, translator, call.now)]:
            errors["when"] = _("Choose when you need the help")
        elif given.when == "day" and given.day not in dict(list_days(translator, call.now)):
            errors["day"] = _("Choose a day from the list")
        if errors:
            return _show_when(asking, season, given, errors)
        return await asking.go_on(given.after("when"))
