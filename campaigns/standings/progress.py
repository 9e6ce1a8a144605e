"""How far a campaign is on the way to its goal: worked out from what was done, never kept by hand.

What everybody sees was worked out once a day: per cent of the goal in steps of five, rounded down,
and a word on the pace. Staff see the figures of the moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from campaigns.programmes.kinds import GoalUnit
from campaigns.programmes.models import Campaign
from campaigns.standings import deeds_repository as repository
from campaigns.standings.deeds import Amount, Deed, Standing
from campaigns.standings.forecasting import Forecast, NoForecast, Span, find_pace, forecast_end
from campaigns.standings.kinds import Pace
from campaigns.standings.sources import STANDINGS, find_zone
from core.db import Session
from core.i18n import Translator

PERCENT_STEP = 5

PEOPLE_UNITS = frozenset(
    {
        GoalUnit.RIDERS,
        GoalUnit.NEW_RIDERS,
        GoalUnit.PARTICIPANTS,
        GoalUnit.PARTICIPATION_SHARE,
    }
)
"""Goals that count people, each once, in every kind of campaign."""
STEPS = frozenset({GoalUnit.SIGN_UPS, GoalUnit.VETTED, GoalUnit.FIRST_TASKS})
"""Steps that each person takes once."""
COUNTS_PEOPLE = PEOPLE_UNITS | STEPS
"""Goals whose figure is a number of people, or a share of them."""


@dataclass(frozen=True)
class Progress:
    """Where a campaign stands, as exactly as staff may know."""

    unit: GoalUnit | None
    goal: float | None
    baseline: float | None
    value: float | None
    """None when nothing measures this goal here."""
    contributor_count: int
    """People behind the value."""
    member_count: int
    """People who take part."""
    is_of_people: bool
    """Whether single people stand behind the value, or trucks and carts."""
    gone_share: float
    """The share of the campaign's time that is over."""
    pace: Pace
    forecast: Forecast | NoForecast

    @property
    def percent(self) -> int | None:
        """Per cent of the goal, rounded down."""
        if self.value is None or not self.goal:
            return None
        return int(100 * self.value / self.goal + 1e-9)


async def measure_progress(session: Session, campaign: Campaign, *, now: datetime) -> Progress:
    """The figures of a campaign as they are at this moment."""
    zone = await find_zone(session, campaign)
    first, last, today = (
        moment.astimezone(zone).date() for moment in (campaign.starts_at, campaign.ends_at, now)
    )
    span = Span(first, last, today)
    source = STANDINGS[campaign.kind]
    deeds = await source.list_deeds(session, campaign)
    members = await repository.load_member_facts(session, campaign.id)
    unit, goal = campaign.goal_unit, campaign.goal_value
    amounts = [] if unit is None else await _list_amounts(session, campaign, source, deeds)
    value: float | None = None
    contributors = {deed.person_id for deed in deeds}
    if unit in PEOPLE_UNITS:
        new = {key for key, row in members.items() if row.took_part_before is False}
        value, contributors = _count_people(unit, contributors, set(members), new)
    elif unit in source.units:
        value = sum(amount.value for amount in amounts)
        contributors = {deed.person_id for deed in deeds if unit in deed.amounts}
    forecast: Forecast | NoForecast = NoForecast.DOES_NOT_ADD_UP
    if value is not None and unit is not None:
        forecast = forecast_end(amounts, unit, span)
    return Progress(
        unit=unit,
        goal=goal,
        baseline=campaign.baseline_value,
        value=value,
        contributor_count=int(value or 0) if unit in STEPS else len(contributors),
        member_count=len(members),
        is_of_people=unit not in (GoalUnit.SET_OUTS, GoalUnit.WEIGHT_KG),
        gone_share=span.share,
        pace=_find_pace(value, goal, span, forecast),
        forecast=forecast,
    )


async def _list_amounts(
    session: Session, campaign: Campaign, source: Standing, deeds: Sequence[Deed]
) -> list[Amount]:
    """What each day brought toward the goal."""
    unit = campaign.goal_unit
    if unit is None:
        return []
    mine = [Amount(deed.day, deed.amounts[unit]) for deed in deeds if unit in deed.amounts]
    return [*mine, *await source.list_amounts(session, campaign, unit)]


def _count_people(
    unit: GoalUnit | None, active: set[UUID], members: set[UUID], new: set[UUID]
) -> tuple[float, set[UUID]]:
    """The value of a goal that counts people, and who stands behind it."""
    if unit is GoalUnit.PARTICIPANTS:
        return float(len(members)), members
    if unit is GoalUnit.NEW_RIDERS:
        return float(len(active & new)), active & new
    if unit is GoalUnit.PARTICIPATION_SHARE:
        return (len(active & members) / len(members) if members else 0.0), active & members
    return float(len(active)), active


def _find_pace(
    value: float | None, goal: float | None, span: Span, forecast: Forecast | NoForecast
) -> Pace:
    if not goal:
        return Pace.NO_GOAL
    if value is None:
        return Pace.NOT_MEASURED
    return find_pace(value, goal, span, forecast)


def floor_percent(percent: int) -> int:
    """Per cent as everybody sees them."""
    return percent // PERCENT_STEP * PERCENT_STEP


def say_pace(pace: Pace, percent: int | None, language: str) -> str:
    """Where a campaign stands, in one sentence."""
    speaker = Translator(language, Path(__file__).parent)
    _ = speaker.gettext
    if percent is None and pace not in (Pace.NO_GOAL, Pace.NOT_MEASURED):
        pace = Pace.TOO_FEW
    sentences = {
        Pace.NO_GOAL: _("This campaign has no goal in numbers."),
        Pace.NOT_MEASURED: _("There are no figures for this goal here."),
        Pace.TOO_FEW: _("Too few people have taken part to show how far the campaign is."),
        Pace.TOO_EARLY: _(
            "%(percent)d%% of the goal or more. It is too early to say whether it will be reached.",
            percent=percent or 0,
        ),
        Pace.REACHED: _("The goal is reached."),
        Pace.ON_TRACK: _("%(percent)d%% of the goal or more: on track.", percent=percent or 0),
        Pace.OPEN: _(
            "%(percent)d%% of the goal or more: it may be reached or not.", percent=percent or 0
        ),
        Pace.BEHIND: _("%(percent)d%% of the goal or more: behind.", percent=percent or 0),
        Pace.MISSED: _(
            "The campaign ended with %(percent)d%% of the goal or more.", percent=percent or 0
        ),
    }
    return sentences[pace]
