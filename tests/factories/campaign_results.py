"""Figures of made-up campaigns, for pages and files of results."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import numpy as np

from campaigns.measuring.effects import UnitChange, difference_effect
from campaigns.results.figures import (
    About,
    CellFigures,
    MeasuredEffect,
    QualityNote,
    Reach,
    Results,
    SeriesPoint,
)
from campaigns.results.kinds import Measure, Quality, UnitKind
from campaigns.results.making import complete
from campaigns.results.participation import count_participation

NOW = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
ADDRESSES = {
    "Baldwin": 1_400,
    "Cambridge Highlands": 200,
    "East Cambridge": 2_000,
    "Riverside": 900,
}
HOMES: Mapping[str | None, int] = {
    "Baldwin": 84,
    "Cambridge Highlands": 3,
    "East Cambridge": 61,
    "Riverside": 70,
    None: 2,
}
SOURCE = "City of Cambridge, GIS data (public domain, ODC PDDL)"


def make_about(**changed: object) -> About:
    """A finished recycling campaign."""
    values: dict[str, object] = {
        "slug": "cart-tags",
        "title": "Cart tags in fall",
        "summary": "A tag on each cart says what does not belong in it.",
        "kind": "recycling",
        "status": "finished",
        "community": "Cambridge",
        "time_zone": "America/New_York",
        "starts_at": datetime(2026, 9, 7, 4, tzinfo=UTC),
        "ends_at": datetime(2026, 11, 1, 4, tzinfo=UTC),
        "areas": (),
        "goal_value": None,
        "goal_unit": None,
        "goal_reached": None,
        "cost_cents": 1_240_000,
    }
    return About(**(values | changed))  # type: ignore[arg-type]  # by name


def make_effect(
    true_effect: float, *, seed: int = 1, is_main: bool = True, base: float | None = 60_000.0
) -> MeasuredEffect:
    """A capture rate that truly changed by so many points, on twelve routes and twelve controls."""
    generator = np.random.default_rng(seed)

    def routes(effect: float) -> list[UnitChange]:
        return [
            UnitChange(0.5 + start, 0.5 + start + effect + generator.normal(0, 0.02))
            for start in generator.normal(0, 0.05, 12)
        ]

    units, controls = routes(true_effect), routes(0.0)
    first = date(2026, 6, 1)
    weeks = [
        SeriesPoint(
            first + timedelta(weeks=week),
            0.5 + (true_effect if week >= 12 else 0.0) + float(generator.normal(0, 0.01)),
            None if week == 3 else 0.5 + float(generator.normal(0, 0.01)),
            "during" if week >= 12 else "before",
        )
        for week in range(20)
    ]
    return MeasuredEffect(
        measure=Measure.CAPTURE_RATE,
        unit_kind=UnitKind.ROUTE,
        is_main=is_main,
        effect=difference_effect(units, controls),
        unit_count=12,
        control_count=12,
        before=0.5,
        during=0.5 + true_effect,
        control_before=0.5,
        control_during=0.5,
        base=base,
        series=tuple(weeks),
    )


def make_results(
    *effects: MeasuredEffect,
    about: About | None = None,
    reach: Reach | None = None,
    notes: tuple[QualityNote, ...] = (QualityNote(Quality.MISSING, 3, 480),),
) -> Results:
    """A page of figures."""
    return complete(
        about or make_about(),
        reach or Reach(4_210, 412, None),
        count_participation(HOMES, ADDRESSES, (), source=SOURCE),
        effects,
        notes,
        now=NOW,
        cells=(CellFigures(0x8A2A306432B7FFF, "Baldwin", 31, 3),),
    )
