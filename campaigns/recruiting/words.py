"""Targets as sentences: whom a campaign looks for, and whom they would serve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.i18n import Translator
from matching.rounds.ability_words import ability_words

HERE = Path(__file__).parent
FEW_DETAILS = 2
"""So many need no commas between them."""


@dataclass(frozen=True)
class Wanted:
    """A target as it is told.

    Parameters
    ----------
    area
        None is anywhere in the city.
    abilities
        Codes of skills, tools and checks.
    languages
        Beyond what most volunteers speak.
    """

    volunteer_count: int
    promised_count: int
    area: str | None
    abilities: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    mode: str = "walk"


def describe_target(
    wanted: Wanted, language: str, *, labels: Mapping[str, str] | None = None
) -> str:
    """A target in one sentence; ``labels`` are what the community calls abilities."""
    speaker = Translator(language, HERE)
    residents = speaker.ngettext(
        "%(num)s more resident", "%(num)s more residents", wanted.promised_count
    )
    return speaker.ngettext(
        "%(num)s volunteer%(details)s would serve %(residents)s.",
        "%(num)s volunteers%(details)s would serve %(residents)s.",
        wanted.volunteer_count,
        details=_say_details(speaker, wanted, labels or {}),
        residents=residents,
    )


def describe_all(volunteer_count: int, promised_count: int, language: str) -> str:
    """What all targets would bring together."""
    speaker = Translator(language, HERE)
    residents = speaker.ngettext("%(num)s more resident", "%(num)s more residents", promised_count)
    return speaker.ngettext(
        "Together, %(num)s volunteer would serve %(residents)s.",
        "Together, these %(num)s volunteers would serve %(residents)s.",
        volunteer_count,
        residents=residents,
    )


def _say_details(speaker: Translator, wanted: Wanted, labels: Mapping[str, str]) -> str:
    _ = speaker.gettext
    parts = []
    if wanted.abilities:
        names = [_say_ability(speaker, code, labels) for code in wanted.abilities]
        parts.append(_("with %(tools)s", tools=_join(speaker, names)))
    if wanted.languages:
        names = [_say_language(speaker, code) for code in wanted.languages]
        parts.append(_("speaking %(languages)s", languages=_join(speaker, names)))
    if wanted.mode == "bike":
        parts.append(_("by bicycle"))
    elif wanted.mode == "car":
        parts.append(_("with a car"))
    if wanted.area is not None:
        parts.append(_("in %(area)s", area=wanted.area))
    if not parts:
        return ""
    between = " " if len(parts) <= FEW_DETAILS else ", "
    return f" {between.join(parts)}"


def _say_ability(speaker: Translator, code: str, labels: Mapping[str, str]) -> str:
    _ = speaker.gettext
    known = {
        "shovel": _("a shovel"),
        "snow_blower": _("a snow blower"),
        "salt": _("salt"),
        "car": _("a car"),
        "truck": _("a truck"),
        "vetting:background_check": _("a background check"),
        "vetting:waiver": _("a signed waiver"),
        "vetting:training": _("the safety training"),
        "vetting:driving_licence": _("a driving license that was seen"),
    }
    return known.get(code) or labels.get(code) or ability_words(code)


def _say_language(speaker: Translator, code: str) -> str:
    return str(speaker.locale.languages.get(code.partition("-")[0], code))


def _join(speaker: Translator, words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    return speaker.gettext("%(first)s and %(last)s", first=", ".join(words[:-1]), last=words[-1])
