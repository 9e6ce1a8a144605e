"""Targets of the report as rules: in sentences, with reasons, and as they are typed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.i18n import Translator
from matching.reporting.figures import Figure
from people.rules import DEFAULT_TARGETS, TARGET_SHARES, ReportTarget, Rules
from web.pages.fields import read_number
from web.pages.office.report_views import name_figure, say_value

LOWEST, HIGHEST = 0.1, 100.0


@dataclass(frozen=True)
class TargetFields:
    """The two fields of one figure, and what speaks for the usual numbers."""

    code: str
    name: str
    explained: str
    usual: str
    good_label: str
    act_label: str


def say_targets(speaker: Translator, rules: Rules) -> list[str]:
    """Every target as a sentence."""
    return [_say_target(speaker, code, _target(rules, code)) for code in DEFAULT_TARGETS]


def list_target_fields(speaker: Translator) -> list[TargetFields]:
    """Every figure that has a target, with its fields."""
    found = []
    for code, usual in DEFAULT_TARGETS.items():
        name, explained = name_figure(speaker, Figure(code))
        good, act = _label_fields(speaker, code, usual)
        found.append(TargetFields(code, name, explained, _say_why(speaker, code), good, act))
    return found


def write_targets(rules: Rules) -> dict[str, str]:
    """The targets as their fields show them; shares are of 100."""
    shown = {}
    for code in DEFAULT_TARGETS:
        target, scale = _target(rules, code), 100 if code in TARGET_SHARES else 1
        shown[f"good-{code}"] = f"{round(target.good * scale, 4):g}"
        shown[f"act-{code}"] = f"{round(target.act * scale, 4):g}"
    return shown


def read_targets(
    speaker: Translator, form: Mapping[str, str], errors: dict[str, str]
) -> dict[str, dict[str, float]]:
    """The targets that were typed in; what cannot be goes to ``errors``."""
    found: dict[str, dict[str, float]] = {}
    for code, usual in DEFAULT_TARGETS.items():
        scale, lowest = (100, 0.0) if code in TARGET_SHARES else (1, LOWEST)
        values = {}
        for name in ("good", "act"):
            value = read_number(form.get(f"{name}-{code}", ""))
            if value is None or not lowest <= value <= HIGHEST:
                errors[f"{name}-{code}"] = speaker.gettext(
                    "Write a number from %(low)s to %(high)s",
                    low=speaker.say_number(lowest),
                    high=speaker.say_number(HIGHEST),
                )
            else:
                values[name] = value / scale
        found[code] = values
        if len(values) == 2 and not _is_ordered(usual, values["good"], values["act"]):
            errors[f"good-{code}"] = (
                speaker.gettext("Good must be more than the number at which to act")
                if usual.more_is_better
                else speaker.gettext("Good must be less than the number at which to act")
            )
    return found


def _is_ordered(usual: ReportTarget, good: float, act: float) -> bool:
    return good > act if usual.more_is_better else good < act


def _target(rules: Rules, code: str) -> ReportTarget:
    return rules.target_of(code) or DEFAULT_TARGETS[code]


def _say_target(speaker: Translator, code: str, target: ReportTarget) -> str:
    figure = Figure(code)
    values = {
        "figure": name_figure(speaker, figure)[0],
        "good": say_value(speaker, figure, target.good),
        "act": say_value(speaker, figure, target.act),
    }
    if target.more_is_better:
        return speaker.gettext(
            "%(figure)s: good from %(good)s on, time to act below %(act)s.", **values
        )
    return speaker.gettext("%(figure)s: good up to %(good)s, time to act above %(act)s.", **values)


def _label_fields(speaker: Translator, code: str, usual: ReportTarget) -> tuple[str, str]:
    """What stands above the two fields of a figure."""
    _ = speaker.gettext
    if code in TARGET_SHARES:
        if usual.more_is_better:
            return _("Good from how many of 100 on?"), _("Time to act below how many of 100?")
        return _("Good up to how many of 100?"), _("Time to act above how many of 100?")
    if code == Figure.FIRST_YES.value:
        return _("Good up to how many hours?"), _("Time to act above how many hours?")
    return _("Good up to how many?"), _("Time to act above how many?")


def _say_why(speaker: Translator, code: str) -> str:
    _ = speaker.gettext
    return {
        "share_served": _(
            "Usual: 90 and 75 of 100. One in ten may fall to a bad day; when one in four "
            "waits in vain, people stop asking."
        ),
        "first_yes": _(
            "Usual: 2 and 6 hours. Two leave time for the work before a sidewalk must be clear; "
            "after six it is often too late."
        ),
        "messages": _(
            "Usual: 6 and 10. Few neighbors say yes to each message, and more than ten for one "
            "home tire them."
        ),
        "no_shows": _(
            "Usual: 2 and 5 of 100. One in fifty is an accident; one in twenty is something to "
            "ask about."
        ),
        "satisfaction": _(
            "Usual: 95 and 90 of 100. When one in ten says that it was not done, look at why."
        ),
    }[code]
