"""What to do next: rules over the figures, each with the figures that speak for it.

No rule says anything that the figures do not: where no effect was shown, the advice is to change
the campaign or to measure more, never to do more of the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from campaigns.measuring.effects import Effect
from campaigns.measuring.shares import find_share
from campaigns.results.figures import (
    About,
    Advice,
    MeasuredEffect,
    Participation,
    QualityNote,
    Reach,
)
from campaigns.results.kinds import NextStep, Quality, Scale

WORTH_KNOWING = {Scale.RATIO: 0.1, Scale.POINTS: 0.05, Scale.AMOUNT: 0.25}
"""An effect of this size decides over a campaign: a tenth more, five points, a quarter of a day.
Data that could have shown it and did not speak against the campaign."""
MOST_AREAS = 3
MUCH_MISSING = 0.1
FEW_ACTIVE = 0.5
ENOUGH = 1.1
"""A change that many times as large as the wanted one is as good: one place more would not help."""
MOST_UNITS = 500
"""More units than any city has: measuring more would not help."""


@dataclass(frozen=True)
class Found:
    """The figures that the rules look at."""

    about: About
    reach: Reach
    participation: Participation | None
    effects: Sequence[MeasuredEffect]
    notes: Sequence[QualityNote]


def give_advice(found: Found) -> tuple[Advice, ...]:
    """What the figures say, the effect first."""
    return (
        *_by_status(found),
        *_by_effect(found),
        *_by_area(found),
        *_by_reach(found.reach),
        *_by_quality(found.notes),
        *_by_cost(found.about),
    )


def _by_status(found: Found) -> Iterator[Advice]:
    if found.about.status == "running":
        yield Advice(NextStep.WAIT)


def _by_effect(found: Found) -> Iterator[Advice]:
    main = next((measured for measured in found.effects if measured.is_main), None)
    if main is None or main.effect is None:
        units = {} if main is None else {"units": main.unit_count, "controls": main.control_count}
        yield Advice(
            NextStep.MEASURE_AT_ALL,
            measure=None if main is None else main.measure,
            figures=units,
        )
        return
    effect, scale = main.effect, main.facts.scale
    figures = {"estimate": effect.estimate, "low": effect.low, "high": effect.high}
    if main.is_good:
        yield Advice(
            NextStep.EXTEND, main.measure, figures=figures | {"controls": effect.control_count}
        )
    elif main.is_good is False:
        yield Advice(NextStep.FIND_OUT_WHY, main.measure, figures=figures)
    elif (needed := units_needed(effect, WORTH_KNOWING[scale])) is not None:
        yield Advice(
            NextStep.MEASURE_MORE,
            main.measure,
            figures={
                "detectable": effect.detectable,
                "wanted": WORTH_KNOWING[scale],
                "units": effect.unit_count + effect.control_count,
                "needed": needed,
            },
        )
    else:
        yield Advice(NextStep.CHANGE, main.measure, figures={"detectable": effect.detectable})


def units_needed(effect: Effect, wanted: float) -> int | None:
    """Units that would be needed to see an effect of a wanted size four times in five.

    None when those there are would have shown it. What can be seen shrinks with the root of the
    number of units.
    """
    if effect.detectable <= ENOUGH * wanted:
        return None
    units = effect.unit_count + effect.control_count
    return min(MOST_UNITS, math.ceil(units * (effect.detectable / wanted) ** 2))


def _by_area(found: Found) -> Iterator[Advice]:
    """Neighbourhoods whose whole interval lies below the share of all."""
    participation = found.participation
    if participation is None or participation.whole.share is None:
        return
    whole = participation.whole.share
    behind = [
        row
        for row in participation.areas
        if row.is_target and row.share is not None and row.high is not None and row.high < whole
    ]
    for row in sorted(behind, key=lambda row: row.share or 0.0)[:MOST_AREAS]:
        missing = math.ceil(whole * row.address_count) - (row.home_count or 0)
        yield Advice(
            NextStep.ASK_AREA,
            area=row.area,
            figures={
                "share": row.share or 0.0,
                "high": row.high or 0.0,
                "whole": whole,
                "missing": missing,
            },
        )


def _by_reach(reach: Reach) -> Iterator[Advice]:
    joined, active = reach.joined_count, reach.active_count
    if not joined or active is None or active > joined:
        return
    share = find_share(active, joined)
    if share.high < FEW_ACTIVE:
        yield Advice(
            NextStep.REMIND,
            figures={"joined": joined, "active": active, "share": share.estimate},
        )


def _by_quality(notes: Sequence[QualityNote]) -> Iterator[Advice]:
    for note in notes:
        if note.code is Quality.MISSING and note.total and note.count / note.total > MUCH_MISSING:
            yield Advice(
                NextStep.MEND_DATA,
                figures={"missing": note.count, "total": note.total},
            )


def _by_cost(about: About) -> Iterator[Advice]:
    if about.cost_cents is None:
        yield Advice(NextStep.NOTE_COSTS)
