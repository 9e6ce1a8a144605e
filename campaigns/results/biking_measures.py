"""What a biking campaign changed, as its page shows it: places or groups, before and during.

The comparison itself is that of `campaigns.biking`; this adds the weeks for the chart and what an
effect comes to in days ridden. Where a campaign goes is chosen and not drawn by lot, so the page
says that other differences may show as an effect.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import fmean
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns.biking import figures_repository as rides
from campaigns.biking.measuring import UnitFigures, list_unit_figures
from campaigns.biking.measuring import UnitKind as BikingUnit
from campaigns.biking.rules import BikingRules, read_biking_rules
from campaigns.errors import TooLittleData
from campaigns.measuring.effects import Effect, difference_effect
from campaigns.programmes.models import Campaign
from campaigns.results.figures import MeasuredEffect, QualityNote, SeriesPoint
from campaigns.results.kinds import Measure, NoEffect, Quality, UnitKind
from core.db import Session
from people.models import Community

WEEK = timedelta(days=7)
MOST_WEEKS = 120
KINDS = {BikingUnit.AREA: UnitKind.AREA, BikingUnit.GROUP: UnitKind.GROUP}


async def measure_biking(
    session: Session, campaign: Campaign, community: Community, now: datetime
) -> tuple[tuple[MeasuredEffect, ...], tuple[QualityNote, ...]]:
    """Days with a ride, of each person in a week."""
    rules = read_biking_rules(campaign.settings)
    units = choose_units(await list_unit_figures(session, campaign.id))
    treated = [one for one in units if not one.is_comparison]
    controls = [one for one in units if one.is_comparison]
    effect, reason = find_effect(treated, controls)
    first, last = find_days(campaign, community, now)
    weeks = max(0.0, ((last - first).days + 1) / WEEK.days)
    measured = MeasuredEffect(
        measure=Measure.RIDE_DAYS,
        unit_kind=KINDS[units[0].kind] if units else UnitKind.AREA,
        is_main=True,
        effect=effect,
        reason=reason,
        unit_count=len(treated),
        control_count=len(controls),
        before=_mean(one.change.before for one in treated),
        during=_mean(one.change.during for one in treated),
        control_before=_mean(one.change.before for one in controls),
        control_during=_mean(one.change.during for one in controls),
        base=sum(one.person_count for one in treated) * weeks or None,
        side_people=min(sum(one.person_count for one in side) for side in (treated, controls)),
        series=await _load_series(session, campaign, rules, units, (first, last)),
    )
    return (measured,), describe_data(campaign, units, effect)


def choose_units(figures: Sequence[UnitFigures]) -> list[UnitFigures]:
    """Neighbourhoods where some are compared with, else groups."""
    has_areas = any(one.kind is BikingUnit.AREA and one.is_comparison for one in figures)
    kind = BikingUnit.AREA if has_areas else BikingUnit.GROUP
    return [one for one in figures if one.kind is kind]


def find_effect(
    treated: Sequence[UnitFigures], controls: Sequence[UnitFigures]
) -> tuple[Effect | None, NoEffect | None]:
    """The effect, or why none can be told."""
    if not treated and not controls:
        return None, NoEffect.NO_BASELINE
    if not controls:
        return None, NoEffect.NO_CONTROLS
    try:
        found = difference_effect([one.change for one in treated], [one.change for one in controls])
    except TooLittleData:
        return None, NoEffect.FEW_UNITS
    return found, None


def find_days(campaign: Campaign, community: Community, now: datetime) -> tuple[date, date]:
    """First and last day of the campaign that are over, by the community's clock."""
    zone = ZoneInfo(community.time_zone)
    first = campaign.starts_at.astimezone(zone).date()
    last = (campaign.ends_at - timedelta(seconds=1)).astimezone(zone).date()
    return first, min(last, now.astimezone(zone).date())


def describe_data(
    campaign: Campaign, units: Sequence[UnitFigures], effect: Effect | None
) -> tuple[QualityNote, ...]:
    """Units that nobody rides in cannot be compared; and nobody drew lots."""
    notes = []
    named = len(campaign.areas) + len(campaign.comparison_areas)
    of_areas = [one for one in units if one.kind is BikingUnit.AREA]
    if of_areas and named > len(of_areas):
        notes.append(QualityNote(Quality.EXCLUDED, named - len(of_areas)))
    if effect is not None:
        notes.append(QualityNote(Quality.NOT_RANDOM))
    return tuple(notes)


async def _load_series(
    session: Session,
    campaign: Campaign,
    rules: BikingRules,
    units: Sequence[UnitFigures],
    days: tuple[date, date],
) -> tuple[SeriesPoint, ...]:
    """Means of the neighbourhoods, week by week; none for groups, whose members change."""
    sides = {one.unit: one.is_comparison for one in units if one.kind is BikingUnit.AREA}
    if not sides or rules.baseline_from is None or rules.baseline_until is None:
        return ()
    panel = await rides.load_panel(session, campaign)
    people: dict[str, list[UUID]] = defaultdict(list)
    for person_id, area in panel.items():
        if area in sides:
            people[area].append(person_id)
    points = []
    for phase, first, last in (
        ("before", rules.baseline_from, rules.baseline_until),
        ("during", *days),
    ):
        for starts_on in list_weeks(first, last):
            ridden = await rides.load_ride_days(
                session, campaign.community_id, starts_on, starts_on + WEEK - timedelta(days=1)
            )
            means = {side: _mean(_rates(people, sides, side, ridden)) for side in (False, True)}
            points.append(SeriesPoint(starts_on, means[False], means[True], phase))
    return tuple(points)


def list_weeks(first: date, last: date) -> list[date]:
    """The first days of the whole weeks of a period, counted from its beginning."""
    count = ((last - first).days + 1) // WEEK.days
    return [first + number * WEEK for number in range(max(0, min(MOST_WEEKS, count)))]


def _rates(
    people: Mapping[str, Sequence[UUID]],
    sides: Mapping[str, bool],
    side: bool,
    ridden: Mapping[UUID, int],
) -> Iterable[float]:
    for area, ids in people.items():
        if sides[area] is side:
            yield sum(ridden.get(key, 0) for key in ids) / len(ids)


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return fmean(found) if found else None
