"""The steps of planning a campaign: what each asks, and what was written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.programmes.checks import MOST_DAYS, MOST_VALUE
from campaigns.programmes.kinds import SHARES, UNITS_OF, CampaignKind, GoalUnit
from campaigns.programmes.models import NOTE_LENGTH, SUMMARY_LENGTH, Campaign
from campaigns.programmes.planning import CHANGEABLE
from core.i18n import Translator
from people.models import CODE_LENGTH, NAME_LENGTH
from web.pages.fields import day_begins, day_is_over, read_day, read_number

STEPS = ("goal", "who", "measure", "team", "dates")
"""After the first one, in which a draft is made; the last is the page that shows everything."""
STEP_COUNT = len(STEPS) + 2
FIELDS: Mapping[str, frozenset[str]] = {
    "goal": frozenset({"summary", "goal_unit", "goal_value", "baseline_value"}),
    "who": frozenset({"areas", "languages"}),
    "measure": frozenset({"comparison_areas"}),
    "team": frozenset({"budget_note", "cost_cents"}),
    "dates": frozenset({"starts_at", "ends_at"}),
}
"""What each step changes of the campaign itself."""
LANGUAGES = ("en", "es", "pt", "ht", "zh", "am", "ar", "bn", "fr", "ne", "so", "vi")


@dataclass
class Draft:
    """What was written into a step."""

    changes: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def make_slug(title: str) -> str:
    """A short name from a title: ``Ride to work!`` becomes ``ride-to-work``."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii")
    slug = "-".join(re.findall(r"[a-z0-9]+", plain.lower()))
    return slug[:CODE_LENGTH].strip("-") or "campaign"


def read_first(speaker: Translator, form: Mapping[str, str]) -> Draft:
    """The first step: what it is about, and what it is called."""
    _ = speaker.gettext
    draft = Draft()
    try:
        draft.changes["kind"] = CampaignKind(form.get("kind", ""))
    except ValueError:
        draft.errors["kind"] = _("Choose what the campaign is about")
    title = " ".join(form.get("title", "").split())
    draft.changes["title"] = title
    if not 1 <= len(title) <= NAME_LENGTH:
        draft.errors["title"] = _("Write a name, for example Ride to work in May")
    return draft


def read_goal(speaker: Translator, row: Campaign, form: Mapping[str, str], summary: str) -> Draft:
    """The goal, and what the campaign is in a few words."""
    _ = speaker.gettext
    draft = Draft({"summary": summary})
    if len(summary) > SUMMARY_LENGTH:
        draft.errors["summary"] = _("Shorten this text to 2,000 letters")
    if "goal_value" not in CHANGEABLE[row.status]:
        return draft
    unit_code, text = form.get("goal_unit", ""), form.get("goal_value", "").strip()
    if not unit_code and not text:
        draft.changes |= {"goal_unit": None, "goal_value": None, "baseline_value": None}
        return draft
    unit = next((one for one in UNITS_OF[row.kind] if one.value == unit_code), None)
    if unit is None:
        draft.errors["goal_unit"] = _("Choose what the goal counts")
        return draft
    draft.changes["goal_unit"] = unit
    draft.changes["goal_value"] = _read_amount(speaker, draft, "goal_value", unit, text)
    before = form.get("baseline_value", "").strip()
    draft.changes["baseline_value"] = None
    if before:
        draft.changes["baseline_value"] = _read_amount(
            speaker, draft, "baseline_value", unit, before
        )
    return draft


def read_team_money(speaker: Translator, form: Mapping[str, str]) -> Draft:
    """What may be spent, and what was."""
    _ = speaker.gettext
    draft = Draft()
    note = form.get("budget_note", "").strip()
    draft.changes["budget_note"] = note or None
    if len(note) > NOTE_LENGTH:
        draft.errors["budget_note"] = _("Shorten this text to 500 letters")
    text = form.get("cost", "").replace("$", "").strip()
    cost = read_number(text) if text else None
    if text and (cost is None or not 0 <= cost <= 10_000_000):
        draft.errors["cost"] = _("Write an amount of money, for example 250")
    draft.changes["cost_cents"] = None if cost is None else round(cost * 100)
    return draft


def read_dates(
    speaker: Translator, row: Campaign, form: Mapping[str, str], zone: ZoneInfo
) -> Draft:
    """The first and the last day."""
    _ = speaker.gettext
    draft = Draft()
    first, last = read_day(form.get("starts_on", "")), read_day(form.get("ends_on", ""))
    if first is None:
        draft.errors["starts_on"] = _("Choose the first day")
    if last is None:
        draft.errors["ends_on"] = _("Choose the last day")
    if first is None or last is None:
        return draft
    if last < first:
        draft.errors["ends_on"] = _("The last day must not be before the first")
    elif last - first >= timedelta(days=MOST_DAYS):
        draft.errors["ends_on"] = _("A campaign lasts at most 400 days")
    else:
        # Who changes nothing keeps the very moment.
        starts_at, ends_at = day_begins(first, zone), day_is_over(last, zone)
        if row.starts_at.astimezone(zone).date() != first:
            draft.changes["starts_at"] = starts_at
        if row.last_at.astimezone(zone).date() != last:
            draft.changes["ends_at"] = ends_at
    return draft


def _read_amount(
    speaker: Translator, draft: Draft, name: str, unit: GoalUnit, text: str
) -> float | None:
    number = read_number(text)
    is_share = unit in SHARES
    if number is not None and is_share:
        number = number / 100
    most = 1.0 if is_share else MOST_VALUE
    if number is None or not 0 <= number <= most or (number == 0 and not is_share):
        draft.errors[name] = (
            speaker.gettext("Write a share between 0 and 100, for example 25")
            if is_share
            else speaker.gettext("Write a number above 0, for example 500")
        )
        return None
    return number


def write_amount(unit: GoalUnit | None, value: float | None) -> str:
    """An amount as its field shows it: shares as so many of 100."""
    if value is None or unit is None:
        return ""
    shown = value * 100 if unit in SHARES else value
    return f"{shown:.6g}" if shown < 1e6 else f"{shown:.0f}"
