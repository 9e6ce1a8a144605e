"""What a campaign may say of itself: dates, goal, places, languages. Pure but for the city pack."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from campaigns.programmes.errors import (
    CampaignAreaUnknown,
    InvalidCampaign,
    InvalidCampaignDates,
    InvalidGoal,
)
from campaigns.programmes.kinds import SHARES, UNITS_OF, CampaignKind, GoalUnit
from campaigns.programmes.models import NOTE_LENGTH, SUMMARY_LENGTH, Campaign
from core.errors import InvalidInput
from geo.open_cities import open_city
from matching.imports.csv_table import has_control_characters
from people.models import CODE_LENGTH, NAME_LENGTH, Community

MOST_DAYS = 400
"""A campaign that lasts longer than a year and a bit is several seasons."""
MOST_VALUE = 1e9
MOST_CENTS = 2_000_000_000
MOST_AREAS = 100
MOST_LANGUAGES = 20

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def check_campaign(row: Campaign) -> None:
    """Refuse words and figures that cannot be used, each by its name.

    Raises
    ------
    InvalidCampaign, InvalidCampaignDates, InvalidGoal
        Naming what is wrong, and what to write instead.
    """
    if not _SLUG.fullmatch(row.slug) or len(row.slug) > CODE_LENGTH:
        raise InvalidCampaign(
            f"The short name {row.slug[:CODE_LENGTH]!r} cannot be used: write small letters, "
            f"digits and hyphens, at most {CODE_LENGTH}."
        )
    _check_text("title", row.title, NAME_LENGTH)
    if not row.title.strip():
        raise InvalidCampaign("Give the campaign a title.")
    _check_text("summary", row.summary, SUMMARY_LENGTH, lines=True)
    _check_text("budget note", row.budget_note or "", NOTE_LENGTH, lines=True)
    if row.cost_cents is not None and not 0 <= row.cost_cents <= MOST_CENTS:
        raise InvalidCampaign("The cost must be zero or more cents; leave it out when not known.")
    check_dates(row.starts_at, row.ends_at)
    check_goal(row.kind, row.goal_value, row.goal_unit, row.baseline_value)
    check_languages(row.languages)


def check_dates(starts_at: datetime, ends_at: datetime) -> None:
    """Refuse an end before the beginning, and what lasts longer than a season can."""
    if ends_at <= starts_at:
        raise InvalidCampaignDates("The campaign must end after it begins.")
    if ends_at - starts_at > timedelta(days=MOST_DAYS):
        raise InvalidCampaignDates(
            f"The campaign may last at most {MOST_DAYS} days; plan a second season for the rest."
        )


def check_goal(
    kind: CampaignKind, value: float | None, unit: GoalUnit | None, baseline: float | None
) -> None:
    """Refuse a goal that this kind of campaign cannot measure, or that says nothing."""
    if (value is None) is not (unit is None):
        raise InvalidGoal("A goal is a number together with its unit: give both or neither.")
    if unit is None or value is None:
        if baseline is not None:
            raise InvalidGoal("A baseline needs a goal: it is counted in the goal's unit.")
        return
    if unit not in UNITS_OF[kind]:
        known = ", ".join(sorted(UNITS_OF[kind]))
        raise InvalidGoal(
            f"A {kind.value} campaign cannot measure {unit.value}; it measures {known}."
        )
    most = 1.0 if unit in SHARES else MOST_VALUE
    if not math.isfinite(value) or not 0 <= value <= most or (value == 0 and unit not in SHARES):
        raise InvalidGoal(
            f"The goal in {unit.value} must be more than 0 and at most {most:,.0f}."
            if unit not in SHARES
            else f"The goal in {unit.value} must be between 0 and 1: 0.25 is 25 %."
        )
    if baseline is not None and not (math.isfinite(baseline) and 0 <= baseline <= most):
        raise InvalidGoal(f"The baseline in {unit.value} must be between 0 and {most:,.0f}.")


def check_languages(languages: Sequence[str]) -> None:
    """Refuse what is no code of a language."""
    if len(languages) > MOST_LANGUAGES:
        raise InvalidCampaign(f"Name at most {MOST_LANGUAGES} languages.")
    for code in languages:
        if not _LANGUAGE.fullmatch(code):
            raise InvalidCampaign(f"{code[:20]!r} is no code of a language: write es or pt-BR.")


async def check_areas(
    community: Community, areas: Sequence[str], comparison_areas: Sequence[str]
) -> None:
    """Refuse neighbourhoods that the city pack does not know, and those on both sides.

    Raises
    ------
    CampaignAreaUnknown
        Naming those that there are.
    """
    if len(areas) + len(comparison_areas) > MOST_AREAS:
        raise InvalidCampaign(f"Name at most {MOST_AREAS} neighbourhoods.")
    if comparison_areas and not areas:
        raise InvalidCampaign(
            "A campaign of the whole community leaves no neighbourhoods to compare with: name "
            "those where it runs."
        )
    both = sorted(set(areas) & set(comparison_areas))
    if both:
        raise InvalidCampaign(f"{both[0]} cannot take part and be compared with at once.")
    wanted = [*areas, *comparison_areas]
    if not wanted:
        return
    known = await asyncio.to_thread(_read_area_names, community.city_pack)
    for name in wanted:
        if name not in known:
            raise CampaignAreaUnknown(
                f"The city pack knows no neighbourhood {name[:NAME_LENGTH]!r}; it knows: "
                f"{', '.join(sorted(known)) or 'none'}."
            )


def _read_area_names(city_pack: str) -> frozenset[str]:
    return frozenset(open_city(city_pack).pack.areas.names)


def _check_text(what: str, text: str, most: int, *, lines: bool = False) -> None:
    if len(text) > most:
        raise InvalidCampaign(f"The {what} has {len(text):,} letters; shorten it to {most:,}.")
    plain = text.replace("\n", "").replace("\r", "").replace("\t", "") if lines else text
    if has_control_characters(plain):
        raise InvalidCampaign(f"The {what} holds characters that cannot be seen: type it again.")


def check_moment(what: str, moment: datetime) -> datetime:
    """The moment, which must tell its zone."""
    if moment.tzinfo is None:
        raise InvalidInput(f"{what} needs a time zone, such as 2027-05-01T00:00:00-04:00.")
    return moment
