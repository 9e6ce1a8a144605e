"""Rules as they are typed in: what was written, what would change, and from when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.i18n import Translator
from people.rules import Rules
from web.pages.fields import day_begins, is_pressed, read_day, read_number, read_whole
from web.pages.office.rule_words import GROUPS, Typed, say_rules
from web.pages.office.target_rules import read_targets, write_targets

_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_HARMLESS = re.compile(r"[\s().\-]")
MINUTES = range(1, 481)


@dataclass
class Written:
    """What somebody wrote."""

    changes: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    valid_from: datetime | None = None
    """None is from now on."""


@dataclass(frozen=True)
class Change:
    """One sentence as it holds, and as it would hold."""

    before: str
    after: str


def read_group(
    speaker: Translator,
    form: Mapping[str, str],
    group: str,
    kinds: Mapping[str, str],
    checks: Mapping[str, list[str]],
) -> Written:
    """The rules of one group. ``checks`` holds what was ticked, by kind of help."""
    written = Written()
    if group == "times":
        times = {code: read_whole(form.get(f"time-{code}", "")) for code in kinds}
        for code, minutes in times.items():
            if minutes not in MINUTES:
                written.errors[f"time-{code}"] = speaker.gettext(
                    "Write whole minutes from %(low)s to %(high)s", low=1, high=480
                )
        written.changes["service_s"] = {code: 60 * (found or 1) for code, found in times.items()}
    elif group == "checks":
        written.changes["required_vetting"] = {
            code: found for code, found in checks.items() if found
        }
    elif group == "targets":
        written.changes["targets"] = read_targets(speaker, form, written.errors)
    for name, typed in GROUPS[group].items():
        _read_rule(speaker, written, name, typed, form)
    return written


def read_start(
    speaker: Translator, form: Mapping[str, str], written: Written, now: datetime, zone: ZoneInfo
) -> None:
    """From when the rules hold: now, or from a day on."""
    if form.get("from") != "day":
        return
    day = read_day(form.get("day", ""))
    if day is None or day_begins(day, zone) <= now:
        written.errors["day"] = speaker.gettext("Choose a day from tomorrow on")
        return
    written.valid_from = day_begins(day, zone)


def write_group(rules: Rules, group: str, kinds: Mapping[str, str]) -> dict[str, str]:
    """The rules of a group as their fields show them."""
    shown = {f"time-{code}": f"{rules.default_service_s(code) / 60:g}" for code in kinds}
    if group != "times":
        shown = write_targets(rules) if group == "targets" else {}
    for name, typed in GROUPS[group].items():
        value = getattr(rules, name)
        if typed.form == "yes":
            shown[name] = "1" if value else "0"
        elif typed.form == "minutes":
            shown[name] = f"{value / 60:g}"
        elif typed.form == "phone":
            shown[name] = value or ""
        else:
            shown[name] = f"{value:g}"
    return shown


def list_changes(
    speaker: Translator, before: Rules, after: Rules, group: str, kinds: Mapping[str, str]
) -> list[Change]:
    """The sentences of a group that would change."""
    old = say_rules(speaker, before, group, kinds)
    new = say_rules(speaker, after, group, kinds)
    return [Change(was, will) for was, will in zip(old, new, strict=True) if was != will]


def _read_rule(
    speaker: Translator, written: Written, name: str, typed: Typed, form: Mapping[str, str]
) -> None:
    text = form.get(name, "")
    if typed.form == "yes":
        written.changes[name] = is_pressed(form, name)
        return
    if typed.form == "phone":
        number = _HARMLESS.sub("", text)
        written.changes[name] = number or None
        if number and not _PHONE.fullmatch(number):
            written.errors[name] = speaker.gettext(
                "Write the number with + and the country code, for example +1 617 555 0100"
            )
        return
    value = read_number(text)
    whole = typed.form == "whole"
    if value is None or not typed.low <= value <= typed.high or (whole and value != int(value)):
        written.errors[name] = speaker.gettext(
            "Write a number from %(low)s to %(high)s",
            low=speaker.say_number(typed.low),
            high=speaker.say_number(typed.high),
        )
        return
    if typed.form == "minutes":
        written.changes[name] = round(value * 60)
    else:
        written.changes[name] = int(value) if whole else value
