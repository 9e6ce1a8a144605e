"""What the pages of signing up show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from matching.intake.programme import load_kinds
from matching.volunteering.ability_names import say_check
from matching.volunteering.clearance import load_required
from matching.volunteering.errors import InvalidSignUp
from people.models import Ability
from people.repository import read_rules_at
from web.pages.desk import Call
from web.pages.rendering import Reader
from web.pages.volunteering import words
from web.pages.volunteering.join_answers import MINUTES, PATHS, Joining
from web.pages.volunteering.week import PARTS, box

FIRST_TOOLS = ("shovel", "salt", "snow_blower", "car")
STEPS = len(PATHS)


@dataclass(frozen=True)
class KindCheck:
    """One kind of help, and what must be checked before somebody may give it."""

    label: str
    needs: tuple[str, ...]


def who_values(
    answers: Joining, reader: Reader, errors: dict[str, str] | None = None
) -> dict[str, Any]:
    """Step 1."""
    return _step(0, answers, reader, errors)


def where_values(
    answers: Joining,
    known: Sequence[Ability],
    reader: Reader,
    errors: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Step 2."""
    near = None
    if answers.place is not None and not errors:
        near = say_near(answers.about, reader)
    candidates = [(str(n), label, "") for n, (label, _, _) in enumerate(answers.candidates)]
    return _step(1, answers, reader, errors) | {
        "near": near,
        "is_counted": answers.about is not None,
        "candidates": candidates,
        "modes": [(code, text, "") for code, text in words.say_modes(reader).items()],
        "minutes": list_minutes(reader),
        "tools": list_tools(known, reader, answers.abilities),
        "speech": list_speech(reader, answers.languages),
    }


def when_values(
    answers: Joining, reader: Reader, errors: dict[str, str] | None = None
) -> dict[str, Any]:
    """Step 3."""
    near = say_near(answers.about, reader) if answers.place and answers.about else None
    return _step(2, answers, reader, errors) | {
        "near": near,
        "week": week_values(frozenset(answers.boxes), reader),
    }


def _step(
    number: int, answers: Joining, reader: Reader, errors: dict[str, str] | None
) -> dict[str, Any]:
    _ = reader.translator.gettext
    names = (_("you"), _("your way and your tools"), _("your time"))
    progress = _("Step %(here)s of %(of)s: %(what)s")
    return {
        "answers": answers,
        "errors": errors or {},
        "path": PATHS[number],
        "back": PATHS[number - 1] if number else "/",
        "here": number + 1,
        "of": STEPS,
        "progress": progress % {"here": number + 1, "of": STEPS, "what": names[number]},
    }


def list_minutes(reader: Reader) -> list[tuple[str, str]]:
    """How far one goes, for a list to choose from."""
    return [(str(one), reader.translator.say_minutes(one)) for one in MINUTES]


def list_tools(
    known: Sequence[Ability], reader: Reader, chosen: Collection[str]
) -> list[tuple[str, str, bool]]:
    """Tools and skills: those of winter first, then the programme's own."""
    spoken = words.say_abilities(reader)
    labels = {row.code: row.label for row in known}
    codes = dict.fromkeys((*FIRST_TOOLS, *sorted(labels), *chosen))
    return [
        (code, spoken.get(code) or labels.get(code) or words.say_ability(code, {}), code in chosen)
        for code in codes
    ]


def list_speech(reader: Reader, chosen: Collection[str]) -> list[tuple[str, str, bool]]:
    """Languages to tick."""
    codes = dict.fromkeys((*words.LANGUAGES, *chosen))
    return [(code, words.say_language(code, reader), code in chosen) for code in codes]


def week_values(boxes: frozenset[str], reader: Reader) -> dict[str, Any]:
    """The grid: rows are days, columns parts of the day."""
    _ = reader.translator.gettext
    heads = {
        "early": (_("Early"), _("6 to 9")),
        "morning": (_("Morning"), _("9 to noon")),
        "afternoon": (_("Afternoon"), _("noon to 5")),
        "evening": (_("Evening"), _("5 to 9")),
    }
    days, short = words.say_weekdays(reader), words.say_weekdays(reader, "abbreviated")
    return {
        "parts": [heads[part] for part, _, _ in PARTS],
        "days": [
            (
                name,
                short[day],
                [(box(day, part), heads[part][0], box(day, part) in boxes) for part, _, _ in PARTS],
            )
            for day, name in enumerate(days)
        ],
    }


def say_near(about: int | None, reader: Reader) -> str:
    """How much help was asked for near, blurred on purpose; nothing of it where it was little."""
    _ = reader.translator.gettext
    if about is None:
        # Few asked then; that says nothing about today, when snow may lie.
        return _("We tell no number below 5. When somebody near you needs help, we ask you.")
    return _("About %(number)s requests came from near you last winter.", number=about)


def where_errors(fault: str, reader: Reader) -> dict[str, str]:
    """What to do about the address."""
    _ = reader.translator.gettext
    if fault == "several":
        return {"pick": _("Choose which place you mean")}
    if fault == "empty":
        return {"typed": _("Write the street and the house number, for example 14 Hollis Street")}
    return {"typed": _("We cannot find this address. Look at the street and the number.")}


def when_errors(boxes: Collection[str], reader: Reader, *, agrees: bool) -> dict[str, str]:
    """What is missing in step 3."""
    _ = reader.translator.gettext
    errors = {}
    if not boxes:
        errors["at-0-early"] = _("Tick at least one time in the week")
    if not agrees:
        errors["agree"] = _("Tick this box: without it we may not ask you")
    return errors


def explain(error: InvalidSignUp, reader: Reader) -> dict[str, str]:
    """Faults that only the whole shows, each with the step where it is mended."""
    _ = reader.translator.gettext
    return {
        f"fault-{number}": _("Look at this again: %(field)s", field=problem.field.replace("_", " "))
        for number, problem in enumerate(error.problems)
    }


async def read_checks(call: Call) -> list[KindCheck]:
    """For each kind of help of the town what is checked before."""
    session, town, now = call.session, call.town, call.now
    rules = await read_rules_at(session, town.id, now)
    required = await load_required(session, town.id, rules, now=now)
    kinds = await load_kinds(session, town.id, now)
    found = []
    for kind in kinds.kinds:
        if not kind.offered:
            continue
        codes = sorted(required.get(kind.code.value, frozenset()))
        needs = [say_check(call.reader.language, code, rules) for code in codes]
        found.append(KindCheck(kind.label(call.reader.language), tuple(needs)))
    return found
