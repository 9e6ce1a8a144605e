"""Tools, skills and checks as people say them, in their own language: chosen by code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.i18n import Translator
from matching.imports.abilities import ability_label
from matching.volunteering.clearance import ADULT, GUARDIAN, VETTING
from people.rules import DEFAULT_VETTING, Rules

Say = Callable[[str], str]
FOLDER = Path(__file__).parent


def say_ability(language: str, code: str, label: str) -> str:
    """A tool or a skill; what a community named itself stays as it is."""
    known = _name_abilities(_speak(language))
    return known[code] if code in known else label or ability_label(code)


def say_check(language: str, code: str, rules: Rules) -> str:
    """A check, for the middle of a sentence; what a community worded itself stays as it is."""
    rule = rules.vetting.get(code)
    if rule is None:
        return code.replace("_", " ")
    usual = DEFAULT_VETTING.get(code)
    if usual is None or rule.label != usual.label:
        return rule.label
    _ = _speak(language)
    return {
        "background_check": _("a background check"),
        "waiver": _("a signed waiver"),
        "training": _("the safety training"),
        "driving_licence": _("a driving license that was seen"),
    }[code]


def say_gap(language: str, gap: str, rules: Rules) -> str:
    """What is missing for a kind of help, by its name."""
    _ = _speak(language)
    what, _colon, code = gap.partition(":")
    if what == VETTING:
        return say_check(language, code, rules)
    return {
        GUARDIAN: _("the consent of a guardian"),
        ADULT: _("an adult who comes along"),
    }[what]


def _speak(language: str) -> Say:
    return Translator(language, FOLDER).gettext


def _name_abilities(say: Say) -> dict[str, str]:
    _ = say
    return {
        "car": _("Car"),
        "cargo_bike": _("Cargo bike"),
        "computer_help": _("Help with computers"),
        "driving": _("Driving"),
        "first_aid": _("First aid"),
        "hand_truck": _("Hand truck"),
        "heavy_lifting": _("Heavy lifting"),
        "ladder": _("Ladder"),
        "lawn_mower": _("Lawn mower"),
        "rake": _("Rake"),
        "salt": _("Salt or sand"),
        "shovel": _("Snow shovel"),
        "sign_language": _("Sign language"),
        "snow_blower": _("Snow blower"),
        "truck": _("Truck"),
    }
