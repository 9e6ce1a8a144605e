"""One campaign's page in one language: every number said, every chart with its table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from campaigns.results.advice_words import Told, say_advice, say_note
from campaigns.results.amounts import (
    say_change,
    say_count,
    say_date,
    say_level,
    say_money,
    say_share,
    say_week,
)
from campaigns.results.charts import (
    Bar,
    IntervalChart,
    LineChart,
    draw_bar,
    draw_interval,
    draw_series,
)
from campaigns.results.effect_words import say_cost, say_measured, say_verdict
from campaigns.results.figures import AreaFigures, MeasuredEffect, Participation, Results
from campaigns.results.naming import count_units, explain_measure, name_measure, name_outcome
from core.i18n import Translator

HERE = Path(__file__).parent


@dataclass(frozen=True)
class WeekRow:
    """One week in words."""

    week: str
    units: str
    controls: str
    is_during: bool


@dataclass(frozen=True)
class EffectView:
    """One measure in words."""

    code: str
    name: str
    explained: str
    is_main: bool
    tone: str
    """``ok``, ``stop``, ``none`` or ``unknown``: shown by a sign as well as by color."""
    verdict: str
    sentence: str
    formula: str
    units: str
    controls: str
    levels: tuple[tuple[str, str], tuple[str, str]] | None
    """Before and during: of the campaign's units, of the others."""
    interval: IntervalChart | None
    ends: tuple[str, str, str] | None
    """Low end, estimate and high end."""
    unseen: str
    chart: LineChart | None
    ticks: tuple[tuple[float, str], ...]
    weeks: tuple[WeekRow, ...]


@dataclass(frozen=True)
class AreaView:
    """One neighbourhood in words."""

    name: str
    addresses: str
    homes: str | None
    share: str | None
    interval: str | None
    bar: Bar | None
    is_target: bool


@dataclass(frozen=True)
class PageView:
    """The whole page in words."""

    results: Results
    when: str
    cost: str | None
    reach: tuple[tuple[str, str | None, str], ...]
    """What, how many, and what that means."""
    areas: tuple[AreaView, ...]
    whole: AreaView | None
    source: str
    effects: tuple[EffectView, ...]
    costs: tuple[tuple[str, str], ...]
    advice: tuple[Told, ...]
    notes: tuple[str, ...]
    computed: str

    @property
    def main(self) -> EffectView | None:
        """The measure that decides."""
        return next((effect for effect in self.effects if effect.is_main), None)


def make_page(results: Results, language: str, *, folder: Path = HERE) -> PageView:
    """Say everything in a language."""
    speaker = Translator(language, folder, time_zone=results.about.time_zone)
    participation = results.participation
    about = results.about
    return PageView(
        results=results,
        when=_say_when(speaker, results),
        cost=None if about.cost_cents is None else say_money(speaker, about.cost_cents),
        reach=_say_reach(speaker, results),
        areas=() if participation is None else _show_areas(speaker, participation),
        whole=None
        if participation is None
        else _show_area(speaker, participation.whole, participation, most=1.0, with_bar=False),
        source="" if participation is None else participation.source,
        effects=tuple(show_effect(speaker, effect) for effect in results.effects),
        costs=tuple(
            (name_outcome(speaker, cost.outcome), say_cost(speaker, cost)) for cost in results.costs
        ),
        advice=tuple(say_advice(speaker, advice) for advice in results.advice),
        notes=tuple(say_note(speaker, note) for note in results.notes),
        computed=f"{say_date(speaker, results.computed_at)}, "
        f"{speaker.say_time(results.computed_at)}",
    )


def show_effect(speaker: Translator, measured: MeasuredEffect) -> EffectView:
    """One measure."""
    effect, scale = measured.effect, measured.facts.scale
    chart = draw_series(measured.series)

    def level(value: float | None) -> str:
        return "" if value is None else say_level(speaker, measured.measure, scale, value)

    known = None not in (measured.before, measured.during)
    return EffectView(
        code=measured.measure.value,
        name=name_measure(speaker, measured.measure),
        explained=explain_measure(speaker, measured.measure),
        is_main=measured.is_main,
        tone=_tone(measured),
        verdict=say_verdict(speaker, measured),
        sentence=say_measured(speaker, measured),
        formula=measured.facts.formula,
        units=count_units(speaker, measured.unit_kind, measured.unit_count),
        controls=count_units(speaker, measured.unit_kind, measured.control_count),
        levels=(
            (level(measured.before), level(measured.during)),
            (level(measured.control_before), level(measured.control_during)),
        )
        if known
        else None,
        interval=None if effect is None else draw_interval(effect),
        ends=None
        if effect is None
        else (
            say_change(speaker, scale, effect.low),
            say_change(speaker, scale, effect.estimate),
            say_change(speaker, scale, effect.high),
        ),
        unseen=""
        if effect is None
        else say_change(speaker, scale, effect.detectable, signed=False),
        chart=chart,
        ticks=() if chart is None else tuple((tick.at, level(tick.value)) for tick in chart.ticks),
        weeks=tuple(
            WeekRow(
                say_week(speaker, point.starts_on),
                level(point.units),
                level(point.controls),
                point.phase == "during",
            )
            for point in measured.series
        ),
    )


def _tone(measured: MeasuredEffect) -> str:
    if measured.effect is None:
        return "unknown"
    return {True: "ok", False: "stop", None: "none"}[measured.is_good]


def _show_areas(speaker: Translator, participation: Participation) -> tuple[AreaView, ...]:
    most = max((row.high for row in participation.areas if row.high is not None), default=0.0)
    return tuple(_show_area(speaker, row, participation, most=most) for row in participation.areas)


def _show_area(
    speaker: Translator,
    row: AreaFigures,
    participation: Participation,
    *,
    most: float,
    with_bar: bool = True,
) -> AreaView:
    share, low, high = row.share, row.low, row.high
    known = share is not None and low is not None and high is not None
    bar = None
    if share is not None and low is not None and high is not None and with_bar:
        bar = draw_bar(share, low, high, most=most, whole=participation.whole.share)
    return AreaView(
        name=row.area,
        addresses=say_count(speaker, row.address_count),
        homes=None if row.home_count is None else say_count(speaker, row.home_count),
        share=say_share(speaker, share) if share is not None else None,
        interval=f"{say_share(speaker, low or 0.0)}\N{EN DASH}{say_share(speaker, high or 0.0)}"
        if known
        else None,
        bar=bar,
        is_target=row.is_target,
    )


def _say_reach(speaker: Translator, results: Results) -> tuple[tuple[str, str | None, str], ...]:
    _, reach = speaker.gettext, results.reach

    def count(value: int | None) -> str | None:
        return None if value is None else say_count(speaker, value)

    told = (
        (
            _("Reached"),
            count(reach.told_count),
            _("People to whom at least one message of the campaign was sent."),
        ),
        (_("Joined"), count(reach.joined_count), _("People who chose to take part.")),
    )
    if reach.active_count is None and results.about.kind != "biking":
        return told
    rode = _("People who joined and rode at least once.")
    return (*told, (_("Took part"), count(reach.active_count), rode))


def _say_when(speaker: Translator, results: Results) -> str:
    about = results.about
    if about.starts_at is None or about.ends_at is None:
        return ""
    return speaker.gettext(
        "%(first)s to %(last)s",
        first=say_date(speaker, about.starts_at),
        last=say_date(speaker, about.ends_at),
    )
