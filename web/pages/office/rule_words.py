"""The rules of a programme as plain sentences, in groups, each with how it is typed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.i18n import Translator
from matching.volunteering.ability_names import say_check
from people.rules import Rules
from web.pages.office.target_rules import say_targets

Form = Literal["minutes", "whole", "number", "yes", "phone"]


@dataclass(frozen=True)
class Typed:
    """How a rule is typed into a form."""

    form: Form
    low: float = 0
    high: float = 0


GROUPS: Mapping[str, Mapping[str, Typed]] = {
    "ways": {
        "walk_limit_s": Typed("minutes", 1, 120),
        "bike_limit_s": Typed("minutes", 1, 120),
        "car_limit_s": Typed("minutes", 1, 120),
    },
    "work": {
        "max_tasks": Typed("whole", 1, 20),
        "max_work_s": Typed("minutes", 15, 1_440),
        "season_bonus_m": Typed("whole", 0, 20_000),
        "load_cost_m": Typed("whole", 0, 20_000),
    },
    "asking": {
        "review_proposals": Typed("yes"),
        "offer_life_s": Typed("minutes", 1, 2_880),
        "urgent_weight": Typed("number", 1, 100),
        "reopened_weight_factor": Typed("number", 1, 20),
    },
    "late": {
        "no_show_after_s": Typed("minutes", 0, 1_440),
        "no_show_answer_s": Typed("minutes", 0, 1_440),
    },
    "safety": {
        "minors_alone": Typed("yes"),
        "anonymity_k": Typed("whole", 5, 500),
    },
    "tools": {
        "depot_reach_m": Typed("whole", 0, 50_000),
        "loan_days": Typed("whole", 0, 60),
    },
    "phone": {"help_phone": Typed("phone")},
    "targets": {},
    "times": {},
    "checks": {},
}
"""Which rules stand together. The last two have one field for each kind of help,
and targets two for each figure of the report."""


def name_group(speaker: Translator, group: str) -> str:
    """What the rules of a group are about."""
    _ = speaker.gettext
    return {
        "ways": _("How far people go"),
        "work": _("How much one person does"),
        "asking": _("How people are asked"),
        "late": _("When nobody comes"),
        "safety": _("Safety and privacy"),
        "tools": _("Tools on loan"),
        "phone": _("The phone number"),
        "targets": _("What the report calls good"),
        "times": _("How long each kind of help takes"),
        "checks": _("Checks that a kind of help needs"),
    }[group]


def name_rule(speaker: Translator, name: str) -> str:
    """What a rule asks for, above its field."""
    _ = speaker.gettext
    return {
        "walk_limit_s": _("Minutes on foot, one way"),
        "bike_limit_s": _("Minutes by bike, one way"),
        "car_limit_s": _("Minutes by car, one way"),
        "max_tasks": _("Homes of one person in one round"),
        "max_work_s": _("Minutes of work and way in one round"),
        "season_bonus_m": _("Meters more that keep a season pair together"),
        "load_cost_m": _("Meters more to spread work over more people"),
        "review_proposals": _("Staff look at each offer before it is sent"),
        "offer_life_s": _("Minutes that an offer without an answer counts"),
        "urgent_weight": _("From this weight on a request is urgent"),
        "reopened_weight_factor": _("How many times more a home counts after nobody came"),
        "no_show_after_s": _("Minutes until we ask whether somebody came"),
        "no_show_answer_s": _("Minutes until somebody else is asked then"),
        "minors_alone": _("People under 18 may go alone, if their guardian agrees"),
        "anonymity_k": _("Homes that an area holds at least, before a yes"),
        "depot_reach_m": _("Meters to a place that lends tools"),
        "loan_days": _("Days until a tool is due back"),
        "help_phone": _("A number that everybody may call"),
    }[name]


def say_rules(speaker: Translator, rules: Rules, group: str, kinds: Mapping[str, str]) -> list[str]:
    """Every rule of a group as a sentence. ``kinds`` says what kinds of help are called."""
    if group == "times":
        return [
            _say_time(speaker, name, rules.default_service_s(code)) for code, name in kinds.items()
        ]
    if group == "checks":
        return _say_checks(speaker, rules, kinds)
    if group == "targets":
        return say_targets(speaker, rules)
    return [say_rule(speaker, rules, name) for name in GROUPS[group]]


def say_rule(speaker: Translator, rules: Rules, name: str) -> str:
    """One rule as a sentence."""
    if name in ("review_proposals", "minors_alone", "help_phone"):
        return _say_choice(speaker, rules, name)
    value = getattr(rules, name)
    number = round(value / 60) if name.endswith("_s") else value
    return _say_number(speaker, name, speaker.say_number(number))


def _say_number(speaker: Translator, name: str, number: str) -> str:
    _ = speaker.gettext
    sentences = {
        "walk_limit_s": _("Nobody is asked to walk more than %(num)s minutes one way.", num=number),
        "bike_limit_s": _(
            "Nobody is asked to cycle more than %(num)s minutes one way.", num=number
        ),
        "car_limit_s": _("Nobody is asked to drive more than %(num)s minutes one way.", num=number),
        "max_tasks": _("One person helps at most %(num)s homes in one round.", num=number),
        "max_work_s": _(
            "One person works at most %(num)s minutes in one round, ways included.", num=number
        ),
        "season_bonus_m": _(
            "To keep two who know each other together, we accept %(num)s meters more of way.",
            num=number,
        ),
        "load_cost_m": _(
            "To spread the work over more people, we accept %(num)s meters more of way.",
            num=number,
        ),
        "offer_life_s": _(
            "An offer without an answer counts in our plans for %(num)s minutes. "
            "A later yes is still fine.",
            num=number,
        ),
        "urgent_weight": _("A request that weighs %(num)s or more is urgent.", num=number),
        "reopened_weight_factor": _(
            "After nobody came, a home counts %(num)s times as much.", num=number
        ),
        "no_show_after_s": _(
            "%(num)s minutes after the planned end we ask whether somebody came.", num=number
        ),
        "no_show_answer_s": _(
            "Without an answer we ask somebody else %(num)s minutes later.", num=number
        ),
        "anonymity_k": _(
            "Before a yes, neighbors see only an area of %(num)s homes or more.", num=number
        ),
        "depot_reach_m": _("A tool on loan is at most %(num)s meters away.", num=number),
        "loan_days": _("A tool is due back %(num)s days after the work.", num=number),
    }
    return sentences[name]


def _say_choice(speaker: Translator, rules: Rules, name: str) -> str:
    _ = speaker.gettext
    if name == "review_proposals":
        if rules.review_proposals:
            return _("Staff look at each offer before it is sent.")
        return _("Offers are sent without somebody looking at them first.")
    if name == "minors_alone":
        if rules.minors_alone:
            return _("People under 18 may go alone, if their guardian agrees.")
        return _("People under 18 go with an adult.")
    if rules.help_phone is None:
        return _("No phone number stands below mails.")
    return _("%(number)s stands below every mail.", number=rules.help_phone)


def _say_time(speaker: Translator, name: str, seconds: int) -> str:
    return speaker.gettext(
        "%(kind)s: %(time)s at the home.", kind=name, time=speaker.say_minutes(round(seconds / 60))
    )


def _say_checks(speaker: Translator, rules: Rules, kinds: Mapping[str, str]) -> list[str]:
    said = []
    for code, name in kinds.items():
        needed = [
            say_check(speaker.language, one, rules) for one in rules.required_vetting.get(code, ())
        ]
        words = ", ".join(needed) or speaker.gettext("no check")
        said.append(speaker.gettext("%(kind)s: %(checks)s.", kind=name, checks=words))
    return said
