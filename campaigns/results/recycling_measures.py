"""What a recycling campaign changed, as its page shows it: routes drawn by lot, before and during.

The comparison itself is that of `campaigns.recycling`; this adds the weeks for the chart, what an
effect comes to in kilograms or carts, and what is wrong with the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import fmean

from campaigns.measuring.effects import UnitChange
from campaigns.programmes.models import Campaign
from campaigns.recycling import repository as routes_repository
from campaigns.recycling.figures import (
    Compared,
    Periods,
    WeekSums,
    compare_periods,
    find_part,
)
from campaigns.recycling.kinds import Arm
from campaigns.recycling.kinds import Measure as RecyclingMeasure
from campaigns.recycling.results import NOT_OVER, find_campaign_periods, find_effect
from campaigns.results import repository
from campaigns.results.figures import MeasuredEffect, QualityNote, SeriesPoint
from campaigns.results.kinds import Measure, NoEffect, Quality, UnitKind
from core.db import Session
from people.models import Community

Sums = Mapping[tuple[str, date], WeekSums]


@dataclass(frozen=True)
class Drawn:
    """The routes of a campaign and everything counted on them."""

    arms: Mapping[str, Arm]
    sums: Sums
    periods: Periods


async def measure_recycling(
    session: Session, campaign: Campaign, community: Community, now: datetime
) -> tuple[tuple[MeasuredEffect, ...], tuple[QualityNote, ...]]:
    """The chosen measure, then all others that were counted at all."""
    draw = await routes_repository.find_draw(session, campaign.id)
    if draw is None:
        return (), ()
    periods = await find_campaign_periods(session, campaign, draw, now)
    rows = await routes_repository.list_drawn_routes(session, campaign.id)
    routes = [route for _, route in rows]
    by_id = await routes_repository.load_sums(session, routes, periods.first, periods.last)
    codes = {route.id: route.code for route in routes}
    drawn = Drawn(
        {route.code: side.arm for side, route in rows},
        {(codes[key], week): sums for (key, week), sums in by_id.items()},
        periods,
    )
    chosen = draw.measure
    others = [one for one in RecyclingMeasure if one is not chosen and _is_counted(drawn, one)]
    effects = tuple(
        measure_routes(drawn, measure, is_main=measure is chosen) for measure in (chosen, *others)
    )
    late = await repository.count_late(session, list(codes), periods.first, periods.last)
    return effects, (*_late(late), *describe_data(drawn, chosen))


def measure_routes(
    drawn: Drawn, measure: RecyclingMeasure, *, is_main: bool = True
) -> MeasuredEffect:
    """One measure of the drawn routes. Pure: the same figures give the same answer."""
    compared = compare_periods(drawn.arms, drawn.sums, measure, drawn.periods)
    effect, reason = find_effect(compared, measure)
    treated, controls = list(compared.treated.values()), list(compared.controls.values())
    return MeasuredEffect(
        measure=Measure(measure.value),
        unit_kind=UnitKind.ROUTE,
        is_main=is_main,
        effect=effect,
        reason=_why(compared, reason),
        unit_count=len(treated),
        control_count=len(controls),
        before=_mean(unit.before for unit in treated),
        during=_mean(unit.during for unit in treated),
        control_before=_mean(unit.before for unit in controls),
        control_during=_mean(unit.during for unit in controls),
        base=find_base(drawn, measure, treated, 0.0 if effect is None else effect.estimate),
        series=tuple(make_series(drawn, measure)),
    )


def make_series(drawn: Drawn, measure: RecyclingMeasure) -> Iterable[SeriesPoint]:
    """Means of the routes, in each week in which something was counted."""
    for phase, weeks in (("before", drawn.periods.before), ("during", drawn.periods.during)):
        for week in weeks:
            means = {arm: _mean(_rates(drawn, measure, arm, week)) for arm in Arm}
            if means[Arm.TREATED] is not None or means[Arm.CONTROL] is not None:
                yield SeriesPoint(week, means[Arm.TREATED], means[Arm.CONTROL], phase)


def find_base(
    drawn: Drawn, measure: RecyclingMeasure, treated: Sequence[UnitChange], estimate: float
) -> float | None:
    """What one whole unit of an effect comes to on the campaign's routes, in kilograms or carts.

    None where the trucks were not weighed, or the carts not counted, in every week of the campaign.
    """
    weeks = [
        drawn.sums.get((code, week))
        for code, arm in drawn.arms.items()
        if arm is Arm.TREATED
        for week in drawn.periods.during
    ]
    known = [one for one in weeks if one is not None]
    if not known or len(known) < len(weeks):
        return None
    if measure is RecyclingMeasure.SET_OUT_RATE:
        return float(sum(one.household_count for one in known))
    if measure is RecyclingMeasure.CONTAMINATED_CARTS:
        return _total(one.set_out_count for one in known)
    recycled_kg = _total(one.recycling_kg for one in known)
    if recycled_kg is None or measure is RecyclingMeasure.CONTAMINATION_RATE:
        return recycled_kg
    if measure is RecyclingMeasure.RECYCLING_PER_HOUSEHOLD:
        return recycled_kg / (1 + estimate)
    if measure is RecyclingMeasure.DIVERSION_RATE:
        trash_kg = _total(one.trash_kg for one in known)
        return None if trash_kg is None else recycled_kg + trash_kg
    right = sum(one.sorted_right_kg for one in known)
    wrong = sum(one.sorted_wrong_kg for one in known)
    captured = _mean(unit.during for unit in treated)
    if not captured or right + wrong <= 0:
        return None
    return recycled_kg * right / (right + wrong) / captured


def describe_data(drawn: Drawn, measure: RecyclingMeasure) -> tuple[QualityNote, ...]:
    """What is missing of the chosen measure, and what was left out."""
    weeks = {*drawn.periods.before, *drawn.periods.during}
    counted = [
        week
        for (code, week), sums in drawn.sums.items()
        if code in drawn.arms and week in weeks and find_part(sums, measure) is not None
    ]
    # A sample that is sorted once a month is not missing in the weeks between.
    there, expected = len(counted), len(drawn.arms) * len(set(counted))
    compared = compare_periods(drawn.arms, drawn.sums, measure, drawn.periods)
    notes = []
    if there < expected:
        notes.append(QualityNote(Quality.MISSING, expected - there, expected))
    if compared.routes_left_out:
        notes.append(QualityNote(Quality.EXCLUDED, len(compared.routes_left_out)))
    if compared.one_sided_weeks:
        notes.append(QualityNote(Quality.ONE_SIDED, len(compared.one_sided_weeks)))
    return tuple(notes)


def _late(count: int) -> tuple[QualityNote, ...]:
    return (QualityNote(Quality.LATE, count),) if count else ()


def _why(compared: Compared, reason: str | None) -> NoEffect | None:
    if reason is None:
        return None
    if reason == NOT_OVER or not compared.weeks_before:
        return NoEffect.NO_BASELINE
    return NoEffect.NO_CONTROLS if not compared.controls else NoEffect.FEW_UNITS


def _is_counted(drawn: Drawn, measure: RecyclingMeasure) -> bool:
    return any(find_part(sums, measure) is not None for sums in drawn.sums.values())


def _rates(drawn: Drawn, measure: RecyclingMeasure, arm: Arm, week: date) -> Iterable[float]:
    for code, side in drawn.arms.items():
        sums = drawn.sums.get((code, week))
        part = None if side is not arm or sums is None else find_part(sums, measure)
        if part is not None:
            yield part.rate


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return fmean(found) if found else None


def _total(values: Iterable[float | int | None]) -> float | None:
    """The sum, None when one of them is not known."""
    total = 0.0
    for value in values:
        if value is None:
            return None
        total += value
    return total
